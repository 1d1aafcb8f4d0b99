package guards

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Answer is what is known of a guard before it runs.
type Answer uint8

// The answers.
const (
	Unknown Answer = iota // it has to stay
	Holds                 // it can't fail: drop it
	Fails                 // it can't be passed: the trace is impossible
)

// Implied answers for a guard from what is known of its arguments, which are
// what Find gives: constants, and the facts o.Facts(x).Nonnull and .Class. In
// these cases it is Holds or Fails:
//
//	guard_true, guard_false    the condition is the constant 0 or 1
//	guard_value(x, c)          x is a constant; or x can't be null, and c is
//	                           NULL; or x and c have classes that differ
//	guard_nonnull, guard_isnull  x is NULL, or can't be null
//	guard_class, guard_nonnull_class(x, ConstClass(c))
//	                           x is NULL; or the class of x is known: it is or
//	                           is not c.Name.Name
//
// Everything else is Unknown, other guards included; guard_no_overflow has no
// arguments at all.
//
// For example, guard_nonnull(p1) Holds if o.Facts(p1).Nonnull, and
// guard_value(3, 4) Fails.
func Implied(o *ir.Optimizer, guard *ir.Op) Answer {
	panic(exercise.TODO)
}
