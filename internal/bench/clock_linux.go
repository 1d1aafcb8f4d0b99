package bench

import (
	"syscall"
	"time"
	"unsafe"
)

// threadClock is CLOCK_THREAD_CPUTIME_ID, for which package syscall has no name.
const threadClock = 3

// processorTime returns how long this thread was on a processor so far. On a machine
// that others use, too, that is what a run really took. Its goroutine must be locked
// to its thread.
func processorTime() time.Duration {
	var t syscall.Timespec
	// Rule 4 of unsafe.Pointer: the conversion stands in the call.
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, threadClock, uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return wallTime()
	}
	return time.Duration(t.Nano())
}
