package backend

import (
	"metatrace/chapters/05-backend/amd64"
	"metatrace/internal/exercise"
)

// IntJump returns the condition of the jump that leaves a trace unless a cond b, for
// integers. In front of the jump stands CMP a, b; but for AnyBit and
// NoBit it is TEST a, b, after which amd64.E says that a & b is 0.
//
//	IntJump(Less)  ->  amd64.GE (a guard that a < b is CMP a, b; JGE exit)
func IntJump(cond Cond) amd64.CC {
	panic(exercise.TODO)
}

// FloatJumps returns how to leave a trace unless a cond b, for floats, or with not, how
// to leave it if a cond b. cond is one of the first six. In front of the jumps stands
// UCOMISD a, b, or with Swap, UCOMISD b, a. UCOMISD x, y sets the flags as a comparison
// of unsigned integers does, and in a way of its own if x or y is NaN:
//
//	         ZF PF CF   jumps that are taken
//	x > y     0  0  0   A AE NE NP
//	x < y     0  0  1   B BE NE NP
//	x == y    1  0  0   AE BE E NP
//	NaN       1  1  1   B BE E P
//
// NotEqual holds for NaN, the other five don't. The four that order need no
// jump for NaN: amd64.A and amd64.AE hold for no NaN, just as > and >= do. For
// Less and LessEqual, and only for these, set Swap: a < b is b > a.
//
//	FloatJumps(Less, false)    ->  {Swap: true, Leave: amd64.BE}
//	FloatJumps(Greater, true)  ->  {Leave: amd64.A}
func FloatJumps(cond Cond, not bool) Jumps {
	panic(exercise.TODO)
}
