package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Describe returns what stands in an exit for the value v: v itself or, if it is a
// virtual object (objects.Of), an Op with Code ir.OpVirtual, Type ir.Ref, ID -1,
// Descr the class, and in Args each word, described as well. A word that was never
// written is o.Zero of its kind. seen has the descriptions made for this exit: an
// object has one, however often it stands there, and it may be part of itself.
//
// For example, of a virtual p1 with the words i0 and p1 comes a description whose
// second argument is the description: [v1:NODE{value=i0, next=v1}].
func Describe(o *ir.Optimizer, objects Objects, v *ir.Op, seen map[*Object]*ir.Op) *ir.Op {
	panic(exercise.TODO)
}
