package bridges_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

// factKinds are the kinds of traces that facts are checked with.
var factKinds = map[string]tracetest.Kind{
	"heap": tracetest.Heap, "ints": tracetest.Ints, "tagged": tracetest.Tagged,
	"loop": tracetest.Loop, "int loop": tracetest.IntLoop, "tagged loop": tracetest.TaggedLoop,
}

// TestFactsHoldWhereTheyAreNoted runs optimized traces and compares what guards have noted
// with what is: also where a guard fails, so that nothing may hold which it has taught.
func TestFactsHoldWhereTheyAreNoted(t *testing.T) {
	for name, kind := range factKinds {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(6, 4))
			tries, facts := 150, 0
			if testing.Short() {
				tries = 50
			}
			for n := range tries {
				chain := chainOf(t, n%2 == 0)
				chain.Witness = true
				if n%4 < 2 {
					chain.Passes[2] = guardssolution.Kit.Pass() // which merges guards
				}
				before := kind.Generate(&irsolution.Kit, tracetest.Random(random, 20+random.IntN(300)))
				after, err := kind.Optimize(chain, before)
				if errors.Is(err, ir.ErrImpossible) {
					continue
				}
				require.NoError(t, err)
				for seed := range uint64(12) {
					n, err := tracegen.FactsHold(&irsolution.Kit, after, kind.Inputs(before, seed))
					require.NoError(t, err, "%s\nbecame\n%s", before, after)
					facts += n
				}
			}
			t.Logf("%d facts", facts)
			require.Greater(t, facts, 300)
		})
	}
}
