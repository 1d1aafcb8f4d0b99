package virtuals_test

import (
	"math/rand/v2"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// This file says how the cases of this chapter are read and checked.

func ex(id string) exercise.Exercise { return exercise.ByID(virtuals.Exercises, id) }

// with returns the solution's Kit after edit: a reader's function is tested
// among finished ones, so that one mistake shows in one test.
func with(edit func(*virtuals.Kit)) *virtuals.Kit {
	kit := virtualssolution.Kit
	edit(&kit)
	return &kit
}

// declarations stand before every case.
const declarations = `
struct NODE vtable=node_vtable value:i next:r
struct LEAF vtable=leaf_vtable base=NODE weight:f
struct POINT vtable=point_vtable x:f y:f
struct BOX vtable=box_vtable content:r! count:i
struct PAIR left:r right:r
array INTS i
array REFS r
array FLOATS f
array FIXED i!
call pure args=i result=i effect=elidable
call same args=r result=i effect=elidable
call read args=r result=i effect=readonly
call once args=i result=i effect=loopinvariant
call act args=r result=v effect=any
object node NODE value=1
object leaf LEAF value=2
object box BOX content=node count=3
object fixed FIXED 3 1 4
object ints INTS 1 2
`

// A traceCase is a tracetest.Case. As a type of this package it can be written
// without the names of its fields.
type traceCase struct{ Rule, Before, After string }

var short = []string{"NODE?", "ConstClass(node_vtable)", "LEAF?", "ConstClass(leaf_vtable)", "BOX?", "ConstClass(box_vtable)"}

// straight has cases that are straight-line code, loops has cases that are loops.
var (
	straight = tracetest.Suite{Declarations: declarations, Short: short, Kit: &irsolution.Kit, Agree: tracetest.Heap.Alike(&irsolution.Kit, 12, inputs), Kind: &tracetest.Heap}
	loops    = tracetest.Suite{Declarations: declarations, Short: short, Kit: &irsolution.Kit, Agree: tracetest.Loop.Alike(&irsolution.Kit, 8, inputs), Kind: &tracetest.Loop}
)

// checkCases optimizes each case with all passes.
func checkCases(t exercise.TB, kit *virtuals.Kit, cases []traceCase) {
	t.Helper()
	straight.Check(t, chainOf(t, kit, false), list(cases)...)
}

// checkPending does it with stores that are left to the exits of guards.
func checkPending(t exercise.TB, kit *virtuals.Kit, cases []traceCase) {
	t.Helper()
	straight.Check(t, chainOf(t, kit, true), list(cases)...)
}

// checkLoops does it with cases that are loops.
func checkLoops(t exercise.TB, kit *virtuals.Kit, cases []traceCase) {
	t.Helper()
	loops.Check(t, chainOf(t, kit, false), list(cases)...)
}

func list(cases []traceCase) (list []tracetest.Case) {
	for _, c := range cases {
		list = append(list, tracetest.Case(c))
	}
	return list
}

// agreeOnGenerated optimizes random traces, straight ones and loops, and compares
// what they do. It tries nothing if t has failed: the cases tell more.
func agreeOnGenerated(t exercise.TB, kit *virtuals.Kit) {
	t.Helper()
	for _, pending := range []bool{false, true} {
		for _, suite := range []*tracetest.Suite{&straight, &loops} {
			if !t.Failed() {
				suite.CheckGenerated(t, chainOf(t, kit, pending), 60)
			}
		}
	}
}

// chainOf returns the passes of chapters 1 to 3, with kit. Guards are not merged:
// each that stays fails exactly where it did.
func chainOf(t exercise.TB, kit *virtuals.Kit, pending bool) ir.Chain {
	t.Helper()
	fold, cse, err := irsolution.Kit.Passes()
	if err != nil {
		t.Fatalf("%v", err)
	}
	unmerged := guardssolution.Kit
	unmerged.Merge = func(*ir.Optimizer, *ir.Op, *ir.Op) bool { return false }
	virtual, store := kit.Passes(pending)
	passes := []ir.NamedPass{fold, unmerged.Pass(), virtual, cse, store}
	return ir.Chain{Kit: &irsolution.Kit, Passes: passes, Dead: true, Verify: true, Peel: kit.Peel}
}

// inputs returns inputs for a case: small numbers, and one of the two objects of
// the class that the trace takes an input to be, so that often two inputs are the
// same object.
func inputs(t *ir.Trace, seed uint64) []uint64 {
	r := rand.New(rand.NewPCG(seed, 1))
	words := tracegen.Inputs(t, seed)
	for i, in := range t.Inputs {
		switch in.Type {
		case ir.Int:
			words[i] = uint64(r.IntN(4))
		case ir.Ref:
			classes := t.Decls.Classes.All()
			for n, c := range classes {
				if c == classOf(t, in) {
					words[i] = uint64(1 + n + len(classes)*r.IntN(2))
				}
			}
		}
	}
	return words
}

// classOf returns the class that t takes the input in to be, or nil.
func classOf(t *ir.Trace, in *ir.Op) *heap.Class {
	for _, op := range t.Ops {
		if len(op.Args) == 0 || op.Args[0] != in {
			continue
		}
		switch d := op.Descr.(type) {
		case *heap.Field:
			return d.Owner
		case *heap.Class:
			return d
		}
		if len(op.Args) == 2 && op.Args[1].Code == ir.OpConstClass {
			return op.Args[1].Name.Class
		}
	}
	return nil
}
