package guest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// TestNestedObjectsCountOnce has a trace call code that is interpreted, and
// becomes a trace itself: each object and each iteration counts for who did it.
func TestNestedObjectsCountOnce(t *testing.T) {
	p := program{"nested", `
(fun f () (var j 0) (while (< j 20) (set j (+ j 1))) j)
(var i 0) (var s 0)
(while (< i 500) (set s (+ s (opaque f))) (set i (+ i 1)))
(print s)`}
	opt := jit(t, 10)
	opt.Chain = passes(t, "none")
	out, stats := p.run(t, heap.Options{}, opt)
	require.Equal(t, "10000\n", out.Out)
	require.Equal(t, 2, stats.Loops)
	require.Greater(t, stats.ObjectsInterpreter, int64(0))
	all := stats.ObjectsInterpreter + stats.ObjectsRecording + stats.ObjectsTraces + stats.ObjectsExits
	require.Equal(t, stats.HeapObjects, all)
	require.Less(t, stats.Iterations, int64(500*21))
	// Without passes nothing is saved: an object an iteration inside, two outside.
	require.GreaterOrEqual(t, stats.ObjectsTraces, stats.Iterations)
	require.Less(t, stats.ObjectsTraces, 2*stats.Iterations)
}

// TestImpossibleLoop gives up peeling, not the trace.
func TestImpossibleLoop(t *testing.T) {
	opt := jit(t, 10)
	opt.Chain = passes(t, "fold")
	opt.Chain.Peel = func(ir.Chain, *ir.Trace) (*ir.Trace, error) {
		return nil, fmt.Errorf("%w: no second iteration", ir.ErrImpossible)
	}
	_, stats := named(t, "sum").small().run(t, heap.Options{}, opt)
	require.Equal(t, 1, stats.Loops)
	require.Empty(t, stats.Aborts)
}

// TestMalformedTrace ends the program: it would hide the mistake to go on.
func TestMalformedTrace(t *testing.T) {
	opt := jit(t, 10)
	opt.Chain.Verify = true
	opt.Chain.Peel = func(c ir.Chain, loop *ir.Trace) (*ir.Trace, error) {
		ops := append([]*ir.Op{{Code: ir.GuardAlwaysFails}}, loop.Ops...) // it has no exit
		return c.Finish(&ir.Trace{Decls: loop.Decls, Inputs: loop.Inputs, Ops: ops})
	}
	out, stats := named(t, "sum").small().run(t, heap.Options{}, opt)
	require.Contains(t, out.Err, "the optimized trace is malformed: op 0")
	require.Zero(t, stats.Loops)
}

// TestStatsShowTheLoop wants a column for the loop if there is a label.
func TestStatsShowTheLoop(t *testing.T) {
	p := named(t, "sum").small()
	opt := jit(t, 10)
	opt.Chain = passes(t, "none")
	_, plain := p.run(t, heap.Options{}, opt)
	opt.Chain.Peel = labelled
	var log strings.Builder
	opt.Log = &log
	_, peeled := p.run(t, heap.Options{}, opt)

	require.Equal(t, plain.OpsRecorded, plain.OpsLoop)
	require.Equal(t, 3, plain.AllocsLoop)
	require.Equal(t, plain.OpsLoop, peeled.OpsLoop)
	require.Equal(t, plain.GuardsLoop, peeled.GuardsLoop)
	require.Equal(t, 3, peeled.AllocsLoop)
	require.Equal(t, 1+plain.OpsOptimized, peeled.OpsOptimized)
	var text strings.Builder
	plain.WriteText(&text)
	require.Contains(t, text.String(), "allocations                3 recorded, 3 optimized\n")
	text.Reset()
	peeled.WriteText(&text)
	require.Contains(t, text.String(), "allocations                3 recorded, 3 optimized, 3 of them in the loop\n")
	require.Contains(t, log.String(), ": 30 operations, 29 of them in the loop, as optimized\n")
}

// labelled puts a label at the start of a loop, which is right, and no use.
func labelled(c ir.Chain, t *ir.Trace) (*ir.Trace, error) {
	t, err := c.Optimize(t)
	if err == nil {
		label := &ir.Op{Code: ir.Label, Args: t.Inputs}
		t.Ops = append([]*ir.Op{label}, t.Ops...)
		t.Renumber()
	}
	return t, err
}
