package bridges

import (
	"errors"
	"slices"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/05-backend/native"
)

// codeFull is why a header makes room for others.
const codeFull = "code memory is full"

// free gives up the code of h, and all that leads there: bridges of other headers that
// jump to it are taken off their exits, and other headers whose own way goes there are
// freed as well. h starts to count again.
func (e *Engine) free(h *Header, why string) {
	if h.freed {
		return
	}
	h.freed = true
	h.counter.Trace = nil
	h.counter.Left = e.threshold(h.n)
	if why == codeFull { // or they would push each other out again and again
		e.evicted[h.counter]++
		h.counter.Left = e.opt.Kit.Backoff(e.evicted[h.counter], e.threshold(h.n))
	}
	if h.function != nil {
		h.function.Target = nil
		e.exec.Link(h.function)
	}
	e.headers = slices.DeleteFunc(e.headers, func(other *Header) bool { return other == h })
	for _, other := range slices.Clone(e.headers) {
		e.cut(other, h, why)
	}
	event := Freed{Place: h.place(), Why: why, Fragments: len(h.fragments)}
	for _, f := range h.fragments {
		event.Bytes += f.bytes
	}
	e.drop(h)
	e.stats.Freed++
	e.tell(event)
}

// cut takes from other what leads to the header gone.
func (e *Engine) cut(other, gone *Header, why string) {
	for _, f := range slices.Clone(other.fragments) {
		if f.freed || f.goes != gone {
			continue
		}
		if f.From == nil {
			e.free(other, why)
			return
		}
		e.detach(f)
	}
}

// detach takes a bridge off its exit, and frees it with all bridges that start in it.
func (e *Engine) detach(f *Fragment) {
	x := f.From
	x.Cases = slices.DeleteFunc(x.Cases, func(c Case) bool { return c.Bridge == f.Program })
	if !x.Fragment.freed {
		e.reattach(x)
	}
	if x.Left = e.opt.Limits.Eagerness; x.waits != nil {
		x.Left = 1
	}
	f.header.bridges--
	for _, child := range slices.Clone(f.header.fragments) {
		if child.From != nil && child.From.Fragment == f {
			e.detach(child)
		}
	}
	e.unload(f)
}

// reattach makes x go on in the bridges that it still has. To choose among them takes
// code, for which there may be no memory but that of the code which chose before. So only
// the system can refuse, and then the exit is where the process ends.
func (e *Engine) reattach(x *Exit) {
	var to *guards.Switch
	if len(x.Cases) > 0 {
		to = e.opt.Kit.Switch(x.Cases)
	}
	attach := x.Fragment.Program.Attach
	err := attach(x.Guard, to)
	if errors.Is(err, native.ErrFull) {
		if err = attach(x.Guard, nil); err == nil {
			err = attach(x.Guard, to)
		}
	}
	if err != nil {
		panic("bridges: a bridge can't be taken off its exit: " + err.Error())
	}
}

// unload frees a fragment to which nothing leads. Runs that are suspended in it leave at
// the next guard_not_invalidated: nobody would tell them of what changes from now on.
func (e *Engine) unload(f *Fragment) {
	if f.freed {
		return
	}
	f.freed = true
	if len(e.running) > 0 {
		if err := f.Program.Invalidate(); err != nil {
			panic("bridges: code that is out of date can't be stopped: " + err.Error())
		}
	}
	h := f.header
	h.fragments = slices.DeleteFunc(h.fragments, func(other *Fragment) bool { return other == f })
	for _, op := range f.Trace.Ops {
		if op.Exit != nil {
			delete(e.exits, op)
		}
		if op.Code.IsTraceCall() {
			e.stale = append(e.stale, op)
		}
	}
	f.Program.Free()
}

// drop frees all fragments of a header to which nothing leads.
func (e *Engine) drop(h *Header) {
	for cell := range h.cells {
		cell.Forget(h.dependent(e))
	}
	for _, f := range slices.Clone(h.fragments) {
		e.unload(f)
	}
}

// watch notes that the code of h depends on cells.
func (e *Engine) watch(h *Header, cells []*machine.Cell) {
	for _, c := range cells {
		if !h.cells[c] {
			h.cells[c] = true
			c.Watch(h.dependent(e))
		}
	}
}

// dependent is a Header as a machine.Dependent.
type dependent struct {
	engine *Engine
	header *Header
}

func (h *Header) dependent(e *Engine) dependent { return dependent{e, h} }

// Invalidate implements machine.Dependent: the code of the header is wrong from now on.
// Runs of it that are suspended leave at the next guard_not_invalidated.
func (d dependent) Invalidate(c *machine.Cell) {
	d.engine.stats.Invalidated++
	d.engine.free(d.header, c.Name+" was redefined")
}

// freeOldest frees the header that was not entered for the longest time, to make room for
// p. It returns false if there is none; or if a run is suspended, since executors keep
// what is freed until there is none.
func (e *Engine) freeOldest(p piece) bool {
	if len(e.running) > 0 {
		return false
	}
	var oldest *Header
	for _, h := range e.headers {
		if h != p.header && h != p.goes && (p.from == nil || h != p.from.Fragment.header) && (oldest == nil || h.used < oldest.used) {
			oldest = h
		}
	}
	if oldest == nil {
		return false
	}
	e.free(oldest, codeFull)
	return p.gone() == nil
}

// age frees headers that nobody has entered for a long time, neither from the
// interpreter nor from the code of a header that is still in use.
func (e *Engine) age() {
	alive := map[*Header]bool{}
	var visit func(h *Header)
	visit = func(h *Header) {
		if h == nil || alive[h] {
			return
		}
		alive[h] = true
		for _, f := range h.fragments {
			visit(f.goes)
			for _, callee := range f.calls {
				if h, ok := callee.Code.Entry.Trace.(*Header); ok {
					visit(h)
				}
			}
		}
	}
	for _, h := range e.headers {
		if e.generation-h.used <= e.opt.Limits.Age {
			visit(h)
		}
	}
	for _, h := range e.running { // for so long perhaps that it was entered ages ago
		visit(h)
	}
	for _, h := range slices.Clone(e.headers) {
		if !alive[h] {
			e.free(h, "not run any more")
		}
	}
}

// decay lets headers forget a part of their visits whenever the collector has run: what
// is visited now and then for hours is not hot.
func (e *Engine) decay() {
	n := e.heap.Stats().Collections
	if n == e.collections {
		return
	}
	e.collections = n
	for _, code := range e.codes {
		for i := range code.Loops {
			e.forget(&code.Loops[i], e.g.Threshold)
		}
		e.forget(&code.Entry, e.opt.Limits.Function)
	}
}

// forget takes a quarter of the visits from a counter.
func (e *Engine) forget(c *machine.Counter, threshold int) {
	if c.Trace == nil && c.Aborts == 0 && c.Left < threshold {
		c.Left += (threshold - c.Left) / 4
	}
}

var _ guards.Runner = (*Engine)(nil)
var _ machine.Dependent = dependent{}
