package ir

import "metatrace/internal/exercise"

// EvalShift computes a shift of the 64-bit integer a by n places, 0 <= n <= 63.
// code is one of
//
//	IntLshift   zeros come in from the right
//	IntRshift   arithmetic: copies of the sign bit come in from the left
//	UintRshift  logical: zeros come in from the left
//
// For example, EvalShift(IntRshift, -8, 1) is -4, and
// EvalShift(UintRshift, -8, 1) is 9223372036854775804.
func EvalShift(code Opcode, a, n int64) int64 {
	panic(exercise.TODO)
}

// EvalChecked computes IntAddOvf, IntSubOvf or IntMulOvf: the low 64 bits of the
// exact result, and whether the exact result does not fit into a signed 64-bit
// integer.
//
// For example, EvalChecked(IntAddOvf, math.MaxInt64, 1) is math.MinInt64, true,
// and EvalChecked(IntMulOvf, -3, 5) is -15, false.
func EvalChecked(code Opcode, a, b int64) (result int64, overflow bool) {
	panic(exercise.TODO)
}
