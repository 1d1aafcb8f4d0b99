package tracegen_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

// TestGeneratedFloatsGetFar holds GenerateFloats to its promise.
func TestGeneratedFloatsGetFar(t *testing.T) {
	const traces = 100
	ended := 0
	counts := map[ir.Opcode]int{}
	for seed := range uint64(traces) {
		trace := tracegen.GenerateFloats(kit, randomBytes(seed, 250))
		require.NoError(t, ir.Verify(trace), trace.String())
		for _, op := range trace.Ops {
			counts[op.Code]++
		}
		require.True(t, tracegen.Ends(kit, trace, tracegen.Inputs(trace, 0)), trace.String())
		if tracegen.Ends(kit, trace, tracegen.Inputs(trace, 1)) {
			ended++
		}
	}
	assert.Greater(t, ended, traces/10, "runs on other inputs that got to the end")
	for c := ir.FloatAdd; c < ir.SameAsF; c++ {
		assert.NotZero(t, counts[c], c.String())
	}
	for _, c := range []ir.Opcode{ir.GetfieldGcF, ir.SetfieldGc, ir.GetarrayitemGcF, ir.SetarrayitemGc, ir.CallF, ir.GuardFalse} {
		assert.NotZero(t, counts[c], c.String())
	}
}

// TestGeneratedManyGetFar wants loops that go round, and use what comes in.
func TestGeneratedManyGetFar(t *testing.T) {
	const traces = 100
	went, many := 0, 0
	counts := map[ir.Opcode]int{}
	for seed := range uint64(traces) {
		loop := tracegen.GenerateMany(kit, randomBytes(seed, 250))
		require.NoError(t, ir.Verify(loop), loop.String())
		require.NoError(t, loop.CheckLoop(), loop.String())
		used := map[*ir.Op]bool{}
		for _, op := range loop.Ops {
			counts[op.Code]++
			for _, a := range op.Args {
				used[a] = a.Code == ir.OpInput
			}
		}
		if len(used) > 30 {
			many++
		}
		if tracegen.Rounds(kit, loop, tracegen.LoopInputs(loop, 0)) > 2 {
			went++
		}
	}
	assert.Greater(t, went, traces/2, "loops that went round more than twice")
	assert.Greater(t, many, traces/3, "loops that use more than 30 inputs")
	for c := ir.IntAdd; c <= ir.UintMulHigh; c++ {
		assert.NotZero(t, counts[c], c.String())
	}
}
