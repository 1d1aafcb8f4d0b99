package recorder

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// Policy is what chapter 6's engine decides while recording. The zero value is the way
// of this chapter: a trace is a loop that comes back to where it started, with all
// calls in it.
type Policy struct {
	// Linked reports whether a trace can go on at the header of c: the recording ends
	// there with a jump. nil: nowhere.
	Linked func(c *machine.Counter) bool
	// Apart returns a Function if a call of code shall not become part of the trace, but
	// a call of the Function's trace. frames are those of the trace, the caller last. nil:
	// all calls become part of it.
	Apart func(code *machine.Code, frames []machine.Frame) *Function
	// Call does such a call while it is recorded.
	Call func(code *machine.Code, args []heap.Ref) (heap.Ref, error)
	// Open says that the trace need not come back. It may end with finish where the start
	// frame returns, or with guard_always_fails at a loop header that it can't jump to.
	Open bool
	// Watched says that somebody watches the cells that the trace depends on. If not,
	// there must be none.
	Watched bool
	// MaxOps and MaxInline are the limits; 0: the constants of these names.
	MaxOps, MaxInline int
	// Symbols are the prebuilt objects that traces refer to. Traces that are connected
	// share them, since one object must not have two names. nil: new ones.
	Symbols map[heap.Ref]*ir.Symbol
}

func (p *Policy) maxOps() int {
	if p.MaxOps > 0 {
		return p.MaxOps
	}
	return MaxOps
}

func (p *Policy) maxInline() int {
	if p.MaxInline > 0 {
		return p.MaxInline
	}
	return MaxInline
}

// A header is where a recording started. Who does not know the counter says where
// in the code it is. A bridge starts at no header: then all is nil.
type header struct {
	counter *machine.Counter
	code    *machine.Code
	pc      int
}

func (h header) is(c *machine.Counter, code *machine.Code, pc int) bool {
	return c == h.counter || code == h.code && pc == h.pc
}

// Start begins a recording at the loop header where the running frame of m stands. The
// slots that the frame uses become the inputs of the trace.
func Start(m *machine.Machine, kit Kit, classes *heap.Classes) *Recorder {
	frames := m.Frames()
	r := newRecorder(m, kit, classes, Policy{}, len(frames)-1)
	top := r.running()
	r.start = header{code: top.Code, pc: top.PC}
	r.inputs(top.SP)
	return r
}

// StartWith begins a recording at the header c, where the running frame of m stands: of
// a loop, as Start does, or of the running function (&Code.Entry). Then the inputs are
// the parameters only: all other locals are null.
func StartWith(m *machine.Machine, kit Kit, classes *heap.Classes, policy Policy, c *machine.Counter) *Recorder {
	frames := m.Frames()
	r := newRecorder(m, kit, classes, policy, len(frames)-1)
	r.start.counter = c
	top := r.running()
	if c != &top.Code.Entry {
		r.inputs(top.SP)
		return r
	}
	r.inputs(top.Code.Params)
	for range top.SP - top.Code.Params {
		r.slots = append(r.slots, ir.Null)
	}
	return r
}

// StartBridge begins a recording that starts where the running frame of m stands. The
// start frame is m.Frames()[depth]; those above it are inlined calls. begin makes the
// inputs and first operations of the trace, and returns the operation beside each slot
// in use from the start frame on, as the slots lie.
func StartBridge(m *machine.Machine, kit Kit, classes *heap.Classes, policy Policy, depth int,
	begin func(b *ir.Builder) []*ir.Op) *Recorder {
	r := newRecorder(m, kit, classes, policy, depth)
	r.Deepest = len(m.Frames()) - 1 - depth
	r.slots = begin(r.b)
	if top := r.running(); len(r.slots) != r.index(top.SP) {
		panic(fmt.Sprintf("recorder: a bridge starts with the operations of %d slots, expected %d", len(r.slots), r.index(top.SP)))
	}
	return r
}

func newRecorder(m *machine.Machine, kit Kit, classes *heap.Classes, policy Policy, depth int) *Recorder {
	if policy.Symbols == nil {
		policy.Symbols = map[heap.Ref]*ir.Symbol{}
	}
	r := &Recorder{
		Machine: m, kit: kit, policy: policy,
		base: m.Frames()[depth].Base, depth: depth,
		prebuilt: map[heap.Ref]*ir.Op{}, fresh: map[heap.Ref]bool{}, inner: map[*machine.Counter]int{},
		decls: &ir.Decls{Classes: classes},
	}
	r.b = ir.NewBuilder(r.decls)
	return r
}

func (r *Recorder) inputs(n int) {
	for range n {
		r.slots = append(r.slots, r.b.Input(ir.Ref))
	}
}

// Loop is called before a jump back to a loop header. It may be the end of the trace.
func (r *Recorder) Loop(code *machine.Code, n int32, pc int) bool {
	r.change("a jump back")
	c := &code.Loops[n]
	if len(r.Frames())-1 == r.depth {
		switch {
		case r.start.is(c, code, pc), r.policy.Linked != nil && r.policy.Linked(c):
			r.SetPC(pc)
			r.end(ir.Jump, r.slots...)
			r.reached = c
			return true
		case r.policy.Open:
			// Nothing was changed since the jump began: the header is a place to go on at.
			r.waits = c
			state, failargs := r.state(pc)
			r.b.Guard(ir.GuardAlwaysFails, failargs).Exit.Resume = state
			r.closed = true
			return true
		}
	}
	if c.Trace != nil || r.inner[c] >= maxInner {
		// Unrolling it would make a trace of one special case. Chapter 6 links
		// to the inner loop's own trace.
		r.Abort(InnerLoop, fmt.Sprintf("at position %d of %s", pc, code.Name))
	}
	r.inner[c]++
	return false
}

// maxInner is how often a loop inside may be gone round: what ends after a few
// rounds is unrolled.
const maxInner = 16

// end records the last operation.
func (r *Recorder) end(code ir.Opcode, args ...*ir.Op) {
	r.b.Op(code, nil, args...)
	r.closed = true
}

// Depend says that what the running bytecode does is right as long as nobody changes c:
// a guard that costs nothing, since whoever watches c invalidates the trace.
func (r *Recorder) Depend(c *machine.Cell) {
	if !r.policy.Watched {
		r.Abort(Changed, "nobody watches "+c.Name)
		return
	}
	r.Guard(ir.GuardNotInvalidated)
	for _, known := range r.Depends {
		if known == c {
			return
		}
	}
	r.Depends, r.changes = append(r.Depends, c), append(r.changes, c.Changes())
}

// checkDepends gives the recording up if a call has changed something that the trace
// depends on. Nobody watches it yet.
func (r *Recorder) checkDepends() {
	for i, c := range r.Depends {
		if c.Changes() != r.changes[i] {
			r.Abort(Changed, c.Name+" has changed meanwhile")
		}
	}
}
