package knownbits_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type (
	bitsOfOne = func(a knownbits.Bits) knownbits.Bits
	bitsOfTwo = func(a, b knownbits.Bits) knownbits.Bits
	logicBits = func(code ir.Opcode, a, b knownbits.Bits) knownbits.Bits
)

func TestExercise4_1_InvertBits(t *testing.T) {
	exercise.Run(t, ex("4.1"), knownbits.Yours.InvertBits, knownbitssolution.InvertBits, checkInvertBits,
		exercise.Wrong[bitsOfOne]("knows-nothing", func(knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong[bitsOfOne]("inverts-what-is-not-known", func(a knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: ^a.Ones, Unk: a.Unk} // both
		}),
		exercise.Wrong[bitsOfOne]("inverts-both-words", func(a knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: ^a.Ones, Unk: ^a.Unk}
		}),
		exercise.Wrong[bitsOfOne]("takes-unknown-for-0", func(a knownbits.Bits) knownbits.Bits { return knownbits.Bits{Ones: ^a.Ones} }),
		exercise.Wrong[bitsOfOne]("knows-zeros-only", func(a knownbits.Bits) knownbits.Bits { return knownbits.Bits{Unk: ^a.Ones} }),
		exercise.Wrong[bitsOfOne]("negates", func(a knownbits.Bits) knownbits.Bits {
			return knownbitssolution.SubBits(knownbits.Bits{}, a)
		}),
		exercise.Wrong[bitsOfOne]("forgets-the-sign", func(a knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: a.Zeros() &^ (1 << 63), Unk: a.Unk}
		}),
	)
}

func checkInvertBits(t exercise.TB, f bitsOfOne) {
	const (
		known   = "what is known to be 0 becomes a known 1, and the other way round"
		unknown = "of a bit that is not known, the opposite is not known"
		all     = "it goes so for all 64 bits"
	)
	two := func(a, _ knownbits.Bits) knownbits.Bits { return f(a) }
	checkOperation(t, "InvertBits(%[1]s)", ir.IntInvert, two, []bitsCase{
		{known, "…01", "", "…10"},
		{unknown, "…01?", "", "…10?"},
		{unknown, "…1?", "", "…0?"},
		{unknown, "…?", "", "…?"},
		{all, "…0", "", "…1"},
		{all, "10…0", "", "01…1"},
		{all, "?1…0?", "", "?0…1?"},
	})
	checkUse(t, func(k *knownbits.Kit) { k.InvertBits = f }, tracetest.Case{
		Rule:   "the bits above a number of three bits are 0, and 1 when it is inverted",
		Before: "[i0]; i1 = int_and(i0, 7); i2 = int_invert(i1); i3 = int_and(i2, 8); finish(i2, i3)",
		After:  "[i0]; i1 = int_and(i0, 7); i2 = int_invert(i1); finish(i2, 8)",
	})
}

func TestExercise4_2_LogicBits(t *testing.T) {
	// except returns the solution with another function for one of the operations.
	except := func(code ir.Opcode, f bitsOfTwo) logicBits {
		return func(c ir.Opcode, a, b knownbits.Bits) knownbits.Bits {
			if c == code {
				return f(a, b)
			}
			return knownbitssolution.LogicBits(c, a, b)
		}
	}
	exercise.Run(t, ex("4.2"), knownbits.Yours.LogicBits, knownbitssolution.LogicBits, checkLogicBits,
		exercise.Wrong[logicBits]("knows-nothing", func(ir.Opcode, knownbits.Bits, knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong("and-needs-both", except(ir.IntAnd, func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk // but a known 0 decides alone
			return knownbits.Bits{Ones: a.Ones & b.Ones, Unk: unk}
		})),
		exercise.Wrong("and-unknown-only-where-both-are", except(ir.IntAnd, func(a, b knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones & b.Ones, Unk: a.Unk & b.Unk}
		})),
		exercise.Wrong("and-leaves-ones-in-unk", except(ir.IntAnd, func(a, b knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones & b.Ones, Unk: a.May() & b.May()}
		})),
		exercise.Wrong("or-leaves-ones-in-unk", except(ir.IntOr, func(a, b knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones | b.Ones, Unk: a.Unk | b.Unk}
		})),
		exercise.Wrong("or-needs-both", except(ir.IntOr, func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk // but a known 1 decides alone
			return knownbits.Bits{Ones: (a.Ones | b.Ones) &^ unk, Unk: unk}
		})),
		exercise.Wrong("xor-leaves-unknown-in-ones", except(ir.IntXor, func(a, b knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones ^ b.Ones, Unk: a.Unk | b.Unk}
		})),
		exercise.Wrong("xor-of-two-unknown-is-0", except(ir.IntXor, func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk ^ b.Unk
			return knownbits.Bits{Ones: (a.Ones ^ b.Ones) &^ unk, Unk: unk}
		})),
	)
}

func checkLogicBits(t exercise.TB, f logicBits) {
	const (
		and     = "1 & 1 is 1, and a known 0 makes a 0 of anything"
		or      = "0 | 0 is 0, and a known 1 makes a 1 of anything"
		xor     = "in xor no bit decides alone: if one is not known, the result is not"
		unknown = "where nothing decides, nothing is known"
		sign    = "the sign is a bit like the others"
	)
	for _, code := range []struct {
		code  ir.Opcode
		cases []bitsCase
	}{
		{ir.IntAnd, []bitsCase{
			{and, "…00011", "…00101", "…00001"},
			{and, "…0?", "…?1", "…0?"},
			{and, "…0?", "0", "0"},
			{unknown, "…0?", "…01", "…0?"},
			{unknown, "…0??", "…0??", "…0??"},
			{sign, "?…1", "1?…0", "??…0"},
			{sign, "…?", "10…0", "?0…0"},
		}},
		{ir.IntOr, []bitsCase{
			{or, "…00011", "…00101", "…00111"},
			{or, "…0?", "…?1", "…?1"},
			{or, "…0?", "…01", "…01"},
			{unknown, "…0?", "0", "…0?"},
			{unknown, "…0??", "…0??", "…0??"},
			{sign, "?0…0", "…1?", "…1?"},
		}},
		{ir.IntXor, []bitsCase{
			{"1 ^ 1 is 0, and so is 0 ^ 0", "…00011", "…00101", "…00110"},
			{xor, "…0?", "…01", "…0?"},
			{xor, "…0?10", "…00?1", "…0??1"},
			{"two bits that are not known may differ: nobody says that they are the same", "…0?", "…0?", "…0?"},
			{sign, "10…0", "?0…01", "?0…01"},
			{sign, "1…0", "1…0", "0"},
		}},
	} {
		two := func(a, b knownbits.Bits) knownbits.Bits { return f(code.code, a, b) }
		if checkOperation(t, "LogicBits("+code.code.String()+", %s, %s)", code.code, two, code.cases); t.Failed() {
			return
		}
	}
	checkUse(t, func(k *knownbits.Kit) { k.LogicBits = f }, tracetest.Case{
		Rule:   "the tag of what was just tagged need not be checked",
		Before: "[i0]; i1 = int_lshift(i0, 1); i2 = int_or(i1, 1); i3 = int_and(i2, 1); guard_true(i3) [i0]; finish(i2)",
		After:  "[i0]; i1 = int_lshift(i0, 1); i2 = int_or(i1, 1); finish(i2)",
	})
}
