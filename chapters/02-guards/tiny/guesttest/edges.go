package guesttest

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/chapters/02-guards/tiny/treewalk"
	"metatrace/internal/heap"
)

// edges are programs whose integers cross the bounds of what a tagged word holds,
// 2^62 on both sides, and are used in all places where an integer can be.
var edges = []Program{
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

// fuel is how many nodes the second opinion may evaluate: enough for loops to
// get hot, little enough that a run takes milliseconds.
const fuel = 60000

// walk returns what a walk over the program's tree gives, which shares no code with
// the interpreter. It may have had not enough fuel to come to an end.
func (p Program) walk() (want Outcome, ended bool) {
	var out strings.Builder
	err := treewalk.Run(p.Name, p.Src, &out, fuel)
	if err != nil {
		want.Err = err.Error()
	}
	want.Out = out.String()
	return want, err != treewalk.ErrFuel
}

// Walk does the same for other packages.
func (p Program) Walk() (want Outcome, ended bool) { return p.walk() }

// Edges wants of all kinds of boxes what a walk over the program's tree gives.
func (s *Suite) Edges(t *testing.T) {
	t.Parallel()
	Each(t, edges, func(t *testing.T, p Program) {
		want, ended := p.walk()
		require.True(t, ended)
		for _, boxes := range kinds {
			for _, threshold := range []int{0, 1, 2, 3, 7} {
				for _, list := range some(s, 2, "all", "none", "virtuals", "-virtuals", "-peel") {
					opt := s.JIT(threshold)
					opt.Chain = s.Passes(t, list)
					got, _ := p.Run(t, Setup{Boxes: boxes, Mem: heap.Options{Stress: threshold == 2}, Opt: opt})
					require.Equal(t, want, got, "boxes %d, threshold %d, passes %s", boxes, threshold, list)
				}
			}
		}
		setup := Setup{Boxes: space.TaggedBoxes, Mem: heap.Options{Stress: true}, Opt: s.JIT(2)}
		for guard, there := 0, true; there; guard++ {
			var got Outcome
			got, there = p.force(t, setup, guard, 1)
			require.Equal(t, want, got, "guard %d", guard)
		}
	})
}

// TaggedIntsNeedNoMemory runs loops that store their integers where everybody sees
// them.
func (s *Suite) TaggedIntsNeedNoMemory(t *testing.T) {
	p := Program{"escape", "(var a (array 4)) (var i 0) (while (< i 30000) (set (at a (& i 3)) (* i 3)) (set i (+ i 1))) (print a)"}
	for _, threshold := range []int{0, 7} {
		got, stats := p.Run(t, Setup{Boxes: space.TaggedBoxes, Opt: s.JIT(threshold)})
		require.Equal(t, Outcome{Out: "[89988 89991 89994 89997]\n"}, got)
		require.Less(t, stats.HeapObjects, int64(8), "threshold %d", threshold)
		_, stats = p.Run(t, Setup{Opt: s.JIT(threshold)})
		require.Greater(t, stats.HeapObjects, int64(30000), "threshold %d", threshold)
	}
}
