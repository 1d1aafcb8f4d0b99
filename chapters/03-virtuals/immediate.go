package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// Objects of an immediate class (heap.Tagging, chapter 4) are virtual like all
// others. What differs: forcing one computes a word instead of allocating, and two
// that hold the same value are the same reference.

// tagBits returns the value that the word of an object of the immediate class c
// is, as an integer; v is what the object holds.
func tagBits(o *ir.Optimizer, c *heap.Class, v *ir.Op) *ir.Op {
	t := c.Immediate
	shifted := o.Lower(ir.IntLshift, v, o.ConstInt(int64(t.Shift)))
	return o.Lower(ir.IntOr, shifted, o.ConstInt(int64(t.Tag)))
}

// EmitTagged makes the object of an immediate class: it turns alloc, an allocation
// that is not in the output, into the operation that makes the word of it. alloc
// stays the value that all who have it know. v is what the object holds; nil: 0.
func EmitTagged(o *ir.Optimizer, alloc, v *ir.Op) {
	class := alloc.Descr.(*heap.Class)
	if v == nil {
		v = o.ConstInt(0)
	}
	bits := tagBits(o, class, o.Find(v))
	alloc.Code, alloc.Descr, alloc.Args = ir.CastIntToPtr, nil, []*ir.Op{bits}
	facts := o.MakeFacts(alloc)
	facts.Nonnull, facts.Class = true, class.Vtable
	o.Emit(alloc)
}

// immediate returns the virtual object that v is, if its class is immediate, else
// nil.
func (p *virtualPass) immediate(v *ir.Op) *Object {
	if obj := p.objects.Of(v); obj != nil && obj.Class.Immediate != nil {
		return obj
	}
	return nil
}

// value returns what the virtual object obj of an immediate class holds.
func (p *virtualPass) value(o *ir.Optimizer, obj *Object) *ir.Op {
	if v := obj.Words[0]; v != nil {
		return o.Find(v)
	}
	return o.ConstInt(0)
}

// cast replaces the bits of a virtual object of an immediate class by operations
// on what it holds. A loop that is walked a second time may have such a cast: of
// an object that came in as a word the first time.
func (p *virtualPass) cast(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	obj := p.immediate(op.Args[0])
	if obj == nil {
		return ir.Next
	}
	o.Replace(op, tagBits(o, obj.Class, p.value(o, obj)))
	return ir.Done
}

// sameWord prepares a comparison of references, or guard_value, for objects of an
// immediate class. It reports whether all is done: that an object is virtual does
// not tell it from others of its class.
func (p *virtualPass) sameWord(o *ir.Optimizer, op *ir.Op) (v ir.Verdict, decided bool) {
	a, b := p.immediate(op.Args[0]), p.immediate(op.Args[1])
	switch {
	case a == nil && b == nil || op.Args[0] == op.Args[1]:
		return ir.Next, false
	case a != nil && b != nil:
		p.compareValues(o, op, a, b)
		return ir.Again, true
	}
	obj, other := a, op.Args[1]
	if a == nil {
		obj, other = b, op.Args[0]
	}
	if p.objects.Of(other) == nil { // else it is an object in memory: not this one
		p.force(o, obj)
	}
	return ir.Next, false
}

// compareValues makes op compare what the objects hold.
func (p *virtualPass) compareValues(o *ir.Optimizer, op *ir.Op, a, b *Object) {
	x, y := p.value(o, a), p.value(o, b)
	switch op.Code {
	case ir.PtrEq, ir.InstancePtrEq:
		op.Code = ir.IntEq
	case ir.PtrNe, ir.InstancePtrNe:
		op.Code = ir.IntNe
	default: // guard_value
		x = o.Lower(ir.IntEq, x, y)
		op.Code, op.Args = ir.GuardTrue, []*ir.Op{x}
		return
	}
	op.Args = []*ir.Op{x, y}
}
