package exercise

import (
	"fmt"
	"sync"
	"time"
)

// yoursLimit ends the check of a function of the reader's that loops. An honest
// check takes some seconds under an emulator or the race detector; the go command
// gives up after ten minutes, and then says nothing of the other tests.
const yoursLimit = time.Minute

// A bounded is a test whose check runs on a goroutine of its own, which is left
// behind when the time is up. What the check puts off to its end is done there, by
// that goroutine and no other: what a Cleanup gives back is in use until then.
type bounded struct {
	TB

	mu       sync.Mutex
	left     bool // behind: nobody waits any more
	cleanups []func()
}

// within runs a check of an exercise, and fails if it takes longer than limit.
func within(t TB, ex Exercise, limit time.Duration, check func(TB)) {
	t.Helper()
	b := &bounded{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { b.guarded(b.end) }()
		b.guarded(func() { check(b) })
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		b.mu.Lock()
		defer b.mu.Unlock()
		b.left = true
		t.Errorf("exercise %s: the check has not ended after %v: is there a loop in func %s (%s) that does not end?",
			ex.ID, limit, ex.Field, ex.File)
	}
}

// guarded is guarded, for a test that may be over when f panics: using it makes a
// panic then, too, and there is nobody to tell.
func (b *bounded) guarded(f func()) {
	defer func() {
		if r := recover(); r != nil {
			b.mu.Lock()
			defer b.mu.Unlock()
			if !b.left {
				b.Errorf("panic: %v\n\n%s", r, panicStack())
			}
		}
	}()
	f()
}

// Cleanup has f called at the end of the check.
func (b *bounded) Cleanup(f func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cleanups = append(b.cleanups, f)
}

// end calls what was put off, the last one first, and all of it whatever one does.
func (b *bounded) end() {
	b.mu.Lock()
	n := len(b.cleanups)
	if n == 0 {
		b.mu.Unlock()
		return
	}
	f := b.cleanups[n-1]
	b.cleanups = b.cleanups[:n-1]
	b.mu.Unlock()
	defer b.end()
	f()
}

// callLimit is how long one call of a function may take that could as well loop.
const callLimit = 5 * time.Second

// ComesBack calls f on a goroutine of its own, and waits some seconds: for a call
// whose mistake may be a loop that does not end. It ends the check if f panics, or
// does not come back; then what names the call.
func ComesBack(t TB, what func() string, f func()) {
	t.Helper()
	comesBack(t, callLimit, what, f)
}

func comesBack(t TB, limit time.Duration, what func() string, f func()) {
	t.Helper()
	end := make(chan string, 1)
	go func() {
		why := ""
		defer func() { end <- why }()
		defer func() {
			if r := recover(); r != nil {
				why = fmt.Sprintf("panic: %v\n\n%s", r, panicStack())
			}
		}()
		f()
	}()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case why := <-end:
		if why != "" {
			t.Fatalf("%s", why)
		}
	case <-timer.C:
		t.Fatalf("%s did not come back", what())
	}
}
