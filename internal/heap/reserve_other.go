//go:build !linux && !darwin

package heap

// maxLimit is small, because running out of memory in make is fatal.
const maxLimit = 1 << 30

// memory is the reserved range. Its words hold no Go pointers, so that Go's
// collector does not look into it; being large, it is never moved.
type memory []uint64

// reserve takes n bytes from Go's heap. Memory that comes fresh from the system
// is zero already, and make does not touch it.
func reserve(n int) (memory, error) { return make(memory, n/wordBytes), nil }

// release has nothing to do: Go's collector does it.
func release(memory) error { return nil }
