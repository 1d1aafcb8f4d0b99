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

// stateOf returns the state that is written as the exit of a guard.
func stateOf(t testing.TB, exit string) *bridges.State {
	t.Helper()
	trace := parse(t, "struct NODE vtable=node_vtable value:i next:r; struct PAIR left:r right:r; struct EMPTY vtable=empty_vtable; array INTS i; "+
		"struct INT vtable=int_vtable value:i!; struct SMALL vtable=small_vtable immediate=1:1 value:i[-100,100]!; object seven INT value=7; "+
		"object node NODE value=7; [i0, i1, p2, p3, f4]; guard_true(i0) ["+exit+"]")
	return &bridges.State{Described: trace.Ops[0].Exit.Failargs}
}

// nested returns NODEs in each other, the innermost with what is given.
func nested(depth int, inside string) string {
	return strings.Repeat("NODE{value=i0, next=", depth) + inside + strings.Repeat("}", depth)
}

func TestShapeOf(t *testing.T) {
	many := "0" + strings.Repeat(", 0", 22)
	for _, c := range []struct{ rule, state, key string }{
		{"all but virtual objects is an input, of its type", "i0, 7, NULL, p2, f4, ConstPtr(seven)", "i i p p f p"},
		{"a value that stands twice is two inputs: it may be two the next time", "p2, p2", "p p"},
		{"a virtual object stays one, whatever is in it", "NODE{value=7, next=NULL}, INTS{1, i0}, PAIR{left=NODE{value=i0, next=p2}, right=NULL}, EMPTY{}",
			"NODE{i p} INTS{i i} PAIR{NODE{i p} p} EMPTY{}"},
		{"one that stands twice is one", "v1:NODE{value=i0, next=NULL}, v1, NODE{value=i0, next=NULL}", "NODE{i p} =0 NODE{i p}"},
		{"also in itself", "v1:NODE{value=i0, next=v1}", "NODE{i =0}"},
		{"but one of an immediate class is as good as two", "v1:SMALL{value=i0}, v1", "SMALL{i} SMALL{i}"},
		{"objects may be nested four deep", nested(4, "NULL"), nested4},
		{"no deeper", nested(5, "NULL") + ", NODE{value=i0, next=NULL}", "p NODE{i p}"},
		{"an immediate object may be", nested(4, "SMALL{value=i1}"), strings.ReplaceAll(nested4, "i p", "i SMALL{i}")},
		{"what is reached from a plain reference is plain as well", nested(4, "v1:NODE{value=i0, next=NULL}") + ", v1, PAIR{left=v1, right=NULL}", "p p PAIR{p p}"},
		{"also if it came before", "v1:NODE{value=i0, next=NULL}, " + nested(5, "v1"), "p p"},
		{"24 inputs are enough", "INTS{" + many + "}, p2", "INTS{i" + strings.Repeat(" i", 22) + "} p"},
		{"25 are too many", "INTS{" + many + ", 0}, NODE{value=i0, next=p3}, p2", "p NODE{i p} p"},
		{"the slots behind need room as well", "NODE{value=i0, next=p3}, INTS{" + many + "}, p2, p3", "NODE{i p} p p p"},
		{"more slots than that are what they are", many + ", 0, 0, NODE{value=i0, next=p3}", "i" + strings.Repeat(" i", 24) + " p"},
	} {
		state := stateOf(t, c.state)
		shape := bridges.ShapeOf(state)
		require.Equal(t, c.key, shape.Key(), c.rule)
		for i, in := range shape.Inputs {
			require.Equal(t, int32(i), in.ID)
		}
		require.Equal(t, shape.Inputs, (&ir.Exit{Failargs: shape.Slots}).Leaves(), "Begin relies on that: %s", c.rule)
		inputs, ok := kit.Fits(shape, state)
		require.True(t, ok, "a state fits its shape: %s", c.rule)
		for i, in := range inputs {
			require.Equal(t, shape.Inputs[i].Type, in.Type)
		}
	}
}

const nested4 = "NODE{i NODE{i NODE{i NODE{i p}}}}"

func TestGenericIsNothingButReferences(t *testing.T) {
	require.Equal(t, "p p p", bridges.Generic(3).Key())
	require.Equal(t, "", bridges.Generic(0).Key())
}

// TestVersionsAgree makes versions of generated loops for what is virtual at their ends,
// until each end fits one of them, and runs from one into the other.
func TestVersionsAgree(t *testing.T) {
	for name, kind := range loopKinds {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(6, 3))
			tries := 45
			if testing.Short() {
				tries = 15
			}
			runs, special := 0, 0
			for n := range tries {
				before := kind.Generate(&irsolution.Kit, tracetest.Random(random, 20+random.IntN(200)))
				c := versions{t: t, chain: chainOf(t, n%2 == 0), before: before, code: linked{}}
				entry := c.optimize(before)
				for len(c.todo) > 0 {
					v := c.todo[0]
					c.todo = c.todo[1:]
					c.code[v.target] = c.optimize(kit.Version(before, v.shape))
					if strings.Contains(v.shape.Key(), "{") {
						special++
					}
				}
				for seed := range uint64(3) {
					if c.code.agree(t, before, entry, kind.Inputs(before, seed)) {
						runs++
					}
				}
				if t.Failed() {
					t.Fatalf("%s", before)
				}
			}
			t.Logf("%d runs, %d versions with virtual objects", runs, special)
			require.NotZero(t, runs)
		})
	}
}

// versions are those of one loop.
type versions struct {
	t      *testing.T
	chain  ir.Chain
	before *ir.Trace
	all    []version
	todo   []version
	code   linked
}

type version struct {
	shape  *bridges.Shape
	target *ir.Target
}

const maxVersions = 4

// optimize optimizes a version of the loop. One that always leaves becomes the loop as
// it was made, which has the same inputs.
func (c *versions) optimize(t *ir.Trace) *ir.Trace {
	choose := virtuals.JumpOptions{Choose: c.choose}
	out, err := optimizeJump(c.chain, t, choose)
	if errors.Is(err, ir.ErrImpossible) {
		none, unknown := c.chain.Select("none")
		require.NoError(c.t, unknown)
		out, err = optimizeJump(none, t, choose)
	}
	require.NoError(c.t, err)
	return out
}

// choose takes the first version that fits, or makes one.
func (c *versions) choose(values, described []*ir.Op) (*ir.Target, []*ir.Op) {
	state := &bridges.State{Values: values, Described: described}
	for _, v := range c.all {
		if inputs, ok := kit.Fits(v.shape, state); ok {
			return v.target, inputs
		}
	}
	shape := bridges.ShapeOf(state)
	if len(c.all) >= maxVersions {
		shape = typed(state)
	}
	v := version{shape, &ir.Target{Name: shape.Key()}}
	for _, in := range shape.Inputs {
		v.target.Inputs = append(v.target.Inputs, in.Type)
	}
	c.all, c.todo = append(c.all, v), append(c.todo, v)
	inputs, ok := kit.Fits(shape, state)
	require.True(c.t, ok)
	return v.target, inputs
}
