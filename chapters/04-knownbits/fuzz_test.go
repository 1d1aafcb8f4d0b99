package knownbits_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// fuzzed are the lists of passes that fuzzing tries: mostly all.
var fuzzed = []string{"all", "all", "bounds", "bounds,guards", "all", "fold,bounds,guards,dce", "-fold", "all", "-cse", "bounds,peel"}

// FuzzStraight compares generated traces before and after the optimizer, with some
// of its passes.
func FuzzStraight(f *testing.F) { fuzz(f, &tracetest.Straight) }

// FuzzHeap does the same with traces that work on objects and arrays.
func FuzzHeap(f *testing.F) { fuzz(f, &tracetest.Heap) }

// FuzzLoop does the same with loops that are peeled.
func FuzzLoop(f *testing.F) { fuzz(f, &tracetest.Loop) }

// FuzzInts does it with traces that are mostly about bits and ranges.
func FuzzInts(f *testing.F) { fuzz(f, &tracetest.Ints) }

// FuzzIntLoops does it with loops of that kind.
func FuzzIntLoops(f *testing.F) { fuzz(f, &tracetest.IntLoop) }

// FuzzFloats does it with traces that are mostly about floats.
func FuzzFloats(f *testing.F) { fuzz(f, &tracetest.Floats) }

// FuzzMany does it with loops that have many values at a time.
func FuzzMany(f *testing.F) { fuzz(f, &tracetest.Many) }

func fuzz(f *testing.F, kind *tracetest.Kind) {
	kit := knownbitssolution.Kit
	kind.Fuzz(f, &irsolution.Kit, 100, fuzzed, func(t exercise.TB, engine bool) ir.Chain {
		whole := chainOf(t, &kit)
		if engine {
			whole.Peel = virtualssolution.Kit.PeelStable
		}
		return whole
	})
}
