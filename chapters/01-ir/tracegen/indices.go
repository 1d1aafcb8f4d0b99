package tracegen

import (
	"math"
	"math/rand/v2"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// This file has the steps of GenerateInts that work on objects, what its loops hand
// over, and its inputs.

func isArray(c *heap.Class) bool { return c.IsArray() }

// item reads or writes an item of an array, at an index that is checked first.
func (g *generator) item() {
	r := g.pick(isArray)
	if r == nil {
		return
	}
	c := g.know(r)
	size := g.live.heap.Len(g.address(r))
	i := g.integer()
	if at := g.number(i); at < 0 || at >= size {
		i = g.int(ir.IntAnd, i, ir.ConstInt(1))
		if g.number(i) >= size {
			g.add(ir.ArraylenGc, c, r)
			return
		}
	}
	g.inside(r, c, i)
	if g.next(2) == 0 && !c.Item.Immutable {
		v := g.integer()
		if c.Item.Lo != math.MinInt64 {
			v = g.int(ir.IntAnd, v, ir.ConstInt(c.Item.Hi))
		}
		g.add(ir.SetarrayitemGc, c, r, i, v)
		i = []*ir.Op{i, ir.ConstInt(g.number(i))}[g.next(2)]
	}
	g.add(ir.GetarrayitemGcI, c, r, i)
}

// inside checks that i is an index of r, which it is in this run.
func (g *generator) inside(r *ir.Op, c *heap.Class, i *ir.Op) {
	size := ir.ConstInt(g.live.heap.Len(g.address(r)))
	if known := r.IsConst() || g.length[r] > 0; !known || g.next(2) == 0 {
		size = g.add(ir.ArraylenGc, c, r)
	}
	if i.IsConst() && size.IsConst() {
		return
	}
	if g.next(3) == 0 {
		g.guard(ir.GuardTrue, g.int(ir.IntGe, i, ir.ConstInt(0)))
		g.guard(ir.GuardTrue, g.int(ir.IntLt, i, size))
	} else {
		g.guard(ir.GuardTrue, g.int(ir.UintLt, i, size))
	}
}

// ranged reads or writes a field that has a range.
func (g *generator) ranged() {
	r := g.pick(func(c *heap.Class) bool { return c.Name == "BYTE" })
	if r == nil || g.next(6) == 0 {
		r = g.add(ir.NewWithVtable, g.decls.Classes.Named("BYTE"))
		g.class[r], g.newest = g.decls.Classes.Named("BYTE"), r
	}
	c := g.know(r)
	f := c.Fields[g.next(3)] // digit is 0 in a new one
	if g.next(2) == 0 {
		v := g.int(ir.IntAnd, g.integer(), ir.ConstInt(f.Hi))
		if f.Name == "digit" {
			v = g.int(ir.IntOr, g.int(ir.IntAnd, v, ir.ConstInt(6)), ir.ConstInt(1))
		}
		g.add(ir.SetfieldGc, f, r, v)
	}
	g.add(ir.GetfieldGcI, f, r)
}

// sized allocates an array. Its length may be a variable.
func (g *generator) sized() {
	classes := []*heap.Class{g.decls.Classes.Named("INTS"), g.decls.Classes.Named("BYTES")}
	c := classes[g.next(2)]
	n := ir.ConstInt(int64(g.next(4)))
	if g.next(2) == 0 {
		n = g.int(ir.IntAnd, g.integer(), ir.ConstInt(7))
	}
	r := g.add(ir.NewArrayClear, c, n)
	g.class[r], g.newest = c, r
	if n.IsConst() {
		g.length[r] = n.Int()
	}
	g.unwritten[g.address(r)] = nil
}

// intAround returns what the jump hands over for in.
func (g *generator) intAround(in *ir.Op) *ir.Op {
	if in.Type == ir.Ref {
		if g.actual[in] != nil && g.next(4) == 0 {
			return g.pick(func(c *heap.Class) bool { return c == g.actual[in] })
		}
		return in
	}
	switch g.next(10) {
	case 0, 1:
		return in
	case 2, 3:
		return g.int(ir.IntAdd, in, ir.ConstInt(int64(g.next(6))-2))
	case 4:
		return g.checkedOf(in, ir.ConstInt(1))
	case 5:
		return g.int(ir.IntAnd, g.int(ir.IntAdd, in, g.integer()), ir.ConstInt(masks[g.next(len(masks))]))
	case 6:
		return g.int(ir.IntAdd, in, g.integer())
	case 7:
		return g.int([]ir.Opcode{ir.IntRshift, ir.UintRshift, ir.IntLshift}[g.next(3)], in, ir.ConstInt(1))
	}
	return g.integer()
}

// IntInputs is Inputs for traces of GenerateInts: most ints are what they are for
// seed 0, or next to that, since ranges go wrong at their ends.
func IntInputs(t *ir.Trace, seed uint64) []uint64 { return nextTo(t, Inputs, seed) }

// IntLoopInputs is LoopInputs in the same way.
func IntLoopInputs(t *ir.Trace, seed uint64) []uint64 { return nextTo(t, LoopInputs, seed) }

func nextTo(t *ir.Trace, inputs func(*ir.Trace, uint64) []uint64, seed uint64) []uint64 {
	words := inputs(t, seed)
	if seed%4 == 0 {
		return words
	}
	r := rand.New(rand.NewPCG(seed, 13))
	for i, word := range inputs(t, 0) {
		switch n := r.IntN(8); {
		case i == 0 || t.Inputs[i].Type != ir.Int || n == 0:
		case n < 4:
			words[i] = word + uint64(r.IntN(7)) - 3
		default:
			words[i] = word
		}
	}
	return words
}
