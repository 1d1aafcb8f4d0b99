//go:build (linux || darwin) && (amd64 || arm64)

package native

import "syscall"

// mapWords returns size bytes of memory outside Go's heap, all zero.
func mapWords(size int) ([]byte, error) {
	return syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE)
}

func unmap(mapped []byte) error { return syscall.Munmap(mapped) }

// mapProtected returns size bytes that makeWritable and makeExecutable may be used
// on. They cost memory from when they are touched, not before.
func mapProtected(size int) ([]byte, error) {
	return syscall.Mmap(-1, 0, size, syscall.PROT_NONE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
}

func makeWritable(pages []byte) error {
	return syscall.Mprotect(pages, syscall.PROT_READ|syscall.PROT_WRITE)
}

func makeExecutable(pages []byte) error {
	return syscall.Mprotect(pages, syscall.PROT_READ|syscall.PROT_EXEC)
}
