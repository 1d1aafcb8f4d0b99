package backend

import "metatrace/chapters/05-backend/amd64"

// move emits a Move. The flags may be lost. From slot to slot it goes through the
// float scratch register; nothing else needs one.
func (e *x86) move(m Move) {
	switch m.Dst.Kind {
	case InReg:
		e.moveToInt(amd64.Reg(m.Dst.N), m.Src)
	case InFloat:
		e.moveToFloat(amd64.Reg(m.Dst.N), m.Src)
	case InSlot:
		e.moveToSlot(x86Slot(m.Dst), m.Src)
	default:
		e.fail("the destination of a move", m.Dst)
	}
}

func (e *x86) moveToInt(to amd64.Reg, src Loc) {
	switch src.Kind {
	case InReg:
		e.copyInt(to, amd64.Reg(src.N))
	case InFloat:
		e.RR(amd64.MOVQR, to, amd64.Reg(src.N))
	case InSlot:
		e.RM(amd64.MOV, to, x86Slot(src))
	case IsConst:
		if bits, _ := e.constant(src); bits == 0 {
			e.RR(amd64.XOR32, to, to)
		} else {
			e.MovI(to, bits)
		}
	default:
		e.fail("the source of a move", src)
	}
}

func (e *x86) moveToFloat(to amd64.Reg, src Loc) {
	switch src.Kind {
	case InReg:
		e.RR(amd64.MOVQ, to, amd64.Reg(src.N))
	case InFloat:
		e.copyFloat(to, amd64.Reg(src.N))
	case InSlot:
		e.RM(amd64.MOVSD, to, x86Slot(src))
	case IsConst:
		bits, _ := e.constant(src)
		e.floatConst(to, bits)
	default:
		e.fail("the source of a move", src)
	}
}

func (e *x86) moveToSlot(to amd64.Mem, src Loc) {
	switch src.Kind {
	case InReg:
		e.MR(amd64.MOV, to, amd64.Reg(src.N))
	case InFloat:
		e.MR(amd64.MOVSD, to, amd64.Reg(src.N))
	case InSlot:
		e.RM(amd64.MOVSD, x86FloatScratch, x86Slot(src))
		e.MR(amd64.MOVSD, to, x86FloatScratch)
	case IsConst:
		bits, _ := e.constant(src)
		e.header(to, bits)
	default:
		e.fail("the source of a move", src)
	}
}
