package bridges

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
)

// Operands is what a guest may implement: it returns the operands of the instruction at
// which the running frame of m stands, as the guest writes them.
type Operands interface {
	Operands(m *machine.Machine) []string
}

// tellLeft tells how a trace was left, after m has got the frames that the interpreter
// needs.
func (e *Engine) tellLeft(m *machine.Machine, x *Exit, left *ir.Op, callers int) {
	event := Left{Finished: left.Code == ir.Finish, Refused: left.Code.IsTraceCall(), Callers: callers}
	if x != nil {
		event.Place, event.From = x.Fragment.header.place(), x.from()
		event.From.Failures++
		if guest, ok := e.guest.(Operands); ok {
			event.Values = guest.Operands(m)
		}
	}
	e.tell(event)
}

// report adds a fragment to the statistics, and tells of it.
func (e *Engine) report(f *Fragment, p piece) {
	switch f.Kind {
	case KindLoop:
		e.stats.Loops++
		e.stats.Add(p.recorded, p.optimized(f))
	case KindFunction:
		e.stats.Functions++
		e.stats.Add(p.recorded, f.Trace)
	case KindVersion:
		e.stats.Versions++
		e.stats.OpsBridges += len(p.recorded.Ops)
	case KindBridge:
		e.stats.OpsBridges += len(p.recorded.Ops)
	}
	where := p.header.where
	var from *From
	if p.from != nil {
		where, from = p.from.where, p.from.from()
	}
	event := Compiled{Place: Place{where, p.header.number}, Fragment: f.Number, Kind: f.Kind, From: from,
		Goes: endOf(f.Trace), Recorded: len(p.recorded.Ops), Ops: len(f.Trace.Ops), Guards: guardsOf(f.Trace), Bytes: f.bytes,
		Optimize: p.took.optimize, Compile: p.took.compile, Inlined: p.inlined}
	if p.target != nil {
		event.Target = p.target.Name
	}
	if p.shape != nil {
		event.Shape = p.shape.Key()
	}
	e.tell(event)
	e.logFragment(f, p, where)
	if e.g.Compiled != nil {
		e.g.Compiled(guards.Compiled{Number: f.Number, Kind: string(f.Kind), Where: where, Trace: f.Trace, Program: f.Program})
	}
}

// endOf says where a trace goes on in the end.
func endOf(t *ir.Trace) string {
	switch last := t.Ops[len(t.Ops)-1]; {
	case last.Code == ir.Finish:
		return "returns"
	case last.Code == ir.GuardAlwaysFails:
		return "the interpreter"
	case last.Descr != nil:
		return last.Descr.(*ir.Target).Name
	}
	return "its label"
}

// optimized returns what became of all that was recorded.
func (p *piece) optimized(f *Fragment) *ir.Trace {
	if p.whole != nil {
		return p.whole
	}
	return f.Trace
}

// logFragment writes the traces of f to the log: a loop in one piece, as it was
// optimized.
func (e *Engine) logFragment(f *Fragment, p piece, where string) {
	if e.g.Log == nil || f.Kind == KindBody {
		return
	}
	what := fmt.Sprintf("%s at %s", f.Kind, where)
	if x := p.from; x != nil {
		what = fmt.Sprintf("bridge at %s, from guard %d of trace %d", where, x.Number, x.Fragment.Number)
	}
	optimized := p.optimized(f)
	e.logf("# trace %d: %s, %d operations, as recorded\n%s\n# trace %d: %s, as optimized\n%s\n",
		f.Number, what, len(p.recorded.Ops), p.recorded, f.Number, guards.Sizes(optimized), optimized.Body())
}

func (e *Engine) logf(format string, args ...any) {
	if e.g.Log != nil {
		fmt.Fprintf(e.g.Log, format, args...)
	}
}
