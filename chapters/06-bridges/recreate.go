package bridges

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Recreate begins a trace that goes on where a guard with this exit has failed. It
// adds an input for each of exit.Leaves(), in that order and of the same type, then
// operations that make the virtual objects of the exit (Fresh makes an empty one, Fill
// what writes a word), and then the pending stores, in their order. It returns, for
// each failarg, what stands for it in the new trace: an input, a constant, or an object
// that was made.
//
// An object that stands in the exit twice is made once. It may be part of itself, or of
// one that is part of it, so keep in mind what is made before you go on into its words.
// Others may be made before it is filled; only that of an immediate class (IsImmediate),
// which has one integer in it, must be filled at once. A fresh object holds zeros
// (virtuals.IsZero), which are not written.
//
// For example, of the exit [i0, NODE{value=i0, next=NULL}] come the input i0, then
// p1 = new_with_vtable(descr=NODE), setfield_gc(p1, i0, descr=NODE.value), and the
// result is [i0, p1].
func Recreate(b *ir.Builder, exit *ir.Exit) []*ir.Op {
	panic(exercise.TODO)
}
