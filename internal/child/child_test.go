package child

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"metatrace/internal/exercise"
)

// limit is far above what a child takes that does not hang, emulated or not.
const limit = 30 * time.Second

// startable skips the test where there are no processes.
func startable(t *testing.T) {
	t.Helper()
	switch runtime.GOOS {
	case "js", "wasip1", "ios":
		t.Skip("no processes here")
	}
}

func TestChildGivesItsOutput(t *testing.T) {
	startable(t)
	x := 40 // a function value needs no name: the child has the same variables
	r := Run(t, limit, func(w *Writer) {
		fmt.Fprintf(w, "%d\n", x+2)
		w.Step("one %d\n", 2)
		w.Write([]byte{0, 255, '\n'})
		fmt.Fprint(w, os.Getenv("CHILD_TEST"))
	}, "CHILD_TEST=hello")
	if want := "42\n\x00\xff\nhello"; string(r.Output) != want || r.Crash != nil || r.Step != "one 2\n" {
		t.Errorf("%q, step %q, crash %v; want %q", r.Output, r.Step, r.Crash, want)
	}
}

func TestChildIsAnotherProcess(t *testing.T) {
	startable(t)
	pid := os.Getpid()
	if r := Run(t, limit, func(w *Writer) { fmt.Fprint(w, os.Getpid()) }); string(r.Output) == fmt.Sprint(pid) {
		t.Errorf("the child is process %d, and so are we", pid)
	}
}

func TestLaterCallsKnowEarlierResults(t *testing.T) {
	startable(t)
	a := string(Run(t, limit, func(w *Writer) { w.Write([]byte("a")) }).Output)
	b := string(Run(t, limit, func(w *Writer) { w.Write([]byte(a + "b")) }).Output)
	if b != "ab" {
		t.Fatalf("%q, want ab", b)
	}
	for _, name := range []string{"sub", "sub", "with space/and (slash)"} {
		t.Run(name, func(t *testing.T) {
			c := Run(t, limit, func(w *Writer) { w.Write([]byte(b + t.Name())) })
			if string(c.Output) != "ab"+t.Name() {
				t.Errorf("%q", c.Output)
			}
		})
	}
}

func TestCrashes(t *testing.T) {
	startable(t)
	var null *int
	for _, c := range []struct {
		name string
		f    func()
		want string // in the line
		text string // in what is printed
	}{
		{"panic", func() { panic("no wonder") }, "the process ended: panic: no wonder", "goroutine"},
		{"nil", func() { *null = 1 }, "SIGSEGV: it accessed address 0x0, in an instruction at 0x", "nil pointer dereference"},
		{"exit", func() { os.Exit(7) }, "the process ended: exit status 7", ""},
		{"goexit", runtime.Goexit, "the process ended: child: the function given to Run ended its goroutine", ""},
		{"overflow", func() { debug.SetMaxStack(1 << 20); panic(overflow(1)) }, "the process ended: runtime: goroutine stack exceeds", "stack overflow"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := Run(t, limit, func(w *Writer) {
				w.Step("before")
				c.f()
			})
			if r.Crash == nil || !strings.HasPrefix(r.Crash.Error(), c.want) || !strings.Contains(r.Crash.Text, c.text) || r.Step != "before" {
				t.Errorf("crash %v after %q, want %s", r.Crash, r.Step, c.want)
			}
		})
	}
}

// overflow returns for negative n only.
func overflow(n int) int {
	if n < 0 {
		return 0
	}
	return overflow(n+1) + 1
}

func TestLimitEndsAChild(t *testing.T) {
	startable(t)
	began := time.Now()
	r := Run(t, 500*time.Millisecond, func(w *Writer) {
		w.Step("sleep")
		time.Sleep(time.Hour)
	})
	if r.Crash == nil || r.Crash.Limit == 0 || !strings.HasPrefix(r.Crash.Error(), "it did not end within 500ms") {
		t.Errorf("crash %v", r.Crash)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
}

// A check of an exercise sees only the function that it is given; the child finds
// the same one, be it the reader's, the solution or a wrong one.
func TestInAnExercise(t *testing.T) {
	startable(t)
	type F = func(a, b int) int
	add := func(a, b int) int { return a + b }
	check := func(t exercise.TB, f F) {
		r := Run(t, limit, func(w *Writer) { fmt.Fprint(w, f(1, 2)) })
		if r.Crash != nil {
			t.Fatalf("the child: %v", r.Crash)
		}
		if string(r.Output) != "3" {
			t.Errorf("1+2 is %s", r.Output)
		}
	}
	exercise.Run(t, exercise.Exercise{ID: "0.0"}, add, add, check,
		exercise.Wrong[F]("subtracts", func(a, b int) int { return a - b }),
		exercise.Wrong[F]("exits", func(a, b int) int { os.Exit(0); return 0 }),
		exercise.Wrong[F]("faults", func(a, b int) int { var p *int; return *p }),
	)
}

// A tester is a TB whose name no test has: its child comes to nothing.
type tester struct {
	*testing.T
	name, fatal string
}

func (t *tester) Name() string { return t.name }
func (t *tester) Fatalf(format string, args ...any) {
	t.fatal = fmt.Sprintf(format, args...)
	panic(t)
}

func TestChildThatNeverComesThere(t *testing.T) {
	startable(t)
	if _, inChild := ourJob(); inChild {
		return
	}
	elsewhere := &tester{T: t, name: "TestThatIsNowhere"}
	defer func() {
		recover()
		if !strings.Contains(elsewhere.fatal, "the child process never came to call 0 of Run in TestThatIsNowhere") {
			t.Errorf("%q", elsewhere.fatal)
		}
	}()
	Run(elsewhere, limit, func(*Writer) {})
}

func TestCrashText(t *testing.T) {
	segv := "unexpected fault address 0x7f0000001000\nfatal error: fault\n" +
		"[signal SIGSEGV: segmentation violation code=0x1 addr=0x7f0000001000 pc=0x7f0000000010]\n\ngoroutine 6 [running]:\n"
	ill := "SIGILL: illegal instruction\nPC=0x7f0000000014 m=0 sigcode=2\ninstruction bytes: 0xf 0xb\n"
	threads := "SIGQUIT: quit\nPC=0x4795e1 m=0 sigcode=0\n\n-----\n\nSIGQUIT: quit\nPC=0x7f0000000003 m=3 sigcode=0\n"
	for _, c := range []struct {
		name, text, signal string
		addr, pc           uint64
		offset             int
	}{
		{"fault", segv, "SIGSEGV", 0x7f0000001000, 0x7f0000000010, 16},
		{"illegal", ill, "SIGILL", 0, 0x7f0000000014, -1},
		{"threads", threads, "SIGQUIT", 0, 0x7f0000000003, 3},
		{"nothing", "", "", 0, 0, -1},
	} {
		got := crashOf(c.text, 0x7f0000000000, 0x14)
		if got.Signal != c.signal || got.Addr != c.addr || got.PC != c.pc || got.Offset != c.offset {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}

// With -count the same test comes to its first call several times.
func TestCountRunsTheChildAgain(t *testing.T) {
	startable(t)
	if testing.Short() {
		t.Skip("runs a process with processes")
	}
	if _, inChild := ourJob(); inChild {
		return
	}
	text, err := execSelf([]string{"-test.count=3", "-test.run=^TestLaterCalls"}, 2*limit, nil)
	if err != nil {
		t.Errorf("%v\n%s", err, text)
	}
}
