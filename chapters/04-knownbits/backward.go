package knownbits

import (
	"math"
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// Backward returns what the arguments of an operation can still be, given what is
// known of its result; ok is false if nothing is left: then the result is
// impossible. Of a checked operation it takes for granted that it did not overflow.
// What comes back is never more than a and b were.
func (k *Kit) Backward(code ir.Opcode, a, b, result Known) (a2, b2 Known, ok bool) {
	if result, ok = k.among(code, a, b, result); !ok {
		return a, b, false
	}
	switch code {
	case ir.IntAdd, ir.IntSub, ir.IntMul, ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf:
		return k.backArith(code, a, b, result)
	case ir.IntAnd, ir.IntOr, ir.IntXor:
		return k.backLogic(code, a, b, result)
	case ir.IntNeg:
		a, ok = k.Meet(a, k.Forward(ir.IntNeg, result, Any))
	case ir.IntInvert:
		a, ok = k.Meet(a, k.Forward(ir.IntInvert, result, Any))
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		if a, ok = k.backShift(code, a, b, result); ok {
			b, ok = k.meetRange(b, Range{0, 63})
		}
	case ir.IntSignext:
		a, ok = k.backSignext(a, b, result)
	case ir.IntForceGeZero:
		a, ok = k.backForceGeZero(a, result)
	case ir.SameAsI:
		a, ok = k.Meet(a, result)
		b = Any
	case ir.UintMulHigh:
		ok = true // a product without its low half says little
	default:
		return k.backComparison(code, a, b, result)
	}
	return a, b, ok
}

// among returns what of result an operation can give at all.
func (k *Kit) among(code ir.Opcode, a, b, result Known) (Known, bool) {
	if !code.Has(ir.Checked) {
		return k.Meet(result, k.Forward(code, a, b))
	}
	possible, ok := k.NoOverflow(code, a, b)
	if !ok {
		return result, false
	}
	return k.Meet(result, possible)
}

// backArith undoes one argument with the help of the other: of x + y = r, x is
// r - y. That holds for wrapped results as well; what the true result says comes on
// top if it is known that there is no other.
func (k *Kit) backArith(code ir.Opcode, a, b, r Known) (Known, Known, bool) {
	ok, ok2 := true, true
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		a, ok = k.Meet(a, k.Forward(ir.IntSub, r, b))
		b, ok2 = k.Meet(b, k.Forward(ir.IntSub, r, a))
	case ir.IntSub, ir.IntSubOvf:
		a, ok = k.Meet(a, k.Forward(ir.IntAdd, r, b))
		b, ok2 = k.Meet(b, k.Forward(ir.IntSub, a, r))
	default:
		a, ok = k.unmultiply(a, b, r)
		b, ok2 = k.unmultiply(b, a, r)
	}
	if !ok || !ok2 {
		return a, b, false
	}
	return k.backExact(code, a, b, r)
}

// backExact draws the consequences of a result that did not wrap: r, x and y are
// related as numbers without end are.
func (k *Kit) backExact(code ir.Opcode, a, b, r Known) (Known, Known, bool) {
	if !code.Has(ir.Checked) && k.Overflow(code, a, b) != ir.OverflowNever {
		return a, b, true
	}
	ok, ok2 := true, true
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		a, ok = k.meetRange(a, subSpan(r.Range, b.Range).fitting())
		b, ok2 = k.meetRange(b, subSpan(r.Range, a.Range).fitting())
	case ir.IntSub, ir.IntSubOvf:
		a, ok = k.meetRange(a, addSpan(r.Range, b.Range).fitting())
		b, ok2 = k.meetRange(b, subSpan(a.Range, r.Range).fitting())
	default:
		if a, ok = k.undivide(a, b, r); ok {
			b, ok2 = k.undivide(b, a, r)
		}
	}
	return a, b, ok && ok2
}

// undivide returns what is left of x, where x*y = r did not wrap.
func (k *Kit) undivide(a, b, r Known) (Known, bool) {
	if b.Lo > 0 || b.Hi < 0 {
		return k.meetRange(a, divide(r.Range, b.Range))
	}
	if r.Contains(0) {
		return a, true // y may be 0, and x anything
	}
	if r.Lo > math.MinInt64 {
		// Neither is 0, and in absolute value x is at most r.
		most, ok := max(r.Hi, -r.Lo), false
		if a, ok = k.meetRange(a, Range{-most, most}); !ok {
			return a, false
		}
	}
	return k.exclude(a, 0)
}

// unmultiply returns what is left of x, where x*y = r may have wrapped and y is a
// constant: an odd factor has an inverse, a power of two shifts bits out.
func (k *Kit) unmultiply(a, b, r Known) (Known, bool) {
	c, ok := b.Const()
	if !ok || c == 0 {
		return a, true
	}
	n := uint(bits.TrailingZeros64(uint64(c)))
	if r.Ones&(1<<n-1) != 0 {
		return a, false
	}
	// The low bits of r, from n on, are those of x times the odd part of y.
	low := Bits{r.Ones >> n, r.Unk >> n}
	product := k.mulBits(low, BitsOf(inverse(c>>n)))
	lost := ^(^uint64(0) >> n) // of x, nobody knows the high bits
	return k.meetBits(a, Bits{product.Ones &^ lost, product.Unk | lost})
}

// exclude returns what is left of a without x, which can be said if x is an end.
func (k *Kit) exclude(a Known, x int64) (Known, bool) {
	switch {
	case a.Lo == x && a.Hi == x:
		return a, false
	case a.Lo == x:
		return k.meetRange(a, Range{x + 1, math.MaxInt64})
	case a.Hi == x:
		return k.meetRange(a, Range{math.MinInt64, x - 1})
	}
	return a, true
}

// backLogic: or is and, seen from the other side; xor undoes itself.
func (k *Kit) backLogic(code ir.Opcode, a, b, r Known) (Known, Known, bool) {
	var x, y Bits
	switch code {
	case ir.IntAnd:
		x, y = k.LearnAnd(b.Bits, r.Bits), k.LearnAnd(a.Bits, r.Bits)
	case ir.IntOr:
		not := k.InvertBits
		x = not(k.LearnAnd(not(b.Bits), not(r.Bits)))
		y = not(k.LearnAnd(not(a.Bits), not(r.Bits)))
	default:
		x, y = k.LogicBits(code, r.Bits, b.Bits), k.LogicBits(code, r.Bits, a.Bits)
	}
	a, ok := k.meetBits(a, x)
	b, ok2 := k.meetBits(b, y)
	return a, b, ok && ok2
}

// backShift returns what is left of x, where x shifted by a constant is r.
func (k *Kit) backShift(code ir.Opcode, a, count, r Known) (Known, bool) {
	c, ok := count.Const()
	if !ok || c < 0 || c > 63 {
		return a, true
	}
	n := uint(c)
	if code == ir.IntLshift {
		if r.Ones&(1<<n-1) != 0 {
			return a, false
		}
		lost := ^(^uint64(0) >> n)
		a, ok = k.meetBits(a, Bits{r.Ones >> n &^ lost, r.Unk>>n | lost})
		if ok && fitsShifted(a.Range, n) { // no bit falls out
			a, ok = k.meetRange(a, Range{r.Lo >> n, r.Hi >> n})
		}
		return a, ok
	}
	lost := uint64(1)<<n - 1
	possible := k.Forward(code, Any, count) // the bits that come in are all alike
	if r, ok = k.Meet(r, possible); !ok {
		return a, false
	}
	a, ok = k.meetBits(a, Bits{r.Ones << n, r.Unk<<n | lost})
	if !ok {
		return a, false
	}
	lo, hi := r.Lo<<n, r.Hi<<n|int64(lost)
	if code == ir.IntRshift || n == 0 {
		return k.meetRange(a, Range{lo, hi})
	}
	return k.meetUnsigned(a, uint64(lo), uint64(hi))
}

// backSignext returns what is left of x, whose low bytes are r.
func (k *Kit) backSignext(a, bytes, r Known) (Known, bool) {
	n, ok := bytes.Const()
	if !ok || n < 1 || n > 8 {
		return a, true
	}
	if r, ok = k.Meet(r, k.signext(Any, bytes)); !ok {
		return a, false
	}
	lost := ^(^uint64(0) >> (64 - 8*n))
	a, ok = k.meetBits(a, Bits{r.Ones &^ lost, r.Unk | lost})
	if limits := k.signext(Any, bytes); ok && limits.Lo <= a.Lo && a.Hi <= limits.Hi {
		return k.Meet(a, r) // it is r
	}
	return a, ok
}

func (k *Kit) backForceGeZero(a, r Known) (Known, bool) {
	r, ok := k.meetRange(r, Range{0, math.MaxInt64})
	switch {
	case !ok:
		return a, false
	case r.Lo > 0:
		return k.Meet(a, r)
	}
	return k.meetRange(a, Range{math.MinInt64, r.Hi})
}

// backComparison returns what is left of x and y, once it is known how they compare.
func (k *Kit) backComparison(code ir.Opcode, a, b, r Known) (Known, Known, bool) {
	r, ok := k.Meet(r, Truth)
	holds, decided := r.Const()
	if !ok || !decided {
		return a, b, ok
	}
	if holds == 0 {
		code = code.Info().Inverse
	}
	ok2 := true
	switch code {
	case ir.IntIsTrue:
		a, ok = k.exclude(a, 0)
	case ir.IntIsZero:
		a, ok = k.Meet(a, Exactly(0))
	case ir.IntEq:
		a, ok = k.Meet(a, b)
		b = a
	case ir.IntNe:
		if x, isConst := b.Const(); isConst {
			a, ok = k.exclude(a, x)
		}
		if x, isConst := a.Const(); isConst && ok {
			b, ok2 = k.exclude(b, x)
		}
	case ir.IntGt, ir.IntGe, ir.UintGt, ir.UintGe:
		b, a, ok = k.less(code.Info().Swapped, b, a)
	case ir.IntLt, ir.IntLe, ir.UintLt, ir.UintLe:
		a, b, ok = k.less(code, a, b)
	}
	return a, b, ok && ok2
}

// less returns what is left of x and y, where x is less than y, or not greater.
func (k *Kit) less(code ir.Opcode, a, b Known) (Known, Known, bool) {
	if code == ir.IntLt || code == ir.IntLe {
		below, above := k.learn(code == ir.IntLt, a.Range, b.Range)
		a, ok := k.meetRange(a, below)
		b, ok2 := k.meetRange(b, above)
		return a, b, ok && ok2
	}
	below, above := k.learn(code == ir.UintLt, k.flip(a), k.flip(b))
	if below.Empty() || above.Empty() {
		return a, b, false
	}
	a, ok := k.meetUnsigned(a, uint64(below.Lo)^sign, uint64(below.Hi)^sign)
	b, ok2 := k.meetUnsigned(b, uint64(above.Lo)^sign, uint64(above.Hi)^sign)
	return a, b, ok && ok2
}

// learn asks Kit.LearnLess; that x is not greater than y needs no more than that.
func (k *Kit) learn(strictly bool, a, b Range) (Range, Range) {
	if strictly {
		return k.LearnLess(a, b)
	}
	return Range{a.Lo, min(a.Hi, b.Hi)}, Range{max(b.Lo, a.Lo), b.Hi}
}
