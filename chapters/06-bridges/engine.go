package bridges

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// Engine decides who executes the guest program. It implements guards.Runner. What it does
// by itself is small: it counts, and asks others. An Engine runs one program; many Engines
// may live in one process, each on one goroutine at a time.
type Engine struct {
	opt   Options
	g     guards.Options
	guest guards.Guest
	heap  *heap.Heap
	exec  guards.Executor
	meter *guards.Meter
	stats guards.Stats

	at         place // where the interpreter stopped
	codes      []*machine.Code
	headers    []*Header // those that are not freed, in the order of their numbers
	exits      map[*ir.Op]*Exit
	traceCalls map[*ir.Op]traceCall // by call_assembler
	functions  map[*machine.Code]*recorder.Function
	recursive  map[*machine.Code]bool    // functions that were seen to call themselves
	toCount    map[*machine.Counter]bool // loops whose rounds are to be counted though they are small
	symbols    map[heap.Ref]*ir.Symbol   // prebuilt objects that traces refer to
	evicted    map[*machine.Counter]int  // how often the code of a header had to make room
	running    []*Header                 // the entries that are under way: one inside the other
	stale      []*ir.Op                  // of traceCalls: of fragments that were freed meanwhile
	givenUp    int                       // callers that the Run which is about to return has given up

	headerCount, fragmentCount int
	generation                 int   // headers compiled so far, for ageing
	collections                int64 // of the heap, when counters decayed last
}

// A traceCall is a call_assembler, by which a trace is left if it can't be done.
type traceCall struct {
	guard    *ir.Op // the guard_not_forced behind it
	progress int    // as of an Exit
}

// place is a header where the interpreter has stopped.
type place struct {
	code    *machine.Code
	n, pc   int
	counter *machine.Counter
}

// NewEngine returns an Engine for the program of guest, whose objects are on h. Close
// frees what it holds, before h is closed.
func NewEngine(guest guards.Guest, h *heap.Heap, g guards.Options, opt Options) *Engine {
	if g.Threshold == 0 {
		g.Threshold = guards.DefaultThreshold
	}
	opt.Limits = opt.Limits.orDefaults()
	e := &Engine{opt: opt, guest: guest, heap: h, meter: guards.NewMeter(h), exits: map[*ir.Op]*Exit{},
		traceCalls: map[*ir.Op]traceCall{}, functions: map[*machine.Code]*recorder.Function{}, symbols: map[heap.Ref]*ir.Symbol{},
		toCount: map[*machine.Counter]bool{}, recursive: map[*machine.Code]bool{},
		evicted: map[*machine.Counter]int{}}
	e.stats.Aborts = map[string]int{}
	g.Suspended = e.suspended
	g.Chain.Witness = true
	e.g = g
	e.exec = &lazy{make: func() (guards.Executor, error) { return guards.NewExecutor(h, g) }}
	return e
}

// Attach implements guards.Runner.
func (e *Engine) Attach(m *machine.Machine, codes []*machine.Code) {
	e.codes = codes
	for _, code := range codes {
		for i := range code.Loops {
			code.Loops[i].Left = e.wait(e.g.Threshold)
		}
		code.Entry.Left = e.wait(e.opt.Limits.Function)
	}
	m.Hot = e.hot
}

// wait returns how many visits make a header hot.
func (e *Engine) wait(visits int) int {
	if !e.g.JIT {
		return guards.Never
	}
	return visits
}

// hot is called when the counter of a header has run down. It makes the interpreter stop
// there, so that Execute can go on.
func (e *Engine) hot(code *machine.Code, n, pc int) bool {
	e.at = place{code, n, pc, code.Header(n)}
	return true
}

// Close implements guards.Runner.
func (e *Engine) Close() error {
	for len(e.headers) > 0 {
		e.free(e.headers[0], "the program is over")
	}
	return e.exec.Close()
}

// Stats implements guards.Runner.
func (e *Engine) Stats() guards.Stats { return e.stats.Complete(e.heap, e.exec) }

// Execute implements guards.Runner.
func (e *Engine) Execute(m *machine.Machine) error {
	return machine.Protect(func() error {
		e.meter.Enter(&e.stats.Interpreting, &e.stats.ObjectsInterpreter)
		defer e.meter.Leave()
		for {
			ended, err := e.guest.Interpret(m)
			if err == nil {
				err = m.Stopped()
			}
			if ended || err != nil {
				return err
			}
			if h, ok := e.at.counter.Trace.(*Header); ok {
				ended, err = e.run(m, h)
			} else {
				ended, err = e.record(m, e.at)
			}
			if ended || err != nil {
				return err
			}
		}
	})
}

// spare is how many calls there must be room for when a trace is entered: it inlines so
// many without looking, and may make a residual one.
const spare = recorder.MaxInline + 2

// run enters the code of h on the running frame of m, and puts the interpreter where it
// was left. The program may have ended then.
func (e *Engine) run(m *machine.Machine, h *Header) (ended bool, err error) {
	if m.DepthLeft() < spare {
		return false, nil // the interpreter notices when calls are too deep
	}
	e.stats.Entries++
	h.used = e.generation
	if e.opt.Often {
		e.tell(Entered{h.place()})
	}
	f := h.versions[0].fragment
	frames := m.Frames()
	base := frames[len(frames)-1].Base
	timed := e.g.Time || e.g.Count
	if timed {
		e.meter.Enter(&e.stats.Executing, &e.stats.ObjectsTraces)
	}
	e.running = append(e.running, h)
	rounds := e.exec.Counts().Iterations
	left, values, err := f.Program.Run(m, m.Slots()[base:base+len(f.Trace.Inputs)])
	e.running = e.running[:len(e.running)-1]
	callers := e.givenUp
	e.givenUp = 0
	var x *Exit
	if err == nil {
		x, ended = e.leave(m, left, values, callers)
		e.pays(h, x, left, callers, int(e.exec.Counts().Iterations-rounds))
	}
	if timed {
		e.meter.Leave()
	}
	e.tidy()
	switch {
	case err != nil || ended || x == nil:
		return ended, err
	case x.waits != nil && x.waits.Trace == nil:
		return e.visit(m, x.waits)
	case e.opt.Kit.Count(x):
		return e.bridge(m, x)
	}
	return false, nil
}

// visit counts a visit of a loop header to which compiled code has brought m: the
// interpreter goes on behind the place where it would count.
func (e *Engine) visit(m *machine.Machine, c *machine.Counter) (ended bool, err error) {
	if c.Left--; c.Left > 0 {
		return false, nil
	}
	code, pc := m.Top()
	for n := range code.Loops {
		if &code.Loops[n] == c {
			return e.record(m, place{code, n, pc, c})
		}
	}
	panic("bridges: a trace waits at a header of other code")
}

// tidy forgets operations of fragments that were freed. A run that was suspended in one
// could still come back, until there is none.
func (e *Engine) tidy() {
	if len(e.running) > 0 || len(e.stale) == 0 {
		return
	}
	for _, op := range e.stale {
		delete(e.traceCalls, op)
	}
	e.stale = nil
}

// leave makes the frames of m what they are where a trace was left. It returns the exit,
// if that counts.
func (e *Engine) leave(m *machine.Machine, left *ir.Op, values []uint64, callers int) (x *Exit, ended bool) {
	x = e.exits[left] // nil if it was not left by a guard
	if e.opt.Often {
		defer e.tellLeft(m, x, left, callers) // when the frames are there
	}
	switch {
	case left.Code == ir.Finish:
		below, _ := m.Leave(values[0])
		return nil, below == nil
	case left.Code.IsTraceCall():
		guard := e.traceCalls[left].guard
		e.rebuild(m, guard, values[:len(guard.Exit.Failargs)], callers)
		call := guard.Exit.Resume.(*recorder.TraceCall)
		for _, arg := range values[len(guard.Exit.Failargs):][:call.Args] {
			m.Push(arg)
		}
		m.SetPC(call.PC)
		return nil, false
	}
	e.stats.GuardFailures++
	e.rebuild(m, left, values, callers)
	return x, false
}

// suspended is what executors call for a caller that is given up.
func (e *Engine) suspended(m *machine.Machine, guard *ir.Op, values []uint64) error {
	e.rebuild(m, guard, values, e.givenUp)
	e.givenUp++
	return nil
}

// rebuild puts the frames of an exit in the place of the running frame; or above it, if
// the trace was called by others, which have been given up.
func (e *Engine) rebuild(m *machine.Machine, guard *ir.Op, values []uint64, callers int) {
	var s *machine.Snapshot
	switch resume := guard.Exit.Resume.(type) {
	case *machine.Snapshot:
		s = resume
	case *recorder.TraceCall:
		s = resume.State
	}
	if callers > 0 {
		m.PushFrame(s.Frames[0].Code, 0, 0)
	}
	e.g.Kit.Rebuild(m, s, values)
}

// tell hands an Event on.
func (e *Engine) tell(event Event) {
	if e.opt.Listen != nil {
		e.opt.Listen(event)
	}
}

func (h *Header) place() Place { return Place{h.where, h.number} }
