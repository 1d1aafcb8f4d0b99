package ir_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	irsolution "metatrace/solutions/01-ir"
)

// chainOf returns the whole chain of this chapter: fold, cse and dce.
func chainOf(t require.TestingT, kit *ir.Kit) ir.Chain {
	fold, cse, err := kit.Passes()
	require.NoError(t, err)
	return ir.Chain{Kit: kit, Passes: []ir.NamedPass{fold, cse}, Dead: true}
}

// requireSame requires that chain makes of trace a well-formed one that does the
// same on n inputs, or rightly calls it impossible.
func requireSame(t require.TestingT, chain ir.Chain, trace *ir.Trace, n int) {
	after, rule, err := tracetest.Straight.Compare(&irsolution.Kit, chain, trace, n, 0)
	require.NoError(t, err, "%s\n%s\nbecame\n%s", rule, trace, after)
}

// FuzzOptimize compares generated traces before and after the whole chain, and
// after each pass alone.
func FuzzOptimize(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	for n := range 60 {
		f.Add(tracetest.Random(r, 5*n))
	}
	whole := chainOf(f, &irsolution.Kit)
	f.Fuzz(func(t *testing.T, data []byte) {
		trace := tracegen.Generate(&irsolution.Kit, data)
		for _, passes := range []string{"all", "fold", "cse", "dce"} {
			chain, err := whole.Select(passes)
			require.NoError(t, err)
			requireSame(t, chain, trace, 12)
		}
	})
}

// FuzzParse requires that what can be read is well-formed and prints as a text
// that reads as itself.
func FuzzParse(f *testing.F) {
	f.Fuzz(func(t *testing.T, src string) {
		trace, err := ir.Parse("fuzz", src)
		if err != nil {
			return
		}
		require.NoError(t, ir.Verify(trace), src)
		again, err := ir.Parse("again", trace.String())
		require.NoError(t, err, "%s\nprinted as\n%s", src, trace)
		require.Equal(t, trace.String(), again.String())
	})
}
