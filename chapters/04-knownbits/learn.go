package knownbits

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Decide says whether a comparison holds for every x in a and y in b (holds and
// decided), for none (decided), or for some only (not decided). code is ir.IntLt,
// ir.IntLe or ir.IntEq; all others are made of these. a and b are not empty.
//
// For example, of numbers in [0, 3] and [4, 9] int_lt holds, int_eq does not, and
// of [0, 4] and [4, 9] int_le holds and int_lt is not decided.
func Decide(code ir.Opcode, a, b Range) (holds, decided bool) {
	panic(exercise.TODO)
}

// LearnLess returns what is left of a and b once it is known that the number in a
// is less than the one in b. If that can't be, one of the ranges that it returns is
// empty: Lo is above Hi.
//
// For example, of [0, 9] and [3, 5] it leaves [0, 4] and [3, 5]; and of two numbers
// that nothing is known of, the first is not the greatest, the second not the least.
func LearnLess(a, b Range) (Range, Range) {
	panic(exercise.TODO)
}

// LearnAnd returns what is known of the bits of x, given that y has the bits b and
// x&y the bits result. What x&y can't be for such a y does not matter.
//
// For example, if x & 0001 is known to be 1, then x is …???1; if x & 0011 is known
// to be 0, it is …??00.
func LearnAnd(b, result Bits) Bits {
	panic(exercise.TODO)
}

// Overflows says whether results that lie in s overflow: ir.OverflowNever if all
// fit in 64 bits, ir.OverflowAlways if none does, else ir.OverflowUnknown.
//
// For example, [0, 9] + [0, 9] never overflows; the sum of a number in [1, 9] and
// one of which nothing is known may.
func Overflows(s Span) ir.Overflow {
	panic(exercise.TODO)
}
