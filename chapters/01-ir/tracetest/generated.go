package tracetest

import (
	"errors"
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
		data := make([]byte, 100)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		before := kind.Generate(s.Kit, data)
		rule, err := "an optimized trace does the same as before, on every input (this one was made at random)", error(nil)
		after, failure := kind.Optimize(chain, before)
		switch {
		case errors.Is(failure, ir.ErrImpossible):
			rule = "only a trace whose guards can't all hold is impossible"
			err = kind.Never(s.Kit, before, 4)
		case failure != nil:
			err = failure
		default:
			if err = ir.Verify(after); err == nil {
				err = kind.Agree(s.Kit, before, after, 4)
			}
		}
		if err != nil {
			fail(t, rule, before, "", err.Error())
			return
		}
	}
}
