package ir_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

const smallInts = `
struct W_Int vtable=W_Int_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!
struct W_Float vtable=W_Float_vtable value:f!
struct PAIR left:r right:r
object five W_Int value=5
`

// evalSmallInts runs a trace on tagged words; what it leaves with are words, too.
func evalSmallInts(t *testing.T, text string, inputs ...uint64) (string, []uint64, error) {
	t.Helper()
	trace, err := ir.Parse("t", smallInts+text)
	require.NoError(t, err)
	h, err := heap.New(trace.Decls.Classes, heap.Options{Limit: 1 << 20, Stress: true})
	require.NoError(t, err)
	defer h.Close()
	out, err := (&ir.Evaluator{Kit: &irsolution.Kit, Heap: h}).Run(trace, inputs)
	if err != nil {
		return "", nil, err
	}
	return out.Op.Code.String(), out.Values, nil
}

func word(n int64) uint64 { return uint64(n)<<1 | 1 }

func TestEvalImmediateObjects(t *testing.T) {
	for _, c := range []struct {
		text   string
		inputs []uint64
		exit   string
		want   []uint64
	}{
		{"[i0]\np1 = new_with_vtable(descr=W_Int)\nsetfield_gc(p1, i0, descr=W_Int.value)\ni2 = getfield_gc_i(p1, descr=W_Int.value)\nfinish(p1, i2)",
			[]uint64{41}, "finish", []uint64{word(41), 41}},
		{"[]\np1 = new_with_vtable(descr=W_Int)\nfinish(p1)", nil, "finish", []uint64{word(0)}},
		{"[p0]\nguard_nonnull_class(p0, ConstClass(W_Int_vtable)) []\ni1 = getfield_gc_i(p0, descr=W_Int.value)\nfinish(i1)",
			[]uint64{word(-3)}, "finish", []uint64{^uint64(2)}},
		{"[p0]\nguard_class(p0, ConstClass(W_Float_vtable)) [p0]\nfinish()", []uint64{word(7)}, "guard_class", []uint64{word(7)}},
		{"[]\np0 = new_with_vtable(descr=W_Float)\nguard_class(p0, ConstClass(W_Int_vtable)) []\nfinish()", nil, "guard_class", []uint64{}},
		// Two equal ints are the same reference, a declared one included.
		{"[]\np0 = new_with_vtable(descr=W_Int)\nsetfield_gc(p0, 5, descr=W_Int.value)\ni1 = ptr_eq(p0, ConstPtr(five))\nguard_value(p0, ConstPtr(five)) []\nfinish(i1, ConstPtr(five))",
			nil, "finish", []uint64{1, word(5)}},
		{"[]\nguard_always_fails() [W_Int{value=-1}]\nfinish()", nil, "guard_always_fails", []uint64{word(-1)}},
		// Casts see the word.
		{"[p0]\ni1 = cast_ptr_to_int(p0)\ni2 = int_rshift(i1, 1)\nfinish(i2)", []uint64{word(9)}, "finish", []uint64{9}},
		{"[i0]\ni1 = int_lshift(i0, 1)\ni2 = int_or(i1, 1)\np3 = cast_int_to_ptr(i2)\nguard_class(p3, ConstClass(W_Int_vtable)) []\nfinish(p3)",
			[]uint64{^uint64(8)}, "finish", []uint64{word(-9)}},
		// In an object, and kept there by a collection.
		{"[]\np0 = new(descr=PAIR)\np1 = new_with_vtable(descr=W_Int)\nsetfield_gc(p1, 6, descr=W_Int.value)\nsetfield_gc(p0, p1, descr=PAIR.left)\np2 = new(descr=PAIR)\np3 = getfield_gc_r(p0, descr=PAIR.left)\nfinish(p3)",
			nil, "finish", []uint64{word(6)}},
	} {
		exit, values, err := evalSmallInts(t, c.text, c.inputs...)
		require.NoError(t, err, c.text)
		assert.Equal(t, c.exit, exit, c.text)
		assert.Equal(t, c.want, values, c.text)
	}
}

func TestEvalImmediateErrors(t *testing.T) {
	const tooBig = "4611686018427387904 does not fit into W_Int.value, expected -4611686018427387904 to 4611686018427387903"
	for text, want := range map[string]string{
		"[]\np0 = new_with_vtable(descr=W_Int)\nsetfield_gc(p0, 4611686018427387904, descr=W_Int.value)\nfinish()": tooBig,
		"[]\nguard_always_fails() [W_Int{value=4611686018427387904}]\nfinish()":                                    tooBig,
		"[]\ni0 = int_neg(4)\np1 = cast_int_to_ptr(i0)\nfinish()":                                                  "-4 is no reference",
		"[]\nf0 = getfield_gc_f(ConstPtr(five), descr=W_Float.value)\nfinish()":                                    "a W_Int has no field W_Float.value",
	} {
		_, _, err := evalSmallInts(t, text)
		assert.ErrorContains(t, err, want, text)
	}
}
