//go:build linux || darwin

package heap

import (
	"math"
	"syscall"
)

// maxLimit is above what any of these systems lets a process map.
const maxLimit = min(1<<47, math.MaxInt&^(blockBytes-1))

// memory is the reserved range.
type memory []byte

// reserve asks for n bytes of address space. A page costs memory from the
// moment it is touched, not before: hence a generous default limit is free.
func reserve(n int) (memory, error) {
	return syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
}

func release(m memory) error { return syscall.Munmap(m) }
