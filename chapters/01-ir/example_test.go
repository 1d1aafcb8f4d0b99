package ir_test

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
)

// A trace is read from text, optimized, and printed again.
func ExampleChain_Optimize() {
	trace, err := ir.Parse("example", `
		[i0]
		i1 = int_mul(i0, 1)
		i2 = int_add(i1, 3)
		i3 = int_add(4, i2)
		finish(i3)
	`)
	if err != nil {
		fmt.Println(err)
		return
	}
	kit := &irsolution.Kit
	fold, cse, _ := kit.Passes()
	chain := ir.Chain{Kit: kit, Passes: []ir.NamedPass{fold, cse}, Dead: true}
	after, err := chain.Optimize(trace)
	fmt.Println(err)
	fmt.Print(after)
	// Output:
	// <nil>
	// [i0]
	// i1 = int_add(i0, 7)
	// finish(i1)
}

// CheckRule looks for values for which a rule is wrong. These two look right.
func ExampleKit_CheckRule() {
	for _, rule := range []ir.Rule{
		{From: "int_add(x, 0)", To: "x"},
		{From: "int_lt(int_add(x, C), D)", To: "int_lt(x, int_sub(D, C))"},
		{From: "float_add(x, 0.0)", To: "x"},
	} {
		fmt.Println(irsolution.Kit.CheckRule(rule))
	}
	// Output:
	// <nil>
	// int_lt(int_add(x, C), D) => int_lt(x, int_sub(D, C)): with x=5, C=5, D=-9223372036854775808 the left side is 0, the right side is 1
	// float_add(x, 0.0) => x: with x=-0.0 the left side is 0.0, the right side is -0.0
}
