package backend

import (
	"metatrace/chapters/02-guards/recorder"
	"metatrace/chapters/05-backend/arm64"
	"metatrace/chapters/05-backend/native"
)

// invoke calls a compiled function (lowercall.go).
//
//	ldr  x16, [x28, #guard]		poll
//	cmn  x16, #1314
//	b.eq exit of the poll
//	ldr  x16, [x26, #DepthAt]	the refusals
//	cmp  x16, #needed
//	b.lt exit
//	ldr  x16, [&cell]
//	cbz  x16, exit
//	ldp  x16, x17, [x26, #StackAt]	// and RoomAt
//	cmp  x16, x17
//	b.hi exit
//	str  ..., [x16, #8i]		n words of slots
//	adr  x17, back
//	str  x17, [x16, #8n]
//	add  x16, x16, #8n+8
//	str  x16, [x26, #StackAt]
//	...				DepthAt -= frames
//	...				arguments
//	ldr  x16, [&cell]
//	br   x16
//	back:				x16 is StackAt
func (e *armEmitter) invoke(s *Step) {
	x, back := s.Inst.Exit, e.NewLabel()
	e.refusals(s)
	e.Pair(arm64.LDP, x16, x17, armCtx, native.StackAt)
	e.Cmp(x16, x17)
	e.Branch(arm64.HI, e.stubs[x.Number])
	for i, kept := range x.Frame {
		op, from := e.storeOp(kept.From, x17)
		e.Mem(op, from, x16, int64(8*i))
	}
	size := uint64(8*len(x.Frame) + 8)
	e.Adr(x17, back)
	e.Mem(arm64.STR, x17, x16, int64(size-8))
	e.addTo(arm64.ADDimm, x16, size)
	e.Mem(arm64.STR, x16, armCtx, native.StackAt)
	e.depth(arm64.SUBimm, x)
	for _, m := range s.Inside {
		e.move(m)
	}
	e.loadCell(s)
	e.Register(arm64.BR, x16)
	e.Bind(back)
	e.returns[x.Number] = back
	e.returned(s, size)
}

// refusals polls, and leaves by the exit if the call of s can't be, but for want of
// stack.
func (e *armEmitter) refusals(s *Step) {
	x := s.Inst.Exit
	stub := e.stubs[x.Number]
	if poll := x.Then; poll != nil {
		e.Branch(e.poll().Inverse(), e.stubs[poll.Number])
		e.Bind(e.resume[poll.Number])
	}
	e.Mem(arm64.LDR, x16, armCtx, native.DepthAt)
	e.AddImm(arm64.SUBSimm, armZero, x16, uint64(x.frames+recorder.MaxInline+2))
	e.Branch(arm64.LT, stub)
	e.loadCell(s)
	e.CompareJump(arm64.CBZ, x16, stub)
}

// loadCell loads X16 with the address of the function's code.
func (e *armEmitter) loadCell(s *Step) {
	e.Const(x16, uint64(s.Inst.Imm))
	e.Mem(arm64.LDR, x16, x16, 0)
}

// addTo adds n to r, or takes it away, with X27 to use.
func (e *armEmitter) addTo(op arm64.Op, r arm64.Reg, n uint64) {
	if arm64.FitsAdd(n) {
		e.AddImm(op, r, r, n)
		return
	}
	e.Const(x27, n)
	if op == arm64.SUBimm {
		e.RRR(arm64.SUB, r, r, x27)
	} else {
		e.RRR(arm64.ADD, r, r, x27)
	}
}

// depth counts the frames that wait at x.
func (e *armEmitter) depth(op arm64.Op, x *Exit) {
	e.Mem(arm64.LDR, x17, armCtx, native.DepthAt)
	e.addTo(op, x17, uint64(x.frames))
	e.Mem(arm64.STR, x17, armCtx, native.DepthAt)
}

// returned takes the frame of s from the stack, which ends at X16.
func (e *armEmitter) returned(s *Step, size uint64) {
	x := s.Inst.Exit
	e.addTo(arm64.SUBimm, x16, size)
	e.Mem(arm64.STR, x16, armCtx, native.StackAt)
	e.depth(arm64.ADDimm, x)
	for i, kept := range x.Frame[:x.Back] {
		e.Mem(arm64.LDR, x17, x16, int64(8*i))
		e.Access(arm64.STR, x17, armCtx, slotOffset(Loc{InSlot, kept.Slot}), x27)
	}
	switch s.Dst.Kind {
	case InReg:
		e.move(Move{s.Dst, resultOf(e.m, Int)})
	case InFloat:
		e.move(Move{s.Dst, resultOf(e.m, Float)})
	}
}

// ret goes back to who called the trace. X17 says by which exit Halt leaves.
func (e *armEmitter) ret(s *Step) {
	x := s.Inst.Exit
	e.Bind(e.stubs[x.Number])
	if v := s.Inst.Args[0]; v != None {
		e.move(Move{resultOf(e.m, e.a.Values[v].Class), s.Args[0]})
	}
	e.Const(x17, uint64(x.ID))
	e.Mem(arm64.LDR, x16, armCtx, native.StackAt)
	e.MemNear(arm64.LDUR, x27, x16, -8)
	e.Register(arm64.BR, x27)
}

// halt goes back to Go with what the last trace returned.
func (e *armEmitter) halt(*Step) {
	e.Mem(arm64.STR, x17, armCtx, native.ExitAt)
	e.save(e.m.exitSaves([]Loc{resultOf(e.m, Int), resultOf(e.m, Float)}))
	e.Register(arm64.RET, armLink)
}
