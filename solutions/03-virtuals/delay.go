package virtualssolution

import (
	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/heap"
)

// Delay returns a virtual object in the place of op, an allocation: Op is op,
// Class its descr, Words has an entry for each field or item, all nil. It returns
// nil if the object can't be virtual: an array whose length is no constant, is
// negative, or is more than MaxItems.
//
// For example, new_with_vtable(descr=NODE), where NODE has two fields, gives an
// Object with two Words; new_array(i0, descr=INTS) gives nil.
func Delay(op *ir.Op) *virtuals.Object {
	class := op.Descr.(*heap.Class)
	words := len(class.Fields)
	if class.IsArray() {
		n := op.Args[0]
		if n.Code != ir.OpConstInt || n.Int() < 0 || n.Int() > virtuals.MaxItems {
			return nil
		}
		words = int(n.Int())
	}
	return &virtuals.Object{Op: op, Class: class, Words: make([]*ir.Op, words)}
}
