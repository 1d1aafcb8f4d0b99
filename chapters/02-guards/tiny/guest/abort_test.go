package guest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// aborts has for each reason a program in which recordings end for that one,
// and how many do with threshold 5.
var aborts = []struct {
	program
	why    recorder.Reason
	detail string // what the log says
	times  int
}{
	{program{Name: "long", Src: "(var i 0) (var s 0) (while (< i 500) (print i s)" + strings.Repeat("(set s (+ (& s 65535) i))", 1200) + "(set i (+ i 1)))"},
		recorder.TooLong, "more than 6000 operations", guards.MaxAborts},
	{program{Name: "left", Src: `
(fun f (n) (var i 0) (while true (set i (+ i 1)) (if (= i 2) (return n))))
(var i 0) (var s 0)
(set s (+ (f 1) (f 2) (f 3) (f 4) (f 5) (f 6) (f 7) (f 8) (f 9)))
(print s)`}, recorder.LeftLoop, "returned from f", 1},
	{program{Name: "ended", Src: "(var i 0) (while true (set i (+ i 1)) (if (= i 6) (return)) (print i))"},
		recorder.LeftLoop, "returned from main", 1},
	{program{Name: "inner", Src: `
(var i 0) (var j 0) (var s 0)
(while (< i 300) (set j 0) (while (< j 9) (set s (+ s (* i j))) (set j (+ j 1))) (set i (+ i 1)))
(print s)`}, recorder.InnerLoop, "of main", guards.MaxAborts},
	{program{Name: "deep", Src: `
(fun f (n) (if (< n 1) 0 (+ 1 (f (- n 1)))))
(var i 0) (var s 0)
(while (< i 500) (set s (+ s (f 12))) (set i (+ i 1)))
(print s)`}, recorder.TooDeep, "a call of f, 7 calls deep", guards.MaxAborts},
	{program{Name: "failed", Src: "(var a (array 5 1)) (var i 0) (while (< i 50) (print i) (print (at a i)) (set i (+ i 1)))"},
		recorder.GuestError, "failed:1:64: index 5 out of range, the array has 5 items", 1},
	{program{Name: "failed_inside", Src: "(fun f (i) (/ 1 (- 5 i))) (var i 0) (while (< i 50) (print (opaque f i)) (set i (+ i 1)))"},
		recorder.GuestError, "division by zero", 1},
}

// TestAborts wants that a recording which comes to nothing is not seen in what
// the program does, and that it is tried again later and later, then no more.
func TestAborts(t *testing.T) {
	for _, a := range aborts {
		t.Run(a.Name, func(t *testing.T) {
			want, _ := a.Run(t, setup{Opt: suite.JIT(0)})
			var log strings.Builder
			opt := suite.JIT(5)
			opt.Log = &log
			got, stats := a.Run(t, setup{Opt: opt})
			require.Equal(t, want, got)
			require.Equal(t, map[string]int{string(a.why): a.times}, stats.Aborts)
			require.Contains(t, log.String(), ": "+string(a.why)+", ")
			require.Contains(t, log.String(), a.detail)
			got, _ = a.Run(t, setup{Mem: heap.Options{Stress: true}, Opt: suite.JIT(5)})
			require.Equal(t, want, got)
		})
	}
}

// TestAbortsBackOff counts the tries against the iterations: with threshold 5
// they begin at 5, and 10, 20, 40 iterations after the one before.
func TestAbortsBackOff(t *testing.T) {
	deep := aborts[4]
	require.Equal(t, "deep", deep.Name)
	for iterations, want := range map[int]int{4: 0, 10: 1, 16: 2, 30: 2, 37: 3, 70: 3, 78: 4, 900: 4} {
		p := program{Name: "deep", Src: strings.Replace(deep.Src, "500", fmt.Sprint(iterations), 1)}
		_, stats := p.Run(t, setup{Opt: suite.JIT(5)})
		require.Equal(t, want, stats.Aborts[string(recorder.TooDeep)], "%d iterations", iterations)
	}
}
