package ir

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBuilderCopiesLists(t *testing.T) {
	b := NewBuilder(nil)
	i := b.Input(Int)
	args, failargs := []*Op{i, ConstInt(1)}, []*Op{i}
	sum := b.Op(IntAdd, nil, args...)
	guard := b.Guard(GuardTrue, failargs, sum)
	args[0], failargs[0] = nil, nil
	assert.Same(t, i, sum.Args[0])
	assert.Same(t, i, guard.Exit.Failargs[0])
	assert.Equal(t, 2, b.Len())
	require.NoError(t, Verify(b.Trace()))
}

func TestBuilderPanicsOnMisuse(t *testing.T) {
	b := NewBuilder(nil)
	assert.PanicsWithValue(t, "ir: Builder: guard_true is a guard and needs failargs", func() {
		b.Op(GuardTrue, nil, ConstInt(1))
	})
	assert.PanicsWithValue(t, "ir: Builder: int_add is no guard", func() { b.Guard(IntAdd, nil) })
	assert.PanicsWithValue(t, "ir: Builder: opcode 1 is no operation", func() { b.Op(OpInput, nil) })
	b.Op(EscapeN, nil)
	assert.PanicsWithValue(t, "ir: Builder: an input comes after an operation", func() { b.Input(Int) })
}

func BenchmarkBuilder(b *testing.B) {
	b.ReportAllocs()
	build := NewBuilder(nil)
	x := build.Input(Int)
	for range b.N {
		if build.Len() == 6000 {
			build = NewBuilder(nil)
			x = build.Input(Int)
		}
		x = build.Op(IntAdd, nil, x, x)
	}
}
