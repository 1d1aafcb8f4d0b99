package guards_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
)

// Programs in which guards of all kinds fail: small enough to be run many times.
var programs = []struct{ what, source string }{
	{"a branch that goes either way", `
(var i 0)
(var s 0)
(while (< i 60)
  (if (= (& i 3) 0) (set s (+ s i)) (set s (- s 1)))
  (set i (+ i 1)))
(print s i)`},
	{"guards that fail inside of calls, with operands on all stacks", `
(fun choose (a b) (if (< a b) (* 2 a) (- a b)))
(fun twice (a b) (+ 1000 (choose a b) (choose b a)))
(var i 0)
(var s 0)
(while (< i 60)
  (set s (+ s (* 3 (twice i (% (* i 7) 11)))))
  (set i (+ i 1)))
(print s)`},
	{"integers that become floats, numbers that become nil", `
(var a 9223372036854775000)
(var b 1)
(var i 0)
(while (< i 60)
  (set a (+ a 20))
  (if (= i 40) (set b 2.5))
  (if (= i 50) (set b nil))
  (if (not (nil? b)) (set b (+ b 1)))
  (set i (+ i 1)))
(print a b)`},
	{"objects, recursion and output", `
(class Node value next)
(fun length (l) (if (nil? l) 0 (+ 1 (length (. l next)))))
(var l nil)
(var i 0)
(while (< i 30)
  (set l (new Node i (if (= (% i 10) 9) nil l)))
  (print i (length l))
  (set i (+ i 1)))`},
	{"a loop that no trace can hold, and one inside that fits", `
(var i 0)
(var s 0)
(while (< i 100)
  (var k 0)
  (while (< k 20) (set s (+ s (* i k))) (set k (+ k 1)))
  (set i (+ i 1)))
(print s)`},
}

// outcome runs a program and returns what can be seen of that.
func outcome(t exercise.TB, source string, opt guards.Options) (seen []string, stats guards.Stats) {
	t.Helper()
	var out strings.Builder
	p, err := guest.Load("program", source, heap.Options{Limit: 16 << 20}, opt, &out)
	if err != nil {
		t.Fatalf("the program can't be read: %v", err)
	}
	defer p.Close()
	err = p.Run(5 * time.Second)
	seen = strings.Split(out.String(), "\n")
	if err != nil {
		seen = append(seen, "error: "+err.Error())
	}
	return seen, p.Stats()
}

// checkPrograms runs programs with kit's functions and without traces, and
// requires that nobody sees a difference.
func checkPrograms(t exercise.TB, kit *guards.Kit) {
	t.Helper()
	for _, p := range programs {
		opt := guards.Options{Kit: kit, Chain: chainFor(t, kit, "all")}
		want, _ := outcome(t, p.source, opt)
		opt.JIT = true
		for _, opt.Threshold = range []int{2, 3, 7} {
			for every := range 4 {
				opt.ForceFail = failEvery(every)
				if got, _ := outcome(t, p.source, opt); !cmp.Equal(want, got) {
					t.Errorf("rule: what a program prints is the same with and without traces\n"+
						"this program (%s), loops hot at iteration %d%s:%s\nwhat it printed (- interpreted, + with traces):\n%s",
						p.what, opt.Threshold, failing(every), p.source, tracetest.Indent(tracetest.Diff(want, got)))
					return
				}
			}
		}
	}
}

// failEvery makes every nth guard fail that a trace comes to; none if n is 0.
func failEvery(n int) func(*ir.Op) bool {
	if n == 0 {
		return nil
	}
	n = 3 + 4*n // not in step with the guards of an iteration
	count := 0
	return func(*ir.Op) bool {
		count++
		return count%n == 0
	}
}

func failing(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", every %dth guard made to fail", 3+4*n)
}
