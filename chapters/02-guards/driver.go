package guards

import (
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
	// it shall fail although it holds: for tests.
	ForceFail func(guard *ir.Op) bool
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
	exec   *executor
	stats  Stats
	traces []*trace
	header header // where the interpreter stopped
	clock  clock
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
	program *program
	guards  int
	deepest int // how many calls deep its inlined code gets
}

// NewDriver returns a driver for the program of guest, whose objects are on h.
func NewDriver(guest Guest, h *heap.Heap, opt Options) *Driver {
	if opt.Threshold == 0 {
		opt.Threshold = DefaultThreshold
	}
	d := &Driver{opt: opt, guest: guest, heap: h}
	d.exec = &executor{heap: h, force: opt.ForceFail, pure: opt.Chain.Kit.EvalPure}
	h.AddRoots(d.exec.roots)
	d.stats.Aborts = map[string]int{}
	return d
}

// Attach makes d decide what happens at the loop headers that m gets to. codes
// are all the code that m may execute.
func (d *Driver) Attach(m *machine.Machine, codes []*machine.Code) {
	for _, code := range codes {
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
		for {
			d.clock.enter(&d.stats.Interpreting)
			ended, err := d.guest.Interpret(m)
			d.clock.leave()
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
	d.clock.enter(&d.stats.Recording)
	before := d.heap.Stats().Objects
	r := recorder.Start(m, d.opt.Kit.Recorder(), d.guest.Classes())
	ended, err = d.guest.Record(r)
	d.stats.ObjectsRecording += d.heap.Stats().Objects - before
	d.clock.leave()
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
	d.clock.enter(&d.stats.Optimizing)
	defer d.clock.leave()
	recorded := r.Trace()
	optimized, err := d.opt.Chain.Optimize(recorded)
	if err != nil {
		return nil, err
	}
	p, err := decode(optimized)
	if err != nil {
		return nil, err
	}
	t := &trace{number: len(d.traces) + 1, where: d.guest.Position(at.code, at.pc), program: p, deepest: r.Deepest}
	for _, op := range optimized.Ops {
		if op.Code.Has(ir.Guard) {
			t.guards++
		}
	}
	d.traces = append(d.traces, t)
	d.stats.Loops++
	d.stats.OpsRecorded += len(recorded.Ops)
	d.stats.OpsOptimized += len(optimized.Ops)
	d.stats.Guards += t.guards
	d.logf("# trace %d: loop at %s, %d operations, as recorded\n%s\n# trace %d: %d operations, as optimized\n%s\n",
		t.number, t.where, len(recorded.Ops), recorded, t.number, len(optimized.Ops), optimized.Body())
	return t, nil
}

// enter runs a compiled loop on the running frame of m until a guard fails, and
// rebuilds the frames for the interpreter.
func (d *Driver) enter(m *machine.Machine, t *trace) error {
	if m.DepthLeft() < t.deepest {
		// The trace inlines calls and would not notice that they are too many.
		// The interpreter does, and comes back here at the next iteration.
		return nil
	}
	d.clock.enter(&d.stats.Executing)
	defer d.clock.leave()
	objects, steps := d.heap.Stats().Objects, d.exec.steps
	exit, err := d.exec.run(t.program, m)
	d.stats.ObjectsTraces += d.heap.Stats().Objects - objects
	d.stats.Iterations += d.exec.steps - steps
	d.stats.Entries++
	if err != nil {
		return err
	}
	d.stats.GuardFailures++
	d.opt.Kit.Rebuild(m, exit.guard.Exit.Resume.(*machine.Snapshot), exit.values)
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
