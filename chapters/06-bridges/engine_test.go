package bridges_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// brief shows an event in a line, without what varies.
func brief(e bridges.Event) string {
	from := func(f *bridges.From) string {
		if f == nil {
			return ""
		}
		return fmt.Sprintf(", from guard %d of %d", f.Guard, f.Fragment)
	}
	switch e := e.(type) {
	case bridges.Started:
		return "started at " + e.Where + from(e.From)
	case bridges.Aborted:
		return fmt.Sprintf("aborted at %s%s: %s, retry after %d", e.Where, from(e.From), e.Why, e.Retry)
	case bridges.Blacklisted:
		return fmt.Sprintf("blacklisted %s%s after %d: %s, retry after %d", e.Where, from(e.From), e.Aborts, e.Why, e.Retry)
	case bridges.Compiled:
		return fmt.Sprintf("compiled %d, a %s of header %d%s, goes to %s", e.Fragment, e.Kind, e.Header, from(e.From), e.Goes)
	case bridges.Attached:
		value := ""
		if e.Value != nil {
			value = fmt.Sprintf(" for %d", *e.Value)
		}
		return fmt.Sprintf("attached %d%s%s", e.Fragment, value, from(&e.From))
	case bridges.Freed:
		return fmt.Sprintf("freed header %d: %s", e.Header, e.Why)
	case bridges.Limited:
		return fmt.Sprintf("limited: %s %d", e.Limit, e.Value)
	}
	return e.Name()
}

// briefs shows events, those at the end left out that say that it is over.
func briefs(events []bridges.Event) (list []string) {
	for _, e := range events {
		if f, ok := e.(bridges.Freed); !ok || f.Why != "the program is over" {
			list = append(list, brief(e))
		}
	}
	return list
}

// only returns the briefs of events of a type.
func only[E bridges.Event](r engineResult) (list []string) {
	for _, e := range seen[E](r) {
		list = append(list, brief(e))
	}
	return list
}

// checked runs a program, and requires that it prints what the interpreter does.
func (r engineRun) checked(t *testing.T, source string) engineResult {
	t.Helper()
	result := r.run(t, source)
	require.Equal(t, interpreted(t, source), result.out)
	return result
}

const branchy = `
(var i 0)
(var s 0)
(while (< i 300)
  (if (= (& i 3) 0) (set s (+ s i)) (set s (- s 1)))
  (set i (+ i 1)))
(print s)`

// The order of events tells how an engine works.
func TestEventsOfABranch(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.checked(t, branchy)
	require.Equal(t, []string{
		"started at t.tiny:4",
		"compiled 1, a body of header 1, goes to its label",
		"compiled 1, a loop of header 1, goes to loop1.body",
		"started at t.tiny:5, from guard 6 of 1",
		"compiled 2, a bridge of header 1, from guard 6 of 1, goes to loop1.body",
		"attached 2, from guard 6 of 1",
	}, briefs(r.events))
	require.Equal(t, 1, r.stats.Loops)
	require.Equal(t, 1, r.stats.Bridges)
	for _, what := range []string{"# trace 1: loop at t.tiny:4", "# trace 2: bridge at t.tiny:5, from guard 6 of trace 1"} {
		require.Contains(t, r.log, what)
	}
	failures := seen[bridges.Attached](r)[0].From.Failures
	require.EqualValues(t, 2, failures)
}

const inner = `
(var i 0)
(var s 0)
(while (< i 100)
  (var k 0)
  (while (< k 5) (set s (+ s (* i k))) (set k (+ k 1)))
  (set i (+ i 1)))
(print s)`

// The inner loop is compiled first. The bridge at its end finds no code of the outer
// loop, and stops there, until there is some.
func TestNestedLoopsAreLinked(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.checked(t, inner)
	require.Equal(t, []string{
		"started at t.tiny:6",
		"compiled 1, a body of header 1, goes to its label",
		"compiled 1, a loop of header 1, goes to loop1.body",
		"started at t.tiny:6, from guard 6 of 1",
		"compiled 2, a bridge of header 1, from guard 6 of 1, goes to the interpreter",
		"attached 2, from guard 6 of 1",
		"started at t.tiny:4",
		"compiled 3, a version of header 1, goes to loop1.body",
		"compiled 4, a loop of header 2, goes to loop1.2",
		"compiled 5, a version of header 1, goes to loop1.body",
		"compiled 6, a version of header 2, goes to loop1.3",
		"compiled 7, a bridge of header 1, from guard 1 of 2, goes to loop2.2",
		"attached 7, from guard 1 of 2",
	}, briefs(r.events))
	last := seen[bridges.Attached](r)[1]
	require.Equal(t, "guard_always_fails()", last.From.Text)
	require.Less(t, r.stats.Entries, int64(10), "from one loop to the other without the interpreter")
}

// One guard_value has a bridge for each value.
func TestBridgesByValue(t *testing.T) {
	t.Parallel()
	promoted := engineChecks[len(engineChecks)-1].source
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.checked(t, promoted)
	var values []int64
	for _, a := range seen[bridges.Attached](r) {
		if a.Value != nil && strings.HasPrefix(a.From.Text, "guard_value") {
			values = append(values, *a.Value)
		}
	}
	slices.Sort(values)
	require.Len(t, slices.Compact(values), 3, "of four values, the loop itself has one")
	require.Less(t, r.stats.Entries, int64(20))
}

func TestEnteredAndLeft(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, often: true, limits: bridges.Limits{Eagerness: 20}}.checked(t, branchy)
	entered, left := seen[bridges.Entered](r), seen[bridges.Left](r)
	require.EqualValues(t, r.stats.Entries, len(entered))
	require.EqualValues(t, r.stats.GuardFailures, len(left))
	require.Len(t, left, len(entered))
	require.Greater(t, len(left), 20)
	inside := false
	for _, e := range r.events { // no run inside another here
		switch e.(type) {
		case bridges.Entered:
			require.False(t, inside)
			inside = true
		case bridges.Left:
			require.True(t, inside)
			inside = false
		}
	}
	require.EqualValues(t, 1, left[0].From.Failures)
	quiet := engineRun{threshold: 3}.checked(t, branchy)
	require.Empty(t, seen[bridges.Entered](quiet), "nobody asked")
}

const (
	redefines = `
(fun one (x) (+ x 1))
(fun two (x) (+ x 2))
(var i 0)
(var s 0)
(while (< i 40)
  (set s (one s))
  (if (= i 20) (redefine one two))
  (set i (+ i 1)))
(print s)`
	// The loop is suspended in the call that changes what it relies on.
	redefinesInside = `
(fun one (x) (+ x 1))
(fun two (x) (+ x 2))
(fun change (i) (if (= i 20) (redefine one two) (if (= i 30) (redefine one one))))
(var i 0)
(var s 0)
(while (< i 40)
  (opaque change i)
  (set s (one s))
  (set i (+ i 1)))
(print s)`
)

func TestRedefinedFunctions(t *testing.T) {
	t.Parallel()
	for name, source := range map[string]string{"between": redefines, "inside": redefinesInside} {
		for _, native := range natives() {
			t.Run(fmt.Sprintf("%s/native=%v", name, native), func(t *testing.T) {
				r := engineRun{threshold: 3, native: native}.checked(t, source)
				freed := only[bridges.Freed](r)
				require.Equal(t, "freed header 1: one was redefined", freed[0])
				require.Equal(t, strings.Count(strings.Join(freed, "\n"), "redefined"), r.stats.Invalidated)
				require.Equal(t, 1+r.stats.Invalidated, r.stats.Loops, "compiled anew each time")
			})
		}
	}
}

// natives says which executors there are.
func natives() []bool {
	if course.NativeAvailable() != nil {
		return []bool{false}
	}
	return []bool{false, true}
}

// An opaque call of a function with a hot loop runs inside of the compiled loop that
// calls it, on the same engine.
func TestRunsInsideRuns(t *testing.T) {
	t.Parallel()
	for _, native := range natives() {
		r := engineRun{threshold: 3, native: native, often: true, limits: bridges.Limits{Eagerness: 2}}.checked(t, `
(fun sum (n) (var i 0) (var s 0) (while (< i n) (set s (+ s i)) (set i (+ i 1))) s)
(fun down (n) (if (= n 0) 0 (+ (sum n) (opaque down (- n 1)))))
(var i 0)
(var s 0)
(while (< i 50) (set s (+ s (opaque down 4))) (set i (+ i 1)))
(print s)`)
		deepest, depth := 0, 0
		for _, e := range r.events {
			switch e.(type) {
			case bridges.Entered:
				depth++
			case bridges.Left:
				depth--
			}
			deepest = max(deepest, depth)
		}
		require.Greater(t, deepest, 1)
		require.Zero(t, depth)
	}
}

// Without JIT an engine only interprets.
func TestOff(t *testing.T) {
	t.Parallel()
	var result engineResult
	opt := engineRun{threshold: 2}.options(t, &result)
	opt.JIT = false
	out, stats := execute(t, branchy, heap.Options{}, opt, &strings.Builder{})
	require.Equal(t, interpreted(t, branchy), out)
	require.Empty(t, result.events)
	require.Zero(t, stats.Entries+int64(stats.Loops))
}

// Engines in one process know nothing of each other; and what made one makes the next.
func TestManyEngines(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for _, p := range engineChecks {
		want[p.source] = interpreted(t, p.source)
	}
	var all sync.WaitGroup
	var lock sync.Mutex
	events := map[string][][]string{}
	for n := range 4 {
		all.Add(1)
		go func() {
			defer all.Done()
			for k := range engineChecks {
				p := engineChecks[(k+n)%len(engineChecks)]
				r := engineRun{threshold: 3, native: n%2 == 0 && len(natives()) > 1, limits: bridges.Limits{Eagerness: 2}}.run(t, p.source)
				lock.Lock()
				events[p.what] = append(events[p.what], append(briefs(r.events), r.out, want[p.source]))
				lock.Unlock()
			}
		}()
	}
	all.Wait()
	for what, runs := range events {
		for _, run := range runs {
			require.Equal(t, runs[0], run, what)
			require.Equal(t, run[len(run)-1], run[len(run)-2], what)
		}
	}
}

// One set of Options makes engines one after the other, for different programs.
func TestOptionsAreReusable(t *testing.T) {
	t.Parallel()
	var result engineResult
	opt := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.options(t, &result)
	for range 3 {
		for _, p := range engineChecks {
			result.events = nil
			out, _ := execute(t, p.source, heap.Options{}, opt, &strings.Builder{})
			require.Equal(t, interpreted(t, p.source), out, p.what)
			require.Contains(t, briefs(result.events)[0], "started", "each begins anew")
			freed := seen[bridges.Freed](result)
			require.NotEmpty(t, freed)
			require.LessOrEqual(t, freed[0].Header, len(freed), "headers are numbered from 1 in each")
		}
	}
}
