package bridges

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// Fresh adds the operation that makes an object like the virtual one v, with zeros in
// it.
func Fresh(b *ir.Builder, v *ir.Op) *ir.Op {
	switch c := ClassOf(v); {
	case c.IsArray():
		return b.Op(ir.NewArrayClear, c, ir.ConstInt(int64(len(v.Args))))
	case c.Vtable == "":
		return b.Op(ir.New, c)
	default:
		return b.Op(ir.NewWithVtable, c)
	}
}

// Fill adds the operation that writes v to word i of obj, which Fresh has made.
func Fill(b *ir.Builder, obj *ir.Op, i int, v *ir.Op) {
	c := obj.Descr.(*heap.Class)
	if c.IsArray() {
		b.Op(ir.SetarrayitemGc, c, obj, ir.ConstInt(int64(i)), v)
		return
	}
	b.Op(ir.SetfieldGc, c.Fields[i], obj, v)
}

// ClassOf returns the class of v, a virtual object or a constant; nil if it is not known.
func ClassOf(v *ir.Op) *heap.Class {
	switch {
	case v.Code == ir.OpVirtual:
		return v.Descr.(*heap.Class)
	case v.Code == ir.OpConstPtr && v.Name != nil:
		return v.Name.Class
	}
	return nil
}

// IsImmediate reports whether v, an OpVirtual, is an object of an immediate class: a
// tagged word. Nobody can tell two of them apart that hold the same.
func IsImmediate(v *ir.Op) bool { return ClassOf(v).Immediate != nil }

// Contents returns the words of v if they are known and can't change: those of a virtual
// object, or of a prebuilt one that nobody may write to. (Such a one is a constant of
// the guest's, and a copy is as good: a guest does not tell its numbers apart by
// where they are.)
func Contents(v *ir.Op) (words []*ir.Op, ok bool) {
	c := ClassOf(v)
	switch {
	case c == nil:
		return nil, false
	case v.Code == ir.OpVirtual:
		return v.Args, true
	case v.Name.Values == nil:
		return nil, false
	}
	for i := range v.Name.Values {
		if !c.Slot(i).Immutable && c.Immediate == nil {
			return nil, false
		}
	}
	return v.Name.Values, true
}
