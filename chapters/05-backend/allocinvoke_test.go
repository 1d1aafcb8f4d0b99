package backend_test

import (
	"fmt"
	"slices"

	backend "metatrace/chapters/05-backend"
)

// invoke returns a call of another trace.
func (g *allocGenerator) invoke() backend.Inst {
	x := g.exit(backend.ExitInvoke)
	x.Own = len(x.Values)
	if g.IntN(2) == 0 {
		x.Then = g.exit(backend.ExitPoll)
		x.Then.Values = nil
	}
	in := backend.Inst{Code: backend.Invoke, Exit: x}
	for range g.IntN(10) {
		in.List = append(in.List, g.pick(g.class()))
	}
	x.Values = append(x.Values, in.List...)
	in.To = &backend.Start{Inputs: g.places(in.List)}
	return in
}

// invoke executes a call of another trace, which destroys everything.
func (c *allocChecker) invoke(s *backend.Step) {
	x, in := s.Inst.Exit, s.Inst
	words := map[backend.Loc][]backend.Value{}
	for _, kept := range x.Frame {
		words[slotAt(int(kept.Slot))] = slices.Clone(c.contents[kept.From])
	}
	for i, v := range x.Values[:x.Own] {
		at := x.Locs[i]
		if at.Kind != backend.IsConst && !slices.Contains(words[at], v) {
			c.failf("exit %d: %v for value %d, but on the stack is %v", x.Number, at, v, words[at])
		}
	}
	for _, m := range s.Inside {
		c.move(m)
	}
	for i, v := range in.List {
		c.expect(fmt.Sprintf("argument %d", i), in.To.Inputs[i], v)
	}
	clear(c.contents)
	for _, kept := range x.Frame[:x.Back] {
		at := slotAt(int(kept.Slot))
		c.contents[at] = words[at]
	}
}
