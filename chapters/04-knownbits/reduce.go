package knownbits

import "metatrace/internal/exercise"

// PrefixBits returns what the range r, which is not empty, says of the bits: those
// at the left that Lo and Hi have in common are the same in all numbers between
// them; of the others nothing is known. If Lo is negative and Hi is not, there is
// no such bit.
//
// For example, all numbers in [4, 6] begin with …01, and nothing more is common:
// …01??.
func PrefixBits(r Range) Bits {
	panic(exercise.TODO)
}

// AtLeast returns the least signed number that has the bits b and is not below x;
// ok is false if there is none. It takes a fixed number of steps, without a loop
// over the bits.
//
// For example, with the bits …0?1, of which 1 and 3 are the only numbers, AtLeast
// of 2 is 3, of 3 is 3, and for 4 there is none.
func AtLeast(b Bits, x int64) (y int64, ok bool) {
	panic(exercise.TODO)
}
