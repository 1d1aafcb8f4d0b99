package bridges

import (
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
)

// compileVersion compiles the template of a header for a shape.
func (e *Engine) compileVersion(p piece, s *Shape) (*version, error) {
	h := p.header
	v := &version{shape: s, target: &ir.Target{Name: h.name()}}
	if len(h.versions) > 0 {
		v.target.Name = fmt.Sprintf("%s.%d", h.name(), len(h.versions)+1)
		p.recorded, p.kind, p.shape = e.opt.Kit.Version(h.template, s), KindVersion, s
	}
	h.versions = append(h.versions, v)
	p.target, p.version = v.target, v
	optimized, err := e.optimizeJump(&p, h.next, nil)
	if err == nil && !h.share(v, optimized) {
		v.fragment, err = e.load(p, optimized)
	}
	if err != nil {
		// Others may have been made meanwhile.
		h.versions = slices.DeleteFunc(h.versions, func(other *version) bool { return other == v })
		return nil, err
	}
	return v, nil
}

// choose returns the version of h that fits a state best, and with what to enter it: one
// for which nothing has to be allocated, or else a new one, or else the one that takes
// all. own is the version that the trace itself becomes, or nil.
func (e *Engine) choose(h *Header, own *version, s *State) (*ir.Target, []*ir.Op) {
	best, args, forced := e.fitting(h, own, s)
	if forced > 0 {
		if v := e.versionFor(h, s); v != nil {
			if in, ok := e.opt.Kit.Fits(v.shape, s); ok {
				best, args = v, in
			}
		}
	}
	return best.target, best.enter(args)
}

// fitting returns, of the versions of h that fit a state, the one for which the fewest
// virtual objects have to be allocated, what its inputs take, and how many objects that
// are. There always is one: the generic version takes all states.
func (e *Engine) fitting(h *Header, own *version, s *State) (best *version, inputs []*ir.Op, forced int) {
	for _, v := range h.versions {
		if v.fragment == nil && v != own {
			continue // it is being compiled
		}
		in, ok := e.opt.Kit.Fits(v.shape, s)
		if n := allocated(v.shape, s); ok && (best == nil || n < forced) {
			best, inputs, forced = v, in, n
		}
	}
	return best, inputs, forced
}

// versionFor makes a version of h for a state. It returns nil if there is none to be had:
// those that there are have to do.
func (e *Engine) versionFor(h *Header, s *State) *version {
	if len(h.versions) >= e.opt.Limits.Versions {
		e.tell(Limited{h.place(), "versions", e.opt.Limits.Versions})
		return nil
	}
	shape := ShapeOf(s)
	if h.making(shape) {
		return nil // or each would want the other before it is made
	}
	v, err := e.compileVersion(piece{header: h}, shape)
	if err != nil {
		return nil // to allocate a few objects is no reason to go without the trace
	}
	return v
}

// making reports whether a version of h for this shape is being compiled.
func (h *Header) making(s *Shape) bool {
	return slices.ContainsFunc(h.versions, func(v *version) bool { return v.fragment == nil && v.shape.Key() == s.Key() })
}

// allocated returns how many virtual objects a state has where a shape wants real ones.
func allocated(shape *Shape, s *State) (n int) {
	for i, v := range s.Described {
		if v.Code == ir.OpVirtual && shape.Slots[i].Code != ir.OpVirtual {
			n++
		}
	}
	return n
}
