//go:build !linux

package bench

import "time"

// processorTime is for systems that tell no thread how long it was on a processor.
func processorTime() time.Duration { return wallTime() }
