package tracegen_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

func parse(t *testing.T, text string) *ir.Trace {
	t.Helper()
	trace, err := ir.Parse("test", text)
	require.NoError(t, err)
	for _, op := range trace.Ops {
		if op.Exit != nil {
			op.Exit.Resume = op.Code.String() // a round has one of each kind, and lines differ
		}
	}
	return trace
}

const node = "struct NODE vtable=node_vtable value:i next:r\n"

// counting allocates in each round: p1 holds what was counted.
const counting = node + `[i0, p1]
guard_nonnull_class(p1, ConstClass(node_vtable)) [i0, p1]
i2 = getfield_gc_i(p1, descr=NODE.value)
i3 = int_add(i2, i0)
p4 = new_with_vtable(descr=NODE)
setfield_gc(p4, i3, descr=NODE.value)
i5 = int_sub(i0, 1)
i6 = int_gt(i5, 0)
guard_true(i6) [i5, p4]
jump(i5, p4)`

func TestAgreeLoop(t *testing.T) {
	peeled := func(failargs, jump string) string {
		return node + `[i0, p1]
guard_nonnull_class(p1, ConstClass(node_vtable)) [i0, p1]
i2 = getfield_gc_i(p1, descr=NODE.value)
i3 = int_add(i2, i0)
i5 = int_sub(i0, 1)
i6 = int_gt(i5, 0)
guard_true(i6) [i5, NODE{value=i3}]
label(i5, i3)
i7 = int_add(i3, i5)
i8 = int_sub(i5, 1)
i9 = int_gt(i8, 0)
guard_true(i9) ` + failargs + "\njump(" + jump + ")"
	}
	const stores = node + `[i0, p1, p2]
guard_nonnull_class(p1, ConstClass(node_vtable)) []
guard_nonnull(p2) []
i3 = getfield_gc_i(p1, descr=NODE.value)
`
	const ends = `
i6 = int_gt(i5, 0)
guard_true(i6) [i4]
jump(i5, p1, p2)`
	for _, tt := range []struct{ what, before, after, want string }{
		{"itself", counting, counting, ""},
		{"a peeled loop without allocations", counting, peeled("[i8, NODE{value=i7}]", "i8, i7"), ""},
		{"wrong failargs in the loop", counting, peeled("[i8, NODE{value=i3}]", "i8, i7"), "the traces differ"},
		{"a wrong jump", counting, peeled("[i8, NODE{value=i7}]", "i8, i3"), "the traces differ"},
		{"a loop that ends too soon", counting, peeled("[i8, NODE{value=i7}]", "0, i7"), "the traces differ"},
		{"a pending store", stores + "i4 = int_add(i3, 1)\nsetfield_gc(p1, i4, descr=NODE.value)\ni5 = int_sub(i0, 1)" + ends,
			stores + "i4 = int_add(i3, 1)\ni5 = int_sub(i0, 1)\ni6 = int_gt(i5, 0)\n" +
				"guard_true(i6) [i4] {setfield_gc(p1, i4, descr=NODE.value)}\nsetfield_gc(p1, i4, descr=NODE.value)\njump(i5, p1, p2)", ""},
		{"a dropped store", stores + "i4 = int_add(i3, 1)\nsetfield_gc(p1, i4, descr=NODE.value)\ni5 = int_sub(i0, 1)" + ends,
			stores + "i4 = int_add(i3, 1)\ni5 = int_sub(i0, 1)" + ends, "the traces differ"},
		{"a load that another name of the object makes stale",
			stores + "setfield_gc(p2, i0, descr=NODE.value)\ni4 = getfield_gc_i(p1, descr=NODE.value)\ni5 = int_sub(i0, 1)" + ends,
			stores + "setfield_gc(p2, i0, descr=NODE.value)\ni4 = same_as_i(i3)\ni5 = int_sub(i0, 1)" + ends, "the traces differ"},
	} {
		before, after := parse(t, tt.before), parse(t, tt.after)
		err := tracegen.AgreeLoopOn(kit, before, after, 60)
		if tt.want == "" {
			assert.NoError(t, err, tt.what)
			for seed := range uint64(20) {
				assert.NoError(t, tracegen.AgreeLoopForced(kit, before, after, tracegen.LoopInputs(before, seed)), tt.what)
			}
		} else {
			assert.ErrorContains(t, err, tt.want, tt.what)
		}
	}
}

// TestForced compares exits that no run takes.
func TestForced(t *testing.T) {
	before, after := parse(t, "[i0]\nguard_true(1) [i0]\nfinish()"), parse(t, "[i0]\nguard_true(1) [5]\nfinish()")
	inputs := tracegen.Inputs(before, 0)
	assert.NoError(t, tracegen.Agree(kit, before, after, inputs))
	assert.ErrorContains(t, tracegen.AgreeForced(kit, before, after, inputs), "with guard number guard_true made to fail, with i0=")
}

// TestLeavingEarly allows what merging guards does, and no more.
func TestLeavingEarly(t *testing.T) {
	const classes = "struct LEAF vtable=leaf_vtable\n" + node
	before := parse(t, classes+"[p0, i1]\nguard_nonnull(p0) [i1]\ni2 = int_neg(i1)\nguard_class(p0, ConstClass(node_vtable)) [i2]\nfinish()")
	for failargs, right := range map[string]bool{"[i1]": true, "[5]": false} {
		after := parse(t, classes+"[p0, i1]\nguard_nonnull_class(p0, ConstClass(node_vtable)) "+failargs+"\nfinish()")
		after.Ops[0].Exit.Resume = before.Ops[0].Exit.Resume
		assert.Equal(t, right, tracegen.AgreeOn(kit, before, after, 40) == nil, failargs)
	}
}

func TestNeverLoops(t *testing.T) {
	assert.ErrorContains(t, tracegen.NeverLoops(kit, parse(t, counting), 40), "it goes round")
	once := parse(t, "[i0]\ni1 = int_lt(i0, 9)\nguard_true(i1) []\njump(9)")
	assert.NoError(t, tracegen.NeverLoops(kit, once, 40))
	assert.ErrorContains(t, tracegen.NeverLoops(kit, parse(t, "[i0]\njump(i0)"), 1), "it goes round 39 times")
}
