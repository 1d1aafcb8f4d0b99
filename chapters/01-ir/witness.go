package ir

import (
	"fmt"
	"math"
	"strings"

	"metatrace/internal/heap"
)

// With Chain.Witness, each guard of the output notes what was known where it stands, of
// the values in its exit: who compiles what comes after the exit may rely on that.
// The exit is taken where the guard does NOT hold, so what the guard itself teaches
// must not be among it. Passes learn that while the guard is on its way to the output.
// So what was known before is kept, as long as one guard is being sent:
//
//	guard_class(p0, NODE) [p0]      p0 is not null      noted in its exit
//	                                p0 is a NODE        not noted
//	guard_true(i1) [p0]             p0 is a NODE        noted

// A Fact is what the optimizer knows of one value.
type Fact struct {
	Value   *Op
	Nonnull bool
	Class   string // of references: the exact class, by its vtable; "": not known
	// Of integers, and of the lengths of arrays: Lo <= x <= Hi, and of the bits, those in
	// Zeros are 0 and those in Ones are 1. Lo is math.MinInt64 and so on where nothing
	// is known.
	Lo, Hi      int64
	Zeros, Ones uint64
	// Contents are what the object is known to hold, in memory: pending stores of the
	// exit are not done yet.
	Contents []Content
}

// A Content says that an object holds Value at a field, or as an item, or that this is the
// length of an array.
type Content struct {
	Descr any   // *heap.Field; of an item, the *heap.Class of the array; of the length, nil
	Index int64 // of an item
	Value *Op   // a constant, or a value that stands in the exit as well
}

// A Witness is a pass that knows things about values on its own, and can tell others.
type Witness interface {
	// Testify adds to f what was known of f.Value before the guard that is being
	// sent. Contents may have values that FindBefore gives and InExit reports.
	Testify(o *Optimizer, f *Fact)
	// Believe takes in what f says of f.Value, a value of the output.
	Believe(o *Optimizer, f *Fact)
}

// AnyFact returns the Fact that says nothing of v.
func AnyFact(v *Op) Fact { return Fact{Value: v, Lo: math.MinInt64, Hi: math.MaxInt64} }

// says reports whether there is anything in f.
func (f *Fact) says() bool {
	return f.Nonnull || f.Class != "" || f.Lo != math.MinInt64 || f.Hi != math.MaxInt64 ||
		f.Zeros|f.Ones != 0 || len(f.Contents) > 0
}

// Format returns what f says, with values named by name: "p1 is a node_vtable, holds i2
// as NODE.value", or "i2 in [0, 255]".
func (f *Fact) Format(name func(*Op) string) string {
	var list []string
	say := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	if f.Class != "" {
		say("is a %s", f.Class)
	}
	if f.Nonnull && f.Class == "" {
		say("is not NULL")
	}
	if f.Lo != math.MinInt64 || f.Hi != math.MaxInt64 {
		say("in [%d, %d]", f.Lo, f.Hi)
	}
	if known := f.Zeros | f.Ones; known != 0 {
		say("has bits %#x of %#x", f.Ones, known)
	}
	for _, c := range f.Contents {
		v := c.Value.String()
		if !c.Value.IsConst() {
			v = name(c.Value)
		}
		switch d := c.Descr.(type) {
		case *heap.Field:
			say("holds %s as %s", v, d)
		case *heap.Class:
			say("holds %s at %d", v, c.Index)
		default:
			say("has length %s", v)
		}
	}
	return name(f.Value) + " " + strings.Join(list, ", ")
}

// testimony is what the Optimizer needs to make guards note what is known.
type testimony struct {
	on        bool // Chain.Witness
	witnesses []Witness

	guards  int      // how many were sent
	guard   int      // the number of the one that is being sent, from 1; 0: it is none
	lessons []lesson // what it has taught
	joined  []joint  // what was found equal meanwhile

	stamp    int    // of this exit
	stamped  []int  // by ID: of the last exit that has the value
	leaves   []*Op  // of this exit
	virtuals []*Op  // the virtual objects in it
	facts    []Fact // room
	kept     slab[Fact]
	contents slab[Content]
}

// lesson is a value of which more is known now than before.
type lesson struct {
	v      *Op
	before Facts
}

// sending notes that op is about to be sent.
func (t *testimony) sending(op *Op) {
	t.guard = 0
	if op.Code.Has(Guard) {
		t.guards++
		t.guard, t.lessons, t.joined = t.guards, t.lessons[:0], t.joined[:0]
	}
}

// Guarding returns the number of the guard that is being sent, if guards are to note what
// is known, else 0. A Witness remembers what it knew before a guard.
func (o *Optimizer) Guarding() int { return o.testimony.guard }

// taught notes that more is perhaps known of v from here on.
func (t *testimony) taught(v *Op) {
	if t.guard != 0 {
		l := lesson{v: v}
		if v.facts != nil {
			l.before = *v.facts
		}
		t.lessons = append(t.lessons, l)
	}
}

// joint is a value that was found equal to another one.
type joint struct {
	op, to *Op
	alone  bool // nothing had been found equal to op before
}

// equated notes that op was found equal to v.
func (t *testimony) equated(op, v *Op) {
	if t.guard != 0 {
		t.joined = append(t.joined, joint{op, v, !op.followed})
	}
	if !v.IsConst() { // those are shared
		v.followed = true
	}
}

// FindBefore returns what v was known to equal before the guard that is being sent, or v
// if that can't be told any more.
func (o *Optimizer) FindBefore(v *Op) *Op {
	root := o.Find(v)
	for _, j := range o.testimony.joined {
		if j.op == v || j.to == root && !j.alone {
			return v
		}
	}
	return root
}

// factsBefore returns what was known of v before the guard that is being sent.
func (o *Optimizer) factsBefore(v *Op) Facts {
	switch {
	case v.Code == OpConstPtr || v.Forward == nil && v.Code.IsAllocation():
		return o.Facts(v)
	case v.facts == nil:
		return Facts{}
	}
	for _, l := range o.testimony.lessons {
		if l.v == v {
			return l.before // the first is the oldest
		}
	}
	return *v.facts
}

// InExit reports whether v stands in the exit of the guard that is put in the output.
func (o *Optimizer) InExit(v *Op) bool {
	t := &o.testimony
	return v.ID >= 0 && int(v.ID) < len(t.stamped) && t.stamped[v.ID] == t.stamp
}

// testify notes what is known in the exit of a guard.
func (o *Optimizer) testify(guard *Op) {
	t := &o.testimony
	t.stamp++
	t.leaves, t.virtuals, t.facts = t.leaves[:0], t.virtuals[:0], t.facts[:0]
	t.visit(guard.Exit.Failargs)
	for _, store := range guard.Exit.Pending {
		t.visit(store.Args)
	}
	for _, v := range t.leaves {
		t.facts = append(t.facts, AnyFact(v))
		last := len(t.facts) - 1
		if o.known(&t.facts[last]); !t.facts[last].says() {
			t.facts = t.facts[:last]
		}
	}
	guard.Exit.Facts = t.kept.many(len(t.facts))
	copy(guard.Exit.Facts, t.facts)
}

// visit adds the leaves in list; see Exit.Leaves.
func (t *testimony) visit(list []*Op) {
	for _, v := range list {
		switch {
		case v.IsConst():
		case v.Code == OpVirtual:
			if !contains(t.virtuals, v) {
				t.virtuals = append(t.virtuals, v)
				t.visit(v.Args)
			}
		default:
			if int(v.ID) >= len(t.stamped) {
				t.stamped = append(t.stamped, make([]int, int(v.ID)+1-len(t.stamped))...)
			}
			if t.stamped[v.ID] != t.stamp {
				t.stamped[v.ID] = t.stamp
				t.leaves = append(t.leaves, v)
			}
		}
	}
}

// contains is slices.Contains, looking at the latest first.
func contains(list []*Op, v *Op) bool {
	for i := len(list) - 1; i >= 0; i-- {
		if list[i] == v {
			return true
		}
	}
	return false
}

// known fills f, of a leaf, with what was known of it before the guard.
func (o *Optimizer) known(f *Fact) {
	v := f.Value
	f.Value = o.FindBefore(v)
	if v.Type == Ref {
		facts := o.factsBefore(f.Value)
		f.Nonnull, f.Class = facts.Nonnull, facts.Class
	}
	for _, w := range o.testimony.witnesses {
		w.Testify(o, f)
	}
	f.Value = v
}

// Contents returns room for n of them in a Fact.
func (o *Optimizer) Contents(n int) []Content { return o.testimony.contents.many(n) }

// Believe takes for granted what f says of f.Value, a value of the output: an input
// mostly, before the walk begins.
func (o *Optimizer) Believe(f *Fact) {
	if f.Nonnull || f.Class != "" {
		o.MakeFacts(f.Value).join(Facts{f.Nonnull || f.Class != "", f.Class})
	}
	for _, w := range o.testimony.witnesses {
		w.Believe(o, f)
	}
}
