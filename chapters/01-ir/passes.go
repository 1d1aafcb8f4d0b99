package ir

import "metatrace/internal/heap"

// foldPass computes what is constant and applies the rules.
type foldPass struct {
	rules *Rules
	eval  PureFunc // the Kit's, made once: a method value is an allocation
}

// Passes returns the passes of this chapter by name, in the order in which they
// are chained: fold and cse. Rules that can't be read are an error.
func (k *Kit) Passes() (fold, cse NamedPass, err error) {
	rules := append(k.Identities(), k.Reassociations()...)
	table, err := NewRules(append(rules, k.FloatIdentities()...), nil)
	eval := k.EvalPure
	fold = NamedPass{Name: "fold", What: "fold constants, apply algebraic identities",
		Make: func() Pass { return &foldPass{table, eval} }}
	cse = NamedPass{Name: "cse", What: "compute nothing twice",
		Make: func() Pass { return &csePass{} }}
	return fold, cse, err
}

// Visit implements Pass.
func (p *foldPass) Visit(o *Optimizer, op *Op) Verdict {
	if !op.Code.Has(Pure | Checked) {
		return Next
	}
	if op.Code.Has(Checked) {
		if p.foldChecked(o, op) {
			return Done
		}
	} else if c := o.Kit.FoldConst(op, p.eval); c != nil {
		o.Replace(op, o.Intern(c))
		return Done
	}
	if constantLast(op) && o.journal != nil {
		o.journal.applied("a constant stands last")
	}
	v, _ := p.rules.Rewrite(o, op, nil)
	switch v {
	case nil:
		return Next
	case op:
		return Again
	}
	o.Replace(op, v)
	return Done
}

// foldChecked computes a checked operation on constants.
func (p *foldPass) foldChecked(o *Optimizer, op *Op) bool {
	a, b := op.Args[0], op.Args[1]
	if a.Code != OpConstInt || b.Code != OpConstInt {
		return false
	}
	result, overflow := o.Kit.EvalChecked(op.Code, a.Int(), b.Int())
	o.Checked(OverflowNever)
	if overflow {
		o.Checked(OverflowAlways)
	}
	o.Replace(op, o.ConstInt(result))
	return true
}

// constantLast puts a constant behind what is none: int_add(1, i0) and
// int_lt(1, i0) become int_add(i0, 1) and int_gt(i0, 1). Rules and common
// subexpressions then meet fewer forms. It reports whether it had to.
func constantLast(op *Op) (swapped bool) {
	if len(op.Args) != 2 || !op.Args[0].IsConst() || op.Args[1].IsConst() {
		return false
	}
	info := op.Code.Info()
	switch {
	case info.Swapped != OpInvalid:
		op.Code = info.Swapped
	case !op.Code.Has(Commutative):
		return false
	}
	op.Args[0], op.Args[1] = op.Args[1], op.Args[0]
	return true
}

// csePass replaces an operation by an earlier one that computes the same.
type csePass struct {
	seen map[CSEKey]*Op
}

// Shared implements Sharer.
func (p *csePass) Shared(o *Optimizer, op *Op) *Op {
	p.start(o)
	return o.Kit.CSE(p.seen, op)
}

func (p *csePass) start(o *Optimizer) {
	if p.seen == nil {
		// Most operations get in; a map that grows is filled again and again.
		p.seen = make(map[CSEKey]*Op, len(o.env))
	}
}

// Visit implements Pass.
func (p *csePass) Visit(o *Optimizer, op *Op) Verdict {
	p.start(o)
	if op.Code.Has(Checked) {
		return p.checked(o, op)
	}
	if !op.Code.Has(Pure) && !readsImmutable(op) {
		return Next
	}
	// It may be its own: what it was before it got this form, or the same again (Shared).
	if earlier := o.Kit.CSE(p.seen, op); earlier != nil && o.Find(earlier) != op {
		saySame(o, o.Find(earlier))
		o.Replace(op, earlier)
		return Done
	}
	return Next
}

// checked shares a checked operation with an earlier one, whose guard has told
// whether it overflows.
func (p *csePass) checked(o *Optimizer, op *Op) Verdict {
	earlier := o.Kit.CSE(p.seen, op)
	if earlier == nil {
		// The wrapped result is that of the plain operation.
		plain := o.ops.one()
		*plain = *op
		plain.Code, plain.Forward = op.Code.Unchecked(), op
		o.Kit.CSE(p.seen, plain)
		return Next
	}
	if o.Decided(earlier) == OverflowUnknown {
		return Next
	}
	saySame(o, earlier)
	o.Checked(o.Decided(earlier))
	o.Replace(op, earlier)
	return Done
}

// readsImmutable reports whether op reads what is never written again: it is as
// good as pure then.
func readsImmutable(op *Op) bool {
	if !op.Code.Has(ReadsHeap) {
		return false
	}
	switch d := op.Descr.(type) {
	case *heap.Field:
		return d.Immutable
	case *heap.Class:
		return d.IsArray() && d.Item.Immutable
	}
	return false
}
