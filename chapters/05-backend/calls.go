package backend

import (
	"errors"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/chapters/05-backend/native"
)

// calls is what an executor has for traces that call each other (lowercall.go).
type calls struct {
	words native.Table                   // for the cells
	cells map[*recorder.Function]uintptr // the word that has the address of the code, or 0
	sites map[uintptr]*Exit              // by the return address of an Invoke
	stack *native.Stack
	halt  native.Region // the code at the bottom of the stack of each run
}

// callee is LowerOptions.Callee.
func (x *executor) callee(f *recorder.Function, args []*ir.Op) (cell uintptr, places []Arrival, err error) {
	if err := x.startCalls(); err != nil {
		return 0, nil, err
	}
	cell, ok := x.calls.cells[f]
	if !ok {
		if cell, err = x.calls.words.Add(); err != nil {
			return 0, nil, err
		}
		if x.calls.cells == nil {
			x.calls.cells = map[*recorder.Function]uintptr{}
		}
		x.calls.cells[f] = cell
		x.Link(f)
	}
	return cell, x.byConvention(args), nil
}

// Link implements guards.Executor.
func (x *executor) Link(f *recorder.Function) {
	cell, ok := x.calls.cells[f]
	if !ok {
		return // nobody calls it
	}
	code := uint64(0)
	if f.Target != nil {
		if start, ok := f.Target.Entry.(*Start); ok {
			code = uint64(start.Addr)
		}
	}
	x.calls.words.Set(cell, code)
}

// connect notes where the calls of p come back to.
func (x *executor) connect(p *program) {
	for i, at := range p.assembly.Returns {
		if at == 0 {
			continue
		}
		if x.calls.sites == nil {
			x.calls.sites = map[uintptr]*Exit{}
		}
		x.calls.sites[p.region.Addr+uintptr(at)] = p.allocation.Exits[i]
	}
}

// disconnect forgets it.
func (x *executor) disconnect(p *program) {
	for _, at := range p.assembly.Returns {
		if at != 0 {
			delete(x.calls.sites, p.region.Addr+uintptr(at))
		}
	}
}

// The stack of an executor, in bytes. While StackAt of a run is not in the reserve, there
// is room for a frame, which is smaller than a context, and for the bottoms of all runs
// that are inside.
const (
	stackSize    = 1 << 20
	stackReserve = 1 << 17
)

// startCalls makes what is needed for traces that call or are called: the stack, which
// the active runs share, and the code at the bottom of it.
func (x *executor) startCalls() error {
	if x.calls.stack != nil {
		return nil
	}
	halt := &Inst{Code: Halt, Dst: None, Args: [3]Value{None, None, None}}
	code, err := x.machine.Emit(&Allocation{Lowered: &Lowered{Label: -1}, Steps: []Step{{Inst: halt}}})
	if err != nil {
		return err
	}
	if x.calls.halt, err = x.memory.Add(code.Code); err != nil {
		return err
	}
	if x.calls.stack, err = native.NewStack(stackSize); err != nil {
		return errors.Join(err, x.memory.Free(x.calls.halt))
	}
	for i := range x.active { // bridges can still be attached where they are
		if err := x.giveStack(i); err != nil {
			return err
		}
	}
	return nil
}

// giveStack gives run i its part of the stack: above those of the runs that it is inside
// of.
func (x *executor) giveStack(i int) error {
	r := x.runs[i]
	if x.calls.stack == nil {
		return nil
	}
	start, end := x.calls.stack.Bounds()
	if i > 0 {
		start = x.runs[i-1].context.Word(native.StackAt)
	}
	if start == end {
		return errors.New("runs are nested too deep")
	}
	r.bottom = start + 8
	x.calls.stack.Words(start, r.bottom)[0] = uint64(x.calls.halt.Addr)
	r.context.SetWord(native.StackAt, r.bottom)
	r.context.SetWord(native.RoomAt, end-stackReserve)
	return nil
}

// stack returns what r has on the stack.
func (r *run) stack() []uint64 {
	stack := r.program.exec.calls.stack
	if stack == nil {
		return nil
	}
	return stack.Words(r.bottom, r.context.Word(native.StackAt))
}

// below returns how many frames of the guest program wait on the stack.
func (r *run) below() int { return r.depth - int(r.context.Word(native.DepthAt)) }

// closeCalls gives the memory back.
func (x *executor) closeCalls() error {
	err := x.calls.words.Close()
	if x.calls.stack != nil {
		err = errors.Join(err, x.calls.stack.Close())
	}
	return err
}
