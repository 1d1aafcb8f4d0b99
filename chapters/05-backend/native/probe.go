//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"errors"
	"fmt"
	"sync"
)

// Supported returns nil if this process can run machine code, and else why not:
// systems refuse it for many reasons. The first call tries it out.
func Supported() error {
	_, err := defaultMode()
	return err
}

// defaultMode returns the first mode that works.
var defaultMode = sync.OnceValues(func() (Mode, error) {
	var failures []error
	for _, mode := range []Mode{ModeTwoViews, ModeProtect} {
		err := probe(mode)
		if err == nil {
			return mode, nil
		}
		failures = append(failures, err)
	}
	return ModeProtect, fmt.Errorf("native: this system runs no machine code: %w", errors.Join(failures...))
})

// probe runs a few instructions, changes them, and runs them again: emulators may
// take no notice of a change, and systems may let code be mapped but not run.
func probe(mode Mode) error {
	m, err := newMemory(1, mode)
	if err != nil {
		return fmt.Errorf("%v: %w", mode, err)
	}
	defer m.Close()
	ctx, err := newContext()
	if err != nil {
		return err
	}
	defer ctx.Close()
	r, err := m.Add(answer(0))
	if err != nil {
		return fmt.Errorf("%v: %w", mode, err)
	}
	for want := range uint64(4) {
		if err := m.Patch(r, 0, answer(byte(want))); err != nil {
			return fmt.Errorf("%v: %w", mode, err)
		}
		if fault := Protect(func() { Enter(r.Addr, ctx.Addr()) }); fault != nil {
			return fmt.Errorf("%v: %w", mode, fault)
		}
		if got := ctx.Word(ResultAt); got != want {
			return fmt.Errorf("%v: changed code says %d instead of %d", mode, got, want)
		}
	}
	return nil
}
