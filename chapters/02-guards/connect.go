package guards

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
)

// way is how a trace is left by one operation: by the exit, or for a bridge.
type way struct {
	*Exit
	leaves []int32 // the registers of the inputs that a bridge has
	to     *Switch // the bridges; nil: none
}

// checkBridge returns an error if t can't be a bridge from there.
func (x *portable) checkBridge(t *ir.Trace, from *ExitOf) error {
	p, ok := from.Program.(*program)
	if !ok || p.exec != x {
		return errors.New("the bridge starts in a program of another executor")
	}
	if _, err := p.way(from.Guard); err != nil {
		return err
	}
	leaves := from.Guard.Leaves()
	if len(t.Inputs) != len(leaves) {
		return fmt.Errorf("the bridge has %d inputs, expected %d as %s needs", len(t.Inputs), len(leaves), from.Guard.Code)
	}
	for i, in := range t.Inputs {
		if in.Type != leaves[i].Type {
			return fmt.Errorf("input %d of the bridge has another type than what %s needs", i, from.Guard.Code)
		}
	}
	return nil
}

// way returns how p is left by op, which may lead to a bridge.
func (p *program) way(op *ir.Op) (*way, error) {
	n := slices.IndexFunc(p.exits, func(w *way) bool { return w.Op == op })
	if n < 0 {
		return nil, fmt.Errorf("%s is no exit of the program", op.Code)
	}
	if op.Code == ir.GuardNotForced {
		return nil, fmt.Errorf("no bridge starts at %s: its caller has gone on", op.Code)
	}
	return p.exits[n], nil
}

// Attach implements Program.
func (p *program) Attach(guard *ir.Op, to *Switch) error {
	w, err := p.way(guard)
	if err == nil {
		err = p.checkSwitch(guard, to)
	}
	if err == nil {
		w.to = to
	}
	return err
}

// checkSwitch returns an error if guard can't go on where s says.
func (p *program) checkSwitch(guard *ir.Op, s *Switch) error {
	if s == nil {
		return nil
	}
	to := s.Bridge
	if to == nil {
		if guard.Code != ir.GuardValue {
			return fmt.Errorf("%s has no values to choose a bridge by", guard.Code)
		}
		if to = s.Equal; to == nil {
			return errors.New("a Switch says nothing of its value")
		}
	}
	if q, ok := to.(*program); !ok || q.from != (ExitOf{p, guard}) {
		return fmt.Errorf("what is attached to %s was not loaded for it", guard.Code)
	}
	if s.Bridge != nil {
		return nil
	}
	if err := p.checkSwitch(guard, s.Below); err != nil {
		return err
	}
	return p.checkSwitch(guard, s.Above)
}

// Invalidate implements Program.
func (p *program) Invalidate() error {
	p.invalid = true
	return nil
}

// Free implements Program: Go's collector frees all there is.
func (p *program) Free() {}

// Link implements Executor: the Target is looked at in each call.
func (x *portable) Link(f *recorder.Function) {}

// jumpOut decodes a jump to the start of a loaded trace.
func (d *decoder) jumpOut(args []*ir.Op, to *ir.Target) *jump {
	j := &jump{from: d.regs(args)}
	if to == d.own {
		j.out = d.p
	} else if j.out, _ = to.Entry.(*program); j.out == nil {
		d.err = fmt.Errorf("the trace jumps to %s, which is not loaded", to)
		return j
	}
	if len(args) != j.out.inputs {
		d.err = fmt.Errorf("jump has %d arguments, expected %d", len(args), j.out.inputs)
	}
	return j
}

// traceCall decodes a call of a compiled function.
func (d *decoder) traceCall(op *ir.Op) *call {
	fn, ok := op.Args[0].Name.Func.(*recorder.Function)
	if !ok {
		d.err = fmt.Errorf("the executor can't call %s", op.Args[0].Name.Name)
	}
	return &call{args: d.regs(op.Args[1:]), fn: fn, op: op}
}

// notForced makes guard_not_forced part of the call before it.
func (d *decoder) notForced(guard *ir.Op) {
	if !d.waits() {
		d.err = fmt.Errorf("no call stands before %s", guard.Code)
		return
	}
	in := &d.p.code[len(d.p.code)-1]
	in.exit = d.exit(guard)
	state, ok := guard.Exit.Resume.(*recorder.TraceCall)
	if !ok {
		d.err = fmt.Errorf("%s does not say what state it goes back to", guard.Code)
		return
	}
	in.call.depth = len(state.State.Frames)
}

// waits reports whether the last instruction still wants its guard_not_forced.
func (d *decoder) waits() bool {
	n := len(d.p.code)
	return n > 0 && d.p.code[n-1].code.IsTraceCall() && d.p.code[n-1].exit == nil
}
