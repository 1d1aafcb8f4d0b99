// Package tracegen makes random traces, and says whether two traces do the same.
// Tests of passes and backends are built on it: make a trace, optimize it, and
// let the evaluator run both on many inputs.
//
//	bytes ──Generate──▶ trace ──pass──▶ trace'
//	                      └────Agree────┘   Inputs, seed after seed
//
// Generate makes mostly arithmetic. GenerateHeap makes objects, arrays, aliases
// and cycles. GenerateLoop makes loops of that, which AgreeLoop compares round
// after round, on LoopInputs. AgreeForced and AgreeLoopForced compare all exits.
// GenerateInts and GenerateIntLoop do the same with bits, ranges and indices,
// GenerateFloats with floats; GenerateMany makes loops with many values at a time.
//
// A trace is decided by bytes alone, so that a fuzzer can drive the generator: a
// change of one byte is a small change of the trace.
package tracegen

import (
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// declarations are what generated traces refer to.
const declarations = `
struct NODE vtable=node_vtable value:i next:r
struct POINT vtable=point_vtable x:f y:f small:i[0,255]
array INTS i
call mix args=ii result=i effect=elidable
object first NODE value=17 next=second
object second NODE value=18
[]
`

// Generate makes a well-formed trace of some operations for each byte of data,
// 200 at most. It is the kind of trace that a recorder makes: the run on
// Inputs(t, 0) passes nearly all of its guards.
func Generate(kit *ir.Kit, data []byte) *ir.Trace {
	g := newGenerator(kit, data, declarations)
	g.inputs()
	for len(g.data) > 0 && g.build.Len() < 200 {
		if g.loop && g.label == nil && g.build.Len() > 12 {
			g.startLoop()
		}
		steps[g.next(len(steps))](g)
	}
	g.end()
	return g.build.Trace()
}

func newGenerator(kit *ir.Kit, data []byte, declarations string) *generator {
	t, err := ir.Parse("declarations", declarations)
	if err != nil {
		panic("tracegen: " + err.Error())
	}
	return &generator{
		kit: kit, data: data, decls: t.Decls, build: ir.NewBuilder(t.Decls),
		concrete: map[*ir.Op]uint64{}, class: map[*ir.Op]*heap.Class{}, length: map[*ir.Op]int64{},
		actual: map[*ir.Op]*heap.Class{},
	}
}

// steps are what a byte may add. Those that stand here twice come twice as often.
var steps = []func(*generator){
	(*generator).pure, (*generator).pure, (*generator).pure, (*generator).pure,
	(*generator).pure, (*generator).pure, (*generator).again,
	(*generator).checked, (*generator).guardBool, (*generator).guardValue,
	(*generator).guardRef, (*generator).allocate, (*generator).load, (*generator).store,
	(*generator).effect, (*generator).call,
}

type generator struct {
	kit   *ir.Kit
	data  []byte
	decls *ir.Decls
	build *ir.Builder

	values [4][]*ir.Op // what there is, by type
	bools  []*ir.Op    // the ints that are 0 or 1

	concrete map[*ir.Op]uint64      // in the run on Inputs(t, 0), as far as known
	class    map[*ir.Op]*heap.Class // of references: the class, where a guard told
	actual   map[*ir.Op]*heap.Class // of references: the class in that run, nil for NULL
	length   map[*ir.Op]int64       // of arrays that the trace makes
	guards   int
	loop     bool     // the trace shall have a label
	label    []*ir.Op // its arguments, once it is there

	heapState // of GenerateHeap and GenerateLoop
}

// next returns a number below n, decided by the next byte; 0 if there is none.
func (g *generator) next(n int) int {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b) % n
}

func (g *generator) inputs() {
	shape := g.next(256)
	g.loop = shape >= 192 // a quarter
	types := []ir.Type{ir.Int, ir.Int}
	for _, t := range []ir.Type{ir.Int, ir.Float, ir.Ref, ir.Float, ir.Ref} {
		if shape&1 != 0 {
			types = append(types, t)
		}
		shape >>= 1
	}
	for _, t := range types {
		g.values[t] = append(g.values[t], g.build.Input(t))
	}
	for i, word := range Inputs(g.build.Trace(), 0) {
		in := g.build.Trace().Inputs[i]
		if in.Type == ir.Ref {
			g.actual[in] = classOfObject(g.decls.Classes, word)
		} else {
			g.concrete[in] = word
		}
	}
}

// value returns something of type t: mostly one of the latest values.
func (g *generator) value(t ir.Type) *ir.Op {
	list := g.values[t]
	n := g.next(256)
	if g.uniform && len(list) > 0 && n >= 16 {
		return list[(n-16)%len(list)]
	}
	if len(list) == 0 || n >= 200 {
		return g.constant(t, n)
	}
	if n >= 100 {
		return list[n%len(list)]
	}
	return list[len(list)-1-n%min(len(list), 4)]
}

func (g *generator) constant(t ir.Type, n int) *ir.Op {
	switch t {
	case ir.Float:
		return ir.ConstFloat(floats[n%len(floats)])
	case ir.Ref:
		switch n % 3 {
		case 0:
			return ir.Null
		default:
			return ir.ConstPtr(g.decls.Objects[n%len(g.decls.Objects)])
		}
	}
	return ir.ConstInt(ints[n%len(ints)])
}

// add adds an operation and keeps its value.
func (g *generator) add(code ir.Opcode, descr any, args ...*ir.Op) *ir.Op {
	op := g.build.Op(code, descr, args...)
	if op.Type != ir.Void {
		g.values[op.Type] = append(g.values[op.Type], op)
	}
	if op.IsBool() {
		g.bools = append(g.bools, op)
	}
	if g.live != nil {
		g.execute(op)
	} else {
		g.compute(op)
	}
	return op
}

// compute notes what op is in the run on Inputs(t, 0).
func (g *generator) compute(op *ir.Op) {
	if !op.Code.Has(ir.Pure | ir.Checked) {
		return
	}
	var words [2]uint64
	for i, a := range op.Args {
		w, ok := g.word(a)
		if !ok {
			return
		}
		words[i] = w
	}
	if op.Code.Has(ir.Checked) {
		r, _ := g.kit.EvalChecked(op.Code, int64(words[0]), int64(words[1]))
		g.concrete[op] = uint64(r)
	} else if w, ok := g.kit.EvalPure(op.Code, words[0], words[1]); ok {
		g.concrete[op] = w
	}
}

func (g *generator) word(a *ir.Op) (uint64, bool) {
	if a.Code == ir.OpConstInt || a.Code == ir.OpConstFloat {
		return a.Bits, true
	}
	w, ok := g.concrete[a]
	return w, ok
}

// guard adds a guard with failargs.
func (g *generator) guard(code ir.Opcode, args ...*ir.Op) {
	var failargs []*ir.Op
	if g.live != nil {
		n := g.next(6)
		if g.uniform {
			n *= 6
		}
		failargs = g.state(n)
	} else {
		for n := g.next(5); n > 0; n-- {
			failargs = append(failargs, g.value([]ir.Type{ir.Int, ir.Float, ir.Ref}[n%3]))
		}
	}
	if g.next(8) == 1 {
		node := g.decls.Classes.Named("NODE")
		v := &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: node}
		v.Args = []*ir.Op{g.value(ir.Int), v}
		failargs = append(failargs, v, v) // twice: it has to stay one object
	}
	op := g.build.Guard(code, failargs, args...)
	op.Exit.Resume = g.guards // tells the guards apart, also after a pass
	g.guards++
	if g.live != nil {
		g.execute(op)
	}
}

// startLoop adds a label. Its arguments are numbers of any size, so that it does
// no harm if the jump sets them to something else.
func (g *generator) startLoop() {
	g.label = []*ir.Op{g.build.Trace().Inputs[0]}
	for _, t := range []ir.Type{ir.Int, ir.Float} {
		if v := g.value(t); !v.IsConst() && !v.IsBool() && !slices.Contains(g.label, v) {
			g.label = append(g.label, v)
		}
	}
	g.build.Op(ir.Label, nil, g.label...)
}

func (g *generator) end() {
	var args []*ir.Op
	code := ir.Finish
	if g.label != nil {
		code = ir.Jump
		for _, a := range g.label {
			args = append(args, g.value(a.Type))
		}
	} else {
		for t, list := range g.values {
			most := 4
			if g.live != nil && ir.Type(t) != ir.Ref {
				most = 10 // what was loaded shall be seen
			}
			args = append(args, list[max(0, len(list)-most):]...)
		}
	}
	g.build.Op(code, nil, args...)
}
