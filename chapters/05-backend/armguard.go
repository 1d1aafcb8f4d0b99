package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/arm64"
)

// armConds are the conditions of integers after SUBS, and of bits after ANDS.
var armConds = [...]arm64.Cond{
	Equal: arm64.EQ, NotEqual: arm64.NE, Less: arm64.LT, LessEqual: arm64.LE, Greater: arm64.GT, GreaterEqual: arm64.GE,
	Below: arm64.LO, BelowEqual: arm64.LS, Above: arm64.HI, AboveEqual: arm64.HS, AnyBit: arm64.NE, NoBit: arm64.EQ,
}

// armFloatConds are those of floats after FCMP. With a NaN the flags are N=0 Z=0 C=1
// V=1: of these conditions only NE holds. LT and LE would hold, too.
var armFloatConds = [...]arm64.Cond{
	Equal: arm64.EQ, NotEqual: arm64.NE, Less: arm64.MI, LessEqual: arm64.LS, Greater: arm64.GT, GreaterEqual: arm64.GE,
}

// compared returns what an instruction compares, a constant last.
func (e *armEmitter) compared(s *Step) (cond Cond, a, b Loc) {
	a, b, exchanged := e.constLast(s)
	if exchanged {
		return swapped[s.Inst.Cond], a, b
	}
	return s.Inst.Cond, a, b
}

// compare sets the flags as cond wants them, and returns the condition of the machine
// that is to be tested.
func (e *armEmitter) compare(cond Cond, a, b Loc) arm64.Cond {
	if cond < AnyBit {
		e.sumOf(armSums[SubOvf], armZero, a, b)
		return armConds[cond]
	}
	n := e.regOrZero(a, x16)
	if c, ok := e.constant(b); ok && e.m.kit.FitsLogical(c) {
		e.Logical(arm64.ANDSimm, armZero, n, c)
	} else {
		e.Tst(n, e.regOrZero(b, x17))
	}
	return armConds[cond]
}

func (e *armEmitter) guard(s *Step) {
	cond, a, b := e.compared(s)
	exit := e.stubs[s.Inst.Exit.Number]
	c, ok := e.constant(b)
	if !ok || !e.guardBit(cond, a, c, exit) {
		e.Branch(e.compare(cond, a, b).Inverse(), exit)
	}
}

// guardBit emits a guard that looks at one bit of a, or asks whether a is 0, in one
// instruction, and reports whether the condition with the constant c is such a one.
func (e *armEmitter) guardBit(cond Cond, a Loc, c uint64, exit arm64.Label) bool {
	const sign = 1 << 63
	switch {
	case cond == Less && c == 0:
		cond, c = AnyBit, sign
	case cond == GreaterEqual && c == 0, cond == Greater && c == ^uint64(0):
		cond, c = NoBit, sign
	case cond == LessEqual && c == ^uint64(0):
		cond, c = AnyBit, sign
	}
	switch bit := uint(bits.TrailingZeros64(c)); {
	case cond == Equal && c == 0:
		e.CompareJump(arm64.CBNZ, e.reg(a, x16), exit)
	case cond == NotEqual && c == 0:
		e.CompareJump(arm64.CBZ, e.reg(a, x16), exit)
	case cond == AnyBit && bits.OnesCount64(c) == 1:
		e.TestJump(arm64.TBZ, e.reg(a, x16), bit, exit)
	case cond == NoBit && bits.OnesCount64(c) == 1:
		e.TestJump(arm64.TBNZ, e.reg(a, x16), bit, exit)
	default:
		return false
	}
	return true
}

func (e *armEmitter) set(s *Step) {
	cond, a, b := e.compared(s)
	d := arm64.Reg(s.Dst.N)
	switch c, ok := e.constant(b); {
	case ok && cond == Less && c == 0:
		e.Lsr(d, e.reg(a, x16), 63)
	case ok && cond == AnyBit && bits.OnesCount64(c) == 1:
		bit := uint(bits.TrailingZeros64(c))
		e.Bitfield(arm64.UBFM, d, e.reg(a, x16), bit, bit)
	default:
		e.Cset(d, e.compare(cond, a, b))
	}
}

// compareFloats sets the flags, and returns the condition that holds if the one of
// the instruction does.
func (e *armEmitter) compareFloats(s *Step) arm64.Cond {
	cond, a, b := e.compared(s)
	n := e.floatReg(a, d31)
	if c, ok := e.constant(b); ok && c<<1 == 0 {
		e.FcmpZero(n)
	} else if a == b {
		e.Fcmp(n, n)
	} else {
		e.Fcmp(n, e.floatReg(b, d31))
	}
	if s.Inst.Not {
		return armFloatConds[cond].Inverse()
	}
	return armFloatConds[cond]
}

func (e *armEmitter) floatGuard(s *Step) {
	e.Branch(e.compareFloats(s).Inverse(), e.stubs[s.Inst.Exit.Number])
}

func (e *armEmitter) floatSet(s *Step) { e.Cset(arm64.Reg(s.Dst.N), e.compareFloats(s)) }

// guardClass compares the lower half of the header, which is the class.
func (e *armEmitter) guardClass(s *Step) {
	e.Mem(arm64.LDRW, x16, e.reg(s.Args[0], x16), 0)
	if class := uint64(s.Inst.Imm); arm64.FitsAdd(class) {
		e.AddImm(arm64.SUBSimm, armZero, x16, class)
	} else {
		e.Const(x17, class)
		e.Cmp(x16, x17)
	}
	e.Branch(arm64.NE, e.stubs[s.Inst.Exit.Number])
}
