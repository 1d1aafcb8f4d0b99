package ir

import (
	"fmt"

	"metatrace/internal/heap"
)

// Evaluator runs traces, one operation after the other, on a heap. It is the
// oracle of the course: whatever a pass or a backend makes of a trace has to
// behave as the evaluator says that the trace does. So it is slow and plain, and
// it checks what compiled code takes for granted: reading a field of NULL, an
// index out of range, an item that was never written, a guard_true on a number
// that is not 0 or 1 are errors of the trace, with its line.
type Evaluator struct {
	Kit  *Kit
	Heap *heap.Heap
	// Call does a residual call: fn is the name in ConstClass, args are words.
	// nil: a trace with calls is an error.
	Call func(op *Op, fn string, args []uint64) (uint64, error)
	// Escape answers an escape operation. nil: it gives 0.
	Escape func(op *Op, args []uint64) (uint64, error)
	// ForceFail, if it is not nil, is asked at every guard whether it shall fail
	// although it holds.
	ForceFail func(guard *Op) bool
	// Steps bounds the operations of one run; 0: 100 million.
	Steps int

	vals      []uint64 // by ID
	trace     *Trace
	prebuilt  map[*Symbol]heap.Ref
	partly    map[heap.Ref][]bool // items written so far, of arrays made by new_array
	overflow  bool
	temporary []heap.Ref        // objects being made, so that the collector sees them
	cast      map[heap.Ref]bool // addresses that cast_ptr_to_int gave
}

// Outcome is how a run left its trace.
type Outcome struct {
	Op     *Op      // the jump, the finish, or the guard that failed; nil: the end was reached
	Values []uint64 // its arguments or failargs, virtual objects allocated, pending stores done
}

const defaultSteps = 100_000_000

// Run executes t on inputs, a word for each. A jump in a trace with a label goes
// there; in a trace without one it ends the run.
func (e *Evaluator) Run(t *Trace, inputs []uint64) (Outcome, error) {
	stop, err := e.Start(t, inputs)
	if err != nil {
		return Outcome{}, err
	}
	defer stop()
	label := t.LabelAt()
	limit := e.Steps
	if limit == 0 {
		limit = defaultSteps
	}
	for i := 0; i < len(t.Ops); i++ {
		if limit--; limit < 0 {
			return Outcome{}, fmt.Errorf("the trace did not end")
		}
		op := t.Ops[i]
		leaves, err := e.step(op)
		switch {
		case err != nil:
			return Outcome{}, fmt.Errorf("%s: %w", e.where(op), err)
		case op.Code == Jump && label >= 0:
			e.jump(op, t.Ops[label].Args)
			i = label
		case op.Code == Jump || op.Code == Finish:
			return e.leave(op, op.Args, nil)
		case leaves:
			return e.leave(op, op.Exit.Failargs, op.Exit.Pending)
		}
	}
	return Outcome{}, nil
}

// Start makes e ready to execute t on inputs, with Step, one operation after the
// other. t may grow while that goes on: a test may look at what its operations
// give, and add others accordingly. stop must be called in the end.
func (e *Evaluator) Start(t *Trace, inputs []uint64) (stop func(), err error) {
	if len(inputs) != len(t.Inputs) {
		return nil, fmt.Errorf("the trace has %d inputs, got %d values", len(t.Inputs), len(inputs))
	}
	e.trace, e.vals, e.temporary = t, make([]uint64, t.NumIDs()), nil
	if e.partly == nil {
		e.partly = map[heap.Ref][]bool{}
	}
	copy(e.vals, inputs)
	stop = e.Heap.AddRoots(e.roots)
	if err := e.prebuild(t); err != nil {
		stop()
		return nil, err
	}
	return stop, nil
}

// Step executes op, an operation of the started trace, and reports whether it is
// a guard that fails. Control operations do nothing here.
func (e *Evaluator) Step(op *Op) (leaves bool, err error) {
	if n := e.trace.NumIDs() - len(e.vals); n > 0 {
		e.vals = append(e.vals, make([]uint64, n)...)
	}
	return e.step(op)
}

// Value returns the word of a: a constant, an input, or what was executed.
func (e *Evaluator) Value(a *Op) uint64 { return e.word(a) }

func (e *Evaluator) where(op *Op) string {
	if op.Line > 0 {
		return fmt.Sprintf("line %d, %s", op.Line, op.Code)
	}
	return fmt.Sprintf("operation %d, %s", int(op.ID)-len(e.trace.Inputs), op.Code)
}

func (e *Evaluator) roots(v *heap.Visitor) {
	for _, list := range [][]*Op{e.trace.Inputs, e.trace.Ops} {
		for _, op := range list {
			if op.Type == Ref {
				v.Ref(e.vals[op.ID])
			}
		}
	}
	for _, r := range e.prebuilt {
		v.Ref(r)
	}
	for _, r := range e.temporary {
		v.Ref(r)
	}
	for r := range e.cast {
		v.Ref(r)
	}
}

// word returns the value of an argument.
func (e *Evaluator) word(a *Op) uint64 {
	switch a.Code {
	case OpConstInt, OpConstFloat:
		return a.Bits
	case OpConstPtr:
		return e.Address(a.Name)
	case OpConstClass, OpText:
		return 0
	}
	return e.vals[a.ID]
}

func (e *Evaluator) words(args []*Op) []uint64 {
	list := make([]uint64, len(args))
	for i, a := range args {
		list[i] = e.word(a)
	}
	return list
}

// jump sets all label arguments at once: they may be each other's values.
func (e *Evaluator) jump(op *Op, label []*Op) {
	for i, w := range e.words(op.Args) {
		e.vals[label[i].ID] = w
	}
}

// step executes one operation and reports whether it is a guard that fails.
func (e *Evaluator) step(op *Op) (leaves bool, err error) {
	c := op.Code
	switch {
	case c.Has(Guard):
		holds, err := e.holds(op)
		return !holds || e.ForceFail != nil && e.ForceFail(op), err
	case c.Has(Control) || c == DebugMergePoint:
		return false, nil
	case c == CastPtrToInt || c == CastIntToPtr:
		w, err := e.castRef(c, e.word(op.Args[0]))
		e.vals[op.ID] = w
		return false, err
	case c == ArraylenGc || !c.Has(Pure|Checked):
		w, err := e.effect(op)
		e.vals[op.ID] = w
		return false, err
	}
	var a, b uint64
	a = e.word(op.Args[0])
	if len(op.Args) > 1 {
		b = e.word(op.Args[1])
	}
	if c.Has(Checked) {
		var result int64
		result, e.overflow = e.Kit.EvalChecked(c, int64(a), int64(b))
		e.vals[op.ID] = uint64(result)
		return false, nil
	}
	w, ok := e.Kit.EvalPure(c, a, b)
	if !ok {
		return false, fmt.Errorf("not defined for %d, %d", int64(a), int64(b))
	}
	e.vals[op.ID] = w
	return false, nil
}

// holds reports whether the guard op is passed.
func (e *Evaluator) holds(op *Op) (bool, error) {
	var a uint64
	if len(op.Args) > 0 {
		a = e.word(op.Args[0])
	}
	switch op.Code {
	case GuardTrue, GuardFalse:
		if a > 1 {
			return false, fmt.Errorf("the condition is %d, not 0 or 1", int64(a))
		}
		return (a == 1) == (op.Code == GuardTrue), nil
	case GuardValue:
		return a == e.word(op.Args[1]), nil
	case GuardNonnull:
		return a != 0, nil
	case GuardIsnull:
		return a == 0, nil
	case GuardClass:
		if a == 0 {
			return false, fmt.Errorf("the object is NULL")
		}
		return e.hasClass(a, op.Args[1]), nil
	case GuardNonnullClass:
		return a != 0 && e.hasClass(a, op.Args[1]), nil
	case GuardNoOverflow:
		return !e.overflow, nil
	case GuardOverflow:
		return e.overflow, nil
	case GuardAlwaysFails:
		return false, nil
	}
	return true, nil // guard_no_exception, guard_not_invalidated, guard_not_forced
}

func (e *Evaluator) hasClass(r heap.Ref, class *Op) bool {
	return e.Heap.Class(r).Vtable == class.Name.Name
}

// leave collects the values of an exit, allocates what is virtual in them and in
// the pending stores, and then does the stores.
func (e *Evaluator) leave(op *Op, of, pending []*Op) (Outcome, error) {
	made := map[*Op]heap.Ref{}
	values, err := e.materializeAll(of, made)
	stores := make([][]uint64, len(pending))
	for i, store := range pending {
		if err == nil {
			stores[i], err = e.materializeAll(store.Args, made)
		}
	}
	for i, store := range pending {
		if err == nil {
			if _, err = e.access(store, stores[i]); err != nil {
				err = fmt.Errorf("pending %s: %w", store.Code, err)
			}
		}
	}
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", e.where(op), err)
	}
	return Outcome{op, values}, nil
}
