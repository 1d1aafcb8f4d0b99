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

// The guard asks whether the last bit of i0, plus 1, is 2. For an odd i0 it is.
func Example_naiveAdd_guard() {
	trace, err := ir.Parse("naive", `
[i0]
i1 = int_and(i0, 1)
i2 = int_add(i1, 1)
i3 = int_eq(i2, 2)
guard_false(i3) [i0]
finish(i2)
`)
	if err != nil {
		panic(err)
	}
	after, err := exampleChain(with(func(k *knownbits.Kit) { k.AddBits = naiveAdd })).Optimize(trace)
	if err != nil {
		panic(err)
	}
	fmt.Print(after.Body())
	// Output:
	// [i0]
	// finish(1)
}
