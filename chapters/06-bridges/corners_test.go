package bridges_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/chapters/02-guards/tiny/space"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
)

// corners are programs that attack the engine where its parts meet.
var corners = []struct{ what, src string }{
	{"virtual objects in several frames of inlined calls, where a guard fails in the innermost", `
(class P x y)
(fun c (p q i) (if (= (& i 7) 3) (set (. p x) (+ (. q y) 1))) (if (= (& i 15) 9) (set (. q y) p)) (+ (. p x) i))
(fun b (p i) (var q (new P i p)) (var r (c p (new P 1 i) i)) (if (= (& i 31) 30) (set r (+ r (. q x)))) (+ r (. (. q y) x)))
(fun a (i) (var p (new P i nil)) (+ (b p i) (. p x)))
(var i 0) (var s 0)
(while (< i 300) (set s (+ s (a i))) (set i (+ i 1)))
(print s)`},
	{"one virtual object in two slots and two frames, and one that is part of itself", `
(class N v next)
(fun same (a b i) (if (= (& i 3) 1) (set (. a v) (+ (. b v) 1))) (if (= a b) (. b v) -1))
(var i 0) (var s 0) (var a (new N 0 nil)) (var b a)
(while (< i 200)
  (set s (+ s (same a b i)))
  (set a (new N (+ i s) nil)) (set (. a next) a) (set b a)
  (if (= (& i 7) 5) (set b (new N i a)))
  (if (!= (. a next) a) (print i))
  (if (= (% i 50) 17) (print (= a b) (. a v) (. (. (. a next) next) v)))
  (set i (+ i 1)))
(print s)`},
	{"stores that wait in an exit, and a bridge that gives the object away", `
(class C v next)
(var g (new C 0 nil)) (var i 0) (var s 0)
(while (< i 200)
  (var o (new C i nil))
  (set (. o next) g)
  (set (. g v) (+ (. g v) 1))
  (if (= (& i 3) 2) (do (set g o) (set (. g v) (+ s 1))))
  (if (= (& i 7) 6) (set (. (. g next) v) 100))
  (set s (& (+ s (. g v) (. o v)) 65535))
  (set i (+ i 1)))
(print s (. g v))`},
	{"slots whose shape is another each round: versions run out", `
(class P x y)
(var i 0) (var v nil) (var w 1) (var s 0)
(while (< i 300)
  (set w v)
  (set v (if (= (% i 7) 0) i (if (= (% i 7) 1) 0.5 (if (= (% i 7) 2) nil (if (= (% i 7) 3) (new P i w) (if (= (% i 7) 4) (array 2 i) (if (= (% i 7) 5) 4611686018427387904 w)))))))
  (if (nil? w) (set s (+ s 1)) (if (= v w) (set s (+ s 10))))
  (set i (+ i 1)))
(print s v w)`},
	{"four loops in one another, left from the innermost", `
(fun f (n) (var i 0) (var j 0) (var k 0) (var l 0) (var s 0)
  (while (< i 6) (set j 0)
    (while (< j 5) (set k 0)
      (while (< k 4) (set l 0)
        (while (< l 3) (set s (+ s (* i j) (* k l)))
          (if (= s n) (return (+ (* 1000 i) (* 100 j) (* 10 k) l)))
          (if (> s 300) (do (set l 3) (set k 4)))
          (set l (+ l 1)))
        (set k (+ k 1)))
      (set j (+ j 1)))
    (set i (+ i 1)))
  s)
(var n 0) (var s 0)
(while (< n 60) (set s (+ s (f n))) (set n (+ n 1)))
(print s)`},
	{"functions with loops that call each other", `
(fun even (n) (var i 0) (while (< i (& n 3)) (set i (+ i 1))) (if (= n 0) i (odd (- n 1))))
(fun odd (n) (var i 0) (while (< i (& n 7)) (set i (+ i 2))) (if (= n 0) (- i) (+ i (even (- n 1)))))
(var i 0) (var s 0)
(while (< i 60) (set s (+ s (even i))) (set i (+ i 1)))
(print s)`},
	{"too deep, from compiled frames", `
(fun f (n) (if (= n 0) 0 (+ 1 (f (- n 1)))))
(print (f 30)) (print (f 300)) (print (f 3000)) (print (f 9990))
(print (f 20000))`},
	{"too deep, by turns", `
(fun f (n) (if (= n 0) 0 (+ 1 (g n (- n 1)))))
(fun g (m n) (if (= (& n 63) 7) (opaque f n) (f n)))
(var i 0) (while (< i 20) (f (* i 10)) (set i (+ i 1)))
(print (f 4000)) (print (f 4990)) (print (f 6000))`},
	{"an error five compiled frames deep", `
(class P x)
(fun e (n p) (if (= (% n 40) 39) (set p nil)) (+ (. p x) n))
(fun d (n p) (print n) (+ 1 (e n p)))
(fun c (n p) (if (< n 0) 0 (+ (if (> (% n 7) 5) (c (- n 5) p) 0) (d n p))))
(fun b (n p) (+ 1 (c n p)))
(fun a (n p) (+ 1 (b n p)))
(var i 0) (var s 0)
(while (< i 100) (set s (+ s (a i (new P s)))) (set i (+ i 1)))
(print s)`},
	{"division by zero at the bottom of a recursion", `
(fun f (n z) (if (= n 0) (/ 100 z) (+ 1 (f (- n 1) z))))
(var z 60)
(while (> z -3) (print (f 12 z)) (set z (- z 1)))`},
	{"an index out of range behind a loop in a callee", `
(fun f (a n) (var i 0) (var s 0) (while (< i n) (set s (+ s (at a i))) (set i (+ i 1))) s)
(var a (array 30 2)) (var n 0)
(while (< n 40) (print (f a n)) (set n (+ n 1)))`},
	{"functions are redefined while frames of them wait", `
(fun g (n) (* n 3))
(fun f (n) (if (= n 0) (do (redefine f g) 1) (+ 1 (f (- n 1)))))
(fun h (n) (if (= (% n 5) 4) (redefine f f)) (f n))
(var i 0) (var s 0)
(while (< i 200) (set s (+ s (h (% i 9)))) (if (= (% i 31) 30) (opaque h 3)) (set i (+ i 1)))
(print s)`},
	{"redefined in the middle of a recursion, by an opaque call in the loop of a callee", `
(fun one (n) 1) (fun two (n) (+ n 2))
(fun flip (n) (if (= (& n 7) 3) (redefine one two)) (if (= (& n 7) 6) (redefine one one)) n)
(fun f (n) (var i 0) (var s 0) (while (< i 5) (set s (+ s (one i))) (opaque flip (+ i n)) (set i (+ i 1))) (if (= n 0) s (+ s (f (- n 1)))))
(var k 0) (var s 0)
(while (< k 40) (set s (+ s (f (% k 6)))) (set k (+ k 1)))
(print s)`},
	{"one promoted number with thirty values", `
(fun pick (n) (+ (* (promote n) 3) 1))
(var i 0) (var s 0)
(while (< i 600) (set s (+ s (pick (% (* i 7) 30)))) (set i (+ i 1)))
(print s)`},
	{"opaque calls that run hot loops, while code runs out", `
(fun f (n) (var i 0) (var s 0) (while (< i n) (set s (+ s (if (= (& i 1) 0) i (opaque g (- n 3))))) (set i (+ i 1))) s)
(fun g (n) (var i 0) (while (< i n) (set i (+ i (if (> n 4) (opaque h n) 1)))) i)
(fun h (n) (var k 0) (while (< k n) (set k (+ k 2))) (if (= (% n 3) 0) (redefine h h2)) (if (= (% n 3) 1) (redefine h h)) 1)
(fun h2 (n) (var k 9) (while (> k n) (set k (- k 1))) 2)
(var i 0) (var s 0)
(while (< i 40) (set s (+ s (f (% i 12)))) (set i (+ i 1)))
(print s)`},
	{"output and its order in all places", `
(fun f (n) (print 1 n) (if (= (& n 1) 0) (print 2 n) (print (* n 0.5))) (if (> n 3) (f (- n 3))) (print 3 n))
(var i 0)
(while (< i 25) (print i) (f i) (if (= (% i 4) 1) (opaque f 2)) (set i (+ i 1)))`},
	{"the program ends in the middle of a trace", `
(fun f (n) (if (< n 1) 0 (+ 1 (f (- n 1)))))
(var i 0) (var j 0)
(while (< i 100) (set j 0)
  (while (< j 10) (if (= (* i j) 72) (do (print i j (f i)) (return))) (set j (+ j 1)))
  (set i (+ i 1)))`},
	{"a trace that returns to a function whose caller was inlined", `
(fun a (n) (var i 0) (while (< i n) (if (= (% (+ i n) 11) 10) (return i)) (set i (+ i 1))) -1)
(fun b (n) (+ 100 (a n)))
(var i 0) (var s 0)
(while (< i 200) (set s (+ s (b (% i 20)))) (set i (+ i 1)))
(print s)`},
}

// TestCorners runs them.
func TestCorners(t *testing.T) {
	settings := []wild{
		{Threshold: 1, Passes: "all", Verify: true, Limits: bridges.Limits{Function: 2, Eagerness: 1, Recursion: -1}},
		{Threshold: 2, Passes: "all", Boxes: space.TaggedBoxes, Limits: bridges.Limits{Function: 2, Eagerness: 1, Recursion: 1, Versions: 2}},
		{Threshold: 3, Passes: "all", Boxes: space.TaggedBoxes, Stress: true, Limits: bridges.Limits{Function: 4, Eagerness: 2, Inline: 2, Bridges: 6}},
		{Threshold: 7, Passes: "all", Code: 16 << 10, Limits: bridges.Limits{Function: 5, Eagerness: 3, Age: 1}},
		{Threshold: 2, Passes: "all", Every: 7, Limits: bridges.Limits{Function: 3, Eagerness: 5}},
	}
	for _, c := range corners {
		p := guesttest.Program{Name: "corner", Src: c.src}
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			want, ended := hotWalk(p)
			require.True(t, ended)
			for _, w := range settings {
				for _, w.Executor = range course.Engines()[1:] {
					if w.Code == 0 {
						w.Code = 4 << 20
					}
					_, err := w.agrees(t, p, want)
					require.NoError(t, err, fmt.Sprintf("%+v", w))
				}
			}
		})
	}
}
