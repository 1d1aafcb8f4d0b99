package native

import (
	"math"
	"sync/atomic"
	"unsafe"
)

// Size is the size of a Context in bytes.
const Size = 32 << 10

// Places in a Context: offsets in bytes from its address, which compiled code has
// in a register. All hold 64 bits.
const (
	ExitAt       = 0   // number of the exit that was taken
	ResumeAt     = 8   // address of code to enter again at
	ResultAt     = 16  // what Go answers at an exit that resumes
	CursorAt     = 24  // address of the heap's next free byte
	LimitAt      = 32  // address behind the hole that Cursor goes through
	ObjectsAt    = 40  // how many objects compiled code has allocated
	BudgetAt     = 48  // iterations left, where polls have to count
	StackAt      = 56  // address behind the last word that is in use on the Stack
	RoomAt       = 64  // while StackAt is not above it, there is room on the Stack
	DepthAt      = 72  // how many frames of the guest program there may still be
	IterationsAt = 80  // iterations that compiled code has counted, if it counts them
	SaveAt       = 128 // integer register r at SaveAt+8*r, float register r at SaveAt+256+8*r
	SlotsAt      = 640 // spill slot n at SlotsAt+8*n
)

// MaxSlots is how many spill slots there are.
const MaxSlots = (Size - SlotsAt) / 8

// A Context is the memory that compiled code and Go exchange words through: one for
// each run that is under way. It lies outside Go's heap, so that its address is
// good for as long as it is open, and Go's collector never looks at its words.
type Context struct {
	mapped []byte
	words  []uint64 // the same memory; nil when closed, so that accesses panic
}

// NewContext returns a Context of zeros. The error is that of Supported, or the
// system's.
func NewContext() (*Context, error) {
	if err := Supported(); err != nil {
		return nil, err
	}
	return newContext()
}

// newContext is NewContext for the probe, on whose result Supported depends.
func newContext() (*Context, error) {
	mapped, err := mapWords(Size)
	if err != nil {
		return nil, err
	}
	// A conversion of *T1 to *T2 (rule 1 of unsafe.Pointer): the mapping begins a page.
	words := unsafe.Slice((*uint64)(unsafe.Pointer(unsafe.SliceData(mapped))), Size/8)
	return &Context{mapped, words}, nil
}

// Close gives the memory back. Any use of the Context from here on panics.
func (c *Context) Close() error {
	if c.mapped == nil {
		return nil
	}
	mapped := c.mapped
	c.mapped, c.words = nil, nil
	return unmap(mapped)
}

// Addr returns the address of the Context, for Enter.
func (c *Context) Addr() uintptr { return uintptr(unsafe.Pointer(&c.words[0])) }

// Word returns the word at offset at: 0 to Size-8, a multiple of 8.
func (c *Context) Word(at int) uint64 { return c.words[index(at)] }

// SetWord sets the word at offset at: 0 to Size-8, a multiple of 8.
func (c *Context) SetWord(at int, word uint64) { c.words[index(at)] = word }

// index returns which word is at offset at.
func index(at int) int {
	if at&7 != 0 {
		panic("native: words of a Context are at multiples of 8")
	}
	return at >> 3
}

// Exit returns the number of the exit that was taken.
func (c *Context) Exit() uint64 { return atomic.LoadUint64(&c.words[ExitAt/8]) }

// Resume returns the address where Enter goes on after the exit.
func (c *Context) Resume() uintptr { return uintptr(c.words[ResumeAt/8]) }

// SetResult gives the answer that the code finds when it is resumed.
func (c *Context) SetResult(word uint64) { c.words[ResultAt/8] = word }

// Saved returns what the exit stored of a register: r from 0 to 31 is integer
// register r, 32+r is float register r (its bits).
func (c *Context) Saved(r int) uint64 { return c.words[SaveAt/8 : SlotsAt/8][r] }

// SavedFloat returns what the exit stored of float register r, 0 to 31.
func (c *Context) SavedFloat(r int) float64 { return math.Float64frombits(c.Saved(32 + r)) }

// SavedWords returns what the exit stored of all registers, as Saved numbers them.
// Compiled code changes them, and Close takes them away.
func (c *Context) SavedWords() []uint64 { return c.words[SaveAt/8 : SlotsAt/8] }

// SlotWords returns the words in all spill slots, likewise.
func (c *Context) SlotWords() []uint64 { return c.words[SlotsAt/8:] }

// Slot returns the word in spill slot n, 0 to MaxSlots-1.
func (c *Context) Slot(n int) uint64 { return c.words[SlotsAt/8:][n] }

// SetSlot sets the word in spill slot n, 0 to MaxSlots-1.
func (c *Context) SetSlot(n int, word uint64) { c.words[SlotsAt/8:][n] = word }
