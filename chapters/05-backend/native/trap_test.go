//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"runtime/pprof"
	"runtime/trace"
	"sync/atomic"
	"testing"
	"time"

	"metatrace/internal/child"
)

// The traps of machine code in a Go process have tests with their number: 1 to 4
// here, about the way in and out; the others in the files beside.

func TestTrap1StackguardOffset(t *testing.T) {
	supported(t)
	if got := GuardOffset(); got != 16 {
		t.Errorf("offset %d, want 16: a new Go version? the code in these tests has it, and -1 makes compiled code slower", got)
	}
	if setsPreempt(24, 1) { // stackguard1
		t.Error("any offset is taken for that of stackguard0")
	}
	for _, code := range [][]byte{nil, make([]byte, 32), codeOf(withPrologue)[8:]} {
		if got := offsetInPrologue(append(code, 0)); got != -1 {
			t.Errorf("offset %d in code without a prologue: % x", got, code)
		}
	}
}

func TestTrap1CountsWhereThereIsNoMark(t *testing.T) {
	code, c := ready(t, countLoop)
	c.SetSlot(0, 0)
	c.SetSlot(1, 1000)
	polls := 0
	for {
		c.SetWord(BudgetAt, 99) // 100 rounds, as the last one finds 0
		Enter(code, c.Addr())
		if c.Exit() == finished {
			break
		}
		if polls++; c.Slot(0) != uint64(100*polls) {
			t.Fatalf("poll %d at iteration %d", polls, c.Slot(0))
		}
	}
	if polls != 9 {
		t.Errorf("%d polls, want 9", polls)
	}
}

func TestTrap2OneProcessor(t *testing.T) {
	code, c := ready(t, clobberLoop)
	GuardOffset() // its own goroutine would count, too
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	var steps, stop atomic.Int64
	done := make(chan bool)
	go func() {
		defer close(done)
		for stop.Load() == 0 {
			steps.Add(1)
			runtime.Gosched()
		}
	}()
	// At each step the other goroutine gives this one the processor: to come further
	// it has to get it back, which is what the poll is for.
	const enough, most = 5, 10_000
	polls := loop(t, code, c, far, func(polls int) bool { return steps.Load() >= enough || polls >= most })
	after := steps.Load()
	stop.Store(1)
	<-done
	if after < enough {
		t.Errorf("%d polls, and the other goroutine came to %d", polls, after)
	}
}

// disturbances are what the runtime may want to do to a goroutine; each is done
// again and again while a loop clobbers all registers.
var disturbances = []struct {
	name string
	do   func()
}{
	{"collections", runtime.GC},
	{"stacks", func() { runtime.Stack(make([]byte, 1<<16), true) }},
	{"garbage", func() { garbage = make([]byte, 1<<16) }},
	{"cpu-profile", func() {
		if pprof.StartCPUProfile(io.Discard) == nil {
			time.Sleep(50 * time.Millisecond)
			pprof.StopCPUProfile()
		}
	}},
	{"execution-trace", func() {
		if trace.Start(io.Discard) == nil {
			time.Sleep(20 * time.Millisecond)
			trace.Stop()
		}
	}},
	{"goroutine-profile", func() { pprof.Lookup("goroutine").WriteTo(io.Discard, 1) }},
	{"memory-statistics", func() { runtime.ReadMemStats(new(runtime.MemStats)) }},
}

var garbage []byte

// disturb runs clobberLoop for a while with the disturbance going on.
func disturb(t testing.TB, do func()) {
	t.Helper()
	code, c := ready(t, clobberLoop)
	var stop atomic.Bool
	done := make(chan bool)
	go func() {
		defer close(done)
		for !stop.Load() {
			do()
		}
	}()
	loop(t, code, c, far, within(while()))
	stop.Store(true)
	<-done
}

func TestTrap3ClobberedRegisters(t *testing.T) {
	for _, d := range disturbances {
		t.Run(d.name, func(t *testing.T) { disturb(t, d.do) })
	}
}

// The settings of the runtime can only be chosen for a whole process. The build
// flags -race and -d=checkptr (which comes with it) are those of the whole test.
func TestTrap3ClobberedRegistersUnderSettings(t *testing.T) {
	supported(t)
	for _, env := range []string{
		"GOGC=1",
		"GODEBUG=asyncpreemptoff=1",
		"GODEBUG=gcshrinkstackoff=1",
		"GODEBUG=gcstoptheworld=1",
		"GOMAXPROCS=1",
	} {
		t.Run(env, func(t *testing.T) {
			r := child.Run(t, 60*time.Second, func(w *child.Writer) {
				for _, d := range disturbances[:5] {
					w.Step("%s", d.name)
					disturb(outside{t, w}, d.do)
				}
			}, env)
			if r.Crash != nil {
				t.Errorf("%s: %v\n%s", r.Step, r.Crash, r.Crash.Text)
			}
			if len(r.Output) > 0 {
				t.Errorf("%s", r.Output)
			}
		})
	}
}

// outside is a test whose errors are written to the test process.
type outside struct {
	testing.TB
	w *child.Writer
}

func (o outside) Errorf(format string, args ...any) { fmt.Fprintf(o.w, format+"\n", args...) }

// exitMany takes n exits of exits, and looks at what Go finds at each.
func exitMany(t testing.TB, code uintptr, c *Context, n int) {
	t.Helper()
	c.SetSlot(0, 0)
	c.SetSlot(1, 5)
	c.SetSlot(2, math.Float64bits(2.5))
	sum := uint64(5)
	for i := range n {
		Enter(code, c.Addr())
		if c.Exit() != asked || c.Saved(0) != uint64(i+1) || c.Saved(3) != sum || c.SavedFloat(3) != 2.5 {
			t.Errorf("exit %d after %d: registers %d %d %v, want %d %d 2.5", c.Exit(), i, c.Saved(0), c.Saved(3), c.SavedFloat(3), i+1, sum)
			return
		}
		sum += uint64(i)
		c.SetResult(uint64(i))
		code = c.Resume()
	}
}

func TestTrap4ExitsInATightLoop(t *testing.T) {
	code, c := ready(t, exits)
	exitMany(t, code, c, 500_000)
}

func TestTrap4ExitsOnFreshGoroutines(t *testing.T) {
	code, c := ready(t, exits)
	for range 2000 {
		done := make(chan bool)
		go func() {
			defer close(done)
			exitMany(t, code, c, 3)
		}()
		<-done
	}
}

// Each level has its own context, and enters again when the levels below are done:
// by then the stack has grown, and moved.
func TestTrap4ExitsRecursively(t *testing.T) {
	code, _ := ready(t, exits)
	var deeper func(depth int)
	deeper = func(depth int) {
		c, err := NewContext()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		c.SetSlot(0, uint64(depth))
		Enter(code, c.Addr())
		if depth > 0 {
			deeper(depth - 1)
		}
		if depth%100 == 0 {
			runtime.GC() // shrinks the stack as well
		}
		c.SetResult(uint64(depth))
		Enter(c.Resume(), c.Addr())
		if c.Saved(0) != uint64(depth)+2 || c.Saved(3) != uint64(depth) {
			t.Errorf("depth %d: registers %d %d", depth, c.Saved(0), c.Saved(3))
		}
	}
	done := make(chan bool)
	go func() {
		defer close(done)
		deeper(400)
	}()
	<-done
}
