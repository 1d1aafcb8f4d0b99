package ir

import "metatrace/internal/exercise"

// CSEKey identifies what a pure operation computes: two operations with equal
// keys have equal results. Constants are interned by the optimizer, so that
// pointers can be compared. B is nil for operations with one argument.
type CSEKey struct {
	Code  Opcode
	A, B  *Op
	Descr any
}

// CSE returns an operation seen earlier in the trace that computes the same as
// op (a pure operation with one or two arguments), or nil if there is none; then
// op is noted in seen for those to come. The two arguments of a commutative
// operation are put in one order, so that int_add(i0, i1) and int_add(i1, i0)
// have one key. IDs order operations and inputs; constants all have the ID -1.
//
// For example, after int_add(i0, i1) was noted, CSE(seen, int_add(i1, i0))
// returns it.
func CSE(seen map[CSEKey]*Op, op *Op) *Op {
	panic(exercise.TODO)
}
