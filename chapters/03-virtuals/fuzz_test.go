package virtuals_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/01-ir/tracetest"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// fuzzed are the lists of passes that fuzzing tries: mostly all.
var fuzzed = []string{"all", "all", "virtuals", "all", "heap", "virtuals,heap,peel", "all", "peel", "-guards", "-heap"}

func seeds(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 120 {
		data := make([]byte, 4*n)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data, byte(n))
	}
}

// FuzzStraight compares generated traces before and after the optimizer; mode says
// with which passes, and whether as the engine uses them.
func FuzzStraight(f *testing.F) { fuzz(f, &tracetest.Heap) }

// FuzzLoop does the same with loops that are peeled.
func FuzzLoop(f *testing.F) { fuzz(f, &tracetest.Loop) }

func fuzz(f *testing.F, kind *tracetest.Kind) {
	seeds(f)
	kit := virtualssolution.Kit
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		engine := mode&1 != 0
		whole := chainOf(t, &kit, engine)
		if engine {
			whole.Peel = kit.PeelStable
		}
		chain, err := whole.Select(fuzzed[int(mode/2)%len(fuzzed)])
		require.NoError(t, err)
		before := kind.Generate(&irsolution.Kit, data)
		after, rule, err := kind.Compare(&irsolution.Kit, chain, before, 8, 2)
		require.NoError(t, err, "%s\n%s\nbecame\n%s", rule, before, after)
	})
}
