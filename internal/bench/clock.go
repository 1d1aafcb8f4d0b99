package bench

import (
	"runtime"
	"time"
)

var epoch = time.Now()

func wallTime() time.Duration { return time.Since(epoch) }

// took returns how long f takes: on a processor, and by the clock on the wall.
func took(f func()) (processor, wall time.Duration) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	p, w := processorTime(), wallTime()
	f()
	return processorTime() - p, wallTime() - w
}
