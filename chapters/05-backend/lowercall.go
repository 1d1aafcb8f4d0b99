package backend

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
)

// A trace that calls another one:
//
//	r2 = call_assembler_r(ConstClass(f), r1)
//	guard_not_forced() [r0, r1]                   Invoke
//
// Compiled code has a stack of its own for that, since it may store nothing on that of
// the goroutine. The callee has the same spill slots, so what waits there for it to come
// back is copied to the stack, and back afterwards:
//
//	  ┌──────────────┐◀ StackAt, while the callee runs
//	  │return address│   behind the call
//	  ├──────────────┤
//	  │ Exit.Frame   │   words of slots
//	  ├──────────────┤◀ StackAt before, and afterwards
//	  │return address│   of who called this trace; at the bottom of the stack the
//	  │     ...      │   address of a Halt
//
// The return address also says whose frame it is. When the callee leaves its trace, Go
// finds in the frames what the interpreter has to know of all that wait (unwind.go).
//
// The call is refused, and the trace left by the exit, if the function has no code, or
// if the guest program or the stack would get too deep. A recursion is a loop, too: every
// call polls.

// invoke adds a call of a compiled function, with the guard behind it.
func (l *lowerer) invoke(op *ir.Op) {
	f, ok := op.Args[0].Name.Func.(*recorder.Function)
	if !ok || l.opt.Callee == nil {
		l.err = fmt.Errorf("the backend can't call %s", op.Args[0].Name.Name)
		return
	}
	guard, state := l.behind(op)
	if l.err != nil {
		return
	}
	x := l.exit(ExitInvoke, guard)
	x.call, x.Own, x.frames = op, len(x.Values), len(state.State.Frames)
	args := l.list(op.Args[1:])
	x.Values = append(x.Values, args...)
	x.Then = l.resumable(ExitPoll, op)
	cell, places, err := l.opt.Callee(f, op.Args[1:])
	if err != nil {
		l.err = err
		return
	}
	to := &Start{Name: f.Name}
	for _, at := range places {
		to.Inputs = append(to.Inputs, at.Loc)
	}
	in := Inst{Code: Invoke, List: args, Imm: int64(cell), To: to, Exit: x}
	if op.Type == ir.Void {
		l.effect(op, in)
		return
	}
	l.define(op, in)
}

// behind returns the guard_not_forced behind op.
func (l *lowerer) behind(op *ir.Op) (*ir.Op, *recorder.TraceCall) {
	if i := l.index + 1; i < len(l.trace.Ops) && l.trace.Ops[i].Code == ir.GuardNotForced {
		guard := l.trace.Ops[i]
		if state, ok := guard.Exit.Resume.(*recorder.TraceCall); ok && state.State != nil {
			return guard, state
		}
	}
	l.err = fmt.Errorf("expected a guard_not_forced with the state of the caller behind it")
	return nil, nil
}

// notForced sees to it that a guard_not_forced was lowered with its call.
func (l *lowerer) notForced(*ir.Op) {
	if l.index == 0 || !l.trace.Ops[l.index-1].Code.IsTraceCall() {
		l.err = fmt.Errorf("no call_assembler stands before it")
	}
}

// finish ends the trace. One with many results is none that can be called.
func (l *lowerer) finish(op *ir.Op) {
	if !l.opt.Returns || len(op.Args) > 1 {
		l.effect(op, Inst{Code: Leave, Exit: l.exit(ExitFinish, op)})
		return
	}
	in := Inst{Code: Return, Exit: l.exit(ExitReturn, op)}
	l.effect(op, in, l.list(op.Args)...)
}
