package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/amd64"
)

// compare emits what sets the flags for a condition of integers, and returns how to
// ask for cc, which the Kit chose for CMP or TEST.
func (e *x86) compare(s *Step, cc amd64.CC) amd64.CC {
	a := e.reg(s.Args[0])
	if cond := s.Inst.Cond; cond == AnyBit || cond == NoBit {
		return e.testBits(s, a, cc)
	}
	if n, ok := e.imm32(s.Args[1]); !ok {
		e.RR(amd64.CMP, a, e.reg(s.Args[1]))
	} else if n == 0 {
		e.RR(amd64.TEST, a, a) // the same flags as CMP a, 0, and a byte less
	} else {
		e.RI(amd64.CMP, a, n)
	}
	return cc
}

func (e *x86) testBits(s *Step, a amd64.Reg, cc amd64.CC) amd64.CC {
	mask, ok := e.constant(s.Args[1])
	switch {
	case !ok:
		e.RR(amd64.TEST, a, e.reg(s.Args[1]))
	case mask>>32 == 0:
		e.RI(amd64.TEST32, a, int32(uint32(mask)))
	case fits32(int64(mask)):
		e.RI(amd64.TEST, a, int32(mask))
	case bits.OnesCount64(mask) == 1:
		e.RI(amd64.BT, a, int32(bits.TrailingZeros64(mask)))
		if cc == amd64.E { // BT has the bit in the carry flag
			return amd64.AE
		}
		return amd64.B
	default:
		e.fail("a mask that is no immediate", s.Args[1])
	}
	return cc
}

func (e *x86) guard(s *Step) {
	leave := e.machine.kit.IntJump(s.Inst.Cond)
	e.Jcc(e.compare(s, leave), e.stub(s.Inst.Exit))
}

// set makes a comparison a number. Where it can it clears Dst first (which the flags
// don't survive): SETcc changes the lowest byte only.
func (e *x86) set(s *Step) {
	d := e.dst(s)
	early := s.Dst != s.Args[0] && s.Dst != s.Args[1]
	if early {
		e.RR(amd64.XOR32, d, d)
	}
	cc := e.compare(s, e.machine.kit.IntJump(s.Inst.Cond).Opposite())
	e.Set(cc, d)
	if !early {
		e.RR(amd64.MOVZX8, d, d)
	}
}

// floatCompare emits the comparison that j wants. The constant among the operands is
// in the pool; if both are, or if j has it first, it goes through the scratch register.
func (e *x86) floatCompare(s *Step, j Jumps) {
	x, y := s.Args[0], s.Args[1]
	if j.Swap {
		x, y = y, x
	}
	left := x86FloatScratch
	if c, ok := e.constant(x); ok {
		e.floatConst(left, c)
	} else {
		left = e.floatReg(x)
	}
	if c, ok := e.constant(y); ok {
		e.RC(amd64.UCOMISD, left, c)
	} else {
		e.RR(amd64.UCOMISD, left, e.floatReg(y))
	}
}

func (e *x86) floatGuard(s *Step) {
	j := e.machine.kit.FloatJumps(s.Inst.Cond, s.Inst.Not)
	e.floatCompare(s, j)
	exit := e.stub(s.Inst.Exit)
	switch j.NaN {
	case NaNLeaves:
		e.Jcc(j.Leave, exit)
		e.Jcc(amd64.P, exit)
	case NaNStays:
		over := e.JccShort(amd64.P)
		e.Jcc(j.Leave, exit)
		e.EndShort(over)
	default:
		e.Jcc(j.Leave, exit)
	}
}

// floatSet makes a comparison of floats a number: 1 where a guard would leave that
// leaves if the condition holds. Conditions that need another one for NaN are a
// product: equal and ordered.
func (e *x86) floatSet(s *Step) {
	d := e.dst(s)
	e.RR(amd64.XOR32, d, d)
	j := e.machine.kit.FloatJumps(s.Inst.Cond, !s.Inst.Not)
	e.floatCompare(s, j)
	switch j.NaN {
	case NaNLeaves:
		e.Set(j.Leave.Opposite(), d)
		e.Set(amd64.NP, x86Scratch)
		e.RR(amd64.AND32, d, x86Scratch)
		e.RI(amd64.XOR, d, 1)
	case NaNStays:
		e.Set(j.Leave, d)
		e.Set(amd64.NP, x86Scratch)
		e.RR(amd64.AND32, d, x86Scratch)
	default:
		e.Set(j.Leave, d)
	}
}

func (e *x86) guardClass(s *Step) {
	e.MI(amd64.CMP32, amd64.At(e.reg(s.Args[0]), 0), int32(uint32(s.Inst.Imm)))
	e.Jcc(amd64.NE, e.stub(s.Inst.Exit))
}
