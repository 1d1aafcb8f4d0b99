package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Access executes op, a load from or a store to word number word of the virtual
// object obj, at compile time. A load is replaced (o.Replace) by the value of the
// word, which is o.Zero(obj.Kind(word)) if the word was never written. A store
// sets the word to its last argument. word is in range.
//
// For example, after setfield_gc(p1, i0) on a virtual p1, i2 = getfield_gc_i(p1)
// of the same field is i0, and neither is in the output.
func Access(o *ir.Optimizer, obj *Object, word int, op *ir.Op) {
	panic(exercise.TODO)
}
