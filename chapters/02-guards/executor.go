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
	Load(t *ir.Trace, opt LoadOptions) (Program, error)
	// Link tells the executor that f.Target has changed, if it is a Function that loaded
	// traces may call.
	Link(f *recorder.Function)
	// Counts says what all runs did until now.
	Counts() Counts
	// Close frees what it holds. No Program of it may be used any more. The heap is
	// still open, and its Counts stay.
	Close() error
}

// LoadOptions say how a trace is connected with others that are loaded. The zero value
// is right for a trace that is only entered by Run, and goes nowhere else. (Chapter 6
// connects traces.)
type LoadOptions struct {
	// From, if not nil, says that the trace is a bridge: it is entered only from an
	// exit of another program of the same executor, once it is attached there. Its
	// inputs are the Leaves of that exit.
	From *ExitOf
	// Target, if not nil, becomes the target of jumps to the start of the trace. Load
	// sets its Entry, and Inputs to the types of the trace's inputs.
	Target *ir.Target
	// Returns says that finish, if it has at most one argument, returns to who called the
	// trace, and only if nobody did, from Run. An executor may always do so; one that
	// makes machine code does what costs less without.
	Returns bool
	// Count counts the iterations of this trace in Counts, whatever Options.Count says.
	Count bool
}

// ExitOf is an exit of a loaded program.
type ExitOf struct {
	Program Program
	Guard   *ir.Op // or finish: an operation of the program's trace; not guard_not_forced
}

// A Switch says where an exit goes on: in a bridge, or, by the value of the guard's first
// argument, in one of many.
type Switch struct {
	// Bridge, if not nil, takes all values; the other fields do not matter. It was
	// loaded with LoadOptions.From of this exit.
	Bridge Program
	// Otherwise the argument is compared with Value: Equal, which is not nil, takes it, or
	// else the Switch Below or Above decides (as unsigned numbers), where nil is the way to
	// the interpreter. The guard is a guard_value.
	Value        uint64
	Equal        Program
	Below, Above *Switch
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
	//
	// The trace may go on in others: through bridges, by jumps, by call_assembler. left
	// is then an operation of the last one. If it was called, its callers are given up
	// as well: before Run returns, Options.Suspended is told of each, the outermost
	// first. If left is a call_assembler that could not be done (its Function has no
	// Target, calls are too deep, or somebody wants the processor), values are those of
	// the failargs of the guard_not_forced behind it, then the arguments of the call.
	// Calls are too deep unless recorder.MaxInline+2 more frames may come above those that
	// the callers stand for: a trace inlines so many and makes one more without looking.
	// A finish in a trace that was called returns to its caller; Run returns with
	// finish only where no caller is left.
	Run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error)
	// Attach makes the exit at guard go on where to says; nil: to the interpreter, as
	// before the first Attach. It must not be called from inside machine code, but while
	// runs are suspended in a call it may be.
	Attach(guard *ir.Op, to *Switch) error
	// Invalidate makes all guard_not_invalidated of the program fail from now on. As
	// for Attach, a run of it may be suspended.
	Invalidate() error
	// Free gives back what the program holds. Nobody will enter it any more, and nothing
	// attached leads to it. A run that is suspended in it may still come back: then
	// the memory goes when no run is left.
	Free()
}

// Counts is what an Executor did.
type Counts struct {
	// Iterations are those that ended with a jump, to whatever trace, or with the label
	// that ends the first one: it stands behind other operations. Machine code counts them
	// only if Options.Count is set, or LoadOptions.Count of a trace.
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

// NewExecutor makes the executor that opt asks for.
func NewExecutor(h *heap.Heap, opt Options) (Executor, error) {
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
// runs, m counts the calls that the trace inlines around this one, and those below: the
// frames that the suspended callers of the trace stand for. Afterwards the guest program
// may have been stopped: then that is the error.
func (c Callee) Do(m *machine.Machine, args []uint64, below int) (uint64, error) {
	if c.elidable != nil {
		return uint64(c.elidable.Do(m, int64(args[0]), int64(args[1]))), nil
	}
	inlined := c.residual.Depth + below
	m.Inlined += inlined
	defer func() { m.Inlined -= inlined }()
	v, err := c.residual.Do(args)
	if err == nil {
		err = m.Stopped() // it may have taken long
	}
	return v, err
}
