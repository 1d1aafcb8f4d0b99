package tracegen_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/internal/heap"
)

func generateHeap(seed, n int) *ir.Trace {
	return tracegen.GenerateHeap(kit, randomBytes(uint64(seed), n))
}

func generateLoop(seed, n int) *ir.Trace {
	return tracegen.GenerateLoop(kit, randomBytes(uint64(seed), n))
}

func TestHeapTracesAreWellFormed(t *testing.T) {
	for seed := range 400 {
		for _, make := range []func(int, int) *ir.Trace{generateHeap, generateLoop} {
			trace := make(seed, seed)
			require.NoError(t, ir.Verify(trace), trace.String())
			assert.Equal(t, trace.String(), make(seed, seed).String())
			again, err := ir.Parse("again", trace.String())
			require.NoError(t, err, trace.String())
			assert.Equal(t, trace.String(), again.String())
		}
		loop := generateLoop(seed, seed)
		require.NoError(t, loop.CheckLoop())
		require.Equal(t, ir.Jump, loop.Ops[len(loop.Ops)-1].Code)
	}
}

// TestHeapTracesGetFar counts how many runs get to the end: all those on the
// inputs of seed 0, and a good share of those near it.
func TestHeapTracesGetFar(t *testing.T) {
	const traces, seeds = 100, 6
	ended := [seeds]int{}
	for n := range traces {
		trace := generateHeap(n, 300)
		for seed := range seeds {
			if tracegen.Ends(kit, trace, tracegen.Inputs(trace, uint64(seed))) {
				ended[seed]++
			}
		}
	}
	t.Logf("runs that got to the end, by seed: %v of %d", ended, traces)
	assert.Equal(t, traces, ended[0])
	assert.Greater(t, ended[1], traces/20)
}

// TestLoopsGoRound does it for loops: how many rounds there were.
func TestLoopsGoRound(t *testing.T) {
	const loops = 200
	var rounds [8]int
	for n := range loops {
		loop := generateLoop(n, 120)
		rounds[tracegen.Rounds(kit, loop, tracegen.LoopInputs(loop, 0))]++
	}
	t.Logf("loops by the number of their rounds, 4 wanted (0: in error): %v", rounds)
	assert.Zero(t, rounds[1], "loops that do not get through the first round")
	assert.Greater(t, rounds[4], loops/4, "loops that go round until they have counted down")
}

func TestEveryHeapOperationIsGenerated(t *testing.T) {
	counts, effects, stored := map[ir.Opcode]int{}, map[ir.CallEffect]int{}, map[string]int{}
	for seed := range 300 {
		for _, trace := range []*ir.Trace{generateHeap(seed, 300), generateLoop(seed, 150)} {
			for _, op := range trace.Ops {
				counts[op.Code]++
				switch d := op.Descr.(type) {
				case *ir.Call:
					effects[d.Effect]++
				case *heap.Field:
					stored[d.String()]++
				case *heap.Class:
					stored[d.Name]++
				}
			}
		}
	}
	for c := ir.PtrEq; c <= ir.CallN; c++ {
		switch c {
		case ir.GuardNoException, ir.GuardNotInvalidated, ir.GuardNotForced, ir.GuardAlwaysFails, ir.CastPtrToInt, ir.CastIntToPtr:
		default:
			assert.NotZero(t, counts[c], c.String())
		}
	}
	assert.Len(t, effects, 4)
	for _, c := range generateHeap(0, 0).Decls.Classes.All() {
		assert.NotZero(t, stored[c.Name], c.Name)
		for _, f := range c.Fields {
			assert.NotZero(t, stored[f.String()], f.String())
		}
	}
}

func TestTracesAgreeWithThemselves(t *testing.T) {
	for seed := range 100 {
		trace := generateHeap(seed, 200)
		require.NoError(t, tracegen.AgreeOn(kit, trace, trace, 6), trace.String())
		require.NoError(t, tracegen.AgreeForced(kit, trace, trace, tracegen.Inputs(trace, 0)), trace.String())
		loop := generateLoop(seed, 100)
		require.NoError(t, tracegen.AgreeLoopOn(kit, loop, loop, 6), loop.String())
		require.NoError(t, tracegen.AgreeLoopForced(kit, loop, loop, tracegen.LoopInputs(loop, 0)), loop.String())
	}
}
