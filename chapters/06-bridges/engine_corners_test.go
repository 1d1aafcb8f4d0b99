package bridges_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/05-backend/native"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// Code that is freed while a run is suspended in it must not go on with what it takes for
// constant. Here the outer loop is, whose code goes with that of the inner loop, where it
// leads to; and the order in which the two are told is any.
func TestRedefinedWhereFreed(t *testing.T) {
	t.Parallel()
	const source = `
(fun one (x) (+ x 1))
(fun two (x) (+ x 2))
(fun change (i) (if (= (& i 31) 20) (redefine one two) (if (= (& i 31) 30) (redefine one one))))
(var i 0)
(var s 0)
(while (< i 300)
  (opaque change i)
  (set s (one s))
  (var k 0)
  (while (< k 5) (set s (one s)) (set k (+ k 1)))
  (set i (+ i 1)))
(print s)`
	for _, native := range natives() {
		for range 5 {
			engineRun{threshold: 3, native: native, limits: bridges.Limits{Eagerness: 2}}.checked(t, source)
		}
	}
}

// The code of the loop is old when the opaque call redefines what it relies on: loops in
// the call have made it so.
func TestRedefinedWhereAged(t *testing.T) {
	t.Parallel()
	source := `
(fun one (x) (+ x 1))
(fun two (x) (+ x 2))
(fun many (i) (if (= i 20) (do (all) (redefine one two)) (if (= i 30) (redefine one one))))
(fun all () `
	var loops strings.Builder
	for i := range 8 {
		fmt.Fprintf(&loops, "(fun f%d (n) (var i 0) (while (< i n) (set i (+ i 1))) i)\n", i)
		source += fmt.Sprintf("(f%d 20) ", i)
	}
	source += ")\n" + loops.String() + `
(var i 0)
(var s 0)
(while (< i 40)
  (opaque many i)
  (set s (one s))
  (set i (+ i 1)))
(print s)`
	for _, native := range natives() {
		engineRun{threshold: 3, native: native, limits: bridges.Limits{Age: 2}}.checked(t, source)
	}
}

// The code that chooses among bridges by value is made anew when one of them goes, and
// there may be no byte of memory for it: that is why the bridge goes.
func TestCaseGoesWhereMemoryIsFull(t *testing.T) {
	t.Parallel()
	if len(natives()) < 2 {
		t.Skip("no machine code here")
	}
	source := "(fun work (n) (var i 0) (var k 0) (var s 0) (while (< i n) (var op (promote (& i 7)))\n"
	for k := range 8 {
		source += fmt.Sprintf("(if (= op %[1]d) (do (set k 0) (while (< k 9) (set s (+ s %[1]d)) (set k (+ k 1)))))\n", k)
	}
	source += "(set i (+ i 1))) s)\n(print (work 200))" + manyLoops(3)

	var result engineResult
	var memory *native.Memory
	kits := course.Solved()
	opt := engineRun{threshold: 3, native: true, limits: bridges.Limits{Eagerness: 2}}.options(t, &result)
	opt.Executor = kits.Backend.NativeIn(func() (m *native.Memory, err error) {
		memory, err = native.New(256 << 10)
		return memory, err
	})
	filled := false
	opt = kits.Bridged(opt, bridges.Options{Limits: bridges.Limits{Eagerness: 2},
		Listen: func(e bridges.Event) {
			result.events = append(result.events, e)
			if s, ok := e.(bridges.Started); ok && !filled && strings.HasSuffix(s.Where, "in f0") {
				for filled = true; ; {
					if _, err := memory.Alloc(1); err != nil {
						break
					}
				}
			}
		}})
	out, _ := execute(t, source, heap.Options{}, opt, &strings.Builder{})
	require.Equal(t, interpreted(t, source), out)
	require.True(t, filled)
	require.Contains(t, strings.Join(only[bridges.Attached](result), "\n"), " for 6")
	require.Equal(t, "freed header 1: code memory is full", only[bridges.Freed](result)[0])
}

// While a run is suspended, freeing code gives no memory back: it would cost all there is
// and be in vain.
func TestFullWhileRunning(t *testing.T) {
	t.Parallel()
	if len(natives()) < 2 {
		t.Skip("no machine code here")
	}
	source := "(fun all (i) (if (< i 5) 0 (do "
	var functions strings.Builder
	for k := range 80 {
		fmt.Fprintf(&functions, "(fun f%d (n) (var i 0) (while (< i n) (set i (+ i 1))) i)\n", k)
		source += fmt.Sprintf("(f%d 20) ", k)
	}
	source += ")))\n" + functions.String() + "(var i 0)\n(while (< i 60) (opaque all i) (set i (+ i 1)))\n(print i)\n(f79 50)"
	r := engineRun{threshold: 3, native: true, codeLimit: 16 << 10}.checked(t, source)
	for _, f := range seen[bridges.Freed](r) {
		require.Equal(t, "the program is over", f.Why)
	}
	require.NotEmpty(t, seen[bridges.Aborted](r))
}

// A recording of a function calls it, and those calls get to its entry as well.
func TestRecordingsAreNotNested(t *testing.T) {
	t.Parallel()
	for _, native := range natives() {
		r := engineRun{threshold: 3, native: native, limits: bridges.Limits{Function: 50, Eagerness: 2}}.checked(t, `
(fun down (n) (if (= n 0) 0 (+ 1 (down (- n 1)))))
(var i 0)
(while (< i 3) (print (down 9000)) (set i (+ i 1)))
(print (down 11000))`)
		require.Less(t, r.stats.Aborts[string(bridges.Enough)], 200)
	}
}

// A loop whose trace is left at each call, since the function has no code, does not pay.
func TestRefusedCallsDoNotPay(t *testing.T) {
	t.Parallel()
	for _, native := range natives() {
		r := engineRun{threshold: 3, native: native, limits: bridges.Limits{Function: -1, Window: 10}}.checked(t, `
(fun sum (n) (var i 0) (while (< i n) (set i (+ i 1))) i)
(var i 0)
(var s 0)
(while (< i 200)
  (set s (+ (+ (+ s (& i 7)) (* 3 (& i 3))) (^ (& i 15) (+ i 1))))
  (set s (+ (+ (& s 65535) (& i 7)) (* 3 (& i 3))))
  (set s (+ s (sum 50)))
  (set i (+ i 1)))
(print s)`)
		var paused []string
		for _, p := range seen[bridges.Paused](r) {
			paused = append(paused, p.Where)
		}
		require.Contains(t, paused, "t.tiny:5")
		require.NotContains(t, paused, "t.tiny:2 in sum")
	}
}
