//go:build linux || darwin

package native

// syncCaches makes the size bytes stored at address written fetchable at address
// executed, which is the same memory.
//
//go:noescape
func syncCaches(written, executed, size uintptr)
