//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"testing"
	"time"
)

// Exits of the code in code_*_test.go.
const (
	polled   = 1
	finished = 2
	asked    = 3
)

// supported skips the test where no machine code runs.
func supported(t testing.TB) {
	t.Helper()
	if err := Supported(); err != nil {
		t.Skip(err)
	}
}

// memory returns code memory of the mode; it skips the test where that does not work.
func memory(t testing.TB, mode Mode) *Memory {
	t.Helper()
	supported(t)
	if mode != 0 {
		if err := probe(mode); err != nil {
			t.Skipf("this mode does not work here (that of two views not under qemu 7.2): %v", err)
		}
	} else {
		mode, _ = defaultMode()
	}
	m, err := NewMode(1<<20, mode)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	})
	return m
}

func context(t testing.TB) *Context {
	t.Helper()
	supported(t)
	c, err := NewContext()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

// ready returns the address of code in memory of its own, and a context for it.
func ready(t testing.TB, code []byte) (uintptr, *Context) {
	t.Helper()
	r, err := memory(t, 0).Add(code)
	if err != nil {
		t.Fatal(err)
	}
	return r.Addr, context(t)
}

// loop runs clobberLoop or countLoop until it has counted to n, or enough says so of
// the number of polls: the code is asked to stop by Go, between a poll and the next
// entry. It returns how often it polled.
func loop(t testing.TB, code uintptr, c *Context, n uint64, enough func(polls int) bool) int {
	t.Helper()
	c.SetSlot(0, 0)
	c.SetSlot(1, n)
	polls := 0
	for at := code; ; polls++ {
		Enter(at, c.Addr())
		if c.Exit() != polled {
			break
		}
		at = c.Resume()
		if at != code {
			t.Errorf("resumes at %#x, not at the loop, %#x", at, code)
			return polls
		}
		if enough(polls + 1) {
			return polls + 1
		}
	}
	if c.Exit() != finished || c.Slot(0) != n {
		t.Errorf("exit %d at iteration %d, want exit %d at %d", c.Exit(), c.Slot(0), finished, n)
	}
	return polls
}

// within says enough when a time is over.
func within(d time.Duration) func(polls int) bool {
	until := time.Now().Add(d)
	return func(int) bool { return time.Now().After(until) }
}

// never does not.
func never(int) bool { return false }

// far is a number of iterations that takes a minute or more; no test runs them all.
const far = 1e10

// while is how long a test keeps a loop running.
func while() time.Duration {
	if testing.Short() {
		return 20 * time.Millisecond
	}
	return 60 * time.Millisecond
}

// A jump is an instruction that can be patched: at an offset into its code, with
// one of two ways to go on.
type jump struct {
	offset int
	to     [2][]byte
}
