package backend

import (
	"metatrace/chapters/05-backend/arm64"
	"metatrace/chapters/05-backend/native"
)

// slotOffset returns the offset of a spill slot in the context.
func slotOffset(l Loc) int64 { return native.SlotsAt + 8*int64(l.N) }

// move copies a word. Its scratch registers are X17 and X27.
func (e *armEmitter) move(m Move) {
	if m.Src == m.Dst {
		return
	}
	switch r := arm64.Reg(m.Dst.N); m.Dst.Kind {
	case InReg:
		e.moveToInt(r, m.Src)
	case InFloat:
		e.moveToFloat(r, m.Src)
	case InSlot:
		op, from := arm64.STR, x17
		if m.Src.Kind == InFloat {
			op, from = arm64.STRD, arm64.Reg(m.Src.N)
		} else {
			from = e.regOrZero(m.Src, x17)
		}
		e.Access(op, from, armCtx, slotOffset(m.Dst), x27)
	}
}

func (e *armEmitter) moveToInt(d arm64.Reg, src Loc) {
	switch src.Kind {
	case InReg:
		if arm64.Reg(src.N) != d {
			e.Mov(d, arm64.Reg(src.N))
		}
	case InFloat:
		e.RR(arm64.FMOVtoX, d, arm64.Reg(src.N))
	case InSlot:
		e.Access(arm64.LDR, d, armCtx, slotOffset(src), d)
	case IsConst:
		e.Const(d, e.a.Values[src.N].Bits)
	}
}

func (e *armEmitter) moveToFloat(d arm64.Reg, src Loc) {
	switch src.Kind {
	case InReg:
		e.RR(arm64.FMOVfromX, d, arm64.Reg(src.N))
	case InFloat:
		if arm64.Reg(src.N) != d {
			e.RR(arm64.FMOV, d, arm64.Reg(src.N))
		}
	case InSlot:
		e.Access(arm64.LDRD, d, armCtx, slotOffset(src), x27)
	case IsConst:
		e.FloatConst(d, e.a.Values[src.N].Bits)
	}
}

// reg returns the integer register that has the word of l. If it is in none, tmp
// is loaded with it.
func (e *armEmitter) reg(l Loc, tmp arm64.Reg) arm64.Reg {
	if l.Kind == InReg {
		return arm64.Reg(l.N)
	}
	e.moveToInt(tmp, l)
	return tmp
}

// regOrZero is reg where the instruction reads register 31 as 0.
func (e *armEmitter) regOrZero(l Loc, tmp arm64.Reg) arm64.Reg {
	if bits, ok := e.constant(l); ok && bits == 0 {
		return armZero
	}
	return e.reg(l, tmp)
}

// floatReg returns the float register that has l, as reg does.
func (e *armEmitter) floatReg(l Loc, tmp arm64.Reg) arm64.Reg {
	if l.Kind == InFloat {
		return arm64.Reg(l.N)
	}
	e.moveToFloat(tmp, l)
	return tmp
}

// constant returns the bits of l if it is a constant.
func (e *armEmitter) constant(l Loc) (bits uint64, ok bool) {
	if l.Kind != IsConst {
		return 0, false
	}
	return e.a.Values[l.N].Bits, true
}

// constLast returns the arguments of an instruction whose first two may be exchanged:
// a constant comes last.
func (e *armEmitter) constLast(s *Step) (a, b Loc, exchanged bool) {
	a, b = s.Args[0], s.Args[1]
	if a.Kind == IsConst && b.Kind != IsConst {
		return b, a, true
	}
	return a, b, false
}
