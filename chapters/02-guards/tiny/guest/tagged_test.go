package guest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/chapters/02-guards/tiny/treewalk"
	"metatrace/internal/heap"
)

// edges are programs whose integers cross the bounds of what a tagged word holds,
// 2^62 on both sides, and are used in all places where an integer can be.
var edges = []program{
	{"upwards", "(var n 4611686018427387900) (var i 0) (while (< i 9) (set n (+ n 1)) (print n (= n 4611686018427387904)) (set i (+ i 1)))"},
	{"downwards", "(var n -4611686018427387900) (var i 0) (while (< i 9) (set n (- n 1)) (print n (< n -4611686018427387904)) (set i (+ i 1)))"},
	{"to and fro", "(var n 4611686018427387903) (var i 0) (while (< i 20) (set n (if (= (& i 1) 0) (+ n 1) (- n 1))) (set i (+ i 1))) (print n)"},
	{"doubling", "(var n 1) (var m -1) (var i 0) (while (< i 70) (set n (+ n n)) (set m (* m 2)) (print n m) (set i (+ i 1)))"},
	{"shifting", "(var i 0) (while (< i 64) (print (<< 1 i) (<< 3 i) (>> (<< -1 63) i) (>>> -1 i) (~ (<< 1 i)) (^ (<< 1 i) -1)) (set i (+ i 1)))"},
	{"negating", "(var n 4611686018427387901) (var i 0) (while (< i 9) (print (- n) (- (- n)) (~ n) (- n -1)) (set n (+ n 1)) (set i (+ i 1)))"},
	{"dividing", "(var n -9223372036854775808) (var i 1) (while (< i 9) (print (/ n i) (% n i) (/ n (- i)) (* (/ n i) i)) (set i (+ i 1)))"},
	{"mixed", "(var n 4611686018427387903) (var i 0) (while (< i 9) (print (+ n 0.5) (int (float (- n 511))) (float n) (< n 4.7e18) (= n 4611686018427387904.0)) (set n (+ n 1)) (set i (+ i 1)))"},
	{"in objects", "(class C v) (var c (new C 4611686018427387900)) (var i 0) (while (< i 9) (set (. c v) (+ (. c v) 1)) (print c) (set i (+ i 1)))"},
	{"in arrays", "(var a (array 3 4611686018427387902)) (var i 0) (while (< i 9) (set (at a (% i 3)) (+ (at a (% i 3)) 1)) (print a) (set i (+ i 1)))"},
	{"opaque", "(fun f (n) (+ n 1)) (var n 4611686018427387900) (var i 0) (while (< i 9) (set n (opaque f n)) (print n) (set i (+ i 1)))"},
	{"as an index", "(var a (array 3 1)) (var n 4611686018427387904) (var i 0) (while (< i 9) (set n (/ n 4)) (print (if (< n 3) (at a n))) (set i (+ i 1))) (print (at a 4611686018427387904))"},
	{"as a length", "(var i 0) (while (< i 9) (print (array i)) (set i (+ i 1))) (array 4611686018427387904)"},
	{"as a filled length", "(var i 0) (while (< i 9) (print (array i 7)) (set i (+ i 1))) (array 4611686018427387904 1)"},
	{"as a shift", "(var i 60) (while (< i 64) (print (<< 1 i)) (set i (+ i 1))) (<< 1 4611686018427387904)"},
	{"is no object", "(class C v) (var c (new C 1)) (var i 0) (while (< i 9) (print (= c i) (= i c) (= nil i) (nil? i) (!= i i)) (set i (+ i 1))) (. i v)"},
	{"is no array", "(var i 0) (while (< i 9) (set i (+ i 1))) (len i)"},
	{"and no number", "(class C v) (var i 0) (while (< i 9) (set i (+ i 1))) (+ 4611686018427387904 (new C i))"},
	{"changing kinds", "(class C v) (var x 1) (var i 0) (while (< i 40) (print x (= x i)) (set x (if (= (% i 4) 0) 0.5 (if (= (% i 4) 1) nil (if (= (% i 4) 2) 4611686018427387904 i)))) (set i (+ i 1)))"},
}

// TestEdges wants of all kinds of boxes what a walk over the program's tree gives.
func TestEdges(t *testing.T) {
	t.Parallel()
	each(t, edges, func(t *testing.T, p program) {
		var out strings.Builder
		want := outcome{}
		if err := treewalk.Run(p.name, p.src, &out, fuel); err != nil {
			want.Err = err.Error()
		}
		want.Out = out.String()
		for _, boxes := range kinds {
			for _, threshold := range []int{0, 1, 2, 3, 7} {
				for _, list := range []string{"all", "none", "virtuals", "-virtuals", "-peel"} {
					opt := jit(t, threshold)
					opt.Chain = passes(t, list)
					got, _ := p.runWith(t, boxes, heap.Options{Stress: threshold == 2}, opt)
					require.Equal(t, want, got, "boxes %d, threshold %d, passes %s", boxes, threshold, list)
				}
			}
		}
		for guard, there := 0, true; there; guard++ {
			var got outcome
			got, there = p.force(t, space.TaggedBoxes, jit(t, 2), heap.Options{Stress: true}, guard, 1)
			require.Equal(t, want, got, "guard %d", guard)
		}
	})
}

// TestTaggedIntsNeedNoMemory runs loops that store their integers where everybody
// sees them.
func TestTaggedIntsNeedNoMemory(t *testing.T) {
	p := program{"escape", "(var a (array 4)) (var i 0) (while (< i 30000) (set (at a (& i 3)) (* i 3)) (set i (+ i 1))) (print a)"}
	for _, threshold := range []int{0, 7} {
		got, stats := p.runWith(t, space.TaggedBoxes, heap.Options{}, jit(t, threshold))
		require.Equal(t, outcome{Out: "[89988 89991 89994 89997]\n"}, got)
		require.Less(t, stats.HeapObjects, int64(8), "threshold %d", threshold)
		_, stats = p.run(t, heap.Options{}, jit(t, threshold))
		require.Greater(t, stats.HeapObjects, int64(30000), "threshold %d", threshold)
	}
}

var optimizedTrace = regexp.MustCompile(`(?s), as optimized\n(.*?)\n\n`)

// TestTaggedTracesLeaveNoObject looks at all traces of all programs: whatever the
// passes, no operation is left that takes an int for an object in memory.
func TestTaggedTracesLeaveNoObject(t *testing.T) {
	t.Parallel()
	each(t, programs(t), func(t *testing.T, p program) {
		for _, list := range []string{"all", "none", "-virtuals", "-peel", "virtuals,peel"} {
			var log strings.Builder
			opt := jit(t, 2)
			opt.Chain, opt.Log = passes(t, list), &log
			p.small().runWith(t, space.TaggedBoxes, heap.Options{}, opt)
			for _, m := range optimizedTrace.FindAllStringSubmatch(log.String(), -1) {
				require.NotRegexp(t, `ConstClass\(W_Int_vtable\)|descr=W_Int\b`, m[1], "passes %s", list)
			}
		}
	})
}
