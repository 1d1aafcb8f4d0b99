package tracegen_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

// TestGeneratedIntsGetFar holds GenerateInts and GenerateIntLoop to their promise:
// the run that makes a trace gets to its end, and most runs on inputs next to those
// get somewhere.
func TestGeneratedIntsGetFar(t *testing.T) {
	const traces = 100
	ended, went := 0, 0
	counts := map[ir.Opcode]int{}
	for seed := range uint64(traces) {
		data := randomBytes(seed, 250)
		trace, loop := tracegen.GenerateInts(kit, data), tracegen.GenerateIntLoop(kit, data)
		for _, made := range []*ir.Trace{trace, loop} {
			require.NoError(t, ir.Verify(made), made.String())
			for _, op := range made.Ops {
				counts[op.Code]++
			}
		}
		require.NoError(t, loop.CheckLoop(), loop.String())
		require.True(t, tracegen.Ends(kit, trace, tracegen.IntInputs(trace, 0)), trace.String())
		if tracegen.Ends(kit, trace, tracegen.IntInputs(trace, 1)) {
			ended++
		}
		if tracegen.Rounds(kit, loop, tracegen.IntLoopInputs(loop, 0)) > 2 {
			went++
		}
	}
	assert.Greater(t, ended, traces/10, "runs on other inputs that got to the end")
	assert.Greater(t, went, traces/4, "loops that went round more than twice")
	for c := ir.IntAdd; c <= ir.UintMulHigh; c++ {
		assert.NotZero(t, counts[c], c.String())
	}
	assert.NotZero(t, counts[ir.GuardOverflow])
	assert.NotZero(t, counts[ir.SetarrayitemGc])
}
