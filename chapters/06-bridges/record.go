package bridges

import (
	"errors"
	"fmt"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
)

// Reasons for giving a recording up, beside those of package recorder.
const (
	NotCompiled = guards.NotCompiled
	// Gone: while it was recorded, the code that it starts or ends at was freed.
	Gone recorder.Reason = "its neighbour is gone"
	// Enough: calls in the recording have made what it was for.
	Enough recorder.Reason = "there is enough already"
)

// policy is what recorders ask. An open recording may end where it likes.
func (e *Engine) policy(open bool) recorder.Policy {
	return recorder.Policy{
		Linked:    func(c *machine.Counter) bool { return c.Trace != nil },
		Apart:     e.apart,
		Call:      e.guest.Call,
		Open:      open,
		Watched:   true,
		Symbols:   e.symbols,
		MaxOps:    e.opt.Limits.Ops,
		MaxInline: e.opt.Limits.Inline,
	}
}

// apart decides whether a call of code becomes part of the trace (nil), or is a call of
// code's own trace. frames are those of the trace. A loop has to have a trace of its own;
// and recursion would go on and on.
func (e *Engine) apart(code *machine.Code, frames []machine.Frame) *recorder.Function {
	same := 0
	for _, f := range frames {
		if f.Code == code {
			same++
		}
	}
	if same > 0 {
		e.recursive[code] = true
	}
	if len(code.Loops) == 0 && same <= e.opt.Limits.Recursion && len(frames) <= e.opt.Limits.Inline {
		return nil
	}
	f := e.functions[code]
	if f == nil {
		f = &recorder.Function{Name: code.Name, Code: code}
		e.functions[code] = f
		if h, ok := code.Entry.Trace.(*Header); ok {
			e.publish(f, h)
		}
	}
	return f
}

// publish makes calls of f go to the code of h.
func (e *Engine) publish(f *recorder.Function, h *Header) {
	h.function, f.Target = f, h.versions[0].target
	e.exec.Link(f)
}

// record records a trace from a header on, with the live frames of m, and compiles it. The
// program may end, or fail, meanwhile.
func (e *Engine) record(m *machine.Machine, at place) (ended bool, err error) {
	e.decay()
	at.counter.Left = e.threshold(at.n) // calls in the recording come here, too
	place := Place{Where: e.guest.Position(at.code, at.pc)}
	e.tell(Started{Place: place})
	// A loop has to get back to its header; a function to nothing at all.
	r := recorder.StartWith(m, e.g.Kit.Recorder(), e.guest.Classes(), e.policy(at.n == machine.FunctionEntry), at.counter)
	ended, why, detail, err := e.runRecorder(r)
	if why == "" && at.counter.Trace != nil {
		why, detail = Enough, "a call in it has compiled the header meanwhile"
	}
	if why == "" {
		_, compiled := e.compileHeader(at, place.Where, r)
		if compiled == nil {
			at.counter.Left = 1 // there is something to enter now
			return ended, nil
		}
		if errors.Is(compiled, ir.ErrMalformed) || errors.As(compiled, &noExecutor{}) {
			return ended, compiled // a mistake in a pass, or no memory for code: to go on would hide it
		}
		why, detail = reasonOf(compiled)
	}
	if at.counter.Trace != nil {
		at.counter.Left = 1
	} else {
		at.counter.Aborts++
		at.counter.Left = e.backoff(at.counter.Aborts, e.threshold(at.n))
	}
	e.aborted(Aborted{place, nil, why, detail, len(r.Trace().Ops), at.counter.Left}, at.counter.Aborts)
	return ended, err
}

// threshold returns how many visits make a header hot.
func (e *Engine) threshold(n int) int {
	if n == machine.FunctionEntry {
		return e.opt.Limits.Function
	}
	return e.g.Threshold
}

// runRecorder runs the guest on r, and returns why nothing came of it, or "".
func (e *Engine) runRecorder(r *recorder.Recorder) (ended bool, why recorder.Reason, detail string, err error) {
	ended, err = e.recording(r)
	why, detail = r.Aborted()
	switch {
	case err != nil:
		why, detail = recorder.GuestError, err.Error()
	case why == "" && !r.Closed():
		why, detail = recorder.LeftLoop, "the program ended"
	}
	return ended, why, detail, err
}

// recording runs the guest on r. It may panic: out of memory.
func (e *Engine) recording(r *recorder.Recorder) (ended bool, err error) {
	e.meter.Enter(&e.stats.Recording, &e.stats.ObjectsRecording)
	defer e.meter.Leave()
	return e.guest.Record(r)
}

// failure is an error with a Reason.
type failure struct {
	why    recorder.Reason
	detail string
}

func (f failure) Error() string { return fmt.Sprintf("%s: %s", f.why, f.detail) }

// reasonOf returns why compiling failed.
func reasonOf(err error) (why recorder.Reason, detail string) {
	var f failure
	if errors.As(err, &f) {
		return f.why, f.detail
	}
	return NotCompiled, err.Error()
}

// backoff returns after how many visits or failures the next try comes.
func (e *Engine) backoff(aborts, wait int) int {
	if aborts >= e.opt.Limits.Aborts {
		return guards.Never
	}
	return e.opt.Kit.Backoff(aborts, wait)
}

// aborted notes that nothing came of a recording, for so many times now.
func (e *Engine) aborted(a Aborted, times int) {
	e.stats.Aborts[string(a.Why)]++
	if a.Retry == guards.Never {
		a.Retry = 0
		e.stats.Blacklisted++
	}
	e.tell(a)
	if times > 1 || a.Retry == 0 { // the first time may have been bad luck
		e.tell(Blacklisted{a.Place, a.From, a.Why, times, a.Retry})
	}
	e.logf("# abort at %s: %s, %s\n", a.Where, a.Why, a.Detail)
}

// bridge records a trace from the exit x on, by which compiled code was just left: its
// frames are those of m. Then it compiles the trace, and attaches it.
func (e *Engine) bridge(m *machine.Machine, x *Exit) (ended bool, err error) {
	h := x.Fragment.header
	if x.Fragment.freed || !e.due(x) {
		return false, nil
	}
	place := Place{x.where, h.number}
	s := x.Guard.Exit.Resume.(*machine.Snapshot)
	if x.waits != nil {
		return false, e.link(x)
	}
	e.tell(Started{place, x.from()})
	r := recorder.StartBridge(m, e.g.Kit.Recorder(), e.guest.Classes(), e.policy(true), len(m.Frames())-len(s.Frames),
		func(b *ir.Builder) []*ir.Op { return e.opt.Kit.Recreate(b, x.Guard.Exit) })
	ended, why, detail, err := e.runRecorder(r)
	if why == "" && x.Fragment.freed {
		why, detail = Gone, "the fragment that it starts from was freed"
	}
	if why == "" && (x.closed() || !e.mayBridge(x)) {
		why, detail = Enough, "calls in it have made others meanwhile"
	}
	if why == "" {
		x.Left = e.opt.Limits.Eagerness // calls in the recording may have come by
		compiled := e.compileBridge(x, r.Trace(), r.Reached(), r)
		if compiled == nil || errors.Is(compiled, ir.ErrMalformed) {
			return ended, compiled
		}
		why, detail = reasonOf(compiled)
	}
	e.exitAborted(x, why, detail, len(r.Trace().Ops))
	return ended, err
}

// exitAborted notes that nothing came of a bridge from x on.
func (e *Engine) exitAborted(x *Exit, why recorder.Reason, detail string, recorded int) {
	x.Aborts++
	x.Left = e.backoff(x.Aborts, e.opt.Limits.Eagerness)
	e.aborted(Aborted{Place{x.where, x.Fragment.header.number}, x.from(), why, detail, recorded, x.Left}, x.Aborts)
}

// due reports whether it is time for a bridge at x, and sets after how many failures the
// question comes up again. (Before the recording begins, since calls in that come by x,
// too.)
func (e *Engine) due(x *Exit) bool {
	if !e.mayBridge(x) {
		x.Left = guards.Never
		return false
	}
	x.Left = e.opt.Limits.Eagerness
	return e.affords(x) // if not, it sets how many failures are missing
}

// mayBridge reports whether limits allow x one more bridge, and tells which one does not.
func (e *Engine) mayBridge(x *Exit) bool {
	h := x.Fragment.header
	switch {
	case x.Guard.Code == ir.GuardNotInvalidated:
		return false // it fails since its code is out of date, and goes with it
	case h.bridges >= e.opt.Limits.Bridges:
		if !h.limited {
			h.limited = true
			e.tell(Limited{h.place(), "bridges", e.opt.Limits.Bridges})
		}
		return false
	case len(x.Cases) >= e.opt.Limits.Cases:
		e.tell(Limited{Place{x.where, h.number}, "cases", e.opt.Limits.Cases})
		return false
	}
	return true
}
