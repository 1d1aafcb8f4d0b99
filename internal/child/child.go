// Package child runs part of a test in another process, which may crash or hang:
// machine code that a wrong encoder made does both, and must not take the other
// tests with it.
//
// The other process is the same test binary, started once more with -test.run set
// to the name of the test that called Run, so that it comes to the same call, with
// the same functions in its variables: a mutant's, or those that the reader wrote.
// A function value needs no name for that.
//
//	test process                          child process
//	TestX/yours
//	  Run(t, limit, f), the first one     TestX/yours
//	    job: TestX/yours, call 0  ----->    Run, call 0: f(w); exit
//	    Result                    <-----      report: steps, output, done
//	  Run(t, limit, g), the second        TestX/yours
//	    job: call 1, Results so far ---->   Run, call 0: returns the Result given
//	    Result                    <-----    Run, call 1: g(w); exit
//
// The job and the report are files in a folder that the environment variable
// METATRACE_CHILD names. The report is written while f runs, a line for each thing,
// so that what came before a crash is known. What the crash was is read from what
// Go's runtime prints of it: the signal, its address and that of the instruction.
//
// What a test of machine code looks like:
//
//	r := child.Run(t, 10*time.Second, func(w *child.Writer) {
//		for _, c := range cases {
//			w.Step("%s", c.name)
//			w.Code(region.Addr, region.Size)
//			native.Enter(region.Addr, ctx.Addr())
//			fmt.Fprintln(w, ctx.Word(native.ResultAt))
//		}
//	})
//	if r.Crash != nil { // r.Crash.Offset tells which instruction it was
//		t.Fatalf("%s: %v", r.Step, r.Crash)
//	}
//
// For this the test must do the same up to the call whenever it runs: no order of
// a map, no random seeds. One call for many cases is much faster than many calls.
package child

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"
)

// TB is what Run needs of a test: a testing.TB or an exercise.TB.
type TB interface {
	Name() string
	Helper()
	Fatalf(format string, args ...any)
}

// A Result is what the child did.
type Result struct {
	Output []byte // what f wrote to its Writer
	Step   string // the last step that f named
	Crash  *Crash // nil if f returned
}

// Run calls f in a child process and returns what it did; after limit the child is
// killed. Each of env is a further "NAME=value" for the child's environment. In
// the child f runs on a goroutine of its own; it must not call t.FailNow, and what
// it reports to t is lost: it should write its findings, for the caller to judge.
// A child that cannot be started is fatal for t.
func Run(t TB, limit time.Duration, f func(w *Writer), env ...string) Result {
	t.Helper()
	calls.Lock()
	list := calls.of(t)
	n := len(list.results)
	calls.Unlock()
	result, known := Result{}, false
	if job, inChild := ourJob(); inChild {
		if job.Name == t.Name() && job.Call == n {
			execute(limit, f)
		}
		if result, known = job.earlier(t.Name(), n); !known {
			t.Fatalf("child: %s comes to call %d of Run, which the test has not come to: "+
				"it does not do the same each time", t.Name(), n)
		}
	} else {
		var err error
		if result, err = start(t.Name(), n, limit, env); err != nil {
			t.Fatalf("child: %v", err)
		}
	}
	calls.Lock()
	list.results = append(list.results, result)
	calls.Unlock()
	return result
}

// calls are the calls of Run in this process, by the name of the test.
var calls = callsByTest{byName: map[string]*callList{}}

type callsByTest struct {
	sync.Mutex
	byName map[string]*callList
}

// callList is what the calls of Run in one test returned.
type callList struct {
	t       TB
	results []Result
}

// of returns the list of t. With -count, a test runs again with another t: then the
// list begins anew.
func (c *callsByTest) of(t TB) *callList {
	list := c.byName[t.Name()]
	if list == nil || list.t != t {
		list = &callList{t: t}
		c.byName[t.Name()] = list
	}
	return list
}

// execute runs f and ends the process. It does not return.
func execute(limit time.Duration, f func(w *Writer)) {
	w, err := openReport()
	if err != nil {
		fmt.Fprintln(os.Stderr, "child:", err)
		os.Exit(3)
	}
	w.line("begin", "")
	watch(limit)
	// A goroutine where nobody recovers: a panic has to end the process with the
	// text of what raised it.
	go func() {
		defer func() {
			if exitsByGoexit() {
				fmt.Fprintln(os.Stderr, "child: the function given to Run ended its goroutine: did it call FailNow?")
				os.Exit(3)
			}
		}()
		f(w)
		w.line("done", "")
		os.Exit(0)
	}()
	select {}
}

// exitsByGoexit reports whether the deferred function that calls it runs because of
// runtime.Goexit.
func exitsByGoexit() bool {
	pcs := make([]uintptr, 8)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	frame, _ := frames.Next()
	return frame.Function == "runtime.Goexit"
}

// watch makes the process tell where each of its threads is when the limit is over,
// and end: so we learn of a loop without end where it is. Where that fails, because
// the loop keeps Go from doing anything, the test process kills us a little later.
func watch(limit time.Duration) {
	time.AfterFunc(limit, func() {
		debug.SetTraceback("crash")
		if self, err := os.FindProcess(os.Getpid()); err == nil {
			_ = self.Signal(syscall.SIGQUIT)
		}
	})
}
