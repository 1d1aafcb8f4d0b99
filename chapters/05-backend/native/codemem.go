package native

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"unsafe"
)

// MaxMemory is the most bytes that a Memory can have: a jump on arm64 reaches 128
// MiB, so that any code in it can jump to any other.
const MaxMemory = 128 << 20

// align is the multiple of bytes at which regions begin.
const align = 16

// A Mode is how a Memory gets code into memory that is never writable and
// executable at once.
type Mode uint8

// The modes.
const (
	// ModeTwoViews maps the same memory at two addresses, one to write to and one to
	// execute. A patch is a store, some nanoseconds.
	ModeTwoViews Mode = iota + 1
	// ModeProtect takes the right to execute from the pages that are written to, and
	// gives it back. A patch is two system calls, some microseconds.
	ModeProtect
)

func (m Mode) String() string {
	switch m {
	case ModeTwoViews:
		return "two views"
	case ModeProtect:
		return "mprotect"
	}
	return fmt.Sprintf("Mode(%d)", uint8(m))
}

// A Memory is memory for machine code. One Memory belongs to one engine: its
// methods must not be called at the same time, nor while any of its code runs,
// since a page that is written to may not be executable for that time. Different
// Memories have nothing to do with one another.
type Memory struct {
	mode       Mode
	executable []byte // nil when closed
	writable   []byte // the same memory; in ModeProtect the same address as well
	free       spans
	sizes      map[int]int // of each region that is not free, by where it begins
}

// A Region is a part of a Memory that holds code.
type Region struct {
	Addr uintptr // where its code is executed, a multiple of 16
	Size int     // in bytes
}

// New returns a Memory for limit bytes of code, 1 to MaxMemory; it takes memory of
// the system only for the pages in use. The error is that of Supported, or the
// system's.
func New(limit int) (*Memory, error) {
	mode, err := defaultMode()
	if err != nil {
		return nil, err
	}
	return newMemory(limit, mode)
}

// NewMode is New with a mode that may not be the one this system is best at, or
// works with. It is for tests, and for perf: to which code in ModeTwoViews is a file
// that it can't find, and no code that a PerfMap has names for.
func NewMode(limit int, mode Mode) (*Memory, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	return newMemory(limit, mode)
}

func newMemory(limit int, mode Mode) (*Memory, error) {
	if limit < 1 || limit > MaxMemory {
		return nil, fmt.Errorf("native: code memory of %d bytes: want 1 to %d", limit, MaxMemory)
	}
	page := os.Getpagesize()
	size := (limit + page - 1) / page * page
	m := &Memory{mode: mode, sizes: map[int]int{}}
	var err error
	switch mode {
	case ModeTwoViews:
		m.writable, m.executable, err = mapViews(size)
	case ModeProtect:
		m.executable, err = mapProtected(size)
		m.writable = m.executable
	default:
		err = fmt.Errorf("native: there is no %v", mode)
	}
	if err != nil {
		return nil, err
	}
	m.free.add(span{0, size})
	return m, nil
}

// Close gives the memory back. No Region of it may be entered from here on.
func (m *Memory) Close() error {
	if m.executable == nil {
		return nil
	}
	executable, writable := m.executable, m.writable
	*m = Memory{mode: m.mode}
	err := unmap(executable)
	if m.mode == ModeTwoViews {
		if err2 := unmap(writable); err == nil {
			err = err2
		}
	}
	return err
}

// Mode returns how the Memory is written to.
func (m *Memory) Mode() Mode { return m.mode }

// Limit returns how many bytes of code there is room for, those in use included.
func (m *Memory) Limit() int { return len(m.executable) }

// Used returns how many bytes are not free: those of all regions, each rounded up
// to a multiple of 16.
func (m *Memory) Used() int { return len(m.executable) - m.free.total() }

// Add puts code into a new region. The error is one of Alloc or Patch.
func (m *Memory) Add(code []byte) (Region, error) {
	r, err := m.Alloc(len(code))
	if err != nil {
		return Region{}, err
	}
	if err := m.Patch(r, 0, code); err != nil {
		m.release(r)
		return Region{}, err
	}
	return r, nil
}

// Alloc returns a new region of size bytes, 1 or more, for code that has to know
// its address: what is in it nobody may execute before Patch has filled it. The
// error is ErrFull, wrapped, if no hole is large enough.
func (m *Memory) Alloc(size int) (Region, error) {
	if size < 1 {
		return Region{}, fmt.Errorf("native: a region of %d bytes: want 1 or more", size)
	}
	if size <= math.MaxInt-align {
		if at, ok := m.free.take(roundUp(size)); ok {
			m.sizes[at] = size
			return Region{m.base() + uintptr(at), size}, nil
		}
	}
	return Region{}, fmt.Errorf("%w: no room for %d bytes, %d of %d are in use", ErrFull, size, m.Used(), m.Limit())
}

// Free gives the region back to the Memory, and fills it with instructions that
// end the process, in case somebody still has its address. The error is the
// system's. It panics if the region is not one of the Memory's.
func (m *Memory) Free(r Region) error {
	at := m.offset(r)
	err := m.write(at, bytes.Repeat(trap, roundUp(r.Size)/len(trap)))
	m.release(r)
	return err
}

// release makes the region's bytes free.
func (m *Memory) release(r Region) {
	at := m.offset(r)
	delete(m.sizes, at)
	m.free.add(span{at, at + roundUp(r.Size)})
}

// Patch overwrites part of a region, from offset bytes on, which must lie in it
// with all of code. The error is the system's; the region is not to be entered then.
func (m *Memory) Patch(r Region, offset int, code []byte) error {
	at := m.offset(r)
	if offset < 0 || offset > r.Size || len(code) > r.Size-offset {
		panic(fmt.Sprintf("native: patch of bytes %d to %d in a region of %d", offset, offset+len(code), r.Size))
	}
	return m.write(at+offset, code)
}

// offset returns where the region begins. It panics if it is none of the Memory's.
func (m *Memory) offset(r Region) int {
	at := int(r.Addr - m.base())
	if size, ok := m.sizes[at]; !ok || size != r.Size {
		panic(fmt.Sprintf("native: region of %d bytes at %#x is not in use", r.Size, r.Addr))
	}
	return at
}

// write stores code from at on, and makes it executable.
func (m *Memory) write(at int, code []byte) error {
	if m.mode == ModeTwoViews {
		copy(m.writable[at:], code)
		m.sync(at, len(code))
		return nil
	}
	page := os.Getpagesize()
	end := (at + len(code) + page - 1) / page * page
	pages := m.executable[at/page*page : end]
	if err := makeWritable(pages); err != nil {
		return os.NewSyscallError("mprotect", err)
	}
	copy(m.writable[at:], code)
	if err := makeExecutable(pages); err != nil {
		return os.NewSyscallError("mprotect", err)
	}
	m.sync(at, len(code))
	return nil
}

// sync makes what was written to size bytes from at on fetchable.
func (m *Memory) sync(at, size int) {
	written := uintptr(unsafe.Pointer(unsafe.SliceData(m.writable)))
	syncCaches(written+uintptr(at), m.base()+uintptr(at), uintptr(size))
}

// base is the address where the code at offset 0 is executed.
func (m *Memory) base() uintptr {
	return uintptr(unsafe.Pointer(unsafe.SliceData(m.executable)))
}

func roundUp(size int) int { return (size + align - 1) &^ (align - 1) }
