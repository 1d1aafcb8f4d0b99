package exercise

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
)

// try runs a check that may fail, aside from any real test, and returns what
// made it fail; "" if it passed.
func try(name string, limit time.Duration, check func(TB)) string {
	r := &recorder{name: name}
	done := make(chan struct{})
	// A goroutine of its own: FailNow has to end the check and nothing else.
	go func() {
		defer close(done)
		defer r.end()
		check(r)
	}()
	select {
	case <-done:
		return r.verdict()
	case <-time.After(limit):
		return fmt.Sprintf("it does not end within %v", limit)
	}
}

// A recorder is a TB that only takes notes.
type recorder struct {
	name string

	mu       sync.Mutex
	failed   bool
	notes    []string
	cleanups []func()
}

// end recovers from a panic of the check and runs its cleanups, the last one
// first.
func (r *recorder) end() {
	if p := recover(); p != nil {
		r.Errorf("panic: %v", p)
	}
	for {
		r.mu.Lock()
		n := len(r.cleanups)
		if n == 0 {
			r.mu.Unlock()
			return
		}
		f := r.cleanups[n-1]
		r.cleanups = r.cleanups[:n-1]
		r.mu.Unlock()
		f()
	}
}

// verdict is what the check reported if it failed, shortened: enough to see
// which rule it was that caught the mutant.
func (r *recorder) verdict() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.failed {
		return ""
	}
	const most = 12
	lines := strings.Split(strings.TrimSpace(strings.Join(r.notes, "\n")), "\n")
	if len(lines) > most {
		lines = append(lines[:most], "…")
	}
	if text := strings.Join(lines, "\n"); text != "" {
		return text
	}
	return "the check failed without a word"
}

func (r *recorder) note(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, text)
}

func (r *recorder) Name() string { return r.name }
func (r *recorder) Helper()      {}

func (r *recorder) Log(args ...any)                 { r.note(fmt.Sprintln(args...)) }
func (r *recorder) Logf(format string, args ...any) { r.note(fmt.Sprintf(format, args...)) }

func (r *recorder) Fail() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.failed
}

func (r *recorder) FailNow() {
	r.Fail()
	runtime.Goexit()
}

func (r *recorder) Error(args ...any) {
	r.Log(args...)
	r.Fail()
}

func (r *recorder) Errorf(format string, args ...any) {
	r.Logf(format, args...)
	r.Fail()
}

func (r *recorder) Fatal(args ...any) {
	r.Log(args...)
	r.FailNow()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Logf(format, args...)
	r.FailNow()
}

func (r *recorder) Cleanup(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cleanups = append(r.cleanups, f)
}
