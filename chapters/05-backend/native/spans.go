package native

import "slices"

// A span is the bytes from start up to end of a Memory.
type span struct{ start, end int }

// spans are the free bytes of a Memory: in order, and with used bytes between any
// two, so that there are no more of them than there are regions, plus one.
type spans []span

// take removes size bytes and returns where they begin, from the first span that
// has as many; false if there is none.
func (s *spans) take(size int) (int, bool) {
	for i, free := range *s {
		if free.end-free.start < size {
			continue
		}
		(*s)[i].start += size
		if free.end-free.start == size {
			*s = slices.Delete(*s, i, i+1)
		}
		return free.start, true
	}
	return 0, false
}

// add adds a span, which must not overlap any other, and joins it with its
// neighbors.
func (s *spans) add(free span) {
	i, _ := slices.BinarySearchFunc(*s, free.start, func(f span, start int) int { return f.start - start })
	first, last := i, i // what free replaces
	if i > 0 && (*s)[i-1].end == free.start {
		first, free.start = i-1, (*s)[i-1].start
	}
	if i < len(*s) && (*s)[i].start == free.end {
		last, free.end = i+1, (*s)[i].end
	}
	*s = slices.Replace(*s, first, last, free)
}

// total returns how many bytes there are.
func (s spans) total() int {
	n := 0
	for _, free := range s {
		n += free.end - free.start
	}
	return n
}
