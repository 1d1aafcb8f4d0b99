package backendsolution

import (
	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
)

// IntJump returns the condition of the jump that leaves a trace unless a cond b, for
// integers. In front of the jump stands CMP a, b; but for backend.AnyBit and
// backend.NoBit it is TEST a, b, after which amd64.E says that a & b is 0.
//
//	IntJump(backend.Less)  ->  amd64.GE (a guard that a < b is CMP a, b; JGE exit)
func IntJump(cond backend.Cond) amd64.CC { return holds[cond].Opposite() }

// holds has for each condition of integers the one of the processor.
var holds = [...]amd64.CC{
	backend.Equal: amd64.E, backend.NotEqual: amd64.NE,
	backend.Less: amd64.L, backend.LessEqual: amd64.LE, backend.Greater: amd64.G, backend.GreaterEqual: amd64.GE,
	backend.Below: amd64.B, backend.BelowEqual: amd64.BE, backend.Above: amd64.A, backend.AboveEqual: amd64.AE,
	backend.AnyBit: amd64.NE, backend.NoBit: amd64.E,
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
// backend.NotEqual holds for NaN, the other five don't. The four that order need no
// jump for NaN: amd64.A and amd64.AE hold for no NaN, just as > and >= do. For
// backend.Less and backend.LessEqual, and only for these, set Swap: a < b is b > a.
//
//	FloatJumps(backend.Less, false)    ->  {Swap: true, Leave: amd64.BE}
//	FloatJumps(backend.Greater, true)  ->  {Leave: amd64.A}
func FloatJumps(cond backend.Cond, not bool) backend.Jumps {
	var j backend.Jumps
	var holds amd64.CC
	switch cond {
	case backend.Equal:
		holds = amd64.E
	case backend.NotEqual:
		holds = amd64.NE
	case backend.Less, backend.Greater:
		holds = amd64.A
	case backend.LessEqual, backend.GreaterEqual:
		holds = amd64.AE
	}
	j.Swap = cond == backend.Less || cond == backend.LessEqual
	j.Leave = holds
	if !not {
		j.Leave = holds.Opposite()
	}
	switch j.Leave { // E is taken for NaN, NE is not; but NaN is equal to nothing
	case amd64.E:
		j.NaN = backend.NaNStays
	case amd64.NE:
		j.NaN = backend.NaNLeaves
	}
	return j
}
