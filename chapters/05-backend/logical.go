package backend

import "metatrace/internal/exercise"

// LogicalImm returns the three fields with which AND, ORR, EOR and ANDS of arm64 have
// the constant x in 13 bits, and whether there are any. x has to be an element of 2, 4,
// 8, 16, 32 or 64 bits, again and again until the 64 are full; of the sizes that fit,
// the smallest counts. And the element has to be a single run of ones, with zeros around
// it, rotated by any number of bits. All zeros and all ones are no such constants: then
// ok is false, and the fields are 0.
//
// immr says by how many bits a run at the right end of the element is rotated to the
// right, from 0 to the element's size - 1. imms has the length of the run minus 1, the x
// below, and in front of that the element's size:
//
//	size   64      32      16      8       4       2
//	n      1       0       0       0       0       0
//	imms   xxxxxx  0xxxxx  10xxxx  110xxx  1110xx  11110x
//
//	0x0ff0              an element of 64 bits, 8 ones rotated right by 60:
//	                    n = 1, immr = 60, imms = 0b000111
//	0xaaaaaaaaaaaaaaaa  an element of 2 bits, 10, a 1 rotated right by 1:
//	                    n = 0, immr = 1, imms = 0b111100
func LogicalImm(x uint64) (n, immr, imms uint32, ok bool) {
	panic(exercise.TODO)
}
