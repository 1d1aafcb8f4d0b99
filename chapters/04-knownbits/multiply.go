package knownbits

import "math/bits"

// mulBits returns what is known of the bits of x*y, wrapped to 64 bits. It is
// multiplication as one learns it at school, in base 2: for each bit of x that may
// be 1, y is added once more, shifted. The certain ones of x times the certain ones
// of y are multiplied as numbers; what is uncertain is added as unknown bits.
// (tnum_mul in Linux, from Vishwanathan et al. It is not the best possible.)
func (k *Kit) mulBits(a, b Bits) Bits {
	if a == AnyBits && b == AnyBits {
		return AnyBits
	}
	certain := Bits{Ones: a.Ones * b.Ones}
	sum := Bits{}
	for a.May() != 0 && sum != AnyBits {
		// Bits of a that are 0 add nothing.
		skip := uint(bits.TrailingZeros64(a.May()))
		a = Bits{a.Ones >> skip, a.Unk >> skip}
		b = Bits{b.Ones << skip, b.Unk << skip}
		if a.Ones&1 != 0 {
			sum = k.AddBits(sum, Bits{Unk: b.Unk})
		} else {
			sum = k.AddBits(sum, Bits{Unk: b.May()})
		}
		a = Bits{a.Ones >> 1, a.Unk >> 1}
		b = Bits{b.Ones << 1, b.Unk << 1}
	}
	return k.AddBits(certain, sum)
}

// inverse returns the number that undoes a multiplication by the odd number x:
// x * inverse(x) is 1 in 64 bits. Each step doubles the bits that are right.
// (Newton's method; Warren, "Hacker's Delight", section 10-16.)
func inverse(x int64) int64 {
	y := x // right in the low 3 bits
	for range 5 {
		y *= 2 - x*y
	}
	return y
}
