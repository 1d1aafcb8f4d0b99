package knownbits

import (
	"math"

	ir "metatrace/chapters/01-ir"
)

// Forward takes two arguments for two numbers. Where they are one and the same,
// more is known: x+x is even, and x*x is not negative unless it wraps.

// ofOne returns what is known of x op x.
func (k *Kit) ofOne(code ir.Opcode, a Known) Known {
	result := k.Forward(code, a, a)
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		if both, ok := k.Meet(result, k.Forward(ir.IntLshift, a, Exactly(1))); ok {
			return both
		}
	case ir.IntSub, ir.IntSubOvf, ir.IntXor, ir.IntNe, ir.IntLt, ir.IntGt, ir.UintLt, ir.UintGt:
		return Exactly(0)
	case ir.IntEq, ir.IntLe, ir.IntGe, ir.UintLe, ir.UintGe:
		return Exactly(1)
	case ir.IntMul, ir.IntMulOvf:
		// A square is 0 or 1 when it is divided by 4.
		if both, ok := k.meetBits(result, Bits{Unk: ^uint64(2)}); ok {
			result = both
		}
		if k.Overflow(ir.IntMulOvf, a, a) == ir.OverflowNever {
			if both, ok := k.meetRange(result, Range{0, math.MaxInt64}); ok {
				return both
			}
		}
	}
	return result
}

// ofOneFits returns what is known of x op x if it does not overflow.
func (k *Kit) ofOneFits(code ir.Opcode) Known {
	switch code {
	case ir.IntAddOvf:
		return Known{AnyRange, Bits{Unk: ^uint64(1)}}
	case ir.IntMulOvf:
		return k.inRange(Range{0, math.MaxInt64})
	}
	return Any
}

// backOne returns what is left of x, of which a and b are what is left as the first
// and as the second argument of an operation that gave result.
func (k *Kit) backOne(code ir.Opcode, a, b, result Known) (Known, bool) {
	a, ok := k.Meet(a, b)
	if ok && (code == ir.IntAddOvf || code == ir.IntAdd && k.Overflow(ir.IntAddOvf, a, a) == ir.OverflowNever) {
		return k.meetRange(a, Range{ceilDiv(result.Lo, 2), floorDiv(result.Hi, 2)})
	}
	return a, ok
}
