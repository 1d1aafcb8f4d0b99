package knownbits_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

func TestExercise4_3_AddBits(t *testing.T) {
	exercise.Run(t, ex("4.3"), knownbits.Yours.AddBits, knownbitssolution.AddBits, checkAddBits,
		exercise.Wrong[bitsOfTwo]("knows-nothing", func(a, b knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong[bitsOfTwo]("no-carry-is-unknown", func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk
			return knownbits.Bits{Ones: (a.Ones + b.Ones) &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("asks-the-sums-only", func(a, b knownbits.Bits) knownbits.Bits {
			least, most := a.Ones+b.Ones, a.May()+b.May()
			unk := least ^ most // ? + ? is 0+0 or 1+1: a 0 at the end in both, but there is 0+1
			return knownbits.Bits{Ones: least &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("carries-go-one-bit-far", func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk | a.May()&b.May()&(a.Unk|b.Unk)<<1
			return knownbits.Bits{Ones: (a.Ones + b.Ones) &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("carries-never-stop", func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk
			unk |= -(unk & -unk) // all from the first on
			return knownbits.Bits{Ones: (a.Ones + b.Ones) &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("there-is-no-carry", func(a, b knownbits.Bits) knownbits.Bits {
			return knownbitssolution.LogicBits(ir.IntXor, a, b)
		}),
		exercise.Wrong[bitsOfTwo]("loses-the-carry-into-the-sign", func(a, b knownbits.Bits) knownbits.Bits {
			const sign = 1 << 63
			s := knownbitssolution.AddBits(a, b)
			if (a.Unk|b.Unk)&sign == 0 {
				s.Unk &^= sign
			}
			return s
		}),
	)
}

func checkAddBits(t exercise.TB, f bitsOfTwo) {
	const (
		known   = "known bits are added as numbers are, and wrap"
		carry   = "an unknown bit plus 1 is 1 or 2: the carry is unknown, and so is the bit to the left"
		ripple  = "an unknown carry goes on to the left as long as it meets a 1"
		stops   = "where both digits are 0 a carry is used up, where both are 1 there is one in any case: what is further left is known"
		unknown = "0 + 0 and 1 + 1 both have a 0 in that place, but 0 + 1 has a 1: a digit that is not known makes the sum's not known"
		sign    = "the last carry is lost, the one before it reaches the sign"
	)
	checkOperation(t, "AddBits(%s, %s)", ir.IntAdd, f, []bitsCase{
		{known, "…0101", "…0011", "…01000"},
		{known, "…1", "…01", "0"},
		{carry, "…0?", "…01", "…0??"},
		{carry, "…01", "…0?", "…0??"},
		{unknown, "…0?", "…0?", "…0??"},
		{unknown, "…0?00", "…0?00", "…0??00"},
		{ripple, "…0111?", "…01", "…0?????"},
		{stops, "…010010?", "…01", "…01001??"},
		{stops, "…0100?", "…0100?", "…0100??"},
		{stops, "…010?", "…0101", "…010??"},
		{ripple, "01…1", "…0?", "?…?"},
		{sign, "?0…0", "?0…0", "?0…0"},
		{sign, "0?0…0", "010…0", "??0…0"},
		{sign, "…1", "…0?", "…?"},
	})
	checkUse(t, func(k *knownbits.Kit) { k.AddBits = f }, tracetest.Case{
		Rule:   "8 added to a multiple of 8 leaves a multiple of 8",
		Before: "[i0]; i1 = int_and(i0, -8); i2 = int_add(i1, 8); i3 = int_and(i2, 7); guard_false(i3) [i0]; finish(i2)",
		After:  "[i0]; i1 = int_and(i0, -8); i2 = int_add(i1, 8); finish(i2)",
	})
}

func TestExercise4_4_SubBits(t *testing.T) {
	exercise.Run(t, ex("4.4"), knownbits.Yours.SubBits, knownbitssolution.SubBits, checkSubBits,
		exercise.Wrong[bitsOfTwo]("knows-nothing", func(a, b knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong[bitsOfTwo]("least-minus-least", func(a, b knownbits.Bits) knownbits.Bits {
			least, most := a.Ones-b.Ones, a.May()-b.May()
			unk := least ^ most | a.Unk | b.Unk
			return knownbits.Bits{Ones: least &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("no-borrow-is-unknown", func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk | b.Unk
			return knownbits.Bits{Ones: (a.Ones - b.Ones) &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("asks-the-differences-only", func(a, b knownbits.Bits) knownbits.Bits {
			least, most := a.Ones-b.May(), a.May()-b.Ones
			unk := least ^ most
			return knownbits.Bits{Ones: least &^ unk, Unk: unk}
		}),
		exercise.Wrong[bitsOfTwo]("adds-the-negative-of-the-known", func(a, b knownbits.Bits) knownbits.Bits {
			return knownbitssolution.AddBits(a, knownbits.Bits{Ones: -b.Ones &^ b.Unk, Unk: b.Unk})
		}),
		exercise.Wrong[bitsOfTwo]("inverts-and-forgets-to-add-1", func(a, b knownbits.Bits) knownbits.Bits {
			return knownbitssolution.AddBits(a, knownbitssolution.InvertBits(b))
		}),
		exercise.Wrong[bitsOfTwo]("negates-first", func(a, b knownbits.Bits) knownbits.Bits {
			// Sound, but -b has borrows of its own, of which a+(-b) knows nothing.
			return knownbitssolution.AddBits(a, knownbitssolution.SubBits(knownbits.Bits{}, b))
		}),
		exercise.Wrong[bitsOfTwo]("turned-round", func(a, b knownbits.Bits) knownbits.Bits { return knownbitssolution.SubBits(b, a) }),
	)
}

func checkSubBits(t exercise.TB, f bitsOfTwo) {
	const (
		known   = "known bits are subtracted as numbers are, and wrap"
		borrow  = "0 minus an unknown bit may have to borrow from the left"
		ripple  = "an unknown borrow goes on to the left as long as it meets a 0"
		stops   = "a 1 above a 0 has something to lend: what is further left is known"
		unknown = "a digit that is not known makes the difference's not known"
		most    = "the least difference takes away as much as possible, 2 - 1; the greatest as little, 3 - 0; 1 and 3 differ, and a digit that is not known stays so"
		sign    = "at the left end there is nobody to borrow from: it wraps"
	)
	checkOperation(t, "SubBits(%s, %s)", ir.IntSub, f, []bitsCase{
		{known, "…01000", "…0011", "…0101"},
		{known, "0", "…01", "…1"},
		{borrow, "…010?", "…01", "…0???"},
		{borrow, "…010", "…0?", "…0??"},
		{unknown, "…0?00", "0", "…0?00"},
		{most, "…01?", "…0?", "…0??"},
		{ripple, "…01000", "…0?", "…0????"},
		{stops, "…0100100", "…0?", "…0100???"},
		{stops, "…0111", "…0?0?", "…0?1?"},
		{"the least difference is 0 - 1, the greatest 1 - 0: they have no bit in common", "…0?", "…0?", "…?"},
		{sign, "0", "…0?", "…?"},
		{sign, "10…0", "…0?", "…?"},
		{sign, "?0…0", "10…0", "?0…0"},
	})
	checkUse(t, func(k *knownbits.Kit) { k.SubBits = f }, tracetest.Case{
		Rule:   "8 subtracted from a multiple of 8 leaves a multiple of 8",
		Before: "[i0]; i1 = int_and(i0, -8); i2 = int_sub(i1, 8); i3 = int_and(i2, 7); guard_false(i3) [i0]; finish(i2)",
		After:  "[i0]; i1 = int_and(i0, -8); i2 = int_add(i1, -8); finish(i2)",
	})
}
