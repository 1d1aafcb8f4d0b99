package knownbits_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/01-ir/tracetest"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// fuzzed are the lists of passes that fuzzing tries: mostly all.
var fuzzed = []string{"all", "all", "bounds", "bounds,guards", "all", "fold,bounds,guards,dce", "-fold", "all", "-cse", "bounds,peel"}

func seeds(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 100 {
		data := make([]byte, 4*n)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data, byte(n))
	}
}

// FuzzStraight compares generated traces before and after the optimizer; mode says
// with which passes.
func FuzzStraight(f *testing.F) { fuzz(f, &tracetest.Straight) }

// FuzzHeap does the same with traces that work on objects and arrays.
func FuzzHeap(f *testing.F) { fuzz(f, &tracetest.Heap) }

// FuzzLoop does the same with loops that are peeled.
func FuzzLoop(f *testing.F) { fuzz(f, &tracetest.Loop) }

// FuzzInts does it with traces that are mostly about bits and ranges.
func FuzzInts(f *testing.F) { fuzz(f, &tracetest.Ints) }

// FuzzIntLoops does it with loops of that kind.
func FuzzIntLoops(f *testing.F) { fuzz(f, &tracetest.IntLoop) }

func fuzz(f *testing.F, kind *tracetest.Kind) {
	seeds(f)
	kit := knownbitssolution.Kit
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		whole := chainOf(t, &kit)
		if mode&1 != 0 {
			whole.Peel = virtualssolution.Kit.PeelStable
		}
		chain, err := whole.Select(fuzzed[int(mode/2)%len(fuzzed)])
		require.NoError(t, err)
		before := kind.Generate(&irsolution.Kit, data)
		after, rule, err := kind.Compare(&irsolution.Kit, chain, before, 8, 2)
		require.NoError(t, err, "%s\n%s\nbecame\n%s", rule, before, after)
	})
}
