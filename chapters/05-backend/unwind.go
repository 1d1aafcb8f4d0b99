package backend

import (
	"fmt"
	"slices"
)

// frame is a frame of the stack: of a trace that waits for what it called.
type frame struct {
	site  *Exit
	words []uint64 // of the slots in site.Frame
}

// frames returns the frames on the stack of r, the outermost first. The return address
// on top of each says how large it is.
func (r *run) frames() ([]frame, error) {
	var list []frame
	x, stack := r.program.exec, r.stack()
	for len(stack) > 0 {
		top := len(stack) - 1
		site := x.calls.sites[uintptr(stack[top])]
		if site == nil || len(site.Frame) > top {
			return nil, fmt.Errorf("%w: nobody is called at %#x", ErrFault, stack[top])
		}
		start := top - len(site.Frame)
		list = append(list, frame{site, stack[start:top]})
		stack = stack[:start]
	}
	slices.Reverse(list)
	return list, nil
}

// unwind gives up the callers of the trace that is being left: the interpreter goes on
// where they would have. What is needed stays on the stack until the next run, so that a
// collection finds it while objects are made.
func (r *run) unwind() error {
	frames, err := r.frames()
	if err != nil {
		return err
	}
	x := r.program.exec
	for _, f := range frames {
		r.args = f.values(r.args[:0])
		values, err := x.leaver.Leave(f.site.plan, r.args, r.gaveUp[:0])
		if err != nil {
			return err
		}
		r.gaveUp = values
		if x.opt.Suspended == nil {
			return fmt.Errorf("a trace that waits in %s is given up, but nobody wants to know", f.site.call.Code)
		}
		if err := x.opt.Suspended(r.machine, f.site.Op, values); err != nil {
			return err
		}
	}
	return nil
}

// refuse leaves by a call that can't be done. Who wanted the processor has it now.
func (r *run) refuse(e *Exit) {
	if r.err = r.machine.Stopped(); r.err != nil {
		return
	}
	r.leave(e)
	if r.err == nil {
		r.left, r.values = e.call, append(r.values, r.words(e, r.args[:0])[e.Own:]...)
	}
}

// values appends the words that the exit of f wants.
func (f frame) values(list []uint64) []uint64 {
	for _, l := range f.site.Locs[:f.site.Own] {
		if l.Kind == IsConst {
			list = append(list, f.site.owner.values[l.N].Bits)
			continue
		}
		i := slices.IndexFunc(f.site.Frame, func(k Kept) bool { return k.Slot == l.N })
		list = append(list, f.words[i])
	}
	return list
}
