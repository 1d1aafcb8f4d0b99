package bridges_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

// bridgeKinds are the kinds of traces that bridges are tried on.
var bridgeKinds = map[string]tracetest.Kind{
	"heap": tracetest.Heap, "ints": tracetest.Ints, "tagged": tracetest.Tagged, "tagged loop": tracetest.TaggedLoop,
}

// TestBridgesAgree makes bridges for the guards of random traces: one that does nothing
// but hand over what the exit has; one that asks all that can be asked of it; and that
// one optimized with and without what the guard has noted.
func TestBridgesAgree(t *testing.T) {
	for name, kind := range bridgeKinds {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(6, 2))
			tries := 40
			if testing.Short() {
				tries = 10
			}
			runs, shorter := 0, 0
			for n := range tries {
				c := bridgeCase{t: t, chain: chainOf(t, n%4 > 0), kind: kind, random: random}
				c.chain.Witness = true
				before := kind.Generate(&irsolution.Kit, tracetest.Random(random, 20+random.IntN(200)))
				after, err := kind.Optimize(c.chain, before)
				if errors.Is(err, ir.ErrImpossible) {
					continue
				}
				require.NoError(t, err)
				c.trace = after
				for _, op := range after.Ops {
					if op.Exit != nil {
						c.bridge(op)
					}
				}
				runs += c.runs
				shorter += c.shorter
			}
			t.Logf("%d runs through bridges, %d bridges with facts are shorter than without", runs, shorter)
			require.NotZero(t, runs)
			require.NotZero(t, shorter)
		})
	}
}

// bridgeCase is one optimized trace.
type bridgeCase struct {
	t             *testing.T
	chain         ir.Chain
	kind          tracetest.Kind
	random        *rand.Rand
	trace         *ir.Trace
	runs, shorter int
}

// bridge makes bridges for guard and compares.
func (c *bridgeCase) bridge(guard *ir.Op) {
	exit := *guard.Exit
	leaves := exit.Leaves()
	plain := ir.NewBuilder(c.trace.Decls)
	plain.Op(ir.Finish, nil, kit.Recreate(plain, &exit)...)
	require.NoError(c.t, ir.Verify(plain.Trace()))

	asking := c.asking(&exit)
	require.NoError(c.t, ir.Verify(asking))
	assume := func(o *ir.Optimizer, inputs []*ir.Op) { kit.Assume(o, inputs, leaves, exit.Facts) }
	with, err := optimizeJump(c.chain, asking, virtuals.JumpOptions{Assume: assume})
	if errors.Is(err, ir.ErrImpossible) {
		return // no run gets there, or one of the questions has one answer only
	}
	require.NoError(c.t, err)
	without, err := optimizeJump(c.chain, asking, virtuals.JumpOptions{})
	require.NoError(c.t, err)
	if len(with.Ops) < len(without.Ops) {
		c.shorter++
	}
	for seed := range uint64(4) {
		inputs := c.kind.Inputs(c.trace, seed)
		force := func(g *ir.Op, _ int) bool { return g == guard }
		want, left, err := linked{}.runThrough(c.trace, inputs, force, nil)
		if err != nil || left != guard {
			continue
		}
		c.runs++
		want.Left = ir.Finish.String()
		require.Equal(c.t, want, c.through(guard, plain.Trace(), inputs, force), "%s\n%s", c.trace, plain.Trace())
		want = c.through(guard, asking, inputs, force)
		require.Equal(c.t, want, c.through(guard, without, inputs, force), "%s\n%s", c.trace, asking)
		require.Equal(c.t, want, c.through(guard, with, inputs, force), "%s\n%s", c.trace, asking)
	}
}

// through runs the trace where guard goes on in a bridge.
func (c *bridgeCase) through(guard *ir.Op, bridge *ir.Trace, inputs []uint64, f force) result {
	exit := guard.Exit
	defer func() { guard.Exit = exit }()
	guard.Exit = &ir.Exit{Failargs: exit.Leaves()}
	target := &ir.Target{Name: "bridge"}
	r, _, err := linked{target: bridge}.runThrough(c.trace, inputs, f, map[*ir.Op]*ir.Target{guard: target})
	require.NoError(c.t, err, bridge)
	return r
}

// asking returns a bridge that asks many things of what the exit has.
func (c *bridgeCase) asking(exit *ir.Exit) *ir.Trace {
	b := ir.NewBuilder(c.trace.Decls)
	values := kit.Recreate(b, exit)
	all := slices.Concat(values, b.Trace().Inputs)
	other := ir.Null
	var list []*ir.Op
	for _, v := range all {
		switch v.Type {
		case ir.Int:
			for _, n := range []int64{0, 1, 2, 256} {
				list = append(list, b.Op(ir.IntLt, nil, v, ir.ConstInt(n)))
			}
			list = append(list, b.Op(ir.IntAnd, nil, v, ir.ConstInt(7)), b.Op(ir.IntRshift, nil, v, ir.ConstInt(3)))
			b.Op(ir.IntAddOvf, nil, v, ir.ConstInt(1))
			b.Guard(ir.GuardNoOverflow, values).Exit.Resume = "overflow"
		case ir.Ref:
			list = append(list, b.Op(ir.PtrEq, nil, v, ir.Null), b.Op(ir.PtrEq, nil, v, other))
			other = v
		}
	}
	for _, v := range b.Trace().Inputs {
		if class := c.classOf(exit, v); class != nil {
			list = append(list, c.look(b, v, class, values)...)
		}
	}
	b.Op(ir.Finish, nil, append(list, values...)...)
	return b.Trace()
}

// classOf returns a class that the input v of a bridge may be of: the one that is known,
// or any.
func (c *bridgeCase) classOf(exit *ir.Exit, v *ir.Op) *heap.Class {
	if v.Type != ir.Ref {
		return nil
	}
	all := c.trace.Decls.Classes.All()
	leaf := exit.Leaves()[v.ID]
	for _, f := range exit.Facts {
		for _, class := range all {
			if f.Value == leaf && f.Class != "" && class.Vtable == f.Class {
				return class
			}
		}
	}
	if class := all[c.random.IntN(len(all))]; class.Vtable != "" {
		return class
	}
	return nil
}

// look reads all fields of v behind a guard that it is of the class.
func (c *bridgeCase) look(b *ir.Builder, v *ir.Op, class *heap.Class, values []*ir.Op) (list []*ir.Op) {
	b.Guard(ir.GuardNonnullClass, values, v, ir.ConstClass(&ir.Symbol{Name: class.Vtable, Class: class})).Exit.Resume = "class"
	load := [...]ir.Opcode{ir.Int: ir.GetfieldGcI, ir.Float: ir.GetfieldGcF, ir.Ref: ir.GetfieldGcR}
	for _, f := range class.Fields {
		list = append(list, b.Op(load[f.Kind], f, v))
	}
	return list
}

func TestRecreate(t *testing.T) {
	trace := parse(t, "struct NODE vtable=node_vtable value:i next:r; struct PAIR left:r right:r; array INTS i; "+
		"struct SMALL vtable=small_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!; "+
		"[i0, p1, f2]; guard_true(i0) [v1:NODE{value=i0, next=PAIR{left=v1, right=p1}}, NULL, f2, p1, v1, INTS{3, i0, 0}, SMALL{value=i0}, SMALL{value=0}]; finish()")
	b := ir.NewBuilder(trace.Decls)
	values := kit.Recreate(b, trace.Ops[0].Exit)
	b.Op(ir.Finish, nil, values...)
	require.NoError(t, ir.Verify(b.Trace()))
	require.Equal(t, `[i0, p1, f2]
p3 = new_with_vtable(descr=NODE)
p4 = new(descr=PAIR)
p5 = new_array_clear(3, descr=INTS)
p6 = new_with_vtable(descr=SMALL)
setfield_gc(p6, i0, descr=SMALL.value)
p7 = new_with_vtable(descr=SMALL)
setfield_gc(p3, i0, descr=NODE.value)
setfield_gc(p3, p4, descr=NODE.next)
setfield_gc(p4, p3, descr=PAIR.left)
setfield_gc(p4, p1, descr=PAIR.right)
setarrayitem_gc(p5, 0, 3, descr=INTS)
setarrayitem_gc(p5, 1, i0, descr=INTS)
finish(p3, NULL, f2, p1, p3, p5, p6, p7)
`, b.Trace().Body())
	require.NotSame(t, trace.Ops[0].Exit.Failargs[2], values[2])
}

func TestBeginMakesTheSlotsOfAShape(t *testing.T) {
	b := ir.NewBuilder(nil)
	slots := kit.Begin(b, bridges.Generic(3))
	require.Equal(t, b.Trace().Inputs, slots)
	require.Equal(t, "[p0, p1, p2]\n", b.Trace().Body())
}
