package backend_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	backend "metatrace/chapters/05-backend"
	"metatrace/internal/heap"
	backendsolution "metatrace/solutions/05-backend"
)

// Where the runtime's mark is not to be found, a loop comes back to Go now and then,
// not in each iteration.
func TestCountedPollsAreRare(t *testing.T) {
	if err := backend.Available(); err != nil {
		t.Skip(err)
	}
	h, err := heap.New(&heap.Classes{}, heap.Options{})
	require.NoError(t, err)
	defer h.Close()
	x, err := backendsolution.Kit.Native(1<<16)(h, guards.Options{})
	require.NoError(t, err)
	defer x.Close()
	backendsolution.Kit.CountPolls(x)
	trace, err := ir.Parse("loop", "[i0]\ni1 = int_sub(i0, 1)\ni2 = int_gt(i1, 0)\nguard_true(i2) [i1]\njump(i1)")
	require.NoError(t, err)
	p, err := x.Load(trace, guards.LoadOptions{})
	require.NoError(t, err)
	defer p.Free()
	_, values, err := p.Run(machine.New(h, 10), []uint64{10_000})
	require.NoError(t, err)
	require.Equal(t, []uint64{0}, values)
	require.Positive(t, backend.BudgetOf(x))
}

// A program stops at any exit that goes on, not at polls alone, since a loop that is in
// Go nearly all the time never finds the runtime's mark at its back edge.
func TestStopsWhereItAllocates(t *testing.T) {
	if err := backend.Available(); err != nil {
		t.Skip(err)
	}
	trace, err := ir.Parse("loop", "struct P v:i\n[i0]\np1 = new(descr=P)\nsetfield_gc(p1, i0, descr=P.v)\n"+
		"i1 = int_sub(i0, 1)\ni2 = int_gt(i1, 0)\nguard_true(i2) [p1]\njump(i1)")
	require.NoError(t, err)
	h, err := heap.New(trace.Decls.Classes, heap.Options{Stress: true})
	require.NoError(t, err)
	defer h.Close()
	x, err := backendsolution.Kit.Native(1<<16)(h, guards.Options{})
	require.NoError(t, err)
	defer x.Close()
	p, err := x.Load(trace, guards.LoadOptions{})
	require.NoError(t, err)
	defer p.Free()
	m, stop := machine.New(h, 10), errors.New("stop")
	m.Stop(stop)
	_, _, err = p.Run(m, []uint64{100})
	require.ErrorIs(t, err, stop)
	require.EqualValues(t, 1, h.Stats().Objects)
}
