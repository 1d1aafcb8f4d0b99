package guards

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// Merge strengthens earlier, a guard that is in the output already, so that
// later is not needed, and returns true; or it changes nothing and returns false.
// Both are guards about the same reference, their first argument, and nothing
// between them can be seen from outside. earlier keeps its Exit: leaving there is
// right, the interpreter does the rest.
//
//	earlier              later                        earlier becomes
//	guard_nonnull        guard_class(x, C)            guard_nonnull_class(x, C)
//	guard_nonnull        guard_nonnull_class(x, C)    guard_nonnull_class(x, C)
//	guard_nonnull        guard_value(x, c)            guard_value(x, c)
//	guard_class or       guard_value(x, c)            guard_value(x, c)
//	guard_nonnull_class(x, C)
//
// The last needs care: guard_value says nothing about the class, so it can stand
// in for the class check only if c is known to be of that class: o.Facts(c).Class.
// Likewise a c that may be NULL can't stand in for guard_nonnull. And c has to be
// a constant: any other value may be computed only behind earlier.
//
// For example, after Merge(o, guard_nonnull(p1), guard_class(p1, C)) the first
// reads guard_nonnull_class(p1, C), with its own failargs.
func Merge(o *ir.Optimizer, earlier, later *ir.Op) bool {
	panic(exercise.TODO)
}
