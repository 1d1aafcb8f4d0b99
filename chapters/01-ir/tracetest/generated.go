package tracetest

import (
	"math/rand/v2"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// CheckGenerated optimizes n random traces, the same ones each time, and
// compares them with the evaluator. It stops at the first failure.
func (s *Suite) CheckGenerated(t exercise.TB, chain ir.Chain, n int) {
	t.Helper()
	kind := s.kind()
	r := rand.New(rand.NewPCG(8, 9))
	for range n {
		before := kind.Generate(s.Kit, Random(r, 100))
		if _, rule, err := kind.Compare(s.Kit, chain, before, 4, 1); err != nil {
			fail(t, rule, before, "", err.Error())
			return
		}
	}
}
