package tracetest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// notes is a TB that only notes what it is told.
type notes struct {
	exercise.TB
	said []string
}

func (n *notes) Helper() {}
func (n *notes) Errorf(format string, args ...any) {
	n.said = append(n.said, fmt.Sprintf(format, args...))
}

func suite(agree error) *tracetest.Suite {
	return &tracetest.Suite{
		Declarations: "struct NODE vtable=node_vtable value:i\n",
		Short:        []string{"NODE?", "ConstClass(node_vtable)"},
		Kit:          &irsolution.Kit,
		Agree:        func(before, after *ir.Trace) error { return agree },
	}
}

func chain(t *testing.T) ir.Chain {
	fold, cse, err := irsolution.Kit.Passes()
	require.NoError(t, err)
	return ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{fold, cse}, Dead: true}
}

func TestCheckSaysWhatIsWrong(t *testing.T) {
	const in = "[i0]; i1 = int_add(i0, 0); finish(i1)"
	for _, tt := range []struct {
		before, after string
		agree         error
		says          string // "": nothing, the case passes
	}{
		{in, "[i0]; finish(i0)", nil, ""},
		{"[p0]; guard_class(p0, NODE?) []; finish(p0)", "same", nil, ""},
		{in, "same", nil, "what came out (- wanted, + got):"},
		{in, "impossible", nil, "this should be called impossible, but it became\n[i0]\nfinish(i0)"},
		{in, "[i0]; finish(i0)", errors.New("they differ"), "they differ"},
		{"[]; i0 = int_add_ovf(1, 2); guard_overflow() []; finish(i0)", "same", nil, "the trace was called impossible: "},
	} {
		n := &notes{}
		suite(tt.agree).Check(n, chain(t), tracetest.Case{Rule: "a rule", Before: tt.before, After: tt.after})
		if tt.says == "" {
			assert.Empty(t, n.said)
			continue
		}
		require.Len(t, n.said, 1, tt.says)
		assert.Contains(t, n.said[0], "rule: a rule\nthe trace that went in:\n    [")
		assert.Contains(t, n.said[0], tt.says)
	}
}

func TestCheckGivesUp(t *testing.T) {
	var cases []tracetest.Case
	for _, rule := range []string{"a", "a", "b", "c", "d"} {
		cases = append(cases, tracetest.Case{Rule: rule, Before: "[i0]; i1 = int_add(i0, 0); finish(i1)", After: "same"})
	}
	n := &notes{}
	suite(nil).Check(n, chain(t), cases...)
	said := strings.Join(n.said, "\n")
	require.Len(t, n.said, 4, "one case of each rule, three rules, and that it gives up")
	assert.NotContains(t, said, "rule: d")
	assert.Contains(t, n.said[3], "the other cases are not tried until these pass")
}

func TestCheckGenerated(t *testing.T) {
	n := &notes{}
	suite(nil).CheckGenerated(n, chain(t), 20)
	assert.Empty(t, n.said)

	wrong := irsolution.Kit
	wrong.Identities = func() []ir.Rule {
		return append(irsolution.Identities(), ir.Rule{From: "int_xor(x, y)", To: "int_or(x, y)"})
	}
	broken := chain(t)
	fold, _, err := wrong.Passes()
	require.NoError(t, err)
	broken.Passes[0] = fold
	suite(nil).CheckGenerated(n, broken, 60)
	require.Len(t, n.said, 1, "it stops at the first failure")
	assert.Contains(t, n.said[0], "(this one was made at random)")
}

// double is a pass that puts every operation in the output twice.
type double struct{}

func (double) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if !op.Code.Has(ir.Control) {
		o.Emit(op)
	}
	return ir.Next
}

func TestCheckSaysWhatStandsTwice(t *testing.T) {
	broken := ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{{Name: "double", Make: func() ir.Pass { return double{} }}}}
	n := &notes{}
	suite(nil).Check(n, broken, tracetest.Case{Rule: "a rule", Before: "[i0]; i1 = int_add(i0, 1); finish(i1)", After: "same"})
	require.Len(t, n.said, 1)
	assert.Contains(t, n.said[0], "one and the same operation stands twice")
}

// TestKinds checks that each kind of traces agrees with itself, and that loops are
// optimized as loops.
func TestKinds(t *testing.T) {
	peeled := 0
	chain := chain(t)
	chain.Peel = func(c ir.Chain, t *ir.Trace) (*ir.Trace, error) {
		peeled++
		return c.Optimize(t)
	}
	n := &notes{}
	for _, kind := range []*tracetest.Kind{&tracetest.Straight, &tracetest.Heap, &tracetest.Loop} {
		s := suite(nil)
		s.Kind = kind
		s.CheckGenerated(n, chain, 10)
	}
	assert.Empty(t, n.said)
	assert.Equal(t, 10, peeled)
}
