package heap

import "math/bits"

// A block is 32 KiB, a line 128 bytes. A line is the unit in which memory comes
// back: one live object keeps the whole line. Lines are small here, because the
// most frequent guest object is a box of 16 bytes.
const (
	blockBytes    = 32 << 10
	lineBytes     = 128
	linesPerBlock = blockBytes / lineBytes
	wordsPerBlock = blockBytes / wordBytes

	// Bigger objects get blocks of their own.
	maxMedium = blockBytes / 2
)

// A blockKind says what a block is used for.
type blockKind uint8

const (
	blockFree   blockKind = iota // empty, its memory anything
	blockHoles                   // some lines survived the last collection, some are holes
	blockTaken                   // no hole is left
	blockLarge                   // the first block of a large object
	blockLarger                  // the rest of the large object before it
)

// A block is what is known of one block. It is kept apart from the memory of
// the block, where objects are.
type block struct {
	// marks has a bit for each word: an object that the last collection kept
	// starts there. (A large object has its bit from the beginning.)
	marks [wordsPerBlock / 64]uint64
	// starts has a bit for each word at which an object started before this
	// collection. Without those allocated since the last one, until findStarts
	// adds them.
	starts   [wordsPerBlock / 64]uint64
	complete bool    // it has
	lines    lineSet // touched by a kept object, or part of a hole that was taken
	fresh    lineSet // part of a hole that was taken since the last collection
}

// A lineSet is a set of lines of one block.
type lineSet [linesPerBlock / 64]uint64

func (s *lineSet) add(from, to int) {
	for i := from; i < to; i++ {
		s[i/64] |= 1 << (i % 64)
	}
}

// in returns the first line from i on that is in s, or linesPerBlock.
func (s *lineSet) in(i int) int {
	for ; i < linesPerBlock; i = i&^63 + 64 {
		if w := s[i/64] >> (i % 64); w != 0 {
			return i + bits.TrailingZeros64(w)
		}
	}
	return linesPerBlock
}

// notIn returns the first line from i on that is not in s, or linesPerBlock.
func (s *lineSet) notIn(i int) int {
	for ; i < linesPerBlock; i = i&^63 + 64 {
		if w := ^s[i/64] >> (i % 64); w != 0 {
			return i + bits.TrailingZeros64(w)
		}
	}
	return linesPerBlock
}

// gap returns the first run of at least n lines that are not in s.
func (s *lineSet) gap(n int) (from, to int, ok bool) {
	for to < linesPerBlock {
		from = s.notIn(to)
		to = s.in(from)
		if from < to && to-from >= n {
			return from, to, true
		}
	}
	return 0, 0, false
}

// find returns cleared memory for an object of size bytes, or 0. It does not
// collect.
func (h *Heap) find(size uint64) Ref {
	switch {
	case size > maxMedium:
		return h.findLarge(size)
	case size > h.end-h.cursor && size > lineBytes:
		return h.findMedium(size)
	case size > h.end-h.cursor && !h.nextHole():
		return 0
	}
	r := h.cursor
	h.cursor += size
	return r
}

// nextHole moves the cursor to another hole, first in blocks that are partly
// used. Any hole is good for a small object, since it has at least a line.
func (h *Heap) nextHole() bool {
	start, end, ok := h.takeHole(1)
	if !ok {
		start, end, ok = h.takeBlock()
	}
	if !ok {
		return false
	}
	h.leaveHole()
	h.cursor, h.start, h.end = start, start, end
	if !h.stress {
		h.limit = end
	}
	return true
}

// leaveHole counts what the cursor has passed, and leaves the cursor without a
// hole.
func (h *Heap) leaveHole() {
	h.bytes += h.cursor - h.start
	h.cursor, h.start, h.end, h.limit = 0, 0, 0, 0
}

// findMedium places an object of more than a line that does not fit before
// h.end. An empty block is first choice here: to look through the holes for
// one that is big enough takes time.
func (h *Heap) findMedium(size uint64) Ref {
	if size > h.mediumEnd-h.mediumCursor {
		start, end, ok := h.takeBlock()
		if !ok {
			start, end, ok = h.takeHole(int((size + lineBytes - 1) / lineBytes))
		}
		if !ok {
			return 0
		}
		h.mediumCursor, h.mediumEnd = start, end
	}
	r := h.mediumCursor
	h.mediumCursor += size
	h.bytes += size
	return r
}

// takeHole takes and clears a hole of at least n lines.
func (h *Heap) takeHole(n int) (start, end uint64, ok bool) {
	for i := h.holeAt; i < len(h.kinds); i++ {
		if h.kinds[i] != blockHoles {
			continue
		}
		b := &h.blocks[i]
		from, to, ok := b.lines.gap(n)
		if !ok {
			if n == 1 {
				h.kinds[i] = blockTaken
			}
			continue
		}
		if n == 1 {
			h.holeAt = i
		}
		b.lines.add(from, to)
		b.fresh.add(from, to)
		start = h.address(i) + uint64(from)*lineBytes
		end = h.address(i) + uint64(to)*lineBytes
		clear(words(start, end))
		h.since += end - start
		return start, end, true
	}
	if n == 1 {
		h.holeAt = len(h.kinds)
	}
	return 0, 0, false
}

// takeBlock takes an empty block, the lowest: a program with little live data
// then stays in the same memory, whatever it allocates.
func (h *Heap) takeBlock() (start, end uint64, ok bool) {
	i, ok := h.takeRun(1)
	if !ok {
		return 0, 0, false
	}
	h.kinds[i] = blockTaken
	h.blocks[i].fresh = fullLines
	start = h.address(i)
	end = start + blockBytes
	h.since += blockBytes
	return start, end, true
}

var fullLines = lineSet{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// findLarge places an object in blocks of its own.
func (h *Heap) findLarge(size uint64) Ref {
	n := int((size + blockBytes - 1) / blockBytes)
	i, ok := h.takeRun(n)
	if !ok {
		return 0
	}
	h.kinds[i] = blockLarge
	for j := i + 1; j < i+n; j++ {
		h.kinds[j] = blockLarger
	}
	h.blocks[i].marks[0] = 1
	h.since += uint64(n) * blockBytes
	h.bytes += size
	return h.address(i)
}

// takeRun finds n empty blocks side by side and clears their memory: the
// lowest, and else blocks that were never used. The caller sets their kinds.
func (h *Heap) takeRun(n int) (first int, ok bool) {
	for h.freeAt < len(h.kinds) && h.kinds[h.freeAt] != blockFree {
		h.freeAt++
	}
	run := 0 // how many blocks before i are free
	i := h.freeAt
	for ; i < len(h.kinds) && run < n; i++ {
		if h.kinds[i] == blockFree {
			run++
		} else {
			run = 0
		}
	}
	first = i - run
	if first+n > h.maxBlocks {
		return 0, false
	}
	clear(words(h.address(first), h.address(i)))
	for len(h.kinds) < first+n { // never used, hence zero
		h.kinds = append(h.kinds, blockFree)
		h.blocks = append(h.blocks, block{})
	}
	return first, true
}

// address returns where the memory of block i begins.
func (h *Heap) address(i int) uint64 { return h.base + uint64(i)*blockBytes }
