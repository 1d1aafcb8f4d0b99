package knownbits

import (
	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/heap"
)

// boxesPass lowers what the pass "virtuals" has left of the objects of an immediate
// class (heap.Tagging): behind it, no operation mentions that class any more.
//
//	guard_class(p, W_Int)      i = cast_ptr_to_int(p)
//	                           j = int_and(i, 1)
//	                           guard_true(j)
//	v = getfield_gc_i(p)       v = int_rshift(i, 1)
//	p = new_with_vtable()      i = int_lshift(v, 1)
//	setfield_gc(p, v)          j = int_or(i, 1)
//	                           p = cast_int_to_ptr(j)
//
// (The last is what forcing a virtual object gives, too: virtuals.EmitTagged.) All
// this goes down the chain like any operation. So a value is computed from the same
// word once, and what is known of bits removes the checks on what was just tagged.
type boxesPass struct {
	fresh *ir.Op // an allocation that was held back, for its value to come; or nil
}

// Boxes returns the pass "boxes". It is needed: there is no memory to execute these
// operations on. Behind "virtuals" it has little to do, but it does not rely on it.
func Boxes() ir.NamedPass {
	return ir.NamedPass{Name: "boxes", What: "make words of immediate objects (always on)", Needed: true,
		Make: func() ir.Pass { return &boxesPass{} }}
}

// Visit implements ir.Pass.
func (p *boxesPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if p.fresh != nil && p.make(o, op) {
		return ir.Done
	}
	switch op.Code {
	case ir.NewWithVtable:
		if op.Descr.(*heap.Class).Immediate != nil {
			p.fresh = op
			return ir.Done
		}
	case ir.GetfieldGcI:
		if t := op.Descr.(*heap.Field).Owner.Immediate; t != nil {
			word := o.Lower(ir.CastPtrToInt, op.Args[0])
			op.Code, op.Descr = ir.IntRshift, nil
			op.Args = []*ir.Op{word, o.ConstInt(int64(t.Shift))}
			return ir.Again
		}
	case ir.GuardClass, ir.GuardNonnullClass:
		if c := op.Args[1].Name.Class; c != nil && c.Immediate != nil {
			op.Code, op.Args = ir.GuardTrue, []*ir.Op{hasTag(o, op.Args[0], c.Immediate)}
			return ir.Again
		}
	case ir.CastPtrToInt, ir.CastIntToPtr:
		if v := uncast(o, op); v != nil {
			o.Replace(op, v)
			return ir.Done
		}
	}
	return ir.Next
}

// Flush implements ir.Flusher: an allocation may have been the last operation.
func (p *boxesPass) Flush(o *ir.Optimizer) {
	if alloc := p.fresh; alloc != nil {
		p.fresh = nil
		virtuals.EmitTagged(o, alloc, nil)
	}
}

// make makes the object that was held back, now that op follows. It reports whether
// op is the operation that says what it holds. (Verify allows that nowhere else.)
func (p *boxesPass) make(o *ir.Optimizer, op *ir.Op) (used bool) {
	alloc, value := p.fresh, (*ir.Op)(nil)
	p.fresh = nil
	if used = op.Code == ir.SetfieldGc && op.Args[0] == alloc; used {
		value = op.Args[1]
	}
	virtuals.EmitTagged(o, alloc, value)
	return used
}

// hasTag returns whether the reference r is a word tagged like t, as 0 or 1. All
// references that have a bit of the tag are.
func hasTag(o *ir.Optimizer, r *ir.Op, t *heap.Tagging) *ir.Op {
	word := o.Lower(ir.CastPtrToInt, r)
	tag := o.Lower(ir.IntAnd, word, o.ConstInt(int64(t.Mask())))
	if t.Mask() == 1 {
		return tag
	}
	return o.Lower(ir.IntEq, tag, o.ConstInt(int64(t.Tag)))
}

// uncast returns the value that a cast gives, or nil if it is not known: a cast of a
// cast is what was there at first, and of a constant of an immediate class the word
// is known before the run. Of all other objects it is not.
func uncast(o *ir.Optimizer, op *ir.Op) *ir.Op {
	x := o.Find(op.Args[0])
	switch {
	case x.Code == ir.CastPtrToInt || x.Code == ir.CastIntToPtr:
		return o.Find(x.Args[0])
	case x.IsNull():
		return o.ConstInt(0)
	case x.Code != ir.OpConstPtr || x.Name.Class == nil || x.Name.Values == nil:
		return nil
	}
	if t := x.Name.Class.Immediate; t != nil {
		return o.ConstInt(int64(t.Word(x.Name.Values[0].Int())))
	}
	return nil
}
