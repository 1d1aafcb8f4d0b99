package bridges_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
	bridgessolution "metatrace/solutions/06-bridges"
)

// This file runs traces that go on in each other, on the evaluator.

// kit is the solution's.
var kit = &bridgessolution.Kit

const (
	maxRounds = 40
	maxSteps  = 200_000
)

// linked are traces by the target that jumps to them have.
type linked map[*ir.Target]*ir.Trace

// A result is what can be seen of a run from outside.
type result struct {
	Left   string // through which operation
	Log    []string
	forced bool // the guard that was to fail has failed
}

// force says whether a guard shall fail although it holds; round counts from 1 how
// often the trace that the run began with was begun.
type force func(guard *ir.Op, round int) bool

var errEndless = errors.New("the run does not end")

// run runs t on inputs (see tracegen.Inputs), and on in the traces that it jumps to. A
// jump that has no target, in a trace without label, begins the trace anew.
func (code linked) run(t *ir.Trace, inputs []uint64, f force) (result, error) {
	r, _, err := code.runThrough(t, inputs, f, nil)
	return r, err
}

// runThrough is run, where the exits of some guards lead on. It returns the operation as
// well by which the last trace was left.
func (code linked) runThrough(t *ir.Trace, inputs []uint64, f force, bridges map[*ir.Op]*ir.Target) (r result, left *ir.Op, err error) {
	h, err := heap.New(t.Decls.Classes, heap.Options{Limit: 1 << 20})
	if err != nil {
		return result{}, nil, err
	}
	defer h.Close()
	world := tracegen.NewWorld(h)
	words := slices.Clone(inputs)
	for i, in := range t.Inputs {
		words[i] = world.Input(in.Type, words[i])
	}
	round := 1
	e := &ir.Evaluator{Kit: &irsolution.Kit, Heap: h, Escape: world.Escape, Call: world.Call, Steps: maxSteps}
	if f != nil {
		e.ForceFail = func(guard *ir.Op) bool {
			fails := f(guard, round)
			r.forced = r.forced || fails
			return fails
		}
	}
	stop, err := e.Start(t, words)
	if err != nil {
		return r, nil, err
	}
	stop()
	world.Show(tracegen.Prebuilt(e, t))
	for at := t; ; {
		out, err := e.Run(at, words)
		if err != nil {
			return r, nil, err
		}
		words = out.Values
		if target := bridges[out.Op]; target != nil {
			at = code[target]
			continue
		}
		if out.Op == nil || out.Op.Code != ir.Jump {
			r.Left = leftBy(out.Op)
			world.Exit(out.Op, out.Values)
			r.Log = world.Log()
			return r, out.Op, nil
		}
		if target, ok := out.Op.Descr.(*ir.Target); ok {
			if at = code[target]; at == nil {
				return r, nil, fmt.Errorf("nobody knows the target %s", target)
			}
		}
		if round++; round > maxRounds {
			return r, nil, errEndless
		}
	}
}

func leftBy(op *ir.Op) string {
	switch {
	case op == nil:
		return "the end"
	case op.Exit == nil:
		return op.Code.String()
	case op.Exit.Resume != nil:
		return fmt.Sprintf("guard number %v", op.Exit.Resume)
	}
	return fmt.Sprintf("%s on line %d", op.Code, op.Line)
}

// agree complains if the run of after, with what it is linked to, differs from that
// of the loop before, by itself and with each guard in all made to fail, once and at
// the second time.
func (code linked) agree(t *testing.T, before, after *ir.Trace, inputs []uint64) (ran bool) {
	t.Helper()
	want, err := linked{}.run(before, inputs, nil)
	if err != nil {
		return false // it is in error, or too long
	}
	got, err := code.run(after, inputs, nil)
	require.NoError(t, err, "the trace before runs")
	require.Equal(t, want, got)
	all := []*ir.Trace{after}
	for _, other := range code {
		all = append(all, other)
	}
	for _, trace := range all {
		for _, guard := range trace.Ops {
			for time := 1; time <= 2 && guard.Exit != nil; time++ {
				code.agreeForced(t, before, after, inputs, guard, time)
			}
		}
	}
	return true
}

// agreeForced makes guard fail at the given time. The loop before has to leave alike in
// one of its rounds.
func (code linked) agreeForced(t *testing.T, before, after *ir.Trace, inputs []uint64, guard *ir.Op, time int) {
	t.Helper()
	times := 0
	got, err := code.run(after, inputs, func(g *ir.Op, _ int) bool {
		if g == guard {
			times++
		}
		return g == guard && times == time
	})
	require.NoError(t, err)
	if times < time {
		return
	}
	for r := 1; r < maxRounds; r++ {
		early, err := linked{}.run(before, inputs, func(g *ir.Op, round int) bool { return round == r && leftBy(g) == leftBy(guard) })
		if err == nil && early.Left == got.Left && slices.Equal(early.Log, got.Log) {
			return
		}
	}
	require.Fail(t, "the loop before never leaves like that", "%s made to fail the %d. time: %v\n%s", guard, time, got, after)
}

// chainOf returns the passes of chapters 1 to 4, as the engine has them or as opt does.
// Guards are not merged: each that stays fails exactly where it did.
func chainOf(t exercise.TB, engine bool) ir.Chain {
	t.Helper()
	fold, cse, err := irsolution.Kit.Passes()
	require.NoError(t, err)
	bounds, err := knownbitssolution.Kit.Pass()
	require.NoError(t, err)
	unmerged := guardssolution.Kit
	unmerged.Merge = func(*ir.Optimizer, *ir.Op, *ir.Op) bool { return false }
	virtual, store := virtualssolution.Kit.Passes(engine)
	peel := virtualssolution.Kit.Peel
	if engine {
		peel = virtualssolution.Kit.PeelStable
	}
	passes := []ir.NamedPass{fold, bounds, unmerged.Pass(), virtual, knownbits.Boxes(), cse, store}
	return ir.Chain{Kit: &irsolution.Kit, Passes: passes, Dead: true, Verify: true, Peel: peel}
}

// loopKinds are the kinds of generated loops.
var loopKinds = map[string]tracetest.Kind{"heap": tracetest.Loop, "ints": tracetest.IntLoop, "tagged": tracetest.TaggedLoop}

// optimizeJump optimizes t as virtuals.OptimizeJump does.
func optimizeJump(c ir.Chain, t *ir.Trace, opt virtuals.JumpOptions) (*ir.Trace, error) {
	return virtualssolution.Kit.OptimizeJump(c, t, opt)
}
