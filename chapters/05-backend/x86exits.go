package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
)

// An exit has a stub behind the trace's own code: it saves registers in the context,
// says which exit it is, and returns to Go.
//
//	guard, finish       alloc, ask, poll
//	jmp next            save Live and Locs
//	next:               Exit = number
//	save Locs           Resume = continuation
//	Exit = number       ret
//	ret                 continuation:
//	                    load Live
//	                    Dst = Result, or ask: Result != 0 leaves through Then
//	                    jmp back
//
// The jump to next is where a bridge will be attached. A call's exit always happens:
// it stands in the trace's code, and has no Live.

// x86Resume is where an exit that resumes goes back to.
type x86Resume struct {
	step *Step
	back amd64.Label
}

// stub returns the label of an exit's stub.
func (e *x86) stub(exit *Exit) amd64.Label { return e.stubs[exit.Number] }

// exitAndBack says that the exit of s resumes, and returns the label that it goes
// back to, for s to bind.
func (e *x86) exitAndBack(s *Step) amd64.Label {
	back := e.NewLabel()
	e.resumes[s.Inst.Exit.Number] = x86Resume{s, back}
	return back
}

// last reports whether nothing but the stub of s follows.
func (e *x86) last() bool { return e.step == len(e.a.Steps)-1 }

// leave emits nothing for the last step: its stub comes next.
func (e *x86) leave(s *Step) {
	if !e.last() {
		e.Jmp(e.stub(s.Inst.Exit))
	}
}

func (e *x86) ask(s *Step) {
	back := e.exitAndBack(s)
	e.Jmp(e.stub(s.Inst.Exit))
	e.Bind(back)
}

// jump closes the loop. The poll is a part of it: it goes back to the label unless
// somebody wants the processor.
func (e *x86) jump(s *Step) {
	if s.Inst.Exit == nil {
		e.Jmp(e.loop)
		return
	}
	e.resumes[s.Inst.Exit.Number] = x86Resume{s, e.loop}
	e.Jcc(e.poll(), e.loop)
	e.leave(s)
}

// poll looks whether somebody wants the processor, and returns the condition that
// holds if nobody does.
func (e *x86) poll() amd64.CC {
	if e.machine.guard >= 0 {
		e.MI(amd64.CMP, amd64.At(x86G, int32(e.machine.guard)), native.Preempt)
		return amd64.NE
	}
	e.M(amd64.DEC, x86Ctx(native.BudgetAt))
	return amd64.NS
}

// call exits in any case, and goes on with what Go did.
func (e *x86) call(s *Step) {
	exit := s.Inst.Exit
	e.out.Stubs[exit.Number] = len(e.Code)
	e.Bind(e.stub(exit))
	back := e.NewLabel()
	e.save(e.machine.kit.ExitSaves(exit.Locs))
	e.exitTo(exit, back)
	e.Bind(back)
	e.result(s)
}

// result makes Dst the answer of Go.
func (e *x86) result(s *Step) {
	answer := x86Ctx(native.ResultAt)
	switch s.Dst.Kind {
	case InReg:
		e.RM(amd64.MOV, e.reg(s.Dst), answer)
	case InFloat:
		e.RM(amd64.MOVSD, e.floatReg(s.Dst), answer)
	}
}

// emitExits emits the stubs, that of the last step first: it falls into it.
func (e *x86) emitExits() {
	var first *Exit
	if n := len(e.a.Steps); n > 0 {
		if in := e.a.Steps[n-1].Inst; in.Code == Leave || in.Code == Jump || in.Code == JumpOut {
			first = in.Exit
		}
	}
	if first != nil {
		e.emitStub(first)
	}
	for _, exit := range e.a.Exits {
		if exit != first {
			e.emitStub(exit)
		}
	}
}

func (e *x86) emitStub(exit *Exit) {
	if exit.Kind == ExitCall || exit.Kind == ExitReturn {
		return // it is in line
	}
	e.out.Stubs[exit.Number] = len(e.Code)
	e.Bind(e.stub(exit))
	if exit.Kind < ExitCall {
		e.JmpNext()
		e.save(e.machine.kit.ExitSaves(exit.Locs))
		e.MI(amd64.MOV, x86Ctx(native.ExitAt), int32(exit.ID))
		e.Plain(amd64.RET)
		return
	}
	r := e.resumes[exit.Number]
	if r.step == nil {
		return // nobody takes it
	}
	e.save(e.machine.kit.ExitSaves(exit.Locs) | exit.Live)
	continuation := e.NewLabel()
	e.exitTo(exit, continuation)
	e.Bind(continuation)
	e.restore(exit.Live)
	if exit.Kind == ExitAsk {
		e.MI(amd64.CMP, x86Ctx(native.ResultAt), 0)
		e.Jcc(amd64.NE, e.stub(exit.Then))
	} else {
		e.result(r.step)
	}
	if to := r.step.Inst.To; to != nil {
		e.goTo(to)
		return
	}
	e.Jmp(r.back)
}

// exitTo emits the way to Go, which comes back to continuation.
func (e *x86) exitTo(exit *Exit, continuation amd64.Label) {
	e.LeaLabel(x86Scratch, continuation)
	e.MR(amd64.MOV, x86Ctx(native.ResumeAt), x86Scratch)
	e.MI(amd64.MOV, x86Ctx(native.ExitAt), int32(exit.ID))
	e.Plain(amd64.RET)
}

// save stores registers in the context.
func (e *x86) save(set RegSet) {
	for ; set != 0; set &= set - 1 {
		r, at, isFloat := saved(set)
		if isFloat {
			e.MR(amd64.MOVSD, at, r)
		} else {
			e.MR(amd64.MOV, at, r)
		}
	}
}

// restore loads registers that save stored.
func (e *x86) restore(set RegSet) {
	for ; set != 0; set &= set - 1 {
		r, at, isFloat := saved(set)
		if isFloat {
			e.RM(amd64.MOVSD, r, at)
		} else {
			e.RM(amd64.MOV, r, at)
		}
	}
}

// saved returns the first register of a set that is not empty, and its place in the
// context.
func saved(set RegSet) (r amd64.Reg, at amd64.Mem, isFloat bool) {
	n := bits.TrailingZeros64(uint64(set))
	return amd64.Reg(n % 32), x86Ctx(native.SaveAt + 8*n), n >= 32
}
