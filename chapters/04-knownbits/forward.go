package knownbits

import (
	"math"
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// Forward returns what is known of the result of an operation, given what is known
// of its arguments. code is a pure integer operation, or a checked one, which is
// taken to wrap. Operations with one argument ignore b; of a shift, the counts in b
// that are not 0 to 63 are left out, since no trace may have them.
func (k *Kit) Forward(code ir.Opcode, a, b Known) Known {
	if x, y, ok := constants(a, b); ok {
		if result, ok := evaluate(code, x, y); ok {
			return Exactly(result)
		}
	}
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		return k.reduced(addSpan(a.Range, b.Range).wrapped(), k.AddBits(a.Bits, b.Bits))
	case ir.IntSub, ir.IntSubOvf:
		return k.reduced(subSpan(a.Range, b.Range).wrapped(), k.SubBits(a.Bits, b.Bits))
	case ir.IntMul, ir.IntMulOvf:
		return k.reduced(mulSpan(a.Range, b.Range).wrapped(), k.mulBits(a.Bits, b.Bits))
	case ir.IntAnd:
		return k.reduced(andRange(a.Range, b.Range).meet(logicRange(a.Range, b.Range)), k.LogicBits(code, a.Bits, b.Bits))
	case ir.IntOr:
		return k.reduced(orRange(a.Range, b.Range).meet(logicRange(a.Range, b.Range)), k.LogicBits(code, a.Bits, b.Bits))
	case ir.IntXor:
		return k.reduced(logicRange(a.Range, b.Range), k.LogicBits(code, a.Bits, b.Bits))
	case ir.IntNeg:
		return k.Forward(ir.IntSub, Exactly(0), a)
	case ir.IntInvert:
		return Known{invertRange(a.Range), k.InvertBits(a.Bits)}
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		return k.shift(code, a, b)
	case ir.IntSignext:
		return k.signext(a, b)
	case ir.IntForceGeZero:
		return k.forceGeZero(a)
	case ir.UintMulHigh:
		return k.mulHigh(a, b)
	case ir.SameAsI:
		return a
	}
	return k.comparison(code, a, b)
}

// constants returns both numbers, if both are known.
func constants(a, b Known) (x, y int64, ok bool) {
	x, ok = a.Const()
	y, ok2 := b.Const()
	return x, y, ok && ok2
}

// evaluate computes the operations for which that is no work; the others follow
// from the general case.
func evaluate(code ir.Opcode, x, y int64) (int64, bool) {
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		return x + y, true
	case ir.IntSub, ir.IntSubOvf:
		return x - y, true
	case ir.IntMul, ir.IntMulOvf:
		return x * y, true
	case ir.IntAnd:
		return x & y, true
	}
	return 0, false
}

// NoOverflow returns what is known of the result of a checked operation that did
// not overflow; false if it always does.
func (k *Kit) NoOverflow(code ir.Opcode, a, b Known) (Known, bool) {
	r := spanOf(code, a.Range, b.Range).fitting()
	if r.Empty() {
		return Known{}, false
	}
	bits := k.mulBits
	switch code {
	case ir.IntAddOvf:
		bits = k.AddBits
	case ir.IntSubOvf:
		bits = k.SubBits
	}
	return k.Reduce(r, bits(a.Bits, b.Bits))
}

// Overflow says whether an addition, a subtraction or a multiplication, checked or not,
// overflows.
func (k *Kit) Overflow(code ir.Opcode, a, b Known) ir.Overflow {
	return k.Overflows(spanOf(code, a.Range, b.Range))
}

// counts returns the least and the greatest shift count in b.
func (k *Kit) counts(b Known) (few, many uint, ok bool) {
	b, ok = k.meetRange(b, Range{0, 63})
	return uint(b.Lo), uint(b.Hi), ok
}

// shift returns what is known of x shifted by one of several counts: what is known
// of all of these results.
func (k *Kit) shift(code ir.Opcode, a, b Known) Known {
	few, many, ok := k.counts(b)
	if !ok {
		return Any
	}
	all := k.ShiftBits(code, a.Bits, few)
	for n := few + 1; n <= many; n++ {
		if b.Bits.Contains(int64(n)) {
			all = joinBits(all, k.ShiftBits(code, a.Bits, n))
		}
	}
	r := Range{}
	switch code {
	case ir.IntLshift:
		r = lshiftRange(a.Range, few, many)
	case ir.IntRshift:
		r = rshiftRange(a.Range, few, many)
	case ir.UintRshift:
		r = urshiftRange(a.Range, few, many)
	}
	return k.reduced(r, all)
}

// signext returns what is known of the low bytes of x, read as a signed number.
func (k *Kit) signext(a, bytes Known) Known {
	n, ok := bytes.Const()
	if !ok || n < 1 || n > 8 {
		return Any
	}
	count := Exactly(64 - 8*n)
	return k.Forward(ir.IntRshift, k.Forward(ir.IntLshift, a, count), count)
}

func (k *Kit) forceGeZero(a Known) Known {
	switch {
	case a.Lo >= 0:
		return a
	case a.Hi < 0:
		return Exactly(0)
	}
	if positive, ok := k.meetRange(a, Range{0, math.MaxInt64}); ok {
		return positive.Join(Exactly(0))
	}
	return Exactly(0)
}

// mulHigh returns what is known of the high 64 bits of the unsigned product, which
// grows with both factors.
func (k *Kit) mulHigh(a, b Known) Known {
	aLo, aHi := k.unsigned(a)
	bLo, bHi := k.unsigned(b)
	lo, _ := bits.Mul64(aLo, bLo)
	hi, _ := bits.Mul64(aHi, bHi)
	if lo < sign && hi >= sign {
		return Any
	}
	return k.inRange(Range{int64(lo), int64(hi)})
}

// comparison returns whether x and y compare as code says: 0, 1, or either.
func (k *Kit) comparison(code ir.Opcode, a, b Known) Known {
	holds, decided := false, false
	switch code {
	case ir.IntIsTrue, ir.IntIsZero:
		holds, decided = k.equal(a, Exactly(0))
		holds = holds == (code == ir.IntIsZero)
	case ir.IntEq, ir.IntNe:
		holds, decided = k.equal(a, b)
		holds = holds == (code == ir.IntEq)
	case ir.UintLt, ir.UintLe, ir.UintGt, ir.UintGe:
		holds, decided = k.order(signed[code], k.flip(a), k.flip(b))
	case ir.IntLt, ir.IntLe, ir.IntGt, ir.IntGe:
		holds, decided = k.order(code, a.Range, b.Range)
	default:
		return Any // no operation on integers
	}
	switch {
	case !decided:
		return Truth
	case holds:
		return Exactly(1)
	}
	return Exactly(0)
}

// signed are the comparisons that order signed numbers as these order unsigned ones.
var signed = map[ir.Opcode]ir.Opcode{
	ir.UintLt: ir.IntLt, ir.UintLe: ir.IntLe, ir.UintGt: ir.IntGt, ir.UintGe: ir.IntGe,
}

// flip returns the unsigned numbers of a as signed ones in the same order: with
// the sign bit turned round.
func (k *Kit) flip(a Known) Range {
	lo, hi := k.unsigned(a)
	return Range{int64(lo ^ sign), int64(hi ^ sign)}
}

// equal asks Kit.Decide, but the two views together may know that the numbers
// differ where the ranges alone do not.
func (k *Kit) equal(a, b Known) (holds, decided bool) {
	if _, ok := k.Meet(a, b); !ok {
		return false, true
	}
	return k.Decide(ir.IntEq, a.Range, b.Range)
}

// order brings a signed comparison into one that Kit.Decide knows: x > y is y < x.
func (k *Kit) order(code ir.Opcode, a, b Range) (holds, decided bool) {
	switch code {
	case ir.IntGt:
		return k.Decide(ir.IntLt, b, a)
	case ir.IntGe:
		return k.Decide(ir.IntLe, b, a)
	}
	return k.Decide(code, a, b)
}
