package virtuals_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// fuzzed are the lists of passes that fuzzing tries: mostly all.
var fuzzed = []string{"all", "all", "virtuals", "all", "heap", "virtuals,heap,peel", "all", "peel", "-guards", "-heap"}

// FuzzStraight compares generated traces before and after the optimizer, with some
// of its passes, as the engine uses them or not.
func FuzzStraight(f *testing.F) { fuzz(f, &tracetest.Heap) }

// FuzzLoop does the same with loops that are peeled.
func FuzzLoop(f *testing.F) { fuzz(f, &tracetest.Loop) }

func fuzz(f *testing.F, kind *tracetest.Kind) {
	kit := virtualssolution.Kit
	kind.Fuzz(f, &irsolution.Kit, 120, fuzzed, func(t exercise.TB, engine bool) ir.Chain {
		whole := chainOf(t, &kit, engine)
		if engine {
			whole.Peel = kit.PeelStable
		}
		return whole
	})
}
