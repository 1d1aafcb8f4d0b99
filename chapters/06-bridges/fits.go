package bridges

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Fits reports whether code for shape can go on from state, and with what: inputs has,
// for each of shape.Inputs (whose IDs are their places), what stands there in
// state.Described.
//
//	an input     takes any value of its type; a virtual object will be allocated
//	a constant   takes that constant
//	OpVirtual    takes a virtual object of the same class and size, if its words fit
//	             in turn; or a prebuilt object of that class (Contents has its words)
//
// An object must stay one object: an OpVirtual that stands in shape twice takes the
// same object there, and two of them do not take the same virtual object. Nor can an
// object stay virtual that is part of one that an input takes, and so will be in
// memory. (None of this holds for objects of an immediate class, see IsImmediate.)
//
// For example, the shape [NODE{value=i0, next=p1}] and the state [NODE{value=7,
// next=NULL}] give the inputs [7, NULL]; the state [p5] does not fit.
func Fits(shape *Shape, state *State) (inputs []*ir.Op, ok bool) {
	panic(exercise.TODO)
}
