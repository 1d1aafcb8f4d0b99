package virtuals_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type mayAlias = func(*virtuals.Cache, *ir.Optimizer, *ir.Op, *ir.Op) bool

// alsoDiffer returns the solution's MayAlias that finds other pairs to be two
// objects as well: those for which differ says so, one way round or the other.
func alsoDiffer(differ func(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool) mayAlias {
	return func(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
		if p != q && (differ(c, o, p, q) || differ(c, o, q, p)) {
			return false
		}
		return virtualssolution.MayAlias(c, o, p, q)
	}
}

func TestExercise3_8_MayAlias(t *testing.T) {
	exercise.Run(t, ex("3.8"), virtuals.Yours.MayAlias, virtualssolution.MayAlias, checkMayAlias,
		exercise.Wrong[mayAlias]("always", func(*virtuals.Cache, *ir.Optimizer, *ir.Op, *ir.Op) bool { return true }),
		exercise.Wrong("not-if-values-differ", alsoDiffer(func(*virtuals.Cache, *ir.Optimizer, *ir.Op, *ir.Op) bool { return true })),
		exercise.Wrong("an-allocation-differs-from-all", alsoDiffer(func(_ *virtuals.Cache, _ *ir.Optimizer, p, _ *ir.Op) bool {
			return p.Code.IsAllocation()
		})),
		exercise.Wrong[mayAlias]("compares-IDs-the-wrong-way", func(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
			if !p.Code.IsAllocation() {
				p, q = q, p
			}
			if p.Code.IsAllocation() && !q.Code.IsAllocation() && !q.IsConst() {
				return q.ID < p.ID
			}
			return virtualssolution.MayAlias(c, o, p, q)
		}),
		exercise.Wrong("no-class-is-a-class", alsoDiffer(func(_ *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
			return o.Facts(p).Class != o.Facts(q).Class
		})),
		exercise.Wrong("one-length-will-do", alsoDiffer(func(c *virtuals.Cache, o *ir.Optimizer, p, q *ir.Op) bool {
			m, known := c.Length(o, p)
			n, _ := c.Length(o, q)
			return known && m != n
		})),
		exercise.Wrong("a-constant-differs-from-all", alsoDiffer(func(_ *virtuals.Cache, _ *ir.Optimizer, p, _ *ir.Op) bool { return p.IsConst() })),
	)
}

// storeTwice writes to the objects a and b, and reads a.
func storeTwice(before, a, b string) string {
	return before + "; setfield_gc(" + a + ", 7, descr=NODE.value); setfield_gc(" + b + ", 8, descr=NODE.value)"
}

// apart is a case in which a and b are known to be two objects: the value of a is
// still known after the store to b.
func apart(rule, before, a, b string) traceCase {
	text := storeTwice(before, a, b)
	return traceCase{rule, text + "; i9 = getfield_gc_i(" + a + ", descr=NODE.value); finish(i9)", text + "; finish(7)"}
}

// perhaps is a case in which they may be one.
func perhaps(rule, before, a, b string) traceCase {
	return traceCase{rule, storeTwice(before, a, b) + "; i9 = getfield_gc_i(" + a + ", descr=NODE.value); finish(i9)", "same"}
}

// aliasCases go through the rules of MayAlias.
func aliasCases() []traceCase {
	const (
		inputs    = "two values of which nothing is known may be the same object"
		constants = "two constants that are not the same are two objects"
		fresh     = "an object that the trace makes is none that was there before: no input, no constant, no earlier allocation"
		loaded    = "what is loaded after an object was made may be that object"
		class     = "objects of two known classes are two objects"
		noClass   = "a class that is not known may be any class"
		length    = "arrays of two known lengths are two arrays"
		noLength  = "a length that is not known may be any length"
		content   = "objects that hold different constants at the same place are two objects"
		same      = "what holds the same may be the same"
	)
	const made = "p1 = new_with_vtable(descr=NODE); escape_n(p1)"
	const arrays = "; setarrayitem_gc(p0, 0, 7, descr=INTS); setarrayitem_gc(p1, 0, 8, descr=INTS)"
	const length2 = "[p0, p1]; i2 = arraylen_gc(p0, descr=INTS); guard_value(i2, 2) []"
	const length3 = "; i3 = arraylen_gc(p1, descr=INTS); guard_value(i3, 3) []"
	const fields = "[p0, p1]; i2 = getfield_gc_i(p0, descr=NODE.value); guard_value(i2, 1) []; i3 = getfield_gc_i(p1, descr=NODE.value); "
	const links = "; setfield_gc(p0, NULL, descr=NODE.next); setfield_gc(p1, p0, descr=NODE.next); "
	return []traceCase{
		perhaps(inputs, "[p0, p1]", "p0", "p1"),
		apart(constants, "[]", "ConstPtr(node)", "ConstPtr(leaf)"),
		perhaps("an input may be a constant", "[p0]", "ConstPtr(node)", "p0"),
		perhaps("an input may be a constant", "[p0]", "p0", "ConstPtr(node)"),
		apart(fresh, "[p0]; "+made, "p0", "p1"),
		apart(fresh, "[p0]; "+made, "p1", "p0"),
		apart(fresh, "[]; p1 = new_with_vtable(descr=NODE); escape_n(p1)", "ConstPtr(node)", "p1"),
		apart(fresh, "[]; p0 = new_with_vtable(descr=NODE); p1 = new_with_vtable(descr=NODE); escape_n(p0, p1)", "p0", "p1"),
		perhaps(loaded, "[p0]; "+made+"; p2 = getfield_gc_r(p0, descr=NODE.next)", "p1", "p2"),
		perhaps(loaded, "[p0]; "+made+"; p2 = getfield_gc_r(p0, descr=NODE.next)", "p2", "p1"),
		apart(class, "[p0, p1]; guard_nonnull_class(p0, NODE?) []; guard_nonnull_class(p1, LEAF?) []", "p0", "p1"),
		apart(class, "[p0]; guard_nonnull_class(p0, NODE?) []", "p0", "ConstPtr(leaf)"),
		perhaps(noClass, "[p0, p1]; guard_nonnull_class(p0, NODE?) []", "p0", "p1"),
		perhaps(noClass, "[p0, p1]; guard_nonnull_class(p0, NODE?) []", "p1", "p0"),
		perhaps(same, "[p0, p1]; guard_nonnull_class(p0, NODE?) []; guard_nonnull_class(p1, NODE?) []", "p0", "p1"),
		{length, length2 + length3 + arrays + "; i9 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i9)", length2 + length3 + arrays + "; finish(7)"},
		{noLength, length2 + arrays + "; i9 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i9)", "same"},
		{noLength, "[p1, p0]; i2 = arraylen_gc(p0, descr=INTS); guard_value(i2, 2) []" + arrays + "; i9 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i9)", "same"},
		{same, length2 + "; i3 = arraylen_gc(p1, descr=INTS); guard_value(i3, 2) []" + arrays + "; i9 = getarrayitem_gc_i(p0, 0, descr=INTS); finish(i9)", "same"},
		{content, fields + "guard_value(i3, 2) []" + links + "p9 = getfield_gc_r(p0, descr=NODE.next); finish(p9)", fields + "guard_value(i3, 2) []" + links + "finish(NULL)"},
		{same, fields + "guard_value(i3, 1) []" + links + "p9 = getfield_gc_r(p0, descr=NODE.next); finish(p9)", "same"},
	}
}

func checkMayAlias(t exercise.TB, f mayAlias) {
	kit := with(func(k *virtuals.Kit) { k.MayAlias = f })
	checkCases(t, kit, append(aliasCases(), []traceCase{
		{"an object is itself", "[p0]; setfield_gc(p0, 7, descr=NODE.value); i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1)", "[p0]; setfield_gc(p0, 7, descr=NODE.value); finish(7)"},
		{"what are two objects is not equal", "[p0]; p1 = new(descr=PAIR); escape_n(p1); i2 = ptr_eq(p0, p1); finish(i2)", "[p0]; p1 = new(descr=PAIR); escape_n(p1); finish(0)"},
		{"what may be one object may be equal", "[p0]; p1 = new(descr=PAIR); escape_n(p1); p2 = getfield_gc_r(p0, descr=PAIR.left); i3 = ptr_eq(p1, p2); finish(i3)", "same"},
	}...))
	agreeOnGenerated(t, kit)
}
