package backend

import (
	"errors"
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/05-backend/native"
)

// run is one activation of a program. A residual call may execute guest code, and
// with it other programs, or the same one: hence a context for each activation. It
// is used again when the activation is over.
type run struct {
	program *program
	context *native.Context
	execute func() // method value of loop, made once

	machine *machine.Machine
	left    *ir.Op
	values  []uint64
	args    []uint64 // memory for those of a call
	gaveUp  []uint64 // memory for the values of a caller that is given up
	bottom  uint64   // address of what it has on the stack
	depth   int      // how many frames of the guest program there might be at the start
	err     error
}

// protect is replaced where a test wants the process to end, since only then it is
// known at which instruction.
var protect = native.Protect

// ErrFault is the error of machine code that did what the processor refuses: a
// mistake in a pass, or in this chapter.
var ErrFault = errors.New("the machine code of a trace is wrong")

// Run implements guards.Program: it enters the machine code, and does for it what
// it can't do itself, until it is left for good.
func (p *program) Run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error) {
	x := p.exec
	r, err := x.activate(p, m)
	if err != nil {
		return nil, nil, err
	}
	defer x.deactivate(r)
	for i, w := range inputs {
		r.context.SetSlot(i, w)
	}
	r.depth = m.DepthLeft()
	r.context.SetWord(native.DepthAt, uint64(r.depth))
	r.context.SetWord(native.BudgetAt, pollEvery)
	if err := x.giveStack(x.active - 1); err != nil {
		return nil, nil, err
	}
	if fault := protect(r.execute); fault != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrFault, fault)
	}
	return r.left, r.values, r.err
}

// pollEvery is how many iterations loops may take between two polls where they count.
const pollEvery = 1 << 12

// loop enters the code until it is left, or until there is an error.
func (r *run) loop() {
	if r.program.entry == 0 {
		r.err = errors.New("a bridge can't be run alone")
	}
	for at := r.program.entry; r.err == nil; at = r.context.Resume() {
		exit := r.enter(at)
		if exit == nil {
			r.err = fmt.Errorf("%w: it left by exit %d, which there is not", ErrFault, r.context.Exit())
			return
		}
		switch exit.Kind {
		case ExitGuard, ExitFinish, ExitReturn:
			r.leave(exit)
			return
		case ExitInvoke:
			r.refuse(exit)
			return
		case ExitPoll:
			r.context.SetWord(native.BudgetAt, pollEvery)
		case ExitCall:
			r.call(exit)
		case ExitAlloc:
			r.allocate(exit)
		case ExitAsk:
			r.context.SetResult(answer(r.program.exec.opt.ForceFail(exit.Op)))
		}
		// Not at polls alone: where Go's functions find the runtime's mark first, they
		// take it away. A loop that is hardly ever in machine code may never see it.
		if r.err == nil {
			r.err = r.machine.Stopped()
		}
	}
}

func answer(yes bool) uint64 {
	if yes {
		return 1
	}
	return 0
}

// enter runs machine code from address at on, until it comes back, and returns
// where it did, or nil. The heap's hole belongs to the code meanwhile.
func (r *run) enter(at uintptr) *Exit {
	c, h := r.context, r.program.exec.heap
	cursor, limit := h.Lend()
	c.SetWord(native.CursorAt, cursor)
	c.SetWord(native.LimitAt, limit)
	c.SetWord(native.ObjectsAt, 0)
	native.Enter(at, c.Addr())
	h.Return(c.Word(native.CursorAt), c.Word(native.ObjectsAt))
	// Of the traces that count: all of them, or those that LoadOptions.Count is set for.
	r.program.exec.counts.Iterations += int64(c.Word(native.IterationsAt))
	c.SetWord(native.IterationsAt, 0)
	if exits := r.program.exec.exits; c.Exit() < uint64(len(exits)) {
		return exits[c.Exit()]
	}
	return nil
}

// words appends what is at the places of an exit.
func (r *run) words(e *Exit, list []uint64) []uint64 {
	exitWord, saved, slots := r.program.exec.kit.ExitWord, r.context.SavedWords(), r.context.SlotWords()
	for _, l := range e.Locs {
		list = append(list, exitWord(l, e.owner.values, saved, slots))
	}
	return list
}

// leave does what leaving through a guard or at the end does.
func (r *run) leave(e *Exit) {
	if r.err = r.unwind(); r.err != nil {
		return
	}
	p := r.program
	p.regs = r.words(e, p.regs[:0])
	p.left, r.err = p.exec.leaver.Leave(e.plan, p.regs, p.left[:0])
	r.left, r.values = e.Op, p.left
}

// call does a residual call.
func (r *run) call(e *Exit) {
	r.args = r.words(e, r.args[:0])
	v, err := e.callee.Do(r.machine, r.args, r.below())
	r.context.SetResult(v)
	r.err = err
}

// allocate makes an object for which the hole has no room.
func (r *run) allocate(e *Exit) {
	n := uint64(0)
	if len(e.Values) > 0 {
		n = r.words(e, nil)[0]
	}
	ref := r.program.exec.heap.Make(classOf(e.Op), int64(n))
	if ref == 0 {
		r.err = machine.ErrOutOfMemory
	}
	r.context.SetResult(ref)
}
