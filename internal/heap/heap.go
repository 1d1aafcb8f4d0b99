// Package heap owns the memory of the guest: its objects, and the collector
// that finds the dead ones. It knows nothing of traces or interpreters.
//
// Guest objects are not Go objects. They live in one range of addresses that
// Go's collector neither scans nor moves, so that machine code may hold their
// addresses. An object is a header word and the words of its class:
//
//	 r                     r+8       r+16
//	┌──────────┬──────────┬─────────┬─────────┬─ ─
//	│ length   │ class ID │ word 0  │ word 1  │
//	└──────────┴──────────┴─────────┴─────────┴─ ─
//	 high 32    low 32 bits
//
// The length is that of an array, and 0 for a struct. A word is an int64, the
// bits of a float64, or the address of an object (0 is null); the class says
// which.
//
// The range is divided into blocks and these into lines, after Immix
// (Blackburn and McKinley, "Immix: A Mark-Region Garbage Collector with Space
// Efficiency, Fast Collection, and Mutator Performance", PLDI 2008; without its
// moving of objects). Marking finds the live objects and with them the lines
// they touch; what lies between is a hole, and New fills holes by moving a
// cursor. memory.go reads and writes words, block.go finds holes, collect.go
// marks and sweeps.
//
// A Heap belongs to one goroutine at a time: nothing in it is locked.
package heap

import (
	"fmt"
	"time"
)

// A Ref is the address of a guest object; 0 is null.
type Ref = uint64

const (
	// DefaultLimit is the limit of a heap whose Options name none.
	DefaultLimit = 512 << 20

	// MaxLen is the length of the longest array that a header can describe.
	MaxLen = 1 << 31

	wordBytes = 8

	// minNursery is how many bytes are allocated at least between two
	// collections. Few enough that a program with little live data runs in the
	// processor's cache, many enough that the fixed cost of a collection is
	// small against the work of filling them.
	minNursery = 4 << 20
)

// Options say how a heap behaves.
type Options struct {
	// Limit is the most bytes that objects may take, rounded up to whole
	// blocks of 32 KiB. 0 means DefaultLimit.
	Limit int64
	// Stress collects before every allocation and overwrites the objects that
	// died, so that a forgotten root shows at once.
	Stress bool
}

// A Heap holds the objects of one guest program.
type Heap struct {
	cursor  uint64 // where the next small object goes
	limit   uint64 // end of the hole for New: equal to end, or 0 under stress
	objects uint64 // allocated so far
	end     uint64 // end of the hole
	start   uint64 // where the cursor was when the hole was taken

	// Objects of more than a line that do not fit into the hole go elsewhere,
	// so that they do not end a hole that small ones could still fill.
	mediumCursor, mediumEnd uint64

	classes   *Classes
	memory    memory
	base      uint64 // address of the first block
	maxBlocks int
	kinds     []blockKind // of the blocks that were ever used
	blocks    []block     // the same blocks
	holeAt    int         // no block below this has a hole
	freeAt    int         // no block below this is free

	stress    bool
	bytes     uint64 // allocated so far, without what lies in [start, cursor)
	since     uint64 // bytes of the holes and blocks taken since the last collection
	nursery   uint64 // collect when since reaches this
	collector collector
}

// New returns an empty heap for objects of the classes in cs, which may still
// grow. Close gives its memory back.
func New(cs *Classes, opt Options) (*Heap, error) {
	limit := opt.Limit
	switch {
	case limit == 0:
		limit = DefaultLimit
	case limit < 0:
		return nil, fmt.Errorf("heap: limit %d is negative", limit)
	case limit > maxLimit:
		return nil, fmt.Errorf("heap: limit %d is above the %d bytes that can be addressed", limit, int64(maxLimit))
	}
	blocks := (limit + blockBytes - 1) / blockBytes
	mem, err := reserve(int(blocks * blockBytes))
	if err != nil {
		return nil, fmt.Errorf("heap: cannot reserve %d bytes: %w", blocks*blockBytes, err)
	}
	h := &Heap{
		classes:   cs,
		memory:    mem,
		base:      mem.base(),
		maxBlocks: int(blocks),
		stress:    opt.Stress,
		nursery:   minNursery,
	}
	h.collector.visitor.heap = h
	return h, nil
}

// Classes returns the classes of h's objects.
func (h *Heap) Classes() *Classes { return h.classes }

// Close gives the memory back. No object may be touched afterwards. The Stats
// stay.
func (h *Heap) Close() error {
	mem := h.memory
	if mem == nil {
		return nil
	}
	h.leaveHole()
	h.mediumCursor, h.mediumEnd = 0, 0
	h.memory, h.kinds, h.blocks = nil, nil, nil
	return release(mem)
}

// New allocates an object of class c, an array without items if c is an array
// class. All its words are 0. It may collect. It returns 0 if memory is out.
//
// It compiles to a few instructions in its caller. Go inlines a function up to
// a budget that one call nearly exhausts, but it counts little for the call of
// a parameter; hence bump. TestNewIsInlined watches over it.
func (h *Heap) New(c *Class) Ref { return h.bump(c, (*Heap).newSlow) }

func (h *Heap) bump(c *Class, slow func(*Heap, *Class) Ref) Ref {
	r := h.cursor
	if next := r + c.bytes; next <= h.limit {
		h.cursor = next
		h.objects++
		*at(r) = uint64(c.ID)
		return r
	}
	return slow(h, c)
}

//go:noinline
func (h *Heap) newSlow(c *Class) Ref {
	if c.Immediate != nil {
		panic("heap: objects of the immediate class " + c.Name + " are not allocated")
	}
	return h.allocate(c.bytes, uint64(c.ID))
}

// NewArray allocates an array of n items, all 0. It may collect. It returns 0
// if memory is out, or n is negative or above MaxLen.
func (h *Heap) NewArray(c *Class, n int64) Ref {
	if uint64(n) > MaxLen {
		return 0
	}
	header := uint64(n)<<32 | uint64(c.ID)
	size := c.bytes + wordBytes*uint64(n)
	r := h.cursor
	if next := r + size; next <= h.limit {
		h.cursor = next
		h.objects++
		*at(r) = header
		return r
	}
	return h.allocate(size, header)
}

// Make allocates an object of c, a struct or an array of n items, like New and
// NewArray. Who knows which of the two it is calls that.
func (h *Heap) Make(c *Class, n int64) Ref {
	if c.IsArray() {
		return h.NewArray(c, n)
	}
	return h.New(c)
}

// allocate is the slow path: it finds memory where New could not, collecting
// if it is time to, or if there is none.
func (h *Heap) allocate(size, header uint64) Ref {
	if h.collector.running {
		panic("heap: allocation during a collection")
	}
	if h.memory == nil {
		panic("heap: allocation after Close")
	}
	if size > uint64(h.maxBlocks)*blockBytes {
		return 0
	}
	collected := h.stress || h.since >= h.nursery
	if collected {
		h.Collect()
	}
	r := h.find(size)
	if r == 0 && !collected {
		h.Collect()
		r = h.find(size)
	}
	if r == 0 {
		return 0
	}
	h.objects++
	*at(r) = header
	return r
}

// Class returns the class of r, which must not be null.
func (h *Heap) Class(r Ref) *Class {
	if IsTagged(r) {
		return h.classes.immediate
	}
	return h.classes.all[uint32(*at(r))-1]
}

// Is reports whether r is an object of exactly the class c. Null is not.
func (h *Heap) Is(r Ref, c *Class) bool {
	if IsTagged(r) {
		return c.Immediate != nil
	}
	return r != 0 && uint32(*at(r)) == c.ID
}

// Len returns the length of the array r.
func (h *Heap) Len(r Ref) int64 { return int64(*at(r) >> 32) }

// Words returns how many words r has: fields of a struct, items of an array.
func (h *Heap) Words(r Ref) int {
	if c := h.Class(r); !c.IsArray() {
		return len(c.Fields)
	}
	return int(h.Len(r))
}

// Word returns word i of r: a field of a struct, an item of an array. Nothing
// is checked; r is in memory (see Load).
func (h *Heap) Word(r Ref, i int) uint64 { return *at(r + wordBytes + wordBytes*uint64(i)) }

// SetWord stores v as word i of r. Nothing is checked.
func (h *Heap) SetWord(r Ref, i int, v uint64) { *at(r + wordBytes + wordBytes*uint64(i)) = v }

// Stats count what a heap has done so far.
type Stats struct {
	Objects     int64         // allocated, arrays included
	Bytes       int64         // of these objects, headers included
	Collections int64         // run so far
	LiveObjects int64         // that the last collection kept
	LiveBytes   int64         // of these objects
	CollectTime time.Duration // spent in collections
}

// Stats returns the counts up to now.
func (h *Heap) Stats() Stats {
	s := h.collector.stats
	s.Objects = int64(h.objects)
	s.Bytes = int64(h.bytes + h.cursor - h.start)
	return s
}
