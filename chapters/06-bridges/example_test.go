package bridges_test

import (
	"fmt"
	"os"
	"time"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/tiny/guest"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
	bridgessolution "metatrace/solutions/06-bridges"
)

// exampleBranch goes either way in every fourth iteration.
const exampleBranch = `
(var i 0)
(var s 0)
(while (< i 2000)
  (if (= (& i 3) 0)
    (set s (+ s i))
    (set s (- s 1)))
  (set i (+ i 1)))
(print s)`

// An engine tells what it does. The loop was recorded when i was 5, so the way of each
// fourth iteration is a guard that fails, until it has a bridge.
func ExampleEngine() {
	kits := course.Solved()
	chain, _ := kits.EngineChain()
	opt, _ := kits.Options(course.Portable, chain)
	opt.Threshold = 5
	opt = kits.Bridged(opt, bridges.Options{Limits: bridges.Limits{Eagerness: 3}, Listen: func(event bridges.Event) {
		switch e := event.(type) {
		case bridges.Started:
			fmt.Println("recording at", e.Where)
		case bridges.Compiled:
			fmt.Printf("  %s: %d operations recorded, goes to %s\n", e.Kind, e.Recorded, e.Goes)
		case bridges.Attached:
			fmt.Printf("  attached at %s, which has failed %d times\n", e.From.Text, e.From.Failures)
		}
	}})
	program, err := guest.Load("branch.tiny", exampleBranch, heap.Options{}, opt, os.Stdout)
	if err != nil {
		panic(err)
	}
	defer program.Close()
	if err := program.Run(time.Minute); err != nil {
		panic(err)
	}
	// Output:
	// recording at branch.tiny:4
	//   body: 26 operations recorded, goes to its label
	//   loop: 26 operations recorded, goes to loop1.body
	// recording at branch.tiny:5
	//   bridge: 25 operations recorded, goes to loop1.body
	//   attached at guard_false(i6), which has failed 3 times
	// 497500
}

// exampleExit has a number, and an object that is not allocated: it holds the number, and
// itself.
const exampleExit = `
struct NODE vtable=node_vtable value:i next:r
[i0]
i1 = int_add(i0, 1)
guard_true(i0) [i1, v2:NODE{value=i1, next=v2}]
`

// A bridge begins with an input for each value that the exit knows, and makes what was
// virtual there. The optimizer takes that out again, as it does everywhere.
func ExampleKit_recreate() {
	trace, err := ir.Parse("example", exampleExit)
	if err != nil {
		panic(err)
	}
	b := ir.NewBuilder(trace.Decls)
	values := bridgessolution.Recreate(b, trace.Ops[1].Exit)
	b.Op(ir.Finish, nil, values...)
	fmt.Print(b.Trace().Body())
	// Output:
	// [i0]
	// p1 = new_with_vtable(descr=NODE)
	// setfield_gc(p1, i0, descr=NODE.value)
	// setfield_gc(p1, p1, descr=NODE.next)
	// finish(i0, p1)
}

// Three traces get to a loop that has code for slots with a NODE that was never allocated.
// With one that is in memory, or with NULL, this code can't be entered.
func ExampleKit_fits() {
	const declared = "struct NODE vtable=node_vtable value:i next:r\n"
	list := func(text string) (*ir.Trace, []*ir.Op) {
		trace, err := ir.Parse("example", declared+text)
		if err != nil {
			panic(err)
		}
		return trace, trace.Ops[0].Exit.Failargs
	}
	trace, slots := list("[i0, p1]\nguard_true(1) [NODE{value=i0, next=p1}]\n")
	shape := &bridges.Shape{Inputs: trace.Inputs, Slots: slots}
	for _, at := range []string{"NODE{value=7, next=NULL}", "NODE{value=i1, next=p0}", "p0", "NULL"} {
		trace, described := list("[p0, i1]\nguard_true(1) [" + at + "]\n")
		for _, v := range described { // the classes are those of the shape
			if v.Code == ir.OpVirtual {
				v.Descr = slots[0].Descr
			}
		}
		inputs, ok := bridgessolution.Fits(shape, &bridges.State{Described: described})
		fmt.Printf("%-25s %v %s\n", at, ok, listText(inputs, trace.Names()))
	}
	// Output:
	// NODE{value=7, next=NULL}  true [7, NULL]
	// NODE{value=i1, next=p0}   true [i1, p0]
	// p0                        false []
	// NULL                      false []
}

// Three values, two comparisons: each half of the values that are left is a Switch in
// turn.
func ExampleKit_switch() {
	var cases []bridges.Case
	for _, value := range []uint64{30, 10, 20} {
		cases = append(cases, bridges.Case{Value: value})
	}
	s := bridgessolution.Switch(cases)
	fmt.Println("first compare with", s.Value)
	fmt.Println("what is below, with", s.Below.Value)
	fmt.Println("what is above, with", s.Above.Value)
	// Output:
	// first compare with 20
	// what is below, with 10
	// what is above, with 30
}
