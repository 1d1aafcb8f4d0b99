package knownbits_test

import (
	"fmt"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type decide = func(code ir.Opcode, a, b knownbits.Range) (holds, decided bool)

func TestExercise4_8_Decide(t *testing.T) {
	// except returns the solution with another function for one of the comparisons.
	except := func(code ir.Opcode, f func(a, b knownbits.Range) (holds, decided bool)) decide {
		return func(c ir.Opcode, a, b knownbits.Range) (bool, bool) {
			if c == code {
				return f(a, b)
			}
			return knownbitssolution.Decide(c, a, b)
		}
	}
	exercise.Run(t, ex("4.8"), knownbits.Yours.Decide, knownbitssolution.Decide, checkDecide,
		exercise.Wrong[decide]("never", func(ir.Opcode, knownbits.Range, knownbits.Range) (bool, bool) { return false, false }),
		exercise.Wrong("le-as-lt", except(ir.IntLe, func(a, b knownbits.Range) (bool, bool) {
			return knownbitssolution.Decide(ir.IntLt, a, b)
		})),
		exercise.Wrong("lt-as-le", except(ir.IntLt, func(a, b knownbits.Range) (bool, bool) {
			return knownbitssolution.Decide(ir.IntLe, a, b)
		})),
		exercise.Wrong("lt-never-if-not-always", except(ir.IntLt, func(a, b knownbits.Range) (bool, bool) { return a.Hi < b.Lo, true })),
		exercise.Wrong("lt-compares-equal-ends", except(ir.IntLt, func(a, b knownbits.Range) (bool, bool) {
			always, never := a.Hi < b.Hi, a.Lo >= b.Hi
			return always, always || never
		})),
		exercise.Wrong("lt-forgets-never", except(ir.IntLt, func(a, b knownbits.Range) (bool, bool) { return a.Hi < b.Lo, a.Hi < b.Lo })),
		exercise.Wrong("equal-ranges-are-equal", except(ir.IntEq, func(a, b knownbits.Range) (bool, bool) {
			_, decided := knownbitssolution.Decide(ir.IntEq, a, b)
			return a == b, decided || a == b
		})),
		exercise.Wrong("eq-forgets-one-side", except(ir.IntEq, func(a, b knownbits.Range) (bool, bool) {
			always := a.Lo == a.Hi && a == b
			return always, always || a.Hi < b.Lo
		})),
		exercise.Wrong("eq-forgets-constants", except(ir.IntEq, func(a, b knownbits.Range) (bool, bool) { return false, a.Hi < b.Lo || b.Hi < a.Lo })),
		exercise.Wrong[decide]("in-the-order-of-unsigned-numbers", func(code ir.Opcode, a, b knownbits.Range) (bool, bool) {
			x, y := uint64(a.Hi), uint64(b.Lo)
			if code == ir.IntLt && a.Lo == a.Hi && b.Lo == b.Hi {
				return x < y, true
			}
			return knownbitssolution.Decide(code, a, b)
		}),
	)
}

func checkDecide(t exercise.TB, f decide) {
	const (
		always = "a comparison holds for all if it holds for the two that are least likely: to be less, the greatest of a and the least of b"
		never  = "a comparison holds for none if it fails for the two that are most likely: to be less, the least of a and the greatest of b"
		some   = "if it holds for some numbers and not for others, nothing is decided"
		touch  = "where ranges touch, int_lt and int_le differ: the two numbers may be equal"
		equal  = "two numbers are the same for certain only if each can be one number only"
		apart  = "if the ranges do not touch, the numbers differ, whichever range is the lower one"
	)
	for _, c := range []struct {
		rule string
		code ir.Opcode
		a, b string
		want string
	}{
		{always, ir.IntLt, "[0, 3]", "[4, 9]", "always"},
		{always, ir.IntLe, "[0, 3]", "[4, 9]", "always"},
		{always, ir.IntLt, "[min, -1]", "[0, max]", "always"},
		{"numbers are compared with their signs", ir.IntLt, "[-1, -1]", "[0, 0]", "always"},
		{never, ir.IntLt, "[4, 9]", "[0, 3]", "never"},
		{never, ir.IntLe, "[4, 9]", "[0, 3]", "never"},
		{never, ir.IntLt, "[0, max]", "[min, -1]", "never"},
		{touch, ir.IntLe, "[0, 4]", "[4, 9]", "always"},
		{touch, ir.IntLt, "[0, 4]", "[4, 9]", "sometimes"},
		{touch, ir.IntLt, "[4, 9]", "[0, 4]", "never"},
		{touch, ir.IntLe, "[4, 9]", "[0, 4]", "sometimes"},
		{touch, ir.IntLt, "[min, max]", "[min, min]", "never"},
		{touch, ir.IntLe, "[min, max]", "[max, max]", "always"},
		{some, ir.IntLt, "[0, 5]", "[3, 9]", "sometimes"},
		{some, ir.IntLe, "[3, 9]", "[0, 5]", "sometimes"},
		{some, ir.IntEq, "[0, 5]", "[3, 9]", "sometimes"},
		{some, ir.IntLt, "[min, max]", "[min, max]", "sometimes"},
		{equal, ir.IntEq, "[3, 3]", "[3, 3]", "always"},
		{equal, ir.IntEq, "[3, 4]", "[3, 4]", "sometimes"},
		{equal, ir.IntEq, "[3, 3]", "[0, 9]", "sometimes"},
		{equal, ir.IntLt, "[3, 3]", "[3, 3]", "never"},
		{equal, ir.IntLe, "[3, 3]", "[3, 3]", "always"},
		{apart, ir.IntEq, "[0, 3]", "[4, 9]", "never"},
		{apart, ir.IntEq, "[4, 9]", "[0, 3]", "never"},
		{apart, ir.IntEq, "[min, min]", "[max, max]", "never"},
	} {
		holds, decided := f(c.code, interval(c.a), interval(c.b))
		if got := verdict(holds, decided); got != c.want {
			t.Errorf("Decide(%s, %s, %s) says that it %s, want that it %s\nrule: %s", c.code, c.a, c.b, holdsSo[got], holdsSo[c.want], c.rule)
			return
		}
	}
	for _, code := range []ir.Opcode{ir.IntLt, ir.IntLe, ir.IntEq} {
		checkReport(t, prove.Ranges(tried(code), func(a, b knownbits.Range) (knownbits.Range, bool) {
			switch verdict(f(code, a, b)) {
			case "always":
				return knownbits.Range{Lo: 1, Hi: 1}, true
			case "never":
				return knownbits.Range{Lo: 0, Hi: 0}, true
			}
			return knownbits.Range{Lo: 0, Hi: 1}, true
		}))
	}
	const byte0 = "[p0]; i1 = getarrayitem_gc_i(p0, 0, descr=BYTES)"
	checkUse(t, func(k *knownbits.Kit) { k.Decide = f },
		tracetest.Case{
			Rule:   "a guard on a comparison that always holds is dropped, with the comparison",
			Before: byte0 + "; i2 = int_lt(i1, 256); guard_true(i2) [i1]; i3 = int_add(i1, 1); i4 = int_eq(i3, 0); guard_false(i4) []; finish(i3)",
			After:  byte0 + "; i2 = int_add(i1, 1); finish(i2)",
		},
		tracetest.Case{
			Rule:   "no run gets past a guard on a comparison that never holds",
			Before: byte0 + "; i2 = int_ge(i1, 256); guard_true(i2) []; finish(i1)",
			After:  "impossible",
		},
		tracetest.Case{
			Rule:   "a guard on a comparison that is not decided has to stay",
			Before: byte0 + "; i2 = int_lt(i1, 255); guard_true(i2) []; finish(i1)",
			After:  "same",
		},
	)
}

// verdict says in a word what Decide says.
func verdict(holds, decided bool) string {
	switch {
	case !decided:
		return "sometimes"
	case holds:
		return "always"
	}
	return "never"
}

var holdsSo = map[string]string{"always": "always holds", "never": "never holds", "sometimes": "is not decided"}

type overflows = func(s knownbits.Span) ir.Overflow

func TestExercise4_10_Overflows(t *testing.T) {
	// rule returns Overflows by two conditions.
	rule := func(never, always func(lo, hi int64) bool) overflows {
		return func(s knownbits.Span) ir.Overflow {
			switch {
			case never(s.LoTurn, s.HiTurn):
				return ir.OverflowNever
			case always(s.LoTurn, s.HiTurn):
				return ir.OverflowAlways
			}
			return ir.OverflowUnknown
		}
	}
	never := func(lo, hi int64) bool { return lo == 0 && hi == 0 }
	always := func(lo, hi int64) bool { return lo > 0 || hi < 0 }
	exercise.Run(t, ex("4.10"), knownbits.Yours.Overflows, knownbitssolution.Overflows, checkOverflows,
		exercise.Wrong("may-always-overflow", rule(func(lo, hi int64) bool { return false }, func(lo, hi int64) bool { return false })),
		exercise.Wrong("never-if-the-lower-end-fits", rule(func(lo, hi int64) bool { return lo == 0 }, always)),
		exercise.Wrong("never-if-the-upper-end-fits", rule(func(lo, hi int64) bool { return hi == 0 }, always)),
		exercise.Wrong("never-if-both-are-in-the-same-turn", rule(func(lo, hi int64) bool { return lo == hi }, always)),
		exercise.Wrong("always-if-one-end-is-out", rule(never, func(lo, hi int64) bool { return lo != 0 || hi != 0 })),
		exercise.Wrong("always-if-both-ends-are-out", rule(never, func(lo, hi int64) bool { return lo != 0 && hi != 0 })),
		exercise.Wrong("always-only-in-the-same-turn", rule(never, func(lo, hi int64) bool { return lo == hi })),
		exercise.Wrong("there-are-three-turns", rule(never, func(lo, hi int64) bool { return lo == 1 || hi == -1 })),
		exercise.Wrong("forgets-what-is-too-small", rule(never, func(lo, hi int64) bool { return lo > 0 })),
	)
}

func checkOverflows(t exercise.TB, f overflows) {
	const (
		fit    = "if both ends fit, so does all that lies between them"
		above  = "if the lower end is too large, all is"
		under  = "if the upper end is too small, all is"
		upper  = "if only the upper end is too large, the lower end fits: it depends"
		lower  = "if only the lower end is too small, the upper end fits: it depends"
		across = "from too small to too large, all numbers that fit lie between"
		far    = "a product may be many turns away"
	)
	for _, c := range []struct {
		rule             string
		loTurn, lo       string
		hiTurn, hi, want string
	}{
		{fit, "0", "0", "0", "18", "never"},
		{fit, "0", "min", "0", "max", "never"},
		{above, "1", "min", "1", "-2", "always"},
		{above, "1", "0", "2", "min", "always"},
		{under, "-1", "0", "-1", "max", "always"},
		{upper, "0", "min+1", "1", "min+8", "unknown"},
		{upper, "0", "max", "1", "min", "unknown"},
		{lower, "-1", "max", "0", "min", "unknown"},
		{lower, "-1", "0", "0", "max", "unknown"},
		{across, "-1", "0", "1", "-2", "unknown"},
		{far, "4", "0", "4611686018427387904", "0", "always"},
		{far, "-4611686018427387904", "0", "-3", "0", "always"},
		{far, "-4", "0", "-1", "0", "always"},
		{far, "0", "0", "4611686018427387904", "0", "unknown"},
		{far, "-4611686018427387904", "0", "4611686018427387904", "0", "unknown"},
		{far, "-3", "0", "0", "0", "unknown"},
	} {
		s := knownbits.Span{Lo: number(c.lo), Hi: number(c.hi), LoTurn: number(c.loTurn), HiTurn: number(c.hiTurn)}
		if got := overflowSo[f(s)]; got != c.want {
			t.Errorf("Overflows of a span from %s to %s is %q, want %q\nrule: %s", end(c.lo, c.loTurn), end(c.hi, c.hiTurn), got, c.want, c.rule)
			return
		}
	}
	kit := with(func(k *knownbits.Kit) { k.Overflows = f })
	for _, code := range []ir.Opcode{ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf} {
		r := prove.Overflow(tried(code), func(a, b knownbits.Known) ir.Overflow { return kit.Overflow(code, a, b) })
		if !r.Sound() {
			t.Errorf("unsound: %s\nrule: say never or always only if it is so for all numbers of the range", r.Lost)
			return
		}
	}
	const small = "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.small)"
	checkUse(t, func(k *knownbits.Kit) { k.Overflows = f },
		tracetest.Case{
			Rule:   "a sum that always fits needs no check: the operation is a plain one, and the guard is gone",
			Before: small + "; i3 = int_add_ovf(i2, 1); guard_no_overflow() [i0]; i4 = int_mul_ovf(i3, i3); guard_no_overflow() [i0]; finish(i4)",
			After:  small + "; i3 = int_add(i2, 1); i4 = int_mul(i3, i3); finish(i4)",
		},
		tracetest.Case{
			Rule:   "with a number of which nothing is known, the sum may overflow",
			Before: small + "; i3 = int_add_ovf(i0, i2); guard_no_overflow() [i0]; finish(i3)",
			After:  "same",
		},
		tracetest.Case{
			Rule:   "no run gets past guard_no_overflow if the sum never fits",
			Before: small + "; i3 = int_add(i2, 1); i4 = int_add_ovf(i3, 9223372036854775807); guard_no_overflow() []; finish(i4)",
			After:  "impossible",
		},
	)
}

var overflowSo = map[ir.Overflow]string{ir.OverflowNever: "never", ir.OverflowAlways: "always", ir.OverflowUnknown: "unknown"}

// end writes one end of a span: a number, and its turn.
func end(x, turn string) string {
	if turn == "0" {
		return x
	}
	return fmt.Sprintf("%s in turn %s (%s + %s * 2^64)", x, turn, x, turn)
}
