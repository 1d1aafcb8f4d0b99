package knownbits

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// InvertBits returns what is known of the bits of ^x, for an x with the bits a.
//
// For example, of 01? (1 is known, 0 is known, the last is not) it is 10?.
func InvertBits(a Bits) Bits {
	panic(exercise.TODO)
}

// LogicBits returns what is known of the bits of x op y, for an x with the bits a
// and a y with the bits b. code is ir.IntAnd, ir.IntOr or ir.IntXor. The result is
// the best possible: a bit is unknown only if it is 0 for some x and y, and 1 for
// others.
//
// For example, 0? & ?1 is 0?, and 0? | ?1 is ?1.
func LogicBits(code ir.Opcode, a, b Bits) Bits {
	panic(exercise.TODO)
}
