package guards

import (
	"fmt"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// An Executor makes programs of optimized traces. This package has one that works
// on every machine, NewPortable; chapter 5 has one that makes machine code. What
// they have in common is here: calling (Callee), and leaving a trace (Exit, Leaver).
//
//	trace ──Load──▶ Program ──Run──▶ the guard by which it was left,
//	                                 the values of its failargs
type Executor interface {
	// Load compiles t. A trace that this executor can't run is an error; the
	// program goes on without it.
	Load(t *ir.Trace) (Program, error)
	// Counts says what all runs did until now.
	Counts() Counts
	// Close frees what it holds. No Program of it may be used any more. The heap is
	// still open, and its Counts stay.
	Close() error
}

// A Program is a trace that is ready to run.
type Program interface {
	// Run executes the trace on inputs, a word for each, round and round if it is
	// a loop. left is the operation by which it was left, a guard or finish, and
	// values are the words of its failargs or arguments, good until the program
	// runs again. Virtual objects are made, pending stores done.
	//
	// inputs is not written to, and not read any more once something is allocated
	// or called; until then the caller keeps its objects alive.
	//
	// The guest's errors come back as err: what a residual call returned, that m
	// was told to stop, machine.ErrOutOfMemory. Runs may be nested: a residual call
	// may run any program, this one included.
	Run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error)
	// Free gives back what the program holds. It is not running, and will not.
	Free()
}

// Counts is what an Executor did.
type Counts struct {
	// Iterations are those that ended with a jump or with the label that ends the
	// first one. Machine code counts them only if Options.Count is set.
	Iterations int64
	Objects    int64 // made by exits
	Code       CodeStats
}

// CodeStats is what it took to make machine code of traces: the time, by phases, and
// the bytes of code that came out, constants and exits included. Of an Executor that
// makes none, all is 0.
type CodeStats struct {
	Lowering   time.Duration `json:"ns_lowering"`   // operations to instructions
	Allocating time.Duration `json:"ns_allocating"` // of registers
	Emitting   time.Duration `json:"ns_emitting"`   // of code
	Placing    time.Duration `json:"ns_placing"`    // where it can be executed
	Bytes      int           `json:"code_bytes"`
}

// newExecutor makes the executor that opt asks for.
func newExecutor(h *heap.Heap, opt Options) (Executor, error) {
	if opt.Executor == nil {
		return NewPortable(h, opt)
	}
	return opt.Executor(h, opt)
}

// A Callee is what a call operation of a trace calls: one of the two functions.
type Callee struct {
	elidable *recorder.Elidable
	residual *recorder.Residual
}

// CalleeOf returns what op, an operation that calls, calls. A function that did not
// come from a recorder is an error.
func CalleeOf(op *ir.Op) (Callee, error) {
	fn, c := op.Args[0].Name, Callee{}
	c.elidable, _ = fn.Func.(*recorder.Elidable)
	c.residual, _ = fn.Func.(*recorder.Residual)
	if c.residual == nil && c.elidable == nil {
		return c, fmt.Errorf("the executor can't call %s", fn.Name)
	}
	return c, nil
}

// Do calls the function for a trace that runs on m. args are the words behind the
// callee in the argument list; the caller keeps the objects among them alive until it
// returns, together with all that the trace still needs: it may collect. While it
// runs, m counts the calls that the trace inlines around this one. Afterwards the
// guest program may have been stopped: then that is the error.
func (c Callee) Do(m *machine.Machine, args []uint64) (uint64, error) {
	if c.elidable != nil {
		return uint64(c.elidable.Do(m, int64(args[0]), int64(args[1]))), nil
	}
	m.Inlined = c.residual.Depth
	defer func() { m.Inlined = 0 }()
	v, err := c.residual.Do(args)
	if err == nil {
		err = m.Stopped() // it may have taken long
	}
	return v, err
}
