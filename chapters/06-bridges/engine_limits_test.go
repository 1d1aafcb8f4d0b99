package bridges_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/heap"
)

// Each limit of the engine does what it says, and tells of it.

func TestTraceTooLong(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Ops: 10, Aborts: 3}}.checked(t, branchy)
	require.Equal(t, []string{
		"started at t.tiny:4",
		"aborted at t.tiny:4: trace too long, retry after 6", // twice as many as the threshold
		"started at t.tiny:4",
		"aborted at t.tiny:4: trace too long, retry after 12",
		"blacklisted t.tiny:4 after 2: trace too long, retry after 12",
		"started at t.tiny:4",
		"aborted at t.tiny:4: trace too long, retry after 0",
		"blacklisted t.tiny:4 after 3: trace too long, retry after 0",
	}, briefs(r.events))
	require.Equal(t, map[string]int{string(recorder.TooLong): 3}, r.stats.Aborts)
	require.Equal(t, 1, r.stats.Blacklisted)
	require.Contains(t, r.log, "# abort at t.tiny:4: trace too long")
}

// Exits are given up like headers: here the loop is short enough, the bridge is not.
func TestBridgeTooLong(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Ops: 30, Aborts: 3, Eagerness: 2}}.checked(t, `
(var i 0)
(var s 0)
(while (< i 200)
  (if (= (& i 3) 0) (set s (- (* (+ (* (+ s 1) 3) i) 5) (& (* i 77) 1023) s s s s)))
  (set i (+ i 1)))
(print s)`)
	var exits []string
	for _, e := range r.events {
		if text := brief(e); strings.Contains(text, "from guard") {
			_, text, _ = strings.Cut(text, "t.tiny:5, ")
			exits = append(exits, text)
		}
	}
	require.Equal(t, []string{
		"from guard 4 of 1",
		"from guard 4 of 1: trace too long, retry after 4",
		"from guard 4 of 1",
		"from guard 4 of 1: trace too long, retry after 8",
		"from guard 4 of 1 after 2: trace too long, retry after 8",
		"from guard 4 of 1",
		"from guard 4 of 1: trace too long, retry after 0",
		"from guard 4 of 1 after 3: trace too long, retry after 0",
	}, exits)
	aborted := seen[bridges.Aborted](r)
	require.Equal(t, []int64{2, 6, 14}, []int64{aborted[0].From.Failures, aborted[1].From.Failures, aborted[2].From.Failures})
	require.Zero(t, r.stats.Bridges)
}

func TestLimitOfBridges(t *testing.T) {
	t.Parallel()
	source := engineChecks[0].source
	require.Greater(t, engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}.checked(t, source).stats.Bridges, 1)
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Bridges: 1}}.checked(t, source)
	require.Equal(t, 1, r.stats.Bridges)
	require.Equal(t, []string{"limited: bridges 1"}, only[bridges.Limited](r), "it is said once")
}

func TestLimitOfVersions(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Versions: 1}}.checked(t, branchy)
	require.Zero(t, r.stats.Versions)
	require.Equal(t, []string{"limited: versions 1"}, only[bridges.Limited](r))
	require.Equal(t, "loop1", compiledBridges(r)[0].Goes, "to the version that takes all")
}

func compiledBridges(r engineResult) (list []bridges.Compiled) {
	for _, c := range seen[bridges.Compiled](r) {
		if c.Kind == bridges.KindBridge {
			list = append(list, c)
		}
	}
	return list
}

func TestLimitOfCases(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Cases: 2}}.checked(t, engineChecks[4].source)
	byValue := 0
	for _, a := range seen[bridges.Attached](r) {
		if a.Value != nil {
			byValue++
		}
	}
	require.Equal(t, 2, byValue)
	require.Equal(t, []string{"limited: cases 2"}, only[bridges.Limited](r))
}

func TestEagerness(t *testing.T) {
	t.Parallel()
	for _, n := range []int{1, 2, 17} {
		r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: n}}.checked(t, branchy)
		require.EqualValues(t, n, seen[bridges.Attached](r)[0].From.Failures)
	}
	require.Zero(t, engineRun{threshold: 3, limits: bridges.Limits{Eagerness: -1}}.checked(t, branchy).stats.Bridges)
}

const calls = `
(fun add (a b) (+ a b))
(fun twice (a) (add a a))
(fun fib (n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))
(var i 0)
(var s 0)
(while (< i 60) (set s (+ s (twice (fib (& i 7))))) (set i (+ i 1)))
(print s)`

func TestFunctionEntries(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 1000, limits: bridges.Limits{Function: 20}}.checked(t, calls)
	require.Contains(t, strings.Join(only[bridges.Compiled](r), "\n"), "a function of header 1")
	require.NotZero(t, r.stats.Functions)
	require.Zero(t, engineRun{threshold: 1000, limits: bridges.Limits{Function: -1}}.checked(t, calls).stats.Functions)
}

func TestLimitsOfInlining(t *testing.T) {
	t.Parallel()
	deepest := func(l bridges.Limits) (n int) {
		l.Eagerness, l.Function = 2, 10
		for _, c := range seen[bridges.Compiled](engineRun{threshold: 5, limits: l}.checked(t, calls)) {
			n = max(n, c.Inlined)
		}
		return n
	}
	require.Equal(t, 2, deepest(bridges.Limits{Inline: 2}))
	require.Greater(t, deepest(bridges.Limits{Recursion: 5}), deepest(bridges.Limits{Recursion: 1}))
}

// manyLoops has n functions, each with a loop; they are called in turn.
func manyLoops(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "(fun f%d (n) (var i 0) (while (< i n) (set i (+ i %d))) i)\n", i, i+1)
	}
	for range 2 {
		for i := range n {
			fmt.Fprintf(&b, "(print (f%d %d))\n", i, 20*(i+1))
		}
	}
	return b.String()
}

func TestAgeing(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 3, limits: bridges.Limits{Age: 2}}.checked(t, manyLoops(5))
	freed := briefs(r.events)
	require.Contains(t, freed, "freed header 1: not run any more")
	require.Equal(t, 10, r.stats.Loops, "each is compiled again when it comes back")
	require.Equal(t, 7, r.stats.Freed)
	old := engineRun{threshold: 3}.checked(t, manyLoops(5))
	require.Equal(t, 5, old.stats.Loops)
	// What is run again and again stays, and so does what it leads to.
	require.Empty(t, compiledTwice(engineRun{threshold: 3, limits: bridges.Limits{Age: 1, Eagerness: 2}}.checked(t, inner)))
}

// compiledTwice returns the places whose loops were compiled more than once.
func compiledTwice(r engineResult) (list []string) {
	loops := map[string]bool{}
	for _, c := range seen[bridges.Compiled](r) {
		if c.Kind != bridges.KindLoop {
			continue
		}
		if loops[c.Where] {
			list = append(list, c.Where)
		}
		loops[c.Where] = true
	}
	return list
}

func TestCodeMemoryIsFull(t *testing.T) {
	t.Parallel()
	if len(natives()) < 2 {
		t.Skip("no machine code here")
	}
	r := engineRun{threshold: 3, native: true, codeLimit: 16 << 10}.checked(t, manyLoops(80))
	var freed []int
	for _, f := range seen[bridges.Freed](r) {
		if f.Why == "code memory is full" {
			freed = append(freed, f.Header)
		}
	}
	require.NotEmpty(t, freed)
	require.IsIncreasing(t, freed[:10], "the oldest first")
	require.Empty(t, r.stats.Aborts, "there was always room in the end")
	require.Greater(t, r.stats.Loops, 80, "those that had to go came back")
}

// What is visited now and then is not hot: the collector's runs are the clock.
func TestDecay(t *testing.T) {
	t.Parallel()
	// now has 80 visits, then 30 more. In between, later gets hot when much has been
	// allocated.
	const source = `
(fun now (n) (var i 0) (while (< i n) (set i (+ i 1))) i)
(fun later (n) (var i 0) (while (< i n) (array 300) (set i (+ i 1))) i)
(print (now 80) (later 150) (now 30))`
	for _, c := range []struct {
		limit int64
		want  []string
	}{
		{16 << 20, []string{"t.tiny:3 in later", "t.tiny:2 in now"}},
		{128 << 10, []string{"t.tiny:3 in later"}},
	} {
		r := engineRun{threshold: 100, mem: heap.Options{Limit: c.limit}}.checked(t, source)
		var loops []string
		for _, e := range seen[bridges.Compiled](r) {
			if e.Kind == bridges.KindLoop {
				loops = append(loops, e.Where)
			}
		}
		require.Equal(t, c.want, loops, "%d collections", r.stats.HeapCollections)
	}
}

// Waits are doubled up to a limit, also for headers whose recordings fail for ever.
func TestWaitsGrow(t *testing.T) {
	t.Parallel()
	r := engineRun{threshold: 2, limits: bridges.Limits{Ops: 10, Aborts: -1}}.checked(t, strings.Replace(branchy, "300", "3000", 1))
	var waits []int
	for _, a := range seen[bridges.Aborted](r) {
		waits = append(waits, a.Retry)
	}
	require.Equal(t, []int{4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048}, waits)
}

// Where guards are forced to fail in the midst of anything, the program stays what it is.
func TestForcedFailures(t *testing.T) {
	t.Parallel()
	for _, p := range engineChecks {
		for every := 3; every < 40; every += 12 {
			run := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2}}
			n := 0
			run.forceFail = func(*ir.Op) bool { n++; return n%every == 0 }
			run.checked(t, p.source)
		}
	}
}

// Code that is left after a few operations each time is slower than the interpreter. So
// that executes the next visits, and each time more of them.
func TestEntriesThatDoNotPay(t *testing.T) {
	t.Parallel()
	run := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: -1, Window: 10}}
	// The loop is so big that its rounds are counted.
	source := strings.NewReplacer("300", "5000", "(& i 3)", "(& i 1)", "(set i (+ i 1))",
		"(set s (& (^ (+ (& s 65535) (& i 7)) (* 3 (& i 3))) (+ (& s 1023) (& i 15)))) (set i (+ i 1))").Replace(branchy)
	r := run.checked(t, source)
	paused := seen[bridges.Paused](r)
	require.Greater(t, len(paused), 2)
	for i, p := range paused {
		require.Equal(t, []int{10, 2}[min(i, 1)], p.Entries)
		require.Equal(t, paused[0].Retry<<i, p.Retry)
	}
	require.Equal(t, len(paused), r.stats.Paused)
	run.limits.Window = -1
	always := run.checked(t, source)
	require.Empty(t, seen[bridges.Paused](always))
	require.Greater(t, always.stats.Entries, 10*r.stats.Entries)
	// With a bridge for the other way, the loop is not left any more.
	require.Empty(t, seen[bridges.Paused](engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Window: 10}}.checked(t, source)))
}

// TestLimitOfCheapBridges runs a program with hundreds of paths: the more bridges there are,
// the more failures another one takes.
func TestLimitOfCheapBridges(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../02-guards/testdata/optional.tiny")
	require.NoError(t, err)
	few := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Cheap: 2, Window: -1}}.checked(t, string(source))
	all := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: 2, Cheap: -1, Window: -1}}.checked(t, string(source))
	require.Less(t, 2*few.stats.Bridges, all.stats.Bridges)
	for _, a := range seen[bridges.Attached](all) {
		require.EqualValues(t, 2, a.From.Failures, "%+v", a)
	}
	last := seen[bridges.Attached](few)
	require.Greater(t, last[len(last)-1].From.Failures, int64(20))
}

// Loops that do not fit all at once do not push each other out round after round.
func TestCodeMemoryIsFullForLong(t *testing.T) {
	t.Parallel()
	if len(natives()) < 2 {
		t.Skip("no machine code here")
	}
	const loops, rounds = 40, 60
	var source strings.Builder
	for n := range loops {
		fmt.Fprintf(&source, "(fun f%d (n) (var i 0) (while (< i 20) (set n (& (+ n (* i %d)) 65535)) (set i (+ i 1))) n)\n", n, n)
	}
	fmt.Fprintf(&source, "(var k 0) (var s 0) (while (< k %d)\n", rounds)
	for n := range loops {
		fmt.Fprintf(&source, "(set s (f%d s))\n", n)
	}
	source.WriteString("(set k (+ k 1))) (print s)")
	r := engineRun{threshold: 3, native: true, codeLimit: 16 << 10}.checked(t, source.String())
	require.Greater(t, r.stats.Freed, loops)
	require.Less(t, r.stats.Freed, loops*10) // each waits twice as long each time
}

// TestSmallLoopThatDoesNotPay has an exit without a bridge in a loop that is too small for
// its rounds to be counted: it is compiled once more, with them counted.
func TestSmallLoopThatDoesNotPay(t *testing.T) {
	t.Parallel()
	source := strings.NewReplacer("300", "5000", "(& i 3)", "(& i 1)").Replace(branchy)
	r := engineRun{threshold: 3, limits: bridges.Limits{Eagerness: -1, Window: 10}}.checked(t, source)
	freed := seen[bridges.Freed](r)
	require.NotEmpty(t, freed)
	require.Equal(t, "to count its rounds", freed[0].Why)
	require.NotEmpty(t, seen[bridges.Paused](r))
}
