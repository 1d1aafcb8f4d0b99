package knownbits_test

import (
	"math/rand/v2"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type learnLess = func(a, b knownbits.Range) (knownbits.Range, knownbits.Range)

func TestExercise4_9_LearnLess(t *testing.T) {
	type pair = knownbits.Range
	exercise.Run(t, ex("4.9"), knownbits.Yours.LearnLess, knownbitssolution.LearnLess, checkLearnLess,
		exercise.Wrong[learnLess]("learns-nothing", func(a, b pair) (pair, pair) { return a, b }),
		exercise.Wrong[learnLess]("wraps-at-the-ends", func(a, b pair) (pair, pair) {
			return pair{Lo: a.Lo, Hi: min(a.Hi, b.Hi-1)}, pair{Lo: max(b.Lo, a.Lo+1), Hi: b.Hi}
		}),
		exercise.Wrong[learnLess]("forgets-the-upper-one", func(a, b pair) (pair, pair) {
			below, above := knownbitssolution.LearnLess(a, b)
			if below.Empty() || above.Empty() {
				return below, above
			}
			return below, b
		}),
		exercise.Wrong[learnLess]("forgets-the-lower-one", func(a, b pair) (pair, pair) {
			below, above := knownbitssolution.LearnLess(a, b)
			if below.Empty() || above.Empty() {
				return below, above
			}
			return a, above
		}),
		exercise.Wrong[learnLess]("less-or-equal", func(a, b pair) (pair, pair) {
			return pair{Lo: a.Lo, Hi: min(a.Hi, b.Hi)}, pair{Lo: max(b.Lo, a.Lo), Hi: b.Hi}
		}),
		exercise.Wrong[learnLess]("below-the-least-of-b", func(a, b pair) (pair, pair) {
			if b.Lo == -1<<63 || a.Hi == 1<<63-1 {
				return knownbitssolution.LearnLess(a, b)
			}
			return pair{Lo: a.Lo, Hi: min(a.Hi, b.Lo-1)}, pair{Lo: max(b.Lo, a.Hi+1), Hi: b.Hi}
		}),
		exercise.Wrong[learnLess]("forgets-what-was-known", func(a, b pair) (pair, pair) {
			if below, above := knownbitssolution.LearnLess(a, b); below.Empty() || above.Empty() {
				return below, above
			}
			return pair{Lo: a.Lo, Hi: b.Hi - 1}, pair{Lo: a.Lo + 1, Hi: b.Hi}
		}),
		exercise.Wrong[learnLess]("gives-up-at-the-ends", func(a, b pair) (pair, pair) {
			if b.Hi == 1<<63-1 || a.Lo == -1<<63 {
				return a, b // nothing wraps here
			}
			return knownbitssolution.LearnLess(a, b)
		}),
	)
}

func checkLearnLess(t exercise.TB, f learnLess) {
	const (
		both  = "x is at most 1 less than the greatest y, and y at least 1 more than the least x"
		known = "what was known before still holds"
		ends  = "nobody is below the least of all numbers, or above the greatest; 1 less than the least would wrap, and so would 1 more than the greatest"
		open  = "also if nothing is known: the lesser one is not the greatest number, the greater one not the least"
		empty = "if no x is less than any y, at least one of the ranges is empty"
	)
	for _, c := range []struct{ rule, a, b, wantA, wantB string }{
		{both, "[0, 9]", "[3, 5]", "[0, 4]", "[3, 5]"},
		{both, "[2, 9]", "[0, 20]", "[2, 9]", "[3, 20]"},
		{both, "[0, 9]", "[0, 9]", "[0, 8]", "[1, 9]"},
		{known, "[0, 3]", "[5, 9]", "[0, 3]", "[5, 9]"},
		{known, "[0, 4]", "[4, 4]", "[0, 3]", "[4, 4]"},
		{open, "[min, max]", "[min, max]", "[min, max-1]", "[min+1, max]"},
		{open, "[0, max]", "[min, max]", "[0, max-1]", "[1, max]"},
		{ends, "[min, max]", "[min, min]", "", ""},
		{ends, "[max, max]", "[min, max]", "", ""},
		{ends, "[max, max]", "[min, min]", "", ""},
		{ends, "[min, min]", "[min, min+1]", "[min, min]", "[min+1, min+1]"},
		{ends, "[max-1, max]", "[max, max]", "[max-1, max-1]", "[max, max]"},
		{empty, "[5, 9]", "[0, 5]", "", ""},
		{empty, "[5, 5]", "[5, 5]", "", ""},
	} {
		if !sameRanges(t, f, interval(c.a), interval(c.b), c.wantA, c.wantB, c.rule) {
			return
		}
	}
	checkAllLess(t, f)
	checkUse(t, func(k *knownbits.Kit) { k.LearnLess = f },
		tracetest.Case{
			Rule:   "a counter that is below its limit can be counted up: it is not the greatest number",
			Before: "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_add_ovf(i0, 1); guard_no_overflow() [i0]; finish(i3)",
			After:  "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_add(i0, 1); finish(i3)",
		},
		tracetest.Case{
			Rule:   "and the limit is not the least number",
			Before: "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_sub_ovf(i1, 1); guard_no_overflow() [i0]; finish(i3)",
			After:  "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_add(i1, -1); finish(i3)",
		},
		tracetest.Case{
			Rule:   "behind a guard that a number is below 10, one that it is below 20 is not needed",
			Before: "[i0]; i1 = int_lt(i0, 10); guard_true(i1) [i0]; i2 = int_lt(i0, 20); guard_true(i2) [i0]; finish(i0)",
			After:  "[i0]; i1 = int_lt(i0, 10); guard_true(i1) [i0]; finish(i0)",
		},
	)
}

// sameRanges reports whether f leaves wantA of a and wantB of b, or an empty range if
// they are "". If not, it says so.
func sameRanges(t exercise.TB, f learnLess, a, b knownbits.Range, wantA, wantB, rule string) bool {
	t.Helper()
	gotA, gotB := f(a, b)
	switch {
	case wantA != "" && gotA == interval(wantA) && gotB == interval(wantB):
		return true
	case wantA == "" && (gotA.Empty() || gotB.Empty()):
		return true
	}
	want := wantA + " and " + wantB
	if wantA == "" {
		want = "an empty range, such as [0, -1]"
	}
	t.Errorf("LearnLess(%s, %s) leaves %s and %s, want %s\nrule: %s", showRange(a), showRange(b), showRange(gotA), showRange(gotB), want, rule)
	return false
}

// checkAllLess asks f for all pairs of small ranges, and compares each number in one
// with each in the other.
func checkAllLess(t exercise.TB, f learnLess) {
	t.Helper()
	list := smallRanges()
	for i, a := range list {
		for j, b := range list {
			if (i+j)%7 != 0 && testing.Short() {
				continue
			}
			left, right := knownbits.Range{Lo: 0, Hi: -1}, knownbits.Range{Lo: 0, Hi: -1}
			for x := a.Lo; x-a.Lo <= a.Hi-a.Lo; x++ {
				for y := b.Lo; y-b.Lo <= b.Hi-b.Lo; y++ {
					if x < y {
						left, right = including(left, x), including(right, y)
					}
					if y == b.Hi {
						break
					}
				}
				if x == a.Hi {
					break
				}
			}
			wantA, wantB := "", ""
			if !left.Empty() {
				wantA, wantB = showRange(left), showRange(right)
			}
			if !sameRanges(t, f, a, b, wantA, wantB, "a number stays if it is less, or greater, than one of the others; the ends stay") {
				return
			}
		}
	}
}

// including returns r with x.
func including(r knownbits.Range, x int64) knownbits.Range {
	if r.Empty() {
		return knownbits.Range{Lo: x, Hi: x}
	}
	return knownbits.Range{Lo: min(r.Lo, x), Hi: max(r.Hi, x)}
}

func TestExercise4_11_LearnAnd(t *testing.T) {
	exercise.Run(t, ex("4.11"), knownbits.Yours.LearnAnd, knownbitssolution.LearnAnd, checkLearnAnd,
		exercise.Wrong[bitsOfTwo]("learns-nothing", func(b, result knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong[bitsOfTwo]("a-0-comes-from-x", func(b, result knownbits.Bits) knownbits.Bits { return result }),
		exercise.Wrong[bitsOfTwo]("a-0-comes-from-x-unless-y-is-0", func(b, result knownbits.Bits) knownbits.Bits {
			zeros := result.Zeros() & b.May()
			return knownbits.Bits{Ones: result.Ones, Unk: ^(result.Ones | zeros)}
		}),
		exercise.Wrong[bitsOfTwo]("learns-ones-only", func(b, result knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Ones: result.Ones, Unk: ^result.Ones}
		}),
		exercise.Wrong[bitsOfTwo]("learns-zeros-only", func(b, result knownbits.Bits) knownbits.Bits {
			return knownbits.Bits{Unk: ^(result.Zeros() & b.Ones)}
		}),
		exercise.Wrong[bitsOfTwo]("ones-only-where-y-is-known", func(b, result knownbits.Bits) knownbits.Bits {
			ones, zeros := result.Ones&b.Ones, result.Zeros()&b.Ones
			return knownbits.Bits{Ones: ones, Unk: ^(ones | zeros)}
		}),
		exercise.Wrong[bitsOfTwo]("takes-unknown-for-0", func(b, result knownbits.Bits) knownbits.Bits {
			zeros := ^result.Ones & b.Ones
			return knownbits.Bits{Ones: result.Ones, Unk: ^(result.Ones | zeros)}
		}),
	)
}

func checkLearnAnd(t exercise.TB, f bitsOfTwo) {
	const (
		one     = "where the result is 1, x is 1"
		unasked = "where the result is 1, x is 1, also where y was not known; where y is 0, nothing is said of x"
		zero    = "where the result is 0 and y is 1, x is 0"
		masked  = "where y is 0 the result is 0 in any case: that says nothing of x"
		either  = "where y is not known, a 0 may come from y as well as from x"
		unknown = "where the result is not known, nothing is learned"
		sign    = "the sign is a bit like the others"
	)
	for _, c := range []bitsCase{
		{one, "…1", "…1", "…1"},
		{masked, "…01", "…01", "…?1"},
		{unasked, "…0?", "…01", "…?1"},
		{zero, "…011", "0", "…?00"},
		{zero, "…0111", "…0101", "…?101"},
		{zero, "…1", "…0", "0"},
		{masked, "…0", "…0", "…?"},
		{masked, "…0110", "…0010", "…?01?"},
		{either, "…0?", "…0", "…?"},
		{either, "…01?", "0", "…?0?"},
		{unknown, "…011", "…01?", "…?1?"},
		{unknown, "…1", "…?", "…?"},
		{sign, "10…0", "0", "0?…?"},
		{sign, "10…0", "10…0", "1?…?"},
	} {
		if !same(t, learning(c.a, c.b), pattern(c.want), f(pattern(c.a), pattern(c.b)), c.rule, nil) {
			return
		}
	}
	checkAllAnd(t, f)
	checkUse(t, func(k *knownbits.Kit) { k.LearnAnd = f },
		tracetest.Case{
			Rule:   "a tag that has been checked is known: it need not be checked once more",
			Before: "[i0]; i1 = int_and(i0, 1); guard_true(i1) [i0]; i2 = int_rshift(i0, 1); i3 = int_and(i0, 3); i4 = int_eq(i3, 0); guard_false(i4) [i0]; finish(i2)",
			After:  "[i0]; i1 = int_and(i0, 1); guard_true(i1) [i0]; i2 = int_rshift(i0, 1); finish(i2)",
		},
		tracetest.Case{
			Rule:   "to clear a bit of which a guard has said that it is 0 changes nothing",
			Before: "[i0]; i1 = int_and(i0, 3); i2 = int_is_zero(i1); guard_true(i2) [i0]; i3 = int_and(i0, -2); finish(i3)",
			After:  "[i0]; i1 = int_and(i0, 3); i2 = int_is_zero(i1); guard_true(i2) [i0]; finish(i0)",
		},
		tracetest.Case{
			Rule:   "of the bits outside a mask nothing is learned",
			Before: "[i0, i1]; i2 = int_and(i0, i1); i3 = int_is_zero(i2); guard_true(i3) [i0]; i4 = int_and(i0, 1); finish(i4)",
			After:  "same",
		},
	)
}

// learning writes a call of LearnAnd.
func learning(y, result string) string { return "LearnAnd(y " + y + ", x & y " + result + ")" }

// checkAllAnd tries all y and results of 3 bits, and some of 64: the number x stays
// if one of the y gives such a result.
func checkAllAnd(t exercise.TB, f bitsOfTwo) {
	t.Helper()
	const width = 8
	for n := range width * width * width * width {
		b := knownbits.Bits{Ones: uint64(n) % width, Unk: uint64(n) / width % width}
		result := knownbits.Bits{Ones: uint64(n) / width / width % width, Unk: uint64(n) / width / width / width}
		if b.Ones&b.Unk|result.Ones&result.Unk != 0 {
			continue
		}
		all, some := ^uint64(0), uint64(0)
		for x := range uint64(width) {
			if gives(x, b, result) {
				all, some = all&x, some|x
			}
		}
		// What lies above the three bits: y and the result are 0, x may be anything.
		want := knownbits.Bits{Ones: all, Unk: some&^all | ^uint64(width-1)}
		if all == ^uint64(0) {
			continue // no x does; what f says then does not matter
		}
		if !same(t, learning(show(b), show(result)), want, f(b, result), "x is possible if there is a y, and x & y is one of the results", nil) {
			return
		}
	}
	r := rand.New(rand.NewPCG(4, 11))
	for range 500 {
		x, b := runs(r), runs(r)
		result := knownbitssolution.LogicBits(ir.IntAnd, x, b)
		if known := f(b, result); !known.Contains(int64(x.Ones)) || !known.Contains(int64(x.May())) {
			t.Errorf("%s is %s: that is unsound, it leaves out %s\nrule: at 64 bits it goes as it does at 4", learning(show(b), show(result)), show(known), show(x))
			return
		}
	}
}

// gives reports whether there is a y with the bits b, so that x & y has the bits of
// result.
func gives(x uint64, b, result knownbits.Bits) bool {
	for _, y := range members(b) {
		if result.Contains(int64(x) & y) {
			return true
		}
	}
	return false
}
