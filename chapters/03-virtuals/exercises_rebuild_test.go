package virtuals_test

import (
	"fmt"
	"strings"
	"testing"

	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type (
	alloc = func(c *heap.Class, words int) heap.Ref
	set   = func(r heap.Ref, word int, v uint64)
)

func TestExercise3_7_Materialize(t *testing.T) {
	exercise.Run(t, ex("3.7"), virtuals.Yours.Materialize, virtualssolution.Materialize, checkMaterialize,
		exercise.Wrong[guards.Materializer]("fills-each-at-once", func(alloc alloc, set set, plan []guards.Blueprint, regs []uint64) []heap.Ref {
			made := make([]heap.Ref, len(plan))
			for i, b := range plan {
				if made[i] = alloc(b.Class, len(b.Words)); made[i] == 0 {
					return nil
				}
				fill(set, made[i], b, regs, func(s guards.Source) heap.Ref { return made[^s] })
			}
			return made
		}),
		exercise.Wrong("minus-instead-of-complement", fillWith(func(made []heap.Ref, _ []uint64, s guards.Source) heap.Ref {
			return made[int(-s)%len(made)]
		})),
		exercise.Wrong("counts-registers-from-the-end", fillWith(func(_ []heap.Ref, regs []uint64, s guards.Source) heap.Ref {
			return regs[len(regs)+int(s)]
		})),
		exercise.Wrong[guards.Materializer]("does-not-notice-that-memory-is-out", func(alloc alloc, set set, plan []guards.Blueprint, regs []uint64) []heap.Ref {
			var made []heap.Ref
			for _, b := range plan {
				made = append(made, alloc(b.Class, len(b.Words)))
			}
			for i, b := range plan {
				fill(set, made[i], b, regs, func(s guards.Source) heap.Ref { return made[^s] })
			}
			return made
		}),
		exercise.Wrong[guards.Materializer]("as-many-words-as-fields", func(alloc alloc, set set, plan []guards.Blueprint, regs []uint64) []heap.Ref {
			return virtualssolution.Materialize(func(c *heap.Class, _ int) heap.Ref { return alloc(c, len(c.Fields)) }, set, plan, regs)
		}),
	)
}

// fill writes the words of b to the object r; ref says which address a Source is.
func fill(set set, r heap.Ref, b guards.Blueprint, regs []uint64, ref func(guards.Source) heap.Ref) {
	for word, s := range b.Words {
		if s < 0 {
			set(r, word, ref(s))
		} else {
			set(r, word, regs[s])
		}
	}
}

// fillWith returns a Materializer that takes what ref says for the address of an
// object.
func fillWith(ref func(made []heap.Ref, regs []uint64, s guards.Source) heap.Ref) guards.Materializer {
	return func(alloc alloc, set set, plan []guards.Blueprint, regs []uint64) []heap.Ref {
		made := make([]heap.Ref, len(plan))
		for i, b := range plan {
			if made[i] = alloc(b.Class, len(b.Words)); made[i] == 0 {
				return nil
			}
		}
		for i, b := range plan {
			fill(set, made[i], b, regs, func(s guards.Source) heap.Ref { return ref(made, regs, s) })
		}
		return made
	}
}

func checkMaterialize(t exercise.TB, f guards.Materializer) {
	var classes heap.Classes
	node, err := classes.Struct("NODE", "node_vtable", nil, heap.Field{Name: "value", Kind: heap.KindInt}, heap.Field{Name: "next", Kind: heap.KindRef})
	if err != nil {
		t.Fatal(err)
	}
	refs, err := classes.Array("REFS", heap.Field{Kind: heap.KindRef})
	if err != nil {
		t.Fatal(err)
	}
	const (
		registers = "a Source that is not negative is a register"
		objects   = "a negative Source s is the object ^s of the plan"
		forward   = "an object may refer to one that stands behind it: allocate all before you fill the first"
		memory    = "if alloc returns 0, memory is out, and Materialize returns nil"
	)
	makeNode := func(words ...guards.Source) guards.Blueprint { return guards.Blueprint{Class: node, Words: words} }
	for _, c := range []struct {
		rule  string
		plan  []guards.Blueprint
		limit int // of objects
		want  []string
	}{
		{"no plan, no objects", nil, 9, nil},
		{registers, []guards.Blueprint{makeNode(4, 3)}, 9, []string{"NODE{104, NULL}"}},
		{objects, []guards.Blueprint{makeNode(1, 3), makeNode(2, ^0)}, 9, []string{"NODE{101, NULL}", "NODE{102, object 0}"}},
		{objects, []guards.Blueprint{makeNode(1, ^0)}, 9, []string{"NODE{101, object 0}"}},
		{forward, []guards.Blueprint{makeNode(0, ^1), makeNode(2, ^0)}, 9, []string{"NODE{100, object 1}", "NODE{102, object 0}"}},
		{"an array has as many words as the plan says", []guards.Blueprint{{Class: refs, Words: []guards.Source{^2, 3, ^0}}, {Class: refs}, makeNode(0, ^1)}, 9,
			[]string{"REFS{object 2, NULL, object 0}", "REFS{}", "NODE{100, object 1}"}},
		{memory, []guards.Blueprint{makeNode(0, ^1), makeNode(2, ^0)}, 1, nil},
	} {
		// A collection at each allocation: what is not filled yet has to survive it.
		h, err := heap.New(&classes, heap.Options{Limit: 1 << 20, Stress: true})
		if err != nil {
			t.Fatal(err)
		}
		w := &workshop{heap: h, left: c.limit}
		h.AddRoots(w.roots)
		regs := []uint64{100, 101, 102, 0, 104}
		diff := tracetest.Diff(c.want, w.list(f(w.alloc, w.set, c.plan, regs)))
		h.Close()
		if diff+w.wrong != "" {
			t.Errorf("rule: %s\nthe plan: %s\nthe registers: %v\nthe objects that are returned (- wanted, + got):\n%s%s", c.rule, planText(c.plan), regs, tracetest.Indent(diff), w.wrong)
			return
		}
	}
}

// planText writes a plan as the doc comment does: {NODE [4 ^1]}.
func planText(plan []guards.Blueprint) string {
	var list []string
	for _, b := range plan {
		var words []string
		for _, s := range b.Words {
			if s < 0 {
				words = append(words, fmt.Sprintf("^%d", ^s))
			} else {
				words = append(words, fmt.Sprint(s))
			}
		}
		list = append(list, fmt.Sprintf("{%s %v}", b.Class.Name, words))
	}
	return fmt.Sprint(list)
}

// A workshop is where a Materializer works. It notes what is wrong.
type workshop struct {
	heap  *heap.Heap
	left  int // objects until memory is out
	made  []heap.Ref
	wrong string
}

func (w *workshop) roots(v *heap.Visitor) {
	for _, r := range w.made {
		v.Ref(r)
	}
}

func (w *workshop) alloc(c *heap.Class, words int) heap.Ref {
	if w.left--; w.left < 0 {
		return 0
	}
	r := w.heap.Make(c, int64(words))
	w.made = append(w.made, r)
	return r
}

func (w *workshop) set(r heap.Ref, word int, v uint64) {
	switch {
	case r == 0 && w.left < 0:
	case w.number(r) < 0:
		w.wrong = "set was called for what is no object of the plan"
	case word < 0 || word >= w.heap.Words(r):
		w.wrong = fmt.Sprintf("set was called for word %d of a %s that has %d", word, w.heap.Class(r), w.heap.Words(r))
	default:
		w.heap.SetWord(r, word, v)
	}
}

func (w *workshop) number(r heap.Ref) int {
	for i, made := range w.made {
		if made == r {
			return i
		}
	}
	return -1
}

// list says in a line each what the objects are.
func (w *workshop) list(refs []heap.Ref) []string {
	var list []string
	for _, r := range refs {
		if w.number(r) < 0 {
			list = append(list, "no object")
			continue
		}
		var words []string
		for i := range w.heap.Words(r) {
			words = append(words, w.text(w.heap.Class(r), i, w.heap.Word(r, i)))
		}
		list = append(list, fmt.Sprintf("%s{%s}", w.heap.Class(r).Name, strings.Join(words, ", ")))
	}
	return list
}

// text says what v is, word number i of an object of class c.
func (w *workshop) text(c *heap.Class, i int, v uint64) string {
	switch n := w.number(v); {
	case !c.IsArray() && c.Fields[i].Kind != heap.KindRef:
		return fmt.Sprint(v)
	case v == 0:
		return "NULL"
	case n >= 0:
		return fmt.Sprintf("object %d", n)
	}
	return "no object"
}
