package guesttest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ObjectsCountOnce has a trace call code that is interpreted, and
// becomes a trace itself: each object and each iteration counts for who did it.
func (s *Suite) ObjectsCountOnce(t *testing.T) {
	p := Program{"nested", `
(fun f () (var j 0) (while (< j 20) (set j (+ j 1))) j)
(var i 0) (var s 0)
(while (< i 500) (set s (+ s (opaque f))) (set i (+ i 1)))
(print s)`}
	opt := s.JIT(10)
	opt.Count, opt.Chain = true, s.Passes(t, "none")
	out, stats := p.Run(t, Setup{Opt: opt})
	require.Equal(t, "10000\n", out.Out)
	require.Equal(t, 2, stats.Loops)
	require.Greater(t, stats.ObjectsInterpreter, int64(0))
	all := stats.ObjectsInterpreter + stats.ObjectsRecording + stats.ObjectsTraces + stats.ObjectsExits
	require.Equal(t, stats.HeapObjects, all)
	require.Less(t, stats.Iterations, int64(500*21))
	// Without passes nothing is saved: an object an iteration inside, two outside.
	require.GreaterOrEqual(t, stats.ObjectsTraces, stats.Iterations)
	require.Less(t, stats.ObjectsTraces, 2*stats.Iterations)
}
