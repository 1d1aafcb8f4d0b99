//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"
)

// Traps 7 to 10: what compiled code shares with Go.

// A test that stops a loop by a flag alone hangs when the loop does not look. What
// stops this one is Go, at a poll: with a deadline, and with a number of iterations
// that is bounded anyhow.
func TestTrap7GoStopsALoop(t *testing.T) {
	code, c := ready(t, clobberLoop)
	loop(t, code, c, far, within(50*time.Millisecond))
	if c.Exit() != polled {
		t.Error("the loop has ended by itself")
	}
}

func TestTrap8SpillsInTheContext(t *testing.T) {
	code, c := ready(t, fillSlots)
	for depth := range 20 {
		c.SetResult(uint64(depth))
		deep(depth, func() { Enter(code, c.Addr()) })
		sp := c.Saved(0)
		grow(1 << (depth / 2)) // the slots are not on the stack, which moves now
		for _, n := range []int{0, 1, MaxSlots - 1} {
			if got := c.Slot(n); got != uint64(n+depth) {
				t.Errorf("slot %d holds %d, want %d", n, got, n+depth)
			}
		}
		Enter(c.Resume(), c.Addr())
		if got, want := c.Word(ResultAt), uint64(MaxSlots*(MaxSlots-1)/2+MaxSlots*depth); got != want {
			t.Errorf("sum %d, want %d", got, want)
		}
		if sp%8 != 0 || sp == 0 {
			t.Errorf("stack pointer %#x", sp)
		}
	}
}

// deep calls f below as many frames as depth says, of various sizes.
func deep(depth int, f func()) byte {
	var frame [24]byte
	frame[depth%len(frame)] = 1
	if depth == 0 {
		f()
		return frame[0]
	}
	return deep(depth-1, f) + frame[depth%len(frame)]
}

// grow makes the stack n KiB deep.
func grow(n int) byte {
	var frame [1024]byte
	frame[n%len(frame)] = 1
	if n == 0 {
		return frame[0]
	}
	return grow(n-1) + frame[0]
}

// The words that machine code and Go exchange are uint64, references included: with
// -race, and so checkptr, this would end the process otherwise.
func TestTrap9ReferencesAreNumbers(t *testing.T) {
	code, c := ready(t, load)
	guest, err := mapWords(1 << 16)
	if err != nil {
		t.Fatal(err)
	}
	defer unmap(guest)
	base := uint64(uintptr(unsafe.Pointer(&guest[0])))
	for i := range uint64(64) {
		ref := base + i*1024
		*(*uint64)(unsafe.Add(unsafe.Pointer(nil), ref)) = ref
		c.SetSlot(0, ref)
		runtime.GC()
		Enter(code, c.Addr())
		if got := c.Word(ResultAt); got != ref {
			t.Errorf("reference %#x comes back as %#x", ref, got)
		}
	}
}

// flag and message are what two goroutines exchange: message is written before
// flag. They are globals, whose addresses never change.
var (
	flag    atomic.Uint32
	message int
)

func TestTrap10AtomicLoadAfterAnExit(t *testing.T) {
	code, c := ready(t, awaitFlag)
	seen := 0
	for round := 1; round <= 20; round++ {
		flag.Store(0)
		c.SetSlot(0, uint64(uintptr(unsafe.Pointer(&flag))))
		c.SetSlot(1, 1e7) // some milliseconds: no loop without a bound
		done := make(chan bool)
		go func() {
			message = round
			flag.Store(1)
			done <- true
		}()
		Enter(code, c.Addr())
		if c.Word(ResultAt) != 0 && flag.Load() != 0 { // this load is the point
			seen++
			if message != round { // a data race otherwise
				t.Errorf("round %d: message %d", round, message)
			}
		}
		<-done
	}
	if seen == 0 {
		t.Log("no goroutine ran at the same time")
	}
}

func TestManyGoroutines(t *testing.T) {
	supported(t)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			m, err := New(1 << 14)
			if err != nil {
				t.Error(err)
				return
			}
			defer m.Close()
			c, err := NewContext()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for range 20 {
				l, err := m.Add(clobberLoop)
				if err != nil {
					t.Error(err)
					return
				}
				e, err := m.Add(exits)
				if err != nil {
					t.Error(err)
					return
				}
				loop(t, l.Addr, c, uint64(g+1)*1000, never)
				exitMany(t, e.Addr, c, 50)
				m.Free(l)
				m.Free(e)
			}
		})
	}
	wg.Wait()
}
