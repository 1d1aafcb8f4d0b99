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
}

// program implements guards.Program.
type program struct {
	exec       *executor
	allocation *Allocation // what the listing shows
	assembly   *Assembly
	exits      []*Exit
	values     []Info
	region     native.Region
	entry      uintptr
	regs, left []uint64 // memory of the last exit, to be used again
}

// Load implements guards.Executor: it makes machine code of t.
func (x *executor) Load(t *ir.Trace) (guards.Program, error) {
	p, err := x.load(t)
	if err != nil {
		return nil, err // and not a Program that is a nil pointer
	}
	return p, nil
}

func (x *executor) load(t *ir.Trace) (*program, error) {
	watch := stopwatch{time.Now()}
	lowered, err := Lower(t, LowerOptions{Classes: x.heap.Classes(), Count: x.opt.Count, Ask: x.opt.ForceFail != nil})
	watch.lap(&x.counts.Code.Lowering)
	if err != nil {
		return nil, err
	}
	for _, e := range lowered.Exits {
		if e.plan == nil {
			continue
		}
		if err := x.leaver.Check(e.plan); err != nil {
			return nil, err
		}
	}
	a, err := x.kit.Allocate(x.machine, lowered)
	watch.lap(&x.counts.Code.Allocating)
	if err != nil {
		return nil, err
	}
	code, err := x.machine.Emit(a)
	watch.lap(&x.counts.Code.Emitting)
	if err != nil {
		return nil, err
	}
	region, err := x.memory.Add(code.Code)
	watch.lap(&x.counts.Code.Placing)
	if err != nil {
		return nil, err
	}
	x.counts.Code.Bytes += len(code.Code)
	return &program{
		exec: x, allocation: a, assembly: code, exits: lowered.Exits, values: lowered.Values,
		region: region, entry: region.Addr + uintptr(code.Entry),
	}, nil
}

// stopwatch measures what comes one after the other.
type stopwatch struct{ last time.Time }

// lap adds the time since the last lap to sum.
func (w *stopwatch) lap(sum *time.Duration) {
	now := time.Now()
	*sum += now.Sub(w.last)
	w.last = now
}

// Free implements guards.Program.
func (p *program) Free() { p.exec.memory.Free(p.region) }

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
	err := x.memory.Close()
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
		for _, w := range r.context.SlotWords()[:r.program.allocation.Slots] {
			v.Word(w)
		}
	}
}
