package irsolution

import ir "metatrace/chapters/01-ir"

// CSE returns an operation seen earlier in the trace that computes the same as
// op (a pure operation with one or two arguments), or nil if there is none; then
// op is noted in seen for those to come. The two arguments of a commutative
// operation are put in one order, so that int_add(i0, i1) and int_add(i1, i0)
// have one key. IDs order operations and inputs; constants all have the ID -1.
//
// For example, after int_add(i0, i1) was noted, CSE(seen, int_add(i1, i0))
// returns it.
func CSE(seen map[ir.CSEKey]*ir.Op, op *ir.Op) *ir.Op {
	key := ir.CSEKey{Code: op.Code, A: op.Args[0], Descr: op.Descr}
	if len(op.Args) > 1 {
		key.B = op.Args[1]
	}
	// Two constants have one ID, but then the operation was folded before.
	if op.Code.Has(ir.Commutative) && key.A.ID > key.B.ID {
		key.A, key.B = key.B, key.A
	}
	if earlier := seen[key]; earlier != nil {
		return earlier
	}
	seen[key] = op
	return nil
}
