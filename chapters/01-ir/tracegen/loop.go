package tracegen

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// GenerateLoop makes a trace that is a loop: no label, and a jump that sets the
// inputs. Its steps are those of GenerateHeap. The first input counts down, so
// that each run ends: see LoopInputs. The other inputs stay what they are, change
// places, are computed, or are new objects that may hold the inputs or each other.
func GenerateLoop(kit *ir.Kit, data []byte) *ir.Trace {
	return newGenerator(kit, data, heapDeclarations).loopTrace()
}

func (g *generator) loopTrace() *ir.Trace {
	g.objectInputs(1+g.next(3), LoopInputs)
	defer g.live.heap.Close()
	at := g.next(32)
	g.steady = true
	return g.roundAndRound(loopBody{at: at, rest: len(g.data) / 3, most: 100, steps: loopSteps, around: (*generator).around})
}

// loopBody says how the body of a loop is made.
type loopBody struct {
	at     int                                  // behind so many operations it counts down
	rest   int                                  // so many bytes are left to decide what the jump hands over
	most   int                                  // operations
	steps  []func(*generator)                   // what a byte may add
	around func(g *generator, in *ir.Op) *ir.Op // returns what the jump hands over for in
}

// roundAndRound makes a loop of the bytes that are left.
func (g *generator) roundAndRound(l loopBody) *ir.Trace {
	var counter *ir.Op
	for len(g.data) > l.rest && g.build.Len() < l.most {
		if counter == nil && g.build.Len() >= l.at {
			counter = g.countDown()
		}
		l.steps[g.next(len(l.steps))](g)
	}
	if counter == nil {
		counter = g.countDown()
	}
	args := []*ir.Op{counter}
	for _, in := range g.build.Trace().Inputs[1:] {
		args = append(args, l.around(g, in))
	}
	g.build.Op(ir.Jump, nil, args...)
	return g.build.Trace()
}

// loopSteps are what a byte may add. There are few guards on numbers: what holds
// in the first round should hold in the others.
var loopSteps = []func(*generator){
	(*generator).pure, (*generator).pure, (*generator).pure, (*generator).again, (*generator).checked,
	(*generator).inspect, (*generator).inspect, (*generator).readInput, (*generator).readInput,
	(*generator).readInput, (*generator).readInput, (*generator).readInput, (*generator).readInput,
	(*generator).anyObject, (*generator).likeInput, (*generator).likeInput, (*generator).cycle,
	(*generator).read, (*generator).read, (*generator).read, (*generator).readAgain, (*generator).readAgain,
	(*generator).write, (*generator).write, (*generator).write, (*generator).write,
	(*generator).link, (*generator).same, (*generator).effect, (*generator).anyCall, (*generator).anyCall,
	(*generator).rareGuard, (*generator).writeAgain, (*generator).writeAgain, (*generator).writeAgain,
}

// countDown adds the guard that ends the loop, and returns the next count.
func (g *generator) countDown() *ir.Op {
	i := g.add(ir.IntSub, nil, g.build.Trace().Inputs[0], ir.ConstInt(1))
	more := g.add(ir.IntGt, nil, i, ir.ConstInt(0))
	// What came in is seen when the loop ends: it was made a round before.
	failargs := append(g.state(4+g.next(4)), i)
	for _, in := range g.build.Trace().Inputs {
		if g.next(4) > 0 {
			failargs = append(failargs, in)
		}
	}
	op := g.build.Guard(ir.GuardTrue, failargs, more)
	op.Exit.Resume = g.guards
	g.guards++
	g.execute(op)
	return i
}

func (g *generator) rareGuard() {
	switch g.next(6) {
	case 0:
		g.guardValue()
	case 1:
		g.guardBool()
	}
}

// readInput reads an object that came in.
func (g *generator) readInput() {
	inputs := g.build.Trace().Inputs
	if in := inputs[g.next(len(inputs))]; g.actual[in] != nil {
		g.readFrom(in)
	}
}

// likeInput allocates an object of the class of an input.
func (g *generator) likeInput() {
	inputs := g.build.Trace().Inputs
	if c := g.actual[inputs[g.next(len(inputs))]]; c != nil {
		g.object(c)
	}
}

// around returns what the jump hands over for in.
func (g *generator) around(in *ir.Op) *ir.Op {
	if in.Type == ir.Ref && g.actual[in] != nil {
		return g.objectAround(in, g.actual[in])
	}
	switch n := g.next(8); {
	case n < 3:
		return in
	case n == 3:
		inputs := g.build.Trace().Inputs
		if other := inputs[g.next(len(inputs))]; other.Type == in.Type && g.actual[other] == nil {
			return other
		}
		return in
	case n == 4 && in.Type != ir.Ref:
		return g.constant(in.Type, g.next(256))
	case n < 7 && in.Type == ir.Int:
		return g.add(ir.IntAdd, nil, in, g.constant(ir.Int, g.next(6)))
	case n < 7 && in.Type == ir.Ref:
		return ir.Null
	}
	return g.value(in.Type)
}

// objectAround does it for an object. It mostly is one of the same class, so that
// the guards of the next round hold.
func (g *generator) objectAround(in *ir.Op, c *heap.Class) *ir.Op {
	like := func(other *heap.Class) bool { return other == c }
	switch n := g.next(32); {
	case n < 8:
		return in
	case n < 20:
		return g.fresh(g.address(in), 0)
	case n < 22:
		return g.object(c)
	case n < 26:
		inputs := g.build.Trace().Inputs
		if other := inputs[g.next(len(inputs))]; g.actual[other] == c {
			return other
		}
		return in
	case n < 30:
		return g.pick(like) // in at least
	}
	return g.value(ir.Ref)
}

// fresh allocates an object that has the class of the object at like, and in its
// fields objects of the classes that are there: those that came in, or fresh ones,
// or itself.
func (g *generator) fresh(like heap.Ref, depth int) *ir.Op {
	c := g.live.heap.Class(like)
	if c.Immediate != nil {
		return g.tag(c)
	}
	var contents []*ir.Op
	for i := range min(g.live.heap.Words(like), 5) {
		contents = append(contents, g.alike(g.live.slot(like, i), g.live.heap.Word(like, i), depth))
	}
	var r *ir.Op
	if c.IsArray() {
		n := int64(len(contents))
		r = g.add([]ir.Opcode{ir.NewArray, ir.NewArrayClear}[g.next(2)], c, ir.ConstInt(n))
		g.length[r] = n
		g.unwritten[g.address(r)] = nil
	} else {
		r = g.add(newCode(c), c)
	}
	g.class[r], g.newest = c, r
	self := g.next(4) == 0
	for i, v := range contents {
		f := g.live.slot(like, i)
		if self && f.Kind == ir.Ref && !f.Immutable {
			v, self = r, false
		}
		if c.IsArray() {
			g.add(ir.SetarrayitemGc, c, r, ir.ConstInt(int64(i)), v)
		} else {
			g.add(ir.SetfieldGc, f, r, v)
		}
	}
	return r
}

// alike returns something for a slot like f that holds word in the first round.
func (g *generator) alike(f *heap.Field, word uint64, depth int) *ir.Op {
	switch {
	case f.Kind != ir.Ref:
		return g.content(f)
	case word == 0:
		return ir.Null
	case depth < 2 && g.next(2) == 0 && g.build.Len() < 150:
		return g.fresh(word, depth+1)
	}
	if r := g.pick(func(c *heap.Class) bool { return c == g.live.heap.Class(word) }); r != nil {
		return r
	}
	return ir.Null
}
