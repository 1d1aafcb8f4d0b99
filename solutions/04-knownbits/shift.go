package knownbitssolution

import (
	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// ShiftBits returns what is known of the bits of an x with the bits a, shifted by n,
// 0 to 63. code is ir.IntLshift, ir.IntRshift (the sign bit is copied into the bits
// that come in from the left) or ir.UintRshift (they are 0).
//
// For example, of an x whose sign is not known, int_rshift by 1 leaves two bits
// unknown at the left, which are the same bit; Bits can't say so.
func ShiftBits(code ir.Opcode, a knownbits.Bits, n uint) knownbits.Bits {
	switch code {
	case ir.IntLshift:
		return knownbits.Bits{Ones: a.Ones << n, Unk: a.Unk << n}
	case ir.UintRshift:
		return knownbits.Bits{Ones: a.Ones >> n, Unk: a.Unk >> n}
	}
	// A sign that is known to be 1 is shifted in as ones, one that is not known as
	// unknown bits.
	return knownbits.Bits{Ones: uint64(int64(a.Ones) >> n), Unk: uint64(int64(a.Unk) >> n)}
}
