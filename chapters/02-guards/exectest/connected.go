package exectest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Connected checks that the executor connects traces as guards.Executor says: by
// bridges, jumps, and calls.
func Connected(t *testing.T, c *Comparison) {
	for _, stress := range []bool{false, true} {
		for _, count := range []bool{false, true} {
			c := *c
			c.Stress, c.Count = stress, count
			t.Run(fmt.Sprintf("stress=%t,count=%t", stress, count), func(t *testing.T) {
				for _, list := range [][]connection{bridgeCases, jumpCases, callCases} {
					for _, tt := range list {
						t.Run(strings.ReplaceAll(tt.rule, " ", "_"), func(t *testing.T) { tt.check(t, &c) })
					}
				}
				for name, check := range changes {
					t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) { check(t, &c) })
				}
			})
		}
	}
}

// connection is a case of Connected. Each run starts in the trace main, on numbers, or
// in words of an integer; see scene.run.
type connection struct {
	rule   string
	traces string // as for scene
	runs   []connectedRun
	depth  int // Machine.MaxDepth; 0: 100
}

// connectedRun is a run of the trace main: the suspended callers that are given up,
// then the operation that it is left by, each with values.
type connectedRun struct {
	inputs []float64
	want   string
}

func (tt *connection) check(t *testing.T, c *Comparison) {
	depth := tt.depth
	if depth == 0 {
		depth = 100
	}
	s := newScene(t, c, depth)
	s.load("\n" + tt.traces)
	for range 2 { // the second time in memory that was used
		for _, run := range tt.runs {
			s.check(run.want, "main", run.inputs...)
		}
	}
	require.Zero(t, s.m.Inlined)
}

var bridgeCases = []connection{
	{rule: "a bridge goes on with what the exit has", traces: `
== main
[i0, f1, p2]
i3 = int_lt(i0, 10)
guard_true(i3) [p2, i0, f1]
finish(i0)
== bridge of main 1
[p0, i1, f2]
i3 = int_add(i1, 1)
f4 = float_add(f2, 0.5)
finish(f4, i3, p0)`, runs: []connectedRun{
		{[]float64{9, 1, 3}, "main 2: 9"},
		{[]float64{10, 1, 3}, "bridge 2: 1.5 11 NODE{3 NULL}"},
		{[]float64{11, 2, 0}, "bridge 2: 2.5 12 NULL"}}},
	{rule: "constants are no inputs of a bridge, and a value is one input", traces: `
== main
[i0, i1]
i2 = int_add(i0, i1)
i3 = int_lt(i0, i1)
guard_false(i3) [i1, 7, i2, i1, NULL, 0.5, i0, i2]
finish()
== bridge of main 2
[i0, i1, i2]
finish(i0, i1, i2)`, runs: []connectedRun{{[]float64{3, 4}, "bridge 0: 4 7 3"}}},
	{rule: "an exit needs nothing, the bridge neither", traces: `
== main
[i0]
guard_value(i0, 5) []
finish(i0)
== bridge of main 0
[]
finish(1)`, runs: []connectedRun{{[]float64{5}, "main 1: 5"}, {[]float64{6}, "bridge 0: 1"}}},
	{rule: "a bridge makes the virtual objects itself", traces: `
== main
[i0, p1, i2]
guard_true(i0) [v1:NODE{value=i2, next=p1}, i0, NODE{value=3, next=v1}]
finish(i0)
== bridge of main 0
[i0, p1, i2]
p3 = new_with_vtable(descr=NODE)
setfield_gc(p3, i0, descr=NODE.value)
setfield_gc(p3, p1, descr=NODE.next)
guard_value(i2, 0) [p3]
guard_value(i0, 6) [NODE{value=i0, next=p3}]
finish(p3, p1)
== second of bridge 4
[i0, p1]
p2 = new_with_vtable(descr=NODE)
setfield_gc(p2, i0, descr=NODE.value)
setfield_gc(p2, p1, descr=NODE.next)
finish(p2)`, runs: []connectedRun{
		{[]float64{0, 4, 6}, "bridge 5: NODE{6 NODE{4 NULL}} NODE{4 NULL}"},
		{[]float64{0, 4, 5}, "second 3: NODE{5 NODE{5 NODE{4 NULL}}}"},
		{[]float64{1, 4, 5}, "main 1: 1"}}},
	{rule: "a bridge does the pending stores itself", traces: `
== main
[i0, p1]
guard_true(i0) [p1] {setfield_gc(p1, i0, descr=NODE.value)}
finish(i0)
== bridge of main 0
[p1, i0]
i2 = getfield_gc_i(p1, descr=NODE.value)
setfield_gc(p1, i0, descr=NODE.value)
finish(i2, p1)`, runs: []connectedRun{{[]float64{0, 8}, "bridge 2: 8 NODE{0 NULL}"}}},
	{rule: "overflow goes on in a bridge", traces: `
== main
[i0, i1]
i2 = int_add_ovf(i0, i1)
guard_no_overflow() [i1, i0]
i3 = int_mul_ovf(i2, i1)
guard_overflow() [i3, i2]
i4 = int_sub_ovf(i0, i3)
guard_no_overflow() [i3]
finish(i2)
== bridge of main 1
[i0, i1]
finish(i1, i0)
== second of main 3
[i0, i1]
finish(i1, i0)`, runs: []connectedRun{
		{[]float64{1 << 62, 1 << 62}, "bridge 0: 4611686018427387904 4611686018427387904"},
		{[]float64{3, 4}, "second 0: 7 28"}, {[]float64{1 << 61, 16}, "main 6: 2305843009213693968"}}},
	{rule: "a switch chooses by the value", traces: `
== main
[i0, i1]
i2 = int_sub(i0, 1)
guard_value(i2, 100) [i1]
finish(i0)
== ten of main 1 for 10
[i0]
finish(i0, 10)
== five of main 1 for 5
[i0]
finish(i0, 5)
== minus of main 1 for -3
[i0]
finish(i0, -3)
== zero of main 1 for 0
[i0]
finish(i0)
== big of main 1 for 1234567890123
[i0]
finish(i0, i0)`, runs: []connectedRun{
		{[]float64{11, 1}, "ten 0: 1 10"}, {[]float64{6, 2}, "five 0: 2 5"}, {[]float64{-2, 3}, "minus 0: 3 -3"},
		{[]float64{1, 4}, "zero 0: 4"}, {[]float64{1234567890124, 5}, "big 0: 5 5"}, {[]float64{101, 0}, "main 2: 101"},
		{[]float64{2, 7}, "main 1: 7"}, {[]float64{0, 7}, "main 1: 7"}, {[]float64{12, 7}, "main 1: 7"},
		{[]float64{-3, 8}, "main 1: 8"}, {[]float64{1 << 52, 9}, "main 1: 9"}, {[]float64{8, 10}, "main 1: 10"}}},
	manyValues(),
}

// manyValues is a bridge with more inputs than there are registers.
func manyValues() connection {
	main, bridge, want := "== main\n[i0, i1]\n", "", ""
	var exit, inputs, results []string
	for i := range 22 {
		main += fmt.Sprintf("i%d = int_add(i%d, %d)\n", i+2, i+1, i)
		exit = append(exit, fmt.Sprintf("i%d", i+2))
		inputs = append(inputs, fmt.Sprintf("i%d", i))
		bridge += fmt.Sprintf("i%d = int_mul(i%d, 2)\n", i+40, i)
		results = append(results, fmt.Sprintf("i%d", i+40))
		want += fmt.Sprintf("%d ", 2*(10+i*(i+1)/2))
	}
	main += "f24 = cast_int_to_float(i0)\np25 = call_r(ConstClass(make), i0, descr=make)\np26 = call_r(ConstClass(make), i1, descr=make)\n" +
		"guard_value(i0, 0) [" + strings.Join(exit, ", ") + ", f24, p25, p26]\nfinish()\n"
	bridge = "== bridge of main 25\n[" + strings.Join(inputs, ", ") + ", f30, p31, p32]\n" + bridge +
		"f62 = float_add(f30, 0.5)\np63 = call_r(ConstClass(make), 3, descr=make)\nfinish(" + strings.Join(results, ", ") + ", f62, p31, p32)"
	return connection{"more values than registers go over a bridge", main + bridge,
		[]connectedRun{{[]float64{1, 10}, "bridge 24: " + want + "1.5 NODE{1 NULL} NODE{10 NULL}"}}, 0}
}

var jumpCases = []connection{
	{rule: "a jump out sets the inputs", traces: `
== next
[i0, f1, p2, i3]
i4 = int_sub(i0, i3)
finish(i4, f1, p2)
== main
[p0, i1, i2, f3]
jump(i2, f3, p0, i1, descr=next)`, runs: []connectedRun{{[]float64{3, 10, 30, 1.5}, "next 1: 20 1.5 NODE{3 NULL}"}}},
	{rule: "one value goes to several inputs, and constants do", traces: `
== next
[i0, i1, f2, p3, i4, p5, i6]
finish(i6, p5, i4, p3, f2, i1, i0)
== main
[i0, p1]
jump(i0, i0, 2.5, NULL, -7, p1, i0, descr=next)`, runs: []connectedRun{{[]float64{5, 6}, "next 0: 5 NODE{6 NULL} -7 NULL 2.5 5 5"}}},
	{rule: "a bridge goes back to the loop", traces: `
== main
[i0, i1, i2]
label(i0, i1, i2)
i3 = int_gt(i0, 0)
guard_true(i3) [i1, i2]
i4 = int_and(i0, 1)
i5 = int_sub(i0, 1)
guard_false(i4) [i2, i5, i1]
i6 = int_add(i1, i0)
jump(i5, i6, i2)
== odd of main 5
[i0, i1, i2]
i3 = int_add(i0, i1)
i4 = int_and(i1, 2)
guard_value(i4, 0) [i2, i1, i3]
jump(i1, i2, i3, descr=main)
== two of odd 2
[i0, i1, i2]
i3 = int_add(i0, 1000)
jump(i1, i3, i2, descr=main)`, runs: []connectedRun{{[]float64{10, 0, 0}, "main 2: 2030 20"}, {[]float64{0, 7, 8}, "main 2: 7 8"}}},
	{rule: "a preamble goes to its loop", traces: `
== loop
[i0, p1, i2]
label(i0, i2)
i3 = int_lt(i0, i2)
guard_true(i3) [p1, i0]
i4 = int_add(i0, 1)
i5 = getfield_gc_i(p1, descr=NODE.value)
i6 = int_add(i5, i0)
setfield_gc(p1, i6, descr=NODE.value)
jump(i4, i2)
== main
[i0]
p1 = new_with_vtable(descr=NODE)
setfield_gc(p1, 5, descr=NODE.value)
i2 = int_add(i0, i0)
jump(0, p1, i2, descr=loop)`, runs: []connectedRun{{[]float64{5}, "loop 2: NODE{50 NULL} 10"}, {[]float64{0}, "loop 2: NODE{5 NULL} 0"}}},
	{rule: "a trace jumps to its own start", traces: `
== main
[i0, i1]
i2 = int_gt(i0, 0)
guard_true(i2) [i1]
i3 = int_sub(i0, 1)
jump(i3, i0, descr=main)`, runs: []connectedRun{{[]float64{3000, 0}, "main 1: 1"}}},
}
