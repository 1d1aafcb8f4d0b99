package course

import (
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
)

// counting returns Kits that count in n the questions which the passes ask again
// and again: those whose number may get out of hand.
func counting(n *int) *Kits {
	k := Solved()
	find, alias, describe := k.IR.Find, k.Virtuals.MayAlias, k.Virtuals.Describe
	carry := k.Virtuals.Carry
	k.IR.Find = func(op *ir.Op) *ir.Op {
		*n++
		return find(op)
	}
	k.Virtuals.MayAlias = func(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
		*n++
		return alias(c, o, p, q)
	}
	k.Virtuals.Describe = func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
		before := len(seen)
		d := describe(o, objects, v, seen)
		*n += 1 + len(seen) - before
		return d
	}
	k.Virtuals.Carry = func(l *virtuals.Loop) (label, jump []*ir.Op) {
		for _, op := range l.Ops() {
			*n += len(l.Uses(op))
		}
		return carry(l)
	}
	return k
}

// TestOptimizeIsLinear counts questions and allocations: for an operation of a
// trace that is six times as long there are not many more of them.
func TestOptimizeIsLinear(t *testing.T) {
	questions := 0
	chain, err := counting(&questions).EngineChain()
	require.NoError(t, err)
	chain.Witness = true // as in chapter 6
	for _, f := range families {
		perOp := func(n int) (asked, allocated float64) {
			trace := f.trace(t, n)
			questions = 0
			allocs := testing.AllocsPerRun(1, func() { // which runs it twice
				_, err := chain.OptimizeLoop(trace)
				require.NoError(t, err)
			})
			ops := float64(len(trace.Ops))
			return float64(questions) / 2 / ops, allocs / ops
		}
		asked, allocated := perOp(1000)
		askedMore, allocatedMore := perOp(6000)
		t.Logf("%-9s for an operation: %.1f and %.1f questions, %.1f and %.1f allocations",
			f.name, asked, askedMore, allocated, allocatedMore)
		require.LessOrEqual(t, askedMore, 1.5*asked+1, f.name)
		require.LessOrEqual(t, allocatedMore, 1.5*allocated+1, f.name)
	}
}
