package virtuals_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/01-ir/tracetest"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// The cases of this file hold peeling to its rules, with the solution's functions.

func TestWhatDoesNotChangeIsDoneOnce(t *testing.T) {
	const (
		once       = "what is computed of values that do not change stands in the preamble only"
		swap       = "values that change places change"
		constant   = "a value that the jump sets to a constant is that constant in the loop"
		hoisted    = "a guard on what does not change is passed in the preamble"
		notyet     = "a guard on what changes is asked in each iteration"
		impossible = "a loop that can't go round is impossible"
		straight   = "what is no loop is optimized like straight-line code"
	)
	checkLoops(t, &virtualssolution.Kit, []traceCase{
		{once, "[i0, i1, i2]; i3 = int_mul(i1, i2); i4 = int_sub(i0, i3); i5 = int_gt(i4, 0); guard_true(i5) [i4]; jump(i4, i1, i2)",
			"[i0, i1, i2]; i3 = int_mul(i1, i2); i4 = int_sub(i0, i3); i5 = int_gt(i4, 0); guard_true(i5) [i4]; label(i4); i6 = int_sub(i4, i3); i7 = int_gt(i6, 0); guard_true(i7) [i6]; jump(i6)"},
		{once, "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_sub(i0, i2); i4 = int_gt(i3, 0); guard_true(i4) [i3]; jump(i3, p1)",
			"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_sub(i0, i2); i4 = int_gt(i3, 0); guard_true(i4) [i3]; label(i3); i5 = int_sub(i3, i2); i6 = int_gt(i5, 0); guard_true(i6) [i5]; jump(i5)"},
		{swap, "[i0, i1, i2]; i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) [i1, i2]; jump(i3, i2, i1)",
			"[i0, i1, i2]; i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [i1, i2]; label(i1, i2, i3); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) [i2, i1]; jump(i2, i1, i5)"},
		{constant, "[i0, i1]; i2 = int_sub(i0, 1); i3 = int_gt(i2, 0); guard_true(i3) [i1]; jump(i2, 5)",
			"[i0, i1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) [i1]; label(i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) [5]; jump(i4)"},
		{constant, "[i0, i1]; guard_value(i1, 5) []; i2 = int_sub(i0, i1); i3 = int_gt(i2, 0); guard_true(i3) [i1]; jump(i2, 5)",
			"[i0, i1]; guard_value(i1, 5) []; i2 = int_add(i0, -5); i3 = int_gt(i2, 0); guard_true(i3) [5]; label(i2); i4 = int_add(i2, -5); i5 = int_gt(i4, 0); guard_true(i5) [5]; jump(i4)"},
		{hoisted, "[i0, p1]; guard_nonnull_class(p1, NODE?) [i0]; i2 = int_sub(i0, 1); i3 = int_gt(i2, 0); guard_true(i3) [i2]; jump(i2, p1)",
			"[i0, p1]; guard_nonnull_class(p1, NODE?) [i0]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) [i2]; label(i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) [i4]; jump(i4)"},
		{hoisted, "[i0, i1]; i2 = int_lt(i1, 10); guard_true(i2) [i0]; i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, i1)",
			"[i0, i1]; i2 = int_lt(i1, 10); guard_true(i2) [i0]; i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) []; label(i3); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) []; jump(i5)"},
		{"whether the trace is valid is asked in each iteration: others may jump to the label",
			"[i0]; guard_not_invalidated() [i0]; i1 = int_sub(i0, 1); i2 = int_gt(i1, 0); guard_true(i2) []; guard_not_invalidated() [i1]; jump(i1)",
			"[i0]; guard_not_invalidated() [i0]; i1 = int_add(i0, -1); i2 = int_gt(i1, 0); guard_true(i2) []; label(i1); guard_not_invalidated() [i1]; i3 = int_add(i1, -1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3)"},
		{notyet, "[i0, p1]; i2 = int_sub(i0, 1); i3 = int_gt(i2, 0); guard_true(i3) []; guard_nonnull_class(p1, NODE?) [i0]; p4 = getfield_gc_r(p1, descr=NODE.next); jump(i2, p4)",
			"[i0, p1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) []; guard_nonnull_class(p1, NODE?) [i0]; p4 = getfield_gc_r(p1, descr=NODE.next); label(i2, p4); i5 = int_add(i2, -1); i6 = int_gt(i5, 0); guard_true(i6) []; guard_nonnull_class(p4, NODE?) [i2]; p7 = getfield_gc_r(p4, descr=NODE.next); jump(i5, p7)"},
		{impossible, "[i0, i1]; guard_value(i1, 5) []; i2 = int_sub(i0, 1); jump(i2, 6)", "impossible"},
		{impossible, "[i0, p1]; guard_nonnull_class(p1, NODE?) []; p2 = new_with_vtable(descr=LEAF); jump(i0, p2)", "impossible"},
		{straight, "[i0, i1]; i2 = int_mul(i1, 3); i3 = int_sub(i0, i2); finish(i3)", "same"},
	})
}

func TestVirtualObjectsGoRound(t *testing.T) {
	const (
		stays  = "an object that is virtual at the end of an iteration is virtual in the next: its words go round"
		two    = "an object that the jump passes twice is one object"
		forced = "an object that escapes in each iteration is allocated in each"
		list   = "an object that is virtual at the end, but not at the start, is allocated at the end"
	)
	checkLoops(t, &virtualssolution.Kit, []traceCase{
		{stays, "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_sub(i0, 1); i4 = int_add(i2, i3); p5 = new_with_vtable(descr=NODE); setfield_gc(p5, i4, descr=NODE.value); i6 = int_gt(i3, 0); guard_true(i6) [p5]; jump(i3, p5)",
			"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_add(i0, -1); i4 = int_add(i2, i3); i5 = int_gt(i3, 0); guard_true(i5) [NODE{value=i4, next=NULL}]; label(i3, i4); i6 = int_add(i3, -1); i7 = int_add(i4, i6); i8 = int_gt(i6, 0); guard_true(i8) [NODE{value=i7, next=NULL}]; jump(i6, i7)"},
		{stays, "[i0, p1]; guard_class(p1, NODE?) []; p2 = getfield_gc_r(p1, descr=NODE.next); guard_class(p2, NODE?) []; i3 = getfield_gc_i(p2, descr=NODE.value); i4 = int_sub(i0, 1); i5 = int_xor(i3, i4); p6 = new_with_vtable(descr=NODE); setfield_gc(p6, i5, descr=NODE.value); p7 = new_with_vtable(descr=NODE); setfield_gc(p7, p6, descr=NODE.next); i8 = int_gt(i4, 0); guard_true(i8) [i5]; jump(i4, p7)",
			"[i0, p1]; guard_class(p1, NODE?) []; p2 = getfield_gc_r(p1, descr=NODE.next); guard_class(p2, NODE?) []; i3 = getfield_gc_i(p2, descr=NODE.value); i4 = int_add(i0, -1); i5 = int_xor(i3, i4); i6 = int_gt(i4, 0); guard_true(i6) [i5]; label(i4, i5); i7 = int_add(i4, -1); i8 = int_xor(i5, i7); i9 = int_gt(i7, 0); guard_true(i9) [i8]; jump(i7, i8)"},
		{stays, "[i0, p1]; i2 = getarrayitem_gc_i(p1, 0, descr=INTS); i3 = int_sub(i0, 1); i4 = int_xor(i2, i3); p5 = new_array(2, descr=INTS); setarrayitem_gc(p5, 0, i4, descr=INTS); setarrayitem_gc(p5, 1, i0, descr=INTS); i6 = int_gt(i3, 0); guard_true(i6) [i4]; jump(i3, p5)",
			"[i0, p1]; i2 = getarrayitem_gc_i(p1, 0, descr=INTS); i3 = int_add(i0, -1); i4 = int_xor(i2, i3); i5 = int_gt(i3, 0); guard_true(i5) [i4]; label(i3, i4); i6 = int_add(i3, -1); i7 = int_xor(i4, i6); i8 = int_gt(i6, 0); guard_true(i8) [i7]; jump(i6, i7)"},
		{stays, "[i0, p1]; i2 = int_sub(i0, 1); p3 = new_with_vtable(descr=NODE); setfield_gc(p3, i2, descr=NODE.value); setfield_gc(p3, p3, descr=NODE.next); i4 = int_gt(i2, 0); guard_true(i4) [p3]; jump(i2, p3)",
			"[i0, p1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) [v1:NODE{value=i2, next=v1}]; label(i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) [v1:NODE{value=i4, next=v1}]; jump(i4)"},
		{two, "[i0, p1, p2]; i3 = getfield_gc_i(p1, descr=NODE.value); setfield_gc(p2, 7, descr=NODE.value); i4 = getfield_gc_i(p1, descr=NODE.value); i5 = int_sub(i0, 1); p6 = new_with_vtable(descr=NODE); setfield_gc(p6, i5, descr=NODE.value); i7 = int_gt(i5, 0); guard_true(i7) [i3, i4]; jump(i5, p6, p6)",
			"[i0, p1, p2]; i3 = getfield_gc_i(p1, descr=NODE.value); setfield_gc(p2, 7, descr=NODE.value); i4 = getfield_gc_i(p1, descr=NODE.value); i5 = int_add(i0, -1); i6 = int_gt(i5, 0); guard_true(i6) [i3, i4]; label(i5); i7 = int_add(i5, -1); i8 = int_gt(i7, 0); guard_true(i8) [i5, 7]; jump(i7)"},
		{forced, "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_sub(i0, 1); p4 = new_with_vtable(descr=NODE); setfield_gc(p4, i2, descr=NODE.value); escape_n(p4); i5 = int_gt(i3, 0); guard_true(i5) []; jump(i3, p4)",
			"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_add(i0, -1); p4 = new_with_vtable(descr=NODE); setfield_gc(p4, i2, descr=NODE.value); escape_n(p4); i5 = int_gt(i3, 0); guard_true(i5) []; label(i3, p4); i6 = getfield_gc_i(p4, descr=NODE.value); i7 = int_add(i3, -1); p8 = new_with_vtable(descr=NODE); setfield_gc(p8, i6, descr=NODE.value); escape_n(p8); i9 = int_gt(i7, 0); guard_true(i9) []; jump(i7, p8)"},
		{list, "[i0, p1]; i2 = int_sub(i0, 1); i3 = int_gt(i2, 0); guard_true(i3) [p1]; p4 = new_with_vtable(descr=NODE); setfield_gc(p4, i2, descr=NODE.value); setfield_gc(p4, p1, descr=NODE.next); jump(i2, p4)",
			"[i0, p1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) [p1]; label(p1, i2); i4 = int_add(i2, -1); i5 = int_gt(i4, 0); guard_true(i5) [NODE{value=i2, next=p1}]; p6 = new_with_vtable(descr=NODE); setfield_gc(p6, i2, descr=NODE.value); setfield_gc(p6, p1, descr=NODE.next); jump(p6, i4)"},
		{list, "[i0, p1, p2]; i3 = int_sub(i0, 1); p4 = new_with_vtable(descr=NODE); setfield_gc(p4, i3, descr=NODE.value); i5 = int_gt(i3, 0); guard_true(i5) [p2, p1]; jump(i3, p4, p1)",
			"[i0, p1, p2]; i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [p2, p1]; label(p1, i3); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) [p1, NODE{value=i3, next=NULL}]; p7 = new_with_vtable(descr=NODE); setfield_gc(p7, i3, descr=NODE.value); jump(p7, i5)"},
	})
}

func TestTheHeapGoesRound(t *testing.T) {
	const (
		forwarded = "what an iteration has stored is known in the next"
		aliased   = "what may be overwritten in each iteration is loaded in each"
		called    = "what a call may write is loaded in each iteration"
		early     = "what a call may write is loaded in each iteration, where the loop is left first as well"
		once      = "a call that gives the same in each iteration is done once"
		written   = "a call that reads what the loop writes is done in each iteration"
	)
	checkLoops(t, &virtualssolution.Kit, []traceCase{
		{forwarded, "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_add(i2, i0); setfield_gc(p1, i3, descr=NODE.value); i4 = int_sub(i0, 1); i5 = int_gt(i4, 0); guard_true(i5) [i4]; jump(i4, p1)",
			"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_add(i2, i0); i4 = int_add(i0, -1); i5 = int_gt(i4, 0); setfield_gc(p1, i3, descr=NODE.value); guard_true(i5) [i4]; label(i3, i4); i6 = int_add(i3, i4); i7 = int_add(i4, -1); i8 = int_gt(i7, 0); setfield_gc(p1, i6, descr=NODE.value); guard_true(i8) [i7]; jump(i6, i7)"},
		{aliased, "[i0, p1, p2]; i3 = getfield_gc_i(p1, descr=NODE.value); setfield_gc(p2, i0, descr=NODE.value); i4 = int_sub(i0, 1); i5 = int_gt(i4, 0); guard_true(i5) [i3]; jump(i4, p1, p2)",
			"[i0, p1, p2]; i3 = getfield_gc_i(p1, descr=NODE.value); i4 = int_add(i0, -1); i5 = int_gt(i4, 0); setfield_gc(p2, i0, descr=NODE.value); guard_true(i5) [i3]; label(i4); i6 = getfield_gc_i(p1, descr=NODE.value); i7 = int_add(i4, -1); i8 = int_gt(i7, 0); setfield_gc(p2, i4, descr=NODE.value); guard_true(i8) [i6]; jump(i7)"},
		{called, "[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); escape_n(i2); i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, p1)",
			"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); escape_n(i2); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) []; label(i3); i5 = getfield_gc_i(p1, descr=NODE.value); escape_n(i5); i6 = int_add(i3, -1); i7 = int_gt(i6, 0); guard_true(i7) []; jump(i6)"},
		{early, "[i0, p1]; i2 = int_sub(i0, 1); i3 = int_gt(i2, 0); guard_true(i3) []; i4 = getfield_gc_i(p1, descr=NODE.value); escape_n(i4); jump(i2, p1)",
			"[i0, p1]; i2 = int_add(i0, -1); i3 = int_gt(i2, 0); guard_true(i3) []; i4 = getfield_gc_i(p1, descr=NODE.value); escape_n(i4); label(i2); i5 = int_add(i2, -1); i6 = int_gt(i5, 0); guard_true(i6) []; i7 = getfield_gc_i(p1, descr=NODE.value); escape_n(i7); jump(i5)"},
		{once, "[i0, i1]; i2 = call_i(ConstClass(once), i1, descr=once); i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) [i2]; jump(i3, i1)",
			"[i0, i1]; i2 = call_i(ConstClass(once), i1, descr=once); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [i2]; label(i3); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) [i2]; jump(i5)"},
		{once, "[i0, i1]; i2 = call_i(ConstClass(pure), i1, descr=pure); escape_n(i2); i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, i1)",
			"[i0, i1]; i2 = call_i(ConstClass(pure), i1, descr=pure); escape_n(i2); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) []; label(i3); escape_n(i2); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) []; jump(i5)"},
		{once, "[i0, p1]; i2 = call_i(ConstClass(read), p1, descr=read); i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) [i2]; jump(i3, p1)",
			"[i0, p1]; i2 = call_i(ConstClass(read), p1, descr=read); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [i2]; label(i3); i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) [i2]; jump(i5)"},
		{written, "[i0, p1]; i2 = call_i(ConstClass(read), p1, descr=read); setfield_gc(p1, i2, descr=NODE.value); i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, p1)",
			"[i0, p1]; i2 = call_i(ConstClass(read), p1, descr=read); i3 = int_add(i0, -1); i4 = int_gt(i3, 0); setfield_gc(p1, i2, descr=NODE.value); guard_true(i4) []; label(i3); i5 = call_i(ConstClass(read), p1, descr=read); i6 = int_add(i3, -1); i7 = int_gt(i6, 0); setfield_gc(p1, i5, descr=NODE.value); guard_true(i7) []; jump(i6)"},
	})
}

// TestPeelStable checks that one more copy makes a loop stable that hands an
// object on for two iterations.
func TestPeelStable(t *testing.T) {
	kit := virtualssolution.Kit
	chain := chainOf(t, &kit, false)
	chain.Peel = kit.PeelStable
	loops.Check(t, chain, tracetest.Case{
		Rule:   "if an object would have to be allocated at the end of the loop, one more copy may make it stable",
		Before: "[i0, p1, p2]; i3 = int_sub(i0, 1); p4 = new_with_vtable(descr=NODE); setfield_gc(p4, i3, descr=NODE.value); i5 = int_gt(i3, 0); guard_true(i5) [p2, p1]; jump(i3, p4, p1)",
		After:  "[i0, p1, p2]; i3 = int_add(i0, -1); i4 = int_gt(i3, 0); guard_true(i4) [p2, p1]; i5 = int_add(i3, -1); i6 = int_gt(i5, 0); guard_true(i6) [p1, NODE{value=i3, next=NULL}]; label(i3, i5); i7 = int_add(i5, -1); i8 = int_gt(i7, 0); guard_true(i8) [NODE{value=i3, next=NULL}, NODE{value=i5, next=NULL}]; jump(i5, i7)",
	})
	loops.CheckGenerated(t, chain, 100)
}

// TestPendingStoresGoRound checks the order of the stores of an exit in the second
// copy: what the trace did first is stored first.
func TestPendingStoresGoRound(t *testing.T) {
	kit := virtualssolution.Kit
	before := loops.Read(t, "[i0, p1, p2]; guard_nonnull(p1) []; setfield_gc(p1, p2, descr=PAIR.right); i3 = int_gt(i0, 1); guard_true(i3) [p1]; p4 = new_with_vtable(descr=NODE); setfield_gc(p1, p4, descr=PAIR.right); i5 = int_gt(i0, 2); guard_true(i5) [p1]; p6 = new_with_vtable(descr=LEAF); i7 = int_sub(i0, 1); jump(i7, p1, p6)")
	after, err := chainOf(t, &kit, true).OptimizeLoop(before)
	require.NoError(t, err)
	_, loop, _ := strings.Cut(after.Body(), "label")
	require.Regexp(t, `{setfield_gc\(p1, LEAF.*, setfield_gc\(p1, NODE.*}`, loop)
}
