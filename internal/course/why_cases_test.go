package course

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
)

// A whyCase is a trace, the inputs in line 9 and the operations from line 10 on, and
// what is said of it, among other things.
type whyCase struct{ trace, want string }

func explained(t *testing.T, text string, optimize func(ir.Chain, *ir.Trace) (*ir.Trace, error)) string {
	t.Helper()
	trace, err := ir.Parse("case", declared+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	chain, err := Solved().Chain()
	require.NoError(t, err)
	chain.Journal = &ir.Journal{}
	_, err = optimize(chain, trace)
	require.NoError(t, err)
	return chain.Journal.Explain()
}

func checkWhyCases(t *testing.T, optimize func(ir.Chain, *ir.Trace) (*ir.Trace, error), cases []whyCase) {
	t.Helper()
	for _, c := range cases {
		assert.Contains(t, explained(t, c.trace, optimize), c.want, c.trace)
	}
}

func TestWhyOfIntegers(t *testing.T) {
	checkWhyCases(t, ir.Chain.Optimize, []whyCase{
		{"[i0]; i1 = int_add(i0, 0); finish(i1)",
			"# line 10: i1 = int_add(i0, 0) is i0 (fold: int_add(x, 0) => x)\n"},
		{"[i0]; guard_value(i0, 4) []; i1 = int_add(i0, 3); finish(i1)",
			"# line 11: i1 = int_add(i0, 3) is 7 (fold): i0 is 4 by the guard in line 10\n"},
		{"[i0]; i1 = int_add(i0, 5); i2 = int_sub(i1, 5); finish(i2)",
			"# line 11: i2 = int_sub(i1, 5) is i0 (fold: int_sub(int_add(x, y), y) => x): i1 = int_add(i0, 5)\n"},
		{"[i0]; i1 = int_mul(i0, 8); finish(i1)",
			"# line 10: i1 = int_mul(i0, 8) became int_lshift(i0, 3) (fold):\n#     rule: int_mul(x, C) => int_lshift(x, log2(C)) when pow2(C)\n"},
		{"[i0]; i1 = int_add(1, i0); finish(i1)",
			"# line 10: i1 = int_add(1, i0) became int_add(i0, 1) (fold: a constant stands last)\n"},
		{"[i0, i1]; i2 = int_mul(i0, i1); i3 = int_mul(i1, i0); finish(i2, i3)",
			"# line 11: i3 = int_mul(i1, i0) is i2 (cse): line 10 computes the same\n"},
		{"[i0]; i1 = int_mul(i0, 3); finish()",
			"# line 10: i1 = int_mul(i0, 3) is gone (dce): nobody uses it\n"},
		{"[i0]; i1 = int_mul(i0, 3); i2 = int_neg(i1); finish()",
			"# line 10: i1 = int_mul(i0, 3) is gone (dce): what used it is gone, line 11\n"},
		{"[i0]; i1 = int_sub(i0, 3); i2 = int_add(i1, 5); finish(i2)",
			"# line 10: i1 = int_sub(i0, 3) became int_add(i0, -3) and is gone (fold, dce):\n" +
				"#     rule: int_sub(x, C) => int_add(x, int_neg(C))\n#     line 11 can do without it\n"},
		{"[i0]; i1 = int_add_ovf(i0, 0); guard_no_overflow() []; finish(i1)",
			"# line 11: guard_no_overflow() is gone (fold): line 10 can't overflow\n"},
		{"[i0]; finish(i0)", "# Nothing is gone or changed.\n"},
	})
}

func TestWhyOfBounds(t *testing.T) {
	checkWhyCases(t, ir.Chain.Optimize, []whyCase{
		{"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; i3 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i3)",
			"# line 12: i3 = int_add_ovf(i0, 1) became int_add (bounds):\n" +
				"#     i0 <= 9223372036854775806 since i0 < i1 by the guard in line 11\n"},
		{"[i0]; i1 = int_and(i0, 15); i2 = int_add(i1, 1); i3 = int_lt(i2, 17); finish(i3)",
			"# line 12: i3 = int_lt(i2, 17) is 1 (bounds):\n" +
				"#     i2 <= 16 as int_add(i1, 1) in line 11\n" +
				"#       i1 <= 15 as int_and(i0, 15) in line 10\n"},
		{"[i0]; i1 = int_and(i0, 1); guard_value(i1, 1) []; i2 = int_and(i0, 3); i3 = int_is_true(i2); finish(i3)",
			"bit 0 of i0 is 1 since int_and(i0, 1) is 1 by the guard in line 11\n"},
		{"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_ge(i0, 0); i3 = int_rshift(i0, 2); finish(i3)",
			"became uint_rshift (bounds):\n#     rule: int_rshift(x, y) => uint_rshift(x, y) when nonneg(x)\n#     i0 >= 0 by the guard in line 11\n"},
		{"[p0]; i1 = arraylen_gc(p0, descr=INTS); i2 = int_ge(i1, 0); finish(i2)",
			"# line 11: i2 = int_ge(i1, 0) is 1 (bounds): i1 >= 0 as all lengths are\n"},
		{"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_gt(i1, i0); finish(i1)",
			"# line 11: guard_no_overflow() stays: i0 + 1 may overflow: nothing says that i0 <= 9223372036854775806\n"},
		{"[i0, i1]; i2 = int_and(i0, 15); i3 = int_sub_ovf(i1, i2); guard_no_overflow() []; finish(i3)",
			"nothing says that i1 >= -9223372036854775793, and i2 is in [0, 15]\n"},
		{"[i0, i1]; i2 = int_and(i0, 15); i3 = int_lt(i2, 10); guard_true(i3) []; finish()",
			"# line 12: guard_true(i3) stays: nothing says whether i2 < 10: i2 is in [0, 15]\n"},
	})
}

func TestWhyOfGuards(t *testing.T) {
	checkWhyCases(t, ir.Chain.Optimize, []whyCase{
		{"[p0]; guard_nonnull_class(p0, ConstClass(node_vtable)) []; guard_class(p0, ConstClass(node_vtable)) []; finish()",
			"# line 11: guard_class(p0, ConstClass(node_vtable)) is gone (guards): p0 is a NODE by the guard in line 10\n"},
		{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); guard_nonnull(p0) []; finish(i1)",
			"# line 11: guard_nonnull(p0) is gone (guards): p0 is not NULL, since line 10 looks into it\n"},
		{"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; i3 = int_ge(i0, i1); guard_false(i3) []; finish()",
			"# line 12: i3 = int_ge(i0, i1) is 0 (guards): i0 < i1 by the guard in line 11\n" +
				"# line 13: guard_false(i3) is gone (guards): i3 is 0 by line 12\n"},
		{"[p0]; guard_nonnull(p0) []; guard_class(p0, ConstClass(node_vtable)) []; finish()",
			"# line 10: guard_nonnull(p0) became guard_nonnull_class(p0, ConstClass(node_vtable)) (guards):\n" +
				"#     it asks for what line 11 does\n#     it stays: p0, an input, may be NULL\n"},
		{"[p0]; guard_nonnull(p0) []; escape_n(); guard_class(p0, ConstClass(node_vtable)) []; finish()",
			"p0, an input, may be of any class: only that p0 is not NULL by the guard in line 10\n"},
		{"[p0]; p1 = getfield_gc_r(p0, descr=NODE.next); guard_nonnull(p1) []; finish()",
			"# line 11: guard_nonnull(p1) stays: p1, which line 10 loads, may be NULL\n"},
		{"[p0, i1]; guard_value(i1, 5) []; guard_isnull(p0) []; guard_not_invalidated() []; finish()",
			"# line 10: guard_value(i1, 5) stays: nothing says that i1, an input, is 5\n" +
				"# line 11: guard_isnull(p0) stays: p0, an input, may be an object\n" +
				"# line 12: guard_not_invalidated() stays: what the trace relies on may be changed from outside at any time\n"},
		{"[f0]; i1 = float_lt(f0, 1.0); guard_true(i1) []; finish()",
			"# line 11: guard_true(i1) stays: nothing says whether f0 < 1.0\n"},
	})
}

func TestWhyOfObjects(t *testing.T) {
	const object = "[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); "
	checkWhyCases(t, ir.Chain.Optimize, []whyCase{
		{object + "i2 = getfield_gc_i(p1, descr=NODE.value); finish(i2)",
			"# line 10: p1 = new_with_vtable(descr=NODE) is gone (virtuals): nobody outside of the trace gets it\n" +
				"# line 11: setfield_gc(p1, i0, descr=NODE.value) is gone (virtuals): p1 is never allocated\n" +
				"# line 12: i2 = getfield_gc_i(p1, descr=NODE.value) is i0 (virtuals):\n#     line 11 has stored it in p1, which is not allocated\n"},
		{object + "guard_true(i0) [p1]; finish()", "is gone (virtuals): only exits mention it, in line 12\n"},
		{object + "guard_true(i0) []; escape_n(p1); finish()",
			"# line 10: p1 = new_with_vtable(descr=NODE) is done later, before line 13 (virtuals):\n#     line 13 needs the object itself\n"},
		{object + "setfield_gc(p1, 7, descr=NODE.value); escape_n(p1); finish()",
			"# line 11: setfield_gc(p1, i0, descr=NODE.value) is gone (virtuals): line 12 overwrites it\n"},
		{object + "p2 = getfield_gc_r(p1, descr=NODE.next); finish(p2)", "is NULL (virtuals):\n#     nothing has been stored there in p1, which is not allocated\n"},
		{"[p0]; p1 = new_with_vtable(descr=NODE); i2 = ptr_eq(p0, p1); finish(i2)",
			"is 0 (virtuals): p1 was made in line 10, and nobody else has got it\n"},
	})
}

func TestWhyOfImmediateObjects(t *testing.T) {
	const small = "struct SMALL vtable=small_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!\n"
	text := explained(t, small+"[p0]; guard_nonnull_class(p0, ConstClass(small_vtable)) []; i1 = getfield_gc_i(p0, descr=SMALL.value); "+
		"i2 = int_add_ovf(i1, 1); guard_no_overflow() []; i3 = int_and(i2, 255); p4 = new_with_vtable(descr=SMALL); "+
		"setfield_gc(p4, i3, descr=SMALL.value); escape_n(p4); finish()", ir.Chain.Optimize)
	for _, want := range []string{
		"# line 11: guard_nonnull_class(p0, ConstClass(small_vtable)) became guard_true(i10) (boxes):\n",
		"# line 12: i1 = getfield_gc_i(p0, descr=SMALL.value) became int_rshift(i11, 1) (boxes)\n",
		"#     i1 <= 4611686018427387903 as SMALL.value is declared\n",
		"# line 17: setfield_gc(p4, i3, descr=SMALL.value) is gone (virtuals): p4 is a word with that value in it\n",
	} {
		assert.Contains(t, text, want)
	}
}

func TestWhyOfTheHeap(t *testing.T) {
	checkWhyCases(t, ir.Chain.Optimize, []whyCase{
		{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i2)",
			"is i1 (heap): line 10 has loaded it\n"},
		{"[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2)",
			"is i1 (heap): line 10 has stored it\n"},
		{"[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); setfield_gc(p0, 7, descr=NODE.value); finish()",
			"is gone (heap): line 11 overwrites it before anybody looks\n"},
		{"[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); finish()",
			"is gone (heap):\n#     line 10 has loaded it\n#     memory holds it already\n"},
		{"[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = int_mul(i1, i1); guard_true(i2) []; finish()",
			"# line 10: setfield_gc(p0, i1, descr=NODE.value) is done later, before line 12 (heap):\n#     nobody looks before that\n"},
		{"[i0]; i1 = call_i(ConstClass(f), i0, descr=pure); i2 = call_i(ConstClass(f), i0, descr=pure); finish(i1, i2)",
			"is i1 (heap):\n#     line 10 calls it with the same arguments\n#     the function depends on nothing else\n"},
	})
}

func TestWhyOfLoops(t *testing.T) {
	checkWhyCases(t, ir.Chain.OptimizeLoop, []whyCase{
		{"[i0, i1]; i2 = int_mul(i1, i1); i3 = int_sub(i0, i2); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, i1)",
			"# The loop, which is the preamble once more (v_2 is the v of the preamble):\n" +
				"# line 10: i2_2 = int_mul(i1, i1) is i2 of the preamble (cse): line 10 of the preamble computes the same\n" +
				"# line 13: guard_true(i4_2) stays: nothing says whether i3_2 > 0"},
		{"[i0, p1]; guard_nonnull(p1) []; i3 = int_sub(i0, 1); i4 = int_gt(i3, 0); guard_true(i4) []; jump(i3, p1)",
			"# line 10: guard_nonnull(p1) is gone (guards): p1 is not NULL by the guard in line 10 of the preamble\n"},
		{"[i0, p1]; i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_sub(i0, 1); i4 = int_add(i2, i3); p5 = new_with_vtable(descr=NODE); " +
			"setfield_gc(p5, i4, descr=NODE.value); i6 = int_gt(i3, 0); guard_true(i6) []; jump(i3, p5)",
			"# line 10: i2_2 = getfield_gc_i(p5_2, descr=NODE.value) is i4 of the preamble (virtuals):\n" +
				"#     line 14 of the preamble has stored it in p5_2, which is not allocated\n"},
	})
}
