package virtuals_test

import (
	"testing"

	"metatrace/chapters/01-ir/tracetest"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// The cases of this file hold the given part of the pass "virtuals" to its rules,
// with the solution's functions.

// node makes the text that allocates a NODE with these words.
func node(name, value, next string) string {
	return name + " = new_with_vtable(descr=NODE); setfield_gc(" + name + ", " + value + ", descr=NODE.value); " +
		"setfield_gc(" + name + ", " + next + ", descr=NODE.next)"
}

func TestWhatDoesNotEscapeIsNotAllocated(t *testing.T) {
	const (
		gone     = "an object that nobody else can see is not allocated"
		exit     = "an object that stands in an exit only is described there"
		shared   = "an object is one description in an exit, however often it stands there"
		elements = "an array of constant length is as good as a struct"
		known    = "all is known of a virtual object, so that guards and comparisons on it are decided"
	)
	checkCases(t, &virtualssolution.Kit, []traceCase{
		{gone, "[i0]; p1 = new_with_vtable(descr=NODE); finish(i0)", "[i0]; finish(i0)"},
		{gone, "[i0, p1]; " + node("p2", "i0", "p1") + "; i3 = getfield_gc_i(p2, descr=NODE.value); p4 = getfield_gc_r(p2, descr=NODE.next); finish(i3, p4)",
			"[i0, p1]; finish(i0, p1)"},
		{gone, "[i0]; p1 = new(descr=PAIR); " + node("p2", "i0", "NULL") + "; setfield_gc(p1, p2, descr=PAIR.right); p3 = getfield_gc_r(p1, descr=PAIR.right); " +
			"i4 = getfield_gc_i(p3, descr=NODE.value); p5 = getfield_gc_r(p1, descr=PAIR.left); finish(i4, p5)", "[i0]; finish(i0, NULL)"},
		{gone, "[i0]; " + node("p1", "i0", "p1") + "; p2 = getfield_gc_r(p1, descr=NODE.next); i3 = getfield_gc_i(p2, descr=NODE.value); finish(i3)", "[i0]; finish(i0)"},
		{elements, "[i0]; p1 = new_array(2, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); i2 = getarrayitem_gc_i(p1, 1, descr=INTS); i3 = arraylen_gc(p1, descr=INTS); finish(i2, i3)",
			"[i0]; finish(i0, 2)"},
		{elements, "[f0]; p1 = new_array_clear(2, descr=FLOATS); setarrayitem_gc(p1, 0, f0, descr=FLOATS); guard_true(1) []; f2 = getarrayitem_gc_f(p1, 0, descr=FLOATS); f3 = getarrayitem_gc_f(p1, 1, descr=FLOATS); finish(f2, f3)",
			"[f0]; finish(f0, 0.0)"},
		{"an index that is computed to be constant is constant", "[i0]; p1 = new_array_clear(4, descr=INTS); i2 = int_sub(i0, i0); i3 = int_add(i2, 3); setarrayitem_gc(p1, i3, i0, descr=INTS); i4 = getarrayitem_gc_i(p1, 3, descr=INTS); finish(i4)",
			"[i0]; finish(i0)"},
		{"no run gets past an access that can't be done", "[i0]; p1 = new_array_clear(2, descr=INTS); setarrayitem_gc(p1, 2, i0, descr=INTS); finish()", "impossible"},
		{exit, "[i0]; " + node("p1", "i0", "NULL") + "; guard_true(i0) [p1]; finish(i0)", "[i0]; guard_true(i0) [NODE{value=i0, next=NULL}]; finish(1)"},
		{exit, "[i0]; p1 = new_array_clear(3, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); guard_true(i0) [p1]; finish()",
			"[i0]; guard_true(i0) [INTS{0, i0, 0}]; finish()"},
		{"an exit describes what the object holds there", "[i0]; " + node("p1", "i0", "NULL") + "; guard_true(i0) [p1]; setfield_gc(p1, 7, descr=NODE.value); guard_nonnull(p1) [p1]; i2 = int_add(i0, 5); i3 = getfield_gc_i(p1, descr=NODE.value); finish(i3)",
			"[i0]; guard_true(i0) [NODE{value=i0, next=NULL}]; finish(7)"},
		{shared, "[i0, i1]; " + node("p2", "i1", "NULL") + "; guard_true(i0) [p2, p2]; finish()", "[i0, i1]; guard_true(i0) [v1:NODE{value=i1, next=NULL}, v1]; finish()"},
		{shared, "[i0, i1]; " + node("p2", "i1", "NULL") + "; p3 = new(descr=PAIR); setfield_gc(p3, p2, descr=PAIR.left); setfield_gc(p3, p2, descr=PAIR.right); guard_true(i0) [p3]; finish()",
			"[i0, i1]; guard_true(i0) [PAIR{left=v1:NODE{value=i1, next=NULL}, right=v1}]; finish()"},
		{shared, "[i0, i1]; " + node("p2", "i1", "p2") + "; guard_true(i0) [p2]; finish()", "[i0, i1]; guard_true(i0) [v1:NODE{value=i1, next=v1}]; finish()"},
		{shared, "[i0, i1]; p2 = new_with_vtable(descr=NODE); " + node("p3", "i1", "p2") + "; setfield_gc(p2, p3, descr=NODE.next); guard_true(i0) [p2, p3]; finish()",
			"[i0, i1]; guard_true(i0) [v1:NODE{value=0, next=v2:NODE{value=i1, next=v1}}, v2]; finish()"},
		{known, "[]; p0 = new_with_vtable(descr=NODE); guard_nonnull(p0) []; guard_class(p0, NODE?) []; guard_nonnull_class(p0, NODE?) []; finish()", "[]; finish()"},
		{known, "[]; p0 = new_with_vtable(descr=NODE); guard_class(p0, LEAF?) []; finish()", "impossible"},
		{known, "[]; p0 = new(descr=PAIR); guard_isnull(p0) []; finish()", "impossible"},
		{known, "[p0]; p1 = new_with_vtable(descr=NODE); guard_value(p1, ConstPtr(node)) []; finish()", "impossible"},
		{known, "[p0]; p1 = new(descr=PAIR); i2 = ptr_eq(p0, p1); i3 = ptr_ne(p1, NULL); i4 = instance_ptr_eq(p1, p1); finish(i2, i3, i4)", "[p0]; finish(0, 1, 1)"},
		{known, "[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); i2 = ptr_eq(p0, p1); i3 = instance_ptr_ne(p0, p1); finish(i2, i3)", "[]; finish(0, 1)"},
	})
}

func TestWhatEscapesIsForced(t *testing.T) {
	const (
		escapes = "an object that somebody may see is allocated there, and filled"
		inside  = "with an object escape those inside of it"
		unknown = "an index that nobody knows makes an array real"
		stays   = "once it is real, an object stays real"
	)
	pair := "p2 = new(descr=PAIR); setfield_gc(p2, p1, descr=PAIR.left)"
	checkCases(t, &virtualssolution.Kit, []traceCase{
		{escapes, "[i0, p1]; " + node("p2", "i0", "p1") + "; escape_n(p2); finish()", "[i0, p1]; " + node("p2", "i0", "p1") + "; escape_n(p2); finish()"},
		{escapes, "[i0, p1]; " + node("p2", "i0", "p1") + "; finish(p2)", "[i0, p1]; " + node("p2", "i0", "p1") + "; finish(p2)"},
		{escapes, "[i0, p1]; " + node("p2", "i0", "p1") + "; i3 = int_add(i0, 1); jump(i3, p2)", "[i0, p1]; i2 = int_add(i0, 1); " + node("p3", "i0", "p1") + "; jump(i2, p3)"},
		{escapes, "[i0, p1]; " + node("p2", "i0", "p1") + "; call_n(ConstClass(act), p2, descr=act); finish()", "[i0, p1]; " + node("p2", "i0", "p1") + "; call_n(ConstClass(act), p2, descr=act); finish()"},
		{escapes, "[i0, p1]; " + node("p2", "i0", "NULL") + "; setfield_gc(p1, p2, descr=PAIR.left); finish()",
			"[i0, p1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i0, descr=NODE.value); setfield_gc(p1, p2, descr=PAIR.left); finish()"},
		{"where a guard stands before the escape, the object is virtual in its exit", "[i0, i1]; " + node("p2", "i1", "NULL") + "; guard_true(i0) [p2]; finish(p2)",
			"[i0, i1]; guard_true(i0) [NODE{value=i1, next=NULL}]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); finish(p2)"},
		{inside, "[i0]; p1 = new(descr=PAIR); " + pair + "; escape_n(p2); escape_n(p1); finish(i0)",
			"[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); setfield_gc(p1, p2, descr=PAIR.left); escape_n(p1); escape_n(p2); finish(i0)"},
		{inside, "[]; p0 = new(descr=PAIR); setfield_gc(p0, p0, descr=PAIR.left); escape_n(p0); finish()", "same"},
		{inside, "[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p0, p1, descr=PAIR.left); setfield_gc(p1, p0, descr=PAIR.right); escape_n(p1); finish()",
			"[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p1, p0, descr=PAIR.left); setfield_gc(p0, p1, descr=PAIR.right); escape_n(p0); finish()"},
		{unknown, "[i0, i1]; p2 = new_array(2, descr=INTS); setarrayitem_gc(p2, 0, i1, descr=INTS); setarrayitem_gc(p2, 1, i1, descr=INTS); i3 = getarrayitem_gc_i(p2, i0, descr=INTS); finish(i3)", "same"},
		{unknown, "[i0, i1]; p2 = new_array_clear(2, descr=INTS); setarrayitem_gc(p2, i0, i1, descr=INTS); i3 = getarrayitem_gc_i(p2, 1, descr=INTS); finish(i3)", "same"},
		{"an array of unknown length is real", "[i0]; p1 = new_array_clear(i0, descr=INTS); i2 = arraylen_gc(p1, descr=INTS); finish(p1, i2)", "[i0]; p1 = new_array_clear(i0, descr=INTS); finish(p1, i0)"},
		{stays, "[i0]; p1 = new(descr=PAIR); escape_n(p1); guard_true(i0) [p1]; finish()", "same"},
		{stays, "[i0]; p1 = new(descr=PAIR); escape_n(p1); setfield_gc(p1, NULL, descr=PAIR.left); p2 = getfield_gc_r(p1, descr=PAIR.right); finish(p2)",
			"[i0]; p1 = new(descr=PAIR); escape_n(p1); p2 = getfield_gc_r(p1, descr=PAIR.right); setfield_gc(p1, NULL, descr=PAIR.left); finish(p2)"},
		{"in a loop that has a label already, each turn may write to an object: it is made before", "[i0]; " + node("p1", "i0", "NULL") + "; label(i0); i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_lt(i2, i0); guard_true(i3) [p1]; i4 = int_sub(i0, 1); jump(i4)",
			"[i0]; i1 = same_as_i(i0); p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i0, descr=NODE.value); label(i1); i3 = getfield_gc_i(p2, descr=NODE.value); i4 = int_lt(i3, i1); guard_true(i4) [p2]; i5 = int_add(i1, -1); jump(i5)"},
	})
}

// TestEachPassAlone checks that a pass does its own work and no other, and that
// all of them together make no mistake in random traces.
func TestEachPassAlone(t *testing.T) {
	all := chainOf(t, &virtualssolution.Kit, false)
	for passes, c := range map[string]traceCase{
		"virtuals": {"virtuals alone knows nothing of real objects", "[p0, i1]; p2 = new(descr=PAIR); setfield_gc(p0, 3, descr=NODE.value); i3 = getfield_gc_i(p0, descr=NODE.value); finish(i3)",
			"[p0, i1]; setfield_gc(p0, 3, descr=NODE.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2)"},
		"heap": {"heap alone delays no allocation", "[]; p0 = new_with_vtable(descr=NODE); i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1)",
			"[]; p0 = new_with_vtable(descr=NODE); finish(0)"},
	} {
		chain, err := all.Select(passes)
		if err != nil {
			t.Fatal(err)
		}
		straight.Check(t, chain, tracetest.Case(c))
	}
	agreeOnGenerated(t, &virtualssolution.Kit)
}
