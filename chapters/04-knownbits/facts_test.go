package knownbits_test

import "testing"

// The cases of this file hold the facts of the pass "bounds" (pass.go) to what they
// say, with the solution's functions: what is known of a value, and from where.

// TestWhatIsDeclared is about what fields and lengths say, before any guard does.
func TestWhatIsDeclared(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"what is read from a field lies in the range that is declared for it", []change{
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_lt(i1, 256); guard_true(i2) []; i3 = int_ge(i1, 0); guard_true(i3) []; finish(i1)",
				"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); finish(i1)"},
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_lt(i1, 255); guard_true(i2) []; finish(i1)", "same"},
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); i2 = int_lt(i1, 256); guard_true(i2) []; finish(i1)", "same"},
		}},
		{"so does an item of an array", []change{
			{"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=BYTES); i3 = int_and(i2, 255); finish(i3)",
				"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=BYTES); finish(i2)"},
			{"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=INTS); i3 = int_and(i2, 255); finish(i3)", "same"},
		}},
		{"a length is not negative", []change{
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); i2 = int_ge(i1, 0); guard_true(i2) []; finish(i1)",
				"[p0]; i1 = arraylen_gc(p0, descr=INTS); finish(i1)"},
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); i2 = int_gt(i1, 0); guard_true(i2) []; finish(i1)", "same"},
		}},
		{"an array that was made has the length with which it was made", []change{
			{"[p0, i1]; i2 = uint_lt(i1, 10); guard_true(i2) []; p3 = new_array_clear(i1, descr=INTS); escape_n(p3); i4 = arraylen_gc(p3, descr=INTS); i5 = int_lt(i4, 10); guard_true(i5) []; finish(i4)",
				"[p0, i1]; i2 = uint_lt(i1, 10); guard_true(i2) []; p3 = new_array_clear(i1, descr=INTS); escape_n(p3); finish(i1)"},
		}},
	})
}

// TestWhatAnAccessSays is about indices: the trace must have made sure that they are right.
func TestWhatAnAccessSays(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"a check of an index is not done again, though the second one is one of signed numbers", []change{
			{"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); i3 = uint_lt(i1, i2); guard_true(i3) []; i4 = uint_lt(i1, i2); guard_true(i4) []; i5 = int_lt(i1, i2); guard_true(i5) []; finish(i1)",
				"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); i3 = uint_lt(i1, i2); guard_true(i3) []; finish(i1)"},
			{"[i0, i1]; i2 = uint_lt(i0, i1); guard_true(i2) []; i3 = int_lt(i0, i1); guard_true(i3) []; finish(i0)", "same"},
		}},
		{"an index that was used is not negative, and the length is not 0", []change{
			{"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=INTS); i3 = int_ge(i1, 0); guard_true(i3) []; i4 = arraylen_gc(p0, descr=INTS); i5 = int_gt(i4, 0); guard_true(i5) []; finish(i2)",
				"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=INTS); finish(i2)"},
			{"[p0, i1]; setarrayitem_gc(p0, i1, 5, descr=INTS); i2 = int_lt(i1, 0); guard_false(i2) []; finish(i1)",
				"[p0, i1]; setarrayitem_gc(p0, i1, 5, descr=INTS); finish(i1)"},
		}},
		{"the length is greater than a constant index", []change{
			{"[p0]; i1 = getarrayitem_gc_i(p0, 3, descr=INTS); i2 = arraylen_gc(p0, descr=INTS); i3 = int_lt(3, i2); guard_true(i3) []; finish(i1)",
				"[p0]; i1 = getarrayitem_gc_i(p0, 3, descr=INTS); finish(i1)"},
			{"[p0]; i1 = getarrayitem_gc_i(p0, 3, descr=INTS); i2 = arraylen_gc(p0, descr=INTS); i3 = int_gt(i2, 4); guard_true(i3) []; finish(i1)",
				"same"},
		}},
		{"an index is less than a constant length", []change{
			{"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); guard_value(i2, 8) []; i3 = getarrayitem_gc_i(p0, i1, descr=INTS); i4 = int_lt(i1, 8); guard_true(i4) []; finish(i3)",
				"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); guard_value(i2, 8) []; i3 = getarrayitem_gc_i(p0, i1, descr=INTS); finish(i3)"},
			{"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); guard_value(i2, 8) []; i3 = getarrayitem_gc_i(p0, i1, descr=INTS); i4 = int_lt(i1, 7); guard_true(i4) []; finish(i3)",
				"same"},
		}},
		{"what is learned of an array's length holds of what asked for it before", []change{
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); i2 = getarrayitem_gc_i(p0, 3, descr=INTS); i3 = int_gt(i1, 3); guard_true(i3) []; finish(i2)",
				"[p0]; i1 = getarrayitem_gc_i(p0, 3, descr=INTS); finish(i1)"},
		}},
		{"no run gets past an access that can't be done", []change{
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); guard_value(i1, 3) []; i2 = getarrayitem_gc_i(p0, 3, descr=INTS); finish(i2)", "impossible"},
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); guard_value(i1, 3) []; i2 = getarrayitem_gc_i(p0, 2, descr=INTS); finish(i2)", "same"},
			{"[p0]; i1 = getarrayitem_gc_i(p0, -1, descr=INTS); finish(i1)", "impossible"},
		}},
	})
}

// TestAGuardSaysWhatItsArgumentsAre goes backward from a guard through one operation.
func TestAGuardSaysWhatItsArgumentsAre(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"through an addition, if it can't wrap", []change{
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_add(i1, 5); i3 = int_lt(i2, 10); guard_true(i3) []; i4 = int_lt(i1, 5); guard_true(i4) []; finish(i1)",
				"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_add(i1, 5); i3 = int_lt(i2, 10); guard_true(i3) []; finish(i1)"},
			{"[i0]; i1 = int_add(i0, 5); i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_lt(i0, 5); guard_true(i3) []; finish(i0)", "same"},
		}},
		{"through one that may wrap, if the result is in a range that does not", []change{
			{"[i0]; i1 = int_add(i0, 5); i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_gt(i1, 0); guard_true(i3) []; i4 = int_lt(i0, 5); guard_true(i4) []; i5 = int_ge(i0, -4); guard_true(i5) []; finish(i0)",
				"[i0]; i1 = int_add(i0, 5); i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_gt(i1, 0); guard_true(i3) []; finish(i0)"},
		}},
		{"through a mask and a subtraction", []change{
			{"[i0]; i1 = int_sub(10, i0); i2 = int_and(i1, -8); guard_value(i2, 0) []; i3 = int_ge(i0, 3); guard_true(i3) []; i4 = int_le(i0, 10); guard_true(i4) []; finish(i0)",
				"[i0]; i1 = int_sub(10, i0); i2 = int_and(i1, -8); guard_value(i2, 0) []; finish(i0)"},
		}},
		{"through and, or, xor: bit by bit", []change{
			{"[i0]; i1 = int_and(i0, 12); guard_value(i1, 4) []; i2 = int_and(i0, 4); finish(i2)",
				"[i0]; i1 = int_and(i0, 12); guard_value(i1, 4) []; finish(4)"},
			{"[i0]; i1 = int_and(i0, 12); guard_value(i1, 4) []; i2 = int_and(i0, 2); finish(i2)", "same"},
			{"[i0]; i1 = int_or(i0, 3); guard_value(i1, 7) []; i2 = int_lt(i0, 8); i3 = int_and(i0, 4); finish(i2, i3)",
				"[i0]; i1 = int_or(i0, 3); guard_value(i1, 7) []; finish(1, 4)"},
			{"[i0]; i1 = int_xor(i0, 5); guard_value(i1, 6) []; finish(i0)", "[i0]; i1 = int_xor(i0, 5); guard_value(i1, 6) []; finish(3)"},
		}},
		{"through shifts: what was shifted out is not known", []change{
			{"[i0]; i1 = int_lshift(i0, 4); guard_value(i1, 48) []; i2 = int_and(i0, 3); finish(i2)",
				"[i0]; i1 = int_lshift(i0, 4); guard_value(i1, 48) []; finish(3)"},
			{"[i0]; i1 = int_lshift(i0, 4); guard_value(i1, 48) []; finish(i0)", "same"},
			{"[i0]; i1 = int_rshift(i0, 4); guard_value(i1, 3) []; i2 = int_lt(i0, 64); guard_true(i2) []; i3 = int_ge(i0, 48); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = int_rshift(i0, 4); guard_value(i1, 3) []; finish(i0)"},
			{"[i0]; i1 = uint_rshift(i0, 4); guard_value(i1, 3) []; i2 = int_lt(i0, 64); guard_true(i2) []; i3 = int_ge(i0, 48); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = uint_rshift(i0, 4); guard_value(i1, 3) []; finish(i0)"},
		}},
		{"through a product: an odd factor can be undone also if it wraps, an even one only if it does not", []change{
			{"[i0]; i1 = int_mul(i0, 3); guard_value(i1, 12) []; finish(i0)", "[i0]; i1 = int_mul(i0, 3); guard_value(i1, 12) []; finish(4)"},
			{"[i0]; i1 = int_mul(i0, 6); guard_value(i1, 12) []; finish(i0)", "same"},
			{"[i0]; i1 = int_mul_ovf(i0, 6); guard_no_overflow() []; guard_value(i1, 12) []; finish(i0)",
				"[i0]; i1 = int_mul_ovf(i0, 6); guard_no_overflow() []; guard_value(i1, 12) []; finish(2)"},
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_mul(i1, 6); i3 = int_lt(i2, 20); guard_true(i3) []; i4 = int_le(i1, 3); guard_true(i4) []; finish(i1)",
				"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_mul(i1, 6); i3 = int_lt(i2, 20); guard_true(i3) []; finish(i1)"},
		}},
		{"through invert, which turns the order round", []change{
			{"[i0]; i1 = int_invert(i0); i2 = int_lt(i1, 0); guard_true(i2) []; i3 = int_ge(i0, 0); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = int_invert(i0); i2 = int_lt(i1, 0); guard_true(i2) []; finish(i0)"},
		}},
		{"but the negative of the least number is negative as well", []change{
			{"[i0]; i1 = int_neg(i0); i2 = int_lt(i1, 0); guard_true(i2) []; i3 = int_gt(i0, 0); finish(i3)", "same"},
		}},
		{"through int_signext, of the bytes that it keeps, and int_force_ge_zero", []change{
			{"[i0]; i1 = int_signext(i0, 1); guard_value(i1, -2) []; i2 = int_and(i0, 255); finish(i2)",
				"[i0]; i1 = int_signext(i0, 1); guard_value(i1, -2) []; finish(254)"},
			{"[i0]; i1 = int_force_ge_zero(i0); guard_value(i1, 7) []; finish(i0)",
				"[i0]; i1 = int_force_ge_zero(i0); guard_value(i1, 7) []; finish(7)"},
			{"[i0]; i1 = int_force_ge_zero(i0); guard_value(i1, 0) []; i2 = int_le(i0, 0); finish(i2, i0)",
				"[i0]; i1 = int_force_ge_zero(i0); guard_value(i1, 0) []; finish(1, i0)"},
		}},
		{"through int_is_true and int_is_zero", []change{
			{"[i0]; i1 = int_is_zero(i0); guard_true(i1) []; finish(i0)", "[i0]; i1 = int_is_zero(i0); guard_true(i1) []; finish(0)"},
			{"[i0]; i1 = int_is_true(i0); guard_false(i1) []; finish(i0)", "[i0]; i1 = int_is_true(i0); guard_false(i1) []; finish(0)"},
			{"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_is_true(i0); guard_true(i2) []; i3 = int_gt(i0, 0); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_is_true(i0); guard_true(i2) []; finish(i0)"},
		}},
		{"equal numbers know the same", []change{
			{"[i0, i1]; i2 = int_lt(i0, 5); guard_true(i2) []; i3 = int_eq(i0, i1); guard_true(i3) []; i4 = int_lt(i1, 5); guard_true(i4) []; finish(i1)",
				"[i0, i1]; i2 = int_lt(i0, 5); guard_true(i2) []; i3 = int_eq(i0, i1); guard_true(i3) []; finish(i1)"},
		}},
		{"a number that is not the least of its range is a greater one; from within a range nothing can be taken", []change{
			{"[i0]; i1 = int_ge(i0, 5); guard_true(i1) []; i2 = int_ne(i0, 5); guard_true(i2) []; i3 = int_gt(i0, 5); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = int_ge(i0, 5); guard_true(i1) []; i2 = int_ne(i0, 5); guard_true(i2) []; finish(i0)"},
			{"[i0]; i1 = int_ge(i0, 5); guard_true(i1) []; i2 = int_ne(i0, 6); guard_true(i2) []; i3 = int_gt(i0, 5); guard_true(i3) []; finish(i0)",
				"same"},
		}},
		{"what is below in the order without signs is not negative, if the limit is not", []change{
			{"[i0]; i1 = uint_lt(i0, 10); guard_true(i1) []; i2 = int_ge(i0, 0); guard_true(i2) []; i3 = int_lt(i0, 10); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = uint_lt(i0, 10); guard_true(i1) []; finish(i0)"},
			{"[i0, p1]; i2 = arraylen_gc(p1, descr=INTS); i3 = uint_lt(i0, i2); guard_true(i3) []; i4 = int_ge(i0, 0); guard_true(i4) []; i5 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i5)",
				"[i0, p1]; i2 = arraylen_gc(p1, descr=INTS); i3 = uint_lt(i0, i2); guard_true(i3) []; i4 = int_add(i0, 1); finish(i4)"},
			{"[i0, i1]; i2 = uint_lt(i0, i1); guard_true(i2) []; i3 = int_ge(i0, 0); guard_true(i3) []; finish(i0)", "same"},
		}},
	})
}

// TestWhatIsLearnedLater is about values that were computed before their arguments were known
// this well.
func TestWhatIsLearnedLater(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"a comparison that stands before a guard is decided behind it", []change{
			{"[i0]; i1 = int_add(i0, 1); i2 = int_lt(i1, 10); i3 = uint_lt(i0, 5); guard_true(i3) []; guard_true(i2) []; finish(i1)",
				"[i0]; i1 = int_add(i0, 1); i2 = uint_lt(i0, 5); guard_true(i2) []; finish(i1)"},
			{"[i0]; i1 = int_add(i0, 1); i2 = int_lt(i1, 5); i3 = uint_lt(i0, 5); guard_true(i3) []; guard_true(i2) []; finish(i1)", "same"},
		}},
		{"a sum is known better once its argument is", []change{
			{"[i0]; i1 = int_add(i0, 1); i2 = uint_lt(i0, 5); guard_true(i2) []; i3 = int_lt(i1, 10); guard_true(i3) []; finish(i1)",
				"[i0]; i1 = int_add(i0, 1); i2 = uint_lt(i0, 5); guard_true(i2) []; finish(i1)"},
		}},
	})
}

// TestOverflowChecks is about checks that become plain operations, and about those that stay.
func TestOverflowChecks(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"what can't overflow is not checked, and then is an operation as others are", []change{
			{"[i0]; i1 = int_and(i0, 1023); i2 = int_add_ovf(i1, 1); guard_no_overflow() [i0]; i3 = int_sub_ovf(i2, 5); guard_no_overflow() []; i4 = int_mul_ovf(i3, i3); guard_no_overflow() []; finish(i4)",
				"[i0]; i1 = int_and(i0, 1023); i2 = int_add(i1, -4); i3 = int_mul(i2, i2); finish(i3)"},
			{"[i0]; i1 = int_and(i0, 9223372036854775807); i2 = int_add_ovf(i1, 1); guard_no_overflow() []; finish(i2)", "same"},
			{"[i0]; i1 = int_and(i0, 9223372036854775806); i2 = int_add_ovf(i1, 1); guard_no_overflow() []; finish(i2)",
				"[i0]; i1 = int_and(i0, 9223372036854775806); i2 = int_or(i1, 1); finish(i2)"},
		}},
		{"a check that has passed says what its arguments are", []change{
			{"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_gt(i1, -9223372036854775808); guard_true(i2) []; i3 = int_sub_ovf(i1, 1); guard_no_overflow() []; finish(i3)",
				"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i0)"},
			{"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_lt(i0, 9223372036854775807); guard_true(i2) []; finish(i1)",
				"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i1)"},
		}},
		{"a sum of a number with itself is even, whether it wraps or not", []change{
			{"[i0]; i1 = int_add(i0, i0); i2 = int_and(i1, 1); finish(i2)", "[i0]; finish(0)"},
			{"[i0]; i1 = int_add_ovf(i0, i0); guard_no_overflow() []; i2 = int_and(i1, 1); finish(i2)",
				"[i0]; i1 = int_add_ovf(i0, i0); guard_no_overflow() []; finish(0)"},
			{"[i0, i1]; i2 = int_add(i0, i1); i3 = int_and(i2, 1); finish(i3)", "same"},
		}},
		{"and each is half of it, if it does not wrap", []change{
			{"[i0]; i1 = int_add_ovf(i0, i0); guard_no_overflow() []; i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_lt(i0, 5); guard_true(i3) []; finish(i0)",
				"[i0]; i1 = int_add_ovf(i0, i0); guard_no_overflow() []; i2 = int_lt(i1, 10); guard_true(i2) []; finish(i0)"},
			{"[i0]; i1 = int_add(i0, i0); i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_lt(i0, 5); guard_true(i3) []; finish(i0)", "same"},
		}},
		{"a square leaves 0 or 1 when divided by 4, and is not negative if it does not wrap", []change{
			{"[i0]; i1 = int_mul_ovf(i0, i0); guard_no_overflow() []; i2 = int_ge(i1, 0); guard_true(i2) []; i3 = int_and(i1, 2); finish(i3)",
				"[i0]; i1 = int_mul_ovf(i0, i0); guard_no_overflow() []; finish(0)"},
			{"[i0]; i1 = int_mul(i0, i0); i2 = int_and(i1, 2); i3 = int_ge(i1, 0); finish(i2, i3)",
				"[i0]; i1 = int_mul(i0, i0); i2 = int_ge(i1, 0); finish(0, i2)"},
		}},
		{"what always overflows is plain, too, if the trace wants that", []change{
			{"[i0]; i1 = int_ge(i0, 1); guard_true(i1) []; i2 = int_add_ovf(i0, 9223372036854775807); guard_overflow() []; finish(i2)",
				"[i0]; i1 = int_ge(i0, 1); guard_true(i1) []; i2 = int_add(i0, 9223372036854775807); finish(i2)"},
			{"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_add_ovf(i0, 9223372036854775807); guard_overflow() []; finish(i2)", "same"},
		}},
		{"guard_overflow says nothing of the sum", []change{
			{"[i0, i1]; i2 = int_add_ovf(i0, i1); guard_overflow() []; i3 = int_ge(i2, 0); finish(i2, i3)", "same"},
		}},
	})
}

// TestImpossibleTraces is about guards that can't all hold.
func TestImpossibleTraces(t *testing.T) {
	checkRules(t, checkCases, []rule{
		{"two guards leave no number between them", []change{
			{"[i0]; i1 = int_lt(i0, 5); guard_true(i1) []; i2 = int_gt(i0, 3); guard_true(i2) []; finish(i0)",
				"[i0]; i1 = int_lt(i0, 5); guard_true(i1) []; i2 = int_gt(i0, 3); guard_true(i2) []; finish(4)"},
			{"[i0]; i1 = int_lt(i0, 5); guard_true(i1) []; i2 = int_gt(i0, 4); guard_true(i2) []; finish(i0)", "impossible"},
		}},
		{"nothing is below the least number", []change{
			{"[i0]; i1 = int_lt(i0, -9223372036854775808); guard_true(i1) []; finish(i0)", "impossible"},
			{"[i0, i1]; i2 = int_eq(i1, -9223372036854775808); guard_true(i2) []; i3 = int_lt(i0, i1); guard_true(i3) []; finish(i0)", "impossible"},
		}},
		{"two guards want different bits", []change{
			{"[i0]; i1 = int_and(i0, 1); guard_true(i1) []; i2 = int_and(i0, 3); guard_value(i2, 2) []; finish(i0)", "impossible"},
		}},
		{"no number gives such a result", []change{
			{"[i0]; i1 = int_lshift(i0, 1); guard_value(i1, 3) []; finish(i0)", "impossible"},
			{"[i0]; i1 = int_mul(i0, 6); guard_value(i1, 13) []; finish(i0)", "impossible"},
			{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); guard_value(i1, 256) []; finish(i1)", "impossible"},
			{"[p0]; i1 = arraylen_gc(p0, descr=INTS); i2 = int_lt(i1, 0); guard_true(i2) []; finish(i1)", "impossible"},
		}},
		{"it always overflows", []change{
			{"[i0]; i1 = int_ge(i0, 1); guard_true(i1) []; i2 = int_add_ovf(i0, 9223372036854775807); guard_no_overflow() []; finish(i2)",
				"impossible"},
		}},
		{"it never does", []change{
			{"[i0]; i1 = int_and(i0, 7); i2 = int_add_ovf(i1, 1); guard_overflow() []; finish(i2)", "impossible"},
		}},
	})
}

// TestLoops is about counters: the guard of a loop says that they do not overflow.
func TestLoops(t *testing.T) {
	checkRules(t, checkLoops, []rule{
		{"a counter that is below a limit can be counted up", []change{
			{"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_add_ovf(i0, 1); guard_no_overflow() [i0]; jump(i3, i1)",
				"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_add(i0, 1); label(i3); i4 = int_lt(i3, i1); guard_true(i4) [i3]; i5 = int_add(i3, 1); jump(i5)"},
		}},
		{"one that is above 0 can be counted down", []change{
			{"[i0]; i1 = int_gt(i0, 0); guard_true(i1) [i0]; i2 = int_sub_ovf(i0, 1); guard_no_overflow() []; jump(i2)",
				"[i0]; i1 = int_gt(i0, 0); guard_true(i1) [i0]; i2 = int_add(i0, -1); label(i2); i3 = int_gt(i2, 0); guard_true(i3) [i2]; i4 = int_add(i2, -1); jump(i4)"},
		}},
		{"what is added is not known: the check has to stay", []change{
			{"[i0, i1]; i2 = int_lt(i0, 100); guard_true(i2) [i0]; i3 = int_add_ovf(i0, i1); guard_no_overflow() [i0]; jump(i3, i1)",
				"[i0, i1]; i2 = int_lt(i0, 100); guard_true(i2) [i0]; i3 = int_add_ovf(i0, i1); guard_no_overflow() [i0]; label(i3); i4 = int_lt(i3, 100); guard_true(i4) [i3]; i5 = int_add_ovf(i3, i1); guard_no_overflow() [i3]; jump(i5)"},
		}},
		{"what does not change is not computed again in a cheaper form that was found later", []change{
			{"[i1]; i2 = int_rshift(i1, 3); i3 = int_gt(i1, 0); guard_true(i3) []; escape_n(i2); jump(i1)",
				"[i1]; i2 = int_rshift(i1, 3); i3 = int_gt(i1, 0); guard_true(i3) []; escape_n(i2); label(); escape_n(i2); jump()"},
			{"[i1]; i2 = int_sub_ovf(i1, 10); guard_no_overflow() []; escape_n(i2); jump(i1)",
				"[i1]; i2 = int_sub_ovf(i1, 10); guard_no_overflow() []; escape_n(i2); label(); escape_n(i2); jump()"},
		}},
		{"an index that starts at 0 or above and is below the length needs no other check in the loop", []change{
			{"[i0, p1, i2]; i3 = int_ge(i0, 0); guard_true(i3) []; i4 = arraylen_gc(p1, descr=INTS); i5 = int_lt(i0, i4); guard_true(i5) [i2]; i6 = int_ge(i0, 0); guard_true(i6) []; i7 = int_lt(i0, i4); guard_true(i7) []; i8 = getarrayitem_gc_i(p1, i0, descr=INTS); i9 = int_xor(i2, i8); i10 = int_add_ovf(i0, 1); guard_no_overflow() []; escape_n(i9); jump(i10, p1, i9)",
				"[i0, p1, i2]; i3 = int_ge(i0, 0); guard_true(i3) []; i4 = arraylen_gc(p1, descr=INTS); i5 = int_lt(i0, i4); guard_true(i5) [i2]; i6 = getarrayitem_gc_i(p1, i0, descr=INTS); i7 = int_xor(i2, i6); i8 = int_add(i0, 1); escape_n(i7); label(i7, i8); i9 = int_lt(i8, i4); guard_true(i9) [i7]; i10 = getarrayitem_gc_i(p1, i8, descr=INTS); i11 = int_xor(i7, i10); i12 = int_add(i8, 1); escape_n(i11); jump(i11, i12)"},
			{"[i0, p1, i2]; i3 = arraylen_gc(p1, descr=INTS); i5 = int_lt(i0, i3); guard_true(i5) [i2]; i6 = uint_lt(i0, i3); guard_true(i6) []; i8 = getarrayitem_gc_i(p1, i0, descr=INTS); i9 = int_xor(i2, i8); i10 = int_add_ovf(i0, 1); guard_no_overflow() []; escape_n(i9); jump(i10, p1, i9)",
				"[i0, p1, i2]; i3 = arraylen_gc(p1, descr=INTS); i4 = int_lt(i0, i3); guard_true(i4) [i2]; i5 = uint_lt(i0, i3); guard_true(i5) []; i6 = getarrayitem_gc_i(p1, i0, descr=INTS); i7 = int_xor(i2, i6); i8 = int_add(i0, 1); escape_n(i7); label(i7, i8); i9 = int_lt(i8, i3); guard_true(i9) [i7]; i10 = getarrayitem_gc_i(p1, i8, descr=INTS); i11 = int_xor(i7, i10); i12 = int_add(i8, 1); escape_n(i11); jump(i11, i12)"},
		}},
	})
}
