package knownbits_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	irsolution "metatrace/solutions/01-ir"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// TestRulesHold looks for numbers for which a rule is wrong. The conditions are
// asked about these numbers, as if they were all that is possible.
func TestRulesHold(t *testing.T) {
	for _, r := range knownbits.Rules() {
		assert.NoError(t, irsolution.Kit.CheckRule(r, knownbits.Conditions(&knownbitssolution.Kit)))
	}
}

// TestRulesAgree looks for expressions on which the rules of this chapter and of
// chapter 1 go round in circles, or end in something else in another order.
func TestRulesAgree(t *testing.T) {
	kit := irsolution.Kit
	rules := append(append(kit.Identities(), kit.Reassociations()...), knownbits.Rules()...)
	chain, err := chainOf(t, &knownbitssolution.Kit).Select("fold,bounds,cse,dce")
	assert.NoError(t, err)
	set := ir.RuleSet{
		Rules:      rules,
		Conditions: knownbits.Conditions(&knownbitssolution.Kit),
		Ordered:    true,
		Chain:      chain,
		Leaves: []string{
			"int_lt(x, y)", "int_and(x, 255)", "int_force_ge_zero(x)", "int_lshift(x, 8)", "int_or(x, 7)",
			"uint_rshift(x, 60)", "int_or(x, -9223372036854775808)",
		},
	}
	assert.NoError(t, set.Check())
}
