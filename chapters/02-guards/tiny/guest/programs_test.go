package guest_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

type (
	program = guesttest.Program
	setup   = guesttest.Setup
	outcome = guesttest.Outcome
)

// suite tests the portable executor.
var suite = newSuite()

func newSuite() *guesttest.Suite {
	kits := course.Solved()
	chain, err := kits.EngineChain()
	if err != nil {
		panic(err)
	}
	opt, err := kits.Options(course.Portable, chain)
	if err != nil {
		panic(err)
	}
	// Chapter 6 runs them as well.
	return &guesttest.Suite{Testdata: "../../testdata", Options: opt, Light: true}
}

func TestThresholds(t *testing.T)             { suite.Thresholds(t) }
func TestStress(t *testing.T)                 { suite.Stress(t) }
func TestPasses(t *testing.T)                 { suite.EachPass(t) }
func TestForcedFailures(t *testing.T)         { suite.ForcedFailures(t) }
func TestForcedStorm(t *testing.T)            { suite.ForcedStorm(t) }
func TestProgramsAreIndependent(t *testing.T) { suite.Independent(t) }
func TestCorners(t *testing.T)                { suite.Corners(t) }
func TestEdges(t *testing.T)                  { suite.Edges(t) }
func TestTaggedIntsNeedNoMemory(t *testing.T) { suite.TaggedIntsNeedNoMemory(t) }
func TestRandomPrograms(t *testing.T)         { suite.Random(t) }
func TestNestedObjectsCountOnce(t *testing.T) { suite.ObjectsCountOnce(t) }
func TestOutOfMemory(t *testing.T)            { suite.OutOfMemory(t) }
func TestScarceMemory(t *testing.T)           { suite.ScarceMemory(t) }
func TestTimeout(t *testing.T)                { suite.Timeout(t) }
func TestDepth(t *testing.T)                  { suite.Depth(t) }
func FuzzPrograms(f *testing.F)               { suite.Fuzz(f) }

// TestConstantsNeedMemory wants an error where not even the program's constants
// have room.
func TestConstantsNeedMemory(t *testing.T) {
	src := ""
	for i := range 3000 {
		src += fmt.Sprintf("(print %d)", i+1000)
	}
	_, err := guest.Load("constants", src, heap.Options{Limit: 1}, suite.JIT(0), t.Output())
	require.ErrorContains(t, err, "constants: out of memory (-heap sets the limit)")
}
