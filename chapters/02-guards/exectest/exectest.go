// Package exectest compares executors with the evaluator. A trace runs on both, in
// two worlds that are equal at the start, on equal inputs; what can be seen of the
// two runs from outside has to be equal, too: by which operation the trace was left,
// with which values, what was called with which arguments, and what all objects held
// then and hold in the end.
//
//	          ┌─copy─▶ ir.Evaluator     in a tracegen.World ─▶ log ┐
//	trace ────┤                                                    ├ equal?
//	          └─copy─▶ guards.Executor  in a tracegen.World ─▶ log ┘
//
// References are compared by what they lead to. All NaNs are equal: which one an
// operation gives is left to the machine.
//
// With Comparison.Split the executor gets the trace in pieces, which are connected by
// bridges, jumps and calls (split.go): together they have to do what the trace does.
// Connected runs cases of such pieces that were made by hand.
package exectest

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// A Comparison says what is compared with the evaluator.
type Comparison struct {
	Kit         *ir.Kit // solved
	Materialize guards.Materializer
	// Executor makes the executor, as in guards.Options; nil: the portable one.
	Executor func(h *heap.Heap, opt guards.Options) (guards.Executor, error)
	Count    bool // iterations are counted
	// Patience is how long the executor may take for a run; 0: 20 seconds.
	Patience time.Duration
	// Stress makes the executor's heap collect at every allocation and in every call.
	Stress bool
	// Split, if not 0, makes the executor run many connected traces for one; different
	// ones for different numbers. The trace's finish loses all but its first argument.
	Split uint64
}

const (
	// maxSteps bounds the runs: if the evaluator takes more, the trace is left alone.
	// The log of calls grows with the square of them.
	maxSteps      = 20_000
	maxStepsCalls = 2_000
	// defaultPatience is how long the executor may take for as much, on a busy machine.
	defaultPatience = 20 * time.Second
)

// errSkip is why the evaluator's run says nothing: it is in error, or too long.
var errSkip = errors.New("the evaluator does not get to an end")

// force says which guard shall fail although it holds: the index of the operation, and
// the how many-th time that the run gets there, from 1. The zero value: none.
type force struct{ op, time int }

// outcome is all that can be seen of a run.
type outcome struct {
	left int // index of the operation in the trace; its length if it was left at the end
	log  []string
}

// Agree runs t on inputs, which are those of a tracegen.World. ran is false if the
// run says nothing, because the trace is not defined for these inputs, or does not end
// soon. err says how the executor differs.
//
// A trace that ends with neither jump nor finish gets a finish. A jump without a label
// goes to the start.
func (c *Comparison) Agree(t *ir.Trace, inputs []uint64) (ran bool, err error) {
	return c.compare(t, inputs, force{})
}

// AgreeForced does as Agree does, with guards made to fail: each of t, the first and
// the second time that the run gets there; but not more than most guards, which are
// distributed over t.
func (c *Comparison) AgreeForced(t *ir.Trace, inputs []uint64, most int) (ran int, err error) {
	var all []int
	for i, op := range t.Ops {
		if op.Code.Has(ir.Guard) && op.Code != ir.GuardAlwaysFails {
			all = append(all, i)
		}
	}
	step := max(1, (len(all)+most-1)/max(1, most))
	for n := len(inputs) % step; n < len(all); n += step {
		for time := 1; time <= 2; time++ {
			did, err := c.compare(t, inputs, force{all[n], time})
			switch {
			case err != nil:
				return ran, fmt.Errorf("with operation %d, %s, made to fail the %d. time: %w", all[n], t.Ops[all[n]], time, err)
			case did:
				ran++
			}
		}
	}
	return ran, nil
}

func (c *Comparison) compare(t *ir.Trace, inputs []uint64, f force) (ran bool, err error) {
	if c.Split != 0 {
		t = withOneResult(t)
	}
	want, err := c.evaluate(t, inputs, f)
	if errors.Is(err, errSkip) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	got, err := c.execute(t, inputs, f)
	switch {
	case err != nil:
		return true, fmt.Errorf("with the inputs %d the evaluator runs, the executor says: %w", inputs, err)
	case want.left != got.left:
		return true, fmt.Errorf("with the inputs %d the evaluator leaves by %s, the executor by %s",
			inputs, name(t, want.left), name(t, got.left))
	case !slices.Equal(want.log, got.log):
		return true, fmt.Errorf("with the inputs %d they differ (both leave by %s)\nevaluator: %s\nexecutor:  %s", inputs, name(t, want.left),
			strings.Join(want.log, "\n           "), strings.Join(got.log, "\n           "))
	}
	return true, nil
}

func name(t *ir.Trace, op int) string {
	if op == len(t.Ops) {
		return "its end"
	}
	return fmt.Sprintf("operation %d, %s", op, t.Ops[op])
}

// decider returns what makes guards fail as f says, or nil. of says which operation of
// the trace an operation of its copy is. did is set when a guard was made to fail.
func (f force) decider(of map[*ir.Op]int, did *bool) func(guard *ir.Op) bool {
	if f.time == 0 {
		return nil
	}
	times := 0
	return func(guard *ir.Op) bool {
		if of[guard] == f.op {
			times++
			*did = *did || times == f.time
			return times == f.time
		}
		return false
	}
}

// evaluate runs t on the evaluator. With a guard that is to fail and is not reached,
// the run says nothing that one without has not said.
func (c *Comparison) evaluate(t *ir.Trace, inputs []uint64, f force) (outcome, error) {
	h, err := heap.New(classes(t), heap.Options{Limit: 1 << 20})
	if err != nil {
		return outcome{}, err
	}
	defer h.Close()
	w := tracegen.NewWorld(h)
	copied := copyTrace(t)
	copied.loopByLabel()
	forced := false
	e := &ir.Evaluator{Kit: c.Kit, Heap: h, Escape: w.Escape, Call: w.Call, Steps: steps(t),
		ForceFail: f.decider(copied.index, &forced)}
	words := given(w, t, inputs)
	stop, err := e.Start(copied.Trace, words) // makes the declared objects
	if err != nil {
		return outcome{}, err
	}
	stop()
	w.Show(tracegen.Prebuilt(e, copied.Trace))
	out, err := e.Run(copied.Trace, words)
	if err != nil || f.time > 0 && !forced {
		return outcome{}, errSkip
	}
	w.Exit(out.Op, out.Values)
	return outcome{copied.index[out.Op], w.Log()}, nil
}

// steps returns how many operations a run of t may have.
func steps(t *ir.Trace) int {
	if slices.ContainsFunc(t.Ops, func(op *ir.Op) bool { return op.Code >= ir.CallI && op.Code <= ir.EscapeN }) {
		return maxStepsCalls
	}
	return maxSteps
}

// execute runs t on the executor.
func (c *Comparison) execute(t *ir.Trace, inputs []uint64, f force) (o outcome, err error) {
	h, err := heap.New(classes(t), heap.Options{Limit: 16 << 20, Stress: c.Stress})
	if err != nil {
		return o, err
	}
	defer h.Close()
	w := tracegen.NewWorld(h)
	copied := copyTrace(t)
	prebuilt, err := copied.prebuild(h)
	if err != nil {
		return o, err
	}
	var l *loaded
	copied.callResiduals(w, func() error {
		if c.Stress {
			h.Collect()
		}
		return l.called()
	})
	s := c.split(copied)
	forced := false
	opt := guards.Options{Chain: ir.Chain{Kit: c.Kit}, ForceFail: f.decider(s.of, &forced),
		Materialize: c.Materialize, Executor: c.Executor, Count: c.Count, Suspended: s.suspended}
	x, err := c.executor()(h, opt)
	if err != nil {
		return o, err
	}
	defer func() { err = errors.Join(err, x.Close()) }()
	if l, err = s.load(x); err != nil {
		return o, err
	}
	defer l.free()
	words := given(w, t, inputs)
	w.Show(prebuilt)
	m := machine.New(h, 100)
	patience := cmp.Or(c.Patience, defaultPatience)
	timer := time.AfterFunc(patience, func() { m.Stop(guards.Timeout(patience)) })
	defer timer.Stop()
	left, values, err := l.run(m, words)
	if err != nil {
		return o, err
	}
	w.Exit(left, values)
	return outcome{s.left[left], w.Log()}, nil
}

// executor returns what makes the executor.
func (c *Comparison) executor() func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
	if c.Executor == nil {
		return guards.NewPortable
	}
	return c.Executor
}

// given returns the words of the inputs in a world.
func given(w *tracegen.World, t *ir.Trace, inputs []uint64) []uint64 {
	words := make([]uint64, len(inputs))
	for i, in := range t.Inputs {
		words[i] = w.Input(in.Type, inputs[i])
	}
	return words
}

func classes(t *ir.Trace) *heap.Classes {
	if t.Decls == nil {
		return &heap.Classes{}
	}
	return t.Decls.Classes
}
