package knownbits_test

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// 2 or 3, and 1: the last bit of the sum is not known, and nor is the carry. A 1
// above it lets the carry through, a 0 stops it.
func ExampleBits() {
	twoOrThree := knownbits.Bits{Ones: 0b10, Unk: 0b01}
	one := knownbits.BitsOf(1)
	sum := knownbitssolution.AddBits(twoOrThree, one)
	fmt.Println(twoOrThree, "+", one, "is", sum)
	fmt.Println(sum.Contains(3), sum.Contains(4), sum.Contains(8))
	// Output:
	// …01? + …01 is …0???
	// true true false
}

// A multiple of 8 between 1 and 20 is 8 or 16: each view sharpens the other.
func ExampleKit_Reduce() {
	multipleOf8 := knownbits.Bits{Unk: ^uint64(7)}
	known, ok := knownbitssolution.Kit.Reduce(knownbits.Range{Lo: 1, Hi: 20}, multipleOf8)
	fmt.Println(known, ok)
	_, ok = knownbitssolution.Kit.Reduce(knownbits.Range{Lo: 9, Hi: 15}, multipleOf8)
	fmt.Println(ok)
	// Output:
	// [8, 16] …0??000 true
	// false
}

// A counter that is below its limit does not overflow: in the loop, the check of the
// addition is gone.
func ExampleKit_Pass() {
	trace, err := ir.Parse("example", `
[i0, i1, i2]
i3 = int_lt(i0, i1)
guard_true(i3) [i0, i2]
i4 = int_xor(i2, i0)
i5 = int_add_ovf(i0, 1)
guard_no_overflow() [i0, i2]
jump(i5, i1, i4)
`)
	if err != nil {
		panic(err)
	}
	loop, err := exampleChain(&knownbitssolution.Kit).OptimizeLoop(trace)
	if err != nil {
		panic(err)
	}
	fmt.Print(loop.Body())
	// Output:
	// [i0, i1, i2]
	// i3 = int_lt(i0, i1)
	// guard_true(i3) [i0, i2]
	// i4 = int_xor(i2, i0)
	// i5 = int_add(i0, 1)
	// label(i4, i5)
	// i6 = int_lt(i5, i1)
	// guard_true(i6) [i5, i4]
	// i7 = int_xor(i4, i5)
	// i8 = int_add(i5, 1)
	// jump(i7, i8)
}

// exampleChain returns the passes of chapters 1 to 4, solved, but for what kit has
// in this one.
func exampleChain(kit *knownbits.Kit) ir.Chain {
	fold, cse, err := irsolution.Kit.Passes()
	if err != nil {
		panic(err)
	}
	bounds, err := kit.Pass()
	if err != nil {
		panic(err)
	}
	passes := []ir.NamedPass{fold, bounds, guardssolution.Kit.Pass(), cse}
	return ir.Chain{Kit: &irsolution.Kit, Passes: passes, Dead: true, Peel: virtualssolution.Kit.Peel}
}
