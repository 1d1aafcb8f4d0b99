package guards_test

import (
	"testing"

	"metatrace/chapters/01-ir/tracetest"
	guardssolution "metatrace/solutions/02-guards"
)

// comparisonCases say what guards on comparisons decide.
func comparisonCases() []traceCase {
	const (
		less     = "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []"
		inverse  = "a comparison and its inverse are decided together"
		swapped  = "a comparison with swapped arguments is decided as well"
		weaker   = "what is less is not greater, and not equal"
		together = "two guards know more than each alone"
		unsigned = "the order of signed numbers says nothing about that of unsigned ones"
	)
	return []traceCase{
		{inverse, less + "; i3 = int_ge(i0, i1); guard_false(i3) []; finish(i3)", less + "; finish(0)"},
		{inverse, "[i0, i1]; i2 = int_eq(i0, i1); guard_false(i2) []; i3 = int_ne(i0, i1); guard_true(i3) []; finish(i3)",
			"[i0, i1]; i2 = int_eq(i0, i1); guard_false(i2) []; finish(1)"},
		{inverse, "[i0, i1]; i2 = int_lt(i0, i1); guard_false(i2) []; i3 = int_ge(i0, i1); finish(i3)",
			"[i0, i1]; i2 = int_lt(i0, i1); guard_false(i2) []; finish(1)"},
		{swapped, less + "; i3 = int_gt(i1, i0); guard_true(i3) []; finish(i3)", less + "; finish(1)"},
		{swapped, less + "; i3 = int_lt(i1, i0); finish(i3)", less + "; finish(0)"},
		{weaker, less + "; i3 = int_le(i0, i1); i4 = int_ne(i0, i1); i5 = int_eq(i1, i0); finish(i3, i4, i5)", less + "; finish(1, 1, 0)"},
		{"less or equal decides neither less nor equal", "[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_lt(i0, i1); finish(i3)", "same"},
		{"constants are values like others", "[i0]; i1 = int_lt(i0, 5); guard_true(i1) []; i2 = int_ge(i0, 5); finish(i2)",
			"[i0]; i1 = int_lt(i0, 5); guard_true(i1) []; finish(0)"},
		{together, "[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_ge(i0, i1); guard_true(i3) []; i4 = int_sub(i0, i1); finish(i4)",
			"[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_ge(i0, i1); guard_true(i3) []; finish(0)"},
		{together, "[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_ne(i0, i1); guard_true(i3) []; i4 = int_lt(i0, i1); finish(i4)",
			"[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_ne(i0, i1); guard_true(i3) []; finish(1)"},
		{"a value may be found equal to what was made of it", "[i0]; i1 = int_or(i0, 1); i2 = int_eq(i0, i1); guard_true(i2) []; i3 = int_or(i0, 3); finish(i3)",
			"[i0]; i1 = int_or(i0, 1); i2 = int_eq(i0, i1); guard_true(i2) []; i3 = int_or(i1, 3); finish(i3)"},
		{"no numbers are less and greater", less + "; i3 = int_gt(i0, i1); guard_true(i3) []; finish()", "impossible"},
		{"a comparison that was computed before the guard is decided by it",
			"[i0, i1]; i2 = int_lt(i0, i1); i3 = int_ge(i0, i1); guard_true(i2) []; guard_false(i3) []; finish()",
			"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; finish()"},
		{"unsigned comparisons know their inverses, too",
			"[i0, i1]; i2 = uint_lt(i0, i1); guard_true(i2) []; i3 = uint_ge(i0, i1); i4 = int_eq(i0, i1); finish(i3, i4)",
			"[i0, i1]; i2 = uint_lt(i0, i1); guard_true(i2) []; finish(0, 0)"},
		{unsigned, "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; i3 = uint_lt(i0, i1); finish(i3)", "same"},
		{unsigned, "[i0, i1]; i2 = uint_lt(i0, i1); guard_true(i2) []; i3 = int_lt(i0, i1); finish(i3)", "same"},
		{unsigned, "[i0, i1]; i2 = int_le(i0, i1); guard_true(i2) []; i3 = int_eq(i0, i1); guard_false(i3) []; i4 = uint_lt(i0, i1); finish(i4)", "same"},
	}
}

// mergeCases say which guards become one.
func mergeCases() []traceCase {
	const (
		class = "guard_nonnull and a class check become one guard_nonnull_class, where the first one stood, with its failargs"
		value = "guard_value takes the place of what its constant is known to pass"
		keep  = "a guard that its successor does not cover has to stay"
	)
	return []traceCase{
		{class, "[p0, i1]; guard_nonnull(p0) [i1]; i2 = int_add(i1, 1); guard_class(p0, NODE?) [i2]; finish(i2)",
			"[p0, i1]; guard_nonnull_class(p0, NODE?) [i1]; i2 = int_add(i1, 1); finish(i2)"},
		{class, "[p0]; guard_nonnull(p0) [p0]; guard_nonnull_class(p0, LEAF?) []; finish()",
			"[p0]; guard_nonnull_class(p0, LEAF?) [p0]; finish()"},
		{value, "[p0]; guard_nonnull(p0) [p0]; guard_value(p0, ConstPtr(node)) []; finish(p0)",
			"[p0]; guard_value(p0, ConstPtr(node)) [p0]; finish(ConstPtr(node))"},
		{value, "[p0]; guard_nonnull(p0) [p0]; guard_value(p0, ConstPtr(who)) []; finish()",
			"[p0]; guard_value(p0, ConstPtr(who)) [p0]; finish()"},
		{value, "[p0]; guard_nonnull_class(p0, NODE?) [p0]; guard_value(p0, ConstPtr(node)) []; finish()",
			"[p0]; guard_value(p0, ConstPtr(node)) [p0]; finish()"},
		{value, "[p0]; guard_class(p0, NODE?) [p0]; guard_value(p0, ConstPtr(node)) []; finish()",
			"[p0]; guard_value(p0, ConstPtr(node)) [p0]; finish()"},
		{value, "[p0]; guard_nonnull(p0) [p0]; guard_class(p0, NODE?) []; guard_value(p0, ConstPtr(node)) []; finish()",
			"[p0]; guard_value(p0, ConstPtr(node)) [p0]; finish()"},
		{"the class of the constant is not known, so that the class has to be checked",
			"[p0]; guard_nonnull_class(p0, NODE?) [p0]; guard_value(p0, ConstPtr(who)) []; finish()", "same"},
		{"another value may be computed behind the earlier guard, so it can't move there",
			"[p0]; guard_nonnull(p0) [p0]; p1 = new_with_vtable(descr=NODE); guard_value(p0, p1) []; finish(p1)", "same"},
		{keep, "[p0, p1]; guard_nonnull(p0) []; guard_nonnull_class(p1, NODE?) []; finish()", "same"},
		{"nothing is merged across what can be seen from outside",
			"[p0]; guard_nonnull(p0) []; escape_n(p0); guard_class(p0, NODE?) []; finish()", "same"},
		{"a write to the heap is done again by the interpreter: guards merge across it",
			"[p0, p1]; guard_nonnull(p0) []; setfield_gc(p1, 5, descr=NODE.value); guard_class(p0, NODE?) []; finish()",
			"[p0, p1]; guard_nonnull_class(p0, NODE?) []; setfield_gc(p1, 5, descr=NODE.value); finish()"},
	}
}

// TestGuardsPass holds the given part of the pass to its rules, with the
// solution's functions.
func TestGuardsPass(t *testing.T) {
	const (
		valid = "what the trace relies on is the same until something is called"
		calls = "a call may change what the trace relies on"
	)
	cases := append(comparisonCases(), mergeCases()...)
	checkCases(t, &guardssolution.Kit, append(cases, []traceCase{
		{"guard_value of a comparison is guard_true or guard_false", "[i0, i1]; i2 = int_lt(i0, i1); guard_value(i2, 0) []; finish(i2)",
			"[i0, i1]; i2 = int_lt(i0, i1); guard_false(i2) []; finish(0)"},
		{"a comparison is 0 or 1", "[i0]; i1 = int_lt(i0, 3); guard_value(i1, -1) []; finish()", "impossible"},
		{"guard_value of two comparisons says neither of them", "[i0, i1]; i2 = int_lt(i0, 5); i3 = int_lt(i1, 5); guard_value(i2, i3) []; finish(i0)", "same"},
		{"a constant that has to equal a comparison says nothing yet", "[i0]; i1 = int_lt(i0, 5); guard_value(0, i1) []; finish(i0)", "same"},
		{"what is known not to be NULL needs a class check only", "[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); guard_nonnull_class(p0, NODE?) []; finish(i1)",
			"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); guard_class(p0, NODE?) []; finish(i1)"},
		{"a new object is no other one", "[p0]; p1 = new_with_vtable(descr=NODE); i2 = ptr_ne(p1, NULL); finish(i2, p1)",
			"[p0]; p1 = new_with_vtable(descr=NODE); finish(1, p1)"},
		{"objects of two classes are not one",
			"[p0, p1]; guard_nonnull_class(p0, NODE?) []; guard_nonnull_class(p1, LEAF?) []; i2 = instance_ptr_eq(p0, p1); finish(i2)",
			"[p0, p1]; guard_nonnull_class(p0, NODE?) []; guard_nonnull_class(p1, LEAF?) []; finish(0)"},
		{valid, "[i0]; guard_not_invalidated() [i0]; i1 = int_add(i0, 1); guard_not_invalidated() [i1]; finish(i1)",
			"[i0]; guard_not_invalidated() [i0]; i1 = int_add(i0, 1); finish(i1)"},
		{valid, "[i0]; guard_not_invalidated() []; i1 = call_i(ConstClass(pure), i0, descr=pure); guard_not_invalidated() []; finish(i1)",
			"[i0]; guard_not_invalidated() []; i1 = call_i(ConstClass(pure), i0, descr=pure); finish(i1)"},
		{calls, "[]; guard_not_invalidated() []; call_n(ConstClass(act), descr=act); guard_not_invalidated() []; finish()", "same"},
		{calls, "[]; guard_not_invalidated() []; escape_n(); guard_not_invalidated() []; finish()", "same"},
		{calls, "[p0]; guard_not_invalidated() []; p1 = call_assembler_r(ConstClass(f), p0); guard_not_forced() [p0]; guard_not_invalidated() []; finish(p1)", "same"},
		{"a guard behind a fact from a guard folds what stands between",
			"[i0]; guard_value(i0, 3) [i0]; i1 = int_lt(i0, 7); guard_true(i1) [i0]; finish(i1)", "[i0]; guard_value(i0, 3) [i0]; finish(1)"},
	}...))
	agreeOnGenerated(t, &guardssolution.Kit)
}

// TestUnguardedOpsStay checks that the pass alone touches nothing but guards,
// comparisons and what it knows of them.
func TestUnguardedOpsStay(t *testing.T) {
	chain := chainFor(t, &guardssolution.Kit, "guards")
	suite.Check(t, chain, tracetest.Case{Rule: "operations that guards say nothing about stay as they are",
		Before: "[i0, p1]; i2 = int_add(1, 2); i3 = int_lt(i0, i2); guard_true(i3) [p1]; i4 = getfield_gc_i(p1, descr=NODE.value); jump(i4, p1)", After: "same"})
}
