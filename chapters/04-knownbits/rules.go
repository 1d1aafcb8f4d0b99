package knownbits

import (
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// Rules returns the rules that rest on what is known of the bits and the range of
// values; conditions says what the words after When mean.
func Rules() []ir.Rule {
	rules := []ir.Rule{
		// What changes nothing.
		{From: "int_and(x, y)", To: "x", When: "covers(y, x)"},
		{From: "int_or(x, y)", To: "x", When: "within(y, x)"},
		{From: "int_force_ge_zero(x)", To: "x", When: "nonneg(x)"},
		{From: "int_signext(x, C)", To: "x", When: "fits_bytes(x, C)"},
		{From: "int_rshift(int_lshift(x, C), C)", To: "x", When: "fits_shifted(x, C)"},
		{From: "int_rshift(int_lshift(x, C), D)", To: "int_rshift(x, int_sub(D, C))", When: "fits_shifted(x, C) and less(C, D)"},
		{From: "int_rshift(int_lshift(x, C), D)", To: "int_lshift(x, int_sub(C, D))", When: "fits_shifted(x, C) and less(D, C)"},
		{From: "int_is_true(x)", To: "x", When: "truth(x)"},
		{From: "int_eq(x, 1)", To: "x", When: "truth(x)"},
		{From: "int_ne(x, 1)", To: "int_is_zero(x)", When: "truth(x)"},
		{From: "int_xor(x, 1)", To: "int_is_zero(x)", When: "truth(x)"},

		// Bits that are not asked for need not be computed.
		{From: "int_rshift(int_and(x, C), D)", To: "int_rshift(x, D)", When: "all_from(C, D)"},
		{From: "uint_rshift(int_and(x, C), D)", To: "uint_rshift(x, D)", When: "all_from(C, D)"},
		{From: "int_and(int_or(x, y), z)", To: "int_and(x, z)", When: "disjoint(y, z)"},
		{From: "int_and(int_xor(x, y), z)", To: "int_and(x, z)", When: "disjoint(y, z)"},
		{From: "int_and(int_add(x, y), z)", To: "int_and(x, z)", When: "above(y, z)"},
		{From: "int_lshift(int_and(uint_rshift(x, C), D), C)", To: "int_and(x, int_lshift(D, C))"},
		{From: "int_lshift(int_and(int_rshift(x, C), D), C)", To: "int_and(x, int_lshift(D, C))"},
		{From: "int_or(int_and(x, C), int_and(x, D))", To: "int_and(x, int_or(C, D))"},

		// What a checked operation or inverting did is taken back. These stand before
		// the rules that make something else of int_add.
		{From: "int_add(int_add_ovf(x, C), D)", To: "int_add(x, int_add(C, D))"},
		{From: "int_add(int_sub_ovf(x, C), D)", To: "int_add(x, int_sub(D, C))"},
		{From: "int_sub(int_add_ovf(x, y), y)", To: "x"},
		{From: "int_add(int_sub_ovf(x, y), y)", To: "x"},
		{From: "int_add(int_invert(x), 1)", To: "int_neg(x)"},

		// What can be taken apart again: where no two bits meet, adding is or.
		{From: "int_add(x, y)", To: "int_or(x, y)", When: "disjoint(x, y)"},
		{From: "int_xor(x, y)", To: "int_or(x, y)", When: "disjoint(x, y)"},
		{From: "int_sub(int_or(x, y), y)", To: "x", When: "disjoint(x, y)"},
		{From: "int_xor(int_or(x, y), y)", To: "x", When: "disjoint(x, y)"},
		{From: "int_add(x, C)", To: "int_and(x, int_sub(C, 1))", When: "has_minus(x, C)"},
		{From: "int_rshift(int_or(x, C), D)", To: "int_rshift(x, D)", When: "shifted_out(C, D)"},
		{From: "uint_rshift(int_or(x, C), D)", To: "uint_rshift(x, D)", When: "shifted_out(C, D)"},

		// What is cheaper, or the same in one form only.
		{From: "int_rshift(x, y)", To: "uint_rshift(x, y)", When: "nonneg(x)"},
		{From: "int_mul(x, int_lshift(1, y))", To: "int_lshift(x, y)"},
		{From: "int_eq(int_sub(x, int_eq(x, C)), C)", To: "0"},
	}
	for _, order := range []string{"lt", "le", "gt", "ge"} {
		rules = append(rules, ir.Rule{
			From: "uint_" + order + "(x, y)", To: "int_" + order + "(x, y)", When: "same_sign(x, y)",
		})
	}
	return rules
}

// conditions are what the rules ask of values. Each holds of what is known only if
// it holds for all numbers that are possible, so a rule that is right for numbers
// is right for what is known.
func conditions(k *Kit) map[string]ir.Condition {
	one := func(holds func(x Known) bool) ir.Condition {
		return ir.Condition{Letters: 1, Holds: func(facts any, v []*ir.Op) bool { return holds(known(facts, v[0])) }}
	}
	two := func(holds func(x, y Known) bool) ir.Condition {
		return ir.Condition{Letters: 2, Holds: func(facts any, v []*ir.Op) bool {
			return holds(known(facts, v[0]), known(facts, v[1]))
		}}
	}
	// The second one is a constant.
	constant := func(holds func(x Known, c int64) bool) ir.Condition {
		return two(func(x, y Known) bool {
			c, ok := y.Const()
			return ok && holds(x, c)
		})
	}
	return map[string]ir.Condition{
		// x is not negative.
		"nonneg": one(func(x Known) bool { return x.Lo >= 0 }),
		// x is 0 or 1.
		"truth": one(func(x Known) bool { return x.Lo >= 0 && x.Hi <= 1 }),
		// x and y are both negative, or both not.
		"same_sign": two(sameSign),
		// y has a 1 wherever z may have one.
		"covers": two(func(y, z Known) bool { return z.May()&^y.Ones == 0 }),
		// Wherever y may have a 1, x has one.
		"within": two(func(y, x Known) bool { return y.May()&^x.Ones == 0 }),
		// There is no bit in which both may have a 1.
		"disjoint": two(func(x, y Known) bool { return x.May()&y.May() == 0 }),
		// All bits of y lie above those of z, so that adding y leaves those alone.
		"above": two(func(y, z Known) bool { return y.May()<<(64-bits.Len64(z.May())) == 0 }),
		// x has all bits of -C: then nothing is borrowed, x+C is x without them.
		"has_minus": constant(func(x Known, c int64) bool { return uint64(-c)&^x.Ones == 0 }),
		// C has no bit that a shift by D leaves.
		"shifted_out": constant(func(c Known, d int64) bool { return uint64(d) < 64 && c.May()>>uint(d) == 0 }),
		// C has all bits that a shift by D leaves.
		"all_from": constant(func(c Known, d int64) bool { return uint64(d) < 64 && ^c.Ones>>uint(d) == 0 }),
		// C is below D.
		"less": two(func(c, d Known) bool { return c.Hi < d.Lo }),
		// x is a number of C bytes.
		"fits_bytes": constant(func(x Known, c int64) bool {
			limits := k.signext(Any, Exactly(c))
			return limits.Lo <= x.Lo && x.Hi <= limits.Hi
		}),
		// No bit of x is lost when it is shifted left by C.
		"fits_shifted": constant(func(x Known, c int64) bool { return uint64(c) < 64 && fitsShifted(x.Range, uint(c)) }),
	}
}

func sameSign(x, y Known) bool { return x.Lo >= 0 && y.Lo >= 0 || x.Hi < 0 && y.Hi < 0 }

// known returns what is known of v. Where rules are checked there are no facts, and
// all values are constants.
func known(facts any, v *ir.Op) Known {
	if p, ok := facts.(*boundsPass); ok {
		return p.of(v)
	}
	return Exactly(v.Int())
}
