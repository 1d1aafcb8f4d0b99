package knownbits

import "metatrace/internal/exercise"

// AddBits returns what is known of the bits of x+y, wrapped to 64 bits, for an x
// with the bits a and a y with the bits b. An unknown bit makes a carry unknown.
// That goes on to the left until it meets two bits that are known and equal: two
// zeros give no carry, two ones give one, whatever came in. The result is the best
// possible.
//
// For example, 00? + 001 is 0??: 0 + 1 is 1, and 1 + 1 is 2.
func AddBits(a, b Bits) Bits {
	panic(exercise.TODO)
}

// SubBits returns what is known of the bits of x-y, wrapped to 64 bits, for an x
// with the bits a and a y with the bits b. Mind the borrows: x-y is least when x is
// least and y is greatest. The result is the best possible.
//
// For example, 10? - 001 is either 100 - 001 = 011 or 101 - 001 = 100, so ???.
func SubBits(a, b Bits) Bits {
	panic(exercise.TODO)
}
