package virtuals_test

import (
	"errors"
	"fmt"

	ir "metatrace/chapters/01-ir"
	irsolution "metatrace/solutions/01-ir"
	virtualssolution "metatrace/solutions/03-virtuals"
)

// exampleChain returns the passes of chapters 1 and 3, solved.
func exampleChain(pending bool) ir.Chain {
	fold, cse, err := irsolution.Kit.Passes()
	if err != nil {
		panic(err)
	}
	kit := virtualssolution.Kit
	virtual, heap := kit.Passes(pending)
	return ir.Chain{Kit: &irsolution.Kit, Passes: []ir.NamedPass{fold, virtual, cse, heap}, Dead: true, Peel: kit.Peel}
}

// A loop that makes an object in each iteration, for the next one to read. None is
// allocated: its value goes round.
func ExampleKit_Peel() {
	trace, err := ir.Parse("example", `struct BOX vtable=box_vtable value:i
[i0, p1]
i2 = getfield_gc_i(p1, descr=BOX.value)
i3 = int_add(i2, i0)
p4 = new_with_vtable(descr=BOX)
setfield_gc(p4, i3, descr=BOX.value)
i5 = int_sub(i0, 1)
i6 = int_gt(i5, 0)
guard_true(i6) [p4]
jump(i5, p4)
`)
	if err != nil {
		panic(err)
	}
	loop, err := exampleChain(false).OptimizeLoop(trace)
	if err != nil {
		panic(err)
	}
	fmt.Print(loop.Body())
	// Output:
	// [i0, p1]
	// i2 = getfield_gc_i(p1, descr=BOX.value)
	// i3 = int_add(i2, i0)
	// i4 = int_add(i0, -1)
	// i5 = int_gt(i4, 0)
	// guard_true(i5) [BOX{value=i3}]
	// label(i3, i4)
	// i6 = int_add(i3, i4)
	// i7 = int_add(i4, -1)
	// i8 = int_gt(i7, 0)
	// guard_true(i8) [BOX{value=i6}]
	// jump(i6, i7)
}

// A store of a virtual object is left to the exits that it passes.
func ExampleKit_Passes() {
	trace, err := ir.Parse("example", `struct BOX vtable=box_vtable value:i
struct STACK top:r
[i0, p1]
p2 = new_with_vtable(descr=BOX)
setfield_gc(p2, i0, descr=BOX.value)
setfield_gc(p1, p2, descr=STACK.top)
guard_true(i0) [p1]
setfield_gc(p1, NULL, descr=STACK.top)
finish(p1)
`)
	if err != nil {
		panic(err)
	}
	optimized, err := exampleChain(true).Optimize(trace)
	if err != nil {
		panic(err)
	}
	fmt.Print(optimized.Body())
	// Output:
	// [i0, p1]
	// guard_true(i0) [p1] {setfield_gc(p1, BOX{value=i0}, descr=STACK.top)}
	// setfield_gc(p1, NULL, descr=STACK.top)
	// finish(p1)
}

// A loop that no run gets through twice: what it makes is not what it wants.
func ExampleKit_Peel_impossible() {
	trace, err := ir.Parse("example", `struct BOX vtable=box_vtable value:i
struct STACK vtable=stack_vtable top:r
[p0]
guard_nonnull_class(p0, ConstClass(box_vtable)) [p0]
p1 = new_with_vtable(descr=STACK)
jump(p1)
`)
	if err != nil {
		panic(err)
	}
	_, err = exampleChain(false).OptimizeLoop(trace)
	fmt.Println(errors.Is(err, ir.ErrImpossible))
	// Output:
	// true
}
