package ir_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

type rules = func() []ir.Rule

// checkRules requires that each rule holds, that traces become what cases say
// with no other rules but these, and that random traces do the same as before.
func checkRules(t exercise.TB, kit *ir.Kit, list []ir.Rule, cases []traceCase) {
	t.Helper()
	for _, r := range list {
		if err := irsolution.Kit.CheckRule(r); err != nil {
			t.Errorf("this rule is refused:\n    %v", err)
		}
	}
	if t.Failed() {
		return
	}
	checkCases(t, kit, "fold,dce", cases)
	if !t.Failed() {
		agreeOnGenerated(t, kit, "fold,dce")
	}
}

// plus returns the solution's rules and some more.
func plus(list rules, more ...ir.Rule) rules {
	return func() []ir.Rule { return append(list(), more...) }
}

// without leaves out the rules with these left sides.
func without(list rules, from ...string) rules {
	return func() []ir.Rule {
		var kept []ir.Rule
		for _, r := range list() {
			out := false
			for _, f := range from {
				out = out || r.From == f
			}
			if !out {
				kept = append(kept, r)
			}
		}
		return kept
	}
}

func TestExercise1_5_Identities(t *testing.T) {
	solved := irsolution.Identities
	exercise.Run(t, ex("1.5"), ir.Yours.Identities, solved, checkIdentities,
		exercise.Wrong("negates-a-comparison-by-swapping",
			plus(solved, ir.Rule{From: "int_is_zero(int_lt(x, y))", To: "int_gt(x, y)"})),
		exercise.Wrong("checked-negation-can-overflow",
			plus(solved, ir.Rule{From: "int_mul_ovf(x, -1)", To: "int_neg(x)"})),
		exercise.Wrong("truth-of-any-int-is-the-int",
			plus(solved, ir.Rule{From: "int_is_true(x)", To: "x"})),
		exercise.Wrong("shift-back-and-forth",
			plus(solved, ir.Rule{From: "int_rshift(int_lshift(x, C), C)", To: "x"})),
		exercise.Wrong("zero-minus-x-is-x", plus(solved, ir.Rule{From: "int_sub(0, x)", To: "x"})),
		exercise.Wrong("forgets-mul-by-powers-of-two", without(solved, "int_mul(x, C)")),
		exercise.Wrong("forgets-equal-arguments", without(solved, "int_xor(x, x)", "int_le(x, x)")),
		exercise.Wrong[rules]("no-rules", noRules),
	)
}

func checkIdentities(t exercise.TB, list rules) {
	kit := with(func(k *ir.Kit) {
		k.Identities, k.Reassociations, k.FloatIdentities = list, noRules, noRules
	})
	in := "[i0, i1]"
	var cases []traceCase
	add := func(rule string, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			cases = append(cases, expressions(rule, in, pairs[i], pairs[i+1]))
		}
	}
	add("adding or subtracting 0 changes nothing", "int_add(i0, 0)", "i0", "int_add(0, i0)", "i0", "int_sub(i0, 0)", "i0")
	add("multiplying by 1 changes nothing", "int_mul(i0, 1)", "i0", "int_mul(1, i0)", "i0")
	add("multiplying by 0 gives 0", "int_mul(i0, 0)", "0")
	add("multiplying by a power of two is a shift", "int_mul(i0, 8)", "int_lshift(i0, 3)",
		"int_mul(4611686018427387904, i0)", "int_lshift(i0, 62)")
	add("other factors stay, and -2 is no power of two", "int_mul(i0, 6)", "int_mul(i0, 6)", "int_mul(i0, -2)", "int_mul(i0, -2)")
	add("a value minus itself is 0, and so is a value xor itself", "int_sub(i0, i0)", "0", "int_xor(i0, i0)", "0")
	add("a value and, or itself is itself", "int_and(i0, i0)", "i0", "int_or(i0, i0)", "i0")
	add("two values are not one", "int_sub(i0, i1)", "int_sub(i0, i1)", "int_and(i0, i1)", "int_and(i0, i1)")
	add("0 is neutral for or and xor, and decides and", "int_or(i0, 0)", "i0", "int_xor(i0, 0)", "i0", "int_and(i0, 0)", "0")
	add("a mask of all ones is neutral for and, and decides or", "int_and(i0, -1)", "i0", "int_or(i0, -1)", "-1")
	add("shifting by 0 changes nothing", "int_lshift(i0, 0)", "i0", "int_rshift(i0, 0)", "i0", "uint_rshift(i0, 0)", "i0")
	add("what is negated twice is the value itself", "int_neg(i0); int_neg(i2)", "i0", "int_invert(i0); int_invert(i2)", "i0")
	for _, c := range comparisonCodes() {
		name, not := c.String(), c.Info().Inverse.String()
		holds := "0"
		if r, _ := irsolution.Kit.EvalPure(c, 5, 5); r == 1 {
			holds = "1"
		}
		add("comparing a value with itself gives a constant", name+"(i0, i0)", holds)
		add("a comparison that is negated is its inverse", name+"(i0, i1); int_is_zero(i2)", not+"(i0, i1)")
	}
	add("negated twice, a number is asked whether it is true", "int_is_zero(i0); int_is_zero(i2)", "int_is_true(i0)")
	cases = append(cases, checkedCases()...)
	checkRules(t, kit, list(), cases)
}

// comparisonCodes lists the comparisons of integers.
func comparisonCodes() []ir.Opcode {
	var list []ir.Opcode
	for c := ir.IntLt; c <= ir.UintGe; c++ {
		list = append(list, c)
	}
	return list
}

func checkedCases() []traceCase {
	const rule = "a checked operation that can't overflow needs no check"
	in := "[i0, i1]"
	return []traceCase{
		expressions(rule, in, "int_add_ovf(i0, 0)", "i0"),
		expressions(rule, in, "int_sub_ovf(i0, 0)", "i0"),
		expressions(rule, in, "int_mul_ovf(i0, 1)", "i0"),
		expressions(rule, in, "int_mul_ovf(i0, 0)", "0"),
		expressions(rule, in, "int_sub_ovf(i0, i0)", "0"),
		expressions("-1 times the smallest integer overflows", in, "int_mul_ovf(i0, -1)", "int_mul_ovf(i0, -1)"),
		{Rule: "an overflow that can't happen makes the trace impossible",
			Before: "[i0]; i1 = int_add_ovf(i0, 0); guard_overflow() []; finish(i1)", After: "impossible"},
	}
}

func TestExercise1_6_Reassociations(t *testing.T) {
	solved := irsolution.Reassociations
	exercise.Run(t, ex("1.6"), ir.Yours.Reassociations, solved, checkReassociations,
		exercise.Wrong("shift-counts-add-past-63", plus(
			without(solved, "int_lshift(int_lshift(x, C), D)"),
			ir.Rule{From: "int_lshift(int_lshift(x, C), D)", To: "int_lshift(x, int_add(C, D))"})),
		exercise.Wrong("subtracts-the-difference",
			plus(solved, ir.Rule{From: "int_sub(int_sub(x, C), D)", To: "int_sub(x, int_sub(C, D))"})),
		exercise.Wrong("moves-constants-through-an-order",
			plus(solved, ir.Rule{From: "int_lt(int_add(x, C), D)", To: "int_lt(x, int_sub(D, C))"})),
		exercise.Wrong("checked-sums-too",
			plus(solved, ir.Rule{From: "int_add_ovf(int_add_ovf(x, C), D)", To: "int_add_ovf(x, int_add(C, D))"})),
		exercise.Wrong("forgets-int_sub", without(solved, "int_sub(x, C)")),
		exercise.Wrong("goes-in-circles",
			plus(solved, ir.Rule{From: "int_add(x, C)", To: "int_sub(x, int_neg(C))"})),
	)
}

func checkReassociations(t exercise.TB, list rules) {
	kit := with(func(k *ir.Kit) {
		k.Identities, k.Reassociations, k.FloatIdentities = noRules, list, noRules
	})
	in := "[i0, i1]"
	var cases []traceCase
	add := func(rule string, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			cases = append(cases, expressions(rule, in, pairs[i], pairs[i+1]))
		}
	}
	add("the constants of two operations come together and fold",
		"int_add(i0, 3); int_add(i2, 4)", "int_add(i0, 7)",
		"int_add(3, i0); int_add(4, i2)", "int_add(i0, 7)",
		"int_mul(i0, 3); int_mul(i2, 5)", "int_mul(i0, 15)",
		"int_and(i0, 12); int_and(i2, 10)", "int_and(i0, 8)",
		"int_or(i0, 12); int_or(i2, 10)", "int_or(i0, 14)",
		"int_xor(i0, 12); int_xor(i2, 10)", "int_xor(i0, 6)")
	add("constants wrap as everything does",
		"int_add(i0, 9223372036854775807); int_add(i2, 1)", "int_add(i0, -9223372036854775808)")
	add("one constant is no two", "int_add(i0, i1); int_add(i2, 4)", "int_add(i0, i1); int_add(i2, 4)")
	add("subtracting a constant is adding its negative",
		"int_sub(i0, 3)", "int_add(i0, -3)",
		"int_sub(i0, 3); int_sub(i2, 4)", "int_add(i0, -7)",
		"int_add(i0, 3); int_sub(i2, 1)", "int_add(i0, 2)",
		"int_sub(i0, -9223372036854775808)", "int_add(i0, -9223372036854775808)")
	add("shift counts add up, if their sum is a shift count",
		"int_lshift(i0, 3); int_lshift(i2, 4)", "int_lshift(i0, 7)",
		"int_rshift(i0, 31); int_rshift(i2, 32)", "int_rshift(i0, 63)",
		"uint_rshift(i0, 1); uint_rshift(i2, 1)", "uint_rshift(i0, 2)")
	add("shifts in two directions do not add up",
		"int_lshift(i0, 3); int_rshift(i2, 3)", "int_lshift(i0, 3); int_rshift(i2, 3)")
	cases = append(cases, traceCase{
		Rule:   "the inner operation stays if somebody else uses it",
		Before: "[i0]; i1 = int_add(i0, 3); i2 = int_add(i1, 4); finish(i1, i2)",
		After:  "[i0]; i1 = int_add(i0, 3); i2 = int_add(i0, 7); finish(i1, i2)",
	})
	checkRules(t, kit, list(), cases)
}

func TestExercise1_7_FloatIdentities(t *testing.T) {
	solved := irsolution.FloatIdentities
	wrong := func(name, from, to string) exercise.Mutant[rules] {
		return exercise.Wrong(name, plus(solved, ir.Rule{From: from, To: to}))
	}
	exercise.Run(t, ex("1.7"), ir.Yours.FloatIdentities, solved, checkFloatIdentities,
		wrong("adds-the-wrong-zero", "float_add(x, 0.0)", "x"),
		wrong("times-zero-is-zero", "float_mul(x, 0.0)", "0.0"),
		wrong("divided-by-itself-is-one", "float_truediv(x, x)", "1.0"),
		wrong("minus-itself-is-zero", "float_sub(x, x)", "0.0"),
		wrong("equal-to-itself", "float_eq(x, x)", "1"),
		wrong("negates-an-order", "int_is_zero(float_lt(x, y))", "float_ge(x, y)"),
		wrong("zero-minus-x-is-neg", "float_sub(0.0, x)", "float_neg(x)"),
		wrong("reassociates", "float_add(float_add(x, C), D)", "float_add(x, float_add(C, D))"),
		wrong("any-divisor-has-an-inverse", "float_truediv(x, C)", "float_mul(x, recip(C))"),
		exercise.Wrong("forgets-negative-zero", without(solved, "float_add(x, -0.0)")),
	)
}

func checkFloatIdentities(t exercise.TB, list rules) {
	kit := with(func(k *ir.Kit) {
		k.Identities, k.Reassociations, k.FloatIdentities = noRules, noRules, list
	})
	in := "[f0, f1]"
	var cases []traceCase
	add := func(rule string, pairs ...string) {
		for i := 0; i < len(pairs); i += 2 {
			cases = append(cases, expressions(rule, in, pairs[i], pairs[i+1]))
		}
	}
	stays := func(rule string, list ...string) {
		for _, e := range list {
			add(rule, e, e)
		}
	}
	add("adding -0.0 or subtracting 0.0 changes nothing",
		"float_add(f0, -0.0)", "f0", "float_add(-0.0, f0)", "f0", "float_sub(f0, 0.0)", "f0")
	add("multiplying and dividing by 1.0 is exact",
		"float_mul(f0, 1.0)", "f0", "float_mul(1.0, f0)", "f0", "float_truediv(f0, 1.0)", "f0")
	add("multiplying by -1.0 is exact", "float_mul(f0, -1.0)", "float_neg(f0)")
	add("what is negated twice is the value itself", "float_neg(f0); float_neg(f2)", "f0")
	add("the sign does not matter to the absolute value",
		"float_abs(f0); float_abs(f2)", "float_abs(f0)", "float_neg(f0); float_abs(f2)", "float_abs(f0)")
	add("dividing by a power of two is multiplying by its inverse, which is exact",
		"float_truediv(f0, 4.0)", "float_mul(f0, 0.25)", "float_truediv(f0, -0.5)", "float_mul(f0, -2.0)")
	stays("1/3 is no float, so that dividing by 3 has to stay", "float_truediv(f0, 3.0)")
	stays("-0.0 + 0.0 is 0.0", "float_add(f0, 0.0)")
	stays("infinity times 0.0 is NaN, and -1.0 times 0.0 is -0.0", "float_mul(f0, 0.0)")
	stays("infinity minus itself is NaN", "float_sub(f0, f0)")
	stays("0.0 / 0.0 is NaN", "float_truediv(f0, f0)")
	stays("NaN is not equal to itself", "float_eq(f0, f0)")
	stays("float additions round at each step, so they stay in order", "float_add(f0, 1.0); float_add(f2, 2.0)")
	checkRules(t, kit, list(), cases)
}
