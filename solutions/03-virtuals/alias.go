package virtualssolution

import (
	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
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
func MayAlias(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
	if p == q {
		return true
	}
	if p.IsConst() && q.IsConst() || madeAfter(p, q) || madeAfter(q, p) {
		return false
	}
	if a, b := o.Facts(p).Class, o.Facts(q).Class; a != "" && b != "" && a != b {
		return false
	}
	m, known := c.Length(o, p)
	if n, both := c.Length(o, q); known && both && m != n {
		return false
	}
	return !c.Differ(o, p, q)
}

// madeAfter reports whether the trace makes the object p when q is there already.
func madeAfter(p, q *ir.Op) bool {
	return p.Code.IsAllocation() && (q.IsConst() || q.Code.IsAllocation() || q.ID < p.ID)
}
