package guardssolution

import (
	ir "metatrace/chapters/01-ir"
)

// Learn notes what holds behind a guard that was passed. With o.Replace(x, y), x
// equals y from here on; o.MakeFacts(x) has the fields Nonnull and Class. Use
// o.ConstInt and ir.Null for constants.
//
//	guard_true(c), guard_false(c)  c is 1 or 0; and c, an operation itself, says
//	                               something about its own arguments:
//	    int_eq, int_ne             that they are equal, where it says so
//	    ptr_eq, ptr_ne, instance_ptr_eq, instance_ptr_ne
//	                               that they are equal, where it says so, or that
//	                               one is not null, if the other is NULL
//	    int_is_zero, int_is_true   that the argument is 0, where it says so
//	guard_value(x, c)              x is c
//	guard_isnull(x)                x is NULL
//	guard_nonnull(x)               x is not null
//	guard_class, guard_nonnull_class(x, ConstClass(c))
//	                               x is not null, and of the class c.Name.Name
//
// Equality of floats says nothing: 0.0 equals -0.0, and they are not the same.
//
// For example, behind guard_true(i2) with i2 = int_eq(i1, 5), o.Find(i2) is 1
// and o.Find(i1) is 5.
func Learn(o *ir.Optimizer, guard *ir.Op) {
	if len(guard.Args) == 0 {
		return
	}
	x := guard.Args[0]
	switch guard.Code {
	case ir.GuardTrue:
		learnCondition(o, x, true)
	case ir.GuardFalse:
		learnCondition(o, x, false)
	case ir.GuardValue:
		o.Replace(x, guard.Args[1])
	case ir.GuardIsnull:
		o.Replace(x, ir.Null)
	case ir.GuardNonnull:
		o.MakeFacts(x).Nonnull = true
	case ir.GuardClass, ir.GuardNonnullClass:
		f := o.MakeFacts(x)
		f.Nonnull, f.Class = true, guard.Args[1].Name.Name
	}
}

func learnCondition(o *ir.Optimizer, c *ir.Op, holds bool) {
	n := int64(0)
	if holds {
		n = 1
	}
	o.Replace(c, o.ConstInt(n))
	switch c.Code {
	case ir.IntEq, ir.PtrEq, ir.InstancePtrEq:
		learnEqual(o, c, holds)
	case ir.IntNe, ir.PtrNe, ir.InstancePtrNe:
		learnEqual(o, c, !holds)
	case ir.IntIsZero, ir.IntIsTrue:
		if holds == (c.Code == ir.IntIsZero) {
			o.Replace(c.Args[0], o.ConstInt(0))
		}
	}
}

func learnEqual(o *ir.Optimizer, c *ir.Op, equal bool) {
	a, b := o.Find(c.Args[0]), o.Find(c.Args[1])
	switch {
	case equal:
		o.Replace(a, b)
	case b.IsNull() && !a.IsConst():
		o.MakeFacts(a).Nonnull = true
	case a.IsNull() && !b.IsConst():
		o.MakeFacts(b).Nonnull = true
	}
}
