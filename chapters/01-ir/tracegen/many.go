package tracegen

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// manyDeclarations are what traces with many values refer to.
const manyDeclarations = `
struct NODE vtable=node_vtable value:i next:r
struct POINT vtable=point_vtable x:f y:f n:i next:r
array FLOATS f
array INTS i
array REFS r
call int_div args=ii result=i effect=elidable
call int_mod args=ii result=i effect=elidable
call mix args=ii result=i effect=elidable
call hypot args=ff result=f effect=elidable
call touch args=ifr result=i effect=any
call many args=iifrirffi result=f effect=any
call find args=ri result=r effect=readonly
object first NODE value=17 next=second
object second NODE value=18
object origin POINT x=0.5 y=-1.5 n=3
[]
`

// GenerateMany makes a loop as GenerateLoop does, but with so many values that no
// machine has registers for them: up to 60 inputs, ints, floats and references in any
// mixture, of which all may be used anywhere; guards with long failargs, calls,
// divisions, allocations; and a jump at which values change places, or are handed over
// twice. The run on LoopInputs(t, 0) goes round.
func GenerateMany(kit *ir.Kit, data []byte) *ir.Trace {
	g := newGenerator(kit, data, manyDeclarations)
	g.uniform, g.steady = true, true
	g.startRun(g.manyTypes(), LoopInputs)
	defer g.live.heap.Close()
	at := g.next(32)
	return g.roundAndRound(loopBody{at: at, rest: min(len(g.data)/2, 2*len(g.build.Trace().Inputs)), most: 150, steps: manySteps, around: (*generator).manyAround})
}

// manyTypes returns the types of the inputs: the first is an int.
func (g *generator) manyTypes() []ir.Type {
	mixtures := [][]ir.Type{
		{ir.Int, ir.Float, ir.Int, ir.Ref}, {ir.Int}, {ir.Float}, {ir.Ref, ir.Int}, {ir.Int, ir.Float}, {ir.Int, ir.Int, ir.Ref},
	}
	types := []ir.Type{ir.Int}
	mixture := mixtures[g.next(len(mixtures))]
	for n := range g.next(60) {
		types = append(types, mixture[n%len(mixture)])
	}
	return types
}

// manySteps are what a byte may add. They use g.value, which takes any value there is.
var manySteps = []func(*generator){
	(*generator).anyIntOp, (*generator).anyIntOp, (*generator).anyIntOp, (*generator).anyIntOp,
	(*generator).anyIntOp, (*generator).anyIntOp, (*generator).anyIntOp, (*generator).anyIntOp,
	(*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp,
	(*generator).checked, (*generator).checked, (*generator).division, (*generator).division,
	(*generator).compareAny, (*generator).compareAny, (*generator).floatComparison, (*generator).convert,
	(*generator).readInput, (*generator).read, (*generator).read, (*generator).write, (*generator).write,
	(*generator).likeInput, (*generator).anyObject, (*generator).same, (*generator).again,
	(*generator).manyCall, (*generator).manyCall, (*generator).effect, (*generator).guardValue,
}

// intCodes are the operations of ints on which registers go wrong: shift counts and
// products have registers of their own on some machines.
var intCodes = []ir.Opcode{
	ir.IntAdd, ir.IntSub, ir.IntMul, ir.IntAnd, ir.IntOr, ir.IntXor, ir.IntNeg, ir.IntInvert, ir.UintMulHigh,
	ir.IntForceGeZero, ir.IntSignext, ir.IntLshift, ir.IntRshift, ir.UintRshift, ir.IntIsTrue, ir.IntIsZero,
}

func (g *generator) anyIntOp() {
	code := intCodes[g.next(len(intCodes))]
	args := []*ir.Op{g.value(ir.Int), g.value(ir.Int)}[:len(code.Info().Args)]
	switch code {
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		args[1] = g.shiftCount()
	case ir.IntSignext:
		args[1] = ir.ConstInt(int64(1 + g.next(8)))
	}
	g.int(code, args...)
}

func (g *generator) compareAny() {
	x := g.int(comparisons[g.next(len(comparisons))], g.value(ir.Int), g.value(ir.Int))
	if g.next(3) == 0 { // in other rounds it may be otherwise
		g.insist(x)
	}
}

var divisors = []int64{1, -1, 2, 3, 7, 8, 10, -3, 1000, 1 << 62, -1 << 63}

// division divides, by what is odd and so not 0, or by a constant.
func (g *generator) division() {
	name := []string{"int_div", "int_mod"}[g.next(2)]
	by := ir.ConstInt(divisors[g.next(len(divisors))])
	if g.next(2) == 0 {
		by = g.int(ir.IntOr, g.value(ir.Int), ir.ConstInt(1))
	}
	at := slices.IndexFunc(g.decls.Calls, func(c *ir.Call) bool { return c.Name == name })
	g.add(ir.CallI, g.decls.Calls[at], ir.ConstClass(&ir.Symbol{Name: name}), g.value(ir.Int), by)
}

// manyCall calls any function but those that divide: these don't take all arguments.
func (g *generator) manyCall() {
	all := g.decls.Calls
	i := slices.IndexFunc(all, func(c *ir.Call) bool { return c.Name == "int_mod" })
	g.callOf(all[i+1+g.next(len(all)-i-1)])
}

// manyAround returns what the jump hands over for in.
func (g *generator) manyAround(in *ir.Op) *ir.Op {
	if in.Type == ir.Ref && g.actual[in] != nil {
		return g.objectAround(in, g.actual[in])
	}
	var alike []*ir.Op
	for _, other := range g.build.Trace().Inputs[1:] {
		if other.Type == in.Type && g.actual[other] == nil {
			alike = append(alike, other)
		}
	}
	switch n := g.next(8); {
	case n < 2 || len(alike) == 0:
		return in
	case n < 5: // what was handed over for another one
		return alike[g.next(len(alike))]
	case n == 5:
		return g.constant(in.Type, g.next(256))
	}
	return g.value(in.Type)
}
