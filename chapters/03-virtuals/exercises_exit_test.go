package virtuals_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type describe = func(*ir.Optimizer, virtuals.Objects, *ir.Op, map[*virtuals.Object]*ir.Op) *ir.Op

func TestExercise3_6_Describe(t *testing.T) {
	var sets func(after bool) describe
	sets = func(after bool) describe {
		return func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
			obj := objects.Of(v)
			if obj == nil {
				return v
			}
			if d := seen[obj]; d != nil {
				return d
			}
			d := &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: obj.Class}
			for i, w := range obj.Words {
				if w == nil {
					w = o.Zero(obj.Kind(i))
				}
				d.Args = append(d.Args, sets(after)(o, objects, w, seen))
			}
			if after {
				seen[obj] = d
			}
			return d
		}
	}
	exercise.Run(t, ex("3.6"), virtuals.Yours.Describe, virtualssolution.Describe, checkDescribe,
		exercise.Wrong("remembers-nothing", sets(false)),
		exercise.Wrong("remembers-when-it-is-done", sets(true)),
		exercise.Wrong("leaves-out-what-was-never-written", func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
			d := virtualssolution.Describe(o, objects, v, seen)
			if obj := objects.Of(v); obj != nil {
				d.Args = nil
				for _, w := range obj.Words {
					if w != nil {
						d.Args = append(d.Args, virtualssolution.Describe(o, objects, w, seen))
					}
				}
			}
			return d
		}),
		exercise.Wrong("words-are-not-described", func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
			d := virtualssolution.Describe(o, objects, v, seen)
			if obj := objects.Of(v); obj != nil {
				for i, w := range obj.Words {
					if w != nil && objects.Of(w) != obj {
						d.Args[i] = w
					}
				}
			}
			return d
		}),
		exercise.Wrong("hands-out-the-object's-own-words", func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
			d := virtualssolution.Describe(o, objects, v, seen)
			if obj := objects.Of(v); obj != nil {
				obj.Words = d.Args
			}
			return d
		}),
		exercise.Wrong("describes-what-was-forced", func(o *ir.Optimizer, objects virtuals.Objects, v *ir.Op, seen map[*virtuals.Object]*ir.Op) *ir.Op {
			if obj := objects[v]; obj != nil && obj.Forced {
				return &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: obj.Class, Args: obj.Words}
			}
			return virtualssolution.Describe(o, objects, v, seen)
		}),
	)
}

func checkDescribe(t exercise.TB, f describe) {
	const (
		real   = "what is not virtual stands in the exit as it is"
		words  = "the description has the class, and each word in order"
		zeros  = "a word that was never written is the zero of its type"
		inside = "a virtual object among the words is described as well"
		shared = "an object has one description in an exit, however often it stands there"
		copied = "a description is a copy: what is done to the object later does not change it, and describing does not change the object"
		cycle  = "an object may be part of itself: its description has to be in seen before its words are described"
	)
	kit := with(func(k *virtuals.Kit) { k.Describe = f })
	guard := "; guard_true(i0) "
	// Without cycles first: a function that calls itself for ever ends the process.
	checkCases(t, kit, []traceCase{
		{real, "[i0, p1]; p2 = new(descr=PAIR); escape_n(p2)" + guard + "[p1, i0, p2, NULL, ConstPtr(node)]; finish()", "same"},
		{words, "[i0, p1]; " + node("p2", "i0", "p1") + guard + "[p2]; finish()", "[i0, p1]; guard_true(i0) [NODE{value=i0, next=p1}]; finish()"},
		{words, "[i0, i1]; p2 = new_array(2, descr=INTS); setarrayitem_gc(p2, 0, i1, descr=INTS); setarrayitem_gc(p2, 1, 5, descr=INTS)" + guard + "[i1, p2]; finish()",
			"[i0, i1]; guard_true(i0) [i1, INTS{i1, 5}]; finish()"},
		{zeros, "[i0]; p1 = new_with_vtable(descr=LEAF)" + guard + "[p1]; finish()", "[i0]; guard_true(i0) [LEAF{value=0, next=NULL, weight=0.0}]; finish()"},
		{zeros, "[i0]; p1 = new_with_vtable(descr=POINT); setfield_gc(p1, 2.5, descr=POINT.y)" + guard + "[p1]; finish()", "[i0]; guard_true(i0) [POINT{x=0.0, y=2.5}]; finish()"},
		{inside, "[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); p3 = new(descr=PAIR); setfield_gc(p1, p2, descr=PAIR.left); setfield_gc(p2, p3, descr=PAIR.right)" + guard + "[p1]; finish()",
			"[i0]; guard_true(i0) [PAIR{left=PAIR{left=NULL, right=PAIR{left=NULL, right=NULL}}, right=NULL}]; finish()"},
		{shared, "[i0]; p1 = new(descr=PAIR)" + guard + "[p1, p1]; finish()", "[i0]; guard_true(i0) [v1:PAIR{left=NULL, right=NULL}, v1]; finish()"},
		{shared, "[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); setfield_gc(p1, p2, descr=PAIR.left); setfield_gc(p1, p2, descr=PAIR.right)" + guard + "[p1, p2]; finish()",
			"[i0]; guard_true(i0) [PAIR{left=v1:PAIR{left=NULL, right=NULL}, right=v1}, v1]; finish()"},
		{copied, "[i0, i1]; " + node("p2", "i0", "NULL") + guard + "[p2]; setfield_gc(p2, i1, descr=NODE.value); guard_true(i1) [p2]; finish()",
			"[i0, i1]; guard_true(i0) [NODE{value=i0, next=NULL}]; guard_true(i1) [NODE{value=i1, next=NULL}]; finish()"},
		{copied, "[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); setfield_gc(p1, p2, descr=PAIR.left)" + guard + "[p1]; p3 = getfield_gc_r(p1, descr=PAIR.left); escape_n(p3); finish()",
			"[i0]; guard_true(i0) [PAIR{left=PAIR{left=NULL, right=NULL}, right=NULL}]; p1 = new(descr=PAIR); escape_n(p1); finish()"},
		{"two objects have two descriptions, even if they hold the same", "[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR)" + guard + "[p1, p2]; finish()",
			"[i0]; guard_true(i0) [PAIR{left=NULL, right=NULL}, PAIR{left=NULL, right=NULL}]; finish()"},
	})
	if t.Failed() {
		return
	}
	forced := &virtuals.Object{Op: &ir.Op{Code: ir.New, Type: ir.Ref}, Forced: true}
	input := &ir.Op{Code: ir.OpInput, Type: ir.Ref}
	for _, v := range []*ir.Op{forced.Op, input, ir.Null} {
		if f(&ir.Optimizer{}, virtuals.Objects{forced.Op: forced}, v, map[*virtuals.Object]*ir.Op{}) != v {
			t.Errorf("rule: %s: an input, a constant, an object that was forced\nDescribe of such a value does not return that value", real)
			return
		}
	}
	if !remembersFirst(f) {
		t.Errorf("rule: %s\np1 = new(descr=PAIR) has the virtual object p2 as its left word\nwhen Describe came to p2, seen had no description of p1\n"+
			"(if p2 led back to p1, Describe would call itself for ever)", cycle)
		return
	}
	checkCases(t, kit, []traceCase{
		{cycle, "[i0]; " + node("p1", "i0", "p1") + guard + "[p1]; finish()", "[i0]; guard_true(i0) [v1:NODE{value=i0, next=v1}]; finish()"},
		{cycle, "[i0]; p1 = new(descr=PAIR); p2 = new(descr=PAIR); setfield_gc(p1, p2, descr=PAIR.left); setfield_gc(p2, p1, descr=PAIR.right); setfield_gc(p2, p2, descr=PAIR.left)" + guard + "[p2, p1]; finish()",
			"[i0]; guard_true(i0) [v1:PAIR{left=v1, right=v2:PAIR{left=v1, right=NULL}}, v2]; finish()"},
	})
	agreeOnGenerated(t, kit)
}

// remembersFirst reports whether f has the description of an object in seen when
// it comes to an object inside of it. The one inside can't be described: it has a
// word, but no class that says of which type.
func remembersFirst(f describe) (first bool) {
	class, _ := (&heap.Classes{}).Struct("PAIR", "", nil, heap.Field{Name: "left", Kind: heap.KindRef})
	inner := &virtuals.Object{Op: &ir.Op{Code: ir.New, Type: ir.Ref}, Words: make([]*ir.Op, 1)}
	outer := &virtuals.Object{Op: &ir.Op{Code: ir.New, Type: ir.Ref}, Class: class, Words: []*ir.Op{inner.Op}}
	seen := map[*virtuals.Object]*ir.Op{}
	defer func() {
		recover() // at the word without a type
		first = seen[outer] != nil
	}()
	f(&ir.Optimizer{}, virtuals.Objects{inner.Op: inner, outer.Op: outer}, outer.Op, seen)
	return false
}
