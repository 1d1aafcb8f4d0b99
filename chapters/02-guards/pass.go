package guards

import (
	ir "metatrace/chapters/01-ir"
)

// guardPass drops guards that can't fail and lets the rest of the trace profit
// from those that stay.
type guardPass struct {
	kit *Kit
	// orders is what guards said about pairs of values; the first of a pair
	// has the lower ID. unsigned is the same for the comparisons of unsigned
	// numbers.
	orders, unsigned map[pair]Order
	// last are the guards about a reference that may be strengthened: those
	// since the last thing that can be seen from outside.
	last map[*ir.Op]*ir.Op
	// valid says that nobody can have invalidated the trace since a
	// guard_not_invalidated: that takes a call.
	valid bool
}

// pair is two values; the ID of a is the lower one, unless they are equal.
type pair struct{ a, b *ir.Op }

// Pass returns the pass "guards" of this chapter.
func (k *Kit) Pass() ir.NamedPass {
	return ir.NamedPass{Name: "guards", What: "drop guards that can't fail, merge guards, use what guards say",
		Make: func() ir.Pass {
			return &guardPass{kit: k, orders: map[pair]Order{}, unsigned: map[pair]Order{}, last: map[*ir.Op]*ir.Op{}}
		}}
}

// Visit implements ir.Pass.
func (p *guardPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if invalidates(op) {
		p.valid = false
	}
	switch c := op.Code; {
	case c == ir.GuardNotInvalidated:
		if p.valid {
			sayValid(o)
			return ir.Done
		}
		p.valid = true
	case c.Has(ir.Guard):
		return p.guard(o, op)
	case Where(c) != 0:
		return p.compare(o, op)
	case c.Has(ir.Effect) && c != ir.SetfieldGc && c != ir.SetarrayitemGc:
		p.forgetLast()
	case c.IsAccess() && !op.Args[0].IsConst():
		o.MakeFacts(op.Args[0]).Nonnull = true // just being executed says that
	}
	return ir.Next
}

// StartLoop implements ir.LoopStarter: a guard of the preamble is not executed
// again, so none of the loop can be left to it.
func (p *guardPass) StartLoop(*ir.Optimizer) {
	p.forgetLast()
	p.valid = false
}

// invalidates reports whether op may do anything at all: then it may also change what
// the trace takes for granted.
func invalidates(op *ir.Op) bool {
	c := op.Code
	if c.IsCall() {
		d, ok := op.Descr.(*ir.Call)
		return !ok || d.Effect == ir.EffectAny
	}
	return c.IsTraceCall() || c >= ir.EscapeI && c <= ir.EscapeN
}

// forgetLast makes a new map instead of clearing the old one: that takes as long
// as the largest that it ever was.
func (p *guardPass) forgetLast() {
	if len(p.last) > 0 {
		p.last = map[*ir.Op]*ir.Op{}
	}
}

// guard drops op if it can't fail or an earlier guard can do its work, and notes
// what holds behind it.
func (p *guardPass) guard(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if op.Code == ir.GuardValue && op.Args[0].IsBool() && op.Args[1].IsConst() {
		// A comparison has two values: the guard is guard_true or guard_false.
		if !op.Args[1].IsBool() {
			o.Impossible(op, "a comparison is 0 or 1")
			return ir.Done
		}
		op.Code = ir.GuardFalse
		if op.Args[1].Int() == 1 {
			op.Code = ir.GuardTrue
		}
		op.Args = op.Args[:1]
	}
	if c := op.Code; c == ir.GuardTrue || c == ir.GuardFalse {
		// The comparison may have been decided since it was computed.
		if x := op.Args[0]; Where(x.Code) != 0 {
			p.compare(o, x)
			op.Args[0] = o.Find(x)
		}
	}
	switch p.kit.Implied(o, op) {
	case Holds:
		sayHolds(o, op)
		return ir.Done
	case Fails:
		o.Impossible(op, "an earlier guard or a constant says the opposite")
		return ir.Done
	}
	if len(op.Args) == 0 {
		return ir.Next
	}
	x := op.Args[0]
	if op.Code == ir.GuardNonnullClass && o.Facts(x).Nonnull {
		op.Code = ir.GuardClass
	}
	merged := false
	if x.Type == ir.Ref {
		if earlier := p.last[x]; ofImmediate(op) {
			// Nobody asks for it together with anything else.
		} else if earlier != nil {
			if merged = p.kit.Merge(o, earlier, op); merged {
				sayMerged(o, earlier, op)
			}
		} else if op.Code != ir.GuardIsnull {
			p.last[x] = op
		}
	}
	p.kit.Learn(o, op)
	if op.Code == ir.GuardTrue || op.Code == ir.GuardFalse {
		p.narrow(o, x, op.Code == ir.GuardTrue)
	}
	if merged {
		return ir.Done
	}
	return ir.Next
}

// ofImmediate reports whether guard asks for the class whose objects are tagged
// words: that is a question about bits, which chapter 4 makes of it, and no other
// guard can ask it as well.
func ofImmediate(guard *ir.Op) bool {
	if guard.Code != ir.GuardClass && guard.Code != ir.GuardNonnullClass {
		return false
	}
	c := guard.Args[1].Name.Class
	return c != nil && c.Immediate != nil
}

// compare folds a comparison that earlier guards decide.
func (p *guardPass) compare(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	key, swapped := p.key(o, op)
	for i, orders := range p.tables(o, op) {
		possible, known := orders[key]
		if !known {
			continue
		}
		if swapped {
			possible = possible.swap()
		}
		if result, ok := p.kit.Decided(possible, op.Code); ok {
			p.sayDecided(o, op, possible, i)
			o.Replace(op, o.ConstInt(result))
			return ir.Done
		}
	}
	if op.Args[0].Type == ir.Ref {
		return p.pointers(o, op)
	}
	return ir.Next
}

// narrow notes that the comparison op came out as holds.
func (p *guardPass) narrow(o *ir.Optimizer, op *ir.Op, holds bool) {
	where := Where(op.Code)
	if where == 0 {
		return
	}
	if !holds {
		where = AnyOrder &^ where
	}
	key, swapped := p.key(o, op)
	if key.a == key.b {
		return
	}
	if swapped {
		where = where.swap()
	}
	for i, orders := range p.tables(o, op) {
		if orders == nil {
			continue
		}
		possible := where // of this table: less as signed numbers says nothing of unsigned ones
		if known, ok := orders[key]; ok {
			possible &= known
		}
		if possible == 0 {
			o.Impossible(op, "earlier guards leave no order for its arguments")
			return
		}
		noteOrder(o, orderKey{key, i == 1})
		orders[key] = possible
		if possible == Equal {
			o.Replace(key.a, key.b)
		}
	}
}

// tables returns the tables that the comparison op reads and writes: orders, or nil,
// then unsigned, or nil. Equality is the same for signed and unsigned numbers, and
// for two of the same sign so is the order. (The pass "bounds" makes signed ones of
// unsigned comparisons then; what an unsigned one has said before, holds for them.)
func (p *guardPass) tables(o *ir.Optimizer, op *ir.Op) [2]map[pair]Order {
	c := op.Code
	isUnsigned := c >= ir.UintLt && c <= ir.UintGe
	both := c == ir.IntEq || c == ir.IntNe || op.Args[0].Type == ir.Int && o.SameSign(op.Args[0], op.Args[1])
	switch {
	case both:
		return [2]map[pair]Order{p.orders, p.unsigned}
	case isUnsigned:
		return [2]map[pair]Order{nil, p.unsigned}
	}
	return [2]map[pair]Order{p.orders, nil}
}

// key returns the pair of values that the comparison op is about, and whether op
// has them the other way round.
func (p *guardPass) key(o *ir.Optimizer, op *ir.Op) (key pair, swapped bool) {
	a, b := o.Find(op.Args[0]), o.Find(op.Args[1])
	if a.ID > b.ID {
		return pair{b, a}, true
	}
	return pair{a, b}, false
}

// swap returns the orders of (b, a), given those of (a, b).
func (s Order) swap() Order {
	return s&Equal | s&Less<<2 | s&Greater>>2
}

// pointers folds a comparison of references that can't be equal.
func (p *guardPass) pointers(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	a, b := op.Args[0], op.Args[1]
	f, g := o.Facts(a), o.Facts(b)
	differ := a.IsNull() && g.Nonnull || b.IsNull() && f.Nonnull ||
		f.Class != "" && g.Class != "" && f.Class != g.Class
	if !differ {
		return ir.Next
	}
	sayDiffer(o, a, b)
	result := int64(0)
	if op.Code == ir.PtrNe || op.Code == ir.InstancePtrNe {
		result = 1
	}
	o.Replace(op, o.ConstInt(result))
	return ir.Done
}
