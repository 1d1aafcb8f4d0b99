package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/amd64"
)

// Instructions of amd64 have two operands, and the first is also the result. So
// Dst = a op b is one instruction if Dst is the register of a, or of b where they
// may be exchanged; else a has to be copied first. LEA adds without that.

// copyInt makes register to what from is.
func (e *x86) copyInt(to, from amd64.Reg) {
	if to != from {
		e.RR(amd64.MOV, to, from)
	}
}

// integer emits dst = a op b for an op whose operands may be exchanged.
func (e *x86) integer(op amd64.Op, s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	if n, ok := e.imm32(s.Args[1]); ok {
		e.copyInt(d, a)
		if n != 0 || op != amd64.OR { // a | 0 is how lowering copies a value
			e.RI(op, d, n)
		}
		return
	}
	b := e.reg(s.Args[1])
	if d == b {
		a, b = b, a
	}
	e.copyInt(d, a)
	e.RR(op, d, b)
}

// addImm emits d = a + n.
func (e *x86) addImm(d, a amd64.Reg, n int32) {
	switch {
	case n == 0:
		e.copyInt(d, a)
	case d != a:
		e.RM(amd64.LEA, d, amd64.At(a, n))
	case n == 1:
		e.R(amd64.INC, d)
	case n == -1:
		e.R(amd64.DEC, d)
	default:
		e.RI(amd64.ADD, d, n)
	}
}

func (e *x86) add(s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	if n, ok := e.imm32(s.Args[1]); ok {
		e.addImm(d, a, n)
		return
	}
	b := e.reg(s.Args[1])
	switch {
	case d == a:
		e.RR(amd64.ADD, d, b)
	case d == b:
		e.RR(amd64.ADD, d, a)
	default:
		if a == amd64.R13 { // as a base it costs a byte more
			a, b = b, a
		}
		e.RM(amd64.LEA, d, amd64.Mem{Base: a, Index: b, Scale: 1})
	}
}

func (e *x86) sub(s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	if n, ok := e.imm32(s.Args[1]); ok {
		if fits32(-int64(n)) {
			e.addImm(d, a, -n)
			return
		}
		e.copyInt(d, a)
		e.RI(amd64.SUB, d, n)
		return
	}
	b := e.reg(s.Args[1])
	if d == b && d != a {
		e.R(amd64.NEG, d)
		e.RR(amd64.ADD, d, a)
		return
	}
	e.copyInt(d, a)
	e.RR(amd64.SUB, d, b)
}

func (e *x86) mul(s *Step) {
	n, ok := e.imm32(s.Args[1])
	if !ok {
		e.integer(amd64.IMUL, s)
		return
	}
	d, a := e.dst(s), e.reg(s.Args[0])
	switch {
	case n == 3 || n == 5 || n == 9:
		e.RM(amd64.LEA, d, amd64.Mem{Base: a, Index: a, Scale: uint8(n - 1)})
	case n > 0 && n&(n-1) == 0:
		e.shl(d, a, bits.TrailingZeros32(uint32(n)))
	default:
		e.RRI(amd64.IMUL, d, a, n)
	}
}

func (e *x86) and(s *Step) {
	mask, ok := e.constant(s.Args[1])
	if !ok {
		e.integer(amd64.AND, s)
		return
	}
	d, a := e.dst(s), e.reg(s.Args[0])
	switch {
	case mask == 0xFF:
		e.RR(amd64.MOVZX8, d, a)
	case mask == 0xFFFF:
		e.RR(amd64.MOVZX16, d, a)
	case mask == 0xFFFF_FFFF:
		e.RR(amd64.MOV32, d, a)
	case mask>>32 == 0: // the upper half becomes 0 by itself
		e.copyInt(d, a)
		e.RI(amd64.AND32, d, int32(uint32(mask)))
	default:
		e.integer(amd64.AND, s)
	}
}

// shl emits d = a << n.
func (e *x86) shl(d, a amd64.Reg, n int) {
	if n == 1 && d != a {
		e.RM(amd64.LEA, d, amd64.Mem{Base: a, Index: a, Scale: 1})
		return
	}
	e.copyInt(d, a)
	switch n {
	case 0:
	case 1:
		e.RR(amd64.ADD, d, d)
	default:
		e.RI(amd64.SHL, d, int32(n))
	}
}

func (e *x86) shift(op amd64.Op, s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	count, ok := e.constant(s.Args[1])
	switch {
	case !ok:
		e.RR(amd64.MOV, amd64.RCX, e.reg(s.Args[1])) // the scratch register has to be RCX
		e.copyInt(d, a)
		e.RCL(op, d)
	case op == amd64.SHL:
		e.shl(d, a, int(count&63))
	default:
		e.copyInt(d, a)
		if count&63 != 0 {
			e.RI(op, d, int32(count&63))
		}
	}
}

func (e *x86) unary(op amd64.Op, s *Step) {
	d := e.dst(s)
	e.copyInt(d, e.reg(s.Args[0]))
	e.R(op, d)
}

func (e *x86) signext(s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	switch s.Inst.Imm {
	case 1:
		e.RR(amd64.MOVSX8, d, a)
	case 2:
		e.RR(amd64.MOVSX16, d, a)
	default:
		e.RR(amd64.MOVSXD, d, a)
	}
}

func (e *x86) max0(s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	if d == a {
		e.RR(amd64.XOR32, x86Scratch, x86Scratch)
		e.RR(amd64.TEST, a, a)
		e.CMov(amd64.S, d, x86Scratch)
		return
	}
	e.RR(amd64.XOR32, d, d)
	e.RR(amd64.TEST, a, a)
	e.CMov(amd64.NS, d, a)
}

// checked emits dst = a op b and leaves on overflow, or without one.
func (e *x86) checked(op amd64.Op, s *Step) {
	d, a := e.dst(s), e.reg(s.Args[0])
	n, isImm := e.imm32(s.Args[1])
	switch {
	case isImm && op == amd64.IMUL:
		e.RRI(op, d, a, n)
	case isImm:
		e.copyInt(d, a)
		e.RI(op, d, n)
	case op == amd64.SUB && d == e.reg(s.Args[1]) && d != a:
		e.RR(amd64.MOV, x86Scratch, a)
		e.RR(op, x86Scratch, d)
		e.RR(amd64.MOV, d, x86Scratch) // leaves the flags alone
	case op == amd64.SUB:
		e.copyInt(d, a)
		e.RR(op, d, e.reg(s.Args[1]))
	default:
		e.integer(op, s)
	}
	leave := amd64.O
	if s.Inst.Not {
		leave = amd64.NO
	}
	e.Jcc(leave, e.stub(s.Inst.Exit))
}
