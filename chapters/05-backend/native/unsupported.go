//go:build !((linux || darwin) && (amd64 || arm64))

package native

import (
	"fmt"
	"runtime"
)

// Supported returns why machine code cannot be run here.
func Supported() error {
	return fmt.Errorf("native: there is no way into machine code on %s/%s", runtime.GOOS, runtime.GOARCH)
}

// Enter panics: there is nothing that could be entered.
func Enter(code, ctx uintptr) { panic(Supported()) }

// GuardOffset returns -1: there is no mark to poll.
func GuardOffset() int { return -1 }

func defaultMode() (Mode, error) { return ModeProtect, Supported() }

func mapWords(size int) ([]byte, error) { return nil, Supported() }
func unmap(mapped []byte) error         { return nil }
func mapViews(size int) (writable, executable []byte, err error) {
	return nil, nil, Supported()
}
func mapProtected(size int) ([]byte, error)      { return nil, Supported() }
func makeWritable(pages []byte) error            { return Supported() }
func makeExecutable(pages []byte) error          { return Supported() }
func syncCaches(written, executed, size uintptr) {}

var trap = []byte{0}
