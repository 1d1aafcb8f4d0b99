package bridges_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
	irsolution "metatrace/solutions/01-ir"
)

func parse(t testing.TB, text string) *ir.Trace {
	t.Helper()
	trace, err := ir.Parse("trace", strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	require.NoError(t, ir.Verify(trace))
	return trace
}

func TestSplitPassesWhatDoesNotChange(t *testing.T) {
	p, l, target := bridges.Split(parse(t, "[i0, i1]; i2 = int_add(i0, i1); i3 = int_mul(i1, i1); label(i2); "+
		"i4 = int_add(i2, i1); i5 = int_lt(i4, 100); guard_true(i5) [i0, i4]; i6 = int_sub(i4, i3); jump(i6)"), "loop")
	require.NoError(t, ir.Verify(p))
	require.NoError(t, ir.Verify(l))
	require.Equal(t, "[i0, i1]\ni2 = int_add(i0, i1)\ni3 = int_mul(i1, i1)\njump(i2, i1, i0, i3, descr=loop)\n", p.String())
	require.Equal(t, "[i0, i1, i2, i3]\nlabel(i0)\ni4 = int_add(i0, i1)\ni5 = int_lt(i4, 100)\nguard_true(i5) [i2, i4]\ni6 = int_sub(i4, i3)\njump(i6)\n", l.String())
	require.Equal(t, "loop", target.String())
	require.Equal(t, []ir.Type{ir.Int, ir.Int, ir.Int, ir.Int}, target.Inputs)
	require.True(t, l.Loops())
	require.False(t, p.Loops())
}

func TestSplitOfAnInvariantInTheJump(t *testing.T) {
	_, l, _ := bridges.Split(parse(t, "[i0, i1]; label(i0); i2 = int_lt(i0, 5); guard_true(i2) []; jump(i1)"), "loop")
	require.NoError(t, ir.Verify(l))
	require.Equal(t, "[i0, i1]\nlabel(i0)\ni2 = int_lt(i0, 5)\nguard_true(i2) []\njump(i1)\n", l.String())
}

func TestSplitCopiesExits(t *testing.T) {
	const node = "struct NODE vtable=node_vtable value:i next:r; "
	whole := parse(t, node+"[i0, i1, p2]; label(i0); i3 = int_lt(i0, i1); guard_true(i3) [i0, v1:NODE{value=i1, next=v1}, NODE{value=7, next=p2}]; jump(i1)")
	guard := whole.Ops[2]
	guard.Exit.Pending = []*ir.Op{{Code: ir.SetfieldGc, ID: -1, Descr: whole.Decls.Classes.Named("NODE").Fields[1],
		Args: []*ir.Op{whole.Inputs[2], guard.Exit.Failargs[1]}}}
	guard.Exit.Resume = "there"
	guard.Exit.Facts = []ir.Fact{{Value: whole.Inputs[2], Nonnull: true}}
	before := whole.String()
	p, l, target := bridges.Split(whole, "loop")
	require.NoError(t, ir.Verify(p))
	require.NoError(t, ir.Verify(l))
	require.Equal(t, before, whole.String())
	require.Equal(t, []ir.Type{ir.Int, ir.Int, ir.Ref}, target.Inputs)
	copied := l.Ops[2]
	require.NotSame(t, guard, copied)
	require.Equal(t, "there", copied.Exit.Resume)
	require.Equal(t, []ir.Fact{{Value: l.Inputs[2], Nonnull: true}}, copied.Exit.Facts)
	v := copied.Exit.Failargs[1]
	require.NotSame(t, guard.Exit.Failargs[1], v)
	require.Same(t, v, v.Args[1], "it is part of itself")
	require.Same(t, v, copied.Exit.Pending[0].Args[1])
	require.Same(t, l.Inputs[2], copied.Exit.Pending[0].Args[0])
}

func TestSplitNeedsALoop(t *testing.T) {
	require.Panics(t, func() { bridges.Split(parse(t, "[i0]; jump(i0)"), "loop") })
	require.Panics(t, func() { bridges.Split(parse(t, "[i0]; label(i0); finish(i0)"), "loop") })
}

// TestSplitLoopsAgree peels generated loops and splits them; then it enters them from a
// copy of the loop that was not peeled, through versions for what is virtual there.
func TestSplitLoopsAgree(t *testing.T) {
	for name, kind := range loopKinds {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(6, 1))
			tries := 20
			if testing.Short() {
				tries = 10
			}
			split, special, runs := 0, 0, 0
			for n := range tries {
				before := kind.Generate(&irsolution.Kit, tracetest.Random(random, 20+random.IntN(200)))
				c := splitCase{t: t, chain: chainOf(t, n%2 == 0), kind: kind, before: before}
				c.chain.Witness = n%3 == 0
				if c.split() {
					split++
					special += c.enter()
				}
				runs += c.runs
				if t.Failed() {
					t.Fatalf("%s", before)
				}
			}
			t.Logf("%d loops, %d of them entered with virtual objects, %d runs", split, special, runs)
			require.NotZero(t, split)
			require.NotZero(t, runs)
			if name != "ints" {
				require.NotZero(t, special)
			}
		})
	}
}

// splitCase is one generated loop.
type splitCase struct {
	t        *testing.T
	chain    ir.Chain
	kind     tracetest.Kind
	before   *ir.Trace
	preamble *ir.Trace
	code     linked
	runs     int
}

// split peels and splits the loop and compares. It returns false if that is not
// possible.
func (c *splitCase) split() bool {
	whole, err := c.chain.OptimizeLoop(c.before)
	if errors.Is(err, ir.ErrImpossible) {
		return false
	}
	require.NoError(c.t, err)
	if whole.LabelAt() < 0 {
		return false
	}
	preamble, loop, target := bridges.Split(whole, "loop")
	require.NoError(c.t, ir.Verify(preamble))
	require.NoError(c.t, ir.Verify(loop))
	c.preamble, c.code = preamble, linked{target: loop}
	c.compare(preamble)
	return true
}

func (c *splitCase) compare(after *ir.Trace) {
	for seed := range uint64(3) {
		if c.code.agree(c.t, c.before, after, c.kind.Inputs(c.before, seed)) {
			c.runs++
		}
	}
}

// enter enters the loop from a copy that was not peeled: through the preamble, and
// through a version of it that takes what is virtual at the end of the copy.
func (c *splitCase) enter() (special int) {
	for _, shapeOf := range []func(*bridges.State) *bridges.Shape{
		func(s *bridges.State) *bridges.Shape { return typed(s) },
		bridges.ShapeOf,
	} {
		var shape *bridges.Shape
		target := &ir.Target{Name: "version"}
		entry, err := optimizeJump(c.chain, c.before, virtuals.JumpOptions{Choose: func(values, described []*ir.Op) (*ir.Target, []*ir.Op) {
			state := &bridges.State{Values: values, Described: described}
			shape = shapeOf(state)
			inputs, ok := kit.Fits(shape, state)
			require.True(c.t, ok, "a state fits its shape: %s", shape.Key())
			for _, in := range shape.Inputs {
				target.Inputs = append(target.Inputs, in.Type)
			}
			return target, inputs
		}})
		if errors.Is(err, ir.ErrImpossible) {
			continue
		}
		require.NoError(c.t, err)
		version := kit.Version(c.preamble, shape)
		require.NoError(c.t, ir.Verify(version), version)
		optimized, err := optimizeJump(c.chain, version, virtuals.JumpOptions{})
		if errors.Is(err, ir.ErrImpossible) {
			continue
		}
		require.NoError(c.t, err)
		if strings.Contains(shape.Key(), "{") {
			special++
		}
		for _, v := range []*ir.Trace{version, optimized} {
			c.code[target] = v
			c.compare(entry)
		}
		delete(c.code, target)
	}
	return special
}

// typed returns the shape that takes all there is, of the types in s.
func typed(s *bridges.State) *bridges.Shape {
	plain := &bridges.State{}
	for i, v := range s.Described {
		if v.Code == ir.OpVirtual {
			v = s.Values[i]
		}
		plain.Described = append(plain.Described, v)
	}
	return bridges.ShapeOf(plain)
}
