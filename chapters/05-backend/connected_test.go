package backend_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/01-ir/tracetest"
	"metatrace/chapters/02-guards/exectest"
	"metatrace/internal/course"
)

// TestConnected runs the cases of connected traces in machine code.
func TestConnected(t *testing.T) {
	t.Parallel()
	exectest.Connected(t, machineCode(t))
}

// TestSplit runs generated traces that were split into many, which are connected.
func TestSplit(t *testing.T) {
	t.Parallel()
	engine, err := course.Solved().EngineChain()
	require.NoError(t, err)
	random, n, step := rand.New(rand.NewPCG(6, 16)), 3*8*len(exectest.Kinds), 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < n; i += step {
		c := machineCode(t)
		c.Split = uint64(i + 1)
		checkGenerated(t, c, &engine, tracetest.Random(random, 10+random.IntN(300)), uint16(i))
	}
}
