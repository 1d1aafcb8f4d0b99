// Package recorder is the machine that writes down what it does. It has the
// names and signatures of package machine, so that the interpreter's source
// compiles against it as it is; but its red values carry, beside the value, the
// operation of the trace that makes it:
//
//	machine:   Int = int64            IntAdd: a + b
//	recorder:  Int = {int64, *ir.Op}  IntAdd: a + b, and int_add is recorded
//
// The recorder takes over from the live frames of a machine and really executes
// the program while it records: objects are allocated, lines are printed, frames
// come and go on the machine's own stack. When it stops, for whatever reason,
// the program has gone on a bit, and the machine can take over again.
//
// The slots of frames are tracked, not recorded: beside each slot stands the
// operation whose value is in it. So moving values between locals and operand
// stack leaves nothing in the trace (RPython calls such frames virtualizable).
package recorder

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// The types of red values: V is what the value is now, Op is the operation, input
// or constant of the trace that computes it.
type (
	Int struct {
		V  int64
		Op *ir.Op
	}
	Float struct {
		V  float64
		Op *ir.Op
	}
	Ref struct {
		V  heap.Ref
		Op *ir.Op
	}
	Bool struct {
		V  bool
		Op *ir.Op
	}
)

// Limits of one recording.
const (
	MaxOps    = 6000 // operations of a trace
	MaxInline = 7    // frames above the one in which the recording started
)

// Kit is what the recorder needs of the exercises of this chapter.
type Kit struct {
	Decide       func(r *Recorder, cond Bool) bool
	TakeSnapshot func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op)
	Promote      func(r *Recorder, a Int) int64
}

// Reason says why a recording came to nothing.
type Reason string

// The reasons.
const (
	TooLong     Reason = "trace too long"
	LeftLoop    Reason = "left the loop"
	InnerLoop   Reason = "met another loop"
	TooDeep     Reason = "calls too deep"
	EffectGuard Reason = "effect before guard"
	GuestError  Reason = "error in the guest program"
	Stopped     Reason = "the program was stopped"
	Changed     Reason = "depends on what may change"
)

// Recorder is one recording, from a loop header back to it, or whatever its Policy says.
type Recorder struct {
	// Machine executes what is recorded. Its methods on red values are hidden by
	// those of the Recorder; the others (SetPC, Stopped) are as good here.
	*machine.Machine
	kit    Kit
	policy Policy
	b      *ir.Builder // of the trace

	slots []*ir.Op // beside each of the machine's slots, from the start frame on
	base  int      // the start frame's first slot
	depth int      // number of frames below the start frame
	start header

	at       int                      // position of the running bytecode
	snapshot *machine.Snapshot        // of its start, once a guard asked for it
	failargs []*ir.Op                 // that go with the snapshot
	changed  string                   // the first change in this bytecode; "" before
	fresh    map[heap.Ref]bool        // objects made in this bytecode
	inner    map[*machine.Counter]int // visits of other loop headers

	// Deepest is how many calls deep the trace gets above its start frame.
	Deepest int
	// Depends are the cells that the trace depends on, each once.
	Depends []*machine.Cell
	changes []int // of each cell, when the trace began to depend on it

	prebuilt map[heap.Ref]*ir.Op // constants by address
	decls    *ir.Decls
	closed   bool             // the trace is complete
	waits    *machine.Counter // the header where it ended because there was nothing to jump to
	reached  *machine.Counter // the header it jumps to; nil if it ends in another way
	returned bool             // it ends where the start frame returns
	abort    Reason           // why there will be none; "" while there may be
	detail   string
}

// Trace returns what was recorded, complete if the recording is Closed.
func (r *Recorder) Trace() *ir.Trace { return r.b.Trace() }

// Aborted returns why the recording came to nothing, with what is to say about
// it; "" if it did not.
func (r *Recorder) Aborted() (Reason, string) { return r.abort, r.detail }

// Closed reports whether the trace is complete: the recording got back to where it
// started, or to another end that its Policy allows.
func (r *Recorder) Closed() bool { return r.closed }

// Reached returns the counter of the header that the trace jumps to, with the slots of
// its start frame; nil if it ends in another way.
func (r *Recorder) Reached() *machine.Counter { return r.reached }

// Waits returns the header where an open trace ends with guard_always_fails, since it
// can't jump to it yet; else nil.
func (r *Recorder) Waits() *machine.Counter { return r.waits }

// Returned reports whether the trace ends where its start frame returns, by finish.
func (r *Recorder) Returned() bool { return r.returned }

// Abort gives the recording up. The first reason counts. The program goes on:
// the interpreter stops at its next merge point.
func (r *Recorder) Abort(why Reason, detail string) {
	if r.abort == "" {
		r.abort, r.detail = why, detail
	}
}

// MergePoint starts a bytecode: what is recorded from here on can go back to
// here. It returns true when the interpreter shall stop.
func (r *Recorder) MergePoint(pc int) bool {
	if r.closed {
		return true
	}
	r.at, r.snapshot, r.changed = pc, nil, ""
	clear(r.fresh)
	if limit := r.policy.maxOps(); r.b.Len() > limit {
		r.Abort(TooLong, fmt.Sprintf("more than %d operations", limit))
	}
	if err := r.Stopped(); err != nil {
		r.Abort(Stopped, err.Error())
	}
	return r.abort != ""
}

// change notes the first thing that the running bytecode does which a second
// execution would do again.
func (r *Recorder) change(what string) {
	if r.changed == "" {
		r.changed = what
	}
}

// Guard records a guard that goes back to the start of the running bytecode.
// That is wrong once the bytecode has changed something, and refused.
func (r *Recorder) Guard(code ir.Opcode, args ...*ir.Op) {
	if r.changed != "" {
		r.Abort(EffectGuard, fmt.Sprintf("the bytecode at position %d of %s decides (%s) after %s: decisions come first",
			r.at, r.running().Code.Name, code, r.changed))
		return
	}
	if r.snapshot == nil {
		r.snapshot, r.failargs = r.state(r.at)
	}
	g := r.b.Guard(code, r.failargs, args...)
	g.Exit.Resume = r.snapshot
}

// state returns the state of the frames, of which the running one goes on at pc.
func (r *Recorder) state(pc int) (*machine.Snapshot, []*ir.Op) {
	r.SetPC(pc)
	return r.kit.TakeSnapshot(r.Frames()[r.depth:], r.slots)
}

// running returns the frame that runs now.
func (r *Recorder) running() machine.Frame {
	frames := r.Frames()
	return frames[len(frames)-1]
}

// constants reports whether all args are: then so is what is computed of them.
func constants(args ...*ir.Op) bool {
	for _, a := range args {
		if !a.IsConst() {
			return false
		}
	}
	return true
}

// Value returns what r is now; see Machine.Value.
func (r *Recorder) Value(x Ref) heap.Ref { return x.V }

// RefConst makes the address of a prebuilt object red: a constant of the trace.
func (r *Recorder) RefConst(addr heap.Ref) Ref {
	if addr == 0 {
		return r.Null()
	}
	op := r.prebuilt[addr]
	if op == nil {
		s := r.policy.Symbols[addr]
		if s == nil {
			s = r.describe(addr)
			r.policy.Symbols[addr] = s
		}
		if s.Values != nil {
			r.decls.Objects = append(r.decls.Objects, s)
		}
		op = ir.ConstPtr(s)
		r.prebuilt[addr] = op
	}
	return Ref{addr, op}
}

// describe names a prebuilt object. Its contents are declared if they can't change.
func (r *Recorder) describe(addr heap.Ref) *ir.Symbol {
	class := r.Heap.Class(addr)
	s := &ir.Symbol{Name: fmt.Sprintf("const%d", len(r.policy.Symbols)), Class: class, Addr: addr}
	for _, f := range class.Fields {
		if !f.Immutable || f.Kind == heap.KindRef {
			return s
		}
	}
	for i, f := range class.Fields {
		s.Values = append(s.Values, ir.ConstBits(f.Kind, r.Heap.Load(addr, i)))
	}
	return s
}

// Null returns the reference to no object.
func (r *Recorder) Null() Ref { return Ref{0, ir.Null} }
