package bridges_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	ir "metatrace/chapters/01-ir"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	bridgessolution "metatrace/solutions/06-bridges"
)

type fitsFunc = func(shape *bridges.Shape, state *bridges.State) (inputs []*ir.Op, ok bool)

// fitCase is a shape and a state, as lists of an exit. The inputs of the shape are those
// before the bar, the others are values of the trace that gets there. want are the
// inputs, or "no".
type fitCase struct{ what, values, shape, state, want string }

const no = "no"

var fitCases = []fitCase{
	{"an input takes what stands there", "i0 p1 | i2 p3", "i0, p1", "i2, p3", "i2, p3"},
	{"inputs are returned by their IDs, not in the order of the slots", "i0 i1 | i2 i3", "i1, i0", "i2, i3", "i3, i2"},
	{"an input takes a constant", "i0 p1 |", "i0, p1", "7, NULL", "7, NULL"},
	{"an input takes values of its type only", "i0 | p1", "i0", "p1", no},
	{"an input takes a virtual object, which will be allocated", "p0 | i1", "p0", "NODE{value=i1, next=NULL}", "NODE{value=i1, next=NULL}"},
	{"a constant takes that constant", "i0 | i1", "NULL, i0", "NULL, i1", "i1"},
	{"a constant takes no other, and no value of which nobody knows what it is", "| i0", "7", "8", no},
	{"a constant takes no other, and no value of which nobody knows what it is", "| p0", "NULL", "p0", no},
	{"a virtual object takes one of its class, and inputs in it what stands there", "i0 p1 | i2",
		"NODE{value=i0, next=p1}", "NODE{value=7, next=NULL}", "7, NULL"},
	{"a virtual object takes no real one", "i0 p1 | p2", "NODE{value=i0, next=p1}", "p2", no},
	{"a virtual object takes no NULL", "i0 p1 |", "NODE{value=i0, next=p1}", "NULL", no},
	{"a virtual object takes only one of its own class", "i0 p1 | i2", "NODE{value=i0, next=p1}", "CELL{item=i2, link=NULL}", no},
	{"a virtual array takes only one as long", "p0 p1 | p2", "REFS{p0, p1}", "REFS{p2}", no},
	{"a virtual array takes only one as long", "p0 p1 | p2", "REFS{p0, p1}", "REFS{p2, NULL}", "p2, NULL"},
	{"all words have to fit", "i0 | i1 p2", "NODE{value=i0, next=NULL}", "NODE{value=i1, next=p2}", no},
	{"a virtual object takes a prebuilt one that nobody may write to", "i0 |", "FIXED{value=i0}", "ConstPtr(five)", "5"},
	{"a virtual object takes no prebuilt one that may change", "i0 p1 |", "NODE{value=i0, next=p1}", "ConstPtr(node)", no},
	{"objects in objects are looked into, too", "i0 p1 | i2 p3",
		"PAIR{left=NODE{value=i0, next=NULL}, right=p1}", "PAIR{left=NODE{value=i2, next=NULL}, right=p3}", "i2, p3"},
	{"objects in objects are looked into, too", "i0 p1 | i2 p3",
		"PAIR{left=NODE{value=i0, next=NULL}, right=p1}", "PAIR{left=p3, right=p3}", no},
	{"an object that stands twice in the shape takes the same twice", "i0 | i1",
		"v9:NODE{value=i0, next=NULL}, v9", "v8:NODE{value=i1, next=NULL}, v8", "i1"},
	{"an object that stands twice in the shape takes the same twice", "i0 | i1",
		"v9:NODE{value=i0, next=NULL}, v9", "NODE{value=i1, next=NULL}, NODE{value=i1, next=NULL}", no},
	{"two objects of the shape do not take the same virtual one", "i0 i1 | i2",
		"NODE{value=i0, next=NULL}, NODE{value=i1, next=NULL}", "v8:NODE{value=i2, next=NULL}, v8", no},
	{"two objects of the shape may take the same prebuilt one: a copy is as good", "i0 i1 |",
		"FIXED{value=i0}, FIXED{value=i1}", "ConstPtr(five), ConstPtr(five)", "5, 5"},
	{"objects of an immediate class are words: two that hold the same are one", "i0 | i1",
		"v9:SMALL{value=i0}, v9", "SMALL{value=i1}, SMALL{value=i1}", "i1"},
	{"objects of an immediate class are words: one may be taken twice", "i0 i1 | i2",
		"SMALL{value=i0}, SMALL{value=i1}", "v8:SMALL{value=i2}, v8", "i2, i2"},
	{"what an input takes will be in memory, and can't be virtual elsewhere", "p0 i1 | i2",
		"p0, NODE{value=i1, next=NULL}", "v8:NODE{value=i2, next=NULL}, v8", no},
	{"nor can what is part of it: to allocate an object allocates what it holds", "i0 p1 | i2",
		"NODE{value=i0, next=NULL}, p1", "v8:NODE{value=i2, next=NULL}, NODE{value=3, next=v8}", no},
	{"nor can what is part of it: to allocate an object allocates what it holds", "i0 p1 | i2",
		"NODE{value=i0, next=NULL}, p1", "v8:NODE{value=i2, next=NULL}, PAIR{left=NULL, right=PAIR{left=v8, right=NULL}}", no},
	{"the words of an object of an immediate class are in no memory", "i0 p1 | i2",
		"SMALL{value=i0}, p1", "v8:SMALL{value=i2}, NODE{value=3, next=v8}", "i2, NODE{value=3, next=SMALL{value=i2}}"},
	{"an object may hold what an input takes, too", "p0 p1 | i2",
		"p0, PAIR{left=p1, right=NULL}", "v8:NODE{value=i2, next=NULL}, PAIR{left=v8, right=NULL}", "v1:NODE{value=i2, next=NULL}, v1"},
}

var fitCycles = []fitCase{
	{"an object may be part of itself, in the shape and in the state", "i0 | i1", "v9:NODE{value=i0, next=v9}", "v8:NODE{value=i1, next=v8}", "i1"},
	{"an object that is part of itself is another than a list of two", "i0 | i1",
		"v9:NODE{value=i0, next=v9}", "v8:NODE{value=i1, next=NODE{value=i1, next=v8}}", no},
	{"a list of two is another than an object that is part of itself", "i0 i1 | i2",
		"v9:NODE{value=i0, next=NODE{value=i1, next=v9}}", "v8:NODE{value=i2, next=v8}", no},
	{"an input may take an object that is part of itself", "p0 i1 | i2",
		"p0, NODE{value=i1, next=NULL}", "v8:NODE{value=i2, next=v8}, NODE{value=4, next=NULL}", "v1:NODE{value=i2, next=v1}, 4"},
}

// read returns shape and state of the case, and how their values are called.
func (c fitCase) read(t exercise.TB) (*bridges.Shape, *bridges.State, func(*ir.Op) string) {
	t.Helper()
	ours, theirs, _ := strings.Cut(c.values, "|")
	inputs := strings.Join(append(strings.Fields(ours), strings.Fields(theirs)...), ", ")
	text := fmt.Sprintf("%s[%s]\nguard_true(1) [%s]\nguard_true(1) [%s]\n", exitDecls, inputs, c.shape, c.state)
	trace, err := ir.Parse("case", text)
	if err != nil {
		t.Fatalf("the test case can't be read: %v\n%s", err, text)
	}
	shape := &bridges.Shape{Inputs: trace.Inputs[:len(strings.Fields(ours))], Slots: trace.Ops[0].Exit.Failargs}
	described := trace.Ops[1].Exit.Failargs
	return shape, &bridges.State{Values: described, Described: described}, trace.Names()
}

// fitText shows an answer of Fits.
func fitText(inputs []*ir.Op, ok bool, name func(*ir.Op) string) string {
	if !ok {
		return no
	}
	for _, v := range inputs {
		if v == nil {
			return "yes, but an input gets nothing"
		}
	}
	text := listText(inputs, name)
	return text[1 : len(text)-1]
}

// listText shows values as an exit does.
func listText(values []*ir.Op, name func(*ir.Op) string) string {
	exit := &ir.Op{Code: ir.GuardAlwaysFails, Exit: &ir.Exit{Failargs: values}}
	_, text, _ := strings.Cut(exit.Format(name), ") ")
	return text
}

func (c fitCase) check(t exercise.TB, f fitsFunc) {
	t.Helper()
	shape, state, name := c.read(t)
	var inputs []*ir.Op
	ok := false
	during(t, c.what, fmt.Sprintf("Fits of the shape [%s] and the state [%s]", c.shape, c.state), func() { inputs, ok = f(shape, state) })
	got, want := fitText(inputs, ok, name), c.want
	if got != want {
		t.Fatalf("rule: %s\nthe shape [%s], whose inputs are %s\nthe state [%s]\nFits says: %s, want: %s",
			c.what, c.shape, strings.TrimSpace(strings.Split(c.values, "|")[0]), c.state, got, want)
	}
}

func TestExercise6_6_Fits(t *testing.T) {
	t.Parallel()
	exercise.Run(t, ex("6.6"), bridges.Yours.Fits, bridgessolution.Fits, checkFits,
		exercise.Wrong("any-constant", loose{constants: true}.fits),
		exercise.Wrong("any-type", loose{types: true}.fits),
		exercise.Wrong("any-class", loose{classes: true}.fits),
		exercise.Wrong("in-the-order-of-the-slots", loose{order: true}.fits),
		exercise.Wrong("no-prebuilt-objects", loose{noPrebuilt: true}.fits),
		exercise.Wrong("does-not-look-twice", loose{unshared: true}.fits),
		exercise.Wrong("same-by-what-is-in-it", loose{byContents: true}.fits),
		exercise.Wrong("two-objects-may-be-one", loose{twoInOne: true}.fits),
		exercise.Wrong("prebuilt-ones-once-only", loose{prebuiltOnce: true}.fits),
		exercise.Wrong("immediate-ones-are-objects", loose{immediate: true}.fits),
		exercise.Wrong("virtual-and-in-memory-at-once", loose{anyMemory: true}.fits),
		exercise.Wrong("looks-at-the-inputs-only-and-not-into-them", loose{shallow: true}.fits),
		exercise.Wrong("no-virtual-objects-for-inputs", loose{noVirtual: true}.fits),
		exercise.Wrong("looks-into-objects-for-ever", func(shape *bridges.Shape, state *bridges.State) ([]*ir.Op, bool) {
			var walk func(list []*ir.Op)
			walk = func(list []*ir.Op) {
				for _, v := range list {
					walk(v.Args)
				}
			}
			for _, slot := range shape.Slots {
				if slot.Code == ir.OpVirtual {
					walk(slot.Args)
				}
			}
			return bridgessolution.Fits(shape, state)
		}),
	)
}

// loose is a Fits that does not look closely.
type loose struct {
	constants, types, classes, order, noPrebuilt, unshared, byContents, twoInOne, prebuiltOnce, immediate, anyMemory, shallow, noVirtual bool
}

func (l loose) fits(shape *bridges.Shape, state *bridges.State) ([]*ir.Op, bool) {
	inputs := make([]*ir.Op, len(shape.Inputs))
	object, taken := map[*ir.Op]*ir.Op{}, map[*ir.Op]bool{}
	next := 0
	var one func(slot, v *ir.Op) bool
	all := func(slots, values []*ir.Op) bool {
		for i, slot := range slots {
			if len(slots) != len(values) || !one(slot, values[i]) {
				return false
			}
		}
		return len(slots) == len(values)
	}
	one = func(slot, v *ir.Op) bool {
		switch {
		case slot.IsConst():
			return ir.Same(slot, v) || l.constants && v.IsConst()
		case slot.Code != ir.OpVirtual:
			at := int(slot.ID)
			if l.order {
				at = next
				next++
			}
			inputs[at] = v
			return (slot.Type == v.Type || l.types) && !(l.noVirtual && v.Code == ir.OpVirtual)
		}
		if before := object[slot]; before != nil && !l.unshared {
			if l.byContents && v.Code == ir.OpVirtual && before.Code == ir.OpVirtual {
				return before == v || fmt.Sprint(before.Args) == fmt.Sprint(v.Args)
			}
			return ir.Same(before, v)
		}
		words, ok := bridges.Contents(v)
		switch {
		case !ok, l.noPrebuilt && v.Code != ir.OpVirtual, bridges.ClassOf(v) != bridges.ClassOf(slot) && !l.classes,
			taken[v] && !l.twoInOne, l.unshared && object[slot] == v:
			return ok && l.unshared && object[slot] == v
		}
		if !bridges.IsImmediate(slot) || l.immediate {
			object[slot], taken[v] = v, v.Code == ir.OpVirtual || l.prebuiltOnce
		}
		return all(slot.Args, words)
	}
	if !all(shape.Slots, state.Described) {
		return nil, false
	}
	seen := map[*ir.Op]bool{}
	for _, v := range inputs {
		if !l.anyMemory && l.inMemory(v, taken, seen) {
			return nil, false
		}
	}
	return inputs, true
}

// inMemory reports whether an object that was taken is in memory if v is.
func (l loose) inMemory(v *ir.Op, taken, seen map[*ir.Op]bool) bool {
	if v == nil || v.Code != ir.OpVirtual || seen[v] {
		return false
	}
	seen[v] = true
	for _, word := range v.Args {
		if !l.shallow && l.inMemory(word, taken, seen) {
			return true
		}
	}
	return taken[v]
}

func checkFits(t exercise.TB, f fitsFunc) {
	for _, c := range fitCases {
		c.check(t, f)
	}
	ends(t, fitCycles[0].what, fmt.Sprintf("Fits of the shape [%s] and the state [%s]", fitCycles[0].shape, fitCycles[0].state), func() {
		for _, c := range fitCycles {
			shape, state, _ := c.read(t)
			f(shape, state)
		}
	})
	for _, c := range fitCycles {
		c.check(t, f)
	}
	checkRandomFits(t, f)
	checkEngine(t, with(func(k *bridges.Kit) { k.Fits = f }))
}

// checkRandomFits asks for shapes and states made at random. Many fit, since both are
// made of the same text.
func checkRandomFits(t exercise.TB, f fitsFunc) {
	t.Helper()
	r := rand.New(rand.NewPCG(6, 6))
	fit := 0
	for range 2000 {
		c := randomFit(r)
		shape, state, name := c.read(t)
		want, ok := bridgessolution.Fits(shape, state)
		if ok {
			fit++
		}
		got, gotOK := f(shape, state)
		if a, b := fitText(want, ok, name), fitText(got, gotOK, name); a != b {
			t.Fatalf("rule: a shape fits if, with inputs put in, it is the state: the same objects, each in the same places\n"+
				"the shape %s\nthe state %s\n(both made at random) Fits says: %s, want: %s",
				listText(shape.Slots, name), listText(state.Described, name), b, a)
		}
	}
	if fit < 200 {
		t.Fatalf("only %d of the states made at random fit", fit)
	}
}

// randomFit makes slots with up to three objects, of which each is defined where it
// stands first. The state has the same mostly.
func randomFit(r *rand.Rand) fitCase {
	m := fitMaker{r: r}
	var shape, state []string
	for range 1 + r.IntN(4) {
		a, b := m.slot(0)
		shape, state = append(shape, a), append(state, b)
	}
	return fitCase{values: strings.Join(m.ours, " ") + " | i50 i51 p52 p53", shape: strings.Join(shape, ", "), state: strings.Join(state, ", ")}
}

// fitMaker makes slots at random.
type fitMaker struct {
	r       *rand.Rand
	ours    []string
	objects int // of the shape: v100, v101; and of the state: v200, v201
}

// slot makes a slot and what may stand there.
func (m *fitMaker) slot(depth int) (shape, state string) {
	switch n := m.r.IntN(8); {
	case n == 0 && m.objects > 0: // one of those before, perhaps not the same
		k := m.r.IntN(m.objects)
		other := k
		if m.r.IntN(4) == 0 {
			other = m.r.IntN(m.objects)
		}
		return fmt.Sprintf("v%d", 100+k), fmt.Sprintf("v%d", 200+other)
	case n < 5 && depth < 3:
		return m.object(depth)
	case n == 5:
		return "NULL", []string{"NULL", "NULL", "NULL", "p52"}[m.r.IntN(4)]
	}
	in := fmt.Sprintf("p%d", len(m.ours))
	m.ours = append(m.ours, in)
	switch {
	case m.objects > 0 && m.r.IntN(6) == 0:
		return in, fmt.Sprintf("v%d", 200+m.r.IntN(m.objects))
	case m.r.IntN(6) == 0:
		return in, "REFS{p53}"
	}
	return in, []string{"p52", "p53", "NULL"}[m.r.IntN(3)]
}

// object makes an object for both.
func (m *fitMaker) object(depth int) (shape, state string) {
	if m.r.IntN(5) == 0 {
		in := fmt.Sprintf("i%d", len(m.ours))
		m.ours = append(m.ours, in)
		return "SMALL{value=" + in + "}", []string{"SMALL{value=i50}", "SMALL{value=i51}", "SMALL{value=1}"}[m.r.IntN(3)]
	}
	k := m.objects
	m.objects++
	a, b := m.slot(depth + 1)
	c, d := m.slot(depth + 1)
	shape = fmt.Sprintf("v%d:PAIR{left=%s, right=%s}", 100+k, a, c)
	state = fmt.Sprintf("v%d:PAIR{left=%s, right=%s}", 200+k, b, d)
	return shape, state
}
