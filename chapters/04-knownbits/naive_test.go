package knownbits_test

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	irsolution "metatrace/solutions/01-ir"
)

// naiveAdd is how one adds at first: a bit of the sum is known if it is known in both.
func naiveAdd(a, b knownbits.Bits) knownbits.Bits {
	unk := a.Unk | b.Unk
	return knownbits.Bits{Ones: (a.Ones + b.Ones) &^ unk, Unk: unk}
}

func Example_naiveAdd() {
	addition := prove.Operation{Code: ir.IntAdd, Eval: prove.Oracle(&irsolution.Kit), Width: 4}
	fmt.Println(prove.Bits(addition, naiveAdd).Lost)
	// Output:
	// int_add: a = ? (that is 0 or 1), b = 1 (that is 1): 1 + 1 = 2 is missing from the result 0?
}
