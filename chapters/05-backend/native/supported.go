package native

import "errors"

// Preempt is the mark that a poll looks for, at GuardOffset bytes from g: the
// runtime puts it there (as 64 bits) when it wants the goroutine to stop, for a
// collection, for a look at all stacks, or because its time is up. It does so about
// every 20 ms even when nobody waits.
const Preempt = -1314

// ErrFull says that code memory has no room for what was asked. Freeing regions
// may help.
var ErrFull = errors.New("native: code memory is full")
