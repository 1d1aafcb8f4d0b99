package knownbits_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type shiftBits = func(code ir.Opcode, a knownbits.Bits, n uint) knownbits.Bits

func TestExercise4_5_ShiftBits(t *testing.T) {
	// except returns the solution with another function for one of the operations.
	except := func(code ir.Opcode, f func(a knownbits.Bits, n uint) knownbits.Bits) shiftBits {
		return func(c ir.Opcode, a knownbits.Bits, n uint) knownbits.Bits {
			if c == code {
				return f(a, n)
			}
			return knownbitssolution.ShiftBits(c, a, n)
		}
	}
	exercise.Run(t, ex("4.5"), knownbits.Yours.ShiftBits, knownbitssolution.ShiftBits, checkShiftBits,
		exercise.Wrong[shiftBits]("knows-nothing", func(ir.Opcode, knownbits.Bits, uint) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong("unknown-sign-is-0", except(ir.IntRshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			return knownbits.Bits{Ones: uint64(int64(a.Ones) >> n), Unk: a.Unk >> n}
		})),
		exercise.Wrong("known-sign-is-0", except(ir.IntRshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones >> n, Unk: uint64(int64(a.Unk) >> n)}
		})),
		exercise.Wrong("all-that-comes-in-is-unknown", except(ir.IntRshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			in := ^(^uint64(0) >> n)
			return knownbits.Bits{Ones: a.Ones >> n, Unk: a.Unk>>n | in}
		})),
		exercise.Wrong("arithmetic-for-logical", except(ir.UintRshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			return knownbitssolution.ShiftBits(ir.IntRshift, a, n)
		})),
		exercise.Wrong("what-comes-in-from-the-right-is-unknown", except(ir.IntLshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			return knownbits.Bits{Ones: a.Ones << n, Unk: a.Unk<<n | (1<<n - 1)}
		})),
		exercise.Wrong[shiftBits]("shifts-32-bits", func(code ir.Opcode, a knownbits.Bits, n uint) knownbits.Bits {
			return knownbitssolution.ShiftBits(code, a, n&31)
		}),
		exercise.Wrong("keeps-the-sign-when-shifting-left", except(ir.IntLshift, func(a knownbits.Bits, n uint) knownbits.Bits {
			const sign = 1 << 63
			return knownbits.Bits{Ones: a.Ones<<n&^sign | a.Ones&sign, Unk: a.Unk<<n&^sign | a.Unk&sign}
		})),
	)
}

func checkShiftBits(t exercise.TB, f shiftBits) {
	const (
		left     = "int_lshift brings in zeros from the right, and what it pushes out at the left is gone"
		logical  = "uint_rshift brings in zeros from the left, whatever the sign is"
		copies   = "int_rshift copies the sign into what comes in: known if the sign is, unknown if it is not"
		no       = "a shift by 0 changes nothing"
		farthest = "a shift by 63 leaves one bit of the number"
	)
	for _, c := range []struct {
		rule string
		code ir.Opcode
		a    string
		n    uint
		want string
	}{
		{left, ir.IntLshift, "…01?", 2, "…01?00"},
		{left, ir.IntLshift, "1?0…01", 1, "?0…010"},
		{logical, ir.UintRshift, "…01?0?", 2, "…01?"},
		{logical, ir.UintRshift, "1…0", 1, "01…0"},
		{logical, ir.UintRshift, "?…0", 1, "0?…0"},
		{copies, ir.IntRshift, "…01?0?", 2, "…01?"},
		{copies, ir.IntRshift, "10…0", 2, "1110…0"},
		{copies, ir.IntRshift, "?0…0", 2, "???0…0"},
		{copies, ir.IntRshift, "0?1…0", 1, "00?1…0"},
		{no, ir.IntLshift, "?1…0?", 0, "?1…0?"},
		{no, ir.IntRshift, "?1…0?", 0, "?1…0?"},
		{no, ir.UintRshift, "?1…0?", 0, "?1…0?"},
		{farthest, ir.IntLshift, "…?", 63, "?0…0"},
		{farthest, ir.IntLshift, "…01", 63, "10…0"},
		{farthest, ir.IntRshift, "1?…?", 63, "…1"},
		{farthest, ir.IntRshift, "…?1", 63, "…?"},
		{farthest, ir.UintRshift, "…?1", 63, "…0?"},
	} {
		call := fmt.Sprintf("ShiftBits(%s, %s, %d)", c.code, c.a, c.n)
		if !same(t, call, pattern(c.want), f(c.code, pattern(c.a), c.n), c.rule, lostByShift(c.code, pattern(c.a), c.n)) {
			return
		}
	}
	for _, code := range []ir.Opcode{ir.IntLshift, ir.IntRshift, ir.UintRshift} {
		checkReport(t, prove.Bits(tried(code), func(a, n knownbits.Bits) knownbits.Bits { return f(code, a, uint(n.Ones)) }))
	}
	if !t.Failed() {
		checkShiftDigits(t, f)
	}
	checkUse(t, func(k *knownbits.Kit) { k.ShiftBits = f }, tracetest.Case{
		Rule:   "behind a shift to the left the low bits are 0",
		Before: "[i0]; i1 = int_lshift(i0, 3); i2 = int_and(i1, 7); i3 = int_and(i1, -8); finish(i2, i3)",
		After:  "[i0]; i1 = int_lshift(i0, 3); finish(0, i1)",
	})
}

// checkShiftDigits compares f with what shifting does to 64 digits on paper.
func checkShiftDigits(t exercise.TB, f shiftBits) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 5))
	for range 20 {
		a := runs(r)
		text := digits(a)
		for n := range 64 {
			for code, want := range map[ir.Opcode]string{
				ir.IntLshift:  text[n:] + strings.Repeat("0", n),
				ir.IntRshift:  strings.Repeat(text[:1], n) + text[:64-n],
				ir.UintRshift: strings.Repeat("0", n) + text[:64-n],
			} {
				call := fmt.Sprintf("ShiftBits(%s, %s, %d)", code, show(a), n)
				if !same(t, call, pattern(want), f(code, a, uint(n)), "at 64 bits it goes as it does at 4", lostByShift(code, a, uint(n))) {
					return
				}
			}
		}
	}
}

// lostByShift looks for an example of a shift by n.
func lostByShift(code ir.Opcode, a knownbits.Bits, n uint) example {
	return lostBy(code, a, knownbits.BitsOf(int64(n)))
}
