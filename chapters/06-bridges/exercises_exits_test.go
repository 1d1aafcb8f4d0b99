package bridges_test

import (
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/child"
	"metatrace/internal/exercise"
	bridgessolution "metatrace/solutions/06-bridges"
)

type recreateFunc = func(b *ir.Builder, exit *ir.Exit) []*ir.Op

// exitDecls are the classes of the cases here.
const exitDecls = `
struct NODE vtable=node_vtable value:i next:r
struct PAIR vtable=pair_vtable left:r right:r
struct CELL item:i link:r
struct SMALL vtable=small_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!
struct FIXED vtable=fixed_vtable value:i!
array REFS r
object five FIXED value=5
object node NODE value=5
`

// exitCase is a trace that is left by its guard. Stores before the guard are the pending
// ones of its exit; a failarg that begins with "!" is what the last of them stores.
type exitCase struct {
	what, exit, want string
}

var recreateCases = []exitCase{
	{"a value becomes an input, once; a constant stays", "[i0, p1] guard_true(i0) [i0, p1, i0, 7, NULL]",
		"[i0, p1] finish(i0, p1, i0, 7, NULL)"},
	{"inputs come in the order of exit.Leaves()", "[i0, p1, f2] guard_true(i0) [f2, p1, i0]", "[f0, p1, i2] finish(f0, p1, i2)"},
	{"a virtual object is made, and filled", "[i0] guard_true(i0) [i0, NODE{value=i0, next=NULL}]",
		"[i0] p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); finish(i0, p1)"},
	{"values inside objects are inputs, too", "[i0, p1] guard_true(i0) [NODE{value=i0, next=p1}]",
		"[i0, p1] p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i0, descr=NODE.value); setfield_gc(p2, p1, descr=NODE.next); finish(p2)"},
	{"constants are stored, zeros are not: a fresh object has them", "[i0] guard_true(i0) [NODE{value=3, next=NULL}, NODE{value=0, next=NULL}]",
		"[] p0 = new_with_vtable(descr=NODE); p1 = new_with_vtable(descr=NODE); setfield_gc(p0, 3, descr=NODE.value); finish(p0, p1)"},
	{"an array has as many words as stand there", "[i0, p1] guard_true(i0) [REFS{NULL, p1, NULL}]",
		"[p0] p1 = new_array_clear(3, descr=REFS); setarrayitem_gc(p1, 1, p0, descr=REFS); finish(p1)"},
	{"the object of an immediate class is filled at once", "[i0] guard_true(i0) [NODE{value=1, next=SMALL{value=i0}}]",
		"[i0] p1 = new_with_vtable(descr=NODE); p2 = new_with_vtable(descr=SMALL); setfield_gc(p2, i0, descr=SMALL.value); " +
			"setfield_gc(p1, 1, descr=NODE.value); setfield_gc(p1, p2, descr=NODE.next); finish(p1)"},
	{"an object that stands there twice is made once", "[i0] guard_true(i0) [v1:NODE{value=i0, next=NULL}, v1]",
		"[i0] p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); finish(p1, p1)"},
	{"pending stores come last, in their order", "[i0, p1] setfield_gc(p1, i0, descr=NODE.value); setfield_gc(p1, 4, descr=NODE.value); guard_true(i0) [p1]",
		"[p0, i1] setfield_gc(p0, i1, descr=NODE.value); setfield_gc(p0, 4, descr=NODE.value); finish(p0)"},
	{"a pending store may store a virtual object that stands nowhere else", "[i0, p1] setfield_gc(p1, NULL, descr=NODE.next); guard_true(i0) [p1, !NODE{value=i0, next=NULL}]",
		"[p0, i1] p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=NODE.next); finish(p0)"},
	{"an object may be part of itself", "[i0] guard_true(i0) [v1:NODE{value=i0, next=v1}]",
		"[i0] p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); setfield_gc(p1, p1, descr=NODE.next); finish(p1)"},
	{"two objects may be part of each other", "[i0] guard_true(i0) [v1:PAIR{left=v2:PAIR{left=v1, right=NULL}, right=NULL}]",
		"[] p0 = new_with_vtable(descr=PAIR); p1 = new_with_vtable(descr=PAIR); setfield_gc(p0, p1, descr=PAIR.left); setfield_gc(p1, p0, descr=PAIR.left); finish(p0)"},
}

// mixedExit has a failarg that the pending store has nothing to do with. That is made
// before the store, too.
var mixedExit = exitCase{"pending stores come last: behind all objects, also those that they have nothing to do with",
	"[i0, p1] setfield_gc(p1, NULL, descr=NODE.next); guard_true(i0) [p1, NODE{value=7, next=NULL}, !NODE{value=i0, next=NULL}]",
	"[p0, i1] p2 = new_with_vtable(descr=NODE); setfield_gc(p2, 7, descr=NODE.value); p3 = new_with_vtable(descr=NODE); " +
		"setfield_gc(p3, i1, descr=NODE.value); setfield_gc(p0, p3, descr=NODE.next); finish(p0, p2)"}

// lines returns the text of a trace with "; " and the like between its lines.
func lines(text string) string {
	text = strings.Replace(text, "] ", "]\n", 1)
	return strings.ReplaceAll(text, "; ", "\n")
}

// read returns the trace with the guard of the case at its end.
func (c exitCase) read(t exercise.TB) (*ir.Trace, *ir.Op) {
	t.Helper()
	text, stored, _ := strings.Cut(c.exit, "!")
	trace, err := ir.Parse("case", exitDecls+lines(text+stored))
	if err != nil {
		t.Fatalf("the test case can't be read: %v", err)
	}
	last := len(trace.Ops) - 1
	guard := trace.Ops[last]
	guard.Exit.Pending = slices.Clone(trace.Ops[:last])
	trace.Ops = trace.Ops[last:]
	if stored != "" {
		args := guard.Exit.Failargs
		guard.Exit.Failargs = args[:len(args)-1]
		guard.Exit.Pending[last-1].Args[1] = args[len(args)-1]
	}
	trace.Renumber()
	return trace, guard
}

// recreated returns the trace that f begins, and that ends there.
func recreated(f recreateFunc, decls *ir.Decls, exit *ir.Exit) *ir.Trace {
	b := ir.NewBuilder(decls)
	b.Op(ir.Finish, nil, f(b, exit)...)
	return b.Trace()
}

func TestExercise6_3_Recreate(t *testing.T) {
	t.Parallel()
	exercise.Run(t, ex("6.3"), bridges.Yours.Recreate, bridgessolution.Recreate, checkRecreate,
		exercise.Wrong("an-input-for-each-failarg", sloppy{failargsOnly: true}.recreate),
		exercise.Wrong("inputs-backward", sloppy{backward: true}.recreate),
		exercise.Wrong("forgets-the-stores", sloppy{noStores: true}.recreate),
		exercise.Wrong("stores-backward", sloppy{storesBackward: true}.recreate),
		exercise.Wrong("stores-first", sloppy{storesFirst: true}.recreate),
		exercise.Wrong("stores-before-other-objects", sloppy{storesEarly: true}.recreate),
		exercise.Wrong("each-time-another-object", sloppy{twice: true}.recreate),
		exercise.Wrong("immediate-objects-late", sloppy{immediateLate: true}.recreate),
		exercise.Wrong("writes-zeros", sloppy{zeros: true}.recreate),
		exercise.Wrong("forgets-what-is-only-stored", sloppy{onlyFailargs: true}.recreate),
		exercise.Wrong("empty-objects", sloppy{empty: true}.recreate),
		exercise.Wrong("looks-into-objects-for-ever", recreateForEver),
	)
}

// recreateForEver does not note what it has made before it goes on.
func recreateForEver(b *ir.Builder, exit *ir.Exit) []*ir.Op {
	var depth func(v *ir.Op) int
	depth = func(v *ir.Op) (n int) {
		for _, word := range v.Args {
			if word.Code == ir.OpVirtual {
				n = max(n, depth(word))
			}
		}
		return n + 1
	}
	for _, v := range exit.Values() {
		if v.Code == ir.OpVirtual {
			depth(v)
		}
	}
	return bridgessolution.Recreate(b, exit)
}

// sloppy is a Recreate with mistakes.
type sloppy struct {
	failargsOnly, backward, noStores, storesBackward, storesFirst, storesEarly, twice, immediateLate, zeros, onlyFailargs, empty bool
}

func (s sloppy) recreate(b *ir.Builder, exit *ir.Exit) []*ir.Op {
	w := sloppyWork{s, b, map[*ir.Op]*ir.Op{}, nil}
	leaves := exit.Leaves()
	if s.failargsOnly {
		leaves = slices.DeleteFunc(slices.Clone(exit.Failargs), func(v *ir.Op) bool { return v.IsConst() || v.Code == ir.OpVirtual })
	}
	if s.backward {
		slices.Reverse(leaves)
	}
	for _, v := range leaves {
		w.made[v] = b.Input(v.Type)
	}
	switch {
	case s.storesEarly:
		for _, store := range exit.Pending {
			w.all(store.Args)
		}
		w.fillAll()
		w.stores(exit.Pending)
		w.all(exit.Failargs)
	case s.onlyFailargs:
		w.all(exit.Failargs)
	default:
		w.all(exit.Values())
	}
	if s.storesFirst {
		w.stores(exit.Pending)
	}
	w.fillAll()
	if !s.storesFirst && !s.storesEarly {
		w.stores(exit.Pending)
	}
	return w.all(exit.Failargs)
}

type sloppyWork struct {
	sloppy
	b       *ir.Builder
	made    map[*ir.Op]*ir.Op
	objects []*ir.Op // that are not filled yet
}

func (w *sloppyWork) fillAll() {
	for len(w.objects) > 0 {
		v := w.objects[0]
		w.objects = w.objects[1:]
		w.fill(v, w.made[v])
	}
}

func (w *sloppyWork) fill(v, obj *ir.Op) {
	for i, word := range v.Args {
		if (w.zeros || !virtuals.IsZero(word)) && !w.empty {
			bridges.Fill(w.b, obj, i, w.of(word))
		}
	}
}

func (w *sloppyWork) of(v *ir.Op) *ir.Op {
	if v.IsConst() {
		return v
	}
	if v.Code != ir.OpVirtual || w.made[v] != nil && (!w.twice || slices.Contains(v.Args, v)) {
		return w.made[v]
	}
	obj := bridges.Fresh(w.b, v)
	w.made[v] = obj
	if w.twice || bridges.IsImmediate(v) && !w.immediateLate {
		w.fill(v, obj)
		return obj
	}
	w.objects = append(w.objects, v)
	for _, word := range v.Args {
		w.of(word)
	}
	return obj
}

func (w *sloppyWork) all(list []*ir.Op) (out []*ir.Op) {
	for _, v := range list {
		out = append(out, w.of(v))
	}
	return out
}

func (w *sloppyWork) stores(list []*ir.Op) {
	list = slices.Clone(list)
	if w.storesBackward {
		slices.Reverse(list)
	}
	for _, store := range list {
		if !w.noStores {
			w.b.Op(store.Code, store.Descr, w.all(store.Args)...)
		}
	}
}

func checkRecreate(t exercise.TB, f recreateFunc) {
	for _, c := range recreateCases[:len(recreateCases)-2] {
		checkRecreated(t, f, c)
	}
	checkRecreated(t, f, mixedExit)
	// What is part of itself may send f round for ever, which ends the process.
	const rule = "an object may be part of itself"
	ends(t, rule, "Recreate of the exit [v1:NODE{value=i0, next=v1}]", func() {
		_, guard := recreateCases[len(recreateCases)-2].read(t)
		f(ir.NewBuilder(nil), guard.Exit)
	})
	for _, c := range recreateCases[len(recreateCases)-2:] {
		checkRecreated(t, f, c)
	}
	checkGeneratedExits(t, with(func(k *bridges.Kit) { k.Recreate = f }), "a bridge goes on with what the exit stands for", false)
	checkEngine(t, with(func(k *bridges.Kit) { k.Recreate = f }))
}

// ends calls f in another process, which it ends if it calls itself for ever.
func ends(t exercise.TB, rule, what string, f func()) {
	t.Helper()
	r := child.Run(t, 20*time.Second, func(*child.Writer) {
		debug.SetMaxStack(16 << 20) // or it takes seconds
		f()
	})
	if r.Crash != nil {
		t.Fatalf("rule: %s\n%s ends the process: %v\n(a function that calls itself for ever does so: note an object before you go on into its words)", rule, what, r.Crash)
	}
}

// checkRecreated compares what f begins with the wanted trace. Where that makes several
// objects, the order may be another: then what is there in the end decides.
func checkRecreated(t exercise.TB, f recreateFunc, c exitCase) {
	t.Helper()
	trace, guard := c.read(t)
	want, err := ir.Parse("case", exitDecls+lines(c.want))
	if err != nil {
		t.Fatalf("the test case can't be read: %v", err)
	}
	before := guard.String()
	var got *ir.Trace
	during(t, c.what, "Recreate of the exit "+exitText(trace, guard), func() { got = recreated(f, trace.Decls, guard.Exit) })
	say := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("rule: %s\nthe exit: %s\n%s", c.what, exitText(trace, guard), fmt.Sprintf(format, args...))
	}
	if now := guard.String(); now != before {
		say("it was changed to %s: it belongs to the old trace", now)
	}
	if err := ir.Verify(got); err != nil {
		say("what Recreate began, with its result as finish, is no well-formed trace: %v\n%s", err, tracetest.Indent(got.Body()))
	}
	wanted, had := tracetest.Lines(want), tracetest.Lines(got)
	same := cmp.Equal(wanted, had)
	if !same && strings.Count(c.want, "new_") > 1 {
		same = cmp.Equal(sorted(opsOf(want)), sorted(opsOf(got))) && sameState(t, want, got)
	}
	if same && !endsWith(got, guard.Exit.Pending) {
		say("its pending stores have to stand right before finish:\n%s", tracetest.Indent(got.Body()))
	}
	if !same {
		say("what Recreate began, with its result as finish (- want, + got):\n%s", tracetest.Indent(tracetest.Diff(wanted, had)))
	}
}

// endsWith reports whether trace ends in stores, and finish.
func endsWith(trace *ir.Trace, stores []*ir.Op) bool {
	rest := trace.Ops[len(trace.Ops)-1-len(stores):]
	for i, store := range stores {
		if rest[i].Code != store.Code || rest[i].Descr != store.Descr {
			return false
		}
	}
	return true
}

// exitText shows an exit with its pending stores.
func exitText(trace *ir.Trace, guard *ir.Op) string { return guard.Format(trace.Names()) }

func sorted(list []string) []string { slices.Sort(list); return list }

// opsOf returns the names of the operations of t.
func opsOf(t *ir.Trace) (list []string) {
	for _, op := range t.Ops {
		list = append(list, op.Code.String())
	}
	return list
}

// sameState reports whether finish shows the same of two traces, on inputs that suit the
// first one.
func sameState(t exercise.TB, want, got *ir.Trace) bool {
	t.Helper()
	for seed := range uint64(100) {
		a, err := linked{}.run(want, tracegen.Inputs(want, seed), nil)
		if err != nil {
			continue // a store to an object of another class, for example
		}
		b, err := linked{}.run(got, tracegen.Inputs(want, seed), nil)
		return err == nil && slices.Equal(a.Log, b.Log)
	}
	t.Fatalf("the test case can't be run on any inputs:\n%s", want)
	return false
}
