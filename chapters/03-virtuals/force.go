package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Stores returns the stores that fill obj, which has just been allocated, with its
// words, in order; obj.NewStore makes one. There is none for a word that was never
// written, and none for a zero (IsZero) that is there already: new, new_with_vtable
// and new_array_clear give cleared memory, new_array does not.
//
// For example, a NODE with the words i0 and NULL gives one setfield_gc, an array
// of new_array(2) with the words i0 and 0 two setarrayitem_gc.
func Stores(o *ir.Optimizer, obj *Object) []*ir.Op {
	panic(exercise.TODO)
}

// Force allocates the virtual object obj after all: it sets obj.Forced, and emits
// obj.Op and what stores, which is exercise 3.4, returns for obj. o.Emit puts an
// operation in the output; before, it calls Force for each virtual object among the
// arguments, so an object inside of obj is forced by the store that needs it. The
// order matters: an object may be among its own words, or in those of one of its
// words.
//
// For example, a NODE with the words i0 and another virtual NODE gives
// new_with_vtable, setfield_gc of i0, new_with_vtable and the stores of the other
// one, and setfield_gc of that.
func Force(o *ir.Optimizer, obj *Object, stores func(*ir.Optimizer, *Object) []*ir.Op) {
	panic(exercise.TODO)
}
