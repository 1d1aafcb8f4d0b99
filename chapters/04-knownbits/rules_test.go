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
	if testing.Short() {
		t.Skip("takes long, and gives the same on every machine")
	}
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

// TestConditionsHoldForAll checks what carries a proof for numbers over to what is
// known of them: a condition that holds of what is known holds for all numbers that
// are possible.
func TestConditionsHoldForAll(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, and gives the same on every machine")
	}
	kit := &knownbitssolution.Kit
	all := small(kit)
	for name, c := range knownbits.Conditions(kit) {
		second := []knownbits.Known{knownbits.Any}
		if c.Letters == 2 {
			second = all
		}
		held := 0
		for _, a := range all {
			for _, b := range second {
				if facts, values := knownbits.FactsOf(kit, a, b); !c.Holds(facts, values[:c.Letters]) {
					continue
				}
				held++
				for x := int64(-8); x < 8; x++ {
					for y := int64(-8); y < 8; y++ {
						if !a.Contains(x) || !b.Contains(y) {
							continue
						}
						if numbers := []*ir.Op{ir.ConstInt(x), ir.ConstInt(y)}; !c.Holds(nil, numbers[:c.Letters]) {
							t.Fatalf("%s holds of %s and %s, but not of %d and %d", name, a, b, x, y)
						}
					}
				}
			}
		}
		assert.NotZero(t, held, name)
	}
}

// small returns all that can be known of a number from -8 to 7.
func small(kit *knownbits.Kit) (list []knownbits.Known) {
	seen := map[knownbits.Known]bool{}
	for lo := int64(-8); lo < 8; lo++ {
		for hi := lo; hi < 8; hi++ {
			for ones := uint64(0); ones < 16; ones++ {
				for unk := uint64(0); unk < 16; unk++ {
					// The sign stands in all bits above the fourth.
					b := knownbits.Bits{Ones: uint64(int64(ones<<60) >> 60), Unk: uint64(int64(unk<<60) >> 60)}
					k, ok := kit.Reduce(knownbits.Range{Lo: lo, Hi: hi}, b)
					if ones&unk == 0 && ok && !seen[k] {
						seen[k] = true
						list = append(list, k)
					}
				}
			}
		}
	}
	return list
}
