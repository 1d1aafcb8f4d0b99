// Package prove says whether a function on abstract values is right, by trying
// everything. It owns no test and knows no solution: proofs and the checks of the
// exercises of chapter 4 use it.
//
// Everything is too much at 64 bits, so the numbers are small, 1 to 5 bits. The
// function is still the one for 64 bits, and this is the trick: the top w bits of
// a word are a w-bit machine.
//
//	63 62 61 60 ...              0
//	 ?  1  0  0 0 0 0 0 0 0 0 0 0      w = 3, bits known or not; below, known 0
//
// Shifted to the top, numbers add, subtract, carry, overflow and compare exactly
// as w-bit numbers do. At the bottom, sign-extended, they do what small numbers do.
// Two more places are next to the ends, where ranges wrap.
//
// For each pair of abstract values the operation itself is done with all numbers
// that the two allow. The results are summed up as {least, greatest, bits in all,
// bits in some}: that is the best possible abstract value for them. What the
// function answers has to contain it (sound), and may be it (best possible).
//
// This is fast because results are summed up by rows: for one b, and each number x,
// what x gives with all numbers of b; a pair then costs as many steps as a has
// numbers.
package prove
