package guards

import (
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// A run goes from trace to trace: through bridges, by jumps, by calls. The loop in
// exec.go executes one trace, and comes back where that one is left; this file decides
// where to go on. Traces that have called others are suspended: their registers lie on
// a stack, the outermost first, so that deep recursion of the guest is none of Go's.
//
//	stack    │ registers of main │ of fib │ of fib │ ...
//	active   [0]                 [1]      [2]

// run is one activation of Program.Run. Its memory is used again when it is over.
type run struct {
	exec   *portable
	m      *machine.Machine
	stack  []uint64
	active []activation // the running trace last
	given  int          // so many of them, the outermost, have been given up already
	left   int          // how many guest frames there may be above the one it was entered with
	below  int          // how many frames those of the suspended traces stand for

	moving []uint64 // the arguments of a jump: all are read before one is written
	args   []uint64 // of a call
	values []uint64 // the failargs of a trace that is given up
}

// activation is a trace that was entered, and not left yet.
type activation struct {
	p    *program
	base int // of its registers on the stack
	pc   int // of the call that it waits for
}

// maxStack bounds the words of registers of a run. Calls beyond are refused.
const maxStack = 1 << 20

// start returns a run for m.
func (x *portable) start(m *machine.Machine) *run {
	var r *run
	if n := len(x.idle) - 1; n >= 0 {
		r, x.idle = x.idle[n], x.idle[:n]
	} else {
		r = &run{exec: x}
	}
	r.m, r.left = m, m.DepthLeft()
	x.runs = append(x.runs, r)
	return r
}

// end ends the run that started last.
func (x *portable) end(r *run) {
	r.active, r.given, r.below, r.m = r.active[:0], 0, 0, nil
	x.runs = x.runs[:len(x.runs)-1]
	x.idle = append(x.idle, r)
}

// roots shows the collector the references in the registers of active runs. A
// register that is not used any more keeps an object a little longer.
func (x *portable) roots(v *heap.Visitor) {
	for _, r := range x.runs {
		for i := r.given; i < len(r.active); i++ {
			regs := r.regs(&r.active[i])
			for _, reg := range r.active[i].p.refs {
				v.Ref(regs[reg])
			}
		}
	}
}

// regs returns the registers of a.
func (r *run) regs(a *activation) []uint64 {
	end := a.base + len(a.p.init)
	return r.stack[a.base:end:end]
}

// running returns the running trace.
func (r *run) running() *activation { return &r.active[len(r.active)-1] }

// begin makes the last activation one of p, whose inputs are words. They are no
// memory of the stack.
func (r *run) begin(p *program, words []uint64) {
	if len(words) != p.inputs {
		panic(fmt.Sprintf("a trace with %d inputs runs on %d words", p.inputs, len(words)))
	}
	a := r.running()
	a.p = p
	if need := a.base + len(p.init); need > len(r.stack) {
		r.stack = slices.Grow(r.stack, need-len(r.stack))
		r.stack = r.stack[:cap(r.stack)]
	}
	regs := r.regs(a)
	copy(regs, p.init)
	copy(regs, words)
}

// goOn leaves the running trace for p, whose inputs are in the registers from.
func (r *run) goOn(p *program, from []int32) {
	r.moving = pick(r.regs(r.running()), from, r.moving[:0])
	r.begin(p, r.moving)
}

// execute runs p on inputs, and whatever it leads to. It returns the operation by
// which the last trace was left, and values of it, in the memory of list.
func (r *run) execute(p *program, inputs, list []uint64) (*ir.Op, []uint64, error) {
	r.active = append(r.active, activation{})
	r.begin(p, inputs)
	pc := 0
	for turns := 1; ; turns++ {
		a := r.running()
		at, err := r.exec.loop(r, a.p, r.regs(a), pc)
		if err == nil && turns%stopEvery == 0 {
			err = r.m.Stopped() // the traces may have no jump back
		}
		if err != nil {
			return nil, nil, err
		}
		in := &a.p.code[at]
		pc = 0
		bridge := r.bridge(in)
		switch {
		case bridge != nil:
			r.goOn(bridge, in.exit.leaves)
		case in.code == ir.Jump:
			r.goOn(in.jump.out, in.jump.from)
		case in.code.IsTraceCall():
			if r.refuses(in.call) {
				return r.refused(in, list)
			}
			r.call(in, at)
		case in.code == ir.Finish && len(r.active) > 1:
			if pc, err = r.returns(in); err != nil {
				return nil, nil, err
			}
		default:
			return r.leave(in, list)
		}
	}
}

// bridge returns the bridge that the exit of in goes on in, or nil.
func (r *run) bridge(in *instr) *program {
	if in.exit == nil {
		return nil
	}
	s := in.exit.to
	for s != nil && s.Bridge == nil {
		switch v := r.regs(r.running())[in.a]; {
		case v < s.Value:
			s = s.Below
		case v > s.Value:
			s = s.Above
		default:
			p, _ := s.Equal.(*program)
			return p
		}
	}
	if s == nil {
		return nil
	}
	return s.Bridge.(*program)
}

// refuses reports whether c can't be done. The depth has to be enough for what a trace
// does without looking: it inlines calls, and makes one besides.
func (r *run) refuses(c *call) bool {
	t := c.fn.Target
	return t == nil || r.left-r.below-c.depth < recorder.MaxInline+2 || r.running().base >= maxStack
}

// call suspends the running trace in its call at pc, and enters the one that it calls.
func (r *run) call(in *instr, pc int) {
	a := r.running()
	a.pc = pc
	regs := r.regs(a)
	r.args = pick(regs, in.call.args, r.args[:0])
	r.below += in.call.depth
	r.active = append(r.active, activation{base: a.base + len(regs)})
	r.begin(in.call.fn.Target.Entry.(*program), r.args)
}

// returns ends the running trace by finish, and goes on behind the call that it was
// entered by.
func (r *run) returns(in *instr) (pc int, err error) {
	n := len(r.active) - 1
	r.values, err = r.exec.leaver.Leave(in.exit.Exit, r.regs(&r.active[n]), r.values)
	if err != nil {
		return 0, err
	}
	r.active = r.active[:n]
	caller := r.running()
	call := &caller.p.code[caller.pc]
	r.below -= call.call.depth
	if len(r.values) > 0 {
		r.regs(caller)[call.dst] = r.values[0]
	}
	return caller.pc + 1, nil
}

// leave leaves the running trace through in, after all those that have called.
func (r *run) leave(in *instr, list []uint64) (*ir.Op, []uint64, error) {
	if err := r.giveUp(); err != nil {
		return nil, nil, err
	}
	list, err := r.exec.leaver.Leave(in.exit.Exit, r.regs(r.running()), list)
	return in.exit.Op, list, err
}

// refused leaves the running trace by the call in, which can't be done. The values are
// those of the state behind the call, then the call's arguments.
func (r *run) refused(in *instr, list []uint64) (*ir.Op, []uint64, error) {
	_, list, err := r.leave(in, list)
	if err != nil {
		return nil, nil, err
	}
	return in.call.op, pick(r.regs(r.running()), in.call.args, list), nil
}

// giveUp gives up the suspended traces, the outermost first: the frames of the
// interpreter come to lie upon one another. Those that are still to come stay roots.
func (r *run) giveUp() (err error) {
	for r.given < len(r.active)-1 {
		a := &r.active[r.given]
		guard := a.p.code[a.pc].exit.Exit
		r.values, err = r.exec.leaver.Leave(guard, r.regs(a), r.values)
		if err == nil {
			err = r.exec.suspended(r.m, guard.Op, r.values)
		}
		if err != nil {
			return err
		}
		r.given++
	}
	return nil
}
