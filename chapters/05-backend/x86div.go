package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/amd64"
)

// MUL, IMUL with one operand and IDIV have fixed places: the low half of the product
// or dividend, and the quotient, are in RAX, the high half and the remainder in RDX.

// mulHigh emits dst = the high half of a * b.
func (e *x86) mulHigh(s *Step) {
	a, b := e.reg(s.Args[0]), e.reg(s.Args[1])
	if b == amd64.RAX {
		a, b = b, a
	}
	e.copyInt(amd64.RAX, a)
	e.R(amd64.MUL, b)
	e.copyInt(e.dst(s), amd64.RDX)
}

// x86Cold is a division by -1, which is not what a program does often: its code
// stands behind the exits.
type x86Cold struct {
	step  *Step
	begin amd64.Label
	done  amd64.Label
}

// divide emits dst = a / b or a % b. The processor faults where -1 divides the least
// integer, so that is somebody else's work.
func (e *x86) divide(s *Step) {
	if n, ok := e.constant(s.Args[1]); ok {
		e.divideBy(s, int64(n))
		return
	}
	b := e.reg(s.Args[1])
	cold := x86Cold{s, e.NewLabel(), e.NewLabel()}
	e.cold = append(e.cold, cold)
	e.RI(amd64.CMP, b, -1)
	e.Jcc(amd64.E, cold.begin)
	b = e.keep(b)
	e.copyInt(amd64.RAX, e.reg(s.Args[0]))
	e.Plain(amd64.CQO)
	e.R(amd64.IDIV, b)
	if s.Inst.Code == Div {
		e.copyInt(e.dst(s), amd64.RAX)
	} else {
		e.copyInt(e.dst(s), amd64.RDX)
	}
	e.Bind(cold.done)
}

func (e *x86) emitCold() {
	for _, c := range e.cold {
		e.Bind(c.begin)
		e.divideBy(c.step, -1)
		e.Jmp(c.done)
	}
}

// keep returns a register that has what r has, and is neither RAX nor RDX.
func (e *x86) keep(r amd64.Reg) amd64.Reg {
	if r == amd64.RAX || r == amd64.RDX {
		e.RR(amd64.MOV, x86Scratch, r)
		return x86Scratch
	}
	return r
}

// divideBy emits a division by n, which is not 0.
func (e *x86) divideBy(s *Step, n int64) {
	d, a := e.dst(s), e.reg(s.Args[0])
	mod := s.Inst.Code == Mod
	switch abs := magnitude(n); {
	case abs == 1 && mod:
		e.RR(amd64.XOR32, d, d)
	case abs == 1:
		e.copyInt(d, a)
		if n < 0 {
			e.R(amd64.NEG, d)
		}
	case abs&(abs-1) == 0:
		e.dividePower(d, a, bits.TrailingZeros64(abs), n < 0, mod)
	default:
		e.divideMagic(d, a, n, mod)
	}
}

// dividePower emits a division by 2^k, 1 <= k <= 63, or by -2^k if negative. A shift
// rounds down, so 2^k-1 is added to negative numbers first.
func (e *x86) dividePower(d, a amd64.Reg, k int, negative, mod bool) {
	bias := x86Scratch
	e.RR(amd64.MOV, bias, a)
	if k > 1 {
		e.RI(amd64.SAR, bias, 63)
	}
	e.RI(amd64.SHR, bias, int32(64-k))
	if d == a {
		e.RR(amd64.ADD, d, bias)
	} else {
		e.RM(amd64.LEA, d, amd64.Mem{Base: bias, Index: a, Scale: 1})
	}
	switch {
	case mod && k < 32:
		e.RI(amd64.AND32, d, int32(1<<k-1))
		e.RR(amd64.SUB, d, bias)
	case mod:
		e.RI(amd64.SHL, d, int32(64-k))
		e.RI(amd64.SHR, d, int32(64-k))
		e.RR(amd64.SUB, d, bias)
	default:
		e.RI(amd64.SAR, d, int32(k))
		if negative {
			e.R(amd64.NEG, d)
		}
	}
}

// divideMagic emits a division by n as a multiplication by 2^(64+shift)/n (Granlund
// and Montgomery, "Division by Invariant Integers using Multiplication", PLDI 1994).
func (e *x86) divideMagic(d, a amd64.Reg, n int64, mod bool) {
	factor, shift := magic(n)
	a = e.keep(a)
	e.MovI(amd64.RAX, uint64(factor))
	e.R(amd64.IMUL, a)
	quotient := amd64.RDX
	switch { // the factor has 65 bits, and lost one
	case n > 0 && factor < 0:
		e.RR(amd64.ADD, quotient, a)
	case n < 0 && factor > 0:
		e.RR(amd64.SUB, quotient, a)
	}
	if shift > 0 {
		e.RI(amd64.SAR, quotient, int32(shift))
	}
	e.RR(amd64.MOV, amd64.RAX, quotient) // round up if negative
	e.RI(amd64.SHR, amd64.RAX, 63)
	if !mod {
		e.RR(amd64.ADD, quotient, amd64.RAX)
		e.copyInt(d, quotient)
		return
	}
	e.RR(amd64.ADD, quotient, amd64.RAX)
	product := amd64.RAX
	if fits32(n) {
		e.RRI(amd64.IMUL, product, quotient, int32(n))
	} else {
		e.MovI(product, uint64(n))
		e.RR(amd64.IMUL, product, quotient)
	}
	if d == product {
		e.R(amd64.NEG, d)
		e.RR(amd64.ADD, d, a)
		return
	}
	e.copyInt(d, a)
	e.RR(amd64.SUB, d, product)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// magic returns the factor and the shift for divisions by n, |n| >= 2: the quotient
// is the high half of factor * a, shifted to the right by shift, and 1 more if that is
// negative (Warren, "Hacker's Delight", 2nd ed., section 10-6). The factor is a number
// of 65 bits: where its sign is not that of n, 2^64 is missing.
func magic(n int64) (factor int64, shift int) {
	const two63 = 1 << 63
	abs := magnitude(n)
	t := two63 + uint64(n)>>63
	limit := t - 1 - t%abs // the largest |a| that leaves |n|-1
	p := 63
	q1, r1 := two63/limit, two63%limit // of 2^p by limit
	q2, r2 := two63/abs, two63%abs     // of 2^p by |n|
	for {
		p++
		q1, r1 = twice(q1, r1, limit)
		q2, r2 = twice(q2, r2, abs)
		if delta := abs - r2; q1 > delta || q1 == delta && r1 > 0 {
			break
		}
	}
	factor = int64(q2 + 1)
	if n < 0 {
		factor = -factor
	}
	return factor, p - 64
}

// twice returns quotient and remainder of 2*x by d from those of x.
func twice(q, r, d uint64) (uint64, uint64) {
	if r >= d-r {
		return 2*q + 1, r - (d - r)
	}
	return 2 * q, 2 * r
}
