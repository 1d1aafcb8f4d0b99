package guardssolution

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
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
func Implied(o *ir.Optimizer, guard *ir.Op) guards.Answer {
	var x *ir.Op
	if len(guard.Args) > 0 {
		x = guard.Args[0]
	}
	switch guard.Code {
	case ir.GuardTrue, ir.GuardFalse:
		if x.Code == ir.OpConstInt && x.Bits <= 1 {
			return answer((x.Bits == 1) == (guard.Code == ir.GuardTrue))
		}
	case ir.GuardValue:
		return impliedValue(o, x, guard.Args[1])
	case ir.GuardNonnull, ir.GuardIsnull:
		if x.IsNull() || o.Facts(x).Nonnull {
			return answer(x.IsNull() == (guard.Code == ir.GuardIsnull))
		}
	case ir.GuardClass, ir.GuardNonnullClass:
		class := o.Facts(x).Class
		if x.IsNull() || class != "" {
			return answer(class == guard.Args[1].Name.Name)
		}
	}
	return guards.Unknown
}

func impliedValue(o *ir.Optimizer, x, c *ir.Op) guards.Answer {
	if x.IsConst() && c.IsConst() {
		return answer(ir.SameConst(x, c))
	}
	f, g := o.Facts(x), o.Facts(c)
	if f.Nonnull && c.IsNull() || f.Class != "" && g.Class != "" && f.Class != g.Class {
		return guards.Fails
	}
	return guards.Unknown
}

func answer(holds bool) guards.Answer {
	if holds {
		return guards.Holds
	}
	return guards.Fails
}
