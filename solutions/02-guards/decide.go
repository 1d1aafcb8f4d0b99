package guardssolution

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
)

// Decide returns cond.V, the way that the program goes now, and records (with
// r.Guard) that the trace is good for this way only: guard_true(cond.Op) or
// guard_false(cond.Op). A condition that is a constant (cond.Op.IsConst()) needs
// no guard.
//
// For example, if cond is {V: false, Op: i2}, guard_false(i2) is recorded and
// false returned.
func Decide(r *recorder.Recorder, cond recorder.Bool) bool {
	switch {
	case cond.Op.IsConst():
	case cond.V:
		r.Guard(ir.GuardTrue, cond.Op)
	default:
		r.Guard(ir.GuardFalse, cond.Op)
	}
	return cond.V
}

// Promote returns a.V, and records (with r.Guard) that the trace is good for
// this value only: guard_value(a.Op, the constant a.V). What is constant already
// needs no guard.
//
// For example, if a is {V: 7, Op: i3}, guard_value(i3, 7) is recorded and 7
// returned.
func Promote(r *recorder.Recorder, a recorder.Int) int64 {
	if !a.Op.IsConst() {
		r.Guard(ir.GuardValue, a.Op, ir.ConstInt(a.V))
	}
	return a.V
}
