//go:build (linux || darwin) && (amd64 || arm64)

package native

import (
	"bytes"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

var modes = []Mode{ModeTwoViews, ModeProtect}

// inModes runs a test in each mode that works here.
func inModes(t *testing.T, f func(t *testing.T, m *Memory)) {
	t.Helper()
	for _, mode := range modes {
		t.Run(strings.ReplaceAll(mode.String(), " ", "-"), func(t *testing.T) { f(t, memory(t, mode)) })
	}
}

// bytesAt returns a copy of the size bytes at an address.
//
//go:nocheckptr
func bytesAt(addr uintptr, size int) []byte {
	return slices.Clone(unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(nil), addr)), size))
}

func TestMemoryDoesNotGrow(t *testing.T) {
	inModes(t, func(t *testing.T, m *Memory) {
		random := rand.New(rand.NewPCG(1, 2))
		type held struct {
			Region
			code []byte
		}
		var regions []held
		for i := range 10_000 {
			code := bytes.Repeat([]byte{byte(i)}, 1+random.IntN(3000))
			if len(regions) == 100 {
				j := random.IntN(len(regions))
				if got := bytesAt(regions[j].Addr, regions[j].Size); !slices.Equal(got, regions[j].code) {
					t.Fatalf("round %d: the code at %#x is not what was put there", i, regions[j].Addr)
				}
				if err := m.Free(regions[j].Region); err != nil {
					t.Fatal(err)
				}
				regions = slices.Delete(regions, j, j+1)
			}
			r, err := m.Add(code)
			if err != nil {
				t.Fatalf("round %d: %v", i, err)
			}
			if r.Addr%16 != 0 {
				t.Fatalf("region at %#x", r.Addr)
			}
			regions = append(regions, held{r, code})
			if len(m.free) > len(regions)+1 {
				t.Fatalf("round %d: %d holes between %d regions", i, len(m.free), len(regions))
			}
		}
		for _, r := range regions {
			if err := m.Free(r.Region); err != nil {
				t.Fatal(err)
			}
		}
		if m.Used() != 0 || len(m.free) != 1 || len(m.sizes) != 0 {
			t.Errorf("%d bytes in use, holes %v, sizes %v", m.Used(), m.free, m.sizes)
		}
	})
}

func TestMemoryIsFullAtItsLimit(t *testing.T) {
	m := memory(t, 0)
	var regions []Region
	for {
		r, err := m.Alloc(1 << 16)
		if err != nil {
			if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "no room for 65536 bytes, 1048576 of 1048576 are in use") {
				t.Error(err)
			}
			break
		}
		regions = append(regions, r)
	}
	if len(regions) != 16 || m.Used() != m.Limit() {
		t.Errorf("%d regions, %d of %d bytes", len(regions), m.Used(), m.Limit())
	}
	// Holes are joined, whatever the order they come in.
	for _, i := range []int{3, 5, 4} {
		if err := m.Free(regions[i]); err != nil {
			t.Fatal(err)
		}
	}
	if r, err := m.Alloc(3 << 16); err != nil || r.Addr != regions[3].Addr {
		t.Errorf("%+v, %v in a hole made of three", r, err)
	}
	for _, size := range []int{0, -1, math.MinInt, math.MaxInt, m.Limit() + 1} {
		if _, err := m.Alloc(size); err == nil || (size > 0) != errors.Is(err, ErrFull) {
			t.Errorf("Alloc(%d): %v", size, err)
		}
	}
	if _, err := m.Add(nil); err == nil {
		t.Error("a region of no code")
	}
}

func TestNewRefusesLimits(t *testing.T) {
	supported(t)
	for _, limit := range []int{0, -1, MaxMemory + 1, math.MaxInt} {
		if _, err := New(limit); err == nil {
			t.Errorf("a Memory of %d bytes", limit)
		}
	}
	if _, err := NewMode(1, 0); err == nil {
		t.Error("a Memory of no mode")
	}
	m, err := New(MaxMemory)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(m.Close(), m.Close()); err != nil {
		t.Error(err)
	}
	if _, err := m.Alloc(1); !errors.Is(err, ErrFull) {
		t.Errorf("Alloc in a closed Memory: %v", err)
	}
}

func TestMisusePanics(t *testing.T) {
	m, c := memory(t, 0), context(t)
	r, err := m.Alloc(24)
	if err != nil {
		t.Fatal(err)
	}
	freed, err := m.Alloc(24)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Free(freed); err != nil {
		t.Fatal(err)
	}
	closed, err := NewContext()
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(closed.Close(), closed.Close()); err != nil {
		t.Error(err)
	}
	for name, f := range map[string]func(){
		"free twice":           func() { m.Free(freed) },
		"free another":         func() { m.Free(Region{r.Addr + 8, 8}) },
		"free a part":          func() { m.Free(Region{r.Addr, 8}) },
		"patch what is free":   func() { m.Patch(freed, 0, trap) },
		"patch behind the end": func() { m.Patch(r, 21, make([]byte, 4)) },
		"patch before":         func() { m.Patch(r, -1, nil) },
		"patch at the far end": func() { m.Patch(r, math.MaxInt, make([]byte, 4)) },
		"word behind the end":  func() { c.Word(Size) },
		"word before":          func() { c.SetWord(-8, 1) },
		"word in between":      func() { c.Word(4) },
		"slot behind the end":  func() { c.SetSlot(MaxSlots, 1) },
		"slot before":          func() { c.Slot(-1) },
		"register 64":          func() { c.Saved(64) },
		"word when closed":     func() { closed.Word(0) },
		"address when closed":  func() { closed.Addr() },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("no panic: %s", name)
				}
			}()
			f()
		}()
	}
}

func TestContextLayout(t *testing.T) {
	c := context(t)
	c.SetWord(SaveAt+8*3, 7)
	c.SetWord(SaveAt+256+8*2, math.Float64bits(-1.5))
	c.SetSlot(MaxSlots-1, 9)
	if c.Saved(3) != 7 || c.SavedFloat(2) != -1.5 || c.Word(Size-8) != 9 || c.Slot(MaxSlots-1) != 9 {
		t.Error("a word is somewhere else")
	}
	if SaveAt+64*8 != SlotsAt {
		t.Error("64 registers do not fill what is before the slots")
	}
}

// Free memory stops whoever runs into it: here where a region was, which only shows
// in its bytes, since the trap ends the process.
func TestFreedCodeIsTraps(t *testing.T) {
	inModes(t, func(t *testing.T, m *Memory) {
		r, err := m.Add(exits)
		if err != nil {
			t.Fatal(err)
		}
		if err := m.Free(r); err != nil {
			t.Fatal(err)
		}
		for i, b := range bytesAt(r.Addr, r.Size) {
			if b != trap[i%len(trap)] {
				t.Fatalf("byte %d is %#x", i, b)
			}
		}
	})
}

// poke writes to an address. Inlined, the compiler might think that nothing in its
// caller can panic.
//
//go:noinline
func poke(addr uintptr) { *(*byte)(unsafe.Add(unsafe.Pointer(nil), addr)) = 0 }

func TestNeverWritableAndExecutable(t *testing.T) {
	inModes(t, func(t *testing.T, m *Memory) {
		r, err := m.Add(exits)
		if err != nil {
			t.Fatal(err)
		}
		func() {
			defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
			defer func() {
				if recover() == nil {
					t.Error("code can be written to where it is executed")
				}
			}()
			poke(r.Addr)
		}()
		if runtime.GOOS != "linux" {
			return
		}
		maps, err := os.ReadFile("/proc/self/maps")
		if err != nil {
			t.Skip(err)
		}
		if !strings.Contains(string(maps), "r-xp") {
			t.Error("no executable mapping at all?")
		}
		for line := range strings.Lines(string(maps)) {
			if strings.Contains(line, " rwx") || strings.Contains(line, " -wx") {
				t.Error(line)
			}
		}
	})
}

func BenchmarkEnter(b *testing.B) {
	code, c := ready(b, answer(1))
	for b.Loop() {
		Enter(code, c.Addr())
	}
}

func BenchmarkExitAndResume(b *testing.B) {
	code, c := ready(b, exits)
	for b.Loop() {
		Enter(code, c.Addr())
		code = c.Resume()
	}
}

func BenchmarkProtectedEnter(b *testing.B) {
	code, c := ready(b, answer(1))
	for b.Loop() {
		if fault := Protect(func() { Enter(code, c.Addr()) }); fault != nil {
			b.Fatal(fault)
		}
	}
}

func BenchmarkPatch(b *testing.B) {
	for _, mode := range modes {
		b.Run(strings.ReplaceAll(mode.String(), " ", "-"), func(b *testing.B) {
			m := memory(b, mode)
			r, err := m.Add(guard)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if err := m.Patch(r, guardJump.offset, guardJump.to[0]); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkAddAndFree(b *testing.B) {
	for _, mode := range modes {
		b.Run(strings.ReplaceAll(mode.String(), " ", "-"), func(b *testing.B) {
			m := memory(b, mode)
			code := make([]byte, 1000)
			for b.Loop() {
				r, err := m.Add(code)
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Free(r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkNewContext(b *testing.B) {
	supported(b)
	for b.Loop() {
		c, err := NewContext()
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
