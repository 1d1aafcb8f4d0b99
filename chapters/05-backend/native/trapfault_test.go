//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"errors"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"metatrace/internal/child"
)

// Traps 5 and 6: patches and faults.

func TestTrap5PatchBetweenRuns(t *testing.T) {
	for _, mode := range []Mode{ModeTwoViews, ModeProtect} {
		t.Run(strings.ReplaceAll(mode.String(), " ", "-"), func(t *testing.T) {
			m, c := memory(t, mode), context(t)
			r, err := m.Add(guard)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 2000 {
				want := uint64(1 + rand.IntN(2))
				if err := m.Patch(r, guardJump.offset, guardJump.to[want-1]); err != nil {
					t.Fatal(err)
				}
				if i%100 == 0 { // another thread, if there is one
					done := make(chan bool)
					go func() { defer close(done); Enter(r.Addr, c.Addr()) }()
					<-done
				} else {
					Enter(r.Addr, c.Addr())
				}
				if c.Exit() != want {
					t.Fatalf("round %d: exit %d, want %d", i, c.Exit(), want)
				}
			}
		})
	}
}

func TestTrap6FaultIsRecovered(t *testing.T) {
	code, c := ready(t, load)
	for _, addr := range []uint64{0, 8, 4096, 1 << 40, 1<<63 + 8} {
		c.SetSlot(0, addr)
		fault := Protect(func() { Enter(code, c.Addr()) })
		if fault == nil {
			t.Errorf("no fault at address %#x", addr)
		} else if want := uintptr(addr); addr >= 4096 && addr < 1<<47 && fault.Addr != want {
			t.Errorf("fault at %#x (%v), want %#x", fault.Addr, fault, want)
		} else if line := "machine code faulted"; !strings.Contains(fault.Error(), line) {
			t.Errorf("fault %q does not say: %s", fault, line)
		}
	}
	c.SetSlot(0, uint64(c.Addr()))
	if fault := Protect(func() { Enter(code, c.Addr()) }); fault != nil {
		t.Errorf("a fault where there is memory: %v", fault)
	}
	exitMany(t, codeAt(t, exits), c, 100) // nothing is broken
}

// codeAt returns the address of code in memory of its own.
func codeAt(t testing.TB, code []byte) uintptr {
	t.Helper()
	addr, _ := ready(t, code)
	return addr
}

func TestTrap6FaultsOfGoGoOn(t *testing.T) {
	supported(t)
	for _, f := range []func(){
		func() { panic(errors.New("mine")) },
		func() { *(*int)(nil) = 1 },
		func() { _ = []int{}[len(garbage)] },
	} {
		var got any
		func() {
			defer func() { got = recover() }()
			t.Errorf("Protect returns %v for a panic of Go", Protect(f))
		}()
		if got == nil {
			t.Error("Protect takes a panic of Go away")
		}
	}
	if debug.SetPanicOnFault(false) {
		t.Error("Protect leaves SetPanicOnFault behind")
	}
}

func TestTrap6FaultInAChild(t *testing.T) {
	supported(t)
	for _, crash := range []struct {
		name   string
		code   []byte
		signal string
		offset int
		text   string
	}{
		{"load", load, "SIGSEGV", loadOffset, "it accessed address 0x40"},
		{"undefined", undefined, "SIGILL", undefinedOffset, "no instruction of this processor"},
		{"trap", trap, "SIGTRAP", 0, "an instruction that stops"},
		{"hang", hang, "", hangOffset, "it did not end within"},
		{"divide", divide, "SIGFPE", divideOffset, "a division by zero"},
	} {
		t.Run(crash.name, func(t *testing.T) {
			if crash.offset < 0 {
				t.Skip("no fault on this processor")
			}
			// On a busy machine the child may need a while to come to the code.
			r := child.Result{}
			for limit := 250 * time.Millisecond; r.Step != "enter" && limit < time.Minute; limit *= 4 {
				r = child.Run(t, limit, func(w *child.Writer) { enterIn(w, crash.code) })
			}
			switch {
			case r.Crash == nil:
				t.Error("the child has not crashed")
			case r.Crash.Signal != crash.signal || r.Crash.Offset != crash.offset || r.Step != "enter" ||
				!strings.Contains(r.Crash.Error(), crash.text):
				t.Errorf("%+v\n%v", *r.Crash, r.Crash)
			}
		})
	}
}

// enterIn runs code, in the child.
func enterIn(w *child.Writer, code []byte) {
	m, err := New(1 << 12)
	if err != nil {
		panic(err)
	}
	region, err := m.Add(code)
	if err != nil {
		panic(err)
	}
	c, err := NewContext()
	if err != nil {
		panic(err)
	}
	c.SetSlot(0, 0x40)
	w.Code(region.Addr, region.Size)
	w.Step("enter")
	Enter(region.Addr, c.Addr())
}
