package guest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/internal/heap"
)

// hungry programs need more memory than they get, each in another way. They count
// how often: what is allocated has to be there when the counting ends, while a
// loop without an end needs no objects that nobody looks at.
var hungry = []program{
	{"list", "(class N next) (var l nil) (var i 0) (while (< i 99999999) (set l (new N l)) (set i (+ i 1)))"},
	{"boxes", "(var a (array 60000)) (var i 0) (while true (set (at a i) (* i 3)) (set i (+ i 1)))"},
	{"array", "(var a nil) (var n 1) (while (< n 99999999) (set a (array n)) (set n (* n 2)))"},
	{"filled", "(var a nil) (var n 1) (while (< n 99999999) (set a (array n 0.5)) (set n (* n 2)))"},
	{"floats", "(class N v next) (var l nil) (var x 0.5) (while (< x 1e9) (set x (+ x 1)) (set l (new N x l)))"},
	{"calls", "(class N next) (fun cons (l) (new N l)) (var l nil) (var i 0) (while (< i 99999999) (set l (cons l)) (set i (+ i 1)))"},
	{"opaque", "(class N next) (fun cons (l) (new N l)) (var l nil) (while true (set l (opaque cons l)))"},
	{"within", "(class N next) (fun fill () (var l nil) (var i 0) (while (< i 99999999) (set l (new N l)) (set i (+ i 1)))) (var i 0) (while true (opaque fill))"},
	{"recursion", "(class N next) (fun f (l n) (if (< n 1) l (f (new N l) (- n 1)))) (var l nil) (var i 0) (while (< i 99999999) (set l (f l 5)) (set i (+ i 1)))"},
}

// TestOutOfMemory wants the same guest error, whoever allocates.
func TestOutOfMemory(t *testing.T) {
	t.Parallel()
	each(t, hungry, func(t *testing.T, p program) {
		for _, threshold := range []int{0, 1, 2, 7, 300, 2000} {
			got, _ := p.run(t, heap.Options{Limit: 256 << 10}, jit(t, threshold))
			require.Equal(t, outcome{Err: p.name + ": out of memory (-heap sets the limit)"}, got, "threshold %d", threshold)
		}
	})
}

// TestScarceMemory runs programs in less and less memory: they end as they
// should, or for want of memory.
func TestScarceMemory(t *testing.T) {
	t.Parallel()
	each(t, programs(t), func(t *testing.T, p program) {
		p = p.small()
		want, _ := p.run(t, heap.Options{}, jit(t, 0))
		for blocks := range int64(6) {
			for _, threshold := range []int{0, 1, 7} {
				got, _ := p.run(t, heap.Options{Limit: (blocks + 1) * 32 << 10}, jit(t, threshold))
				if got.Err != p.name+": out of memory (-heap sets the limit)" {
					require.Equal(t, want, got, "threshold %d, %d blocks", threshold, blocks+1)
				}
			}
		}
	})
}

// endless programs do not end, each in another way.
var endless = []program{
	{"empty", "(while true)"},
	{"loop", "(var i 0) (while true (set i (+ i 1)))"},
	{"floats", "(var x 0.5) (while true (set x (- 1.0 x)))"},
	{"branches", "(var i 0) (while true (if (= (& i 1) 0) (set i (+ i 3)) (set i (- i 1))))"},
	{"nested", "(var j 0) (while true (set j 0) (while (< j 5) (set j (+ j 1))))"},
	{"deeper", "(var i 0) (var j 0) (while (< i 1) (while (< j 1)))"},
	{"recursion", "(fun f (n) (if (< n 1) 1 (+ (f (- n 1)) (f (- n 1))))) (f 80)"},
	{"function", "(fun f (n) (while true (set n (+ n 1)))) (f 1)"},
	{"opaque", "(fun f (n) (while true (set n (+ n 1)))) (opaque f 1)"},
	{"opaques", "(fun f (n) n) (var i 0) (while true (set i (opaque f i)))"},
	{"tree", "(fun f (n) (if (< n 1) 1 (+ (opaque f (- n 1)) (opaque f (- n 1))))) (f 80)"},
	{"residual", "(fun f () (array 2000000 1) nil) (while true (opaque f))"},
	{"arrays", "(while true (array 2000000 1))"},
}

// TestTimeout stops endless programs. The time that stopping may take leaves
// room for a busy machine.
func TestTimeout(t *testing.T) {
	t.Parallel()
	const limit, patience = 20 * time.Millisecond, 5 * time.Second
	each(t, endless, func(t *testing.T, p program) {
		for _, threshold := range []int{0, 1, 2, 100} {
			start := time.Now()
			got, _ := p.runFor(t, limit, heap.Options{}, jit(t, threshold))
			require.Equal(t, outcome{Err: guards.Timeout(limit).Error()}, got, "threshold %d", threshold)
			require.Less(t, time.Since(start), patience, "threshold %d", threshold)
		}
	})
}

// TestDepth wants the same error at the same call, however the calls that are
// active came to be: interpreted, inlined in a trace, opaque in a trace, called
// by those. The first iteration calls nothing, so that deep in the stack it is
// the trace that calls first.
func TestDepth(t *testing.T) {
	t.Parallel()
	const callees = 6 // active at once in the loop: a b c d e g
	for _, call := range []string{"f", "opaque f"} {
		for n := 10000 - 2*callees; n < 10001; n++ {
			p := program{"depth", fmt.Sprintf(`
(fun a (i) (b i)) (fun b (i) (c i)) (fun c (i) (opaque d i))
(fun d (i) (e i)) (fun e (i) (g i)) (fun g (i) (+ i 1))
(fun f (n)
  (if (> n 0) (return (%s (- n 1))))
  (var i 0)
  (while (< i 20) (set i (if (> i 0) (a i) 1)))
  i)
(print (f 3))
(print (f %d))`, call, n)}
			want, _ := p.run(t, heap.Options{}, jit(t, 0))
			require.Equal(t, n+1+callees > 10000, want.Err != "", want.Err)
			for _, threshold := range []int{1, 2, 5, 15} {
				got, _ := p.run(t, heap.Options{}, jit(t, threshold))
				require.Equal(t, want, got, "%s %d, threshold %d", call, n, threshold)
			}
		}
	}
}

// TestConstantsNeedMemory wants an error where not even the program's constants
// have room.
func TestConstantsNeedMemory(t *testing.T) {
	src := ""
	for i := range 3000 {
		src += fmt.Sprintf("(print %d)", i+1000)
	}
	_, err := guest.Load("constants", src, heap.Options{Limit: 1}, jit(t, 0), t.Output())
	require.ErrorContains(t, err, "constants: out of memory (-heap sets the limit)")
}
