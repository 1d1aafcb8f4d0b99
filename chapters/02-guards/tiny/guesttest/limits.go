package guesttest

import (
	"errors"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/internal/heap"
)

// hungry programs need more memory than they get, each in another way. They count
// how often: what is allocated has to be there when the counting ends, while a
// loop without an end needs no objects that nobody looks at.
var hungry = []Program{
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

// fullHeap is what happens to those.
func (p Program) fullHeap() string {
	return fmt.Sprintf("%s: %s (-heap sets the limit)", p.Name, tiny.OutOfMemory)
}

// OutOfMemory wants the same guest error, whoever allocates.
func (s *Suite) OutOfMemory(t *testing.T) {
	t.Parallel()
	Each(t, hungry, func(t *testing.T, p Program) {
		for _, threshold := range []int{0, 1, 2, 7, 300, 2000} {
			got, _ := p.Run(t, Setup{Mem: heap.Options{Limit: 256 << 10}, Opt: s.JIT(threshold)})
			require.Equal(t, Outcome{Err: p.fullHeap()}, got, "threshold %d", threshold)
		}
	})
}

// ScarceMemory runs programs in less and less memory: they end as they should, or
// for want of memory.
func (s *Suite) ScarceMemory(t *testing.T) {
	t.Parallel()
	Each(t, s.Programs(t), func(t *testing.T, p Program) {
		p = p.Small()
		want := s.interpret(t, p)
		for blocks := range int64(6) {
			for _, threshold := range []int{0, 1, 7} {
				got, _ := p.Run(t, Setup{Mem: heap.Options{Limit: (blocks + 1) * 32 << 10}, Opt: s.JIT(threshold)})
				if got.Err != p.fullHeap() {
					require.Equal(t, want, got, "threshold %d, %d blocks", threshold, blocks+1)
				}
			}
		}
	})
}

// endless programs take far too long, each in another way. The loops among them that
// a trace can go round in without leaving it end all the same, after some seconds if
// machine code executes them: so the test of an executor that can't be stopped fails,
// and does not hang.
var endless = []Program{
	{"loop", "(var i 0) (while (< i 2000000000) (set i (+ i 1)))"},
	{"floats", "(var x 0.5) (while (< x 2e9) (set x (+ x 1.0)))"},
	{"branches", "(var i 0) (while (< i 2000000000) (if (= (& i 1) 0) (set i (+ i 3)) (set i (- i 1))))"},
	{"nested", "(var j 0) (while true (set j 0) (while (< j 5) (set j (+ j 1))))"},
	{"deeper", "(var i 0) (var j 0) (while (< i 1) (set j 0) (while (< j 2000000000) (set j (+ j 1))))"},
	{"recursion", "(fun f (n) (if (< n 1) 1 (+ (f (- n 1)) (f (- n 1))))) (f 80)"},
	{"function", "(fun f (n) (while (< n 2000000000) (set n (+ n 1)))) (f 1)"},
	{"opaque", "(fun f (n) (while (< n 2000000000) (set n (+ n 1)))) (opaque f 1)"},
	{"opaques", "(fun f (n) (+ n 1)) (var i 0) (while (< i 100000000) (set i (opaque f i)))"},
	{"tree", "(fun f (n) (if (< n 1) 1 (+ (opaque f (- n 1)) (opaque f (- n 1))))) (f 80)"},
	{"residual", "(fun f () (array 500000 1) nil) (var i 0) (while (< i 10000) (opaque f) (set i (+ i 1)))"},
	{"arrays", "(var i 0) (while (< i 10000) (array 500000 1) (set i (+ i 1)))"},
}

// forever are loops that do not even change anything.
var forever = []Program{
	{"empty", "(while true)"},
	{"inside", "(var i 0) (var j 0) (while (< i 1) (while (< j 1)))"},
}

// Timeout stops endless programs, when their time is up and when somebody wants it.
// They run alone: others would take their time.
func (s *Suite) Timeout(t *testing.T) {
	for _, list := range [][]Program{endless, forever} {
		for _, p := range list {
			t.Run(p.Name, func(t *testing.T) { s.stops(t, p) })
		}
		if t.Failed() {
			return // those that are left could not be stopped either
		}
	}
}

// stops wants p to end soon when it is stopped.
func (s *Suite) stops(t *testing.T, p Program) {
	for _, threshold := range some(s, 2, 2, 0, 1, 100) {
		stopSoon(t, 20*time.Millisecond, func(after time.Duration) error { return p.timeout(after, s.JIT(threshold)) })
	}
	stopSoon(t, 5*time.Millisecond, func(after time.Duration) error { return p.stop(after, s.JIT(2)) })
}

// stopSoon wants stop to need little more than after, and logs how much: on a machine
// that is not busy up to 50 ms. On one that is, others may have the processor, so what
// is required is much less, and of one of several tries. A loop that can't be stopped
// does not do it (see endless).
func stopSoon(t *testing.T, after time.Duration, stop func(after time.Duration) error) {
	t.Helper()
	const soon, tries = time.Second, 3
	late := time.Hour
	for n := 0; n < tries && late > soon; n++ {
		start := time.Now()
		require.NoError(t, stop(after))
		late = time.Since(start) - after
	}
	t.Logf("stopped %v late", late)
	require.LessOrEqual(t, late, soon)
}

// timeout runs p with a timeout, and returns an error if that does not end it.
func (p Program) timeout(after time.Duration, opt guards.Options) error {
	return p.ends(guards.Timeout(after), opt, func(g *guest.Program) error { return g.Run(after) })
}

// stop has another goroutine stop p.
func (p Program) stop(after time.Duration, opt guards.Options) error {
	want := errors.New("that's enough")
	return p.ends(want, opt, func(g *guest.Program) error {
		go func() {
			time.Sleep(after)
			g.Stop(want)
		}()
		return g.Run(0)
	})
}

// ends returns an error if p does not end with the error want.
func (p Program) ends(want error, opt guards.Options, run func(*guest.Program) error) error {
	g, err := guest.Load(p.Name, p.Src, heap.Options{Limit: enough}, opt, io.Discard)
	if err != nil {
		return err
	}
	got := run(g)
	if got == nil || got.Error() != want.Error() {
		err = fmt.Errorf("the program ended with %v, expected %v", got, want)
	}
	return errors.Join(err, g.Close())
}

// Depth wants the same error at the same call, however the calls that are active
// came to be: interpreted, inlined in a trace, opaque in a trace, called by those.
// The first iteration calls nothing, so that deep in the stack it is the trace that
// calls first.
func (s *Suite) Depth(t *testing.T) {
	t.Parallel()
	const callees = 6 // active at once in the loop: a b c d e g
	const last = tiny.MaxDepth - callees - 1
	first, end := last-callees, last+callees+2
	if s.light() {
		first, end = last, last+2
	}
	for _, call := range []string{"f", "opaque f"} {
		for n := first; n < end; n++ {
			p := Program{"depth", fmt.Sprintf(`
(fun a (i) (b i)) (fun b (i) (c i)) (fun c (i) (opaque d i))
(fun d (i) (e i)) (fun e (i) (g i)) (fun g (i) (+ i 1))
(fun f (n)
  (if (> n 0) (return (%s (- n 1))))
  (var i 0)
  (while (< i 20) (set i (if (> i 0) (a i) 1)))
  i)
(print (f 3))
(print (f %d))`, call, n)}
			want := s.interpret(t, p)
			require.Equal(t, n > last, want.Err != "", want.Err)
			for _, threshold := range some(s, 2, 2, 15, 1, 5) {
				got, _ := p.Run(t, Setup{Opt: s.JIT(threshold)})
				require.Equal(t, want, got, "%s %d, threshold %d", call, n, threshold)
			}
		}
	}
}
