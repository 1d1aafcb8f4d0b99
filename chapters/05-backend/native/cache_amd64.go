//go:build linux || darwin

package native

// syncCaches has nothing to do: on amd64 fetches see the stores.
func syncCaches(written, executed, size uintptr) {}
