package bridges_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	bridgessolution "metatrace/solutions/06-bridges"
)

type (
	countFunc   = func(x *bridges.Exit) bool
	backoffFunc = func(aborts, wait int) int
)

func TestExercise6_1_Count(t *testing.T) {
	t.Parallel()
	exercise.Run(t, ex("6.1"), bridges.Yours.Count, bridgessolution.Count, checkCount,
		exercise.Wrong[countFunc]("counts-up-only", func(x *bridges.Exit) bool { x.Failures++; return x.Failures >= int64(x.Left) }),
		exercise.Wrong[countFunc]("forgets-the-statistics", func(x *bridges.Exit) bool { x.Left--; return x.Left <= 0 }),
		exercise.Wrong[countFunc]("one-too-late", func(x *bridges.Exit) bool { x.Failures++; x.Left--; return x.Left < 0 }),
		exercise.Wrong[countFunc]("looks-before-it-counts", func(x *bridges.Exit) bool {
			hot := x.Left <= 0
			x.Failures++
			x.Left--
			return hot
		}),
		exercise.Wrong[countFunc]("once-only", func(x *bridges.Exit) bool { x.Failures++; x.Left--; return x.Left == 0 }),
		exercise.Wrong[countFunc]("stops-at-nothing", func(x *bridges.Exit) bool {
			x.Failures++
			x.Left = max(0, x.Left-1)
			return x.Left == 0
		}),
		exercise.Wrong[countFunc]("counts-cold-ones-only", func(x *bridges.Exit) bool {
			if x.Left--; x.Left <= 0 {
				return true
			}
			x.Failures++
			return false
		}),
		exercise.Wrong[countFunc]("gives-bridges-to-all", func(x *bridges.Exit) bool { x.Failures++; x.Left--; return true }),
	)
}

func checkCount(t exercise.TB, f countFunc) {
	const rule = "Failures goes up by one and Left down by one, whatever they are; it is time for a bridge if Left is 0 then, or less"
	type state struct {
		Failures int64
		Left     int
		Time     bool
	}
	for _, from := range []state{
		{0, 200, false}, {199, 1, true}, {7, 2, false}, {0, 1, true}, {5, 0, true}, {5, -3, true},
		{1000, 400, false}, {0, guards.Never, false},
	} {
		x := &bridges.Exit{Failures: from.Failures, Left: from.Left}
		got := state{Time: f(x)}
		got.Failures, got.Left = x.Failures, x.Left
		want := state{from.Failures + 1, from.Left - 1, from.Left <= 1}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("rule: %s\nCount of an exit with Failures %d and Left %d (- want, + got):\n%s", rule, from.Failures, from.Left, diff)
		}
	}
	x := &bridges.Exit{Left: 200}
	for n := 1; n <= 200; n++ {
		if got := f(x); got != (n == 200) {
			t.Fatalf("rule: %s\nan exit with Left 200: failure number %d gives %v, want %v", rule, n, got, n == 200)
		}
	}
	checkEngine(t, with(func(k *bridges.Kit) { k.Count = f }))
}

func TestExercise6_2_Backoff(t *testing.T) {
	t.Parallel()
	solution := bridgessolution.Backoff
	exercise.Run(t, ex("6.2"), bridges.Yours.Backoff, solution, checkBackoff,
		exercise.Wrong[backoffFunc]("as-long-as-before", func(aborts, wait int) int { return solution(aborts-1, wait) }),
		exercise.Wrong[backoffFunc]("never-longer", func(aborts, wait int) int { return solution(1, wait) }),
		exercise.Wrong[backoffFunc]("grows-by-the-same", func(aborts, wait int) int {
			return min(wait*(aborts+1), bridges.MaxBackoff)
		}),
		exercise.Wrong[backoffFunc]("no-limit", func(aborts, wait int) int { return wait << min(aborts, 30) }),
		exercise.Wrong[backoffFunc]("limit-comes-too-late", func(aborts, wait int) int {
			return min(wait<<aborts, bridges.MaxBackoff)
		}),
		exercise.Wrong[backoffFunc]("limits-only-what-overflows", func(aborts, wait int) int {
			if wait<<aborts>>aborts != wait {
				return bridges.MaxBackoff
			}
			return wait << aborts
		}),
		exercise.Wrong[backoffFunc]("a-long-wait-stays", func(aborts, wait int) int {
			for range aborts {
				if wait > bridges.MaxBackoff/2 {
					return max(wait, bridges.MaxBackoff)
				}
				wait *= 2
			}
			return wait
		}),
		exercise.Wrong[backoffFunc]("never-gets-to-the-limit", func(aborts, wait int) int {
			for range aborts {
				if 2*wait > bridges.MaxBackoff {
					return wait
				}
				wait *= 2
			}
			return wait
		}),
	)
}

func checkBackoff(t exercise.TB, f backoffFunc) {
	const rule = "wait is doubled once for each abort, and is never more than MaxBackoff"
	check := func(aborts, wait, want int) {
		t.Helper()
		got := 0
		exercise.ComesBack(t, func() string { return fmt.Sprintf("Backoff(%d, %d)", aborts, wait) }, func() { got = f(aborts, wait) })
		if got != want {
			t.Fatalf("rule: %s (%d)\nBackoff(%d, %d) is %d, want %d", rule, bridges.MaxBackoff, aborts, wait, got, want)
		}
	}
	const most = bridges.MaxBackoff
	for _, c := range [][3]int{
		{1, 200, 400}, {2, 200, 800}, {3, 200, 1600}, {1, 1, 2}, {5, 1039, 33248}, {1, most / 2, most}, {1, most/2 + 1, most},
		{24, 1, most}, {25, 1, most}, {23, 1, most / 2}, {1, most, most}, {1, 2 * most, most}, {30, 200, most},
		{62, 3, most}, {63, 1, most}, {64, 200, most}, {1000, 7, most}, {1, guards.Never, most}, {3, math.MaxInt, most},
	} {
		check(c[0], c[1], c[2])
	}
	r := rand.New(rand.NewPCG(6, 2))
	for range 2000 {
		aborts, wait := 1+r.IntN(100), 1+r.IntN(1<<r.IntN(30))
		want := float64(most)
		if f := math.Ldexp(float64(wait), aborts); f < want {
			want = f
		}
		check(aborts, wait, int(want))
	}
}
