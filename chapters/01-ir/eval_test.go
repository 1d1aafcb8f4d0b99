package ir_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

// evaluate runs a trace without inputs, and returns how it left, as text:
// "finish 7 1.5". References are NULL or "object".
func evaluate(t *testing.T, text string, prepare func(*ir.Evaluator)) (string, error) {
	t.Helper()
	trace := read(t, text)
	h, err := heap.New(trace.Decls.Classes, heap.Options{Limit: 1 << 20, Stress: true})
	require.NoError(t, err)
	defer h.Close()
	e := &ir.Evaluator{Kit: &irsolution.Kit, Heap: h}
	if prepare != nil {
		prepare(e)
	}
	out, err := e.Run(trace, nil)
	if err != nil {
		return "", err
	}
	if out.Op == nil {
		return "end", nil
	}
	args := out.Op.Args
	if out.Op.Exit != nil {
		args = out.Op.Exit.Failargs
	}
	words := []string{out.Op.Code.String()}
	for i, a := range args {
		words = append(words, showWord(h, a.Type, out.Values[i], 3))
	}
	return strings.Join(words, " "), nil
}

// showWord writes objects with what they hold, some levels deep.
func showWord(h *heap.Heap, t ir.Type, word uint64, depth int) string {
	switch {
	case t != ir.Ref:
		return ir.ConstBits(t, word).String()
	case word == 0:
		return "NULL"
	case depth == 0:
		return "..."
	}
	c := h.Class(word)
	var slots []string
	if c.IsArray() {
		for i := range int(h.Len(word)) {
			slots = append(slots, showWord(h, c.Item.Kind, h.Word(word, i), depth-1))
		}
	}
	for i, f := range c.Fields {
		slots = append(slots, showWord(h, f.Kind, h.Word(word, i), depth-1))
	}
	return c.Name + "{" + strings.Join(slots, ",") + "}"
}

var pureCases = []struct{ expr, want string }{
	{"int_add(9223372036854775807, 1)", "-9223372036854775808"},
	{"int_sub(-9223372036854775808, 1)", "9223372036854775807"},
	{"int_mul(4611686018427387904, 4)", "0"},
	{"int_and(12, 10)", "8"},
	{"int_or(12, 10)", "14"},
	{"int_xor(12, 10)", "6"},
	{"int_lshift(3, 63)", "-9223372036854775808"},
	{"int_rshift(-8, 1)", "-4"},
	{"uint_rshift(-8, 1)", "9223372036854775804"},
	{"int_neg(-9223372036854775808)", "-9223372036854775808"},
	{"int_invert(0)", "-1"},
	{"int_lt(-1, 1)", "1"}, {"int_le(1, 1)", "1"}, {"int_eq(1, 2)", "0"},
	{"int_ne(1, 2)", "1"}, {"int_gt(1, -1)", "1"}, {"int_ge(-1, 1)", "0"},
	{"uint_lt(-1, 1)", "0"}, {"uint_le(1, -1)", "1"}, {"uint_gt(-1, 1)", "1"}, {"uint_ge(1, -1)", "0"},
	{"int_is_true(-5)", "1"}, {"int_is_zero(-5)", "0"},
	{"int_force_ge_zero(-5)", "0"}, {"int_force_ge_zero(5)", "5"},
	{"int_signext(255, 1)", "-1"}, {"int_signext(127, 1)", "127"}, {"int_signext(-7, 8)", "-7"},
	{"int_signext(32768, 2)", "-32768"},
	{"uint_mul_high(-1, -1)", "-2"}, {"uint_mul_high(4294967296, 4294967296)", "1"},
	{"same_as_i(4)", "4"},
	{"float_add(0.1, 0.2)", "0.30000000000000004"},
	{"float_add(-0.0, 0.0)", "0.0"}, {"float_add(-0.0, -0.0)", "-0.0"},
	{"float_sub(inf, inf)", "nan"}, {"float_sub(0.0, 0.0)", "0.0"},
	{"float_mul(inf, 0.0)", "nan"}, {"float_mul(-1.0, 0.0)", "-0.0"},
	{"float_truediv(1.0, 0.0)", "inf"}, {"float_truediv(1.0, -0.0)", "-inf"}, {"float_truediv(0.0, 0.0)", "nan"},
	{"float_neg(0.0)", "-0.0"}, {"float_abs(-0.0)", "0.0"}, {"float_abs(-inf)", "inf"},
	{"float_lt(nan, 1.0)", "0"}, {"float_le(nan, nan)", "0"}, {"float_eq(nan, nan)", "0"},
	{"float_ne(nan, nan)", "1"}, {"float_gt(1.0, nan)", "0"}, {"float_ge(inf, -inf)", "1"},
	{"float_eq(0.0, -0.0)", "1"}, {"float_lt(-0.0, 0.0)", "0"},
	{"cast_int_to_float(9007199254740993)", "9.007199254740992e+15"},
	{"cast_float_to_int(-1.9)", "-1"}, {"cast_float_to_int(-9223372036854775808.0)", "-9223372036854775808"},
	{"convert_float_bytes_to_longlong(1.0)", "4607182418800017408"},
	{"convert_longlong_bytes_to_float(4607182418800017408)", "1.0"},
	{"same_as_f(-0.0)", "-0.0"},
	{"ptr_eq(NULL, NULL)", "1"}, {"ptr_eq(ConstPtr(first), ConstPtr(second))", "0"},
	{"ptr_ne(ConstPtr(first), ConstPtr(first))", "0"},
	{"ptr_ne(ConstPtr(nobody), NULL)", "1"}, {"ptr_eq(ConstPtr(nobody), ConstPtr(nobody))", "1"},
	{"instance_ptr_eq(ConstPtr(first), NULL)", "0"}, {"instance_ptr_ne(ConstPtr(first), NULL)", "1"},
}

func TestEvalPure(t *testing.T) {
	for _, tt := range pureCases {
		got, err := evaluate(t, named("[]", tt.expr), nil)
		require.NoError(t, err, tt.expr)
		assert.Equal(t, "finish "+tt.want, got, tt.expr)
	}
}

var runCases = []struct{ text, want string }{
	{"[]; finish()", "finish"},
	{"[]; i0 = int_add(1, 2)", "end"},
	{"[]; debug_merge_point(\"here\"); jump(1, 2.5)", "jump 1 2.5"},
	{"[]; p0 = same_as_r(NULL); finish(p0)", "finish NULL"},
	{"[]; i0 = cast_ptr_to_int(ConstPtr(first)); p1 = cast_int_to_ptr(i0); p2 = cast_int_to_ptr(0); finish(p1, p2)", "finish NODE{1,NULL} NULL"},

	// Checked arithmetic and its guards.
	{"[]; i0 = int_add_ovf(1, 2); guard_no_overflow() [9]; finish(i0)", "finish 3"},
	{"[]; i0 = int_sub_ovf(1, 2); guard_overflow() [9, i0]; finish(i0)", "guard_overflow 9 -1"},
	{"[]; i0 = int_mul_ovf(4611686018427387904, 2); guard_no_overflow() [i0]; finish()", "guard_no_overflow -9223372036854775808"},

	// Guards that hold, and guards that fail.
	{"[]; guard_true(1) []; guard_true(0) [7]; finish()", "guard_true 7"},
	{"[]; guard_false(0) []; guard_false(1) [7]; finish()", "guard_false 7"},
	{"[]; guard_value(5, 5) []; guard_value(5, 6) [7]; finish()", "guard_value 7"},
	{"[]; guard_value(0.0, -0.0) [7]; finish()", "guard_value 7"}, // the bits count
	{"[]; guard_value(ConstPtr(first), ConstPtr(first)) []; finish()", "finish"},
	{"[]; guard_class(ConstPtr(first), ConstClass(node_vtable)) []; guard_class(ConstPtr(first), ConstClass(other)) [7]; finish()", "guard_class 7"},
	{"[]; guard_nonnull(ConstPtr(first)) []; guard_nonnull(NULL) [7]; finish()", "guard_nonnull 7"},
	{"[]; guard_isnull(NULL) []; guard_isnull(ConstPtr(first)) [7]; finish()", "guard_isnull 7"},
	{"[]; guard_nonnull_class(ConstPtr(first), ConstClass(node_vtable)) []; guard_nonnull_class(NULL, ConstClass(node_vtable)) [7]; finish()", "guard_nonnull_class 7"},
	{"[]; guard_no_exception() []; guard_not_invalidated() []; guard_not_forced() []; guard_always_fails() [1.5]; finish()", "guard_always_fails 1.5"},

	// The heap.
	{"[]; p0 = new_with_vtable(descr=NODE); finish(p0)", "finish NODE{0,NULL}"},
	{"[]; p0 = new(descr=PAIR); p1 = new_with_vtable(descr=NODE); setfield_gc(p0, p1, descr=PAIR.right); p2 = getfield_gc_r(p0, descr=PAIR.right); i3 = ptr_eq(p1, p2); finish(p0, i3)",
		"finish PAIR{NULL,NODE{0,NULL}} 1"},
	{"[]; setfield_gc(ConstPtr(first), 5, descr=NODE.value); i0 = getfield_gc_i(ConstPtr(first), descr=NODE.value); i1 = getfield_gc_i(ConstPtr(second), descr=NODE.value); finish(i0, i1)", "finish 5 2"},
	{"[]; p0 = new_with_vtable(descr=POINT); setfield_gc(p0, -0.0, descr=POINT.x); f1 = getfield_gc_f(p0, descr=POINT.x); finish(f1)", "finish -0.0"},
	{"[]; p0 = new_array_clear(3, descr=INTS); setarrayitem_gc(p0, 1, 8, descr=INTS); i1 = getarrayitem_gc_i(p0, 1, descr=INTS); i2 = getarrayitem_gc_i(p0, 2, descr=INTS); i3 = arraylen_gc(p0, descr=INTS); finish(i1, i2, i3)", "finish 8 0 3"},
	{"[]; p0 = new_array(2, descr=INTS); setarrayitem_gc(p0, 1, 8, descr=INTS); i1 = getarrayitem_gc_i(p0, 1, descr=INTS); finish(i1)", "finish 8"},
	{"[]; p0 = new_array_clear(1, descr=FLOATS); f1 = getarrayitem_gc_f(p0, 0, descr=FLOATS); finish(f1)", "finish 0.0"},
	{"[]; p0 = new_array_clear(1, descr=REFS); setarrayitem_gc(p0, 0, p0, descr=REFS); p1 = getarrayitem_gc_r(p0, 0, descr=REFS); i2 = ptr_eq(p0, p1); finish(i2)", "finish 1"},
	{"[]; p0 = new_array_clear(0, descr=INTS); i1 = arraylen_gc(p0, descr=INTS); finish(i1)", "finish 0"},

	// Calls and escapes, as the test answers them: the number of the operation.
	{"[]; i0 = call_i(ConstClass(act), 5, descr=act); f1 = call_f(ConstClass(flo), descr=flo); p2 = call_r(ConstClass(ref), descr=ref); call_n(ConstClass(non), descr=non); finish(i0, f1, p2)", "finish 1005 0.0 NULL"},
	{"[]; i0 = escape_i(5, 6); f1 = escape_f(); p2 = escape_r(NULL); escape_n(1.0); finish(i0, f1, p2)", "finish 2 0.0 NULL"},

	// A loop: the label's variables are set all at once.
	{"[]; i0 = int_add(0, 0); i1 = int_add(1, 0); i2 = int_add(0, 10); label(i0, i1, i2); i3 = int_add(i0, i1); i4 = int_sub(i2, 1); i5 = int_is_true(i4); guard_true(i5) [i0, i1]; jump(i1, i3, i4)", "guard_true 34 55"},
	{"[]; i0 = int_add(1, 0); i1 = int_add(2, 0); i2 = int_add(0, 0); label(i0, i1, i2); i3 = int_is_zero(i2); guard_true(i3) [i0, i1]; jump(i1, i0, 1)", "guard_true 2 1"},

	// Virtual objects of failargs are made when the guard fails.
	{"[]; guard_always_fails() [NODE{value=3, next=ConstPtr(second)}]; finish()", "guard_always_fails NODE{3,NODE{2,NULL}}"},
	{"[]; guard_always_fails() [v1:NODE{value=3, next=v1}]; finish()", "guard_always_fails NODE{3,NODE{3,NODE{3,...}}}"},
	{"[]; i0 = int_add(1, 1); guard_always_fails() [PAIR{left=v1:NODE{value=i0, next=NULL}, right=v1}, INTS{4, i0}]; finish()", "guard_always_fails PAIR{NODE{2,NULL},NODE{2,NULL}} INTS{4,2}"},

	// Pending stores are done when the guard fails, in order, behind the allocations.
	{"[]; guard_always_fails() [ConstPtr(first), v1:NODE{value=3}] {setfield_gc(ConstPtr(first), v1, descr=NODE.next), setfield_gc(v1, 4, descr=NODE.value)}; finish()",
		"guard_always_fails NODE{1,NODE{4,NULL}} NODE{4,NULL}"},
	{"[]; p0 = new_array(2, descr=REFS); guard_always_fails() [p0] {setarrayitem_gc(p0, 0, NULL, descr=REFS), setarrayitem_gc(p0, 1, v1:PAIR{left=v1}, descr=REFS), setarrayitem_gc(p0, 0, v1, descr=REFS)}; finish()",
		"guard_always_fails REFS{PAIR{PAIR{...,NULL},NULL},PAIR{PAIR{...,NULL},NULL}}"},
	{"[]; guard_nonnull(ConstPtr(first)) [] {setfield_gc(NULL, 9, descr=NODE.value)}; i0 = getfield_gc_i(ConstPtr(first), descr=NODE.value); finish(i0)", "finish 1"},
}

func answer(e *ir.Evaluator) {
	e.Call = func(_ *ir.Op, fn string, args []uint64) (uint64, error) {
		if fn == "act" {
			return args[0] + 1000, nil
		}
		return 0, nil
	}
	e.Escape = func(op *ir.Op, args []uint64) (uint64, error) {
		if op.Code == ir.EscapeI {
			return uint64(len(args)), nil
		}
		return 0, nil
	}
}

func TestEvalRuns(t *testing.T) {
	for _, tt := range runCases {
		got, err := evaluate(t, tt.text, answer)
		require.NoError(t, err, tt.text)
		assert.Equal(t, tt.want, got, tt.text)
	}
}

func TestEvalErrors(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"[]; i0 = getfield_gc_i(NULL, descr=NODE.value); finish()", "getfield_gc_i: the object is NULL"},
		{"[]; setfield_gc(NULL, 1, descr=NODE.value); finish()", "setfield_gc: the object is NULL"},
		{"[]; i0 = arraylen_gc(NULL, descr=INTS); finish()", "arraylen_gc: the object is NULL"},
		{"[]; guard_class(NULL, ConstClass(node_vtable)) []; finish()", "guard_class: the object is NULL"},
		{"[]; p0 = getfield_gc_r(ConstPtr(first), descr=PAIR.left); finish()", "a NODE has no field PAIR.left"},
		{"[]; i0 = getarrayitem_gc_i(ConstPtr(first), 0, descr=INTS); finish()", "a NODE is no array like INTS"},
		{"[]; p0 = new_array_clear(2, descr=INTS); f1 = getarrayitem_gc_f(p0, 0, descr=FLOATS); finish()", "a INTS is no array like FLOATS"},
		{"[]; p0 = new_array_clear(2, descr=INTS); i1 = getarrayitem_gc_i(p0, 2, descr=INTS); finish()", "index 2, the array has 2 items"},
		{"[]; p0 = new_array_clear(2, descr=INTS); setarrayitem_gc(p0, -1, 3, descr=INTS); finish()", "index -1, the array has 2 items"},
		{"[]; p0 = new_array(2, descr=INTS); setarrayitem_gc(p0, 0, 3, descr=INTS); i1 = getarrayitem_gc_i(p0, 1, descr=INTS); finish()", "item 1 was never written"},
		{"[]; p0 = new_array(-1, descr=INTS); finish()", "the length -1 is negative"},
		{"[]; p0 = new_array(100000000, descr=INTS); finish()", "the heap is full"},
		{"[]; i0 = int_add(60, 4); i1 = int_lshift(1, i0); finish()", "int_lshift: not defined for 1, 64"},
		{"[]; i0 = int_neg(1); i1 = uint_rshift(1, i0); finish()", "uint_rshift: not defined for 1, -1"},
		{"[]; i0 = int_neg(1); i1 = int_signext(1, i0); finish()", "int_signext: not defined for 1, -1"},
		{"[]; i0 = cast_float_to_int(nan); finish()", "cast_float_to_int: not defined"},
		{"[]; i0 = cast_float_to_int(9223372036854775808.0); finish()", "cast_float_to_int: not defined"},
		{"[]; guard_true(2) []; finish()", "the condition is 2, not 0 or 1"},
		{"[]; guard_false(-1) []; finish()", "the condition is -1, not 0 or 1"},
		{"[]; p0 = cast_int_to_ptr(5); finish()", "cast_int_to_ptr: 5 is no reference"},
		{"[]; i0 = call_i(ConstClass(act), 5, descr=act); finish()", "there is no function act here"},
		{"[]; call_assembler_n(ConstClass(f), 5); finish()", "the evaluator can't call other traces"},
		{"[]; guard_always_fails() [] {setfield_gc(NULL, 9, descr=NODE.value)}; finish()", "guard_always_fails: pending setfield_gc: the object is NULL"},
		{"[]; p0 = new_array(2, descr=INTS); guard_always_fails() [] {setarrayitem_gc(p0, 2, 9, descr=INTS)}; finish()", "guard_always_fails: pending setarrayitem_gc: index 2, the array has 2 items"},
		{"[]; guard_always_fails() [] {setfield_gc(PAIR{}, 9, descr=NODE.value)}; finish()", "a PAIR has no field NODE.value"},
		{"[]; i0 = int_add(0, 0); label(i0); jump(i0)", "the trace did not end"},
	} {
		_, err := evaluate(t, tt.text, func(e *ir.Evaluator) { e.Steps = 1000 })
		require.Error(t, err, tt.text)
		assert.ErrorContains(t, err, tt.want, tt.text)
	}
}

func TestEvalErrorsNameTheLine(t *testing.T) {
	lines := strings.Count(declarations, "\n")
	_, err := evaluate(t, "[]\n\ni0 = getfield_gc_i(NULL, descr=NODE.value)\nfinish()", nil)
	assert.ErrorContains(t, err, fmt.Sprintf("line %d, getfield_gc_i: ", lines+3))
}

func TestEvalForcedFailure(t *testing.T) {
	asked := 0
	got, err := evaluate(t, "[]; guard_true(1) [1]; guard_nonnull(ConstPtr(first)) [2]; finish()", func(e *ir.Evaluator) {
		e.ForceFail = func(guard *ir.Op) bool { asked++; return guard.Code == ir.GuardNonnull }
	})
	require.NoError(t, err)
	assert.Equal(t, "guard_nonnull 2", got)
	assert.Equal(t, 2, asked)
}

func TestEvalForcedFailureStoresWhatIsPending(t *testing.T) {
	got, err := evaluate(t, "[]; p0 = same_as_r(ConstPtr(first)); guard_true(1) [p0] {setfield_gc(p0, 9, descr=NODE.value)}; finish()",
		func(e *ir.Evaluator) { e.ForceFail = func(*ir.Op) bool { return true } })
	require.NoError(t, err)
	assert.Equal(t, "guard_true NODE{9,NULL}", got)
}

func TestEvalWrongNumberOfInputs(t *testing.T) {
	trace := read(t, "[i0]; finish()")
	h, err := heap.New(trace.Decls.Classes, heap.Options{Limit: 1 << 20})
	require.NoError(t, err)
	defer h.Close()
	_, err = (&ir.Evaluator{Kit: &irsolution.Kit, Heap: h}).Run(trace, nil)
	assert.ErrorContains(t, err, "the trace has 1 inputs, got 0 values")
}

// TestEvalTestsEveryOperation finds opcodes that no case above uses.
func TestEvalTestsEveryOperation(t *testing.T) {
	all := "call_assembler_i( call_assembler_f( call_assembler_r( call_assembler_n("
	for _, tt := range pureCases {
		all += " " + tt.expr
	}
	for _, tt := range runCases {
		all += " " + tt.text
	}
	for c := ir.IntAdd; c <= ir.DebugMergePoint; c++ {
		assert.Contains(t, all, c.String()+"(")
	}
}

func TestOpcodeTable(t *testing.T) {
	names := map[string]bool{}
	for c := ir.IntAdd; c <= ir.DebugMergePoint; c++ {
		info := c.Info()
		require.NotEmpty(t, info.Name, "opcode %d", c)
		assert.False(t, names[info.Name], "%s stands in the table twice", c)
		names[info.Name] = true
		assert.Equal(t, c, ir.Lookup(info.Name))
		if c.Has(ir.Commutative) {
			assert.Len(t, info.Args, 2, c.String())
			assert.Equal(t, info.Args[0], info.Args[1], c.String())
		}
		if c.Has(ir.Pure | ir.Checked) {
			assert.NotEqual(t, ir.Void, info.Result, c.String())
			assert.False(t, c.Has(ir.Effect|ir.Guard|ir.Control), c.String())
		}
		if c.Has(ir.Guard) {
			assert.Equal(t, ir.Void, info.Result, c.String())
		}
	}
	assert.Equal(t, ir.OpInvalid, ir.Lookup("int_divide"))
}

// TestOpcodeTableTellsTheTruth checks what the table says of operations by
// computing them.
func TestOpcodeTableTellsTheTruth(t *testing.T) {
	eval := irsolution.Kit.EvalPure
	floats := []float64{0, math.Copysign(0, -1), 1, -1, math.NaN(), math.Inf(1), 1.5}
	for c := ir.IntAdd; c < ir.DebugMergePoint; c++ {
		info := c.Info()
		if !c.Has(ir.Pure) || c == ir.ArraylenGc {
			assert.Equal(t, ir.OpInvalid, info.Inverse, c.String())
			continue
		}
		var words []uint64
		for _, x := range telling() {
			words = append(words, uint64(x))
		}
		if info.Args[0] == 'f' {
			words = nil
			for _, x := range floats {
				words = append(words, math.Float64bits(x))
			}
		}
		for _, a := range words {
			for _, b := range words {
				result, ok := eval(c, a, b)
				if !ok {
					continue
				}
				if c.Has(ir.Commutative) {
					swapped, _ := eval(c, b, a)
					requireWord(t, info.Result, result, swapped, c)
				}
				if info.Inverse != ir.OpInvalid {
					not, _ := eval(info.Inverse, a, b)
					require.Equal(t, 1-result, not, "%s and its inverse", c)
					require.Equal(t, c, info.Inverse.Info().Inverse)
				}
				if info.Swapped != ir.OpInvalid {
					swapped, _ := eval(info.Swapped, b, a)
					require.Equal(t, result, swapped, "%s swapped", c)
				}
			}
		}
	}
}

func requireWord(t *testing.T, typ ir.Type, a, b uint64, c ir.Opcode) {
	t.Helper()
	if typ == ir.Float && math.IsNaN(math.Float64frombits(a)) && math.IsNaN(math.Float64frombits(b)) {
		return
	}
	require.Equal(t, a, b, c.String())
}
