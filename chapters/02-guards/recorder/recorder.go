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
)

// Recorder is one recording, from a loop header back to it.
type Recorder struct {
	// Machine executes what is recorded. Its methods on red values are hidden by
	// those of the Recorder; the others (SetPC, Stopped) are as good here.
	*machine.Machine
	kit Kit
	b   *ir.Builder // of the trace

	slots []*ir.Op // beside each of the machine's slots, from the start frame on
	base  int      // the start frame's first slot
	depth int      // number of frames below the start frame
	code  *machine.Code
	pc    int // the loop header where the recording started

	at       int                      // position of the running bytecode
	snapshot *machine.Snapshot        // of its start, once a guard asked for it
	failargs []*ir.Op                 // that go with the snapshot
	changed  string                   // the first change in this bytecode; "" before
	fresh    map[heap.Ref]bool        // objects made in this bytecode
	inner    map[*machine.Counter]int // visits of other loop headers

	// Deepest is how many calls deep the trace gets above its start frame.
	Deepest int

	symbols map[heap.Ref]*ir.Op // constants by address
	decls   *ir.Decls
	closed  bool   // the trace is complete
	abort   Reason // why there will be none; "" while there may be
	detail  string
}

// Start begins a recording at the loop header pc of the running frame of m. The
// slots that the frame uses become the inputs of the trace.
func Start(m *machine.Machine, kit Kit, classes *heap.Classes) *Recorder {
	frames := m.Frames()
	top := frames[len(frames)-1]
	r := &Recorder{
		Machine: m, kit: kit,
		base: top.Base, depth: len(frames) - 1, code: top.Code, pc: top.PC,
		symbols: map[heap.Ref]*ir.Op{}, fresh: map[heap.Ref]bool{}, inner: map[*machine.Counter]int{},
		decls: &ir.Decls{Classes: classes},
	}
	r.b = ir.NewBuilder(r.decls)
	for range top.SP {
		r.slots = append(r.slots, r.b.Input(ir.Ref))
	}
	return r
}

// Trace returns what was recorded, ended by a jump if the loop was closed.
func (r *Recorder) Trace() *ir.Trace { return r.b.Trace() }

// Aborted returns why the recording came to nothing, with what is to say about
// it; "" if it did not.
func (r *Recorder) Aborted() (Reason, string) { return r.abort, r.detail }

// Closed reports whether the recording got back to where it started.
func (r *Recorder) Closed() bool { return r.closed }

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
	r.at, r.snapshot, r.changed = pc, nil, ""
	clear(r.fresh)
	if r.b.Len() > MaxOps {
		r.Abort(TooLong, fmt.Sprintf("more than %d operations", MaxOps))
	}
	if err := r.Stopped(); err != nil {
		r.Abort(Stopped, err.Error())
	}
	return r.abort != ""
}

// Loop is the end of an iteration if it is that of the loop we record.
func (r *Recorder) Loop(code *machine.Code, n int32, pc int) bool {
	r.change("a jump back")
	frames := r.Frames()
	switch {
	case code == r.code && pc == r.pc && len(frames)-1 == r.depth:
		r.SetPC(pc)
		r.b.Op(ir.Jump, nil, r.slots...)
		r.closed = true
		return true
	case code.Loops[n].Trace != nil || r.inner[&code.Loops[n]] >= maxInner:
		// Unrolling it would make a trace of one special case. Chapter 6 links
		// to the inner loop's own trace.
		r.Abort(InnerLoop, fmt.Sprintf("at position %d of %s", pc, code.Name))
	}
	r.inner[&code.Loops[n]]++
	return false
}

// maxInner is how often a loop inside may be gone round: what ends after a few
// rounds is unrolled.
const maxInner = 16

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
		r.SetPC(r.at)
		r.snapshot, r.failargs = r.kit.TakeSnapshot(r.Frames()[r.depth:], r.slots)
	}
	g := r.b.Guard(code, r.failargs, args...)
	g.Exit.Resume = r.snapshot
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
	op := r.symbols[addr]
	if op == nil {
		op = ir.ConstPtr(r.describe(addr))
		r.symbols[addr] = op
	}
	return Ref{addr, op}
}

// describe makes the declaration of a prebuilt object. Its contents are
// declared if they can't change.
func (r *Recorder) describe(addr heap.Ref) *ir.Symbol {
	class := r.Heap.Class(addr)
	s := &ir.Symbol{Name: fmt.Sprintf("const%d", len(r.symbols)), Class: class, Addr: addr}
	for _, f := range class.Fields {
		if !f.Immutable || f.Kind == heap.KindRef {
			return s
		}
	}
	for i, f := range class.Fields {
		s.Values = append(s.Values, ir.ConstBits(f.Kind, r.Heap.Load(addr, i)))
	}
	r.decls.Objects = append(r.decls.Objects, s)
	return s
}

// Null returns the reference to no object.
func (r *Recorder) Null() Ref { return Ref{0, ir.Null} }
