package backend_test

import (
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
	backendsolution "metatrace/solutions/05-backend"
)

// collecting has Go's collector run again and again until the test ends: it stops
// the goroutines that are in machine code, and looks at their stacks.
func collecting(t *testing.T) {
	t.Helper()
	done := make(chan bool)
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	})
	t.Cleanup(func() { close(done); all.Wait() })
}

// TestEverythingAtOnce asks Go at every guard, collects the guest's garbage at every
// allocation, and Go's all the time.
func TestEverythingAtOnce(t *testing.T) {
	s := nativeSuite(t)
	collecting(t)
	stride := 1
	if testing.Short() {
		stride = 4
	}
	for some := range slices.Chunk(s.Programs(t), stride) {
		p := some[0].Small()
		want, _ := p.Run(t, guesttest.Setup{Opt: s.JIT(0)})
		for boxes, fail := range map[space.Boxes]func(*ir.Op) bool{
			space.HeapBoxes:   guesttest.FailEvery(97),
			space.TaggedBoxes: func(*ir.Op) bool { return false },
		} {
			opt := s.JIT(2)
			opt.ForceFail, opt.Count = fail, true
			got, _ := p.Run(t, guesttest.Setup{Boxes: boxes, Mem: heap.Options{Stress: true}, Opt: opt})
			require.Equal(t, want, got, "%s, boxes %d", p.Name, boxes)
		}
	}
}

// TestManyGoroutines has 64 goroutines with a program and an executor each, and Go's
// collector.
func TestManyGoroutines(t *testing.T) {
	s := nativeSuite(t)
	collecting(t)
	programs := s.Programs(t)
	var all sync.WaitGroup
	for i := range 64 {
		p := programs[i%len(programs)].Small()
		want, _ := p.Run(t, guesttest.Setup{Opt: s.JIT(0)})
		all.Go(func() {
			for threshold := range 3 {
				boxes := space.Boxes((i/len(programs) + threshold) % 2)
				got, _ := p.Run(t, guesttest.Setup{Boxes: boxes, Opt: s.JIT(1 + 3*threshold)})
				assert.Equal(t, want, got, "%s, threshold %d, boxes %d", p.Name, 1+3*threshold, boxes)
			}
		})
	}
	all.Wait()
}

// loader is an executor that tells when it gets a trace.
type loader struct {
	guards.Executor
	load func(t *ir.Trace)
}

func (l *loader) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	l.load(t)
	return l.Executor.Load(t, opt)
}

// usage is what this process has taken and not given back.
type usage struct {
	goroutines int
	mappings   int   // of memory; 0 if the system does not say
	heap       int64 // bytes of Go's heap that are in use
}

func used() usage {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // what has finalizers goes in the second one
	runtime.ReadMemStats(&stats)
	maps, _ := os.ReadFile("/proc/self/maps")
	return usage{runtime.NumGoroutine(), strings.Count(string(maps), "\n"), int64(stats.HeapAlloc)}
}

// requireNoGrowth does something often, after a while of getting used to it, and
// wants nothing to be left of it.
func requireNoGrowth(t *testing.T, times int, do func()) {
	t.Helper()
	for range 1 + times/100 {
		do()
	}
	before := used()
	for range times {
		do()
	}
	after := used()
	const slack = 64 << 10 // what runtime and testing do beside
	assert.LessOrEqual(t, after.goroutines, before.goroutines, "goroutines")
	assert.LessOrEqual(t, after.mappings, before.mappings+8, "mappings of memory")
	assert.LessOrEqual(t, after.heap, before.heap+slack, "bytes of Go's heap")
}

// TestCompilingLeavesNothing compiles and frees traces in code memory that has room
// for a few of them.
func TestCompilingLeavesNothing(t *testing.T) {
	s := nativeSuite(t)
	times := 10_000
	if testing.Short() {
		times = 1000
	}
	opt := s.JIT(7)
	loops := 0
	opt.Executor = func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
		x, err := backendsolution.Kit.Native(32<<10)(h, opt)
		return &loader{x, func(trace *ir.Trace) {
			loops++
			requireNoGrowth(t, times, func() {
				p, err := x.Load(trace, guards.LoadOptions{})
				require.NoError(t, err)
				p.Free()
			})
		}}, err
	}
	p := s.Named(t, "list").Small()
	want, _ := p.Run(t, guesttest.Setup{Opt: s.JIT(0)})
	got, _ := p.Run(t, guesttest.Setup{Opt: opt})
	require.Equal(t, want, got)
	require.Positive(t, loops)
}

// TestRunningLeavesNothing makes executors, runs traces and closes everything.
func TestRunningLeavesNothing(t *testing.T) {
	s := nativeSuite(t)
	times := 1000
	if testing.Short() {
		times = 100
	}
	p := s.Named(t, "pi_opaque").Small().Small()
	requireNoGrowth(t, times, func() {
		_, stats := p.Run(t, guesttest.Setup{Opt: s.JIT(3)})
		require.Positive(t, stats.Loops)
	})
}

// TestCodeLimit wants a program to go on without the traces for which there is no
// room.
func TestCodeLimit(t *testing.T) {
	s := nativeSuite(t)
	loops := max(60, os.Getpagesize()/128) // of some 400 bytes each
	p := guesttest.Program{Name: "loops", Src: "(var s 0) (var i 0)" + strings.Repeat(`
(set i 0) (while (< i 30) (set s (+ (& s 65535) (* i i))) (set i (+ i 1)))`, loops) + "(print s)"}
	want, _ := p.Run(t, guesttest.Setup{Opt: s.JIT(0)})
	opt := s.JIT(2)
	opt.Executor = backendsolution.Kit.Native(1) // rounded up to a page
	var log strings.Builder
	opt.Log = &log
	got, stats := p.Run(t, guesttest.Setup{Opt: opt})
	require.Equal(t, want, got)
	first := log.String()[:min(2000, log.Len())]
	require.Positive(t, stats.Loops, "no trace has room: %v\n%s", stats.Aborts, first)
	require.Positive(t, stats.Aborts[string(guards.NotCompiled)], "%d traces have room, aborts %v\n%s", stats.Loops, stats.Aborts, first)
}
