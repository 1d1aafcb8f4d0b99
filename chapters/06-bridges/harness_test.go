package bridges_test

import (
	"github.com/google/go-cmp/cmp"

	"metatrace/internal/exercise"

	"metatrace/chapters/01-ir/tracetest"
	bridges "metatrace/chapters/06-bridges"
	bridgessolution "metatrace/solutions/06-bridges"
)

// This file says how the exercises of this chapter are checked.

func ex(id string) exercise.Exercise { return exercise.ByID(bridges.Exercises, id) }

// with returns the solution's Kit after edit: a reader's function is tested among
// finished ones, so that one mistake shows in one test.
func with(edit func(*bridges.Kit)) *bridges.Kit {
	kit := bridgessolution.Kit
	edit(&kit)
	return &kit
}

// during calls f. If that panics, it says what was tried, and lets the panic pass.
func during(t exercise.TB, rule, what string, f func()) {
	t.Helper()
	returned := false
	defer func() {
		t.Helper()
		if !returned {
			t.Errorf("rule: %s\n%s panics", rule, what)
		}
	}()
	f()
	returned = true
}

// engineChecks are programs whose guards fail, for checks of the whole engine.
var engineChecks = []struct{ what, source string }{
	{"a branch that goes three ways, each often", `
(var i 0)
(var s 0)
(while (< i 400)
  (if (= (% i 3) 0) (set s (+ s i)) (if (= (% i 3) 1) (set s (- s 1)) (set s (^ s 5))))
  (set i (+ i 1)))
(print s)`},
	{"a loop in a loop, whose length is another each time", `
(var i 0)
(var s 0)
(while (< i 60)
  (var k (% i 7))
  (while (> k 0) (set s (+ s (* i k))) (set k (- k 1)))
  (set i (+ i 1)))
(print s)`},
	{"objects that are virtual where a guard fails", `
(class Point x y)
(fun far (p) (> (+ (. p x) (. p y)) 150))
(var i 0)
(var p (new Point 0 0))
(var last nil)
(while (< i 300)
  (set p (new Point (+ (. p x) 1) (. p y)))
  (if (far p) (do (set last p) (set p (new Point 0 (& i 31)))))
  (set i (+ i 1)))
(print p last)`},
	{"an integer that became a float, and nil instead of numbers", `
(var i 0)
(var s 0)
(var b 1)
(while (< i 200)
  (if (= i 60) (set s 0.5))
  (set b (if (= (& i 7) 7) nil i))
  (if (nil? b) (set s (- s 1)) (set s (+ s b)))
  (set i (+ i 1)))
(print s)`},
	{"a promoted number that decides what is done", `
(fun step (op s) (if (= op 0) (+ s 3) (if (= op 1) (* s 2) (if (= op 2) (- s 7) (& s 65535)))))
(var i 0)
(var s 1)
(while (< i 500)
  (set s (step (promote (& (* i 7) 3)) s))
  (set i (+ i 1)))
(print s)`},
}

// checkEngine runs programs on an engine with this kit, which is the last check of
// several exercises: a rule that it breaks may show nowhere else.
func checkEngine(t exercise.TB, kit *bridges.Kit) {
	t.Helper()
	if t.Failed() {
		return
	}
	made := 0
	for i, p := range engineChecks {
		want := interpreted(t, p.source)
		for _, r := range []engineRun{
			{kit: kit, threshold: 2 + i%2, limits: bridges.Limits{Eagerness: 1}},
			{kit: kit, threshold: 7, limits: bridges.Limits{Eagerness: 3, Versions: 2}},
		} {
			got := r.run(t, p.source)
			made += got.stats.Bridges
			if got.out != want {
				t.Fatalf("rule: what a program prints is the same with and without bridges\n"+
					"this program (%s), loops hot at iteration %d, exits at failure %d:%s\nwhat it printed (- interpreted, + by the engine):\n%s",
					p.what, r.threshold, r.limits.Eagerness, p.source, tracetest.Indent(cmp.Diff(want, got.out)))
			}
		}
	}
	if made < 20 {
		t.Fatalf("rule: an exit that is taken often gets a bridge\nan engine with this function made %d bridges for %d programs, want 20 at least", made, len(engineChecks))
	}
}
