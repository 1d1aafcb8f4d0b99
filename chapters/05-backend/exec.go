package backend

import (
	"errors"
	"time"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/05-backend/native"
	"metatrace/internal/heap"
)

// DefaultCodeLimit is how many bytes of machine code an executor may hold.
const DefaultCodeLimit = 64 << 20

// Native returns what guards.Options.Executor wants: an executor that makes machine
// code for the processor that this program runs on. Where it can't, Available says
// why, and so does its error.
func (k *Kit) Native(codeLimit int) func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
	return k.NativeIn(func() (*native.Memory, error) { return native.New(codeLimit) })
}

// NativeIn does as Native, with the code in what newMemory returns.
func (k *Kit) NativeIn(newMemory func() (*native.Memory, error)) func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
	return func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
		host, err := k.Host()
		if err != nil {
			return nil, err
		}
		memory, err := newMemory()
		if err != nil {
			return nil, err
		}
		x := &executor{kit: k, machine: host, memory: memory, heap: h, opt: opt,
			leaver: guards.NewLeaver(h, opt.Materialize)}
		x.remove = h.AddRoots(x.roots)
		return x, nil
	}
}

// Available returns nil if this program can run machine code that it makes, and
// else why not.
func Available() error { return native.Supported() }

// executor implements guards.Executor.
type executor struct {
	kit     *Kit
	machine Machine
	memory  *native.Memory
	heap    *heap.Heap
	opt     guards.Options
	leaver  *guards.Leaver
	remove  func() // ends its part in collections

	runs   []*run // those that are active, then others from before
	active int
	counts guards.Counts

	exits  []*Exit    // of all programs, by ID; nil where there is none
	unused []int      // IDs
	slots  int        // spill slots that a program uses, at most
	freed  []*program // whose code goes when no run is active any more
	calls  calls      // of traces by traces
}

// program implements guards.Program.
type program struct {
	exec       *executor
	allocation *Allocation // what the listing shows
	assembly   *Assembly
	values     []Info
	vals       []Value // by ID of an operation of the trace
	region     native.Region
	entry      uintptr // for Go; 0: of a bridge
	start      *Start  // for other traces
	bridge     bool
	count      bool                    // iterations
	returns    bool                    // finish returns to who called the trace
	switches   map[*Exit]native.Region // code that chooses among bridges
	regs, left []uint64                // memory of the last exit, to be used again
}

// Load implements guards.Executor: it makes machine code of t.
func (x *executor) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	p := &program{exec: x, start: &Start{}, bridge: opt.From != nil, returns: opt.Returns}
	p.start.code = p
	places, err := x.arrivals(t, opt)
	p.count = opt.Count || x.opt.Count
	if err == nil && opt.Returns {
		err = x.startCalls()
	}
	if err != nil {
		return nil, err
	}
	if target := opt.Target; target != nil { // the trace may jump to itself
		before := *target
		p.aim(target, t, places)
		if err = p.load(t, places, true); err != nil {
			*target = before
		}
	} else {
		err = p.load(t, places, false)
	}
	if err != nil {
		return nil, err // and not a Program that is a nil pointer
	}
	return p, nil
}

// load makes machine code of t, whose inputs arrive at places. loads says that Go enters
// it, too.
func (p *program) load(t *ir.Trace, places []Arrival, loads bool) error {
	x, watch := p.exec, stopwatch{time.Now()}
	lowered, vals, err := lowerTrace(t, LowerOptions{
		Classes: x.heap.Classes(), Count: p.count, Ask: x.opt.ForceFail != nil, Places: places, Loads: loads,
		Returns: p.returns, Callee: x.callee,
	})
	watch.lap(&x.counts.Code.Lowering)
	if err != nil {
		return err
	}
	for _, e := range lowered.Exits {
		if e.plan == nil {
			continue
		}
		if err := x.leaver.Check(e.plan); err != nil {
			return err
		}
	}
	p.allocation, err = x.kit.Allocate(x.machine, lowered)
	watch.lap(&x.counts.Code.Allocating)
	if err != nil {
		return err
	}
	p.values, p.vals = lowered.Values, vals
	p.number()
	p.assembly, err = x.machine.Emit(p.allocation)
	watch.lap(&x.counts.Code.Emitting)
	if err == nil {
		p.region, err = x.place(p.assembly, p.start)
		watch.lap(&x.counts.Code.Placing)
	}
	if err != nil {
		p.unnumber()
		return err
	}
	x.slots = max(x.slots, p.allocation.Slots)
	x.connect(p)
	if !p.bridge {
		p.entry = p.region.Addr + uintptr(p.assembly.Entry)
	}
	return nil
}

// stopwatch measures what comes one after the other.
type stopwatch struct{ last time.Time }

// lap adds the time since the last lap to sum.
func (w *stopwatch) lap(sum *time.Duration) {
	now := time.Now()
	*sum += now.Sub(w.last)
	w.last = now
}

// Counts implements guards.Executor.
func (x *executor) Counts() guards.Counts {
	c := x.counts
	c.Objects = x.leaver.Objects()
	return c
}

// Close implements guards.Executor.
func (x *executor) Close() error {
	x.remove()
	x.leaver.Close()
	err := errors.Join(x.memory.Close(), x.closeCalls())
	for _, r := range x.runs {
		err = errors.Join(err, r.context.Close())
	}
	x.runs = nil
	return err
}

// activate begins a run of p.
func (x *executor) activate(p *program, m *machine.Machine) (*run, error) {
	if x.active == len(x.runs) {
		c, err := native.NewContext()
		if err != nil {
			return nil, err
		}
		r := &run{context: c}
		r.execute = r.loop
		x.runs = append(x.runs, r)
	}
	r := x.runs[x.active]
	x.active++
	r.program, r.machine = p, m
	return r, nil
}

func (x *executor) deactivate(r *run) {
	x.active--
	if x.active == 0 {
		x.collect()
	}
	r.program, r.machine, r.left, r.values, r.err = nil, nil, nil, nil, nil
}

// roots shows the collector what active runs have left in their contexts. Of a
// word there nobody knows whether it is a reference, or was one (package heap is
// prepared for that).
func (x *executor) roots(v *heap.Visitor) {
	for _, r := range x.runs[:x.active] {
		for _, w := range r.context.SavedWords() {
			v.Word(w)
		}
		for _, w := range r.stack() {
			v.Word(w)
		}
		for _, w := range r.context.SlotWords()[:x.slots] { // it may be in any program

			v.Word(w)
		}
	}
}
