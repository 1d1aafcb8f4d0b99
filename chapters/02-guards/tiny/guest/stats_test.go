package guest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
)

// TestImpossibleLoop gives up peeling, not the trace.
func TestImpossibleLoop(t *testing.T) {
	opt := suite.JIT(10)
	opt.Chain = suite.Passes(t, "fold")
	opt.Chain.Peel = func(ir.Chain, *ir.Trace) (*ir.Trace, error) {
		return nil, fmt.Errorf("%w: no second iteration", ir.ErrImpossible)
	}
	_, stats := named(t, "sum").Small().Run(t, setup{Opt: opt})
	require.Equal(t, 1, stats.Loops)
	require.Empty(t, stats.Aborts)
}

// TestMalformedTrace ends the program: it would hide the mistake to go on.
func TestMalformedTrace(t *testing.T) {
	opt := suite.JIT(10)
	opt.Chain.Verify = true
	opt.Chain.Peel = func(c ir.Chain, loop *ir.Trace) (*ir.Trace, error) {
		ops := append([]*ir.Op{{Code: ir.GuardAlwaysFails}}, loop.Ops...) // it has no exit
		return c.Finish(&ir.Trace{Decls: loop.Decls, Inputs: loop.Inputs, Ops: ops})
	}
	out, stats := named(t, "sum").Small().Run(t, setup{Opt: opt})
	require.Contains(t, out.Err, "the optimized trace is malformed: op 0")
	require.Zero(t, stats.Loops)
}

// TestStatsShowTheLoop wants a column for the loop if there is a label.
func TestStatsShowTheLoop(t *testing.T) {
	p := named(t, "sum").Small()
	opt := suite.JIT(10)
	opt.Chain = suite.Passes(t, "none")
	_, plain := p.Run(t, setup{Opt: opt})
	opt.Chain.Peel = labelled
	var log strings.Builder
	opt.Log = &log
	_, peeled := p.Run(t, setup{Opt: opt})

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
