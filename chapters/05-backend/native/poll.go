//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"reflect"
	"runtime"
	"sync"
	"unsafe"
)

// GuardOffset returns where in g the runtime puts Preempt when it wants the
// goroutine to stop: an offset in bytes. It is -1 if that place cannot be found or
// does not behave as it should (a Go version to come): then code has to count its
// iterations, in BudgetAt of the Context. The first call takes up to 0.2 s.
func GuardOffset() int { return guardOffset() }

var guardOffset = sync.OnceValue(func() int {
	offset := offsetInPrologue(codeOf(withPrologue))
	if offset < 0 || !setsPreempt(offset, 8) {
		return -1
	}
	return offset
})

// withPrologue is a function whose first instructions compare the stack pointer
// with g.stackguard0: it has a frame and calls somebody who may need more stack.
//
//go:noinline
func withPrologue(n int) int {
	if n > 0 {
		return n + withPrologue(n-1)
	}
	return n
}

// codeOf returns the first bytes of a function.
//
//go:nocheckptr
func codeOf(fn func(int) int) []byte {
	pc := reflect.ValueOf(fn).Pointer()
	// From nil, as package heap does: the address is not one of Go's heap.
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), pc)), 32)
}

// setsPreempt reports whether the word at offset from g becomes Preempt, and no
// other strange value, when the runtime wants this goroutine to stop. It watches the
// word so many times for some 30 ms.
func setsPreempt(offset, times int) bool {
	// With one processor the goroutine below does not run before this one stops.
	// Then the runtime's monitor wants it to, after some 10 ms.
	done := make(chan bool)
	go func() {
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats) // stops the world
		done <- true
	}()
	seen := uintptr(0)
	// If nothing happens, the world must not wait for long, hence a bound; and the
	// prologue of a Go function in between may take the mark away, hence many times.
	for i := 0; i < times && seen < topOfAddresses; i++ {
		seen = watchGuard(uintptr(offset), 1<<26)
	}
	<-done
	return int64(seen) == Preempt
}

// topOfAddresses is where the words begin that watchGuard stops at.
const topOfAddresses = 1<<64 - 4096
