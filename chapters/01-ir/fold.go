package ir

import "metatrace/internal/exercise"

// FoldConst returns the constant that the pure operation op computes, or nil if
// it has to be left to the run: an argument is no constant, or eval says that
// the operation is not defined for these. op.Args are already what Find gives.
// Constants are OpConstInt, OpConstFloat (their words are in Bits), OpConstPtr
// and OpConstClass. Pointers have no words before the run: of ptr_eq and its
// kin (PtrEq, PtrNe, InstancePtrEq, InstancePtrNe) on two OpConstPtr the result
// follows from SameConst. SameAs of a constant, any, is that constant.
//
// For example, int_add(3, 4) gives ConstInt(7), and int_add(i0, 4) gives nil.
// The type of the constant is op.Type: float_lt(1.0, 2.0) gives ConstInt(1).
func FoldConst(op *Op, eval PureFunc) *Op {
	panic(exercise.TODO)
}
