//go:build amd64 || arm64

package native

import (
	"os"
	"syscall"
	"unsafe"
)

// mapViews maps the same size bytes twice, from a file that is only memory: they
// cost memory from when they are touched, not before.
func mapViews(size int) (writable, executable []byte, err error) {
	fd, err := memfd()
	if err != nil {
		return nil, nil, err
	}
	defer syscall.Close(fd) // the mappings keep the memory
	if err := syscall.Ftruncate(fd, int64(size)); err != nil {
		return nil, nil, os.NewSyscallError("ftruncate", err)
	}
	writable, err = syscall.Mmap(fd, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, nil, os.NewSyscallError("mmap", err)
	}
	executable, err = syscall.Mmap(fd, 0, size, syscall.PROT_READ|syscall.PROT_EXEC, syscall.MAP_SHARED)
	if err != nil {
		unmap(writable)
		return nil, nil, os.NewSyscallError("mmap of code", err)
	}
	return writable, executable, nil
}

// memfd makes a file that is only memory, and that may be executed.
func memfd() (int, error) {
	const (
		closeOnExec = 1    // MFD_CLOEXEC
		executable  = 0x10 // MFD_EXEC, from Linux 6.3 on; before that all are
	)
	name, err := syscall.BytePtrFromString("native code")
	if err != nil {
		return 0, err
	}
	for _, flags := range []uintptr{closeOnExec | executable, closeOnExec} {
		fd, _, errno := syscall.Syscall(sysMemfdCreate, uintptr(unsafe.Pointer(name)), flags, 0)
		if errno == 0 {
			return int(fd), nil
		}
		err = os.NewSyscallError("memfd_create", errno)
	}
	return 0, err
}
