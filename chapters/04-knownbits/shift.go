package knownbits

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// ShiftBits returns what is known of the bits of an x with the bits a, shifted by n,
// 0 to 63. code is ir.IntLshift, ir.IntRshift (the sign bit is copied into the bits
// that come in from the left) or ir.UintRshift (they are 0).
//
// For example, of an x whose sign is not known, int_rshift by 1 leaves two bits
// unknown at the left, which are the same bit; Bits can't say so.
func ShiftBits(code ir.Opcode, a Bits, n uint) Bits {
	panic(exercise.TODO)
}
