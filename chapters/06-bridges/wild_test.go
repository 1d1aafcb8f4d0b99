package bridges_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/chapters/05-backend/native"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// This file runs generated programs on engines with all kinds of settings.

// wild is how an engine is set up.
type wild struct {
	Executor  string
	Threshold int
	Limits    bridges.Limits
	Passes    string
	Boxes     space.Boxes
	Stress    bool
	Code      int // bytes of code memory
	Memory    int64
	Every     int // every so many guards fail although they hold; 0: none
	Verify    bool
}

// wildly returns settings, the same for the same number.
func wildly(seed uint64, executor string) wild {
	random := rand.New(rand.NewPCG(seed, 3))
	// limit returns a number from low to high, or now and then the default.
	limit := func(low, high int) int {
		if random.IntN(6) == 0 {
			return 0
		}
		return low + random.IntN(high-low+1)
	}
	one := func(in int) bool { return random.IntN(in) == 0 }
	w := wild{Executor: executor, Threshold: limit(1, 20), Passes: "all", Boxes: space.Boxes(random.IntN(2)),
		Stress: one(8), Code: 4 << 20, Verify: one(4),
		Limits: bridges.Limits{Eagerness: limit(1, 10), Function: limit(1, 20), Ops: limit(50, 6000), Inline: limit(1, 7),
			Recursion: limit(-1, 5), Bridges: limit(1, 20), Cheap: limit(1, 8), Versions: limit(1, 4), Aborts: limit(1, 6), Cases: limit(1, 16), Age: limit(1, 5),
			Window: limit(1, 50)}}
	if one(8) {
		lists := []string{"none", "guards", "-guards", "fold", "guards,cse", "-fold", "-dce", "virtuals", "-virtuals", "-peel"}
		w.Passes = lists[random.IntN(len(lists))]
	}
	if one(5) {
		w.Code = (16 << 10) << random.IntN(3)
	}
	if one(8) {
		w.Memory = int64(1+random.IntN(4)) * 32 << 10
	}
	if one(5) {
		w.Every = 1 + random.IntN(40)
	}
	if one(4) { // as quick as can be
		w.Threshold, w.Limits.Function, w.Limits.Eagerness = 1+random.IntN(3), 1+random.IntN(3), 1
	}
	return w
}

// wildRun is what can be seen of a run from inside.
type wildRun struct {
	engine *bridges.Engine
	memory *native.Memory
	broken error // what Engine.Check has said
}

// closing looks at an engine before and after it is closed.
type closing struct {
	*bridges.Engine
	run *wildRun
}

func (c closing) Close() error {
	c.run.broken = c.Engine.Check()
	return c.Engine.Close()
}

// emptied is an executor that looks whether all code is gone when it is closed.
type emptied struct {
	guards.Executor
	run *wildRun
}

func (x emptied) Close() error {
	const halt = 64 // the bottom of the stack of calls
	if used := x.run.memory.Used(); used > halt && x.run.broken == nil {
		x.run.broken = fmt.Errorf("%d bytes of code are left", used)
	}
	return x.Executor.Close()
}

// options returns those of w. It notes in run what it sees.
func (w wild) options(t testing.TB, run *wildRun) guards.Options {
	kits := course.Solved()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	if w.Passes != "all" {
		chain, err = chain.Select(w.Passes)
		require.NoError(t, err)
	}
	chain.Verify = w.Verify
	opt, err := kits.Options(w.Executor, chain)
	require.NoError(t, err)
	if w.Executor == course.Native {
		inner := kits.Backend.NativeIn(func() (m *native.Memory, err error) {
			m, err = native.New(w.Code)
			run.memory = m
			return m, err
		})
		opt.Executor = func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
			x, err := inner(h, opt)
			return emptied{x, run}, err
		}
	}
	opt.Threshold, opt.Count = w.Threshold, w.Verify
	if w.Every > 0 {
		opt.ForceFail = guesttest.FailEvery(w.Every)
	}
	opt = kits.Bridged(opt, bridges.Options{Limits: w.Limits})
	inner := opt.Runner
	opt.Runner = func(guest guards.Guest, h *heap.Heap, g guards.Options) (guards.Runner, error) {
		r, err := inner(guest, h, g)
		if err != nil {
			return nil, err
		}
		run.engine = r.(*bridges.Engine)
		return closing{run.engine, run}, nil
	}
	return opt
}

// agrees runs p as w says, and returns what is wrong with that.
func (w wild) agrees(t testing.TB, p guesttest.Program, want guesttest.Outcome) (stats guards.Stats, err error) {
	defer func() {
		if r := recover(); r != nil {
			stack := make([]byte, 8<<10)
			err = fmt.Errorf("panic: %v\n%s", r, stack[:runtime.Stack(stack, false)])
		}
	}()
	var run wildRun
	got, stats := p.Run(t, guesttest.Setup{Opt: w.options(t, &run), Boxes: w.Boxes, Limit: time.Minute,
		Mem: heap.Options{Limit: w.Memory, Stress: w.Stress}})
	switch {
	case w.Memory > 0 && strings.HasSuffix(got.Err, "(-heap sets the limit)"):
	case got != want:
		return stats, fmt.Errorf("want %+v\ngot  %+v", want, got)
	}
	switch {
	case run.broken != nil:
		return stats, run.broken
	case run.engine.Left() > 0:
		return stats, fmt.Errorf("%d headers and exits are left", run.engine.Left())
	case stats.Aborts[string(guards.NotCompiled)] > 0 && w.Code > 1<<20:
		return stats, fmt.Errorf("not compiled: %v", stats.Aborts)
	}
	return stats, nil
}

// checkWild compares all executors with the walk over the program's tree.
func checkWild(t testing.TB, seed uint64, p guesttest.Program, want guesttest.Outcome) (stats guards.Stats, err error) {
	for _, executor := range course.Engines() {
		if executor == course.Off {
			continue
		}
		w := wildly(seed, executor)
		if stats, err = w.agrees(t, p, want); err != nil {
			return stats, fmt.Errorf("seed %d, %+v\n%s\n%w", seed, w, p.Src, err)
		}
	}
	return stats, nil
}

// wildProgram returns the program that data makes, and what it does; false if it takes
// too long.
func wildProgram(seed uint64, data []byte) (p guesttest.Program, want guesttest.Outcome, ended bool) {
	if seed%4 == 0 {
		p = guesttest.Generated(data)
	} else {
		p = hotProgram(data)
	}
	want, ended = hotWalk(p)
	return p, want, ended
}

// FuzzEngine runs generated programs on engines.
func FuzzEngine(f *testing.F) {
	for seed := range uint64(120) {
		random := rand.New(rand.NewPCG(seed, 2))
		f.Add(seed, guesttest.Noise(random, 40+6*int(seed)))
	}
	f.Fuzz(func(t *testing.T, seed uint64, data []byte) {
		if p, want, ended := wildProgram(seed, data); ended {
			_, err := checkWild(t, seed, p, want)
			require.NoError(t, err)
		}
	})
}

// TestEngineForLong does it for as long as METATRACE_LONG says.
func TestEngineForLong(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("METATRACE_LONG"))
	if err != nil {
		t.Skip("METATRACE_LONG names no time")
	}
	seed, err := strconv.ParseUint(os.Getenv("METATRACE_SEED"), 10, 64) // of a run before
	if err != nil {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 7))
	n, slow, wrong, failed := 0, 0, 0, 0
	var sum guards.Stats
	var before process
	for start := time.Now(); time.Since(start) < long && failed < 30; n++ {
		if n == 500 { // all have got what they keep
			before = processNow()
		}
		seed := random.Uint64()
		p, want, ended := wildProgram(seed, guesttest.Noise(random, 20+random.IntN(800)))
		if !ended {
			slow++
			continue
		}
		if want.Err != "" {
			wrong++
		}
		stats, err := checkWild(t, seed, p, want)
		if err != nil {
			failed++
			t.Errorf("program %d: %v", n, err)
		}
		sum.Loops, sum.Bridges, sum.Functions, sum.Versions = sum.Loops+stats.Loops, sum.Bridges+stats.Bridges, sum.Functions+stats.Functions, sum.Versions+stats.Versions
		sum.Freed, sum.Invalidated = sum.Freed+stats.Freed, sum.Invalidated+stats.Invalidated
	}
	t.Logf("%d programs, %d of them too slow, %d end with an error: %d loops, %d bridges, %d functions, %d versions; %d freed, %d invalidated", n,
		slow, wrong, sum.Loops, sum.Bridges, sum.Functions, sum.Versions, sum.Freed, sum.Invalidated)
	assert.Zero(t, failed)
	if after := processNow(); n > 500 {
		t.Logf("then %+v, now %+v", before, after)
		assert.LessOrEqual(t, after.goroutines, before.goroutines+2)
		assert.LessOrEqual(t, after.mappings, before.mappings+16)
		assert.LessOrEqual(t, after.heap, before.heap+1<<20)
	}
}

// process is what this process holds.
type process struct {
	goroutines, mappings int
	heap                 uint64
}

func processNow() process {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what has finalizers goes in the second one
	runtime.ReadMemStats(&stats)
	maps, _ := os.ReadFile("/proc/self/maps")
	return process{runtime.NumGoroutine(), strings.Count(string(maps), "\n"), stats.HeapAlloc}
}
