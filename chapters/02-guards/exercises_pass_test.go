package guards_test

import (
	"fmt"
	"strings"
	"testing"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

type implied = func(*ir.Optimizer, *ir.Op) guards.Answer

// impliedBut returns the solution's Implied, except where other gives an answer.
func impliedBut(other func(o *ir.Optimizer, guard *ir.Op) (guards.Answer, bool)) implied {
	return func(o *ir.Optimizer, guard *ir.Op) guards.Answer {
		if a, ok := other(o, guard); ok {
			return a
		}
		return guardssolution.Implied(o, guard)
	}
}

func TestExercise2_6_Implied(t *testing.T) {
	exercise.Run(t, ex("2.6"), guards.Yours.Implied, guardssolution.Implied, checkImplied,
		exercise.Wrong("nonnull-is-any-class", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Holds, g.Code == ir.GuardClass && o.Facts(g.Args[0]).Nonnull && o.Facts(g.Args[0]).Class == ""
		})),
		exercise.Wrong("NULL-has-every-class", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Unknown, (g.Code == ir.GuardClass || g.Code == ir.GuardNonnullClass) && g.Args[0].IsNull()
		})),
		exercise.Wrong("compares-constants-by-Bits", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Holds, g.Code == ir.GuardValue && g.Args[0].IsConst() && g.Args[0].Bits == g.Args[1].Bits
		})),
		exercise.Wrong("guard_false-like-guard_true", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Holds, g.Code == ir.GuardFalse && g.Args[0].Code == ir.OpConstInt && g.Args[0].Bits == 1
		})),
		exercise.Wrong("never-fails", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Unknown, guardssolution.Implied(o, g) == guards.Fails
		})),
		exercise.Wrong("values-of-one-class-are-one", impliedBut(func(o *ir.Optimizer, g *ir.Op) (guards.Answer, bool) {
			return guards.Holds, g.Code == ir.GuardValue && o.Facts(g.Args[0]).Class != "" &&
				o.Facts(g.Args[0]).Class == o.Facts(g.Args[1]).Class
		})),
	)
}

func checkImplied(t exercise.TB, f implied) {
	kit := with(func(k *guards.Kit) { k.Implied, k.Merge = f, neverMerges })
	const (
		twice    = "a guard that was passed is not asked again"
		classes  = "whose class is known passes the check for this class, and no other"
		null     = "NULL is null, and no object of any class"
		constant = "a guard on a constant is decided: dropped, or the trace is impossible"
		unknown  = "what is not known has to be asked: nonnull says nothing of the class, a class nothing of the value"
	)
	checkCases(t, kit, []traceCase{
		{constant, "[]; guard_true(1) []; guard_false(0) []; finish()", "[]; finish()"},
		{constant, "[]; guard_true(0) []; finish()", "impossible"},
		{constant, "[]; guard_false(1) []; finish()", "impossible"},
		{constant, "[]; guard_value(4, 4) []; guard_value(1.5, 1.5) []; finish()", "[]; finish()"},
		{constant, "[]; guard_value(3, 4) []; finish()", "impossible"},
		{"0.0 and -0.0 are two values", "[]; guard_value(0.0, -0.0) []; finish()", "impossible"},
		{constant, "[]; guard_value(ConstPtr(node), ConstPtr(node)) []; finish()", "[]; finish()"},
		{"two names are two objects", "[]; guard_value(ConstPtr(node), ConstPtr(leaf)) []; finish()", "impossible"},
		{twice, "[i0]; guard_value(i0, 4) []; guard_value(i0, 4) []; finish()", "[i0]; guard_value(i0, 4) []; finish()"},
		{twice, "[i0]; guard_value(i0, 4) []; guard_value(i0, 5) []; finish()", "impossible"},
		{twice, "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; guard_true(i2) []; finish()",
			"[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; finish()"},
		{twice, "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; guard_false(i2) []; finish()", "impossible"},
		{twice, "[p0]; guard_nonnull(p0) []; guard_nonnull(p0) []; finish()", "[p0]; guard_nonnull(p0) []; finish()"},
		{twice, "[p0]; guard_isnull(p0) []; guard_isnull(p0) []; finish()", "[p0]; guard_isnull(p0) []; finish()"},
		{"nothing is null and an object", "[p0]; guard_nonnull(p0) []; guard_isnull(p0) []; finish()", "impossible"},
		{"nothing is null and an object", "[p0]; guard_isnull(p0) []; guard_nonnull(p0) []; finish()", "impossible"},
		{null, "[]; guard_isnull(NULL) []; finish()", "[]; finish()"},
		{null, "[]; guard_nonnull_class(NULL, NODE?) []; finish()", "impossible"},
		{null, "[p0]; guard_isnull(p0) []; guard_class(p0, NODE?) []; finish()", "impossible"},
		{null, "[p0]; guard_nonnull(p0) []; guard_value(p0, NULL) []; finish()", "impossible"},
		{"an object of " + classes, "[p0]; guard_nonnull_class(p0, NODE?) []; guard_class(p0, NODE?) []; guard_nonnull(p0) []; finish()",
			"[p0]; guard_nonnull_class(p0, NODE?) []; finish()"},
		{"an object " + classes, "[p0]; guard_class(p0, NODE?) []; guard_nonnull_class(p0, LEAF?) []; finish()", "impossible"},
		{"a new object " + classes, "[]; p0 = new_with_vtable(descr=NODE); guard_class(p0, NODE?) []; guard_nonnull(p0) []; finish(p0)",
			"[]; p0 = new_with_vtable(descr=NODE); finish(p0)"},
		{"a new object " + classes, "[]; p0 = new_with_vtable(descr=NODE); guard_class(p0, LEAF?) []; finish(p0)", "impossible"},
		{"a prebuilt object " + classes, "[]; guard_class(ConstPtr(leaf), LEAF?) []; finish()", "[]; finish()"},
		{"a prebuilt object " + classes, "[]; guard_class(ConstPtr(leaf), NODE?) []; finish()", "impossible"},
		{"objects of two classes are two objects",
			"[p0]; guard_nonnull_class(p0, NODE?) []; guard_value(p0, ConstPtr(leaf)) []; finish()", "impossible"},
		{unknown, "[p0]; guard_nonnull(p0) []; guard_class(p0, NODE?) []; finish()", "same"},
		{unknown, "[p0]; p1 = getfield_gc_r(p0, descr=PAIR.left); guard_class(p0, NODE?) []; finish(p1)", "same"},
		{unknown, "[p0]; guard_nonnull_class(p0, NODE?) []; guard_value(p0, ConstPtr(node)) []; finish()", "same"},
		{unknown, "[]; guard_class(ConstPtr(who), NODE?) []; finish()", "same"},
		{unknown, "[i0]; i1 = int_and(i0, 1); guard_true(i1) []; finish()", "same"},
		{"other guards are Unknown; guard_no_overflow has no arguments",
			"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i1)", "same"},
	})
	if !t.Failed() {
		agreeOnGenerated(t, kit)
	}
}

type learn = func(*ir.Optimizer, *ir.Op)

// learnBut returns the solution's Learn, except where other takes the guard.
func learnBut(other func(o *ir.Optimizer, guard *ir.Op) bool) learn {
	return func(o *ir.Optimizer, guard *ir.Op) {
		if !other(o, guard) {
			guardssolution.Learn(o, guard)
		}
	}
}

// after lets the solution learn first; what more then adds is wrong.
func after(more func(o *ir.Optimizer, guard, x *ir.Op)) learn {
	return func(o *ir.Optimizer, guard *ir.Op) {
		guardssolution.Learn(o, guard)
		if len(guard.Args) > 0 {
			more(o, guard, guard.Args[0])
		}
	}
}

func TestExercise2_7_Learn(t *testing.T) {
	exercise.Run(t, ex("2.7"), guards.Yours.Learn, guardssolution.Learn, checkLearn,
		exercise.Wrong("equal-floats-are-the-same", after(func(o *ir.Optimizer, g, x *ir.Op) {
			if g.Code == ir.GuardTrue && x.Code == ir.FloatEq {
				o.Replace(x.Args[0], x.Args[1])
			}
		})),
		exercise.Wrong("int_ne-like-int_eq", after(func(o *ir.Optimizer, g, x *ir.Op) {
			if g.Code == ir.GuardTrue && x.Code == ir.IntNe {
				o.Replace(x.Args[0], x.Args[1])
			}
		})),
		exercise.Wrong("what-is-true-is-1", after(func(o *ir.Optimizer, g, x *ir.Op) {
			if g.Code == ir.GuardTrue && x.Code == ir.IntIsTrue {
				o.Replace(x.Args[0], o.ConstInt(1))
			}
		})),
		exercise.Wrong("what-differs-is-nonnull", after(func(o *ir.Optimizer, g, x *ir.Op) {
			if g.Code == ir.GuardTrue && x.Code == ir.PtrNe {
				o.MakeFacts(x.Args[0]).Nonnull = true
			}
		})),
		exercise.Wrong("forgets-the-condition-itself", learnBut(func(o *ir.Optimizer, g *ir.Op) bool {
			return g.Code == ir.GuardFalse
		})),
		exercise.Wrong("class-without-nonnull", learnBut(func(o *ir.Optimizer, g *ir.Op) bool {
			if g.Code != ir.GuardNonnullClass {
				return false
			}
			o.MakeFacts(g.Args[0]).Class = g.Args[1].Name.Name
			return true
		})),
	)
}

func checkLearn(t exercise.TB, f learn) {
	kit := with(func(k *guards.Kit) { k.Learn, k.Merge = f, neverMerges })
	const (
		condition = "behind a guard its condition is a constant"
		equal     = "where a guard says that two values are equal, one takes the other's place"
		nothing   = "what does not follow is not learned"
		zero      = "a number that is not true is 0"
		nonnull   = "what differs from NULL is not null"
	)
	var cases []traceCase
	for _, c := range []struct{ rule, in, before, after string }{
		{condition, "[i0, i1]", "i2 = int_lt(i0, i1); guard_true(i2) [i2]; finish(i2)", "i2 = int_lt(i0, i1); guard_true(i2) [i2]; finish(1)"},
		{condition, "[i0, i1]", "i2 = int_lt(i0, i1); guard_false(i2) []; finish(i2)", "i2 = int_lt(i0, i1); guard_false(i2) []; finish(0)"},
		{equal, "[i0]", "i1 = int_eq(i0, 5); guard_true(i1) [i0]; i2 = int_add(i0, 1); finish(i2)", "i1 = int_eq(i0, 5); guard_true(i1) [i0]; finish(6)"},
		{equal, "[i0]", "i1 = int_ne(i0, 5); guard_false(i1) []; finish(i0)", "i1 = int_ne(i0, 5); guard_false(i1) []; finish(5)"},
		{equal, "[i0, i1]", "i2 = int_eq(i0, i1); guard_true(i2) []; i3 = int_sub(i0, i1); finish(i3)", "i2 = int_eq(i0, i1); guard_true(i2) []; finish(0)"},
		{nothing, "[i0]", "i1 = int_ne(i0, 5); guard_true(i1) []; finish(i0)", "same"},
		{nothing, "[i0]", "i1 = int_eq(i0, 5); guard_false(i1) []; finish(i0)", "same"},
		{"0.0 equals -0.0, and they are not the same", "[f0]", "i1 = float_eq(f0, 0.0); guard_true(i1) []; f2 = float_truediv(1.0, f0); finish(f2)", "same"},
		{zero, "[i0]", "i1 = int_is_zero(i0); guard_true(i1) []; finish(i0)", "i1 = int_is_zero(i0); guard_true(i1) []; finish(0)"},
		{zero, "[i0]", "i1 = int_is_true(i0); guard_false(i1) []; finish(i0)", "i1 = int_is_true(i0); guard_false(i1) []; finish(0)"},
		{"a number that is true need not be 1", "[i0]", "i1 = int_is_true(i0); guard_true(i1) []; finish(i0)", "same"},
		{nothing, "[i0]", "i1 = int_is_zero(i0); guard_false(i1) []; finish(i0)", "same"},
		{"behind guard_value the value is that constant", "[i0]", "guard_value(i0, 7) [i0]; i1 = int_mul(i0, 3); finish(i1)", "guard_value(i0, 7) [i0]; finish(21)"},
		{"behind guard_isnull the value is NULL", "[p0]", "guard_isnull(p0) [p0]; finish(p0)", "guard_isnull(p0) [p0]; finish(NULL)"},
		{nonnull, "[p0]", "guard_nonnull(p0) []; i1 = ptr_eq(p0, NULL); finish(i1)", "guard_nonnull(p0) []; finish(0)"},
		{nonnull, "[p0]", "i1 = ptr_ne(p0, NULL); guard_true(i1) []; guard_nonnull(p0) []; finish()", "i1 = ptr_ne(p0, NULL); guard_true(i1) []; finish()"},
		{nonnull, "[p0]", "i1 = instance_ptr_eq(NULL, p0); guard_false(i1) []; guard_nonnull(p0) []; finish()", "i1 = instance_ptr_eq(p0, NULL); guard_false(i1) []; finish()"},
		{equal, "[p0, p1]", "i2 = ptr_eq(p0, p1); guard_true(i2) []; i3 = ptr_eq(p0, p1); finish(i3)", "i2 = ptr_eq(p0, p1); guard_true(i2) []; finish(1)"},
		{equal, "[p0]", "i1 = instance_ptr_ne(p0, NULL); guard_false(i1) []; finish(p0)", "i1 = instance_ptr_ne(p0, NULL); guard_false(i1) []; finish(NULL)"},
		{"of two references that differ, one may be NULL", "[p0, p1]", "i2 = ptr_ne(p0, p1); guard_true(i2) []; guard_nonnull(p0) []; finish()", "same"},
		{"a class is known behind its guard, and that the object is not NULL", "[p0]",
			"guard_class(p0, NODE?) []; guard_nonnull_class(p0, NODE?) []; i1 = ptr_eq(p0, NULL); finish(i1)", "guard_class(p0, NODE?) []; finish(0)"},
		{"a class is known behind its guard, and that the object is not NULL", "[p0]",
			"guard_nonnull_class(p0, NODE?) []; guard_nonnull(p0) []; i1 = ptr_eq(p0, ConstPtr(leaf)); finish(i1)", "guard_nonnull_class(p0, NODE?) []; finish(0)"},
		{"guards without arguments say nothing", "[]", "guard_not_invalidated() []; finish()", "same"},
	} {
		after := c.after
		if after != "same" {
			after = c.in + "; " + after
		}
		cases = append(cases, traceCase{c.rule, c.in + "; " + c.before, after})
	}
	checkCases(t, kit, cases)
	if !t.Failed() {
		agreeOnGenerated(t, kit)
	}
}

type decided = func(guards.Order, ir.Opcode) (int64, bool)

func TestExercise2_8_Decided(t *testing.T) {
	exercise.Run(t, ex("2.8"), guards.Yours.Decided, guardssolution.Decided, checkDecided,
		exercise.Wrong[decided]("subset-the-wrong-way-round", func(possible guards.Order, c ir.Opcode) (int64, bool) {
			where := guards.Where(c)
			return truth(possible&where != 0), where&^possible == 0 || possible&where == 0
		}),
		exercise.Wrong[decided]("any-common-order-will-do", func(possible guards.Order, c ir.Opcode) (int64, bool) {
			return truth(possible&guards.Where(c) != 0), true
		}),
		exercise.Wrong[decided]("only-what-holds", func(possible guards.Order, c ir.Opcode) (int64, bool) {
			r, ok := guardssolution.Decided(possible, c)
			return r, ok && r == 1
		}),
		exercise.Wrong[decided]("only-single-orders", func(possible guards.Order, c ir.Opcode) (int64, bool) {
			r, ok := guardssolution.Decided(possible, c)
			return r, ok && possible&(possible-1) == 0
		}),
	)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// checkDecided tries all sets and all comparisons against the numbers 1 and 2.
func checkDecided(t exercise.TB, f decided) {
	pairs := map[guards.Order][2]uint64{guards.Less: {1, 2}, guards.Equal: {1, 1}, guards.Greater: {2, 1}}
	for possible := guards.Order(1); possible <= guards.AnyOrder; possible++ {
		for c := ir.IntLt; c <= ir.UintGe; c++ {
			results := map[int64]bool{}
			for order, p := range pairs {
				if possible&order != 0 {
					r, _ := irsolution.Kit.EvalPure(c, p[0], p[1])
					results[int64(r)] = true
				}
			}
			r, ok := f(possible, c)
			switch rule := fmt.Sprintf("if only %s possible, then %s(a, b)", names(possible), c); {
			case ok != (len(results) == 1) && ok:
				t.Errorf("rule: %s may be 0 or 1; it is not decided\ngot %d, true", rule, r)
			case ok != (len(results) == 1):
				t.Errorf("rule: %s is decided\ngot ok = false", rule)
			case ok && !results[r]:
				t.Errorf("rule: %s is %d\ngot %d", rule, 1-r, r)
			}
			if t.Failed() {
				return
			}
		}
	}
	kit := with(func(k *guards.Kit) { k.Decided, k.Merge = f, neverMerges })
	checkCases(t, kit, comparisonCases())
	if !t.Failed() {
		agreeOnGenerated(t, kit)
	}
}

// names says which orders are possible: "Less and Equal are".
func names(o guards.Order) string {
	var list []string
	for i, name := range []string{"Less", "Equal", "Greater"} {
		if o>>i&1 != 0 {
			list = append(list, name)
		}
	}
	if len(list) == 1 {
		return list[0] + " is"
	}
	return strings.Join(list, " and ") + " are"
}

type merge = func(*ir.Optimizer, *ir.Op, *ir.Op) bool

func TestExercise2_9_Merge(t *testing.T) {
	exercise.Run(t, ex("2.9"), guards.Yours.Merge, guardssolution.Merge, checkMerge,
		exercise.Wrong[merge]("drops-the-class-check", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			if earlier.Code == ir.GuardNonnullClass && later.Code == ir.GuardValue && later.Args[1].IsConst() {
				earlier.Code, earlier.Args = later.Code, later.Args
				return true
			}
			return guardssolution.Merge(o, earlier, later)
		}),
		exercise.Wrong[merge]("takes-later's-exit", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			merged := guardssolution.Merge(o, earlier, later)
			if merged {
				earlier.Exit = later.Exit
			}
			return merged
		}),
		exercise.Wrong[merge]("NULL-is-a-fine-constant", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			if earlier.Code == ir.GuardNonnull && later.Code == ir.GuardValue && later.Args[1].IsConst() {
				earlier.Code, earlier.Args = later.Code, later.Args
				return true
			}
			return guardssolution.Merge(o, earlier, later)
		}),
		exercise.Wrong[merge]("moves-values-up", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			if earlier.Code == ir.GuardNonnull && later.Code == ir.GuardValue && o.Facts(later.Args[1]).Nonnull {
				earlier.Code, earlier.Args = later.Code, later.Args
				return true
			}
			return guardssolution.Merge(o, earlier, later)
		}),
		exercise.Wrong[merge]("guard_class-is-enough", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			merged := guardssolution.Merge(o, earlier, later)
			if merged && earlier.Code == ir.GuardNonnullClass {
				earlier.Code = ir.GuardClass
			}
			return merged
		}),
		exercise.Wrong[merge]("says-so-and-changes-nothing", func(o *ir.Optimizer, earlier, later *ir.Op) bool {
			return earlier.Code == ir.GuardNonnull && later.Code == ir.GuardClass
		}),
	)
}

func checkMerge(t exercise.TB, f merge) {
	kit := with(func(k *guards.Kit) { k.Merge = f })
	checkCases(t, kit, mergeCases())
	if t.Failed() {
		return
	}
	// A case that the optimizer never makes, since guard_value answers first.
	o := &ir.Optimizer{Kit: &irsolution.Kit}
	null := &ir.Op{Code: ir.GuardValue, Args: []*ir.Op{{Code: ir.OpInput, Type: ir.Ref}, ir.Null}}
	nonnull := &ir.Op{Code: ir.GuardNonnull, Args: null.Args[:1], Exit: &ir.Exit{}}
	if f(o, nonnull, null) || nonnull.Code != ir.GuardNonnull {
		t.Errorf("rule: guard_value(p0, NULL) can't stand in for guard_nonnull(p0)\nMerge made %s of the earlier one, want false and no change", nonnull.Code)
	}
}
