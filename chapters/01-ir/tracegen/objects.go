package tracegen

import (
	"math"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// This file has the steps that allocate, read and write objects.

func (g *generator) anyObject() {
	classes := declared(g.decls.Classes)
	g.object(classes[g.next(len(classes))])
}

// object allocates an object of class c. What is immutable is written at once,
// the rest perhaps.
func (g *generator) object(c *heap.Class) *ir.Op {
	switch {
	case c.IsArray():
		return g.array(c)
	case c.Immediate != nil:
		return g.tag(c)
	}
	r := g.add(newCode(c), c)
	g.class[r], g.newest = c, r
	start := g.next(4)
	for _, immutable := range []bool{true, false} {
		for _, f := range c.Fields {
			if f.Immutable == immutable && (start > 1 || start == 1 && immutable) {
				g.add(ir.SetfieldGc, f, r, g.first(r, f))
			}
		}
	}
	return r
}

// first returns something to be written into the slot f of r, which is new. Where
// nobody may use r before all is written, not even r itself may.
func (g *generator) first(r *ir.Op, f *heap.Field) *ir.Op {
	v := g.content(f)
	if v == r && f.Immutable {
		return ir.Null
	}
	return v
}

// newCode returns the operation that allocates a struct.
func newCode(c *heap.Class) ir.Opcode {
	if c.Vtable == "" {
		return ir.New
	}
	return ir.NewWithVtable
}

func (g *generator) array(c *heap.Class) *ir.Op {
	n := int64(g.next(6))
	code, start := ir.NewArrayClear, g.next(4)
	if start >= 2 {
		code = ir.NewArray
	}
	r := g.add(code, c, ir.ConstInt(n))
	g.class[r], g.length[r], g.newest = c, n, r
	missing := make([]bool, n)
	for i := range n {
		if code == ir.NewArrayClear && (start == 0 || i%2 == 1) {
			continue
		}
		if start == 2 && i%3 == 2 && !c.Item.Immutable {
			missing[i] = true // to be written later, or never
			continue
		}
		g.add(ir.SetarrayitemGc, c, r, ir.ConstInt(i), g.first(r, c.Item))
	}
	g.unwritten[g.address(r)] = missing
	return r
}

// content returns something that the slot f may hold.
func (g *generator) content(f *heap.Field) *ir.Op {
	v := g.value(f.Kind)
	if f.Kind == ir.Int && f.Lo != math.MinInt64 {
		return g.add(ir.IntAnd, nil, v, ir.ConstInt(255))
	}
	return v
}

func anyClass(*heap.Class) bool { return true }

func mutable(c *heap.Class) bool { return !c.IsArray() || !c.Item.Immutable }

// holdsRefs reports whether c has a slot for references that may be written.
func holdsRefs(c *heap.Class) bool {
	if c.IsArray() {
		return c.Item.Kind == ir.Ref && !c.Item.Immutable
	}
	return refField(c) != nil
}

// refField returns the first mutable field of c that holds references, or nil.
func refField(c *heap.Class) *heap.Field {
	for _, f := range c.Fields {
		if f.Kind == ir.Ref && !f.Immutable {
			return f
		}
	}
	return nil
}

// index returns an index of the array r, or nil if there is none. For a read, the
// item must have been written.
func (g *generator) index(r *ir.Op, c *heap.Class, read bool) *ir.Op {
	n := g.live.heap.Len(g.address(r))
	missing := g.unwritten[g.address(r)]
	choice := g.next(256)
	if n >= 2 && choice%4 == 0 {
		i := g.bit(choice)
		at := g.concrete[i]
		if !read || missing == nil || !missing[0] && !missing[1] {
			g.inRange(r, c, i)
			if !read && missing != nil {
				missing[at] = false
			}
			return i
		}
	}
	for range n {
		i := int64(choice) % n
		if !read || missing == nil || !missing[i] {
			if !read && missing != nil {
				missing[i] = false
			}
			return ir.ConstInt(i)
		}
		choice++
	}
	return nil
}

// bit returns an int that is 0 or 1, often one that was an index before.
func (g *generator) bit(choice int) *ir.Op {
	if n := len(g.indexes); n > 0 && choice >= 80 {
		return g.indexes[choice%n]
	}
	i := g.add(ir.IntAnd, nil, g.value(ir.Int), ir.ConstInt(1))
	g.indexes = append(g.indexes, i)
	return i
}

// inRange checks the index i, unless the length of r is known.
func (g *generator) inRange(r *ir.Op, c *heap.Class, i *ir.Op) {
	if g.length[r] >= 2 || r.IsConst() {
		return
	}
	g.guard(ir.GuardTrue, g.add(ir.UintLt, nil, i, g.add(ir.ArraylenGc, c, r)))
}

// read reads a field, an item or a length.
func (g *generator) read() {
	if r := g.pick(anyClass); r != nil {
		g.readFrom(r)
	}
}

func (g *generator) readFrom(r *ir.Op) {
	c := g.know(r)
	var v *ir.Op
	if c.IsArray() {
		i := g.index(r, c, true)
		if i == nil || g.next(8) == 0 {
			g.add(ir.ArraylenGc, c, r)
			return
		}
		v = g.add(loadCode(c.Item), c, r, i)
	} else {
		f := c.Fields[g.next(len(c.Fields))]
		v = g.add(loadCode(f), f, r)
	}
	if v.Type == ir.Ref && g.next(2) == 0 {
		g.know(v)
	}
}

// loadCode returns the operation that reads a slot like f.
func loadCode(f *heap.Field) ir.Opcode {
	if f.Owner.IsArray() {
		return map[ir.Type]ir.Opcode{
			ir.Int: ir.GetarrayitemGcI, ir.Float: ir.GetarrayitemGcF, ir.Ref: ir.GetarrayitemGcR,
		}[f.Kind]
	}
	return map[ir.Type]ir.Opcode{ir.Int: ir.GetfieldGcI, ir.Float: ir.GetfieldGcF, ir.Ref: ir.GetfieldGcR}[f.Kind]
}

// recent returns a load or store among the last operations, or nil, and what it
// reads or writes.
func (g *generator) recent() (*ir.Op, *heap.Field) {
	ops := g.build.Trace().Ops
	skip := g.next(8)
	for n := range min(len(ops), 30) {
		op := ops[len(ops)-1-n]
		isLoad := op.Code.Has(ir.ReadsHeap) && !op.Code.Has(ir.Effect)
		if !isLoad && op.Code != ir.SetfieldGc && op.Code != ir.SetarrayitemGc {
			continue
		}
		if skip--; skip < 0 {
			f, ok := op.Descr.(*heap.Field)
			if !ok {
				f = op.Descr.(*heap.Class).Item
			}
			return op, f
		}
	}
	return nil, nil
}

// readAgain reads what an operation before it has read or written.
func (g *generator) readAgain() {
	op, f := g.recent()
	if op == nil {
		return
	}
	args := op.Args
	if op.Code == ir.SetfieldGc || op.Code == ir.SetarrayitemGc {
		args = args[:len(args)-1]
	}
	g.add(loadCode(f), op.Descr, args...)
}

// writeAgain writes what an operation before it has read or written, or the same
// slot of another object, or another item; and perhaps reads again.
func (g *generator) writeAgain() {
	op, f := g.recent()
	if op == nil || f.Immutable {
		return
	}
	r, c := op.Args[0], g.actual[op.Args[0]]
	if r.Code == ir.OpConstPtr {
		c = r.Name.Class
	}
	if g.next(4) > 0 {
		r = g.pick(func(other *heap.Class) bool { return other == c })
	}
	g.know(r)
	if c.IsArray() {
		g.writeItem(r, c, nil)
	} else {
		g.writeField(r, f)
	}
	again := op.Args
	if op.Code == ir.SetfieldGc || op.Code == ir.SetarrayitemGc {
		again = again[:len(again)-1]
	}
	if g.next(4) > 0 {
		g.add(loadCode(f), op.Descr, again...)
	}
}

// write writes a field or an item.
func (g *generator) write() {
	if r := g.pick(mutable); r != nil {
		c := g.know(r)
		if c.IsArray() {
			g.writeItem(r, c, nil)
			return
		}
		if f := c.Fields[g.next(len(c.Fields))]; !f.Immutable {
			g.writeField(r, f)
		}
	}
}

func (g *generator) writeField(r *ir.Op, f *heap.Field) {
	g.add(ir.SetfieldGc, f, r, g.instead(f, g.live.heap.Word(g.address(r), f.Index)))
}

// writeItem writes v, or something if v is nil, into an item of r.
func (g *generator) writeItem(r *ir.Op, c *heap.Class, v *ir.Op) {
	i := g.index(r, c, false)
	if i == nil {
		return
	}
	if v == nil {
		v = g.instead(c.Item, g.live.heap.Word(g.address(r), int(g.live.eval.Value(i))))
	}
	g.add(ir.SetarrayitemGc, c, r, i, v)
}

// instead returns something to be written into a slot like f that holds word. In
// a loop it mostly has the class of what was there, so that the guards of the
// next round hold.
func (g *generator) instead(f *heap.Field, word uint64) *ir.Op {
	if g.steady && f.Kind == ir.Ref && word != 0 && g.next(8) > 0 {
		was := g.live.heap.Class(word)
		if r := g.pick(func(c *heap.Class) bool { return c == was }); r != nil {
			return r
		}
	}
	return g.content(f)
}

// link stores the newest object into some other one, or into itself.
func (g *generator) link() {
	r := g.pick(holdsRefs)
	if r == nil || g.newest == nil {
		return
	}
	g.point(r, g.newest)
}

// point makes r refer to v.
func (g *generator) point(r, v *ir.Op) {
	c := g.know(r)
	if c.IsArray() {
		g.writeItem(r, c, v)
		return
	}
	g.add(ir.SetfieldGc, refField(c), r, v)
}

// cycle makes two objects that refer to each other.
func (g *generator) cycle() {
	node, pair := g.decls.Classes.Named("NODE"), g.decls.Classes.Named("PAIR")
	a := g.object([]*heap.Class{node, pair}[g.next(2)])
	b := g.object([]*heap.Class{node, pair}[g.next(2)])
	g.point(a, b)
	g.point(b, a)
}
