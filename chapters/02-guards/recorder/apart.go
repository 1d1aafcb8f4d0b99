package recorder

import (
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// A Function is guest code with a trace of its own, which other traces call instead of
// having it in them: the first argument of a call_assembler is the ConstClass of a
// Symbol whose Func is a *Function.
type Function struct {
	Name string
	Code *machine.Code
	// Target is the start of the function's trace, whose inputs are the arguments of
	// the call. It may be replaced while no machine code runs (Executor.Link is told);
	// nil: there is none, and who calls it leaves by the call.
	Target *ir.Target
}

// A TraceCall is the ir.Exit.Resume of guard_not_forced, the guard directly behind a
// call_assembler. The failargs of that guard are the slots of State.
type TraceCall struct {
	// State is the interpreter's state behind the call, without its result: a return
	// of the callee puts that on the stack.
	State *machine.Snapshot
	PC    int // of the bytecode that calls, in the innermost frame of State
	Args  int // how many of the call's arguments stand on the stack; the others are null
}

// CallApart records a call of code that is not to become part of the trace, and does it:
// the n arguments on top of the stack are replaced by the result. It returns false if
// the Policy wants the call inside.
func (r *Recorder) CallApart(code *machine.Code, n, pc int) (done bool, err error) {
	if r.policy.Apart == nil || r.DepthLeft() <= 0 {
		return false, nil
	}
	fn := r.policy.Apart(code, r.Frames()[r.depth:])
	if fn == nil {
		return false, nil
	}
	args, values := []*ir.Op{ir.ConstClass(&ir.Symbol{Name: fn.Name, Func: fn})}, []heap.Ref(nil)
	for i := n - 1; i >= 0; i-- {
		arg := r.Peek(i)
		args, values = append(args, arg.Op), append(values, arg.V)
	}
	for range code.Params - n {
		args = append(args, ir.Null)
	}
	r.change("a call of " + code.Name)
	op := r.b.Op(ir.CallAssemblerR, nil, args...)
	state, failargs := r.behind(n, pc)
	r.b.Guard(ir.GuardNotForced, failargs).Exit.Resume = &TraceCall{State: state, PC: r.at, Args: n}
	v, err := r.policy.Call(code, values)
	r.checkDepends()
	if err != nil {
		return false, err
	}
	r.Replace(n, Ref{v, op})
	return true, nil
}

// behind returns the state behind a call with n arguments, which goes on at pc, without
// its result.
func (r *Recorder) behind(n, pc int) (*machine.Snapshot, []*ir.Op) {
	frames := slices.Clone(r.Frames()[r.depth:])
	caller := &frames[len(frames)-1]
	caller.PC = pc
	caller.SP -= n
	return r.kit.TakeSnapshot(frames, r.slots)
}
