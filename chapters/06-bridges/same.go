package bridges

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// A version of a loop does one iteration that knows only what its Shape says, and then
// goes on in the loop's body, which knows in addition what the iteration before has
// established. Often that is nothing that matters: then the two are the same operations,
// and whoever has a state for the version may enter the body at once.

// sameAsBody reports whether version, which ends in a jump to body, does exactly what one
// round of body does. args are what body is to be entered with: for each of its inputs,
// an input of version or a constant. facts are what version knows at the exits of body.
func sameAsBody(body, version *ir.Trace) (args []*ir.Op, facts map[*ir.Op][]ir.Fact, ok bool) {
	label, last := body.Ops[0], len(body.Ops)-1
	if label.Code != ir.Label || len(version.Ops) != last {
		return nil, nil, false
	}
	m := matching{of: make([]*ir.Op, body.NumIDs())}
	round, jump := body.Ops[1:last], version.Ops[last-1]
	for i, op := range round {
		if !m.op(op, version.Ops[i]) {
			return nil, nil, false
		}
	}
	// What the jump of version passes is what the next round of body begins with.
	next := slices.Concat(body.Ops[last].Args, body.Inputs[len(label.Args):])
	if !m.list(next, jump.Args) {
		return nil, nil, false
	}
	changing := len(label.Args)
	for i := range body.Inputs {
		v := m.of[i]
		switch {
		case v == nil || !v.IsConst() && v.Code != ir.OpInput:
			return nil, nil, false
		case i < changing && v.IsConst() || slices.Contains(args[:min(i, changing)], v):
			return nil, nil, false // what version makes of that is not true of the next round
		}
		args = append(args, v)
	}
	facts = map[*ir.Op][]ir.Fact{}
	for i, op := range round {
		if op.Exit != nil {
			facts[op] = m.facts(op.Exit.Leaves(), version.Ops[i].Exit.Facts)
		}
	}
	return args, facts, true
}

// matching says which values of one trace are those of another one, by ID.
type matching struct {
	of      []*ir.Op
	virtual map[*ir.Op]*ir.Op // of the exit that is being compared
	taken   map[*ir.Op]bool   // objects of the other exit: one must not stand for two
}

func (m *matching) op(a, b *ir.Op) bool {
	if a.Code != b.Code || a.Descr != b.Descr || !m.list(a.Args, b.Args) || (a.Exit == nil) != (b.Exit == nil) {
		return false
	}
	m.of[a.ID] = b
	if a.Exit == nil {
		return true
	}
	x, y := a.Exit, b.Exit
	m.virtual, m.taken = nil, nil
	if x.Resume != y.Resume || len(x.Pending) != len(y.Pending) || !m.list(x.Failargs, y.Failargs) {
		return false
	}
	for i, store := range x.Pending {
		if other := y.Pending[i]; store.Code != other.Code || store.Descr != other.Descr || !m.list(store.Args, other.Args) {
			return false
		}
	}
	return true
}

// facts returns what is known of leaves, values of the first trace, if list is known of
// those of the second one. (Contents of objects are left out.)
func (m *matching) facts(leaves []*ir.Op, list []ir.Fact) (known []ir.Fact) {
	for _, f := range list {
		f.Contents = nil
		for _, leaf := range leaves {
			if m.of[leaf.ID] == f.Value {
				f.Value = leaf
				known = append(known, f)
				break
			}
		}
	}
	return known
}

func (m *matching) list(a, b []*ir.Op) bool {
	return slices.EqualFunc(a, b, m.value)
}

// value reports whether a is b. An input of the first trace is what it is compared with
// first.
func (m *matching) value(a, b *ir.Op) bool {
	switch {
	case a.IsConst():
		return ir.SameConst(a, b) || a.Code == ir.OpConstClass && b.Code == ir.OpConstClass && sameSymbol(a.Name, b.Name)
	case a.Code == ir.OpVirtual:
		return m.object(a, b)
	case m.of[a.ID] != nil:
		return ir.Same(m.of[a.ID], b)
	case a.Code != ir.OpInput || a.Type != b.Type || b.Code == ir.OpVirtual:
		return false
	}
	m.of[a.ID] = b
	return true
}

// sameSymbol reports whether two names are of one class, or of one function.
func sameSymbol(a, b *ir.Symbol) bool {
	return a.Name == b.Name && a.Class == b.Class && a.Func == b.Func
}

func (m *matching) object(a, b *ir.Op) bool {
	if known := m.virtual[a]; known != nil {
		return known == b
	}
	if b.Code != ir.OpVirtual || a.Descr != b.Descr || m.taken[b] {
		return false
	}
	if m.virtual == nil {
		m.virtual, m.taken = map[*ir.Op]*ir.Op{}, map[*ir.Op]bool{}
	}
	m.virtual[a], m.taken[b] = b, !IsImmediate(b)
	return m.list(a.Args, b.Args)
}

// share makes v, which is to be compiled to t, an entry of the loop's body, if t does the
// same. The body is then entered by those who know less than its preamble, so that less is
// known at its exits. Bridges that rely on more forbid it.
func (h *Header) share(v *version, t *ir.Trace) bool {
	if h.body == nil {
		return false
	}
	args, facts, ok := sameAsBody(h.body.fragment.Trace, t)
	if !ok {
		return false
	}
	for guard, known := range facts {
		if h.bridged[guard] && !implied(guard.Exit.Facts, known) {
			return false
		}
	}
	for guard, known := range facts {
		guard.Exit.Facts = common(guard.Exit.Facts, known)
	}
	h.shared++
	v.fragment, v.target, v.args = h.body.fragment, h.body.target, args
	return true
}

// enter returns the arguments of a jump to v, for values of the inputs of its shape.
func (v *version) enter(inputs []*ir.Op) []*ir.Op {
	if v.args == nil {
		return inputs
	}
	list := make([]*ir.Op, len(v.args))
	for i, a := range v.args {
		if list[i] = a; !a.IsConst() {
			list[i] = inputs[a.ID]
		}
	}
	return list
}

// common returns what both lists say.
func common(a, b []ir.Fact) (both []ir.Fact) {
	add := func(facts, other []ir.Fact) {
		for _, f := range facts {
			f.Contents = nil
			known := slices.ContainsFunc(both, func(k ir.Fact) bool { return k.Value == f.Value })
			if !known && implied([]ir.Fact{f}, other) {
				both = append(both, f)
			}
		}
	}
	add(a, b)
	add(b, a)
	return both
}

// implied reports whether all of facts follows from known.
func implied(facts, known []ir.Fact) bool {
	for _, f := range facts {
		i := slices.IndexFunc(known, func(k ir.Fact) bool { return k.Value == f.Value })
		if i < 0 {
			return false
		}
		k := known[i]
		if len(f.Contents) > 0 || f.Nonnull && !k.Nonnull || f.Class != "" && f.Class != k.Class ||
			k.Lo < f.Lo || k.Hi > f.Hi || f.Zeros&^k.Zeros|f.Ones&^k.Ones != 0 {
			return false
		}
	}
	return true
}
