package backend

import (
	"metatrace/chapters/02-guards/recorder"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
)

// invoke calls a compiled function (lowercall.go). While arguments are moved nothing
// else may need a scratch register, so the frame is on the stack before.
//
//	cmp  [r14+guard], preempt	poll
//	je   exit of the poll
//	cmp  [DepthAt], needed		the refusals
//	jl   exit
//	mov  rcx, &cell
//	cmp  [rcx], 0
//	je   exit
//	lea  rcx, back
//	movq xmm15, rcx
//	mov  rcx, [StackAt]
//	cmp  rcx, [RoomAt]
//	ja   exit
//	movsd [rcx+8n], xmm15	return address
//	mov  [rcx+8i], ...		n words of slots
//	add  rcx, 8n+8
//	mov  [StackAt], rcx
//	sub  [DepthAt], frames
//	...				arguments
//	mov  rcx, &cell
//	jmp  [rcx]
//	back:				rcx is StackAt
func (e *x86) invoke(s *Step) {
	x := s.Inst.Exit
	back := e.NewLabel()
	e.refusals(s)
	e.LeaLabel(x86Scratch, back)
	e.RR(amd64.MOVQ, x86FloatScratch, x86Scratch)
	e.RM(amd64.MOV, x86Scratch, x86Ctx(native.StackAt))
	e.RM(amd64.CMP, x86Scratch, x86Ctx(native.RoomAt))
	e.Jcc(amd64.A, e.stub(x))
	size := int32(8*len(x.Frame) + 8)
	e.MR(amd64.MOVSD, amd64.At(x86Scratch, size-8), x86FloatScratch)
	for i, kept := range x.Frame {
		e.moveToSlot(amd64.At(x86Scratch, int32(8*i)), kept.From)
	}
	e.RI(amd64.ADD, x86Scratch, size)
	e.MR(amd64.MOV, x86Ctx(native.StackAt), x86Scratch)
	e.MI(amd64.SUB, x86Ctx(native.DepthAt), int32(x.frames))
	for _, m := range s.Inside {
		e.move(m)
	}
	e.MovI(x86Scratch, uint64(s.Inst.Imm))
	e.M(amd64.JMP, amd64.At(x86Scratch, 0))
	e.Bind(back)
	e.out.Returns[x.Number] = len(e.Code)
	e.returned(s, size)
}

// refusals polls, and leaves by the exit if the call of s can't be, but for want of
// stack.
func (e *x86) refusals(s *Step) {
	x := s.Inst.Exit
	if poll := x.Then; poll != nil {
		again := e.NewLabel()
		e.Jcc(e.poll().Opposite(), e.stub(poll))
		e.Bind(again)
		e.resumes[poll.Number] = x86Resume{&Step{Inst: &Inst{Code: Jump}}, again}
	}
	e.MI(amd64.CMP, x86Ctx(native.DepthAt), int32(x.frames+recorder.MaxInline+2))
	e.Jcc(amd64.L, e.stub(x))
	e.MovI(x86Scratch, uint64(s.Inst.Imm))
	e.MI(amd64.CMP, amd64.At(x86Scratch, 0), 0)
	e.Jcc(amd64.E, e.stub(x))
}

// returned takes the frame of s from the stack, which ends at RCX.
func (e *x86) returned(s *Step, size int32) {
	x, result := s.Inst.Exit, s.Dst
	e.RI(amd64.SUB, x86Scratch, size)
	e.MR(amd64.MOV, x86Ctx(native.StackAt), x86Scratch)
	e.MI(amd64.ADD, x86Ctx(native.DepthAt), int32(x.frames))
	for i, kept := range x.Frame[:x.Back] {
		e.RM(amd64.MOVSD, x86FloatScratch, amd64.At(x86Scratch, int32(8*i)))
		e.MR(amd64.MOVSD, x86Slot(Loc{InSlot, kept.Slot}), x86FloatScratch)
	}
	switch result.Kind {
	case InReg:
		e.moveToInt(e.reg(result), resultOf(e.machine, Int))
	case InFloat:
		e.moveToFloat(e.floatReg(result), resultOf(e.machine, Float))
	}
}

// x86ExitID is where Return says by which exit Halt leaves.
const x86ExitID = amd64.RDX

// ret goes back to who called the trace.
func (e *x86) ret(s *Step) {
	x := s.Inst.Exit
	e.out.Stubs[x.Number] = len(e.Code)
	e.Bind(e.stub(x))
	if v := s.Inst.Args[0]; v != None {
		to := resultOf(e.machine, e.a.Values[v].Class)
		if to.Kind == InFloat {
			e.moveToFloat(amd64.Reg(to.N), s.Args[0])
		} else {
			e.moveToInt(amd64.Reg(to.N), s.Args[0])
		}
	}
	e.MovI(x86ExitID, uint64(x.ID))
	e.RM(amd64.MOV, x86Scratch, x86Ctx(native.StackAt))
	e.M(amd64.JMP, amd64.At(x86Scratch, -8))
}

// halt goes back to Go with what the last trace returned.
func (e *x86) halt(*Step) {
	e.MR(amd64.MOV, x86Ctx(native.ExitAt), x86ExitID)
	e.save(e.machine.kit.ExitSaves([]Loc{resultOf(e.machine, Int), resultOf(e.machine, Float)}))
	e.Plain(amd64.RET)
}
