package bridges_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/heap"
)

// A continued is a trace that is left through a guard, and a bridge from there.
type continued struct {
	t      testing.TB
	trace  *ir.Trace // optimized
	guard  *ir.Op
	bridge *ir.Trace // as it was recorded
}

// continuedAt optimizes all that stands in t before the debug_merge_point, behind a
// guard; what stands behind is the bridge of that guard. It uses nothing but what the
// exit has.
func continuedAt(t testing.TB, chain ir.Chain, whole *ir.Trace) continued {
	t.Helper()
	at := slices.IndexFunc(whole.Ops, func(op *ir.Op) bool { return op.Code == ir.DebugMergePoint })
	guard := whole.Ops[at-1]
	chain.Witness = true
	after, err := chain.Optimize(&ir.Trace{Decls: whole.Decls, Inputs: whole.Inputs, Ops: whole.Ops[:at]})
	require.NoError(t, err)
	c := continued{t: t, trace: after}
	for _, op := range after.Ops {
		if op.Exit != nil {
			c.guard = op // the last
		}
	}
	require.Len(t, c.guard.Exit.Failargs, len(guard.Exit.Failargs), "the guard stays: %s", after)

	b := ir.NewBuilder(whole.Decls)
	stands := map[*ir.Op]*ir.Op{}
	for i, v := range kit.Recreate(b, c.guard.Exit) {
		stands[guard.Exit.Failargs[i]] = v
	}
	repeat(b, whole.Ops[at+1:], stands)
	c.bridge = b.Trace()
	require.NoError(t, ir.Verify(c.bridge))
	return c
}

// repeat adds copies of ops; stands says what stands for the values that they use.
func repeat(b *ir.Builder, ops []*ir.Op, stands map[*ir.Op]*ir.Op) {
	all := func(list []*ir.Op) []*ir.Op {
		list = slices.Clone(list)
		for i, v := range list {
			if !v.IsConst() {
				list[i] = stands[v]
			}
		}
		return list
	}
	for _, op := range ops {
		if op.Exit != nil {
			stands[op] = b.Guard(op.Code, all(op.Exit.Failargs), all(op.Args)...)
			stands[op].Exit.Resume = op.Line
		} else {
			stands[op] = b.Op(op.Code, op.Descr, all(op.Args)...)
		}
	}
}

// optimized returns the bridge as it is optimized with what the guard has noted.
func (c *continued) optimized(chain ir.Chain) (*ir.Trace, error) {
	leaves := c.guard.Exit.Leaves()
	return optimizeJump(chain, c.bridge, virtuals.JumpOptions{
		Assume: func(o *ir.Optimizer, inputs []*ir.Op) { kit.Assume(o, inputs, leaves, c.guard.Exit.Facts) },
		Choose: func(values, _ []*ir.Op) (*ir.Target, []*ir.Op) {
			target := &ir.Target{Name: "there"}
			for _, v := range values {
				target.Inputs = append(target.Inputs, v.Type)
			}
			return target, values
		},
	})
}

// agrees runs the bridge before and after, and returns how often the guard was left
// through. after is nil if it is impossible: then no run may get to its end.
func (c *continued) agrees(after *ir.Trace) (runs int) {
	c.t.Helper()
	from := bridgeCase{trace: c.trace}
	for seed := range uint64(60) {
		inputs := tracegen.Inputs(c.trace, seed)
		if last := len(inputs) - 1; seed%3 > 0 { // the one that the guard asks
			inputs[last] = 0
		}
		_, left, err := linked{}.runThrough(c.trace, inputs, nil, nil)
		if err != nil || left != c.guard {
			continue
		}
		want, ran := from.try(c.guard, c.bridge, inputs)
		switch {
		case !ran:
			continue // it does what no trace may do
		case after == nil:
			require.NotContains(c.t, []string{"finish", "jump"}, want.Left, "the bridge was called impossible")
		default:
			got, ran := from.try(c.guard, after, inputs)
			require.True(c.t, ran, after)
			require.Equal(c.t, want, got, "%s", after)
		}
		runs++
	}
	return runs
}

// try runs the trace where guard goes on in a bridge, if no operation is in error.
func (c *bridgeCase) try(guard *ir.Op, bridge *ir.Trace, inputs []uint64) (result, bool) {
	exit := guard.Exit
	defer func() { guard.Exit = exit }()
	guard.Exit = &ir.Exit{Failargs: exit.Leaves()}
	target := &ir.Target{Name: "bridge"}
	jumps := bridge.Ops[len(bridge.Ops)-1]
	if jumps.Code == ir.Jump { // it is the end
		end := *jumps
		end.Code, end.Descr = ir.Finish, nil
		bridge = &ir.Trace{Decls: bridge.Decls, Inputs: bridge.Inputs, Ops: append(slices.Clone(bridge.Ops[:len(bridge.Ops)-1]), &end)}
	}
	r, _, err := linked{target: bridge}.runThrough(c.trace, inputs, nil, map[*ir.Op]*ir.Target{guard: target})
	return r, err == nil
}

const bridgeDeclarations = "struct NODE vtable=node_vtable value:i next:r; struct NODE2 vtable=node_vtable2 base=NODE other:r; array INTS i; "

// What the cases below say again and again.
const (
	node   = "ConstClass(node_vtable)"
	node2  = "ConstClass(node_vtable2)"
	bridge = `debug_merge_point("bridge"); `
)

// bridgeCases are pairs of a trace and a bridge. The situations are those of PyPy's
// tests of bridges and of virtual states (test_optimizebridge.py, test_virtualstate.py);
// here the facts come from the guard.
var bridgeCases = []struct{ rule, trace, want string }{
	{"a known class is not checked again",
		"[p0, i1]; guard_nonnull_class(p0, " + node + ") []; guard_true(i1) [p0]; " + bridge + "guard_nonnull_class(p0, " + node + ") []; jump(p0)",
		"[p0]\njump(p0, descr=there)\n"},
	{"no bridge is right for another class",
		"[p0, i1]; guard_nonnull_class(p0, " + node + ") []; guard_true(i1) [p0]; " + bridge + "guard_nonnull_class(p0, " + node2 + ") []; jump(p0)",
		"impossible"},
	{"but it is if the guard that failed has asked for the class",
		"[p0, i1]; guard_nonnull_class(p0, " + node + ") [p0]; " + bridge + "guard_nonnull_class(p0, " + node2 + ") []; jump(p0)",
		"[p0]\nguard_nonnull_class(p0, ConstClass(node_vtable2)) []\njump(p0, descr=there)\n"},
	{"what is not NULL need not be checked for that",
		"[p0, i1]; guard_nonnull(p0) []; guard_true(i1) [p0]; " + bridge + "guard_nonnull_class(p0, " + node + ") []; jump(p0)",
		"[p0]\nguard_class(p0, ConstClass(node_vtable)) []\njump(p0, descr=there)\n"},
	{"a field that was read is known",
		"[p0, i1]; guard_nonnull(p0) []; p2 = getfield_gc_r(p0, descr=NODE.next); guard_true(i1) [p0, p2]; " + bridge +
			"p3 = getfield_gc_r(p0, descr=NODE.next); guard_value(p3, NULL) []; jump(p0, p2)",
		"[p0, p1]\nguard_value(p1, NULL) []\njump(p0, NULL, descr=there)\n"},
	{"a field that is known to be NULL as well",
		"[p0, i1]; guard_nonnull(p0) []; p2 = getfield_gc_r(p0, descr=NODE.next); guard_value(p2, NULL) []; guard_true(i1) [p0]; " + bridge +
			"p3 = getfield_gc_r(p0, descr=NODE.next); guard_value(p3, NULL) []; jump(p0)",
		"[p0]\njump(p0, descr=there)\n"},
	{"not after somebody may have written to it",
		"[p0, i1]; guard_nonnull(p0) []; p2 = getfield_gc_r(p0, descr=NODE.next); guard_value(p2, NULL) []; escape_n(p0); guard_true(i1) [p0]; " + bridge +
			"p3 = getfield_gc_r(p0, descr=NODE.next); guard_value(p3, NULL) []; jump(p0)",
		"[p0]\np1 = getfield_gc_r(p0, descr=NODE.next)\nguard_value(p1, NULL) []\njump(p0, descr=there)\n"},
	{"not after the bridge has written to it",
		"[p0, i1]; guard_nonnull(p0) []; p2 = getfield_gc_r(p0, descr=NODE.next); guard_true(i1) [p0, p2]; " + bridge +
			"escape_n(p0); p3 = getfield_gc_r(p0, descr=NODE.next); finish(p3)",
		"[p0, p1]\nescape_n(p0)\np2 = getfield_gc_r(p0, descr=NODE.next)\nfinish(p2)\n"},
	{"the class of what is in a field",
		"[p0, i1]; guard_nonnull_class(p0, " + node2 + ") []; p2 = getfield_gc_r(p0, descr=NODE2.other); guard_nonnull_class(p2, " + node2 + ") []; guard_true(i1) [p0, p2]; " + bridge +
			"p3 = getfield_gc_r(p0, descr=NODE2.other); guard_class(p3, " + node2 + ") []; finish(p0, 1)",
		"[p0, p1]\nfinish(p0, 1)\n"},
	{"a virtual object stays one, if it can",
		"[p0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, 3, descr=NODE.value); setfield_gc(p2, p0, descr=NODE.next); guard_true(i1) [p2]; " + bridge +
			"i3 = getfield_gc_i(p2, descr=NODE.value); p4 = getfield_gc_r(p2, descr=NODE.next); guard_nonnull(p4) [p2]; finish(i3, p4)",
		"[p0]\nguard_nonnull(p0) [NODE{value=3, next=p0}]\nfinish(3, p0)\n"},
	{"one that is stored when the guard fails is stored by the bridge",
		"[p0, i1]; guard_nonnull(p0) []; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i1, descr=NODE.value); setfield_gc(p0, p2, descr=NODE.next); guard_true(i1) [p0]; " + bridge +
			"p3 = getfield_gc_r(p0, descr=NODE.next); i4 = getfield_gc_i(p3, descr=NODE.value); setfield_gc(p0, NULL, descr=NODE.next); finish(i4)",
		"[p0, i1]\nsetfield_gc(p0, NULL, descr=NODE.next)\nfinish(i1)\n"},
	{"the range of a number",
		"[i0, i1]; i2 = int_lt(i0, 10); guard_true(i2) []; guard_true(i1) [i0]; " + bridge + "i3 = int_lt(i0, 20); guard_true(i3) []; i4 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i4)",
		"[i0]\ni1 = int_add(i0, 1)\nfinish(i1)\n"},
	{"not the one that the guard has asked for",
		"[i0, i1]; i2 = int_lt(i1, 10); guard_false(i2) [i1]; " + bridge + "i3 = int_lt(i1, 20); guard_true(i3) []; finish(i1)",
		"[i0]\ni1 = int_lt(i0, 20)\nguard_true(i1) []\nfinish(i0)\n"},
	{"the length of an array",
		"[p0, i1]; guard_nonnull(p0) []; i2 = arraylen_gc(p0, descr=INTS); i3 = int_gt(i2, 2); guard_true(i3) []; guard_true(i1) [p0, i2]; " + bridge +
			"i4 = arraylen_gc(p0, descr=INTS); i5 = uint_lt(1, i4); guard_true(i5) []; i6 = getarrayitem_gc_i(p0, 1, descr=INTS); finish(i6, i4)",
		"[p0, i1]\ni2 = getarrayitem_gc_i(p0, 1, descr=INTS)\nfinish(i2, i1)\n"},
	{"a number that is known is a constant",
		"[p0, i1]; guard_nonnull(p0) []; i2 = getfield_gc_i(p0, descr=NODE.value); guard_value(i2, 1) []; guard_true(i1) [p0]; " + bridge +
			"i3 = getfield_gc_i(p0, descr=NODE.value); i4 = int_add(i3, 1); jump(i4)",
		"[p0]\njump(2, descr=there)\n"},
}

func TestBridgesRelyOnWhatIsKnown(t *testing.T) {
	for _, c := range bridgeCases {
		chain := chainOf(t, true)
		cont := continuedAt(t, chain, parse(t, bridgeDeclarations+c.trace))
		after, err := cont.optimized(chain)
		if c.want == "impossible" {
			require.ErrorIs(t, err, ir.ErrImpossible, c.rule)
			after = nil
		} else {
			require.NoError(t, err)
			require.Equal(t, c.want, after.Body(), c.rule)
		}
		require.NotZero(t, cont.agrees(after), c.rule)
	}
}

// TestBridgeConformance takes the bridges of a file of conformance cases, and has them
// begin at guards that know what a bridge can be told: each reference is not NULL, or
// of a class, and what is in the fields. METATRACE_CONFORMANCE names the file.
func TestBridgeConformance(t *testing.T) {
	file := os.Getenv("METATRACE_CONFORMANCE")
	if file == "" {
		t.Skip("METATRACE_CONFORMANCE names no file with cases")
	}
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	cases, runs, shorter := 0, 0, 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var c struct{ ID, Kind, Trace string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		if c.Kind != "bridge" {
			continue
		}
		cases++
		for _, engine := range []bool{false, true} {
			for class := -1; class < 3; class++ {
				trace, err := ir.Parse(c.ID, c.Trace)
				require.NoError(t, err)
				n, less := continueCase(t, chainOf(t, engine), trace, class)
				runs += n
				shorter += less
			}
		}
	}
	t.Logf("%d cases, %d runs, %d bridges got shorter by what was known", cases, runs, shorter)
	require.NotZero(t, runs)
	require.NotZero(t, shorter)
}

// continueCase lets the bridge t begin at a guard that knows the references to be not
// NULL, and from class 0 on, of that class, with its fields.
func continueCase(t *testing.T, chain ir.Chain, bridge *ir.Trace, class int) (runs, shorter int) {
	b := ir.NewBuilder(bridge.Decls)
	stands := map[*ir.Op]*ir.Op{}
	var state []*ir.Op
	for _, in := range bridge.Inputs {
		stands[in] = b.Input(in.Type)
		state = append(state, stands[in])
	}
	asked := b.Input(ir.Int)
	for _, v := range slices.Clone(state) {
		state = append(state, know(b, v, class)...)
	}
	b.Guard(ir.GuardTrue, state, asked)
	b.Op(ir.DebugMergePoint, nil, ir.Text("bridge"))
	repeat(b, bridge.Ops, stands)
	whole := b.Trace()
	require.NoError(t, ir.Verify(whole))
	c := continuedAt(t, chain, whole)
	after, err := c.optimized(chain)
	if errors.Is(err, ir.ErrImpossible) {
		return c.agrees(nil), 1
	}
	require.NoError(t, err)
	without := c
	without.guard = &ir.Op{Exit: &ir.Exit{}}
	plain, err := without.optimized(chain)
	require.NoError(t, err)
	if len(after.Ops) < len(plain.Ops) {
		shorter = 1
	}
	require.LessOrEqual(t, len(after.Ops), len(plain.Ops))
	return c.agrees(after), shorter
}

// know adds operations that teach something about v, and returns what is in it.
func know(b *ir.Builder, v *ir.Op, class int) (contents []*ir.Op) {
	if v.Type != ir.Ref {
		return nil
	}
	var all []*heap.Class
	if d := b.Trace().Decls; d != nil && d.Classes != nil {
		all = slices.DeleteFunc(slices.Clone(d.Classes.All()), func(c *heap.Class) bool { return c.Vtable == "" })
	}
	if class < 0 || class >= len(all) {
		b.Guard(ir.GuardNonnull, nil, v)
		return nil
	}
	c := all[class]
	b.Guard(ir.GuardNonnullClass, nil, v, ir.ConstClass(&ir.Symbol{Name: c.Vtable, Class: c}))
	load := [...]ir.Opcode{ir.Int: ir.GetfieldGcI, ir.Float: ir.GetfieldGcF, ir.Ref: ir.GetfieldGcR}
	for _, f := range c.Fields {
		in := b.Op(load[f.Kind], f, v)
		contents = append(contents, in)
		if f.Kind == ir.Ref && strings.Contains(c.Name, "2") {
			b.Guard(ir.GuardNonnullClass, nil, in, ir.ConstClass(&ir.Symbol{Name: c.Vtable, Class: c}))
		}
	}
	return contents
}
