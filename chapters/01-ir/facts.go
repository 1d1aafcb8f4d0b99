package ir

import (
	"fmt"

	"metatrace/internal/heap"
)

// Facts are what the optimizer knows of a reference. They belong to the value
// that Find gives, so that all that is equal shares them.
type Facts struct {
	Nonnull bool
	Class   string // the exact class, by its vtable; "": not known. Implies Nonnull
}

// Find returns the value that op is known to equal: itself, if nothing better.
func (o *Optimizer) Find(op *Op) *Op {
	if op.Forward == nil {
		return op
	}
	return o.Kit.Find(op)
}

// Replace notes that op equals v from here on. Facts that were known of op are
// known of v, too. Equating two constants that differ is impossible.
func (o *Optimizer) Replace(op, v *Op) {
	if v == nil {
		panic(fmt.Sprintf("Replace: there is no value in the place of %s", op.Code))
	}
	op, v = o.Find(op), o.Find(v)
	if op == v {
		return
	}
	if op.IsConst() {
		if v.IsConst() {
			o.Impossible(op, "two different constants would have to be equal")
			return
		}
		op, v = v, op
	}
	if o.journal != nil {
		o.journal.equate(op, v)
	}
	if f := o.Facts(op); f != (Facts{}) && !v.IsConst() {
		o.MakeFacts(v).join(f)
	}
	op.Forward = v
	o.testimony.equated(op, v)
	for _, j := range o.joiners {
		j.Join(o, op, v)
	}
}

func (f *Facts) join(g Facts) {
	f.Nonnull = f.Nonnull || g.Nonnull
	if f.Class == "" {
		f.Class = g.Class
	}
}

// Differ reports whether the integers a and b are known to differ: they are two
// constants, or a pass can tell them apart.
func (o *Optimizer) Differ(a, b *Op) bool {
	a, b = o.Find(a), o.Find(b)
	if a.Code == OpConstInt && b.Code == OpConstInt {
		return a.Bits != b.Bits
	}
	for _, s := range o.separate {
		if s.Differ(o, a, b) {
			return true
		}
	}
	return false
}

// Shared returns a value that was computed before and equals code of args, or nil.
// op stands for it from here on, whatever form that gets. A pass asks before it
// changes an operation for a reason that did not hold when an equal one was computed.
func (o *Optimizer) Shared(op *Op, code Opcode, args []*Op) *Op {
	for _, s := range o.sharers {
		form := o.ops.one()
		*form = Op{Code: code, Type: op.Type, ID: op.ID, Args: args, Forward: op}
		if earlier := s.Shared(o, form); earlier != nil && o.Find(earlier) != op {
			saySame(o, o.Find(earlier))
			return o.Find(earlier)
		}
	}
	return nil
}

// SameSign reports whether the integers a and b are known to be both negative, or
// both not.
func (o *Optimizer) SameSign(a, b *Op) bool {
	a, b = o.Find(a), o.Find(b)
	if a.Code == OpConstInt && b.Code == OpConstInt {
		return a.Int() < 0 == (b.Int() < 0)
	}
	for _, s := range o.separate {
		if s.SameSign(o, a, b) {
			return true
		}
	}
	return false
}

// Facts returns what is known of the value op.
func (o *Optimizer) Facts(op *Op) Facts {
	op = o.Find(op)
	switch {
	case op.Code == OpConstPtr:
		return constFacts(op)
	case op.Code.IsAllocation():
		return Facts{Nonnull: true, Class: op.Descr.(*heap.Class).Vtable}
	case op.facts == nil:
		return Facts{}
	}
	return *op.facts
}

func constFacts(op *Op) Facts {
	if op.Name == nil {
		return Facts{}
	}
	f := Facts{Nonnull: true}
	if op.Name.Class != nil {
		f.Class = op.Name.Class.Vtable
	}
	return f
}

// MakeFacts returns the facts of op, to be added to.
func (o *Optimizer) MakeFacts(op *Op) *Facts {
	op = o.Find(op)
	if op.facts == nil {
		op.facts = &Facts{}
	}
	o.testimony.taught(op)
	if o.journal != nil {
		o.journal.touch(op)
	}
	return op.facts
}
