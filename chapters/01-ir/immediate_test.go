package ir

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

// immediate declares small integers whose references are the integers.
const immediate = "struct W_Int vtable=W_Int_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!\n"

func TestImmediateClassPrintsAsItWasRead(t *testing.T) {
	src := immediate + "object one W_Int value=1\n[p0]\np1 = new_with_vtable(descr=W_Int)\nsetfield_gc(p1, 5, descr=W_Int.value)\nfinish(p1)\n"
	trace, err := Parse("t", src)
	require.NoError(t, err)
	require.NoError(t, Verify(trace))
	require.Equal(t, src, trace.String())
	c := trace.Decls.Classes.Immediate()
	require.Equal(t, heap.Tagging{Shift: 1, Tag: 1}, *c.Immediate)
}

func TestVerifyImmediateValues(t *testing.T) {
	trace, err := Parse("t", immediate+"[]\np1 = new_with_vtable(descr=W_Int)\nsetfield_gc(p1, 5, descr=W_Int.value)\nfinish(p1)\n")
	require.NoError(t, err)
	trace.Ops[0], trace.Ops[1] = &Op{Code: NewWithVtable, Type: Ref, Descr: trace.Ops[0].Descr}, trace.Ops[0]
	trace.Ops = append(trace.Ops[:2], &Op{Code: SetfieldGc, Descr: trace.Decls.Classes.Immediate().Fields[0],
		Args: []*Op{trace.Ops[0], ConstInt(5)}})
	trace.Renumber()
	assert.ErrorContains(t, Verify(trace), "op 2, setfield_gc(p0, 5, descr=W_Int.value): W_Int.value is the value of an immediate object")
}
