package knownbits

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 4, in the order in which its README
// comes to them.
var Exercises = []exercise.Exercise{
	{
		ID: "4.1", Title: "Invert", Field: "InvertBits", File: "chapters/04-knownbits/logic.go",
		Stars: 1, Minutes: 2,
		Hints: []string{
			"A bit that is not known stays not known. What becomes of one that is known to be 0?",
			"a.Zeros() are the bits known to be 0. They are the Ones of the result.",
		},
	},
	{
		ID: "4.2", Title: "And, or, xor", Field: "LogicBits", File: "chapters/04-knownbits/logic.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"Write the table for one bit: 0, 1 and ? against 0, 1 and ?. When is the result known although one argument is not?",
			"Of and: Ones is what is 1 in both. A bit may be 1 if it may be in both (May); what may be 1 and need not is unknown. Of or, a known 1 decides alone. Of xor, nothing decides alone.",
			"and: ones := a.Ones & b.Ones; unk := a.May() & b.May() &^ ones. or: ones := a.Ones | b.Ones; unk := (a.Unk | b.Unk) &^ ones. xor: unk := a.Unk | b.Unk; ones := (a.Ones ^ b.Ones) &^ unk.",
		},
	},
	{
		ID: "4.3", Title: "Add with carries", Field: "AddBits", File: "chapters/04-knownbits/arith.go",
		Stars: 2, Minutes: 25,
		Hints: []string{
			"Add the unknown bits as 0 everywhere, then as 1 everywhere: the least and the greatest sum. Into which bits does a carry come in both, into which in one only?",
			"Where the two sums differ, something is not known. Where they agree, is the bit known? Look at ? + ?: the sums are 0+0 and 1+1, and both have a 0 in that place.",
			"least := a.Ones + b.Ones; most := a.May() + b.May(); a bit is unknown if the two differ in it, or if it is unknown in a or in b.",
		},
	},
	{
		ID: "4.4", Title: "Subtract", Field: "SubBits", File: "chapters/04-knownbits/arith.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"It goes as in 4.3. Only which difference is the least, and which the greatest?",
			"The least difference takes away as much as possible: a.Ones - b.May(). Let it wrap.",
		},
	},
	{
		ID: "4.5", Title: "Shift", Field: "ShiftBits", File: "chapters/04-knownbits/shift.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"Shift both words, Ones and Unk. What has to come in from the left, for each of the three operations, and for a sign that is 0, 1, or not known?",
			"In Go, >> on an int64 copies the sign bit, >> on a uint64 shifts zeros in. To copy the sign bit of Unk into Unk is exactly what int_rshift needs.",
			"For ir.IntRshift: Bits{uint64(int64(a.Ones) >> n), uint64(int64(a.Unk) >> n)}.",
		},
	},
	{
		ID: "4.6", Title: "What a range says of the bits", Field: "PrefixBits", File: "chapters/04-knownbits/reduce.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Write 4, 5, 6 in binary, then 7 and 8. Which bits are the same in all numbers from Lo to Hi?",
			"Lo ^ Hi has a 1 where they differ. Everything to the left of its leftmost 1 is common, everything from there on is not known.",
			"unk := uint64(1)<<bits.Len64(uint64(r.Lo^r.Hi)) - 1. If all 64 bits differ, the shift by 64 gives 0 in Go, and 0 - 1 is all ones: right without a special case.",
		},
	},
	{
		ID: "4.7", Title: "What the bits say of a range", Field: "AtLeast", File: "chapters/04-knownbits/reduce.go",
		Stars: 3, Minutes: 45,
		Hints: []string{
			"First as if numbers were unsigned. Take x and put the known bits in: ones | x&b.Unk. If that is x, you are done. If not, look at the leftmost bit where the two differ: has your number a 1 there and x a 0, or the other way round?",
			"A 1 where x has a 0: your number is above x, and everything unknown to the right of that bit may be 0. A 0 where x has a 1: it is below x. Then an unknown bit further left, which is 0, must become 1: the nearest one; if there is none, there is no such number. Everything unknown to the right of it may be 0.",
			"bits.Len64 finds the leftmost 1 of got^x, w & -w the rightmost 1 of w. For signed numbers turn the sign bit round in x and in b.Ones (where it is known), and back in the result: -1 is below 0, and with the bit turned round 0111… is below 1000….",
		},
	},
	{
		ID: "4.8", Title: "A comparison decides", Field: "Decide", File: "chapters/04-knownbits/learn.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"For each of the three: which ends do you compare to be sure that it always holds? Which, that it never does?",
			"x < y always if the greatest x is below the least y; never if the least x is not below the greatest y.",
			"Two numbers are always equal only if each range has one number, and it is the same; never, if the ranges do not touch.",
		},
	},
	{
		ID: "4.9", Title: "Learn from a guard", Field: "LearnLess", File: "chapters/04-knownbits/learn.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"x is below y, and y is at most b.Hi. What is x at most?",
			"x is at most b.Hi - 1, and y at least a.Lo + 1. Both may wrap. When is the answer wrong then?",
			"Only where both wrap at once is the answer wrong: a.Lo is math.MaxInt64 and b.Hi is math.MinInt64. More plainly: if a.Lo is not below b.Hi, no x is below any y, so return an empty range; else nothing wraps.",
		},
	},
	{
		ID: "4.10", Title: "Drop an overflow check", Field: "Overflows", File: "chapters/04-knownbits/learn.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"An end in turn 0 fits. What if both ends fit? What if both are too large?",
			"If the lower end is in turn 1, all of the range is too large. If the upper end is in turn -1, all is too small. If the lower end is in turn -1 and the upper one in turn 1, something between them fits.",
		},
	},
	{
		ID: "4.11", Title: "Tag checks", Field: "LearnAnd", File: "chapters/04-knownbits/learn.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Bit by bit: the result is 1. What is x? The result is 0. What is x if y is 1, and if y is 0?",
			"Where the result is 1, x is 1. Where it is 0 and y is 1, x is 0. All else is not known.",
			"zeros := result.Zeros() & b.Ones; return Bits{Ones: result.Ones, Unk: ^(result.Ones | zeros)}.",
		},
	},
	{
		ID: "4.12", Title: "Find the unsound one", Field: "FindUnsound", File: "chapters/04-knownbits/unsound.go",
		Stars: 2, Minutes: 25,
		Hints: []string{
			"Don't read the suspects: let the machine do it. Three bits are enough, so there are 27 different Bits, and at most 8 numbers for each.",
			"Five loops: suspects, Bits a, Bits b, numbers x with a.Contains(int64(x)), numbers y likewise. Ask result.Contains for what Concrete gives.",
			"All Bits of three bits: two loops over 0..7 for Ones and Unk, leaving out those that have a bit in common.",
		},
	},
}
