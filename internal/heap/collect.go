package heap

import (
	"fmt"
	"math/bits"
	"slices"
	"time"
)

// A collector is the part of a heap that finds out which objects live.
type collector struct {
	roots   []*func(*Visitor)
	running bool
	visitor Visitor
	stats   Stats // without Objects and Bytes
}

// A Visitor is handed to the functions that know roots, and they hand their
// roots to it.
type Visitor struct {
	heap *Heap
	// stack holds objects that are marked but whose words were not looked at.
	// Only objects with refs get here, so a long list or a big array of boxes
	// needs no room.
	stack   []Ref
	objects int64
	bytes   int64
}

// AddRoots makes visit take part in every collection until remove is called.
// It names each object that must stay, and must not allocate.
func (h *Heap) AddRoots(visit func(v *Visitor)) (remove func()) {
	c := &h.collector
	c.roots = append(c.roots, &visit)
	return func() {
		c.roots = slices.DeleteFunc(c.roots, func(f *func(*Visitor)) bool { return f == &visit })
	}
}

// Ref keeps the object r, which may be null, or a tagged word: nothing is to be
// kept then.
func (v *Visitor) Ref(r Ref) {
	if IsTagged(r) && v.heap.classes.immediate != nil {
		return
	}
	if r != 0 {
		v.mark(r)
	}
}

// Word keeps the object that starts at the address w, if there is one. Any w
// will do: it is for words of which nobody knows what they are. Since objects
// do not move, nothing breaks if w was a number that looks like an address; an
// object stays a little longer.
func (v *Visitor) Word(w uint64) {
	h := v.heap
	offset := w - h.base
	if w < h.base || offset >= uint64(len(h.blocks))*blockBytes || w%wordBytes != 0 {
		return
	}
	h.findStarts(int(offset / blockBytes))
	b := &h.blocks[offset/blockBytes]
	word := offset % blockBytes / wordBytes
	if b.starts[word/64]>>(word%64)&1 != 0 {
		v.mark(w)
	}
}

// Collect finds the objects that can be reached from the roots, and makes the
// memory of all others available.
func (h *Heap) Collect() {
	c := &h.collector
	if c.running {
		panic("heap: collection during a collection")
	}
	begin := time.Now()
	c.running = true
	h.leaveHole()
	h.mediumCursor, h.mediumEnd = 0, 0
	for i := range h.blocks {
		b := &h.blocks[i]
		b.starts, b.complete = b.marks, false
		clear(b.marks[:])
		clear(b.lines[:])
	}

	v := &c.visitor
	v.objects, v.bytes = 0, 0
	for _, visit := range c.roots {
		(*visit)(v)
		v.drain()
	}
	if h.stress {
		for i := range h.blocks {
			h.findStarts(i)
		}
		h.poison()
	}
	h.sweep()

	h.since = 0
	h.nursery = max(minNursery, uint64(v.bytes))
	c.running = false
	c.stats.LiveObjects, c.stats.LiveBytes = v.objects, v.bytes
	c.stats.Collections++
	c.stats.CollectTime += time.Since(begin)
}

// size returns the size of an object of class c with that header.
func (c *Class) size(header uint64) uint64 { return c.bytes + header>>32*wordBytes }

// mark marks r and its lines, and remembers to look into it.
func (v *Visitor) mark(r Ref) {
	h := v.heap
	offset := r - h.base
	if offset >= uint64(len(h.blocks))*blockBytes {
		panic(fmt.Sprintf("heap: %#x is not the address of an object", r))
	}
	b := &h.blocks[offset/blockBytes]
	word := offset % blockBytes / wordBytes
	bit := uint64(1) << (word % 64)
	if b.marks[word/64]&bit != 0 {
		return
	}
	b.marks[word/64] |= bit

	header := *at(r)
	id := uint32(header) - 1
	if uint64(id) >= uint64(len(h.classes.all)) {
		panic(fmt.Sprintf("heap: no object is at %#x: its header is %#x", r, header))
	}
	c := h.classes.all[id]
	size := c.size(header)
	v.objects++
	v.bytes += int64(size)
	// The lines of an object in blocks of its own are nobody's business. Above
	// maxMedium it need not be in such: New and compiled code look only at whether it
	// fits into the hole.
	if size <= maxMedium || h.kinds[offset/blockBytes] != blockLarge {
		first := offset % blockBytes
		b.lines.add(int(first/lineBytes), int((first+size-1)/lineBytes)+1)
	}
	if len(c.refs) != 0 || c.refItems {
		v.stack = append(v.stack, r)
	}
}

// drain looks into the objects on the stack until it is empty.
func (v *Visitor) drain() {
	for len(v.stack) > 0 {
		r := v.stack[len(v.stack)-1]
		v.stack = v.stack[:len(v.stack)-1]
		c := v.heap.Class(r)
		for _, i := range c.refs {
			v.Ref(v.heap.Word(r, i))
		}
		if c.refItems {
			for _, item := range words(r+wordBytes, r+c.size(*at(r))) {
				v.Ref(item)
			}
		}
	}
}

// findStarts completes the starts of block i, the first time that a collection asks:
// where objects survived the last collection is known from its marks; those allocated
// since stand side by side from the beginning of each hole that was taken, up to a header
// of 0.
func (h *Heap) findStarts(i int) {
	b := &h.blocks[i]
	if b.complete {
		return
	}
	b.complete = true
	for from := b.fresh.in(0); from < linesPerBlock; {
		to := b.fresh.notIn(from)
		h.walk(i, uint64(from)*lineBytes, uint64(to)*lineBytes)
		from = b.fresh.in(to)
	}
}

// walk adds the objects between two offsets in block i to its starts.
func (h *Heap) walk(i int, offset, end uint64) {
	for offset < end {
		header := *at(h.address(i) + offset)
		if header == 0 {
			return
		}
		word := offset / wordBytes
		h.blocks[i].starts[word/64] |= 1 << (word % 64)
		offset += h.classes.all[uint32(header)-1].size(header)
	}
}

// sweep finds out what each block is good for, now that its marks are right.
func (h *Heap) sweep() {
	keep := false // the large object whose blocks we are passing
	for i, kind := range h.kinds {
		b := &h.blocks[i]
		switch kind {
		case blockLarge:
			keep = b.marks[0] != 0
		case blockLarger:
		case blockFree:
			continue
		default:
			b.fresh = lineSet{}
			if b.lines == (lineSet{}) {
				h.kinds[i] = blockFree
			} else {
				h.kinds[i] = blockHoles
			}
			continue
		}
		if !keep {
			h.kinds[i] = blockFree
		}
	}
	h.holeAt, h.freeAt = 0, 0
}

// Dead objects are overwritten with these under stress. Neither is a class or
// an address that can be read.
const (
	poisonHeader = 0x00000000_deaddead
	poisonWord   = 0xdeaddead_deaddead
)

// poison overwrites the objects that this collection found dead.
func (h *Heap) poison() {
	for i := range h.blocks {
		b := &h.blocks[i]
		for j := range b.starts {
			for dead := b.starts[j] &^ b.marks[j]; dead != 0; dead &= dead - 1 {
				word := uint64(j*64 + bits.TrailingZeros64(dead))
				r := h.address(i) + word*wordBytes
				object := words(r, r+h.Class(r).size(*at(r)))
				object[0] = poisonHeader
				for k := range object[1:] {
					object[1+k] = poisonWord
				}
			}
		}
	}
}
