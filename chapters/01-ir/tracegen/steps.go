package tracegen

import (
	"math"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// pureCodes are the pure operations that step pure adds.
var pureCodes = func() []ir.Opcode {
	var list []ir.Opcode
	for c := ir.IntAdd; c <= ir.SameAsR; c++ {
		// The bits of a NaN are nobody's promise, so nothing may look at them.
		if c.Has(ir.Pure) && c != ir.ConvertFloatBytesToLonglong {
			list = append(list, c)
		}
	}
	return list
}()

func (g *generator) pure() {
	code := pureCodes[g.next(len(pureCodes))]
	var args []*ir.Op
	for _, letter := range code.Info().Args {
		args = append(args, g.value(map[rune]ir.Type{'i': ir.Int, 'f': ir.Float, 'r': ir.Ref}[letter]))
	}
	switch code {
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		args[1] = g.shiftCount()
	case ir.IntSignext:
		args[1] = ir.ConstInt(int64(1 + g.next(8)))
	case ir.CastFloatToInt:
		// Only floats in the range of the integers have one.
		args[0] = g.add(ir.CastIntToFloat, nil, g.add(ir.IntSignext, nil, g.value(ir.Int), ir.ConstInt(4)))
	}
	g.add(code, nil, args...)
}

func (g *generator) shiftCount() *ir.Op {
	if g.next(2) == 0 {
		return ir.ConstInt(int64(g.next(64)))
	}
	return g.add(ir.IntAnd, nil, g.value(ir.Int), ir.ConstInt(63))
}

// again adds an operation that is there already, perhaps with its arguments
// swapped, so that common subexpressions are common.
func (g *generator) again() {
	ops := g.build.Trace().Ops
	if len(ops) == 0 {
		return
	}
	op := ops[g.next(len(ops))]
	if !op.Code.Has(ir.Pure) {
		return
	}
	args := append([]*ir.Op(nil), op.Args...)
	if op.Code.Has(ir.Commutative) {
		args[0], args[1] = args[1], args[0]
	}
	g.add(op.Code, op.Descr, args...)
}

func (g *generator) checked() {
	code := []ir.Opcode{ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf}[g.next(3)]
	a, b := g.knownInt(), g.knownInt()
	g.add(code, nil, a, b)
	x, ok := g.word(a)
	y, ok2 := g.word(b)
	guard := ir.GuardNoOverflow
	if ok && ok2 {
		if _, overflow := g.kit.EvalChecked(code, int64(x), int64(y)); overflow {
			guard = ir.GuardOverflow
		}
	}
	g.guard(guard)
}

// knownInt returns an integer of which it is nearly always known what it is in
// the run on Inputs(t, 0).
func (g *generator) knownInt() *ir.Op {
	x := g.value(ir.Int)
	if _, ok := g.word(x); ok || g.next(8) == 0 {
		return x
	}
	return g.constant(ir.Int, g.next(256))
}

func (g *generator) guardBool() {
	if len(g.bools) == 0 {
		g.add(ir.IntLt, nil, g.value(ir.Int), g.value(ir.Int))
	}
	b := g.bools[len(g.bools)-1-g.next(min(len(g.bools), 8))]
	code := ir.GuardTrue
	switch w, ok := g.word(b); {
	case !ok && g.next(8) > 0:
		return // a guess would end the run too often
	case ok && w == 0:
		code = ir.GuardFalse
	}
	g.guard(code, b)
}

func (g *generator) guardValue() {
	x := g.knownInt()
	w, _ := g.word(x)
	g.guard(ir.GuardValue, x, ir.ConstInt(int64(w)))
}

// guardRef makes the class of a reference known.
func (g *generator) guardRef() {
	r := g.value(ir.Ref)
	if r.IsConst() {
		return
	}
	c, ok := g.actual[r]
	switch {
	case !ok && g.next(8) > 0:
		return
	case !ok && g.next(2) > 0:
		c = g.decls.Classes.Named("NODE")
	}
	switch n := g.next(8); {
	case c == nil:
		g.guard(ir.GuardIsnull, r)
	case n == 0 || c.IsArray():
		g.guard(ir.GuardNonnull, r)
	default:
		if n < 4 {
			g.guard(ir.GuardNonnull, r)
			g.guard(ir.GuardClass, r, classOf(c))
		} else {
			g.guard(ir.GuardNonnullClass, r, classOf(c))
		}
		g.class[r] = c
	}
}

func classOf(c *heap.Class) *ir.Op {
	return ir.ConstClass(&ir.Symbol{Name: c.Vtable, Class: c})
}

func (g *generator) allocate() {
	switch n := g.next(4); {
	case n == 3:
		c, size := g.decls.Classes.Named("INTS"), int64(1+g.next(3))
		r := g.add(ir.NewArrayClear, c, ir.ConstInt(size))
		g.class[r], g.actual[r], g.length[r] = c, c, size
	default:
		c := g.decls.Classes.Named([]string{"NODE", "NODE", "POINT"}[n])
		r := g.add(ir.NewWithVtable, c)
		g.class[r], g.actual[r] = c, c
	}
}

// known returns a reference whose class is known, or nil.
func (g *generator) known() (*ir.Op, *heap.Class) {
	r := g.value(ir.Ref)
	if r.Code == ir.OpConstPtr && r.Name != nil {
		return r, r.Name.Class
	}
	return r, g.class[r]
}

func (g *generator) load() {
	r, c := g.known()
	switch {
	case c == nil:
	case !c.IsArray():
		f := c.Fields[g.next(len(c.Fields))]
		g.add(map[ir.Type]ir.Opcode{ir.Int: ir.GetfieldGcI, ir.Float: ir.GetfieldGcF, ir.Ref: ir.GetfieldGcR}[f.Kind], f, r)
	case g.next(4) == 0:
		g.add(ir.ArraylenGc, c, r)
	default:
		g.add(ir.GetarrayitemGcI, c, r, ir.ConstInt(int64(g.next(int(g.length[r])))))
	}
}

func (g *generator) store() {
	r, c := g.known()
	switch {
	case c == nil:
	case c.IsArray():
		g.add(ir.SetarrayitemGc, c, r, ir.ConstInt(int64(g.next(int(g.length[r])))), g.value(ir.Int))
	default:
		f := c.Fields[g.next(len(c.Fields))]
		v := g.value(f.Kind)
		if f.Kind == ir.Int && f.Lo != math.MinInt64 {
			v = g.add(ir.IntAnd, nil, v, ir.ConstInt(255))
		}
		g.add(ir.SetfieldGc, f, r, v)
	}
}

func (g *generator) effect() {
	t := []ir.Type{ir.Int, ir.Float, ir.Ref}[g.next(3)]
	code := []ir.Opcode{ir.EscapeN, ir.EscapeI, ir.EscapeF, ir.EscapeR}[g.next(4)]
	g.add(code, nil, g.value(t))
}

func (g *generator) call() {
	mix := g.decls.Calls[0]
	g.add(ir.CallI, mix, ir.ConstClass(&ir.Symbol{Name: mix.Name}), g.value(ir.Int), g.value(ir.Int))
}
