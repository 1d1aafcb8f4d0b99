package knownbitssolution

import (
	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// Decide says whether a comparison holds for every x in a and y in b (holds and
// decided), for none (decided), or for some only (not decided). code is ir.IntLt,
// ir.IntLe or ir.IntEq; all others are made of these. a and b are not empty.
//
// For example, of numbers in [0, 3] and [4, 9] int_lt holds, int_eq does not, and
// of [0, 4] and [4, 9] int_le holds and int_lt is not decided.
func Decide(code ir.Opcode, a, b knownbits.Range) (holds, decided bool) {
	var always, never bool
	switch code {
	case ir.IntLt:
		always, never = a.Hi < b.Lo, a.Lo >= b.Hi
	case ir.IntLe:
		always, never = a.Hi <= b.Lo, a.Lo > b.Hi
	case ir.IntEq:
		always = a.Lo == a.Hi && a == b
		never = a.Hi < b.Lo || b.Hi < a.Lo
	}
	return always, always || never
}

// LearnLess returns what is left of a and b once it is known that the number in a
// is less than the one in b. If that can't be, one of the ranges that it returns is
// empty: Lo is above Hi.
//
// For example, of [0, 9] and [3, 5] it leaves [0, 4] and [3, 5]; and of two numbers
// that nothing is known of, the first is not the greatest, the second not the least.
func LearnLess(a, b knownbits.Range) (knownbits.Range, knownbits.Range) {
	// If even the least x is not below the greatest y, none is below any. Otherwise
	// a.Lo is not the greatest of all numbers and b.Hi not the least: nothing wraps.
	if a.Lo >= b.Hi {
		return knownbits.Range{Lo: 0, Hi: -1}, b
	}
	return knownbits.Range{Lo: a.Lo, Hi: min(a.Hi, b.Hi-1)}, knownbits.Range{Lo: max(b.Lo, a.Lo+1), Hi: b.Hi}
}

// LearnAnd returns what is known of the bits of x, given that y has the bits b and
// x&y the bits result. What x&y can't be for such a y does not matter.
//
// For example, if x & 0001 is known to be 1, then x is …???1; if x & 0011 is known
// to be 0, it is …??00.
func LearnAnd(b, result knownbits.Bits) knownbits.Bits {
	zeros := result.Zeros() & b.Ones
	return knownbits.Bits{Ones: result.Ones, Unk: ^(result.Ones | zeros)}
}

// Overflows says whether results that lie in s overflow: ir.OverflowNever if all
// fit in 64 bits, ir.OverflowAlways if none does, else ir.OverflowUnknown.
//
// For example, [0, 9] + [0, 9] never overflows; the sum of a number in [1, 9] and
// one of which nothing is known may.
func Overflows(s knownbits.Span) ir.Overflow {
	switch {
	case s.LoTurn == 0 && s.HiTurn == 0:
		return ir.OverflowNever
	case s.LoTurn > 0 || s.HiTurn < 0: // the whole range lies above, or below
		return ir.OverflowAlways
	}
	return ir.OverflowUnknown
}
