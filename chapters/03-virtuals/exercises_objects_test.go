package virtuals_test

import (
	"fmt"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type delay = func(*ir.Op) *virtuals.Object

func TestExercise3_1_Delay(t *testing.T) {
	exercise.Run(t, ex("3.1"), virtuals.Yours.Delay, virtualssolution.Delay, checkDelay,
		exercise.Wrong("takes-any-length-for-a-constant", func(op *ir.Op) *virtuals.Object {
			class := op.Descr.(*heap.Class)
			if class.IsArray() && op.Args[0].Code != ir.OpConstInt {
				return &virtuals.Object{Op: op, Class: class, Words: make([]*ir.Op, op.Args[0].Int())}
			}
			return virtualssolution.Delay(op)
		}),
		exercise.Wrong("makes-negative-lengths-0", func(op *ir.Op) *virtuals.Object {
			if class := op.Descr.(*heap.Class); class.IsArray() && op.Args[0].Int() < 0 {
				return &virtuals.Object{Op: op, Class: class}
			}
			return virtualssolution.Delay(op)
		}),
		exercise.Wrong("less-than-MaxItems", func(op *ir.Op) *virtuals.Object {
			if class := op.Descr.(*heap.Class); class.IsArray() && op.Args[0].Int() == virtuals.MaxItems {
				return nil
			}
			return virtualssolution.Delay(op)
		}),
		exercise.Wrong("no-array-is-too-long", func(op *ir.Op) *virtuals.Object {
			if class := op.Descr.(*heap.Class); class.IsArray() && op.Args[0].Int() > virtuals.MaxItems {
				return &virtuals.Object{Op: op, Class: class, Words: make([]*ir.Op, op.Args[0].Int())}
			}
			return virtualssolution.Delay(op)
		}),
		exercise.Wrong("one-word-short", func(op *ir.Op) *virtuals.Object {
			obj := virtualssolution.Delay(op)
			if obj != nil && len(obj.Words) > 0 {
				obj.Words = obj.Words[1:]
			}
			return obj
		}),
		exercise.Wrong("words-are-zero-at-once", func(op *ir.Op) *virtuals.Object {
			obj := virtualssolution.Delay(op)
			if obj != nil {
				for i := range obj.Words {
					obj.Words[i] = ir.ConstBits(ir.Int, 0)
				}
			}
			return obj
		}),
	)
}

func checkDelay(t exercise.TB, f delay) {
	const (
		structs = "a struct has a word for each of its fields, those of its base included"
		arrays  = "an array of constant length has a word for each of its items"
		real    = "what can't be tracked is not virtual: the length has to be a constant, from 0 to MaxItems"
	)
	trace := straight.Read(t, "[i0]; p1 = new_with_vtable(descr=NODE); p2 = new_with_vtable(descr=LEAF); p3 = new(descr=PAIR); "+
		"p4 = new_array(2, descr=INTS); p5 = new_array_clear(0, descr=REFS); p6 = new_array_clear(64, descr=INTS); "+
		"p7 = new_array(65, descr=INTS); p8 = new_array(-1, descr=INTS); p9 = new_array_clear(i0, descr=REFS); p10 = new_array(1099511627776, descr=INTS)")
	for i, c := range []struct {
		rule  string
		words int // -1: nil
	}{
		{structs, 2}, {structs, 3}, {structs, 2}, {arrays, 2}, {arrays, 0}, {arrays, virtuals.MaxItems}, {real, -1}, {real, -1}, {real, -1}, {real, -1},
	} {
		op := trace.Ops[i]
		if wrong := delayed(f(op), op, c.words); wrong != "" {
			t.Errorf("rule: %s\nDelay of %s\n%s", c.rule, op, wrong)
			return
		}
	}
	agreeOnGenerated(t, with(func(k *virtuals.Kit) { k.Delay = f }))
}

// delayed returns what is wrong with the object of op.
func delayed(obj *virtuals.Object, op *ir.Op, words int) string {
	switch {
	case words < 0 && obj != nil:
		return fmt.Sprintf("returns an object with %d words, want nil", len(obj.Words))
	case words < 0:
		return ""
	case obj == nil:
		return fmt.Sprintf("returns nil, want an object with %d words", words)
	case len(obj.Words) != words:
		return fmt.Sprintf("has %d words, want %d", len(obj.Words), words)
	case obj.Op != op || obj.Class != op.Descr.(*heap.Class):
		return "Op has to be the allocation itself, and Class its descr"
	case obj.Forced:
		return "is Forced, but nothing was allocated yet"
	}
	for i, w := range obj.Words {
		if w != nil {
			return fmt.Sprintf("has %s in word %d, want nil: nobody has written it, and what is in memory depends on the operation", w, i)
		}
	}
	return ""
}

type access = func(*ir.Optimizer, *virtuals.Object, int, *ir.Op)

func TestExercise3_2_Access(t *testing.T) {
	exercise.Run(t, ex("3.2"), virtuals.Yours.Access, virtualssolution.Access, checkAccess,
		exercise.Wrong[access]("nil-for-what-was-never-written", func(o *ir.Optimizer, obj *virtuals.Object, word int, op *ir.Op) {
			if !op.Code.Has(ir.Effect) {
				o.Replace(op, obj.Words[word])
				return
			}
			virtualssolution.Access(o, obj, word, op)
		}),
		exercise.Wrong[access]("every-zero-is-an-integer", func(o *ir.Optimizer, obj *virtuals.Object, word int, op *ir.Op) {
			if !op.Code.Has(ir.Effect) && obj.Words[word] == nil {
				o.Replace(op, o.ConstInt(0))
				return
			}
			virtualssolution.Access(o, obj, word, op)
		}),
		exercise.Wrong[access]("always-the-first-word", func(o *ir.Optimizer, obj *virtuals.Object, word int, op *ir.Op) {
			if !op.Code.Has(ir.Effect) {
				word = 0
			}
			virtualssolution.Access(o, obj, word, op)
		}),
		exercise.Wrong[access]("the-second-argument-is-the-value", func(o *ir.Optimizer, obj *virtuals.Object, word int, op *ir.Op) {
			if op.Code.Has(ir.Effect) {
				obj.Words[word] = op.Args[1]
				return
			}
			virtualssolution.Access(o, obj, word, op)
		}),
		exercise.Wrong[access]("the-first-store-stays", func(o *ir.Optimizer, obj *virtuals.Object, word int, op *ir.Op) {
			if !op.Code.Has(ir.Effect) || obj.Words[word] == nil {
				virtualssolution.Access(o, obj, word, op)
			}
		}),
	)
}

func checkAccess(t exercise.TB, f access) {
	const (
		loads  = "a load gives what was stored last in that word"
		zeros  = "a word that was never written is the zero of its type: 0, 0.0 or NULL"
		values = "the value of a store is its last argument, for an item the third"
	)
	kit := with(func(k *virtuals.Kit) { k.Access = f })
	checkCases(t, kit, []traceCase{
		{loads, "[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); i2 = getfield_gc_i(p1, descr=NODE.value); finish(i2)", "[i0]; finish(i0)"},
		{loads, "[i0, p1]; " + node("p2", "i0", "p1") + "; p3 = getfield_gc_r(p2, descr=NODE.next); i4 = getfield_gc_i(p2, descr=NODE.value); finish(p3, i4)", "[i0, p1]; finish(p1, i0)"},
		{loads, "[i0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i0, descr=NODE.value); i3 = getfield_gc_i(p2, descr=NODE.value); " +
			"setfield_gc(p2, i1, descr=NODE.value); i4 = getfield_gc_i(p2, descr=NODE.value); finish(i3, i4)", "[i0, i1]; finish(i0, i1)"},
		{zeros, "[]; p0 = new_with_vtable(descr=LEAF); i1 = getfield_gc_i(p0, descr=NODE.value); p2 = getfield_gc_r(p0, descr=NODE.next); f3 = getfield_gc_f(p0, descr=LEAF.weight); finish(i1, p2, f3)",
			"[]; finish(0, NULL, 0.0)"},
		{zeros, "[]; p0 = new_array_clear(2, descr=FLOATS); f1 = getarrayitem_gc_f(p0, 1, descr=FLOATS); p2 = new_array_clear(2, descr=REFS); p3 = getarrayitem_gc_r(p2, 0, descr=REFS); finish(f1, p3)",
			"[]; finish(0.0, NULL)"},
		{values, "[i0]; p1 = new_array_clear(3, descr=INTS); setarrayitem_gc(p1, 2, i0, descr=INTS); i2 = getarrayitem_gc_i(p1, 2, descr=INTS); i3 = getarrayitem_gc_i(p1, 1, descr=INTS); finish(i2, i3)",
			"[i0]; finish(i0, 0)"},
		{"objects have words of their own", "[i0]; p1 = new_with_vtable(descr=NODE); p2 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); " +
			"i3 = getfield_gc_i(p2, descr=NODE.value); finish(i3)", "[i0]; finish(0)"},
	})
	agreeOnGenerated(t, kit)
}

type compare = func(virtuals.Objects, *ir.Op, *ir.Op) (bool, bool)

func TestExercise3_3_Compare(t *testing.T) {
	exercise.Run(t, ex("3.3"), virtuals.Yours.Compare, virtualssolution.Compare, checkCompare,
		exercise.Wrong[compare]("one-class-one-object", func(objects virtuals.Objects, a, b *ir.Op) (bool, bool) {
			if x, y := objects.Of(a), objects.Of(b); x != nil && y != nil {
				return x.Class == y.Class, true
			}
			return virtualssolution.Compare(objects, a, b)
		}),
		exercise.Wrong[compare]("both-have-to-be-virtual", func(objects virtuals.Objects, a, b *ir.Op) (bool, bool) {
			return a == b, a == b || objects.Of(a) != nil && objects.Of(b) != nil
		}),
		exercise.Wrong[compare]("what-is-not-the-same-value-differs", func(_ virtuals.Objects, a, b *ir.Op) (bool, bool) {
			return a == b, true
		}),
		exercise.Wrong[compare]("looks-at-the-first-only", func(objects virtuals.Objects, a, b *ir.Op) (bool, bool) {
			return a == b, a == b || objects.Of(a) != nil
		}),
		exercise.Wrong[compare]("once-virtual-always-virtual", func(objects virtuals.Objects, a, b *ir.Op) (bool, bool) {
			return a == b, a == b || objects[a] != nil || objects[b] != nil
		}),
	)
}

func checkCompare(t exercise.TB, f compare) {
	trace := straight.Read(t, "[p0, p1]; p2 = new_with_vtable(descr=NODE); p3 = new_with_vtable(descr=NODE); p4 = new_with_vtable(descr=NODE)")
	node, other, forced := trace.Ops[0], trace.Ops[1], trace.Ops[2]
	objects := virtuals.Objects{}
	for _, op := range trace.Ops {
		objects[op] = virtualssolution.Delay(op)
	}
	objects[forced].Forced = true
	p0, p1 := trace.Inputs[0], trace.Inputs[1]
	for _, c := range []struct {
		rule        string
		a, b        *ir.Op
		same, known bool
	}{
		{"a virtual object is itself", node, node, true, true},
		{"two virtual objects are two objects, of one class or not", node, other, false, true},
		{"nobody else can have a reference to a virtual object", node, p0, false, true},
		{"nobody else can have a reference to a virtual object: which of the two it is makes no difference", p0, node, false, true},
		{"nobody else can have a reference to a virtual object", node, ir.Null, false, true},
		{"of two values that are not virtual, nothing is known: two inputs may be one object", p0, p1, false, false},
		{"a value is itself, virtual or not", p0, p0, true, true},
		{"an object that was forced is virtual no more: what was loaded since may be that object", forced, p0, false, false},
	} {
		same, known := f(objects, c.a, c.b)
		if known != c.known || known && same != c.same {
			t.Errorf("rule: %s\nthe trace:\n%s%s and %s are virtual, %s was forced\nCompare(%s, %s) is (%t, %t), want (%t, %t)",
				c.rule, tracetest.Indent(trace.Body()), name(node), name(other), name(forced), name(c.a), name(c.b), same, known, c.same, c.known)
			return
		}
	}
	kit := with(func(k *virtuals.Kit) { k.Compare = f })
	checkCases(t, kit, []traceCase{
		{"comparisons with a virtual object are decided", "[p0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); i3 = ptr_eq(p0, p1); i4 = ptr_ne(p1, p2); i5 = ptr_eq(p1, p1); finish(i3, i4, i5)", "[p0]; finish(0, 1, 1)"},
		{"others are not", "[p0, p1]; i2 = ptr_eq(p0, p1); finish(i2)", "same"},
	})
	agreeOnGenerated(t, kit)
}

// name returns the name that the value v has in the text of a trace.
func name(v *ir.Op) string {
	if v.IsConst() {
		return v.String()
	}
	return fmt.Sprintf("p%d", v.ID)
}
