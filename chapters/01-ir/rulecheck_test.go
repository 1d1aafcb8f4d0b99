package ir_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
)

func TestCheckRuleAcceptsTheSolution(t *testing.T) {
	kit := irsolution.Kit
	for _, rules := range [][]ir.Rule{kit.Identities(), kit.Reassociations(), kit.FloatIdentities()} {
		for _, r := range rules {
			assert.NoError(t, kit.CheckRule(r))
		}
	}
}

func TestCheckRuleFindsCounterexamples(t *testing.T) {
	kit := irsolution.Kit
	for _, tt := range []struct {
		rule ir.Rule
		want string
	}{
		{ir.Rule{From: "int_sub(x, C)", To: "int_sub(C, x)"}, "int_sub(x, C) => int_sub(C, x): with x=5, C=0 the left side is 5, the right side is -5"},
		{ir.Rule{From: "int_neg(x)", To: "x"}, "with x=5 the left side is -5, the right side is 5"},
		// Wrong for one number among all.
		{ir.Rule{From: "int_lt(int_neg(x), 0)", To: "int_gt(x, 0)"}, "with x=-9223372036854775808"},
		{ir.Rule{From: "int_eq(x, 1234567)", To: "0"}, "with x=1234567 the left side is 1, the right side is 0"},
		{ir.Rule{From: "int_is_true(x)", To: "x"}, "with x=5"},
		// The shift counts add up past 63.
		{ir.Rule{From: "int_lshift(int_lshift(x, C), D)", To: "int_lshift(x, int_add(C, D))"}, "the right side is not defined"},
		{ir.Rule{From: "int_mul(x, C)", To: "int_lshift(x, log2(C))"}, "the left side"},
		{ir.Rule{From: "int_rshift(int_lshift(x, C), C)", To: "x"}, "the left side"},
		{ir.Rule{From: "int_add_ovf(x, 1)", To: "int_add(x, 1)"}, "with x=9223372036854775807 the left side overflows, but the rule drops the check"},
		{ir.Rule{From: "int_mul_ovf(x, -1)", To: "int_sub_ovf(0, x)"}, "the right side has a check"},
		{ir.Rule{From: "int_add_ovf(int_add_ovf(x, C), D)", To: "int_add_ovf(x, int_add(C, D))"}, "overflows"},
		{ir.Rule{From: "float_add(x, 0.0)", To: "x"}, "with x=-0.0 the left side is 0.0, the right side is -0.0"},
		{ir.Rule{From: "float_mul(x, 0.0)", To: "0.0"}, "the right side is 0.0"},
		{ir.Rule{From: "float_truediv(x, x)", To: "1.0"}, "the left side is nan, the right side is 1.0"},
		{ir.Rule{From: "float_sub(x, x)", To: "0.0"}, "x=inf the left side is nan"},
		{ir.Rule{From: "float_eq(x, x)", To: "1"}, "with x=nan"},
		{ir.Rule{From: "float_truediv(x, C)", To: "float_mul(x, recip(C))"}, "the left side"},
		{ir.Rule{From: "int_is_zero(float_lt(x, y))", To: "float_ge(x, y)"}, "nan"},
		{ir.Rule{From: "float_add(float_add(x, C), D)", To: "float_add(x, float_add(C, D))"}, "the left side"},
		{ir.Rule{From: "float_lt(x, x)", To: "0.0"}, "the left side is an int, the right side is a float"},
	} {
		assert.ErrorContains(t, kit.CheckRule(tt.rule), tt.want, tt.rule.String())
	}
}

func TestPassesRefusesRules(t *testing.T) {
	for _, tt := range []struct {
		rule ir.Rule
		want string
	}{
		{ir.Rule{From: "x", To: "0"}, "the operation of From is neither pure nor checked"},
		{ir.Rule{From: "guard_true(x)", To: "0"}, "the operation of From is neither pure nor checked"},
		{ir.Rule{From: "int_foo(x)", To: "0"}, `unknown operation "int_foo"`},
		{ir.Rule{From: "int_add(x)", To: "0"}, "int_add takes 2 arguments, not 1"},
		{ir.Rule{From: "int_neg(x, y)", To: "0"}, "int_neg takes 1 arguments, not 2"},
		{ir.Rule{From: "int_add(xy, 0)", To: "0"}, `"xy" is no letter`},
		{ir.Rule{From: "int_add(x, 0", To: "x"}, "expected , or )"},
		{ir.Rule{From: "int_add(x, 0) y", To: "x"}, `unexpected "y"`},
		{ir.Rule{From: "int_add(x, 0)", To: "y"}, "y stands for nothing in From"},
		{ir.Rule{From: "int_neg(int_lt(C, x))", To: "x"}, "the constant of int_lt stands first, where none gets: turn it round, to int_gt"},
		{ir.Rule{From: "int_mul(x, C)", To: "int_lshift(x, log2(c))"}, "c stands for nothing in From"},
		{ir.Rule{From: "int_add(x, 0)", To: ""}, "expected a letter"},
		{ir.Rule{From: "float_add(x, 0)", To: "x"}, "argument 2 of float_add is an int, expected a float"},
		{ir.Rule{From: "int_add(x, 0.0)", To: "x"}, "argument 2 of int_add is a float, expected an int"},
		{ir.Rule{From: "int_add(x, C)", To: "x", When: "zero(C)"}, `unknown condition "zero(C)"`},
		{ir.Rule{From: "int_add(x, y)", To: "x", When: "pow2(y)"}, "write a capital letter"},
		{ir.Rule{From: "int_add(x, C)", To: "x", When: "shift(C)"}, "shift takes 2 letters, not 1"},
		{ir.Rule{From: "int_add(x, C)", To: "x", When: "pow2()"}, "names no letter"},
		{ir.Rule{From: "int_mul(x, y)", To: "int_lshift(x, log2(y))"}, "where only constants may"},
		{ir.Rule{From: "int_add(int_add(x, y), z)", To: "int_add(x, int_add(y, z))"}, "where only constants may"},
		{ir.Rule{From: "int_mul(x, C)", To: "int_lshift(x, log2(int_neg(C)))"}, "log2 takes a letter"},
	} {
		kit := with(func(k *ir.Kit) { k.Identities = func() []ir.Rule { return []ir.Rule{tt.rule} } })
		_, _, err := kit.Passes()
		require.ErrorContains(t, err, "rule "+tt.rule.String())
		assert.ErrorContains(t, err, tt.want)
	}
}
