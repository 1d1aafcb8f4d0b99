package exectest

import (
	"fmt"
	"strings"
)

// factorial multiplies from n down, and leaves at 0.
const factorial = `
== main
[i0]
i1 = int_is_true(i0)
guard_true(i1) [i0]
i2 = int_sub(i0, 1)
i3 = call_assembler_i(ConstClass(main), i2)
guard_not_forced() [i0, v1:NODE{value=i2, next=v1}]
i5 = int_mul(i0, i3)
finish(i5)`

const fibonacci = `
== main
[i0]
i1 = int_lt(i0, 2)
guard_false(i1) [i0]
i2 = int_sub(i0, 1)
i3 = call_assembler_i(ConstClass(main), i2)
guard_not_forced() [i0]
i5 = int_sub(i0, 2)
i6 = call_assembler_i(ConstClass(main), i5)
guard_not_forced() [i3]
i8 = int_add(i3, i6)
finish(i8)
== small of main 1
[i0]
finish(i0)`

var callCases = []connection{
	{rule: "finish returns to the caller", traces: factorial + `
== one of main 1
[i0]
finish(1)`, runs: []connectedRun{{[]float64{0}, "one 0: 1"}, {[]float64{5}, "main 6: 120"}, {[]float64{20}, "main 6: 2432902008176640000"}}},
	{rule: "a call is made twice", traces: fibonacci, runs: []connectedRun{
		{[]float64{1}, "small 0: 1"}, {[]float64{2}, "main 9: 1"}, {[]float64{15}, "main 9: 610"}}},
	{rule: "a guard that fails gives all callers up", traces: factorial, runs: []connectedRun{
		{[]float64{0}, "main 1: 0"},
		{[]float64{2}, "main 4: 2 NODE{1 NODE{1 NODE{1 NODE{1 ...}}}}; main 4: 1 NODE{0 NODE{0 NODE{0 NODE{0 ...}}}}; main 1: 0"}}},
	{rule: "a result has any type, or there is none", traces: `
== half
[i0]
f1 = cast_int_to_float(i0)
f2 = float_mul(f1, 0.5)
finish(f2)
== node
[i0, f1]
p2 = new_with_vtable(descr=NODE)
setfield_gc(p2, i0, descr=NODE.value)
finish(p2)
== store
[p0, i1]
setfield_gc(p0, i1, descr=NODE.value)
finish()
== main
[i0]
f1 = call_assembler_f(ConstClass(half), i0)
guard_not_forced() [i0]
p3 = call_assembler_r(ConstClass(node), i0, f1)
guard_not_forced() [f1]
p5 = call_assembler_r(ConstClass(node), 7, 0.5)
guard_not_forced() [f1, p3]
call_assembler_n(ConstClass(store), p3, 12)
guard_not_forced() [p5]
finish(f1, p3, p5, i0)`, runs: []connectedRun{{[]float64{5}, "main 8: 2.5 NODE{12 NULL} NODE{7 NULL} 5"}}},
	{rule: "a trace that is called goes from trace to trace", traces: `
== loop
[i0, i1]
label(i0, i1)
i2 = int_gt(i0, 0)
guard_true(i2) [i1, i0]
i3 = int_sub(i0, 1)
i4 = int_add(i1, i0)
jump(i3, i4)
== end of loop 2
[i0, i1]
i2 = int_lt(i0, 100)
guard_true(i2) [i1, i0]
i3 = call_i(ConstClass(note), i0, descr=note)
finish(i3)
== sum
[i0]
jump(i0, 0, descr=loop)
== main
[i0, p1]
i2 = call_assembler_i(ConstClass(sum), i0)
guard_not_forced() [p1, i0]
i4 = call_assembler_i(ConstClass(sum), i2)
guard_not_forced() [i2, p1]
finish(i2, i4, p1)`, runs: []connectedRun{
		{[]float64{3, 5}, "main 4: 7 29 NODE{5 NULL}"}, {[]float64{20, 5}, "main 1: NODE{5 NULL} 20; end 1: 0 210"},
		{[]float64{5, 6}, "main 3: 16 NODE{6 NULL}; end 1: 0 136"}}},
	{rule: "a bridge calls, and is given up", traces: `
== leaf
[i0]
guard_value(i0, 5) [i0]
finish(50)
== main
[i0, p1]
guard_value(i0, 3) [p1, i0]
finish(i0)
== bridge of main 0
[p0, i1]
i2 = call_assembler_i(ConstClass(leaf), i1)
guard_not_forced() [p0, NODE{value=i1, next=p0}]
finish(i2, p0)`, runs: []connectedRun{
		{[]float64{3, 1}, "main 1: 3"}, {[]float64{5, 1}, "bridge 2: 50 NODE{1 NULL}"},
		{[]float64{6, 1}, "bridge 1: NODE{1 NULL} NODE{6 NODE{1 NULL}}; leaf 0: 6"}}},
	{rule: "a function without a trace is left by the call", traces: `
== main
[i0, p1, f2]
i3 = int_add(i0, 1)
i4 = call_assembler_i(ConstClass(nowhere), i3, 9, p1)
guard_not_forced() [f2, NODE{value=i0, next=p1}]
finish(i4)`, runs: []connectedRun{{[]float64{3, 4, 0.5}, "main 1: 0.5 NODE{3 NODE{4 NULL}} 4 9 NODE{4 NULL}"}}},
	{rule: "nor is a deeper one called", traces: `
== middle
[i0, p1]
i2 = call_assembler_i(ConstClass(nowhere), i0)
guard_not_forced() [p1]
finish(i2)
== main
[i0, p1]
i2 = call_assembler_i(ConstClass(middle), 4, p1)
guard_not_forced() [i0]
finish(i2)`, runs: []connectedRun{{[]float64{3, 4}, "main 1: 3; middle 0: NODE{4 NULL} 4"}}},
	{rule: "what the caller has outlives the call", traces: survivors, runs: []connectedRun{
		{[]float64{0, 3}, "main 24: 1 3 5 7 9 11 13 15 17 19 21 23 25 27 29 31 1.5 NODE{0 NULL} NODE{3 NULL} NODE{6 NULL}"},
		{[]float64{1, 3}, "main 21: 2 4 6 8 10 12 14 16 18 20 22 24 26 28 30 32 2.5 NODE{1 NULL} NODE{3 NULL}; spill 21: 20"}}},
	{rule: "calls in a called trace know how deep they are", traces: `
== leaf
[]
i0 = call_i(ConstClass(depth), descr=depth)
finish(i0)
== middle
[]
i0 = call_i(ConstClass(depth), descr=depth)
i1 = call_assembler_i(ConstClass(leaf))
guard_not_forced() []
i3 = int_mul(i0, 10)
i4 = int_add(i1, i3)
finish(i4)
== main
[]
i0 = call_assembler_i(ConstClass(middle))
guard_not_forced() []
i2 = call_i(ConstClass(depth), descr=depth)
i3 = int_mul(i0, 10)
i4 = int_add(i2, i3)
finish(i4)`, runs: []connectedRun{{nil, "main 5: 231"}}},
}

// survivors is a caller with more values than registers; what it calls uses them all.
var survivors = func() string {
	spill := "== spill\n[i0]\n"
	for i := range 20 {
		spill += fmt.Sprintf("i%d = int_add(i%d, 1)\n", i+1, i)
	}
	spill += "p40 = call_r(ConstClass(make), i0, descr=make)\nguard_value(i0, 0) [20]\n"
	spill += "i41 = int_add(i20, i19)\nsetfield_gc(p40, i41, descr=NODE.value)\nfinish(p40)\n"
	main := "== main\n[i0, i1]\n"
	var live []string
	for i := range 16 {
		main += fmt.Sprintf("i%d = int_add(i0, %d)\n", i+2, 2*i+1)
		live = append(live, fmt.Sprintf("i%d", i+2))
	}
	main += "f20 = cast_int_to_float(i2)\nf21 = float_add(f20, 0.5)\np22 = call_r(ConstClass(make), i0, descr=make)\n" +
		"p23 = call_r(ConstClass(make), i1, descr=make)\n"
	return spill + main + "p24 = call_assembler_r(ConstClass(spill), i0)\nguard_not_forced() [" + strings.Join(live, ", ") + ", f21, p22, p23]\n" +
		"i26 = int_add(i1, 3)\nsetfield_gc(p24, i26, descr=NODE.value)\nfinish(" + strings.Join(live, ", ") + ", f21, p22, p23, p24)"
}()
