package tracegen

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// heapDeclarations are what traces with many objects refer to. The classes that
// stand first are those of most inputs.
const heapDeclarations = `
struct NODE vtable=node_vtable value:i next:r
struct PAIR vtable=pair_vtable left:r right:r tag:i!
struct LEAF vtable=leaf_vtable base=NODE weight:f small:i[0,255]
array REFS r
array INTS i
struct BOX vtable=box_vtable content:r! count:i
struct CELL item:i link:r
array FLOATS f
array FIXED i!
array NAMES r!
call mix args=ii result=i effect=elidable
call kind args=r result=i effect=elidable
call peek args=r result=i effect=readonly
call find args=ri result=r effect=readonly
call weigh args=rf result=f effect=readonly
call share args=r result=v effect=any
call touch args=r result=i effect=any
call swap args=rr result=r effect=any
call once args=i result=i effect=loopinvariant
call home args=r result=r effect=loopinvariant
object first NODE value=17 next=second
object second NODE value=18
object pair PAIR left=first right=leaf tag=5
object leaf LEAF value=4 weight=2.5 small=7
object box BOX content=pair count=3
object fixed FIXED 3 1 4 1
object names NAMES first NULL box
object table INTS 1 2 3
object refs REFS first leaf NULL
[]
`

// heapState is what a generator knows that executes what it makes as it goes, as
// a recorder does: the objects of that run are there to be looked at.
type heapState struct {
	live      *session
	unwritten map[heap.Ref][]bool // the items that were never written, of new arrays
	indexes   []*ir.Op            // ints that are 0 or 1, to be used as an index
	steady    bool                // what is written has the class of what was there
	newest    *ir.Op              // the last object that was allocated
	uniform   bool                // all values are as likely to be used, and failargs are many
}

// GenerateHeap makes a trace as Generate does, but one that is mostly about
// objects: structs that inherit, that have no vtable, that have immutable fields;
// arrays of all kinds, of known length and not; references that are equal or not,
// cycles, objects that escape through others, calls of all effects, and guards in
// between that list all that. The run on Inputs(t, 0) gets to its end.
func GenerateHeap(kit *ir.Kit, data []byte) *ir.Trace {
	return newGenerator(kit, data, heapDeclarations).heapTrace()
}

func (g *generator) heapTrace() *ir.Trace {
	g.objectInputs(3, Inputs)
	defer g.live.heap.Close()
	for len(g.data) > 0 && g.build.Len() < 200 {
		heapSteps[g.next(len(heapSteps))](g)
	}
	g.end()
	return g.build.Trace()
}

// heapSteps are what a byte may add.
var heapSteps = []func(*generator){
	(*generator).pure, (*generator).pure, (*generator).again, (*generator).checked,
	(*generator).guardBool, (*generator).guardValue, (*generator).inspect, (*generator).inspect,
	(*generator).anyObject, (*generator).anyObject, (*generator).anyObject, (*generator).cycle,
	(*generator).read, (*generator).read, (*generator).read, (*generator).read, (*generator).read, (*generator).read,
	(*generator).write, (*generator).write, (*generator).write, (*generator).write,
	(*generator).link, (*generator).link, (*generator).same, (*generator).same,
	(*generator).effect, (*generator).anyCall, (*generator).readAgain, (*generator).readAgain,
	(*generator).writeAgain, (*generator).writeAgain, (*generator).writeAgain, (*generator).writeAgain,
}

// objectInputs makes an int, some inputs of all types, at least refs of them
// references, and starts the run.
func (g *generator) objectInputs(refs int, words func(*ir.Trace, uint64) []uint64) {
	types := []ir.Type{ir.Int}
	for range refs {
		types = append(types, ir.Ref)
	}
	for n := g.next(5); n > 0; n-- {
		types = append(types, []ir.Type{ir.Int, ir.Float, ir.Ref}[g.next(3)])
	}
	g.startRun(types, words)
}

// startRun makes inputs of these types, and starts the run on what words says.
func (g *generator) startRun(types []ir.Type, words func(*ir.Trace, uint64) []uint64) {
	for _, t := range types {
		g.values[t] = append(g.values[t], g.build.Input(t))
	}
	trace := g.build.Trace()
	live, err := newSession(g.kit, trace, words(trace, 0))
	if err == nil {
		_, err = live.eval.Start(trace, live.inputs)
	}
	if err != nil {
		panic("tracegen: " + err.Error()) // no memory for a small heap
	}
	g.live, g.unwritten = live, map[heap.Ref][]bool{}
	for _, in := range trace.Inputs {
		g.learn(in)
	}
}

// execute does op in the run that goes on while the trace is made.
func (g *generator) execute(op *ir.Op) {
	leaves, err := g.live.eval.Step(op)
	if err != nil || leaves {
		panic("tracegen: the run that makes the trace does not pass " + op.String())
	}
	g.learn(op)
}

// learn notes what the value op is in that run.
func (g *generator) learn(op *ir.Op) {
	word := g.live.eval.Value(op)
	switch {
	case op.Type == ir.Int || op.Type == ir.Float:
		g.concrete[op] = word
	case op.Type == ir.Ref && word != 0:
		g.actual[op] = g.live.heap.Class(word)
	case op.Type == ir.Ref:
		g.actual[op] = nil
	}
}

// address returns where the object r is in that run.
func (g *generator) address(r *ir.Op) heap.Ref { return g.live.eval.Value(r) }

// state returns n values to be handed over, half of them references.
func (g *generator) state(n int) []*ir.Op {
	var list []*ir.Op
	for ; n > 0; n-- {
		list = append(list, g.value([]ir.Type{ir.Ref, ir.Int, ir.Ref, ir.Float}[n%4]))
	}
	return list
}

// pick returns a reference to an object of a class that is wanted, mostly one of
// the latest, or nil.
func (g *generator) pick(want func(*heap.Class) bool) *ir.Op {
	var list []*ir.Op
	for _, s := range g.decls.Objects {
		if want(s.Class) {
			list = append(list, ir.ConstPtr(s))
		}
	}
	for _, r := range g.values[ir.Ref] {
		if c := g.actual[r]; c != nil && want(c) {
			list = append(list, r)
		}
	}
	n := g.next(256)
	switch {
	case len(list) == 0:
		return nil
	case n < 150:
		return list[len(list)-1-n%min(len(list), 5)]
	}
	return list[n%len(list)]
}

// know returns the class of r, with a guard if none has told it yet. It is nil if
// r is NULL.
func (g *generator) know(r *ir.Op) *heap.Class {
	c := g.class[r]
	switch {
	case r.Code == ir.OpConstPtr && r.Name != nil:
		return r.Name.Class
	case r.IsConst() || c != nil:
		return c
	}
	c = g.actual[r]
	switch n := g.next(4); {
	case c == nil:
		g.guard(ir.GuardIsnull, r)
		return nil
	case c.Vtable == "":
		g.guard(ir.GuardNonnull, r) // the trace can't ask for more
	case n == 0:
		g.guard(ir.GuardNonnull, r)
		g.guard(ir.GuardClass, r, classOf(c))
	default:
		g.guard(ir.GuardNonnullClass, r, classOf(c))
	}
	g.class[r] = c
	return c
}

// inspect makes something known of a reference.
func (g *generator) inspect() {
	r := g.value(ir.Ref)
	if r.IsConst() {
		return
	}
	if g.next(4) == 0 {
		for _, s := range g.decls.Objects {
			if g.live.eval.Address(s) == g.address(r) {
				g.guard(ir.GuardValue, r, ir.ConstPtr(s))
				return
			}
		}
	}
	g.know(r)
}

// same compares references, and may insist on the answer.
func (g *generator) same() {
	codes := []ir.Opcode{ir.PtrEq, ir.PtrNe, ir.InstancePtrEq, ir.InstancePtrNe}
	x := g.add(codes[g.next(len(codes))], nil, g.value(ir.Ref), g.value(ir.Ref))
	if g.next(3) > 0 {
		return
	}
	if g.concrete[x] == 1 {
		g.guard(ir.GuardTrue, x)
	} else {
		g.guard(ir.GuardFalse, x)
	}
}

// anyCall calls one of the declared functions.
func (g *generator) anyCall() { g.callOf(g.decls.Calls[g.next(len(g.decls.Calls))]) }

func (g *generator) callOf(call *ir.Call) {
	args := []*ir.Op{ir.ConstClass(&ir.Symbol{Name: call.Name})}
	for _, t := range call.Args {
		args = append(args, g.value(t))
	}
	g.add([]ir.Opcode{ir.Void: ir.CallN, ir.Int: ir.CallI, ir.Float: ir.CallF, ir.Ref: ir.CallR}[call.Result], call, args...)
}
