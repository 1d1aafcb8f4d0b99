package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// MayAlias reports whether p and q may be the same object. They are values that
// Find gives. The answer is false only if it is certain:
//   - two constants that are not the same;
//   - an object that the trace allocates (Code.IsAllocation) and something that was
//     there before: a constant, another allocation, or a value with a lower ID;
//   - two known classes (o.Facts) that differ;
//   - two known lengths (c.Length) that differ;
//   - different constants at the same place (c.Differ).
//
// For example, p3 = new_with_vtable() and the input p0 are two objects; p3 and
// p4 = getfield_gc_r(p0), loaded later, may be one.
func MayAlias(c *Cache, o *ir.Optimizer, p, q *ir.Op) bool {
	panic(exercise.TODO)
}
