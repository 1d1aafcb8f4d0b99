package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/arm64"
	"metatrace/chapters/05-backend/native"
)

// last reports whether the step that is being emitted is the last one: what leaves it
// need not jump, since the stub of its exit comes first behind it.
func (e *armEmitter) last() bool { return e.step == len(e.a.Steps)-1 }

// leave emits Leave and Ask: the stub does all the work.
func (e *armEmitter) leave(s *Step) {
	if !e.last() || s.Inst.Code == Ask {
		e.Jump(arm64.B, e.stubs[s.Inst.Exit.Number])
	}
}

func (e *armEmitter) labelHere(*Step) { e.Bind(e.label) }

// jump polls, and goes back to the label if nobody wants the processor.
func (e *armEmitter) jump(s *Step) {
	e.Branch(e.poll(), e.label)
	if !e.last() {
		e.Jump(arm64.B, e.stubs[s.Inst.Exit.Number])
	}
}

// poll looks whether somebody wants the processor, and returns the condition that
// holds if nobody does.
func (e *armEmitter) poll() arm64.Cond {
	if e.m.guardOffset >= 0 {
		e.Access(arm64.LDR, x16, armG, int64(e.m.guardOffset), x16)
		e.AddImm(arm64.ADDSimm, armZero, x16, -native.Preempt)
		return arm64.NE
	}
	e.Mem(arm64.LDR, x16, armCtx, native.BudgetAt)
	e.AddImm(arm64.SUBSimm, x16, x16, 1)
	e.Mem(arm64.STR, x16, armCtx, native.BudgetAt)
	return arm64.PL
}

// call leaves in the middle of the code, and goes on there.
func (e *armEmitter) call(s *Step) {
	x := s.Inst.Exit
	e.Bind(e.stubs[x.Number])
	e.save(e.m.exitSaves(x.Locs))
	e.suspend(x)
	if s.Dst.Kind != Nowhere {
		e.result(s.Dst)
	}
}

// exits emits the stubs: the one that the last instruction runs into first, then the
// pool, near what loads from it, then the others.
func (e *armEmitter) exits() {
	var first *Exit
	if n := len(e.a.Steps); n > 0 {
		if in := e.a.Steps[n-1].Inst; in.Code == Leave || in.Code == Jump || in.Code == JumpOut {
			first = in.Exit
			e.exit(&e.a.Steps[n-1], first)
		}
	}
	e.pool = e.here()
	e.Pool()
	for i := range e.a.Steps {
		s := &e.a.Steps[i]
		if x := s.Inst.Exit; x != nil && x != first && x.Kind != ExitCall && x.Kind != ExitReturn {
			e.exit(s, x)
			if x.Then != nil {
				e.exit(s, x.Then)
			}
		}
	}
}

// exit emits the stub of an exit, with which the step s may end.
func (e *armEmitter) exit(s *Step, x *Exit) {
	e.Bind(e.stubs[x.Number])
	if x.Kind < ExitCall {
		// A bridge is attached by giving this jump another target. A B reaches all code.
		next := e.NewLabel()
		e.Jump(arm64.B, next)
		e.Bind(next)
		e.save(e.m.exitSaves(x.Locs))
		e.Const(x16, uint64(x.ID))
		e.Mem(arm64.STR, x16, armCtx, native.ExitAt)
		e.Register(arm64.RET, armLink)
		return
	}
	e.save(e.m.exitSaves(x.Locs) | x.Live)
	e.suspend(x)
	e.restore(x.Live)
	switch x.Kind {
	case ExitPoll:
		switch s.Inst.Code {
		case JumpOut:
			e.goTo(s.Inst.To)
		case Invoke:
			e.Jump(arm64.B, e.resume[x.Number])
		default:
			e.Jump(arm64.B, e.label)
		}
		return
	case ExitAlloc:
		e.result(s.Dst)
	case ExitAsk:
		e.Mem(arm64.LDR, x16, armCtx, native.ResultAt)
		e.CompareJump(arm64.CBNZ, x16, e.stubs[x.Then.Number])
	}
	e.Jump(arm64.B, e.resume[x.Number])
}

// suspend goes back to Go. When Go enters again, what comes next is executed.
func (e *armEmitter) suspend(x *Exit) {
	next := e.NewLabel()
	e.Const(x16, uint64(x.ID))
	e.Adr(x17, next)
	e.Pair(arm64.STP, x16, x17, armCtx, native.ExitAt) // and ResumeAt
	e.Register(arm64.RET, armLink)
	e.Bind(next)
}

// result loads Go's answer.
func (e *armEmitter) result(d Loc) {
	op, r := loadOp(d)
	e.Mem(op, r, armCtx, native.ResultAt)
}

// save stores registers in the context.
func (e *armEmitter) save(set RegSet) { e.transfer(set, arm64.STR-arm64.LDR, arm64.STP-arm64.LDP) }

// restore loads registers from the context.
func (e *armEmitter) restore(set RegSet) { e.transfer(set, 0, 0) }

// transfer loads registers from the context or stores them there; one and two say how
// the instructions differ from a load of one and of two registers. Two neighbours go
// together if the place is near enough.
func (e *armEmitter) transfer(set RegSet, one, two arm64.Op) {
	for set != 0 {
		r := bits.TrailingZeros64(uint64(set))
		set &^= 1 << r
		at := int64(native.SaveAt + 8*r)
		single, pair := arm64.LDR, arm64.LDP
		if r >= 32 {
			single, pair = arm64.LDRD, arm64.LDPD
		}
		t := arm64.Reg(r % 32)
		if set>>(r+1)&1 != 0 && arm64.FitsPair(at) { // X31 is never among them
			e.Pair(pair+two, t, t+1, armCtx, at)
			set &^= 1 << (r + 1)
		} else {
			e.Mem(single+one, t, armCtx, at)
		}
	}
}
