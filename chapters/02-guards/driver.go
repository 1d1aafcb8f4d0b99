package guards

import (
	"errors"
	"fmt"
	"io"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// Guest is an interpreter with its program, compiled twice.
type Guest interface {
	// Interpret executes the running frame of m until the program ends (true),
	// fails, or the machine stops it (false).
	Interpret(m *machine.Machine) (ended bool, err error)
	// Record does the same on a recorder.
	Record(r *recorder.Recorder) (ended bool, err error)
	// Call executes a call of code, which the innermost active machine is in the middle
	// of, on a machine of its own.
	Call(code *machine.Code, args []heap.Ref) (heap.Ref, error)
	Classes() *heap.Classes
	// Position names a loop header in the source, for the log.
	Position(code *machine.Code, pc int) string
}

// DefaultThreshold is how many visits make a loop header hot.
const DefaultThreshold = 1039

// Options say how a Driver works.
type Options struct {
	Kit       *Kit
	Chain     ir.Chain
	JIT       bool      // false: only interpret
	Threshold int       // 0: DefaultThreshold
	Log       io.Writer // each trace, as recorded and as optimized; nil: no log
	// ForceFail, if not nil, is asked at every guard of a running trace whether
	// it shall fail although it holds: for tests. It is not asked at guard_not_forced,
	// behind which there would be no way on without the result of the call.
	ForceFail func(guard *ir.Op) bool
	// Materialize makes the objects that a trace got by without, where it is
	// left. nil: traces with such objects are refused. (Chapter 3 has one.)
	Materialize Materializer
	// Executor makes what executes traces whose objects are on h. nil: NewPortable.
	// (Chapter 5 has one that makes machine code.)
	Executor func(h *heap.Heap, opt Options) (Executor, error)
	// Count asks for Stats.Iterations also where counting takes time.
	Count bool
	// Time asks for Stats.Executing also where looking at the clock at each entry of a
	// trace costs more than some traces take. Count implies it.
	Time bool
	// Suspended is told of each suspended caller that a Run gives up: the
	// guard_not_forced behind its call_assembler, and the values of its failargs, which
	// it has to put into a frame before it allocates anything. nil if there are no such
	// operations. An error ends the Run.
	Suspended func(m *machine.Machine, guard *ir.Op, values []uint64) error
	// Runner makes who decides what is executed how. nil: NewDriver. (Chapter 6 has
	// one that makes bridges.)
	Runner func(guest Guest, h *heap.Heap, opt Options) (Runner, error)
	// Compiled, if not nil, is told of each trace that was compiled.
	Compiled func(c Compiled)
}

// A Runner decides who executes the guest program: the Driver of this package, or the
// engine of chapter 6.
type Runner interface {
	// Attach makes the Runner decide what happens at the loop headers and function
	// entries that m gets to. codes are all the code that m may execute.
	Attach(m *machine.Machine, codes []*machine.Code)
	// Execute runs the frames of m until the program ends. It may be called again
	// inside, by a residual call that executes guest code on another machine.
	Execute(m *machine.Machine) error
	// Stats returns what was done so far.
	Stats() Stats
	// Close frees what the Runner holds, before the heap is closed.
	Close() error
}

// NewRunner returns the Runner that opt asks for.
func NewRunner(guest Guest, h *heap.Heap, opt Options) (Runner, error) {
	if opt.Runner != nil {
		return opt.Runner(guest, h, opt)
	}
	d, err := NewDriver(guest, h, opt)
	if err != nil {
		return nil, err
	}
	return d, nil
}

// Compiled is a trace that was compiled.
type Compiled struct {
	Number  int    // from 1 on
	Kind    string // "loop", and in chapter 6 others
	Where   string // the place in the source that it was recorded at
	Trace   *ir.Trace
	Program Program // what was made of it
}

// Driver decides who executes the guest program, and hands the frames from one
// to the other:
//
//	interpreter --hot loop header--> recorder --closed--> optimizer
//	     ^                               | gave up            |
//	     |<------------------------------'                    v
//	     '<-------guard failed: frames rebuilt--------- executor
//
// One Driver runs one program. (Chapter 6 makes the engine of it.)
type Driver struct {
	opt    Options
	guest  Guest
	heap   *heap.Heap
	exec   Executor
	stats  Stats
	traces []*trace
	header header // where the interpreter stopped
	meter  *Meter
}

// header is a loop header.
type header struct {
	counter *machine.Counter
	code    *machine.Code
	pc      int
}

// trace is what was compiled for a loop.
type trace struct {
	number  int
	where   string
	program Program
	inputs  int
	deepest int // how many calls deep its inlined code gets
}

// NewDriver returns a driver for the program of guest, whose objects are on h. Close
// frees what it holds, before h is closed. The only errors are those of opt.Executor.
func NewDriver(guest Guest, h *heap.Heap, opt Options) (*Driver, error) {
	if opt.Threshold == 0 {
		opt.Threshold = DefaultThreshold
	}
	exec, err := NewExecutor(h, opt)
	if err != nil {
		return nil, err
	}
	d := &Driver{opt: opt, guest: guest, heap: h, exec: exec, meter: NewMeter(h)}
	d.stats.Aborts = map[string]int{}
	return d, nil
}

// Close frees the compiled loops. Stats can still be asked for.
func (d *Driver) Close() error {
	for _, t := range d.traces {
		t.program.Free()
	}
	d.traces = nil
	return d.exec.Close()
}

// Attach makes d decide what happens at the loop headers that m gets to. codes
// are all the code that m may execute.
func (d *Driver) Attach(m *machine.Machine, codes []*machine.Code) {
	for _, code := range codes {
		code.Entry.Left = Never // it compiles loops only
		for i := range code.Loops {
			code.Loops[i].Left = Never
			if d.opt.JIT {
				code.Loops[i].Left = d.opt.Threshold
			}
		}
	}
	m.Hot = d.hot
}

// hot is called when the counter of a loop header, number n of code, has run
// down. It makes the interpreter stop there, so that Execute can go on.
func (d *Driver) hot(code *machine.Code, n, pc int) bool {
	d.header = header{&code.Loops[n], code, pc}
	return true
}

// Execute runs the frames of m until the program ends. It may be called again
// inside, by a residual call that executes guest code on another machine.
func (d *Driver) Execute(m *machine.Machine) error {
	return machine.Protect(func() error {
		// What is not another phase is interpreting: to look at the time costs
		// as much as some iterations, and a trace may be entered a million times.
		d.meter.Enter(&d.stats.Interpreting, &d.stats.ObjectsInterpreter)
		defer d.meter.Leave()
		for {
			ended, err := d.guest.Interpret(m)
			if err == nil {
				err = m.Stopped()
			}
			if ended || err != nil {
				return err
			}
			at := d.header
			if t, ok := at.counter.Trace.(*trace); ok {
				err = d.enter(m, t)
			} else {
				ended, err = d.record(m, at)
			}
			if ended || err != nil {
				return err
			}
		}
	})
}

// record records a loop from the live frames of m, and compiles it. The program
// may end, or fail, while it is recorded.
func (d *Driver) record(m *machine.Machine, at header) (ended bool, err error) {
	d.meter.Enter(&d.stats.Recording, &d.stats.ObjectsRecording)
	r := recorder.Start(m, d.opt.Kit.Recorder(), d.guest.Classes())
	ended, err = d.guest.Record(r)
	d.meter.Leave()
	why, detail := r.Aborted()
	if err != nil {
		why, detail = recorder.GuestError, err.Error()
	}
	if r.Closed() && why == "" {
		var t *trace
		if t, err = d.compile(r, at); err == nil {
			at.counter.Trace = t
			d.opt.Kit.Rearm(at.counter, d.opt.Threshold, true)
			return false, nil
		}
		if errors.Is(err, ir.ErrMalformed) {
			return false, err // a mistake in a pass: to go on would hide it
		}
		why, detail, err = NotCompiled, err.Error(), nil
	}
	d.opt.Kit.Rearm(at.counter, d.opt.Threshold, false)
	d.stats.Aborts[string(why)]++
	d.logf("# abort at %s: %s, %s\n", d.guest.Position(at.code, at.pc), why, detail)
	return ended, err
}

// NotCompiled is why a loop that was recorded to its end is given up all the
// same: the optimizer or the executor refused the trace.
const NotCompiled recorder.Reason = "not compiled"

// compile optimizes what was recorded and makes it ready to run.
func (d *Driver) compile(r *recorder.Recorder, at header) (*trace, error) {
	d.meter.Enter(&d.stats.Optimizing, &d.stats.ObjectsRecording)
	defer d.meter.Leave()
	recorded := r.Trace()
	optimized, err := d.optimize(recorded)
	if err != nil {
		return nil, err
	}
	p, err := d.load(optimized)
	if err != nil {
		return nil, err
	}
	t := &trace{number: len(d.traces) + 1, where: d.guest.Position(at.code, at.pc), program: p,
		inputs: len(optimized.Inputs), deepest: r.Deepest}
	d.traces = append(d.traces, t)
	d.stats.Loops++
	d.stats.Add(recorded, optimized)
	d.logf("# trace %d: loop at %s, %d operations, as recorded\n%s\n# trace %d: %s, as optimized\n%s\n",
		t.number, t.where, len(recorded.Ops), recorded, t.number, Sizes(optimized), optimized.Body())
	if d.opt.Compiled != nil {
		d.opt.Compiled(Compiled{t.number, "loop", t.where, optimized, p})
	}
	return t, nil
}

func (d *Driver) load(t *ir.Trace) (Program, error) {
	d.meter.Enter(&d.stats.Compiling, &d.stats.ObjectsRecording)
	defer d.meter.Leave()
	return d.exec.Load(t, LoadOptions{})
}

// optimize optimizes a loop. Its second iteration may be known to leave it: then
// there is no loop to make, but the first iteration is as good as any trace.
func (d *Driver) optimize(recorded *ir.Trace) (*ir.Trace, error) {
	optimized, err := d.opt.Chain.OptimizeLoop(recorded)
	if errors.Is(err, ir.ErrImpossible) {
		optimized, err = d.opt.Chain.Optimize(recorded)
	}
	return optimized, err
}

// Sizes says for the log how long a trace is.
func Sizes(t *ir.Trace) string {
	text := fmt.Sprintf("%d operations", len(t.Ops))
	if n := t.LabelAt(); n >= 0 {
		text += fmt.Sprintf(", %d of them in the loop", len(t.Ops)-n-1)
	}
	return text
}

// enter runs a compiled loop on the running frame of m until a guard fails, and
// rebuilds the frames for the interpreter.
func (d *Driver) enter(m *machine.Machine, t *trace) error {
	if m.DepthLeft() < t.deepest {
		// The trace inlines calls and would not notice that they are too many.
		// The interpreter does, and comes back here at the next iteration.
		return nil
	}
	d.meter.Enter(&d.stats.Executing, &d.stats.ObjectsTraces)
	defer d.meter.Leave()
	d.stats.Entries++
	frames := m.Frames()
	base := frames[len(frames)-1].Base
	guard, values, err := t.program.Run(m, m.Slots()[base:base+t.inputs])
	if err != nil {
		return err
	}
	d.stats.GuardFailures++
	d.opt.Kit.Rebuild(m, guard.Exit.Resume.(*machine.Snapshot), values)
	return nil
}

func (d *Driver) logf(format string, args ...any) {
	if d.opt.Log != nil {
		fmt.Fprintf(d.opt.Log, format, args...)
	}
}

// Timeout is the error of a program that was stopped since its time was up.
func Timeout(after time.Duration) error {
	return fmt.Errorf("stopped: the program was still running after %v", after)
}
