package bridges_test

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	bridgessolution "metatrace/solutions/06-bridges"
)

type assumeFunc = func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact)

// assumeCase is a bridge, and what is known of the leaves of its exit. Leaf n stands for
// input n.
type assumeCase struct {
	what          string
	known         []known
	before, after string
}

// known is a Fact in short: numbers stand for leaves.
type known struct {
	leaf     int
	nonnull  bool
	class    string
	lo, hi   int64 // if one of them is not 0
	holds    string
	leafIn   int   // what it holds: a leaf,
	constant int64 // or, if leafIn is -1, this
	index    int64
}

const (
	loadsValue = "guard_nonnull_class(p0, ConstClass(node_vtable)) [p0]; "
	isNode     = "node_vtable"
)

var assumeCases = []assumeCase{
	{"a class that is known at the exit needs no guard in the bridge", []known{{leaf: 0, class: isNode}},
		"[p0, i1] " + loadsValue + "i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2)",
		"[p0, i1] i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2)"},
	{"that a reference is not null, too", []known{{leaf: 0, nonnull: true}},
		"[p0] guard_nonnull(p0) []; finish(p0)", "[p0] finish(p0)"},
	{"each fact is about its own leaf", []known{{leaf: 2, class: isNode}},
		"[p0, p1, p2] guard_nonnull(p0) []; guard_nonnull(p1) []; guard_nonnull(p2) []; finish()",
		"[p0, p1, p2] guard_nonnull(p0) []; guard_nonnull(p1) []; finish()"},
	{"facts may come in any order", []known{{leaf: 1, nonnull: true}, {leaf: 0, lo: 0, hi: 9}},
		"[i0, p1] i2 = int_lt(i0, 10); guard_true(i2) []; guard_nonnull(p1) []; finish(i0)", "[i0, p1] finish(i0)"},
	{"ranges are passed on", []known{{leaf: 0, lo: 1, hi: 100}},
		"[i0] i1 = int_add_ovf(i0, 1); guard_no_overflow() []; i2 = int_gt(i1, 0); guard_true(i2) []; finish(i1)",
		"[i0] i1 = int_add(i0, 1); finish(i1)"},
	{"what an object holds is not loaded again: a constant", []known{{leaf: 0, class: isNode, holds: "value", leafIn: -1, constant: 7}},
		"[p0] i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1)", "[p0] finish(7)"},
	{"what an object holds is not loaded again: another leaf, whose input is taken", []known{{leaf: 1, class: isNode, holds: "value", leafIn: 0}},
		"[i0, p1] i2 = getfield_gc_i(p1, descr=NODE.value); i3 = int_add(i2, i0); finish(i3)",
		"[i0, p1] i2 = int_add(i0, i0); finish(i2)"},
	{"an object may hold itself", []known{{leaf: 0, class: isNode, holds: "next", leafIn: 0}},
		"[p0] p1 = getfield_gc_r(p0, descr=NODE.next); finish(p1)", "[p0] finish(p0)"},
	{"of what an object holds, things may be known as well", []known{{leaf: 0, class: isNode, holds: "next", leafIn: 1}, {leaf: 1, class: isNode}},
		"[p0, p1] p2 = getfield_gc_r(p0, descr=NODE.next); " + strings.ReplaceAll(loadsValue, "p0", "p2") + "i3 = getfield_gc_i(p2, descr=NODE.value); finish(i3)",
		"[p0, p1] i2 = getfield_gc_i(p1, descr=NODE.value); finish(i2)"},
	{"items of arrays are passed on like fields", []known{{leaf: 0, nonnull: true, holds: "item", index: 2, leafIn: 1}},
		"[p0, p1] p2 = getarrayitem_gc_r(p0, 2, descr=REFS); finish(p2)", "[p0, p1] finish(p1)"},
	{"nothing is known: nothing is assumed", nil,
		"[p0] guard_nonnull(p0) []; finish(p0)", "[p0] guard_nonnull(p0) []; finish(p0)"},
}

func TestExercise6_5_Assume(t *testing.T) {
	t.Parallel()
	solution := bridgessolution.Assume
	exercise.Run(t, ex("6.5"), bridges.Yours.Assume, solution, checkAssume,
		exercise.Wrong[assumeFunc]("nothing", func(*ir.Optimizer, []*ir.Op, []*ir.Op, []ir.Fact) {}),
		exercise.Wrong[assumeFunc]("one-fact-for-each-input", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			for i, f := range facts {
				f.Value, f.Contents = inputs[i], nil
				o.Believe(&f)
			}
		}),
		exercise.Wrong[assumeFunc]("without-contents", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, inputs, leaves, changed(facts, func(f *ir.Fact) { f.Contents = nil }))
		}),
		exercise.Wrong[assumeFunc]("constants-only-in-objects", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, inputs, leaves, changed(facts, func(f *ir.Fact) {
				f.Contents = slices.DeleteFunc(slices.Clone(f.Contents), func(c ir.Content) bool { return !c.Value.IsConst() })
			}))
		}),
		exercise.Wrong[assumeFunc]("contents-of-the-old-trace", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			for _, f := range facts {
				f.Value = inputs[slices.Index(leaves, f.Value)]
				o.Believe(&f)
			}
		}),
		exercise.Wrong("looks-constants-up", assumeNoConstants),
		exercise.Wrong[assumeFunc]("from-inputs-to-leaves", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, leaves, inputs, facts)
		}),
		exercise.Wrong("writes-to-the-exit", assumeInPlace),
		exercise.Wrong[assumeFunc]("moves-the-facts", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, inputs, leaves, facts)
			for i := range facts {
				facts[i].Value = inputs[slices.Index(leaves, facts[i].Value)]
			}
		}),
		exercise.Wrong[assumeFunc]("first-fact-only", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, inputs, leaves, facts[:min(1, len(facts))])
		}),
		exercise.Wrong[assumeFunc]("all-are-nodes", func(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
			solution(o, inputs, leaves, facts)
			for _, in := range inputs {
				if in.Type == ir.Ref {
					o.MakeFacts(in).Nonnull = true
				}
			}
		}),
	)
}

// assumeNoConstants looks for constants among the leaves, and finds nil.
func assumeNoConstants(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
	stands := map[*ir.Op]*ir.Op{}
	for i, v := range leaves {
		stands[v] = inputs[i]
	}
	for _, f := range facts {
		f.Value, f.Contents = stands[f.Value], slices.Clone(f.Contents)
		for i, c := range f.Contents {
			f.Contents[i].Value = stands[c.Value]
		}
		o.Believe(&f)
	}
}

// assumeInPlace writes to the Contents of the exit's facts.
func assumeInPlace(o *ir.Optimizer, inputs, leaves []*ir.Op, facts []ir.Fact) {
	for _, f := range facts {
		f.Value = inputs[slices.Index(leaves, f.Value)]
		for i, c := range f.Contents {
			if n := slices.Index(leaves, c.Value); n >= 0 {
				f.Contents[i].Value = inputs[n]
			}
		}
		o.Believe(&f)
	}
}

// changed returns a copy of facts after change.
func changed(facts []ir.Fact, change func(f *ir.Fact)) []ir.Fact {
	facts = slices.Clone(facts)
	for i := range facts {
		change(&facts[i])
	}
	return facts
}

func checkAssume(t exercise.TB, f assumeFunc) {
	for _, c := range assumeCases {
		c.check(t, f)
	}
	kit := with(func(k *bridges.Kit) { k.Assume = f })
	checkGeneratedExits(t, kit, "what is assumed where a bridge begins is true", true)
	checkEngine(t, kit)
}

// facts returns the facts of the case about leaves.
func (c assumeCase) facts(leaves []*ir.Op, classes *heap.Classes) (facts []ir.Fact) {
	for _, k := range c.known {
		f := ir.AnyFact(leaves[k.leaf])
		f.Nonnull, f.Class = k.nonnull || k.class != "", k.class
		if k.lo != 0 || k.hi != 0 {
			f.Lo, f.Hi = k.lo, k.hi
		}
		if k.holds != "" {
			value := ir.ConstInt(k.constant)
			if k.leafIn >= 0 {
				value = leaves[k.leafIn]
			}
			content := ir.Content{Descr: classes.Named("REFS"), Index: k.index, Value: value}
			for _, field := range classes.Named("NODE").Fields {
				if field.Name == k.holds {
					content = ir.Content{Descr: field, Value: value}
				}
			}
			f.Contents = []ir.Content{content}
		}
		facts = append(facts, f)
	}
	return facts
}

// check optimizes the bridge of the case, twice, since an exit may get two bridges.
func (c assumeCase) check(t exercise.TB, f assumeFunc) {
	t.Helper()
	trace, err := ir.Parse("case", exitDecls+lines(c.before))
	if err != nil {
		t.Fatalf("the test case can't be read: %v", err)
	}
	want, err := ir.Parse("case", exitDecls+lines(c.after))
	if err != nil {
		t.Fatalf("the test case can't be read: %v", err)
	}
	var leaves []*ir.Op
	for i, in := range trace.Inputs { // values of the trace that was left
		leaves = append(leaves, &ir.Op{Code: ir.OpInput, Type: in.Type, ID: int32(40 + i)})
	}
	facts := c.facts(leaves, trace.Decls.Classes)
	before := factsText(facts, leaves)
	for range 2 {
		got, err := optimizeJump(chainOf(t, true), trace, virtuals.JumpOptions{Assume: func(o *ir.Optimizer, inputs []*ir.Op) {
			c.believing(t, before, func() { f(o, inputs, leaves, facts) })
		}})
		say := func(format string, args ...any) {
			t.Helper()
			t.Fatalf("rule: %s\nknown where the guard failed:%s\nthe bridge, as recorded:\n%s\n%s",
				c.what, before, tracetest.Indent(trace.Body()), fmt.Sprintf(format, args...))
		}
		if err != nil {
			say("it can't be optimized: %v\n(does a value of the other trace stand in it, a leaf? the bridge knows its own inputs only)", err)
		}
		if err := ir.Verify(got); err != nil {
			say("what came out is no well-formed trace: %v\n(does a value of the other trace stand in it, a leaf?)\n%s", err, tracetest.Indent(got.Body()))
		}
		if diff := tracetest.Diff(tracetest.Lines(want), tracetest.Lines(got)); diff != "" {
			say("what came out (- want, + got):\n%s", tracetest.Indent(diff))
		}
		if diff := cmp.Diff(before, factsText(facts, leaves)); diff != "" {
			t.Fatalf("rule: the facts belong to the exit, which may get another bridge: they stay as they are\n(- before, + behind Assume):\n%s", diff)
		}
	}
}

// believing calls f, which is Assume. Where Believe is told something of nil, it says so
// instead of a panic in some pass.
func (c assumeCase) believing(t exercise.TB, known string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		p := recover()
		switch {
		case p == nil:
		case !strings.Contains(string(debug.Stack()), ".(*Optimizer).Believe("):
			during(t, c.what, "Assume, of what is known where the guard failed:"+known, func() { panic(p) })
		default:
			t.Fatalf("rule: %s\nknown where the guard failed:%s\nBelieve panics: %v\n"+
				"(is a Value nil, of the fact or of one of its Contents? leaves[i] is what a fact speaks of, inputs[i] what stands for it;"+
				" a constant is no leaf, and stands for itself)", c.what, known, p)
		}
	}()
	f()
}

// factsText shows facts. Leaf n is called leaf n.
func factsText(facts []ir.Fact, leaves []*ir.Op) string {
	name := func(v *ir.Op) string {
		if n := slices.Index(leaves, v); n >= 0 {
			return fmt.Sprintf("leaf %d", n)
		}
		if v.IsConst() {
			return v.String()
		}
		return "no leaf"
	}
	text := ""
	for _, f := range facts {
		text += "\n  " + name(f.Value)
		if f.Nonnull {
			text += ", not null"
		}
		if f.Class != "" {
			text += ", of the class " + f.Class
		}
		if f.Lo != math.MinInt64 {
			text += fmt.Sprintf(", in [%d, %d]", f.Lo, f.Hi)
		}
		for _, c := range f.Contents {
			where := fmt.Sprintf("item %d", c.Index)
			if field, ok := c.Descr.(*heap.Field); ok {
				where = field.Name
			}
			text += fmt.Sprintf(", %s is %s", where, name(c.Value))
		}
	}
	if text == "" {
		return " nothing"
	}
	return text
}
