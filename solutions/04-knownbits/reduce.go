package knownbitssolution

import (
	"math/bits"

	knownbits "metatrace/chapters/04-knownbits"
)

// PrefixBits returns what the range r, which is not empty, says of the bits: those
// at the left that Lo and Hi have in common are the same in all numbers between
// them; of the others nothing is known. If Lo is negative and Hi is not, there is
// no such bit.
//
// For example, all numbers in [4, 6] begin with …01, and nothing more is common:
// …01??.
func PrefixBits(r knownbits.Range) knownbits.Bits {
	different := uint64(r.Lo ^ r.Hi)
	unk := uint64(1)<<bits.Len64(different) - 1
	return knownbits.Bits{Ones: uint64(r.Lo) &^ unk, Unk: unk}
}

// AtLeast returns the least signed number that has the bits b and is not below x;
// ok is false if there is none. It takes a fixed number of steps, without a loop
// over the bits.
//
// For example, with the bits …0?1, of which 1 and 3 are the only numbers, AtLeast
// of 2 is 3, of 3 is 3, and for 4 there is none.
func AtLeast(b knownbits.Bits, x int64) (y int64, ok bool) {
	// With the sign bit turned round, signed numbers are in the order of unsigned ones.
	const sign = 1 << 63
	least, ones := uint64(x)^sign, (b.Ones^sign)&^b.Unk
	// Take the unknown bits from x. The leftmost bit where that is not x decides.
	got := ones | least&b.Unk
	different := got ^ least
	if different == 0 {
		return x, true
	}
	first := uint64(1) << (bits.Len64(different) - 1)
	if got&first == 0 {
		// x has a 1 where b has a 0: what stands to the left must grow, by as little
		// as possible, in the nearest unknown bit that is still 0.
		grow := b.Unk &^ got &^ (first<<1 - 1)
		if grow == 0 {
			return 0, false
		}
		first = grow & -grow
		got |= first
	}
	// To the right of that, as little as possible.
	got &^= (first - 1) & b.Unk
	return int64(got ^ sign), true
}
