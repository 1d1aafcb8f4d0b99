package knownbits_test

import (
	"testing"

	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// The cases of this file hold the rules of the pass "bounds" (rules.go) to what they
// say, with the solution's functions.

// A rule is a sentence, with traces to which it applies and traces in which its
// condition just fails.
type rule struct {
	says  string
	cases []change
}

// A change is a trace before and after; see tracetest.Case.
type change struct{ before, after string }

func checkRules(t *testing.T, check func(t exercise.TB, kit *knownbits.Kit, cases ...tracetest.Case), rules []rule) {
	t.Helper()
	var cases []tracetest.Case
	for _, r := range rules {
		for _, c := range r.cases {
			cases = append(cases, tracetest.Case{Rule: r.says, Before: c.before, After: c.after})
		}
	}
	check(t, &knownbitssolution.Kit, cases...)
}

// TestWhatChangesNothingIsDropped has, for each of these rules, a case in which it
// applies and one in which its condition just fails.
func TestWhatChangesNothingIsDropped(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"a mask that has a 1 wherever the number may have one clears nothing", []change{
			{"[i0]; i1 = int_and(i0, 15); i2 = int_and(i1, 31); finish(i2)", "[i0]; i1 = int_and(i0, 15); finish(i1)"},
			{"[i0, i1]; i2 = int_and(i0, 7); i3 = int_or(i1, 15); i4 = int_and(i2, i3); finish(i4)", "[i0, i1]; i2 = int_and(i0, 7); finish(i2)"},
			{"[i0, i1]; i2 = int_and(i0, 7); i3 = int_or(i1, 11); i4 = int_and(i2, i3); finish(i4)", "same"},
		}},
		{"to set bits that are 1 already changes nothing", []change{
			{"[i0, i1]; i2 = int_or(i0, 12); i3 = int_and(i1, 4); i4 = int_or(i2, i3); finish(i4)", "[i0, i1]; i2 = int_or(i0, 12); finish(i2)"},
			{"[i0, i1]; i2 = int_or(i0, 12); i3 = int_and(i1, 6); i4 = int_or(i2, i3); finish(i4)", "same"},
		}},
		{"int_force_ge_zero leaves what is not negative", []change{
			{"[i0]; i1 = int_and(i0, 15); i2 = int_force_ge_zero(i1); finish(i2)", "[i0]; i1 = int_and(i0, 15); finish(i1)"},
			{"[i0]; i1 = int_and(i0, -2); i2 = int_force_ge_zero(i1); finish(i2)", "same"},
			{"[i0]; i1 = int_or(i0, -16); i2 = int_force_ge_zero(i1); finish(i2)", "[i0]; finish(0)"},
		}},
		{"int_signext leaves a number that has as many bytes, its sign included", []change{
			{"[i0]; i1 = int_and(i0, 127); i2 = int_signext(i1, 1); finish(i2)", "[i0]; i1 = int_and(i0, 127); finish(i1)"},
			{"[i0]; i1 = int_and(i0, 255); i2 = int_signext(i1, 1); finish(i2)", "same"},
			{"[i0]; i1 = int_and(i0, 255); i2 = int_signext(i1, 2); finish(i2)", "[i0]; i1 = int_and(i0, 255); finish(i1)"},
			{"[i0]; i1 = int_or(i0, -128); i2 = int_signext(i1, 1); finish(i2)", "[i0]; i1 = int_or(i0, -128); finish(i1)"},
			{"[i0]; i1 = int_or(i0, -256); i2 = int_signext(i1, 1); finish(i2)", "same"},
		}},
		{"what is shifted left and back again is the same if no bit was lost, or is shifted by the difference", []change{
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 32); i3 = int_rshift(i2, 32); finish(i3)",
				"[i0]; i1 = int_signext(i0, 4); finish(i1)"},
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 33); i3 = int_rshift(i2, 33); finish(i3)", "same"},
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 32); i3 = int_rshift(i2, 34); finish(i3)",
				"[i0]; i1 = int_signext(i0, 4); i2 = int_rshift(i1, 2); finish(i2)"},
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 33); i3 = int_rshift(i2, 35); finish(i3)", "same"},
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 32); i3 = int_rshift(i2, 30); finish(i3)",
				"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 2); finish(i2)"},
			{"[i0]; i1 = int_signext(i0, 4); i2 = int_lshift(i1, 33); i3 = int_rshift(i2, 31); finish(i3)", "same"},
		}},
		{"is 0 or 1 a 1: that is the number itself", []change{
			{"[i0]; i1 = int_and(i0, 1); i2 = int_is_true(i1); finish(i2)", "[i0]; i1 = int_and(i0, 1); finish(i1)"},
			{"[i0]; i1 = int_and(i0, 3); i2 = int_is_true(i1); finish(i2)", "same"},
			{"[i0]; i1 = int_and(i0, 1); i2 = int_eq(i1, 1); finish(i2)", "[i0]; i1 = int_and(i0, 1); finish(i1)"},
			{"[i0]; i1 = int_and(i0, 3); i2 = int_eq(i1, 1); finish(i2)", "same"},
		}},
		{"is 0 or 1 no 1: that is the opposite", []change{
			{"[i0]; i1 = int_and(i0, 1); i2 = int_ne(i1, 1); finish(i2)", "[i0]; i1 = int_and(i0, 1); i2 = int_is_zero(i1); finish(i2)"},
			{"[i0]; i1 = int_and(i0, 3); i2 = int_ne(i1, 1); finish(i2)", "same"},
			{"[i0]; i1 = int_and(i0, 1); i2 = int_xor(i1, 1); finish(i2)", "[i0]; i1 = int_and(i0, 1); i2 = int_is_zero(i1); finish(i2)"},
			{"[i0]; i1 = int_and(i0, 3); i2 = int_xor(i1, 1); finish(i2)", "same"},
		}},
	})
}

// TestWhatNobodyAsksForIsNotComputed is about the bits that a mask clears.
func TestWhatNobodyAsksForIsNotComputed(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"bits that a mask clears need not be set before", []change{
			{"[i0, i1]; i2 = int_lshift(i1, 4); i3 = int_or(i0, i2); i4 = int_and(i3, 15); finish(i4)", "[i0, i1]; i2 = int_and(i0, 15); finish(i2)"},
			{"[i0, i1]; i2 = int_lshift(i1, 3); i3 = int_or(i0, i2); i4 = int_and(i3, 15); finish(i4)", "same"},
			{"[i0, i1]; i2 = int_lshift(i1, 4); i3 = int_xor(i0, i2); i4 = int_and(i3, 15); finish(i4)",
				"[i0, i1]; i2 = int_and(i0, 15); finish(i2)"},
			{"[i0, i1]; i2 = int_lshift(i1, 3); i3 = int_xor(i0, i2); i4 = int_and(i3, 15); finish(i4)", "same"},
		}},
		{"bits that are shifted out need not be cleared before", []change{
			{"[i0]; i1 = int_and(i0, -8); i2 = int_rshift(i1, 3); finish(i2)", "[i0]; i1 = int_rshift(i0, 3); finish(i1)"},
			{"[i0]; i1 = int_and(i0, -16); i2 = int_rshift(i1, 3); finish(i2)", "same"},
			{"[i0]; i1 = int_and(i0, -8); i2 = uint_rshift(i1, 3); finish(i2)", "[i0]; i1 = uint_rshift(i0, 3); finish(i1)"},
			{"[i0]; i1 = int_and(i0, -16); i2 = uint_rshift(i1, 3); finish(i2)", "same"},
		}},
		{"what is added above a mask does not reach down to it, what is added below does reach up", []change{
			{"[i0, i1]; i2 = int_lshift(i1, 4); i3 = int_add(i0, i2); i4 = int_and(i3, 15); finish(i4)",
				"[i0, i1]; i2 = int_and(i0, 15); finish(i2)"},
			{"[i0, i1]; i2 = int_lshift(i1, 3); i3 = int_add(i0, i2); i4 = int_and(i3, 15); finish(i4)", "same"},
			{"[i0, i1]; i2 = int_and(i1, 1); i3 = int_add(i0, i2); i4 = int_and(i3, 14); finish(i4)", "same"},
		}},
		{"a field that is taken out and put back to where it was is a mask", []change{
			{"[i0]; i1 = uint_rshift(i0, 4); i2 = int_and(i1, 7); i3 = int_lshift(i2, 4); finish(i3)", "[i0]; i1 = int_and(i0, 112); finish(i1)"},
			{"[i0]; i1 = int_rshift(i0, 4); i2 = int_and(i1, 7); i3 = int_lshift(i2, 4); finish(i3)", "[i0]; i1 = int_and(i0, 112); finish(i1)"},
			{"[i0]; i1 = uint_rshift(i0, 4); i2 = int_and(i1, 7); i3 = int_lshift(i2, 3); finish(i3)", "same"},
		}},
		{"two masks of the same number are one", []change{
			{"[i0]; i1 = int_and(i0, 6); i2 = int_and(i0, 12); i3 = int_or(i1, i2); finish(i3)", "[i0]; i1 = int_and(i0, 14); finish(i1)"},
			{"[i0, i1]; i2 = int_and(i0, 6); i3 = int_and(i1, 12); i4 = int_or(i2, i3); finish(i4)", "same"},
		}},
	})
}

// TestWhatIsTakenBackIsGone is about operations that undo others.
func TestWhatIsTakenBackIsGone(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"constants that are added behind a check come together; the check stays", []change{
			{"[i0]; i1 = int_add_ovf(i0, 5); guard_no_overflow() []; i2 = int_add(i1, 3); finish(i2)",
				"[i0]; i1 = int_add_ovf(i0, 5); guard_no_overflow() []; i2 = int_add(i0, 8); finish(i2)"},
			{"[i0]; i1 = int_sub_ovf(i0, 5); guard_no_overflow() []; i2 = int_add(i1, 3); finish(i2)",
				"[i0]; i1 = int_sub_ovf(i0, 5); guard_no_overflow() []; i2 = int_add(i0, -2); finish(i2)"},
		}},
		{"what was added with a check and is subtracted is gone", []change{
			{"[i0, i1]; i2 = int_add_ovf(i0, i1); guard_no_overflow() []; i3 = int_sub(i2, i1); finish(i3)",
				"[i0, i1]; i2 = int_add_ovf(i0, i1); guard_no_overflow() []; finish(i0)"},
			{"[i0, i1]; i2 = int_sub_ovf(i0, i1); guard_no_overflow() []; i3 = int_add(i2, i1); finish(i3)",
				"[i0, i1]; i2 = int_sub_ovf(i0, i1); guard_no_overflow() []; finish(i0)"},
			{"[i0, i1]; i2 = int_sub_ovf(i0, i1); guard_no_overflow() []; i3 = int_add(i2, i0); finish(i3)", "same"},
		}},
		{"the opposite and 1 is the negative", []change{
			{"[i0]; i1 = int_invert(i0); i2 = int_add(i1, 1); finish(i2)", "[i0]; i1 = int_neg(i0); finish(i1)"},
			{"[i0]; i1 = int_invert(i0); i2 = int_add(i1, 2); finish(i2)", "same"},
		}},
		{"where no two bits meet, adding is or, and so is xor", []change{
			{"[i0]; i1 = int_lshift(i0, 4); i2 = int_add(i1, 7); finish(i2)", "[i0]; i1 = int_lshift(i0, 4); i2 = int_or(i1, 7); finish(i2)"},
			{"[i0]; i1 = int_lshift(i0, 2); i2 = int_add(i1, 7); finish(i2)", "same"},
			{"[i0]; i1 = int_lshift(i0, 4); i2 = int_xor(i1, 7); finish(i2)", "[i0]; i1 = int_lshift(i0, 4); i2 = int_or(i1, 7); finish(i2)"},
			{"[i0]; i1 = int_lshift(i0, 2); i2 = int_xor(i1, 7); finish(i2)", "same"},
		}},
		{"bits that were set and are taken away again were not there", []change{
			{"[i0, i1]; i2 = int_lshift(i0, 4); i3 = int_and(i1, 15); i4 = int_or(i2, i3); i5 = int_sub(i4, i3); finish(i5)",
				"[i0, i1]; i2 = int_lshift(i0, 4); finish(i2)"},
			{"[i0, i1]; i2 = int_lshift(i0, 3); i3 = int_and(i1, 15); i4 = int_or(i2, i3); i5 = int_sub(i4, i3); finish(i5)", "same"},
		}},
		{"to subtract bits that are 1 clears them", []change{
			{"[i0]; i1 = int_or(i0, 3); i2 = int_add(i1, -3); finish(i2)", "[i0]; i1 = int_and(i0, -4); finish(i1)"},
			{"[i0]; i1 = int_or(i0, 3); i2 = int_add(i1, -4); finish(i2)", "same"},
		}},
		{"bits that are shifted out need not be set before", []change{
			{"[i0]; i1 = int_or(i0, 7); i2 = int_rshift(i1, 3); finish(i2)", "[i0]; i1 = int_rshift(i0, 3); finish(i1)"},
			{"[i0]; i1 = int_or(i0, 8); i2 = int_rshift(i1, 3); finish(i2)", "same"},
			{"[i0]; i1 = int_or(i0, 7); i2 = uint_rshift(i1, 3); finish(i2)", "[i0]; i1 = uint_rshift(i0, 3); finish(i1)"},
			{"[i0]; i1 = int_or(i0, 8); i2 = uint_rshift(i1, 3); finish(i2)", "same"},
		}},
	})
}

// TestWhatIsCheaper is about operations that others can replace.
func TestWhatIsCheaper(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"without a sign to copy, both shifts to the right are the same", []change{
			{"[i0]; i1 = int_and(i0, 255); i2 = int_rshift(i1, 3); finish(i2)", "[i0]; i1 = int_and(i0, 255); i2 = uint_rshift(i1, 3); finish(i2)"},
			{"[i0, i1]; i2 = int_and(i0, 255); i3 = int_rshift(i2, i1); finish(i3)",
				"[i0, i1]; i2 = int_and(i0, 255); i3 = uint_rshift(i2, i1); finish(i3)"},
			{"[i0]; i1 = int_and(i0, -16); i2 = int_rshift(i1, 3); finish(i2)", "same"},
		}},
		{"a product with a power of two that is computed is a shift", []change{
			{"[i0, i1]; i2 = int_lshift(1, i1); i3 = int_mul(i0, i2); finish(i3)", "[i0, i1]; i2 = int_lshift(i0, i1); finish(i2)"},
			{"[i0, i1]; i2 = int_lshift(3, i1); i3 = int_mul(i0, i2); finish(i3)", "same"},
		}},
		{"a sum is 0 if the number is the negative of the constant", []change{
			{"[i0]; i1 = int_add(i0, 5); i2 = int_is_zero(i1); finish(i2)", "[i0]; i1 = int_eq(i0, -5); finish(i1)"},
			{"[i0]; i1 = int_add(i0, 5); i2 = int_is_true(i1); finish(i2)", "[i0]; i1 = int_ne(i0, -5); finish(i1)"},
			{"[i0, i1]; i2 = int_add(i0, i1); i3 = int_is_true(i2); finish(i3)", "same"},
		}},
		{"what is less by 1 just if it is C is never C", []change{
			{"[i0]; i1 = int_eq(i0, 1); i2 = int_sub(i0, i1); i3 = int_eq(i2, 1); finish(i3)", "[i0]; finish(0)"},
			{"[i0]; i1 = int_eq(i0, 1); i2 = int_sub(i0, i1); i3 = int_eq(i2, 2); finish(i3)", "same"},
		}},
		{"numbers with the same sign are in the same order with and without it", []change{
			{"[i0, i1]; i2 = int_and(i0, 255); i3 = int_and(i1, 127); i4 = uint_lt(i2, i3); i5 = uint_le(i2, i3); i6 = uint_gt(i2, i3); i7 = uint_ge(i2, i3); finish(i4, i5, i6, i7)",
				"[i0, i1]; i2 = int_and(i0, 255); i3 = int_and(i1, 127); i4 = int_lt(i2, i3); i5 = int_le(i2, i3); i6 = int_gt(i2, i3); i7 = int_ge(i2, i3); finish(i4, i5, i6, i7)"},
			{"[i0, i1]; i2 = int_or(i0, -256); i3 = int_or(i1, -128); i4 = uint_lt(i2, i3); finish(i4)",
				"[i0, i1]; i2 = int_or(i0, -256); i3 = int_or(i1, -128); i4 = int_lt(i2, i3); finish(i4)"},
			{"[i0, i1]; i2 = int_and(i0, 255); i3 = uint_lt(i2, i1); finish(i3)", "same"},
			{"[i0, i1]; i2 = int_and(i0, 255); i3 = int_or(i1, -128); i4 = uint_lt(i2, i3); finish(i4)", "[i0, i1]; finish(1)"},
		}},
	})
}
