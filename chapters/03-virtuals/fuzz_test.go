package virtuals_test

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	guards "metatrace/chapters/02-guards"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// wholeChain returns the passes of chapters 1 to 3, solved; with pending, as the
// engine uses them. Guards are not merged:
// each that stays fails exactly where it did, so that exits can be compared.
func wholeChain(t require.TestingT, pending bool) ir.Chain {
	fold, cse, err := irsolution.Kit.Passes()
	require.NoError(t, err)
	unmerged := guardssolution.Kit
	unmerged.Merge = func(*ir.Optimizer, *ir.Op, *ir.Op) bool { return false }
	kit := virtualssolution.Kit
	virtual, heap := kit.Passes(pending)
	peel := kit.Peel
	if pending {
		peel = kit.PeelStable
	}
	passes := []ir.NamedPass{fold, (*guards.Kit).Pass(&unmerged), virtual, cse, heap}
	return ir.Chain{Kit: &irsolution.Kit, Passes: passes, Dead: true, Peel: peel}
}

// fuzzed are the lists of passes that fuzzing tries: mostly all.
var fuzzed = []string{"all", "all", "virtuals", "all", "heap", "virtuals,heap,peel", "all", "peel", "-guards", "-heap"}

// requireAgree requires that chain makes of before a well-formed trace that does
// the same, guards that are forced to fail included, or rightly calls it
// impossible.
func requireAgree(t require.TestingT, chain ir.Chain, before *ir.Trace, loop bool, n int) {
	optimize, agree, forced := chain.Optimize, tracegen.Agree, tracegen.AgreeForced
	inputs, never := tracegen.Inputs, tracegen.NeverEnds
	if loop {
		optimize, agree, forced = chain.OptimizeLoop, tracegen.AgreeLoop, tracegen.AgreeLoopForced
		inputs, never = tracegen.LoopInputs, tracegen.NeverLoops
	}
	text := before.String()
	after, err := optimize(before)
	require.Equal(t, text, before.String(), "the trace was changed")
	if errors.Is(err, ir.ErrImpossible) {
		require.NoError(t, never(&irsolution.Kit, before, n), text)
		return
	}
	require.NoError(t, err, text)
	require.NoError(t, ir.Verify(after), "%s\nbecame\n%s", text, after.Body())
	for seed := range n {
		in := inputs(before, uint64(seed))
		require.NoError(t, agree(&irsolution.Kit, before, after, in), "%s\nbecame\n%s", text, after.Body())
		if seed < 2 {
			require.NoError(t, forced(&irsolution.Kit, before, after, in), "forced\n%s\nbecame\n%s", text, after.Body())
		}
	}
}

func seeds(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	for n := range 120 {
		data := make([]byte, 4*n)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		f.Add(data, byte(n))
	}
}

// FuzzStraight compares generated traces before and after the optimizer; mode says
// with which passes, and whether as the engine uses them.
func FuzzStraight(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		fuzzOne(t, tracegen.GenerateHeap(&irsolution.Kit, data), mode, false)
	})
}

// FuzzLoop does the same with loops that are peeled.
func FuzzLoop(f *testing.F) {
	seeds(f)
	f.Fuzz(func(t *testing.T, data []byte, mode byte) {
		fuzzOne(t, tracegen.GenerateLoop(&irsolution.Kit, data), mode, true)
	})
}

func fuzzOne(t *testing.T, before *ir.Trace, mode byte, loop bool) {
	chain, err := wholeChain(t, mode&1 != 0).Select(fuzzed[int(mode/2)%len(fuzzed)])
	require.NoError(t, err)
	requireAgree(t, chain, before, loop, 8)
}
