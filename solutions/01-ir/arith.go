package irsolution

import (
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// EvalShift computes a shift of the 64-bit integer a by n places, 0 <= n <= 63.
// code is one of
//
//	IntLshift   zeros come in from the right
//	IntRshift   arithmetic: copies of the sign bit come in from the left
//	UintRshift  logical: zeros come in from the left
//
// For example, EvalShift(IntRshift, -8, 1) is -4, and
// EvalShift(UintRshift, -8, 1) is 9223372036854775804.
func EvalShift(code ir.Opcode, a, n int64) int64 {
	switch code {
	case ir.IntLshift:
		return a << n
	case ir.IntRshift:
		return a >> n
	default: // ir.UintRshift: Go shifts zeros into what is unsigned
		return int64(uint64(a) >> n)
	}
}

// EvalChecked computes IntAddOvf, IntSubOvf or IntMulOvf: the low 64 bits of the
// exact result, and whether the exact result does not fit into a signed 64-bit
// integer.
//
// For example, EvalChecked(IntAddOvf, math.MaxInt64, 1) is math.MinInt64, true,
// and EvalChecked(IntMulOvf, -3, 5) is -15, false.
func EvalChecked(code ir.Opcode, a, b int64) (result int64, overflow bool) {
	switch code {
	case ir.IntAddOvf:
		// A sum overflows exactly if both arguments have the sign that it
		// has not: then both xors have the sign bit set.
		result = a + b
		return result, (a^result)&(b^result) < 0
	case ir.IntSubOvf:
		// a - b can overflow only if the signs differ.
		result = a - b
		return result, (a^b)&(a^result) < 0
	default: // ir.IntMulOvf
		// The exact product has 128 bits. It fits exactly if the high half is
		// nothing but the sign of the low half.
		high, low := bits.Mul64(uint64(a), uint64(b))
		signed := int64(high) - (a>>63)&b - (b>>63)&a // of two's complement numbers
		return int64(low), signed != int64(low)>>63
	}
}
