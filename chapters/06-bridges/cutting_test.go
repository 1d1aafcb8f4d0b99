package bridges_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// A cutting is a generated trace that was cut in two, at a guard that always fails: the
// head is optimized, and goes on in a bridge.
type cutting struct {
	whole *ir.Trace // the trace without the guard: what head and bridge do together
	head  *ir.Trace // ends in a jump to the bridge, with the leaves of the exit
	exit  *ir.Exit  // of the guard
	live  []*ir.Op  // the failargs of the guard, in the trace that was cut
	rest  []*ir.Op  // what stands behind the guard there
	decls *ir.Decls
	to    *ir.Target
}

// cut cuts t at its n-th operation, a guard. ok is false if the optimizer finds out what
// the guard does.
func cut(t exercise.TB, chain ir.Chain, trace *ir.Trace, n int) (c cutting, ok bool) {
	t.Helper()
	c = cutting{decls: trace.Decls, rest: trace.Ops[n+1:], live: usedBehind(trace, n), to: &ir.Target{Name: "bridge"}}
	begin := func() (*ir.Builder, copier) {
		b := ir.NewBuilder(trace.Decls)
		k := copier{b, map[*ir.Op]*ir.Op{}}
		for _, in := range trace.Inputs {
			k.env[in] = b.Input(in.Type)
		}
		k.ops(trace.Ops[:n])
		return b, k
	}
	b, k := begin()
	k.ops(c.rest)
	c.whole = b.Trace()
	b, k = begin()
	guard := b.Guard(trace.Ops[n].Code, k.list(c.live), k.list(trace.Ops[n].Args)...)
	guard.Exit.Resume = "cut"
	b.Op(ir.Finish, nil)
	head, err := chain.Optimize(b.Trace())
	if err != nil {
		return c, false
	}
	at := slices.IndexFunc(head.Ops, func(op *ir.Op) bool { return op.Exit != nil && op.Exit.Resume == "cut" })
	if at < 0 {
		return c, false
	}
	c.exit = head.Ops[at].Exit
	leaves := c.exit.Leaves()
	for _, v := range leaves {
		c.to.Inputs = append(c.to.Inputs, v.Type)
	}
	c.head = &ir.Trace{Decls: trace.Decls, Inputs: head.Inputs, Ops: append(slices.Clone(head.Ops[:at]),
		&ir.Op{Code: ir.Jump, Descr: c.to, Args: leaves})}
	c.head.Renumber()
	return c, ir.Verify(c.head) == nil && ir.Verify(c.whole) == nil
}

// usedBehind returns the values from before operation n that those behind it use.
func usedBehind(trace *ir.Trace, n int) (list []*ir.Op) {
	before := map[*ir.Op]bool{}
	for _, op := range append(slices.Clone(trace.Inputs), trace.Ops[:n]...) {
		before[op] = true
	}
	use := func(of []*ir.Op) {
		for _, v := range of {
			if before[v] {
				before[v] = false
				list = append(list, v)
			}
		}
	}
	for _, op := range trace.Ops[n+1:] {
		use(op.Args)
		if op.Exit != nil {
			use(op.Exit.Failargs)
		}
	}
	return list
}

// copier copies operations. Of exits it leaves virtual objects out.
type copier struct {
	b   *ir.Builder
	env map[*ir.Op]*ir.Op
}

func (k copier) ops(ops []*ir.Op) {
	for _, op := range ops {
		if op.Exit == nil {
			k.env[op] = k.b.Op(op.Code, op.Descr, k.list(op.Args)...)
			continue
		}
		guard := k.b.Guard(op.Code, k.list(op.Exit.Failargs), k.list(op.Args)...)
		guard.Exit.Resume = op.Exit.Resume
	}
}

func (k copier) list(of []*ir.Op) (list []*ir.Op) {
	for _, v := range of {
		switch {
		case v.IsConst():
			list = append(list, v)
		case v.Code != ir.OpVirtual:
			list = append(list, k.env[v])
		}
	}
	return list
}

// bridge returns what goes on behind the exit, as it would be recorded.
func (c cutting) bridge(kit *bridges.Kit) *ir.Trace {
	b := ir.NewBuilder(c.decls)
	k := copier{b, map[*ir.Op]*ir.Op{}}
	for i, v := range kit.Recreate(b, c.exit) {
		k.env[c.live[i]] = v
	}
	k.ops(c.rest)
	return b.Trace()
}

// generatedExits are the kinds of traces that are cut.
var generatedExits = []tracetest.Kind{tracetest.Heap, tracetest.Tagged, tracetest.Ints}

// checkGeneratedExits cuts traces made at random at a guard, goes on in a bridge, and
// compares with the trace that was not cut. With optimize, the bridge is optimized with
// what is known at the exit.
func checkGeneratedExits(t exercise.TB, kit *bridges.Kit, rule string, optimize bool) {
	t.Helper()
	if t.Failed() {
		return
	}
	r := rand.New(rand.NewPCG(6, 3))
	tries, ran := 150, 0
	if testing.Short() {
		tries = 40
	}
	chain := chainOf(t, true)
	chain.Witness = true
	for n := range tries {
		kind := generatedExits[n%len(generatedExits)]
		trace := kind.Generate(&irsolution.Kit, tracetest.Random(r, 40+r.IntN(120)))
		var at []int
		for i, op := range trace.Ops {
			if op.Exit != nil && op.Code != ir.GuardNoOverflow && op.Code != ir.GuardOverflow {
				at = append(at, i)
			}
		}
		if len(at) == 0 {
			continue
		}
		c, ok := cut(t, chain, trace, at[r.IntN(len(at))])
		if !ok {
			continue
		}
		ran += c.check(t, kit, chain, kind, rule, optimize)
	}
	if ran < tries/10 {
		t.Fatalf("only %d of %d generated traces got to their bridge", ran, tries)
	}
}

// check compares runs, and returns how many there were, at most 1.
func (c cutting) check(t exercise.TB, kit *bridges.Kit, chain ir.Chain, kind tracetest.Kind, rule string, optimize bool) int {
	t.Helper()
	recorded := c.bridge(kit)
	made := recorded
	say := func(what string) {
		t.Helper()
		t.Fatalf("rule: %s\nthis trace (made at random) leaves by a guard that always fails:\n%s\nits exit: %s\nthe bridge, as recorded:\n%s\n%s",
			rule, tracetest.Indent(c.head.Body()), exitText(c.head, &ir.Op{Code: ir.GuardAlwaysFails, Exit: c.exit}),
			tracetest.Indent(recorded.Body()), what)
	}
	if err := ir.Verify(recorded); err != nil {
		say("which is no well-formed trace: " + err.Error())
	}
	if optimize {
		var err error
		made, err = optimizeJump(chain, recorded, virtuals.JumpOptions{Assume: func(o *ir.Optimizer, inputs []*ir.Op) {
			kit.Assume(o, inputs, c.exit.Leaves(), c.exit.Facts)
		}})
		if err != nil {
			return 0 // no run gets to its end, which the generator does not know
		}
	}
	ran := 0
	for seed := range uint64(2) {
		inputs := kind.Inputs(c.whole, seed)
		if what, ok := c.compare(made, inputs, nil); what != "" {
			say(what)
		} else if ok {
			ran = 1
		}
		for _, guard := range made.Ops {
			if guard.Exit == nil || seed > 0 {
				continue
			}
			if what, _ := c.compare(made, inputs, guard); what != "" {
				say(what)
			}
		}
	}
	return ran
}

// compare runs whole, and head with the bridge made behind it, where a guard of the
// bridge is forced to fail if there is one. It returns how they differ.
func (c cutting) compare(made *ir.Trace, inputs []uint64, forced *ir.Op) (what string, ok bool) {
	fails := force(nil)
	if forced != nil {
		fails = func(g *ir.Op, _ int) bool { return leftBy(g) == leftBy(forced) }
	}
	want, err := linked{}.run(c.whole, inputs, fails)
	if err != nil {
		return "", false // the guard that was taken out was needed
	}
	got, err := linked{c.to: made}.run(c.head, inputs, fails)
	switch {
	case err != nil:
		what = "with the inputs " + fmt.Sprint(inputs) + " the trace without the guard runs, but this does not: " + err.Error()
	case forced != nil && !got.forced:
		return "", false
	case !cmp.Equal(want.Log, got.Log) || want.Left != got.Left:
		what = fmt.Sprintf("with the inputs %d it does something else than the trace without the guard; %s and %s; what is seen (- without, + with bridge):\n%s",
			inputs, want.Left, got.Left, tracetest.Indent(cmp.Diff(want.Log, got.Log)))
	default:
		return "", true
	}
	if made != nil {
		what += "\nthe bridge, as it ran:\n" + tracetest.Indent(made.Body())
	}
	return what, true
}
