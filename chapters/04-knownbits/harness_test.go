package knownbits_test

import (
	"math/rand/v2"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// This file says how the cases of this chapter are read and checked.

func ex(id string) exercise.Exercise { return exercise.ByID(knownbits.Exercises, id) }

// with returns the solution's Kit after edit: a reader's function is tested
// among finished ones, so that one mistake shows in one test.
func with(edit func(*knownbits.Kit)) *knownbits.Kit {
	kit := knownbitssolution.Kit
	edit(&kit)
	return &kit
}

// declarations stand before every case.
const declarations = `
struct NODE vtable=node_vtable value:i small:i[0,255]
array INTS i
array BYTES i[0,255]
`

// straightAgree and loopsAgree return how the trace after behaves differently from the
// one before, if it does: on some inputs, and with each guard made to fail.
var (
	straightAgree = tracetest.Heap.Alike(&irsolution.Kit, 12, inputs)
	loopsAgree    = tracetest.Loop.Alike(&irsolution.Kit, 8, inputs)
)

var (
	straight = tracetest.Suite{Declarations: declarations, Kit: &irsolution.Kit, Agree: straightAgree}
	loops    = tracetest.Suite{Declarations: declarations, Kit: &irsolution.Kit, Agree: loopsAgree, Kind: &tracetest.Loop}
)

// checkCases optimizes each case with all passes.
func checkCases(t exercise.TB, kit *knownbits.Kit, cases ...tracetest.Case) {
	t.Helper()
	straight.Check(t, chainOf(t, kit), cases...)
}

// checkLoops does it with cases that are loops.
func checkLoops(t exercise.TB, kit *knownbits.Kit, cases ...tracetest.Case) {
	t.Helper()
	loops.Check(t, chainOf(t, kit), cases...)
}

// chainOf returns the optimizer up to this chapter, with the functions of kit.
func chainOf(t exercise.TB, kit *knownbits.Kit) ir.Chain {
	t.Helper()
	fold, cse, err := irsolution.Kit.Passes()
	require.NoError(t, err)
	bounds, err := kit.Pass()
	require.NoError(t, err)
	virtual, store := virtualssolution.Kit.Passes(false)
	passes := []ir.NamedPass{fold, bounds, guardssolution.Kit.Pass(), virtual, cse, store}
	return ir.Chain{Kit: &irsolution.Kit, Passes: passes, Dead: true, Verify: true, Peel: virtualssolution.Kit.Peel}
}

// inputs returns inputs for a case: integers that are often small, and objects.
func inputs(t *ir.Trace, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 1))
	words := tracegen.Inputs(t, seed)
	for i, in := range t.Inputs {
		if in.Type == ir.Int && r.IntN(2) == 0 {
			words[i] = uint64(r.IntN(12) - 2)
		}
	}
	return words
}
