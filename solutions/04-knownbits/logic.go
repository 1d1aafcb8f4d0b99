package knownbitssolution

import (
	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// InvertBits returns what is known of the bits of ^x, for an x with the bits a.
//
// For example, of 01? (1 is known, 0 is known, the last is not) it is 10?.
func InvertBits(a knownbits.Bits) knownbits.Bits {
	return knownbits.Bits{Ones: a.Zeros(), Unk: a.Unk}
}

// LogicBits returns what is known of the bits of x op y, for an x with the bits a
// and a y with the bits b. code is ir.IntAnd, ir.IntOr or ir.IntXor. The result is
// the best possible: a bit is unknown only if it is 0 for some x and y, and 1 for
// others.
//
// For example, 0? & ?1 is 0?, and 0? | ?1 is ?1.
func LogicBits(code ir.Opcode, a, b knownbits.Bits) knownbits.Bits {
	switch code {
	case ir.IntAnd:
		ones := a.Ones & b.Ones
		return knownbits.Bits{Ones: ones, Unk: a.May() & b.May() &^ ones}
	case ir.IntOr:
		ones := a.Ones | b.Ones
		return knownbits.Bits{Ones: ones, Unk: (a.Unk | b.Unk) &^ ones}
	}
	unk := a.Unk | b.Unk
	return knownbits.Bits{Ones: (a.Ones ^ b.Ones) &^ unk, Unk: unk}
}
