package backend

import "metatrace/chapters/05-backend/amd64"

// copyFloat makes float register to what from is. MOVSD would keep the upper half of
// to, and have to wait for it.
func (e *x86) copyFloat(to, from amd64.Reg) {
	if to != from {
		e.RR(amd64.MOVAPS, to, from)
	}
}

// floatConst makes float register r the constant bits.
func (e *x86) floatConst(r amd64.Reg, bits uint64) {
	if bits == 0 {
		e.RR(amd64.XORPS, r, r)
		return
	}
	e.RC(amd64.MOVSD, r, bits)
}

// float emits dst = a op b.
func (e *x86) float(op amd64.Op, s *Step) {
	d, a := e.floatDst(s), e.floatReg(s.Args[0])
	if c, ok := e.constant(s.Args[1]); ok {
		e.copyFloat(d, a)
		e.RC(op, d, c)
		return
	}
	b := e.floatReg(s.Args[1])
	switch {
	case d == b && d != a && (op == amd64.ADDSD || op == amd64.MULSD):
		e.RR(op, d, a)
	case d == b && d != a:
		e.copyFloat(x86FloatScratch, a)
		e.RR(op, x86FloatScratch, b)
		e.copyFloat(d, x86FloatScratch)
	default:
		e.copyFloat(d, a)
		e.RR(op, d, b)
	}
}

// masked emits dst = the bits of a op mask.
func (e *x86) masked(op amd64.Op, s *Step, mask uint64) {
	d, a := e.floatDst(s), e.floatReg(s.Args[0])
	if d == a {
		e.RC2(op, d, mask)
		return
	}
	e.RC(amd64.MOVSD, d, mask)
	e.RR(op, d, a)
}

// intToFloat clears the register first: the instruction keeps its upper half, and
// would wait for whoever wrote it last.
func (e *x86) intToFloat(s *Step) {
	d := e.floatDst(s)
	e.RR(amd64.XORPS, d, d)
	e.RR(amd64.CVTSI2SD, d, e.reg(s.Args[0]))
}
