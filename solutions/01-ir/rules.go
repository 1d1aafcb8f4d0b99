package irsolution

import ir "metatrace/chapters/01-ir"

// Identities returns rules for single integer operations, checked ones
// included, that become a constant, an argument, or a cheaper operation: adding
// 0, multiplying by 1, 0 and powers of two, x-x, x^x, x&x, x|x, masks of all
// ones, shifts by 0, comparisons of equal values, double negation, a comparison
// that is negated. Rule says how a rule is written.
//
// For example, {From: "int_add(x, 0)", To: "x"}. A rule holds for every 64-bit
// value of x, or it is no rule: the test looks for one for which it does not.
func Identities() []ir.Rule {
	rules := []ir.Rule{
		// Neutral and absorbing elements.
		{From: "int_add(x, 0)", To: "x"},
		{From: "int_sub(x, 0)", To: "x"},
		{From: "int_sub(0, x)", To: "int_neg(x)"},
		{From: "int_mul(x, 0)", To: "0"},
		{From: "int_mul(x, 1)", To: "x"},
		{From: "int_mul(x, -1)", To: "int_neg(x)"},
		{From: "int_mul(x, C)", To: "int_lshift(x, log2(C))", When: "pow2(C)"},
		{From: "int_mul(x, -9223372036854775808)", To: "int_lshift(x, 63)"}, // -2^63 is 2^63, wrapped
		{From: "uint_mul_high(x, 0)", To: "0"},
		{From: "uint_mul_high(x, 1)", To: "0"},
		{From: "int_and(x, 0)", To: "0"},
		{From: "int_and(x, -1)", To: "x"},
		{From: "int_or(x, 0)", To: "x"},
		{From: "int_or(x, -1)", To: "-1"},
		{From: "int_xor(x, 0)", To: "x"},
		{From: "int_xor(x, -1)", To: "int_invert(x)"},
		{From: "int_lshift(x, 0)", To: "x"},
		{From: "int_rshift(x, 0)", To: "x"},
		{From: "uint_rshift(x, 0)", To: "x"},
		{From: "int_lshift(0, x)", To: "0"},
		{From: "int_rshift(0, x)", To: "0"},
		{From: "int_rshift(-1, x)", To: "-1"},
		{From: "uint_rshift(0, x)", To: "0"},
		{From: "int_signext(x, 8)", To: "x"},
		{From: "same_as_i(x)", To: "x"},
		{From: "same_as_r(x)", To: "x"},

		// A value with itself.
		{From: "int_sub(x, x)", To: "0"},
		{From: "int_and(x, x)", To: "x"},
		{From: "int_or(x, x)", To: "x"},
		{From: "int_xor(x, x)", To: "0"},

		// What undoes itself.
		{From: "int_neg(int_neg(x))", To: "x"},
		{From: "int_invert(int_invert(x))", To: "x"},
		{From: "int_neg(int_sub(x, y))", To: "int_sub(y, x)"},
		{From: "int_add(x, int_neg(y))", To: "int_sub(x, y)"},
		{From: "int_sub(x, int_neg(y))", To: "int_add(x, y)"},
		{From: "int_sub(int_add(x, y), y)", To: "x"},
		{From: "int_sub(x, int_add(x, y))", To: "int_neg(y)"},
		{From: "int_add(int_sub(x, y), y)", To: "x"},
		{From: "int_sub(x, int_sub(x, y))", To: "y"},
		{From: "int_sub(int_sub(x, y), x)", To: "int_neg(y)"},
		{From: "int_add(int_sub(int_neg(x), y), x)", To: "int_neg(y)"},
		{From: "int_xor(int_xor(x, y), y)", To: "x"},
		{From: "int_and(int_or(x, y), y)", To: "y"},
		{From: "int_or(int_and(x, y), y)", To: "y"},
		{From: "int_and(int_and(x, y), y)", To: "int_and(x, y)"},
		{From: "int_or(int_or(x, y), y)", To: "int_or(x, y)"},
		{From: "int_force_ge_zero(int_force_ge_zero(x))", To: "int_force_ge_zero(x)"},
		{From: "int_signext(int_signext(x, C), C)", To: "int_signext(x, C)"},

		// Truth values.
		{From: "int_eq(x, 0)", To: "int_is_zero(x)"},
		{From: "int_ne(x, 0)", To: "int_is_true(x)"},
		{From: "int_is_true(x)", To: "x", When: "bool(x)"},
		{From: "int_eq(x, 1)", To: "x", When: "bool(x)"},
		{From: "int_ne(x, 1)", To: "int_is_zero(x)", When: "bool(x)"},
		{From: "int_xor(x, 1)", To: "int_is_zero(x)", When: "bool(x)"},
		{From: "int_eq(int_add(x, y), x)", To: "int_is_zero(y)"},
		{From: "int_ne(int_add(x, y), x)", To: "int_is_true(y)"},
		{From: "int_is_true(int_neg(x))", To: "int_is_true(x)"},
		{From: "int_is_zero(int_neg(x))", To: "int_is_zero(x)"},
		{From: "int_is_zero(int_sub(x, y))", To: "int_eq(x, y)"},
		{From: "int_is_true(int_sub(x, y))", To: "int_ne(x, y)"},
		{From: "int_is_zero(int_xor(x, y))", To: "int_eq(x, y)"},
		{From: "int_is_true(int_xor(x, y))", To: "int_ne(x, y)"},
		{From: "int_is_true(int_and(x, -9223372036854775808))", To: "int_lt(x, 0)"},
		{From: "uint_lt(x, 0)", To: "0"},
		{From: "uint_ge(x, 0)", To: "1"},
		{From: "uint_gt(x, 0)", To: "int_is_true(x)"},
		{From: "uint_le(x, 0)", To: "int_is_zero(x)"},

		// Checked operations that can't overflow.
		{From: "int_add_ovf(x, 0)", To: "x"},
		{From: "int_sub_ovf(x, 0)", To: "x"},
		{From: "int_sub_ovf(x, x)", To: "0"},
		{From: "int_mul_ovf(x, 0)", To: "0"},
		{From: "int_mul_ovf(x, 1)", To: "x"},
	}
	return append(rules, comparisons()...)
}

// comparisons asks the table of opcodes for every comparison: what it says of a
// value and itself, and which comparison is its negation.
func comparisons() []ir.Rule {
	var rules []ir.Rule
	for _, c := range []ir.Opcode{
		ir.IntEq, ir.IntLe, ir.IntGe, ir.UintLe, ir.UintGe, ir.PtrEq, ir.InstancePtrEq,
		ir.IntNe, ir.IntGt, ir.IntLt, ir.UintGt, ir.UintLt, ir.PtrNe, ir.InstancePtrNe,
	} {
		not := c.Info().Inverse
		rules = append(rules, ir.Rule{
			From: "int_is_zero(" + c.String() + "(x, y))",
			To:   not.String() + "(x, y)",
		})
		holds := "0"
		switch c {
		case ir.IntEq, ir.IntLe, ir.IntGe, ir.UintLe, ir.UintGe, ir.PtrEq, ir.InstancePtrEq:
			holds = "1"
		}
		rules = append(rules, ir.Rule{From: c.String() + "(x, x)", To: holds})
	}
	return append(rules,
		ir.Rule{From: "int_is_zero(int_is_zero(x))", To: "int_is_true(x)"},
		ir.Rule{From: "int_is_zero(int_is_true(x))", To: "int_is_zero(x)"},
	)
}

// Reassociations returns rules that bring the constants of two integer
// operations together, so that they fold: for int_add, int_mul, int_and,
// int_or, int_xor and the shifts. int_sub(x, C) becomes int_add(x, int_neg(C))
// first, so that subtraction needs few rules of its own.
//
// For example, {From: "int_add(int_add(x, C), D)", To: "int_add(x, int_add(C, D))"}.
func Reassociations() []ir.Rule {
	rules := []ir.Rule{
		{From: "int_sub(x, C)", To: "int_add(x, int_neg(C))"},
		{From: "int_sub(C, int_add(x, D))", To: "int_sub(int_sub(C, D), x)"},
		{From: "int_sub(C, int_sub(D, x))", To: "int_add(x, int_sub(C, D))"},
		{From: "int_add(int_sub(C, x), D)", To: "int_sub(int_add(C, D), x)"},
		{From: "int_neg(int_add(x, C))", To: "int_sub(int_neg(C), x)"},
		{From: "int_mul(int_neg(x), C)", To: "int_mul(x, int_neg(C))"},
		{From: "int_neg(int_mul(x, C))", To: "int_mul(x, int_neg(C))"},
		{From: "int_neg(int_lshift(x, C))", To: "int_mul(x, int_lshift(-1, C))"},
		{From: "int_lshift(int_neg(x), C)", To: "int_mul(x, int_lshift(-1, C))"},
		{From: "int_invert(int_xor(x, C))", To: "int_xor(x, int_invert(C))"},
		{From: "int_xor(int_invert(x), C)", To: "int_xor(x, int_invert(C))"},
		{From: "int_mul(int_lshift(x, C), D)", To: "int_mul(x, int_lshift(D, C))"},
		{From: "int_lshift(int_mul(x, C), D)", To: "int_mul(x, int_lshift(C, D))"},
		// Shift counts add up only as long as the sum is a shift count.
		{From: "int_lshift(int_lshift(x, C), D)", To: "int_lshift(x, int_add(C, D))", When: "shift(C, D)"},
		{From: "int_rshift(int_rshift(x, C), D)", To: "int_rshift(x, int_add(C, D))", When: "shift(C, D)"},
		{From: "uint_rshift(uint_rshift(x, C), D)", To: "uint_rshift(x, int_add(C, D))", When: "shift(C, D)"},
		{From: "int_lshift(int_lshift(x, C), D)", To: "0", When: "overshift(C, D)"},
		{From: "int_rshift(int_rshift(x, C), D)", To: "int_rshift(x, 63)", When: "overshift(C, D)"},
		{From: "uint_rshift(uint_rshift(x, C), D)", To: "0", When: "overshift(C, D)"},
		// A shift there and back clears the bits that fell out.
		{From: "int_lshift(uint_rshift(x, C), C)", To: "int_and(x, int_lshift(-1, C))"},
		{From: "int_lshift(int_rshift(x, C), C)", To: "int_and(x, int_lshift(-1, C))"},
		{From: "uint_rshift(int_lshift(x, C), C)", To: "int_and(x, uint_rshift(-1, C))"},
	}
	for _, op := range []string{"int_add", "int_mul", "int_and", "int_or", "int_xor"} {
		rules = append(rules, ir.Rule{
			From: op + "(" + op + "(x, C), D)",
			To:   op + "(x, " + op + "(C, D))",
		})
	}
	// Equality looks through what has an inverse, even where it wraps. With 0 it is
	// int_is_zero or int_is_true by now.
	rules = append(rules,
		ir.Rule{From: "int_is_zero(int_add(x, C))", To: "int_eq(x, int_neg(C))"},
		ir.Rule{From: "int_is_true(int_add(x, C))", To: "int_ne(x, int_neg(C))"},
		ir.Rule{From: "int_is_zero(int_invert(x))", To: "int_eq(x, -1)"},
		ir.Rule{From: "int_is_true(int_invert(x))", To: "int_ne(x, -1)"},
	)
	for _, eq := range []string{"int_eq", "int_ne"} {
		rules = append(rules,
			ir.Rule{From: eq + "(int_add(x, C), D)", To: eq + "(x, int_sub(D, C))"},
			ir.Rule{From: eq + "(int_sub(C, x), D)", To: eq + "(x, int_sub(C, D))"},
			ir.Rule{From: eq + "(int_xor(x, C), D)", To: eq + "(x, int_xor(C, D))"},
			ir.Rule{From: eq + "(int_neg(x), C)", To: eq + "(x, int_neg(C))"},
			ir.Rule{From: eq + "(int_invert(x), C)", To: eq + "(x, int_invert(C))"},
		)
	}
	return rules
}

// FloatIdentities returns the rules for floats that IEEE 754 allows: exact for
// infinities, for both zeros and for every number; a NaN may become another
// NaN. No float operation is ever reassociated.
//
// For example, {From: "float_mul(x, 1.0)", To: "x"} is one, and
// {From: "float_add(x, 0.0)", To: "x"} is none: -0.0 + 0.0 is 0.0.
func FloatIdentities() []ir.Rule {
	return []ir.Rule{
		{From: "same_as_f(x)", To: "x"},
		{From: "float_add(x, -0.0)", To: "x"},
		{From: "float_sub(x, 0.0)", To: "x"},
		{From: "float_sub(-0.0, x)", To: "float_neg(x)"},
		{From: "float_mul(x, 1.0)", To: "x"},
		{From: "float_mul(x, -1.0)", To: "float_neg(x)"},
		{From: "float_truediv(x, 1.0)", To: "x"},
		{From: "float_truediv(x, -1.0)", To: "float_neg(x)"},
		// Dividing by a power of two changes the exponent only, and so does
		// multiplying by its inverse, which is exact.
		{From: "float_truediv(x, C)", To: "float_mul(x, recip(C))", When: "pow2float(C)"},
		{From: "float_neg(float_neg(x))", To: "x"},
		{From: "float_abs(float_abs(x))", To: "float_abs(x)"},
		{From: "float_abs(float_neg(x))", To: "float_abs(x)"},
		{From: "float_add(x, float_neg(y))", To: "float_sub(x, y)"},
		{From: "float_sub(x, float_neg(y))", To: "float_add(x, y)"},
		// Equality has a negation, since a NaN is unequal to all. The orders
		// have none: with a NaN both x < y and x >= y are false.
		{From: "int_is_zero(float_eq(x, y))", To: "float_ne(x, y)"},
		{From: "int_is_zero(float_ne(x, y))", To: "float_eq(x, y)"},
		{From: "convert_float_bytes_to_longlong(convert_longlong_bytes_to_float(x))", To: "x"},
		{From: "convert_longlong_bytes_to_float(convert_float_bytes_to_longlong(x))", To: "x"},
	}
}
