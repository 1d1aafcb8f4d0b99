package virtuals_test

import (
	"testing"

	virtualssolution "metatrace/solutions/03-virtuals"
)

// The cases of this file hold the given part of the pass "heap" to its rules, with
// the solution's functions.

func TestLoads(t *testing.T) {
	const (
		again      = "what was loaded is known"
		stored     = "what was stored is known"
		index      = "an index that is not constant may be any index, and no other one is"
		lengths    = "the length of an array never changes"
		immutable  = "what is immutable is known whatever happens in between"
		constants  = "of a prebuilt object, what is immutable is a constant, and only that"
		impossible = "no run gets past an access that can't be done"
	)
	checkCases(t, &virtualssolution.Kit, []traceCase{
		{again, "[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=INTS); i3 = getarrayitem_gc_i(p0, i1, descr=INTS); finish(i2, i3)",
			"[p0, i1]; i2 = getarrayitem_gc_i(p0, i1, descr=INTS); finish(i2, i2)"},
		{again, "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_true(i1) []; i3 = getfield_gc_i(p0, descr=NODE.value); finish(i2, i3)",
			"[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_true(i1) []; finish(i2, i2)"},
		{again, "[p0]; i1 = getfield_gc_i(p0, descr=LEAF.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i2)",
			"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i1)"},
		{stored, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); escape_n(1); i2 = getfield_gc_i(p0, descr=NODE.value); i3 = getfield_gc_i(p0, descr=NODE.value); finish(i2, i3)",
			"[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); escape_n(1); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2, i2)"},
		{stored, "[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); guard_true(i2) []; i3 = getfield_gc_i(p0, descr=NODE.value); finish(i3)",
			"[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); guard_true(i2) []; finish(i1)"},
		{"a new object holds zeros, also once it is real", "[]; p0 = new_with_vtable(descr=NODE); i1 = call_i(ConstClass(read), p0, descr=read); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i2)",
			"[]; p0 = new_with_vtable(descr=NODE); i1 = call_i(ConstClass(read), p0, descr=read); finish(i1, 0)"},
		{index, "[p0, i1, i2]; setarrayitem_gc(p0, i1, i2, descr=INTS); i3 = getarrayitem_gc_i(p0, i1, descr=INTS); i4 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i3, i4)",
			"[p0, i1, i2]; setarrayitem_gc(p0, i1, i2, descr=INTS); i3 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i2, i3)"},
		{index, "[p0, i1, i2]; i3 = getarrayitem_gc_i(p0, 0, descr=INTS); setarrayitem_gc(p0, i1, i2, descr=INTS); i4 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i3, i4)",
			"same"},
		{index, "[p0, i1, i2]; i3 = getarrayitem_gc_i(p0, i1, descr=INTS); setarrayitem_gc(p0, 0, i2, descr=INTS); i4 = getarrayitem_gc_i(p0, i1, descr=INTS); finish(i3, i4)",
			"same"},
		{index, "[p0, i1, i2]; setarrayitem_gc(p0, 0, i2, descr=INTS); i3 = getarrayitem_gc_i(p0, i1, descr=INTS); setarrayitem_gc(p0, 0, 5, descr=INTS); finish(i3)",
			"same"},
		{index, "[p0, p1, i2]; i3 = getarrayitem_gc_i(p0, 0, descr=INTS); setarrayitem_gc(p1, 1, i2, descr=INTS); i4 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i3, i4)",
			"[p0, p1, i2]; i3 = getarrayitem_gc_i(p0, 0, descr=INTS); setarrayitem_gc(p1, 1, i2, descr=INTS); finish(i3, i3)"},
		{"arrays of references are no arrays of numbers", "[p0, p1]; i2 = getarrayitem_gc_i(p0, 0, descr=INTS); setarrayitem_gc(p1, 0, NULL, descr=REFS); i3 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i2, i3)",
			"[p0, p1]; i2 = getarrayitem_gc_i(p0, 0, descr=INTS); setarrayitem_gc(p1, 0, NULL, descr=REFS); finish(i2, i2)"},
		{lengths, "[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); escape_n(p0); i3 = arraylen_gc(p0, descr=INTS); finish(i2, i3)",
			"[p0, i1]; i2 = arraylen_gc(p0, descr=INTS); escape_n(p0); finish(i2, i2)"},
		{lengths, "[i0]; p1 = new_array_clear(i0, descr=INTS); escape_n(p1); i2 = arraylen_gc(p1, descr=INTS); i3 = getarrayitem_gc_i(p1, 0, descr=INTS); finish(i2, i3)",
			"[i0]; p1 = new_array_clear(i0, descr=INTS); escape_n(p1); i2 = getarrayitem_gc_i(p1, 0, descr=INTS); finish(i0, i2)"},
		{immutable, "[p0]; p1 = getfield_gc_r(p0, descr=BOX.content); i2 = getfield_gc_i(p0, descr=BOX.count); escape_n(p0); p3 = getfield_gc_r(p0, descr=BOX.content); i4 = getfield_gc_i(p0, descr=BOX.count); finish(p1, p3, i2, i4)",
			"[p0]; p1 = getfield_gc_r(p0, descr=BOX.content); i2 = getfield_gc_i(p0, descr=BOX.count); escape_n(p0); i3 = getfield_gc_i(p0, descr=BOX.count); finish(p1, p1, i2, i3)"},
		{"an immutable array is written once, but at an index that is not constant", "[p0, i1]; i2 = getarrayitem_gc_i(p0, 0, descr=FIXED); escape_n(i2); p3 = new_array_clear(2, descr=FIXED); setarrayitem_gc(p3, i1, 7, descr=FIXED); i4 = getarrayitem_gc_i(p3, 0, descr=FIXED); finish(i4)",
			"same"},
		{constants, "[i0]; p1 = getfield_gc_r(ConstPtr(box), descr=BOX.content); i2 = getarrayitem_gc_i(ConstPtr(fixed), 1, descr=FIXED); i3 = arraylen_gc(ConstPtr(ints), descr=INTS); finish(p1, i2, i3)",
			"[i0]; finish(ConstPtr(node), 1, 2)"},
		{constants, "[i0]; i1 = getfield_gc_i(ConstPtr(box), descr=BOX.count); i2 = getarrayitem_gc_i(ConstPtr(ints), 1, descr=INTS); i3 = getarrayitem_gc_i(ConstPtr(fixed), i0, descr=FIXED); i4 = getfield_gc_i(ConstPtr(who), descr=NODE.value); finish(i1, i2, i3, i4)",
			"same"},
		{impossible, "[]; i0 = getarrayitem_gc_i(ConstPtr(fixed), 3, descr=FIXED); finish(i0)", "impossible"},
		{impossible, "[]; i0 = getfield_gc_i(NULL, descr=NODE.value); finish(i0)", "impossible"},
	})
}

func TestAliases(t *testing.T) { checkCases(t, &virtualssolution.Kit, aliasCases()) }

func TestCalls(t *testing.T) {
	const (
		effects   = "a call that may do anything changes everything, and sees everything"
		readonly  = "a call that reads sees all stores; it is shared until something is written"
		elidable  = "an elidable call sees no stores, and is shared with an earlier one of the same values, or dropped"
		invariant = "a loop-invariant call is shared while the trace runs"
	)
	checkCases(t, &virtualssolution.Kit, []traceCase{
		{effects, "[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); call_n(ConstClass(act), p0, descr=act); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i2)", "same"},
		{effects, "[p0, p1]; setfield_gc(p0, 5, descr=NODE.value); call_n(ConstClass(act), p1, descr=act); setfield_gc(p0, 6, descr=NODE.value); finish()", "same"},
		{readonly, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = call_i(ConstClass(read), p0, descr=read); i3 = getfield_gc_i(p0, descr=NODE.value); i4 = call_i(ConstClass(read), p0, descr=read); finish(i2, i3, i4)",
			"[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = call_i(ConstClass(read), p0, descr=read); finish(i2, i1, i2)"},
		{readonly, "[p0, i1]; i2 = call_i(ConstClass(read), p0, descr=read); setfield_gc(p0, i1, descr=NODE.value); i3 = call_i(ConstClass(read), p0, descr=read); finish(i2, i3)",
			"same"},
		{readonly, "[p0]; i1 = call_i(ConstClass(read), p0, descr=read); escape_n(1); i2 = call_i(ConstClass(read), p0, descr=read); finish(i1, i2)", "same"},
		{elidable, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = call_i(ConstClass(pure), i1, descr=pure); setfield_gc(p0, 5, descr=NODE.value); escape_n(1); i3 = call_i(ConstClass(pure), i1, descr=pure); finish(i2, i3)",
			"[p0, i1]; i2 = call_i(ConstClass(pure), i1, descr=pure); setfield_gc(p0, 5, descr=NODE.value); escape_n(1); finish(i2, i2)"},
		{elidable, "[i0, i1]; i2 = call_i(ConstClass(pure), i0, descr=pure); i3 = call_i(ConstClass(pure), i1, descr=pure); finish(i2, i3)", "same"},
		{elidable, "[i0]; i1 = call_i(ConstClass(pure), i0, descr=pure); finish()", "[i0]; finish()"},
		{"an elidable function may read what never changes", "[p0]; p1 = new_with_vtable(descr=BOX); setfield_gc(p1, p0, descr=BOX.content); i2 = call_i(ConstClass(same), p1, descr=same); finish(i2)", "same"},
		{invariant, "[i0]; i1 = call_i(ConstClass(once), i0, descr=once); escape_n(i1); i2 = call_i(ConstClass(once), i0, descr=once); finish(i1, i2)",
			"[i0]; i1 = call_i(ConstClass(once), i0, descr=once); escape_n(i1); finish(i1, i1)"},
		{"a virtual object that is called with is real from then on", "[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); i2 = call_i(ConstClass(read), p1, descr=read); i3 = getfield_gc_i(p1, descr=NODE.value); finish(i2, i3)",
			"[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); i2 = call_i(ConstClass(read), p1, descr=read); finish(i2, i0)"},
	})
}

func TestStoresWait(t *testing.T) {
	const (
		overflow = "nothing comes between a checked operation and its guard"
		text     = "a merge point sees nothing"
		oldest   = "stores are done in the order in which they came"
	)
	checkCases(t, &virtualssolution.Kit, []traceCase{
		{overflow, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = int_add_ovf(i1, 1); guard_no_overflow() [i1]; setfield_gc(p0, i2, descr=NODE.value); finish()",
			"same"},
		{text, `[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); debug_merge_point("x"); setfield_gc(p0, 5, descr=NODE.value); finish()`,
			`[p0, i1]; debug_merge_point("x"); setfield_gc(p0, 5, descr=NODE.value); finish()`},
		{"a trace may end anywhere: what waits there is done", "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value)", "same"},
		{"a pure call may look into an object that it is given", "[i0]; p1 = new_array_clear(99, descr=INTS); setarrayitem_gc(p1, 2, i0, descr=INTS); i2 = call_i(ConstClass(same), p1, descr=same); finish(i2)", "same"},
		{oldest, "[p0, p1]; setfield_gc(p0, p1, descr=PAIR.right); setfield_gc(p0, NULL, descr=PAIR.left); finish()", "same"},
	})
}

func TestPendingStores(t *testing.T) {
	const (
		left   = "the store of a virtual object is left to the exits that it passes"
		shared = "an object that is virtual in an exit is one object in its values and its stores"
		later  = "where the store is needed after all, it is done, and the object is forced"
		moment = "an exit stores the object as it was then"
		real   = "a store of anything else is done before the guard: it costs nothing more there"
	)
	checkPending(t, &virtualssolution.Kit, []traceCase{
		{left, "[p0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=PAIR.left); guard_true(i1) [p0]; setfield_gc(p0, NULL, descr=PAIR.left); finish()",
			"[p0, i1]; guard_true(i1) [p0] {setfield_gc(p0, NODE{value=i1, next=NULL}, descr=PAIR.left)}; setfield_gc(p0, NULL, descr=PAIR.left); finish()"},
		{left, "[p0, i1]; p2 = new_with_vtable(descr=NODE); setarrayitem_gc(p0, 1, p2, descr=REFS); i3 = int_mul_ovf(i1, 3); guard_no_overflow() []; setarrayitem_gc(p0, 1, NULL, descr=REFS); finish(i3)",
			"[p0, i1]; i2 = int_mul_ovf(i1, 3); guard_no_overflow() [] {setarrayitem_gc(p0, 1, NODE{value=0, next=NULL}, descr=REFS)}; setarrayitem_gc(p0, 1, NULL, descr=REFS); finish(i2)"},
		{shared, "[p0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=PAIR.left); setfield_gc(p0, p2, descr=PAIR.right); guard_true(i1) [p2]; setfield_gc(p0, NULL, descr=PAIR.left); setfield_gc(p0, NULL, descr=PAIR.right); finish()",
			"[p0, i1]; guard_true(i1) [v1:NODE{value=i1, next=NULL}] {setfield_gc(p0, v1, descr=PAIR.left), setfield_gc(p0, v1, descr=PAIR.right)}; setfield_gc(p0, NULL, descr=PAIR.left); setfield_gc(p0, NULL, descr=PAIR.right); finish()"},
		{later, "[p0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=PAIR.left); guard_true(i1) [p2]; finish()",
			"[p0, i1]; guard_true(i1) [v1:NODE{value=i1, next=NULL}] {setfield_gc(p0, v1, descr=PAIR.left)}; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=PAIR.left); finish()"},
		{later, "[p0, p1, i2]; p3 = new_with_vtable(descr=NODE); setfield_gc(p0, p3, descr=PAIR.left); guard_true(i2) []; p4 = getfield_gc_r(p1, descr=PAIR.left); finish(p4)",
			"[p0, p1, i2]; guard_true(i2) [] {setfield_gc(p0, NODE{value=0, next=NULL}, descr=PAIR.left)}; p3 = new_with_vtable(descr=NODE); setfield_gc(p0, p3, descr=PAIR.left); p4 = getfield_gc_r(p1, descr=PAIR.left); finish(p4)"},
		{moment, "[p0, i1, i2]; p3 = new_with_vtable(descr=NODE); setfield_gc(p3, i1, descr=NODE.value); setfield_gc(p0, p3, descr=PAIR.left); guard_true(i1) [p0]; setfield_gc(p3, 9, descr=NODE.value); guard_true(i2) [p0]; setfield_gc(p0, NULL, descr=PAIR.left); finish()",
			"[p0, i1, i2]; guard_true(i1) [p0] {setfield_gc(p0, NODE{value=i1, next=NULL}, descr=PAIR.left)}; guard_true(i2) [p0] {setfield_gc(p0, NODE{value=9, next=NULL}, descr=PAIR.left)}; setfield_gc(p0, NULL, descr=PAIR.left); finish()"},
		{real, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); guard_true(i1) []; setfield_gc(p0, 5, descr=NODE.value); finish()", "same"},
		{real, "[p0, p1, i2]; setfield_gc(p0, p1, descr=PAIR.left); guard_true(i2) []; setfield_gc(p0, NULL, descr=PAIR.left); finish()", "same"},
	})
}
