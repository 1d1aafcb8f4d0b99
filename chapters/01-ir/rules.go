package ir

import "metatrace/internal/exercise"

// Identities returns rules for single integer operations, checked ones
// included, that become a constant, an argument, or a cheaper operation: adding
// 0, multiplying by 1, 0 and powers of two, x-x, x^x, x&x, x|x, masks of all
// ones, shifts by 0, comparisons of equal values, double negation, a comparison
// that is negated. Rule says how a rule is written.
//
// For example, {From: "int_add(x, 0)", To: "x"}. A rule holds for every 64-bit
// value of x, or it is no rule: the test looks for one for which it does not.
func Identities() []Rule {
	panic(exercise.TODO)
}

// Reassociations returns rules that bring the constants of two integer
// operations together, so that they fold: for int_add, int_mul, int_and,
// int_or, int_xor and the shifts. int_sub(x, C) becomes int_add(x, int_neg(C))
// first, so that subtraction needs few rules of its own.
//
// For example, {From: "int_add(int_add(x, C), D)", To: "int_add(x, int_add(C, D))"}.
func Reassociations() []Rule {
	panic(exercise.TODO)
}

// FloatIdentities returns the rules for floats that IEEE 754 allows: exact for
// infinities, for both zeros and for every number; a NaN may become another
// NaN. No float operation is ever reassociated.
//
// For example, {From: "float_mul(x, 1.0)", To: "x"} is one, and
// {From: "float_add(x, 0.0)", To: "x"} is none: -0.0 + 0.0 is 0.0.
func FloatIdentities() []Rule {
	panic(exercise.TODO)
}
