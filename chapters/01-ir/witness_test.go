package ir_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
)

// knower is a pass that says of each integer that it is at least 7 more than when a guard
// was sent last, and believes what it is told.
type knower struct{ believed []string }

func (k *knower) Visit(*ir.Optimizer, *ir.Op) ir.Verdict { return ir.Next }

func (k *knower) Testify(o *ir.Optimizer, f *ir.Fact) {
	if f.Value.Type == ir.Int && f.Value.Code != ir.OpInput {
		f.Lo = 7
	}
}

func (k *knower) Believe(o *ir.Optimizer, f *ir.Fact) {
	k.believed = append(k.believed, f.Format(func(v *ir.Op) string { return v.String() }))
}

func witnessChain(k *knower) ir.Chain {
	pass := ir.NamedPass{Name: "knower", Make: func() ir.Pass { return k }}
	return ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{pass}, Witness: true}
}

func parsed(t *testing.T, text string) *ir.Trace {
	t.Helper()
	trace, err := ir.Parse("trace", text)
	require.NoError(t, err)
	return trace
}

func TestGuardsNoteWhatIsKnown(t *testing.T) {
	trace := parsed(t, "struct NODE vtable=node_vtable value:i next:r\n[i0]\ni1 = int_add(i0, 1)\ni2 = int_add(i0, 2)\n"+
		"i3 = int_lt(i0, i1)\nguard_true(i3) [i1, v1:NODE{value=i2, next=v1}, i1, 5, i0]\nguard_false(i3) [i0]\nfinish()\n")
	chain, err := witnessChain(&knower{}).Select("all")
	require.NoError(t, err)
	out, err := chain.Optimize(trace)
	require.NoError(t, err)
	exit := out.Ops[3].Exit
	require.Len(t, exit.Facts, 2, "of each value once, and nothing of what nothing is known of")
	require.Same(t, out.Ops[0], exit.Facts[0].Value)
	require.Same(t, out.Ops[1], exit.Facts[1].Value, "it is in a virtual object")
	require.Equal(t, ir.Fact{Value: out.Ops[0], Lo: 7, Hi: math.MaxInt64}, exit.Facts[0])
	require.Empty(t, out.Ops[4].Exit.Facts)
	require.Empty(t, trace.Ops[3].Exit.Facts, "what is optimized stays as it is")

	chain.Witness = false
	out, err = chain.Optimize(trace)
	require.NoError(t, err)
	require.Empty(t, out.Ops[3].Exit.Facts)
}

func TestBelieve(t *testing.T) {
	trace := parsed(t, "struct NODE vtable=node_vtable value:i\n[p0, i1]\nfinish()\n")
	k := &knower{}
	o, inputs := witnessChain(k).Start(trace)
	f := ir.AnyFact(inputs[0])
	f.Class = "node_vtable"
	node := trace.Decls.Classes.Named("NODE")
	f.Contents = []ir.Content{{Descr: node.Fields[0], Value: inputs[1]}, {Value: ir.ConstInt(3)}}
	o.Believe(&f)
	require.Equal(t, ir.Facts{Nonnull: true, Class: "node_vtable"}, o.Facts(inputs[0]))
	g := ir.AnyFact(inputs[1])
	g.Lo, g.Hi, g.Ones, g.Zeros = 0, 7, 1, 4
	o.Believe(&g)
	require.Equal(t, []string{"p0 is a node_vtable, holds i1 as NODE.value, has length 3", "i1 in [0, 7], has bits 0x1 of 0x5"}, k.believed)
}
