package guesttest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

// corners are programs that once went wrong, or that easily would.
var corners = []struct{ rule, src, out string }{
	{"the stack has room for an array and nothing else", "(print (array 3))", "[nil nil nil]\n"},
	{"locals of an opaque call start as nil, whoever was called before", `
(fun f (x) (var a 1) (var b (array 2)) x)
(fun g (x y) (if x (var a 5)) (if y (var b 6)) (if x nil a))
(var i 0) (var s nil)
(while (< i 20) (set s (opaque g (opaque f nil))) (set i (+ i 1)))
(print s (opaque f 1) (opaque g) (opaque g 1 2))`, "nil 1 nil nil\n"},
	{"a parameter without argument is nil", `
(fun f (x y) y)
(var i 0) (var s 5)
(while (< i 20) (set s (f)) (set i (+ i 1)))
(print s)`, "nil\n"},
	{"a field of an object made in the same loop", `
(class C v)
(var i 0) (var c nil)
(while (< i 20) (set c (new C i)) (set (. c v) (+ (. c v) 1)) (set i (+ i 1)))
(print c)`, "(C v=20)\n"},
	{"two names for one object", `
(class C v)
(var a (new C 0)) (var b a) (var i 0)
(while (< i 20) (set (. a v) (+ (. b v) 1)) (set (. b v) (+ (. a v) 1)) (set i (+ i 1)))
(print a (= a b))`, "(C v=40) 1\n"},
	{"values wait on the stack below a loop", `
(var i 0) (var k 0)
(print (+ 1 (* 2 (do (while (< i 20) (set k (+ k (do (set i (+ i 1)) i)))) k))))`, "421\n"},
	{"an argument changes after it was passed", `
(fun f (n) (set n (+ n 1)) n)
(var i 0) (var s 0)
(while (< i 20) (set s (+ s (* i (f i)))) (set i (+ i 1)))
(print i s)`, "20 2660\n"},
	{"zeros differ in sign", `
(var i 0) (var z 0.0) (var s 0)
(while (< i 20) (set z (- z)) (if (< (/ 1.0 z) 0.0) (set s (+ s 1))) (set i (+ i 1)))
(print s z)`, "10 0.0\n"},
	{"NaN equals nothing", `
(var n (- (/ 1.0 0) (/ 1.0 0))) (var i 0) (var s 0)
(while (< i 20) (if (= n n) (set s (+ s 1))) (if (!= n n) (set s (+ s 100))) (set i (+ i 1)))
(print s)`, "2000\n"},
	{"the smallest integer divided by -1", `
(var m (- -9223372036854775807 1)) (var d -1) (var i 0) (var q nil) (var r nil)
(while (< i 20) (set q (/ m d)) (set r (% m d)) (set i (+ i 1)))
(print q r)`, "9.223372036854776e+18 0\n"},
	{"a call executes what the function is now", `
(fun f (x) (+ x 1)) (fun g (x) (* x 2)) (fun h (x) (f x))
(var i 0) (var s 0) (var o 0)
(while (< i 40)
  (set s (+ s (h i))) (set o (+ o (opaque f i)))
  (if (= i 20) (redefine f g)) (if (= i 30) (redefine f f))
  (set i (+ i 1)))
(print s o)`, "1065 1065\n"},
	{"a function is redefined while it runs, and goes on", `
(fun g (n) (- n)) (fun h (n) (+ n 100))
(fun f (n) (if (< n 1) (redefine f g)) (if (< n -2) (redefine f h)) (+ n 1))
(var i 20) (var s 0)
(while (> i -20) (set s (+ s (f i) (f i))) (redefine f f) (set i (- i 1)))
(print s (opaque f 7))`, "1806 8\n"},
	{"what is redefined is what was declared", `
(fun f () 1) (fun g () 2) (fun h () 3)
(var i 0) (var s 0)
(while (< i 20) (redefine f g) (redefine g h) (set s (+ s (f) (* 10 (g)))) (redefine f f) (set s (+ s (* 100 (f)))) (set i (+ i 1)))
(print s)`, "2640\n"},
	{"a promoted value is the value", `
(class C v)
(fun f (n x) (* x (+ (promote n) 1)))
(var i 0) (var s 0) (var n 4611686018427387904) (var c (new C 1))
(while (< i 60) (set s (+ s (f (/ i 20) i))) (set i (promote (+ i 1))))
(print s (promote n) (= n (promote n)) (promote 1.5) (promote nil) (= c (promote c)))`, "4340 4611686018427387904 1 1.5 nil 1\n"},
}

// Corners runs those.
func (s *Suite) Corners(t *testing.T) {
	for _, c := range corners {
		p := Program{c.rule, c.src}
		for _, stress := range []bool{false, true} {
			for threshold := range 4 {
				for _, boxes := range kinds {
					got, _ := p.Run(t, Setup{Boxes: boxes, Mem: heap.Options{Stress: stress}, Opt: s.JIT(threshold)})
					require.Equal(t, Outcome{Out: c.out}, got, "%s, threshold %d, boxes %d", c.rule, threshold, boxes)
				}
			}
		}
	}
}
