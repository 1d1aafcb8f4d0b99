package ir_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
)

// setOf returns rules with the passes of this chapter that apply them.
func setOf(t *testing.T, rules []ir.Rule) *ir.RuleSet {
	t.Helper()
	kit := with(func(k *ir.Kit) {
		k.Identities = func() []ir.Rule { return rules }
		k.Reassociations, k.FloatIdentities = noRules, noRules
	})
	return &ir.RuleSet{Rules: rules, Chain: chainFor(t, kit, "all"), Leaves: []string{"int_lt(x, y)"}}
}

func TestRulesOfTheSolutionAgree(t *testing.T) {
	kit := irsolution.Kit
	rules := append(append(kit.Identities(), kit.Reassociations()...), kit.FloatIdentities()...)
	require.NoError(t, setOf(t, rules).Check())
}

func TestRuleSetFindsCircles(t *testing.T) {
	for _, tt := range []struct {
		what  string
		rules []ir.Rule
		want  string
	}{
		{"a rule that undoes itself", []ir.Rule{{From: "int_add(x, y)", To: "int_add(y, x)"}},
			`int_add(x, y): the rules go round in circles:
    int_add(x, y)
    int_add(y, x), by int_add(x, y) => int_add(y, x)
    int_add(x, y), by int_add(x, y) => int_add(y, x)`},
		{"two that undo each other", []ir.Rule{
			{From: "int_sub(x, 3)", To: "int_add(x, -3)"},
			{From: "int_add(x, C)", To: "int_sub(x, int_neg(C))"},
		}, `the rules go round in circles:
    int_sub(x, 3)
    int_add(x, -3), by int_sub(x, 3) => int_add(x, -3)
    int_sub(x, 3), by int_add(x, C) => int_sub(x, int_neg(C))`},
		{"one that asks for what only a comparison is", []ir.Rule{
			{From: "int_xor(x, y)", To: "int_xor(y, x)", When: "bool(x)"},
		}, "int_xor(int_lt(x, y), z): the rules go round in circles"},
		{"one that never ends, and never is where it was", []ir.Rule{
			{From: "int_xor(x, C)", To: "int_xor(x, int_add(C, 1))"},
		}, "they still change"},
		{"another order goes round in circles, this one does not", []ir.Rule{
			{From: "int_or(x, 0)", To: "x"},
			{From: "int_or(x, C)", To: "int_add(x, C)", When: "nonneg(C)"},
			{From: "int_add(x, 0)", To: "int_or(x, 0)"},
		}, `    int_or(x, 0)
    int_add(x, 0), by int_or(x, C) => int_add(x, C) when nonneg(C)
    int_or(x, 0), by int_add(x, 0) => int_or(x, 0)`},
	} {
		t.Run(tt.what, func(t *testing.T) {
			assert.ErrorContains(t, setOf(t, tt.rules).Check(), tt.want)
		})
	}
}

func TestRuleSetFindsOrderDependence(t *testing.T) {
	general := ir.Rule{From: "int_eq(x, 0)", To: "int_is_zero(x)"}
	special := ir.Rule{From: "int_eq(int_xor(x, C), D)", To: "int_eq(x, int_xor(C, D))"}
	missing := ir.Rule{From: "int_is_zero(int_xor(x, C))", To: "int_eq(x, C)"}

	worse := setOf(t, []ir.Rule{general, special})
	err := worse.Check()
	require.ErrorContains(t, err, "the order of the rules matters:")
	assert.ErrorContains(t, err, "in the end, by int_eq(x, 0) => int_is_zero(x)")
	assert.ErrorContains(t, err, "in the end, by int_eq(int_xor(x, C), D) => int_eq(x, int_xor(C, D))")
	better := setOf(t, []ir.Rule{special, general})
	assert.ErrorContains(t, better.Check(), "the order of the rules matters:", "one order is better, but it is one")
	assert.NoError(t, setOf(t, []ir.Rule{general, special, missing}).Check(), "one more rule, and both ways meet")

	worse.Ordered, better.Ordered = true, true
	assert.ErrorContains(t, worse.Check(), "the order of the rules matters:")
	assert.NoError(t, better.Check())
}

// TestRuleSetNoticesAMissingRule takes out a rule that the solution has only because
// Check asked for it.
func TestRuleSetNoticesAMissingRule(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, and gives the same on every machine")
	}
	kit := irsolution.Kit
	for _, from := range []string{"int_neg(int_mul(x, C))", "int_invert(int_xor(x, C))", "int_is_zero(int_add(x, C))"} {
		rules := append(kit.Identities(), without(kit.Reassociations, from)()...)
		assert.ErrorContains(t, setOf(t, rules).Check(), "the order of the rules matters", from)
	}
}

func TestRuleSetRefuses(t *testing.T) {
	set := setOf(t, nil)
	set.Rules = []ir.Rule{{From: "int_add(x, 0)", To: "y"}}
	assert.ErrorContains(t, set.Check(), "y stands for nothing in From")
	set.Rules, set.Leaves = nil, []string{"int_lt(x)"}
	assert.ErrorContains(t, set.Check(), "leaf int_lt(x): int_lt takes 2 arguments, not 1")
}
