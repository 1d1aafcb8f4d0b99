package guards_test

import (
	"fmt"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

// This file says how the cases of this chapter are read and checked.

func ex(id string) exercise.Exercise { return exercise.ByID(guards.Exercises, id) }

// with returns the solution's Kit after edit: a reader's function is tested
// among finished ones, so that one mistake shows in one test.
func with(edit func(*guards.Kit)) *guards.Kit {
	kit := guardssolution.Kit
	edit(&kit)
	return &kit
}

// neverMerges leaves every guard where it was recorded.
func neverMerges(*ir.Optimizer, *ir.Op, *ir.Op) bool { return false }

// declarations stand before every case.
const declarations = `
struct NODE vtable=node_vtable value:i next:r
struct LEAF vtable=leaf_vtable base=NODE
struct PAIR left:r right:r
array INTS i
object node NODE value=1
object leaf LEAF value=2
object pair PAIR
call pure args=i result=i effect=elidable
call act args= result=v effect=any
`

// A traceCase is a tracetest.Case. As a type of this package it can be written
// without the names of its fields.
type traceCase struct{ Rule, Before, After string }

var suite = tracetest.Suite{
	Declarations: declarations,
	Short:        []string{"NODE?", "ConstClass(node_vtable)", "LEAF?", "ConstClass(leaf_vtable)"},
	Kit:          &irsolution.Kit,
	Agree:        leaveAlike,
}

// checkCases optimizes each case with all passes.
func checkCases(t exercise.TB, kit *guards.Kit, cases []traceCase) {
	t.Helper()
	var list []tracetest.Case
	for _, c := range cases {
		list = append(list, tracetest.Case(c))
	}
	suite.Check(t, chainFor(t, kit, "all"), list...)
}

// agreeOnGenerated does the same with random traces. Nothing is merged, so that
// each guard that stays fails exactly where it did.
func agreeOnGenerated(t exercise.TB, kit *guards.Kit) {
	t.Helper()
	unmerged := *kit
	unmerged.Merge = neverMerges
	suite.CheckGenerated(t, chainFor(t, &unmerged, "all"), 150)
}

// chainFor returns the selected passes of chapters 1 and 2, with kit's guards.
func chainFor(t exercise.TB, kit *guards.Kit, passes string) ir.Chain {
	t.Helper()
	fold, cse, err := irsolution.Kit.Passes()
	if err != nil {
		t.Fatalf("%v", err)
	}
	chain, err := ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{fold, kit.Pass(), cse}, Dead: true}.Select(passes)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return chain
}

// leaveAlike runs both traces on all combinations of some inputs, and returns
// how they differ, or nil. A run that gets to the end gives the same values. A
// run that leaves may leave the trace after through an earlier guard, since
// guards are merged: then the trace before would have left there with the same
// values, and does not get to the end.
func leaveAlike(before, after *ir.Trace) error {
	h, err := heap.New(before.Decls.Classes, heap.Options{Limit: 1 << 20})
	if err != nil {
		return err
	}
	defer h.Close()
	e := &ir.Evaluator{Kit: &irsolution.Kit, Heap: h}
	refs := []uint64{0}
	for _, name := range []string{"NODE", "LEAF", "PAIR"} {
		refs = append(refs, h.New(before.Decls.Classes.Named(name)))
	}
	e.Run(before, make([]uint64, len(before.Inputs))) // allocates the prebuilt objects
	for _, op := range before.Ops {
		for _, a := range op.Args {
			if a.Code == ir.OpConstPtr && a.Name != nil {
				refs = append(refs, e.Address(a.Name))
			}
		}
	}
	numbers := []uint64{0, 1, 5, 1 << 63, ^uint64(0), 3, 7}
	inputs := make([]uint64, len(before.Inputs))
	var try func(i int) error
	try = func(i int) error {
		if i == len(inputs) {
			return leaveAlikeOn(e, before, after, inputs)
		}
		values := numbers
		if before.Inputs[i].Type == ir.Ref {
			values = refs
		}
		for _, v := range values {
			inputs[i] = v
			if err := try(i + 1); err != nil {
				return err
			}
		}
		return nil
	}
	return try(0)
}

func leaveAlikeOn(e *ir.Evaluator, before, after *ir.Trace, inputs []uint64) error {
	e.ForceFail = nil
	want, err := e.Run(before, inputs)
	if err != nil {
		return nil // the trace before is in error: the other one may do as it likes
	}
	got, err := e.Run(after, inputs)
	if err != nil {
		return fmt.Errorf("on the inputs %x the trace before runs, the one after is in error: %w", inputs, err)
	}
	if want.Op.Code.Has(ir.Guard) && got.Op.Code.Has(ir.Guard) && got.Op.Line < want.Op.Line {
		e.ForceFail = func(guard *ir.Op) bool { return guard.Line == got.Op.Line }
		if want, err = e.Run(before, inputs); err != nil {
			return nil
		}
	}
	if want.Op.Line != got.Op.Line {
		return fmt.Errorf("on the inputs %x the trace before leaves by %s, the one after by %s", inputs, want.Op.Code, got.Op.Code)
	}
	if diff := cmp.Diff(want.Values, got.Values); diff != "" && len(made(before)) == 0 {
		return fmt.Errorf("on the inputs %x both leave by %s, with other values (- before, + after)\n%s", inputs, want.Op.Code, diff)
	}
	return nil
}

// made lists the allocations of a trace: the addresses of what it allocates
// differ from run to run.
func made(t *ir.Trace) []*ir.Op {
	var list []*ir.Op
	for _, op := range t.Ops {
		if op.Code.Has(ir.MayAlloc) {
			list = append(list, op)
		}
	}
	return list
}

// shapes, bases and opNames say in a line each what a frame or an operation is.
func shapes(frames []machine.FrameShape) []string {
	var list []string
	for _, f := range frames {
		list = append(list, fmt.Sprintf("%s: PC %d, SP %d", f.Code.Name, f.PC, f.SP))
	}
	return list
}

func bases(frames []machine.Frame) []string {
	var list []string
	for _, f := range frames {
		list = append(list, fmt.Sprintf("%s: PC %d, Base %d, SP %d", f.Code.Name, f.PC, f.Base, f.SP))
	}
	return list
}

func opNames(ops []*ir.Op) []string {
	var list []string
	for _, op := range ops {
		name := "nil"
		if op != nil {
			name = op.String()
		}
		list = append(list, name)
	}
	return list
}
