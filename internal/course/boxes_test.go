package course

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
)

// TestTaggedTracesAgree sends random traces with an immediate class through all
// passes, those of the engine and those of opt, with and without a journal.
func TestTaggedTracesAgree(t *testing.T) {
	kits, random := Solved(), rand.New(rand.NewPCG(40, 3))
	for n := range 240 {
		kind, build := tracetest.Tagged, kits.Chain
		if n%2 == 1 {
			kind = tracetest.TaggedLoop
		}
		if n%4 < 2 {
			build = kits.EngineChain
		}
		kind.Forced = nil // merged guards fail elsewhere
		chain, err := build()
		require.NoError(t, err)
		if n%3 == 0 {
			chain.Journal = &ir.Journal{}
		}
		before := kind.Generate(&kits.IR, tracetest.Random(random, 20+random.IntN(300)))
		after, rule, err := kind.Compare(&kits.IR, chain, before, 6, 0)
		require.NoError(t, err, "%s\n%s\nbecame\n%s", rule, before, after)
		if chain.Journal != nil && after != nil {
			require.NotEmpty(t, chain.Journal.Explain())
		}
	}
}
