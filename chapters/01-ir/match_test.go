package ir_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
)

// known is what the pass of these tests knows of values: which of them are not
// negative, by the operation that made them.
type known map[ir.Opcode]bool

// notNegative is a condition that the chapters have no use for in this simple form.
var notNegative = map[string]ir.Condition{
	"nonneg": {Letters: 1, Holds: func(facts any, v []*ir.Op) bool {
		if v[0].IsConst() {
			return v[0].Int() >= 0
		}
		k, _ := facts.(known)
		return k[v[0].Code]
	}},
	"small": {Letters: 1, Constants: true, Holds: func(_ any, v []*ir.Op) bool { return v[0].Bits < 256 }},
}

// rulesPass applies rules with facts, and notes which.
type rulesPass struct {
	rules *ir.Rules
	facts known
	fired *[]string
}

func (p rulesPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	v, rule := p.rules.Rewrite(o, op, p.facts)
	if v == nil {
		return ir.Next
	}
	*p.fired = append(*p.fired, rule.String())
	if v == op {
		return ir.Again
	}
	o.Replace(op, v)
	return ir.Done
}

func TestRewriteAsksThePassForConditions(t *testing.T) {
	rules, err := ir.NewRules([]ir.Rule{
		{From: "int_rshift(x, C)", To: "uint_rshift(x, C)", When: "nonneg(x) and small(C)"},
		{From: "int_lt(x, y)", To: "uint_lt(x, y)", When: "nonneg(x) and nonneg(y)"},
		{From: "int_add_ovf(x, C)", To: "int_add(x, C)", When: "nonneg(x) and small(C)"},
	}, notNegative)
	require.NoError(t, err)
	for _, tt := range []struct {
		what, before, after string
		fired               int
	}{
		{"a value that the pass knows", "[i0]; i1 = int_force_ge_zero(i0); i2 = int_rshift(i1, 3); finish(i2)",
			"[i0]; i1 = int_force_ge_zero(i0); i2 = uint_rshift(i1, 3); finish(i2)", 1},
		{"one that it does not", "[i0]; i2 = int_rshift(i0, 3); finish(i2)", "[i0]; i2 = int_rshift(i0, 3); finish(i2)", 0},
		{"both conditions must hold", "[i0]; i1 = int_force_ge_zero(i0); i2 = int_lt(i1, i0); finish(i2)",
			"[i0]; i1 = int_force_ge_zero(i0); i2 = int_lt(i1, i0); finish(i2)", 0},
		{"a constant is known to everybody", "[i0]; i1 = int_force_ge_zero(i0); i2 = int_lt(i1, 5); finish(i2)",
			"[i0]; i1 = int_force_ge_zero(i0); i2 = uint_lt(i1, 5); finish(i2)", 1},
		{"what drops a check tells the optimizer, which drops the guard",
			"[i0]; i1 = int_force_ge_zero(i0); i2 = int_add_ovf(i1, 5); guard_no_overflow() []; finish(i2)",
			"[i0]; i1 = int_force_ge_zero(i0); i2 = int_add(i1, 5); finish(i2)", 1},
	} {
		t.Run(tt.what, func(t *testing.T) {
			var fired []string
			pass := ir.NamedPass{Name: "rules", Make: func() ir.Pass {
				return rulesPass{rules, known{ir.IntForceGeZero: true}, &fired}
			}}
			after, err := ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{pass}}.Optimize(read(t, tt.before))
			require.NoError(t, err)
			assert.Equal(t, read(t, tt.after).Body(), after.Body())
			assert.Len(t, fired, tt.fired)
		})
	}
}

func TestNewRulesRefusesConditions(t *testing.T) {
	for when, want := range map[string]string{
		"nonneg(x) or nonneg(y)": `"x) or nonneg(y" is no letter`,
		"nonneg(x) and ":         `unknown condition ""`,
		"nonneg(x) and odd(y)":   `unknown condition "odd(y)"`,
		"nonneg(5)":              `"5" is no letter`,
		"small(x)":               "write a capital letter",
		"nonneg(x, y)":           "nonneg takes 1 letters, not 2",
		"nonneg(z)":              "z stands for nothing in From",
	} {
		_, err := ir.NewRules([]ir.Rule{{From: "int_lt(x, y)", To: "uint_lt(x, y)", When: when}}, notNegative)
		assert.ErrorContains(t, err, want, when)
	}
}

func TestCheckRuleAsksTheConditionsOfAPass(t *testing.T) {
	kit := irsolution.Kit
	good := ir.Rule{From: "int_lt(x, y)", To: "uint_lt(x, y)", When: "nonneg(x) and nonneg(y)"}
	assert.NoError(t, kit.CheckRule(good, notNegative))
	assert.ErrorContains(t, kit.CheckRule(good), "write a capital letter", "built-in nonneg is about constants")
	assert.ErrorContains(t, kit.CheckRule(ir.Rule{From: good.From, To: good.To, When: "nonneg(x)"}, notNegative),
		"with x=5, y=-1 the left side is 0, the right side is 1")
	never := map[string]ir.Condition{"never": {Letters: 1, Holds: func(any, []*ir.Op) bool { return false }}}
	assert.ErrorContains(t, kit.CheckRule(ir.Rule{From: "int_neg(x)", To: "x", When: "never(x)"}, never),
		"applies to none of the values that were tried")
}
