package tracegen

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// maxSteps bounds the runs of the trace before; one that takes longer is left
// alone. The trace after may need some more: a copy for each value at a label.
const maxSteps = 3000

// limits say how far a run goes.
type limits struct {
	steps  int // operations in one round, or in all rounds behind a label
	rounds int // a jump without a label is the end of the last round
	// force, if it is not nil, says whether a guard shall fail in a round,
	// counted from 1, although it holds.
	force func(guard *ir.Op, round int) bool
}

// A result is what can be seen of a run from outside.
type result struct {
	exit   string
	failed bool // a guard failed
	rounds int
	log    []string
}

var errEndless = errors.New("the loop did not end")

// A session is an evaluator in a world of its own.
type session struct {
	*World
	eval   *ir.Evaluator
	inputs []uint64
}

// newSession makes the world in which t runs on inputs.
func newSession(kit *ir.Kit, t *ir.Trace, inputs []uint64) (*session, error) {
	classes := &heap.Classes{}
	if t.Decls != nil {
		classes = t.Decls.Classes
	}
	h, err := heap.New(classes, heap.Options{Limit: 1 << 20})
	if err != nil {
		return nil, err
	}
	s := &session{World: NewWorld(h), inputs: slices.Clone(inputs)}
	for i, in := range t.Inputs {
		s.inputs[i] = s.Input(in.Type, inputs[i])
	}
	s.eval = &ir.Evaluator{Kit: kit, Heap: h, Escape: s.Escape, Call: s.Call}
	stop, err := s.eval.Start(t, s.inputs) // makes the declared objects
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	stop()
	s.Show(Prebuilt(s.eval, t))
	return s, nil
}

// Prebuilt returns where e has the declared objects of t.
func Prebuilt(e *ir.Evaluator, t *ir.Trace) []heap.Ref {
	if t.Decls == nil {
		return nil
	}
	list := make([]heap.Ref, len(t.Decls.Objects))
	for i, s := range t.Decls.Objects {
		list[i] = e.Address(s)
	}
	return list
}

// run runs t on inputs, round and round if it ends in a jump.
func run(kit *ir.Kit, t *ir.Trace, inputs []uint64, lim limits) (result, error) {
	s, err := newSession(kit, t, inputs)
	if err != nil {
		return result{}, err
	}
	defer s.heap.Close()
	r := result{rounds: 1}
	s.eval.Steps = lim.steps
	if lim.force != nil {
		s.eval.ForceFail = func(guard *ir.Op) bool { return lim.force(guard, r.rounds) }
	}
	for {
		out, err := s.eval.Run(t, s.inputs)
		switch {
		case err != nil:
			return r, err
		case out.Op == nil || out.Op.Code != ir.Jump || lim.rounds == 1:
			s.end(&r, out)
			return r, nil
		case r.rounds == lim.rounds:
			return r, errEndless
		}
		s.inputs = out.Values
		r.rounds++
	}
}

// end notes how a run ended.
func (s *session) end(r *result, out ir.Outcome) {
	r.exit = "its last operation"
	if op := out.Op; op != nil {
		r.exit, r.failed = exitName(op), op.Exit != nil
	}
	s.Exit(out.Op, out.Values)
	r.log = s.log
}

// exitName tells where a trace is left: it is the same before and after a pass.
func exitName(op *ir.Op) string {
	switch {
	case op.Exit == nil:
		return op.Code.String()
	case op.Exit.Resume != nil:
		return fmt.Sprintf("guard number %v", op.Exit.Resume)
	}
	return fmt.Sprintf("%s on line %d", op.Code, op.Line)
}

// Ends reports whether the run of t on inputs gets to its last operation.
func Ends(kit *ir.Kit, t *ir.Trace, inputs []uint64) bool {
	r, err := run(kit, t, inputs, limits{steps: maxSteps, rounds: 1})
	return err == nil && !r.failed
}

// Rounds returns how many rounds the loop t makes on inputs, the one included
// that a guard ends; 0 if it is in error.
func Rounds(kit *ir.Kit, t *ir.Trace, inputs []uint64) int {
	r, err := run(kit, t, inputs, limits{steps: maxSteps, rounds: maxRounds})
	if err != nil {
		return 0
	}
	return r.rounds
}
