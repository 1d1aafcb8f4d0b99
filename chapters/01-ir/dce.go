package ir

import "metatrace/internal/exercise"

// RemoveDead returns the operations of t that somebody needs, in their order: a
// walk backward, in which an operation is needed if it does something besides
// making a value (Droppable says), or if a needed operation behind it has the
// value among its arguments or the values of its exit: failargs mostly, see
// Exit.Values. An exit may hold virtual objects (OpVirtual) whose Args hold
// values in turn, even themselves. The inputs and operations of t have the IDs
// from 0 to t.NumIDs()-1; constants have -1.
//
// For example, of i1 = int_add(i0, 1), i2 = int_add(i0, 2), finish(i2) the first
// is left out.
func RemoveDead(t *Trace) []*Op {
	panic(exercise.TODO)
}

// Droppable reports whether op may be left out when nobody uses its value: pure
// operations, loads, allocations and calls that write nothing may; stores, guards,
// checked operations, calls that may do anything and control may not.
func Droppable(op *Op) bool {
	c := op.Code
	if c.Has(Pure) || c.Has(ReadsHeap) && !c.Has(Effect) {
		return true
	}
	if call, ok := op.Descr.(*Call); ok && c.IsCall() {
		return call.Effect != EffectAny
	}
	return c.IsAllocation()
}
