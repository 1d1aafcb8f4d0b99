package virtuals_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	virtuals "metatrace/chapters/03-virtuals"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// noted returns what the last guard of a trace notes.
func noted(t *testing.T, text string) string {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	chain := chainOf(t, &virtualssolution.Kit, true)
	chain.Witness = true
	out, err := chain.Optimize(trace)
	require.NoError(t, err)
	for seed := range uint64(20) {
		_, err := tracegen.FactsHold(&irsolution.Kit, out, inputs(trace, seed))
		require.NoError(t, err)
	}
	var list []string
	for _, op := range out.Ops {
		if op.Exit != nil {
			list = nil
			for i := range op.Exit.Facts {
				list = append(list, op.Exit.Facts[i].Format(out.Names()))
			}
		}
	}
	return strings.Join(list, "; ")
}

// TestWhatGuardsNote is about references and memory. The guard that notes is the last.
func TestWhatGuardsNote(t *testing.T) {
	for _, c := range []struct{ rule, trace, want string }{
		{"what an earlier guard has taught", "[p0, i1]; guard_nonnull_class(p0, ConstClass(node_vtable)) []; guard_true(i1) [p0]; finish()", "p0 is a node_vtable"},
		{"not what the guard itself teaches", "[p0, i1]; guard_nonnull_class(p0, ConstClass(node_vtable)) [p0]; finish()", ""},
		{"but what was known of the same value", "[p0, i1]; guard_nonnull(p0) []; escape_n(); guard_class(p0, ConstClass(node_vtable)) [p0]; finish()", "p0 is not NULL"},
		{"not that two values are one, if the guard says so",
			"[p0, p1]; guard_nonnull_class(p0, ConstClass(node_vtable)) []; guard_nonnull(p1) []; i2 = ptr_eq(p0, p1); guard_true(i2) [p0, p1]; finish()",
			"p0 is a node_vtable; p1 is not NULL"},
		{"nor what is in the one, of the other",
			"[p0, p1, i2]; i3 = getfield_gc_i(p0, descr=NODE.value); guard_nonnull(p1) []; i4 = ptr_eq(p0, p1); guard_true(i4) [p1, i3]; finish()",
			"p1 is not NULL"},
		{"what a field holds", "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_true(i1) [p0, i2]; finish()",
			"p0 is not NULL, holds i2 as NODE.value"},
		{"only if the value stands in the exit as well", "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_true(i1) [p0]; finish()",
			"p0 is not NULL"},
		{"a constant need not", "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_value(i2, 5) []; guard_true(i1) [p0]; finish()",
			"p0 is not NULL, holds 5 as NODE.value"},
		{"unless the guard says that it is one", "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_value(i2, 5) [p0]; finish()",
			"p0 is not NULL"},
		{"what was stored", "[p0, i1]; setfield_gc(p0, 7, descr=NODE.value); guard_true(i1) [p0]; finish()",
			"p0 is not NULL, holds 7 as NODE.value"},
		{"an item and a length", "[p0, i1]; i2 = getarrayitem_gc_i(p0, 2, descr=INTS); i3 = arraylen_gc(p0, descr=INTS); guard_true(i1) [p0, i2, i3]; finish()",
			"p0 is not NULL, holds i2 at 2, has length i3"},
		{"not what may have been overwritten",
			"[p0, p1, i2]; i3 = getfield_gc_i(p0, descr=NODE.value); escape_n(); guard_true(i2) [p0, i3]; finish()", "p0 is not NULL"},
		{"of memory as it is before the pending stores",
			"[p0, i1]; p2 = getfield_gc_r(p0, descr=NODE.next); p3 = new_with_vtable(descr=NODE); setfield_gc(p0, p3, descr=NODE.next); guard_true(i1) [p0, p2]; finish()",
			"p0 is not NULL, holds p2 as NODE.next"},
		{"of what is in a virtual object", "[p0, i1]; guard_nonnull(p0) []; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, p0, descr=NODE.next); guard_true(i1) [p2]; finish()",
			"p0 is not NULL"},
		{"of an object that was allocated", "[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); escape_n(p1); guard_true(i0) [p1]; finish()",
			"p1 is a node_vtable"},
	} {
		require.Equal(t, c.want, noted(t, c.trace), c.rule)
	}
}

// TestGuardNotesNoMemoryThatItsStoresMayTouch is about a store that the guard puts in
// the output first. That it does not touch p0 is known only where the guard holds.
func TestGuardNotesNoMemoryThatItsStoresMayTouch(t *testing.T) {
	const text = "[p0, p1]; guard_nonnull_class(p1, ConstClass(leaf_vtable)) []; i2 = getfield_gc_i(p0, descr=NODE.value); " +
		"setfield_gc(p1, 7, descr=NODE.value); guard_class(p0, ConstClass(node_vtable)) [p0, i2]; finish()"
	require.Equal(t, "p0 is not NULL", noted(t, text))
}

// TestWhatIsInTwoObjectsStaysApart tells a trace what two objects hold: of two inputs, each
// is itself.
func TestWhatIsInTwoObjectsStaysApart(t *testing.T) {
	trace, err := ir.Parse("case", declarations+`
[p0, p1, i2, i3]
i4 = getfield_gc_i(p1, descr=NODE.value)
i5 = getfield_gc_i(p0, descr=NODE.value)
finish(i4, i5)`)
	require.NoError(t, err)
	chain := chainOf(t, &virtualssolution.Kit, true)
	chain.Witness = true
	value := trace.Ops[0].Descr
	out, err := virtualssolution.Kit.OptimizeJump(chain, trace, virtuals.JumpOptions{Assume: func(o *ir.Optimizer, inputs []*ir.Op) {
		for i := range 2 {
			f := ir.AnyFact(inputs[i])
			f.Nonnull, f.Contents = true, []ir.Content{{Descr: value, Value: inputs[2+i]}}
			o.Believe(&f)
		}
	}})
	require.NoError(t, err)
	require.Equal(t, "[p0, p1, i2, i3]\nfinish(i3, i2)\n", out.Body())
}
