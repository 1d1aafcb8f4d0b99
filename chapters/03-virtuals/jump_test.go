package virtuals_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// elsewhere is where the jumps of this file go.
var elsewhere = &ir.Target{Name: "elsewhere"}

// jumping optimizes a trace that jumps to where choose says.
func jumping(t *testing.T, text, passes string, choose func(values, described []*ir.Op) []*ir.Op) *ir.Trace {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	before := trace.String()
	chain, err := chainOf(t, &virtualssolution.Kit, true).Select(passes)
	require.NoError(t, err)
	out, err := virtualssolution.Kit.OptimizeJump(chain, trace, virtuals.JumpOptions{
		Choose: func(values, described []*ir.Op) (*ir.Target, []*ir.Op) {
			args := choose(values, described)
			elsewhere.Inputs = nil
			for _, a := range args {
				elsewhere.Inputs = append(elsewhere.Inputs, a.Type)
			}
			return elsewhere, args
		}})
	require.NoError(t, err)
	require.NoError(t, ir.Verify(out))
	require.Equal(t, before, trace.String(), "what is optimized stays as it is")
	return out
}

const jumpsWithNode = "[i0, p1]; p2 = new_with_vtable(descr=NODE); i3 = int_add(i0, 1); setfield_gc(p2, i3, descr=NODE.value); jump(i3, p2)"

// TestOptimizeJump is about what stays virtual where a trace goes on in another one.
func TestOptimizeJump(t *testing.T) {
	const made = "p3 = new_with_vtable(descr=NODE)\nsetfield_gc(p3, i2, descr=NODE.value)\n"
	for _, c := range []struct {
		rule, trace string
		choose      func(values, described []*ir.Op) []*ir.Op
		want        string
	}{
		{"an object need not be allocated if the other code can do with what is in it", jumpsWithNode,
			func(values, described []*ir.Op) []*ir.Op {
				return []*ir.Op{values[0], described[1].Args[0], described[1].Args[1]}
			},
			"[i0, p1]\ni2 = int_add(i0, 1)\njump(i2, i2, NULL, descr=elsewhere)\n"},
		{"one that is handed over is", jumpsWithNode,
			func(values, described []*ir.Op) []*ir.Op { return values },
			"[i0, p1]\ni2 = int_add(i0, 1)\n" + made + "jump(i2, p3, descr=elsewhere)\n"},
		{"also if it is given by its description", jumpsWithNode,
			func(values, described []*ir.Op) []*ir.Op { return described },
			"[i0, p1]\ni2 = int_add(i0, 1)\n" + made + "jump(i2, p3, descr=elsewhere)\n"},
		{"and twice is one", jumpsWithNode,
			func(values, described []*ir.Op) []*ir.Op { return []*ir.Op{values[1], described[1], ir.ConstInt(3)} },
			"[i0, p1]\ni2 = int_add(i0, 1)\n" + made + "jump(p3, p3, 3, descr=elsewhere)\n"},
		{"an object in an object that stays virtual is allocated if it is needed",
			"[i0, p1]; p2 = new(descr=PAIR); p3 = new_with_vtable(descr=NODE); setfield_gc(p3, i0, descr=NODE.value); setfield_gc(p2, p3, descr=PAIR.left); jump(p2)",
			func(values, described []*ir.Op) []*ir.Op { return described[0].Args },
			"[i0, p1]\np2 = new_with_vtable(descr=NODE)\nsetfield_gc(p2, i0, descr=NODE.value)\njump(p2, NULL, descr=elsewhere)\n"},
		{"what was found equal to something since it was stored is that",
			"[i0, p1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, i0, descr=NODE.value); guard_value(i0, 5) []; jump(p2)",
			func(values, described []*ir.Op) []*ir.Op { return described[0].Args },
			"[i0, p1]\nguard_value(i0, 5) []\njump(5, NULL, descr=elsewhere)\n"},
		{"memory is as it should be, and what is in it is not virtual",
			"[p0, i1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p0, p2, descr=NODE.next); guard_true(i1) []; jump(p2)",
			func(values, described []*ir.Op) []*ir.Op {
				require.Same(t, values[0], described[0])
				return nil
			},
			"[p0, i1]\nguard_true(i1) [] {setfield_gc(p0, NODE{value=0, next=NULL}, descr=NODE.next)}\n" +
				"p2 = new_with_vtable(descr=NODE)\nsetfield_gc(p0, p2, descr=NODE.next)\njump(descr=elsewhere)\n"},
		{"a trace that ends otherwise is optimized as by Optimize", "[i0]; p1 = new_with_vtable(descr=NODE); finish(p1)", nil,
			"[i0]\np1 = new_with_vtable(descr=NODE)\nfinish(p1)\n"},
	} {
		out := jumping(t, c.trace, "all", c.choose)
		require.Equal(t, c.want, out.Body(), c.rule)
	}
}

func TestOptimizeJumpWithoutVirtuals(t *testing.T) {
	out := jumping(t, jumpsWithNode, "-virtuals", func(values, described []*ir.Op) []*ir.Op {
		require.Equal(t, values, described)
		return values
	})
	require.Equal(t, "[i0, p1]\np2 = new_with_vtable(descr=NODE)\ni3 = int_add(i0, 1)\nsetfield_gc(p2, i3, descr=NODE.value)\njump(i3, p2, descr=elsewhere)\n", out.Body())
}

func TestOptimizeJumpThatHasATarget(t *testing.T) {
	trace, err := ir.Parse("case", declarations+"[i0]\np1 = new_with_vtable(descr=NODE)\njump(p1)\n")
	require.NoError(t, err)
	trace.Ops[1].Descr = &ir.Target{Name: "there", Inputs: []ir.Type{ir.Ref}}
	out, err := virtualssolution.Kit.OptimizeJump(chainOf(t, &virtualssolution.Kit, true), trace, virtuals.JumpOptions{
		Choose: func([]*ir.Op, []*ir.Op) (*ir.Target, []*ir.Op) { panic("it knows where it goes") },
	})
	require.NoError(t, err)
	require.Equal(t, "[i0]\np1 = new_with_vtable(descr=NODE)\njump(p1, descr=there)\n", out.Body())
}

func TestOptimizeJumpAssumes(t *testing.T) {
	trace, err := ir.Parse("case", declarations+"[p0, i1]\nguard_nonnull_class(p0, ConstClass(node_vtable)) []\n"+
		"i2 = getfield_gc_i(p0, descr=NODE.value)\nsetfield_gc(p0, 3, descr=NODE.value)\ni3 = getfield_gc_i(p0, descr=NODE.value)\nfinish(i2, i3)\n")
	require.NoError(t, err)
	chain := chainOf(t, &virtualssolution.Kit, true)
	out, err := virtualssolution.Kit.OptimizeJump(chain, trace, virtuals.JumpOptions{Assume: func(o *ir.Optimizer, inputs []*ir.Op) {
		f := ir.AnyFact(inputs[0])
		f.Class = "node_vtable"
		f.Contents = []ir.Content{{Descr: trace.Decls.Classes.Named("NODE").Fields[0], Value: inputs[1]}}
		o.Believe(&f)
	}})
	require.NoError(t, err)
	require.Equal(t, "[p0, i1]\nsetfield_gc(p0, 3, descr=NODE.value)\nfinish(i1, 3)\n", out.Body())

	impossible := func(o *ir.Optimizer, inputs []*ir.Op) {
		f := ir.AnyFact(inputs[0])
		f.Class = "leaf_vtable"
		o.Believe(&f)
	}
	_, err = virtualssolution.Kit.OptimizeJump(chain, trace, virtuals.JumpOptions{Assume: impossible})
	require.ErrorIs(t, err, ir.ErrImpossible)
}

func TestOptimizeJumpNeedsATarget(t *testing.T) {
	trace, err := ir.Parse("case", "[i0]\njump(i0)\n")
	require.NoError(t, err)
	require.Panics(t, func() {
		_, _ = virtualssolution.Kit.OptimizeJump(chainOf(t, &virtualssolution.Kit, true), trace, virtuals.JumpOptions{
			Choose: func(values, _ []*ir.Op) (*ir.Target, []*ir.Op) { return nil, values },
		})
	})
}
