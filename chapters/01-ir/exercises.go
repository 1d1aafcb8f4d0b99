package ir

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 1, in the order in which its README
// comes to them.
var Exercises = []exercise.Exercise{
	{
		ID: "1.1", Title: "Evaluate a shift", Field: "EvalShift", File: "chapters/01-ir/arith.go",
		Stars: 1, Minutes: 3,
		Hints: []string{
			"Go has one operator >> for two operations. What decides which one you get?",
			"On a signed integer >> copies the sign bit. On an unsigned one it shifts zeros in.",
			"IntLshift is a << n, IntRshift is a >> n, UintRshift is int64(uint64(a) >> n).",
		},
	},
	{
		ID: "1.2", Title: "Evaluate checked arithmetic", Field: "EvalChecked", File: "chapters/01-ir/arith.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Compute the wrapped result first. Then ask how it can betray that it is wrong: look at the signs.",
			"A sum overflows exactly if both arguments have one sign and the result has the other. For a - b, the signs of a and b have to differ. Division is a bad test for products: MinInt64 / -1 wraps as well.",
			"Add: (a^r)&(b^r) < 0. Sub: (a^b)&(a^r) < 0. Mul: take all 128 bits from bits.Mul64, subtract b from the high word if a < 0 and a if b < 0; it fits exactly if the high word then equals int64(low)>>63.",
		},
	},
	{
		ID: "1.3", Title: "Find", Field: "Find", File: "chapters/01-ir/find.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"Two walks over the same chain: one to learn where it ends, one to tell everybody.",
			"The first loop runs while root.Forward is not nil. The second sets Forward of each value it passes to root; save the old Forward before you overwrite it. The end itself must keep Forward == nil.",
		},
	},
	{
		ID: "1.4", Title: "Fold constants", Field: "FoldConst", File: "chapters/01-ir/fold.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Leave early: if any argument is no constant, there is nothing to fold. Then ask which constants have words and which have none.",
			"Handle same_as and the four pointer comparisons before anything else, since a pointer has no word before the run. For the rest, collect Bits of the one or two arguments and call eval.",
			"If eval says that it is not ok, return nil. Otherwise ConstBits(op.Type, result): the type of the result, not of the argument.",
		},
	},
	{
		ID: "1.5", Title: "Identities", Field: "Identities", File: "chapters/01-ir/rules.go",
		Stars: 2, Minutes: 30,
		Hints: []string{
			"Go through the operations one by one and ask of each: which constant changes nothing, which one decides everything, and what happens with the same value twice?",
			`Commutative operations match in either order, so "int_add(x, 0)" is enough. Every comparison has an inverse in the opcode table (Info().Inverse): a loop over it writes {From: "int_is_zero(int_lt(x, y))", To: "int_ge(x, y)"} and its kin for you.`,
			`Powers of two: {From: "int_mul(x, C)", To: "int_lshift(x, log2(C))", When: "pow2(C)"}. Checked operations: only with a constant that can't overflow, int_mul_ovf(x, 1) but not int_mul_ovf(x, -1).`,
		},
	},
	{
		ID: "1.6", Title: "Reassociate constants", Field: "Reassociations", File: "chapters/01-ir/rules.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Which operations may be bracketed differently, (x op C) op D = x op (C op D), for every 64-bit value, even when they wrap?",
			"int_add, int_mul, int_and, int_or and int_xor may. Two shifts in the same direction add their counts, but a sum above 63 is no shift count.",
			`{From: "int_lshift(int_lshift(x, C), D)", To: "int_lshift(x, int_add(C, D))", When: "shift(C, D)"}, and {From: "int_sub(x, C)", To: "int_add(x, int_neg(C))"}.`,
		},
	},
	{
		ID: "1.7", Title: "Float identities", Field: "FloatIdentities", File: "chapters/01-ir/rules.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Try each candidate on NaN, on infinity, and on both zeros. Most rules that hold for integers die on one of them.",
			"Adding: of the two zeros, only one changes nothing for all x. Multiplying by 0.0 is no constant: infinity * 0.0 is NaN. Multiplying and dividing by 1.0 are exact, and so is dividing by a power of two.",
			`float_add(x, -0.0), float_sub(x, 0.0), float_mul(x, 1.0), float_truediv(x, 1.0) are x; float_mul(x, -1.0) is float_neg(x); {From: "float_truediv(x, C)", To: "float_mul(x, recip(C))", When: "pow2float(C)"}; double float_neg, and float_abs of what is negated.`,
		},
	},
	{
		ID: "1.8", Title: "Common subexpressions", Field: "CSE", File: "chapters/01-ir/cse.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Build a key of everything that decides the result. If the map knows the key, you are done.",
			"Code, both arguments and Descr go into the key. For a commutative operation put the argument with the smaller ID into A. An operation with one argument leaves B nil.",
		},
	},
	{
		ID: "1.9", Title: "Remove dead code", Field: "RemoveDead", File: "chapters/01-ir/dce.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Why backward? Because then all users of a value are seen before the value itself.",
			"Keep a []bool by ID. For i from the last operation down: skip it if Droppable says so and nobody has used it; otherwise keep it and mark its arguments and the values of its exit (Exit.Values). Constants have the ID -1.",
			"A virtual object in the failargs is no operation of the trace: mark what stands in its Args, recursively, and remember which ones you have seen, because it may contain itself. You collected the operations backward, so turn them round at the end.",
		},
	},
}
