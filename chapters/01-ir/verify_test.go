package ir

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

// healthy is a trace with a bit of everything, to be broken by the cases below.
func healthy(t *testing.T) *Trace {
	return readTrace(t, declared+`
[i0, p1, f2]
i3 = int_add_ovf(i0, 1)
guard_no_overflow() [i3, NODE{value=i0}]
i4 = getfield_gc_i(p1, descr=NODE.value)
p5 = new_with_vtable(descr=NODE)
f6 = call_f(ConstClass(pow), f2, 0.5, descr=pow)
label(i4, p5)
jump(i4, p5)`)
}

// The operations of healthy by index.
const (
	addAt = iota
	guardAt
	getAt
	newAt
	callAt
	labelAt
	jumpAt
)

func TestVerify(t *testing.T) {
	require.NoError(t, Verify(healthy(t)))
	for _, c := range []struct {
		what  string
		spoil func(t *Trace)
		want  string
	}{
		{"an input that is none", func(t *Trace) { t.Inputs[1] = ConstInt(1) }, "input 1 is no input of type int, float or ref"},
		{"a nil input", func(t *Trace) { t.Inputs[1] = nil }, "input 1 is no input of type int, float or ref"},
		{"an input with a wrong ID", func(t *Trace) { t.Inputs[1].ID = 7 }, "input 1 has the ID 7"},
		{"no operation", func(t *Trace) { t.Ops[2] = t.Inputs[0] }, "op 2 is no operation"},
		{"a nil operation", func(t *Trace) { t.Ops[2] = nil }, "op 2 is no operation"},
		{"a wrong ID", func(t *Trace) { t.Ops[2].ID = 9 }, "op 2, i4 = getfield_gc_i(p1, descr=NODE.value): its ID is 9, expected 5"},
		{"a wrong type", func(t *Trace) { t.Ops[2].Type = Float }, "op 2, f4 = getfield_gc_i(p1, descr=NODE.value): its type is f, expected i"},
		{"a later value", func(t *Trace) { t.Ops[addAt].Args[0] = t.Ops[getAt] }, "op 0, i3 = int_add_ovf(i4, 1): argument 1 is no constant, and not assigned before it"},
		{"itself", func(t *Trace) { t.Ops[addAt].Args[0] = t.Ops[addAt] }, "op 0, i3 = int_add_ovf(i3, 1): argument 1 is no constant, and not assigned before it"},
		{"a value of another trace", func(t *Trace) { t.Ops[addAt].Args[0] = &Op{Code: OpInput, Type: Int} }, "op 0, i3 = int_add_ovf(i4, 1): argument 1 is no constant, and not assigned before it"},
		{"a nil argument", func(t *Trace) { t.Ops[addAt].Args[0] = nil }, "op 0, i3 = int_add_ovf(nil, 1): argument 1 is no constant, and not assigned before it"},
		{"a constant of a wrong type", func(t *Trace) { t.Ops[addAt].Args[1].Type = Float }, "op 0, i3 = int_add_ovf(i0, 1): argument 2 is no constant, and not assigned before it"},
		{"an operation without a value", func(t *Trace) { t.Ops[jumpAt].Args[0] = t.Ops[guardAt] }, "op 6, jump(v7, p5): argument 1 of jump is nothing, expected an int, a float or a ref"},
		{"an argument of a wrong type", func(t *Trace) { t.Ops[addAt].Args[0] = t.Inputs[2] }, "op 0, i3 = int_add_ovf(f2, 1): argument 1 of int_add_ovf is a float, expected an int"},
		{"too few arguments", func(t *Trace) { t.Ops[addAt].Args = t.Ops[addAt].Args[:1] }, "op 0, i3 = int_add_ovf(i0): int_add_ovf has 1 argument, expected int_add_ovf(int, int)"},
		{"a virtual argument", func(t *Trace) { t.Ops[jumpAt].Args[1] = t.Ops[guardAt].Exit.Failargs[1] }, "op 6, jump(i4, NODE{value=i0, next=NULL}): argument 2 of jump is a virtual object, expected an int, a float or a ref"},
		{"no descr", func(t *Trace) { t.Ops[getAt].Descr = nil }, "op 2, i4 = getfield_gc_i(p1): getfield_gc_i has no descr, expected getfield_gc_i(ref, descr=STRUCT.field)"},
		{"a descr of another kind", func(t *Trace) { t.Ops[getAt].Descr = t.Decls.Calls[0] }, "op 2, i4 = getfield_gc_i(p1, descr=pow): the descr of getfield_gc_i is pow, expected getfield_gc_i(ref, descr=STRUCT.field)"},
		{"a descr that is not wanted", func(t *Trace) { t.Ops[addAt].Descr = t.Decls.Calls[0] }, "op 0, i3 = int_add_ovf(i0, 1, descr=pow): int_add_ovf takes no descr, expected int_add_ovf(int, int)"},
		{"a field of another type", func(t *Trace) { t.Ops[getAt].Descr = t.Decls.Classes.Named("NODE").Field("next") }, "op 2, i4 = getfield_gc_i(p1, descr=NODE.next): NODE.next is a ref, expected an int for getfield_gc_i"},
		{"new of a struct without vtable", func(t *Trace) { t.Ops[newAt].Descr = t.Decls.Classes.Named("PAIR") }, "op 3, p5 = new_with_vtable(descr=PAIR): PAIR has no vtable, expected new"},
		{"new of an array", func(t *Trace) { t.Ops[newAt].Descr = t.Decls.Classes.Named("INTS") }, "op 3, p5 = new_with_vtable(descr=INTS): the descr of new_with_vtable is INTS, expected new_with_vtable(descr=STRUCT)"},
		{"a call of a function with another result", func(t *Trace) { t.Ops[callAt].Descr = &Call{Name: "g"} }, "op 4, f6 = call_f(ConstClass(pow), f2, 0.5, descr=g): g gives nothing, expected a call that gives a float for call_f"},
		{"a guard without exit", func(t *Trace) { t.Ops[guardAt].Exit = nil }, "op 1, guard_no_overflow(): guard_no_overflow has no failargs, expected a list such as [] or [i0, p1]"},
		{"an exit of no guard", func(t *Trace) { t.Ops[getAt].Exit = &Exit{} }, "op 2, i4 = getfield_gc_i(p1, descr=NODE.value) []: getfield_gc_i has failargs, but only guards have them"},
		{"a later failarg", func(t *Trace) { t.Ops[guardAt].Exit.Failargs[0] = t.Ops[getAt] }, "op 1, guard_no_overflow() [i4, NODE{value=i0, next=NULL}]: failarg 1 is not assigned before it"},
		{"a class as failarg", func(t *Trace) { t.Ops[guardAt].Exit.Failargs[0] = t.Ops[callAt].Args[0] }, "op 1, guard_no_overflow() [ConstClass(pow), NODE{value=i0, next=NULL}]: failarg 1 is a class, expected an int, a float or a ref"},
		{"a virtual field of a wrong type", func(t *Trace) { t.Ops[guardAt].Exit.Failargs[1].Args[0] = t.Inputs[2] }, "op 1, guard_no_overflow() [i3, NODE{value=f2, next=NULL}]: failarg 2 in NODE.value holds a float, expected an int"},
		{"a virtual object with a field too few", func(t *Trace) {
			v := t.Ops[guardAt].Exit.Failargs[1]
			v.Args = v.Args[:1]
		}, "op 1, guard_no_overflow() [i3, NODE{value=i0}]: failarg 2 is a virtual NODE with 1 fields, expected 2"},
		{"a nil pending store", pend(nil), "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}] {nil}: pending store 1: it is nil"},
		{"no store that is pending", pend(&Op{Code: Finish}), "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}] {finish()}: pending store 1: finish can't be a pending store, expected setfield_gc or setarrayitem_gc"},
		{"a nil argument of a pending store", pend(&Op{Code: SetfieldGc, Args: []*Op{nil}}), "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}] {setfield_gc(nil)}: pending store 1: argument 1 is nil"},
		{"a pending store without descr", pend(&Op{Code: SetfieldGc, Args: []*Op{Null, Null}}), "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}] {setfield_gc(NULL, NULL)}: pending store 1: setfield_gc has no descr, expected setfield_gc(ref, value, descr=STRUCT.field)"},
		{"a pending store of a later value", func(t *Trace) {
			value := t.Decls.Classes.Named("NODE").Field("value")
			pend(&Op{Code: SetfieldGc, Descr: value, Args: []*Op{t.Inputs[1], t.Ops[getAt]}})(t)
		}, "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}] {setfield_gc(p1, i4, descr=NODE.value)}: pending store 1: argument 2 is not assigned before it"},
		{"a pending store of another type", func(t *Trace) {
			value := t.Decls.Classes.Named("NODE").Field("value")
			pend(&Op{Code: SetfieldGc, Descr: value, Args: []*Op{t.Inputs[1], t.Ops[guardAt].Exit.Failargs[1]}})(t)
		}, "op 1, guard_no_overflow() [i3, v1:NODE{value=i0, next=NULL}] {setfield_gc(p1, v1, descr=NODE.value)}: pending store 1: argument 2 of setfield_gc is a ref, expected an int as NODE.value is"},
		{"no overflow guard", func(t *Trace) { t.Ops[guardAt] = t.Ops[getAt]; t.Renumber() }, "op 0, i3 = int_add_ovf(i0, 1): no overflow guard stands directly behind it"},
		{"an overflow guard alone", func(t *Trace) { t.Ops[addAt].Code = IntAdd }, "op 1, guard_no_overflow() [i3, NODE{value=i0, next=NULL}]: no checked operation stands directly before it"},
		{"an overflow guard at the start", func(t *Trace) {
			t.Ops = t.Ops[guardAt:]
			t.Ops[0].Exit = &Exit{}
			t.Renumber()
		}, "op 0, guard_no_overflow() []: no checked operation stands directly before it"},
		{"a second label", func(t *Trace) { t.Ops[jumpAt].Code = Label }, "op 6, label(i4, p5): it is the second label"},
		{"a label with a constant", func(t *Trace) { t.Ops[labelAt].Args[0] = ConstInt(1) }, "op 5, label(1, p5): argument 1 of label is a constant, expected a variable"},
		{"a jump that does not fit", func(t *Trace) { t.Ops[jumpAt].Args[0] = t.Inputs[2] }, "op 6, jump(f2, p5): argument 1 of jump is a float, expected an int as the label has"},
		{"something behind the end", func(t *Trace) {
			t.Ops = append(t.Ops, &Op{Code: Finish, ID: int32(t.NumIDs())})
		}, "op 7, finish(): it stands behind jump, which ends the trace"},
	} {
		trace := healthy(t)
		c.spoil(trace)
		assert.EqualError(t, Verify(trace), c.want, c.what)
	}
}

// pend gives the guard of healthy a pending store.
func pend(store *Op) func(t *Trace) {
	return func(t *Trace) { t.Ops[guardAt].Exit.Pending = []*Op{store} }
}

func TestVerifyPendingStore(t *testing.T) {
	trace := healthy(t)
	exit := trace.Ops[guardAt].Exit
	next := trace.Decls.Classes.Named("NODE").Field("next")
	exit.Pending = []*Op{{Code: SetfieldGc, ID: -1, Descr: next, Args: []*Op{trace.Inputs[1], exit.Failargs[1]}}}
	assert.NoError(t, Verify(trace))
	assert.Equal(t, append(slices.Clone(exit.Failargs), exit.Pending[0].Args...), exit.Values())
}

func TestVerifyVirtualWithoutClass(t *testing.T) {
	trace := healthy(t)
	trace.Ops[guardAt].Exit.Failargs[1].Descr = (*heap.Class)(nil)
	assert.ErrorContains(t, Verify(trace), "failarg 2 is a virtual object without a class")
}

func TestVerifyCyclicVirtuals(t *testing.T) {
	trace := healthy(t)
	v := trace.Ops[guardAt].Exit.Failargs[1]
	v.Args[1] = v
	assert.NoError(t, Verify(trace))
}

func TestCheckLoopOfABuiltTrace(t *testing.T) {
	b := NewBuilder(nil)
	b.Input(Int)
	b.Op(Jump, nil)
	assert.EqualError(t, b.Trace().CheckLoop(), "jump has 0 arguments, expected 1 as the inputs are")
}
