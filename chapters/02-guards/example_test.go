package guards_test

import (
	"fmt"
	"os"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

// A program whose loop gets hot at its 10th iteration.
func Example() {
	const source = `
(var i 0)
(var s 0)
(while (< i 1000)
  (set s (+ s i))
  (set i (+ i 1)))
(print s)`
	fold, cse, err := irsolution.Kit.Passes()
	if err != nil {
		panic(err)
	}
	kit := guardssolution.Kit
	chain := ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{fold, kit.Pass(), cse}, Dead: true}
	program, err := guest.Load("sum", source, heap.Options{}, guards.Options{Kit: &kit, Chain: chain, JIT: true, Threshold: 10}, os.Stdout)
	if err != nil {
		panic(err)
	}
	defer program.Close()
	if err := program.Run(0); err != nil {
		panic(err)
	}
	stats := program.Stats()
	fmt.Println("loops:", stats.Loops, "guards:", stats.GuardsOptimized, "failed:", stats.GuardFailures)
	// Output:
	// 499500
	// loops: 1 guards: 5 failed: 1
}

// A comparison holds for some of the three orders that two numbers can have.
func ExampleWhere() {
	fmt.Println(guards.Where(ir.IntLe) == guards.Less|guards.Equal)
	fmt.Println(guards.Where(ir.IntAdd))
	// Output:
	// true
	// 0
}

// Behind a guard, the optimizer knows more.
func ExampleKit_Pass() {
	trace, err := ir.Parse("example", `[i0]
i1 = int_lt(i0, 10)
guard_true(i1) [i0]
i2 = int_ge(i0, 10)
guard_false(i2) [i0]
finish(i2)
`)
	if err != nil {
		panic(err)
	}
	kit := guardssolution.Kit
	optimized, err := ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{kit.Pass()}, Dead: true}.Optimize(trace)
	if err != nil {
		panic(err)
	}
	fmt.Print(optimized.Body())
	// Output:
	// [i0]
	// i1 = int_lt(i0, 10)
	// guard_true(i1) [i0]
	// finish(0)
}
