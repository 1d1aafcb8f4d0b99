package guards

import (
	"errors"
	"fmt"
	"slices"

	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// A Leaver does what exits do, for an Executor: it makes objects on the heap.
// Exits are not nested: nothing calls back while one is left.
type Leaver struct {
	heap        *heap.Heap
	materialize Materializer
	alloc       func(c *heap.Class, words int) heap.Ref // made once, not at each exit
	set         func(r heap.Ref, word int, v uint64)
	objects     int64 // made so far, over all exits
	remove      func()

	// While an exit makes objects:
	exit *Exit
	regs []uint64
	made refSet
	full bool // there was no memory for one
}

// NewLeaver returns a Leaver for traces on h. materialize may be nil: then it
// refuses exits that make objects.
func NewLeaver(h *heap.Heap, materialize Materializer) *Leaver {
	l := &Leaver{heap: h, materialize: materialize}
	l.alloc, l.set = l.allocate, l.setWord
	l.remove = h.AddRoots(l.roots)
	return l
}

// Close ends the Leaver's part in collections.
func (l *Leaver) Close() { l.remove() }

// Objects returns how many objects exits have made so far.
func (l *Leaver) Objects() int64 { return l.objects }

// Check returns an error if e can't be left: for want of a Materializer.
func (l *Leaver) Check(e *Exit) error {
	if len(e.objects) > 0 && l.materialize == nil {
		return errors.New("the executor can't allocate virtual objects yet")
	}
	return nil
}

// roots shows the collector what the exit that is being left needs.
func (l *Leaver) roots(v *heap.Visitor) {
	if l.exit == nil {
		return
	}
	for _, reg := range l.exit.refs {
		v.Ref(l.regs[reg])
	}
	for _, r := range l.made.list {
		v.Ref(r)
	}
}

// Leave does what leaving through e does, and returns the values of the failargs in
// the memory of values, which is made larger if need be. regs are the registers that
// e was decoded for, with what they hold. Those of tagged words are set.
//
// The only error is machine.ErrOutOfMemory. Collections while objects are made keep
// what is in regs; afterwards the caller has to.
func (l *Leaver) Leave(e *Exit, regs, values []uint64) ([]uint64, error) {
	values = values[:0]
	for _, t := range e.tagged {
		regs[t.to] = t.class.Immediate.Word(int64(regs[t.value]))
	}
	if len(e.objects) == 0 && len(e.stores) == 0 {
		for _, s := range e.values {
			values = append(values, regs[s])
		}
		return values, nil
	}
	objects, err := l.makeObjects(e, regs)
	if err != nil {
		return nil, err
	}
	value := func(s Source) uint64 {
		if s < 0 {
			return objects[^s]
		}
		return regs[s]
	}
	for _, s := range e.values {
		values = append(values, value(s))
	}
	for _, s := range e.stores {
		l.heap.SetWord(value(s.object), int(value(s.index)), value(s.value))
	}
	return values, nil
}

// makeObjects allocates the objects of an exit. Nothing is allocated between the
// end of this and when they are in a frame, so only until then the collector has
// to be shown them.
func (l *Leaver) makeObjects(e *Exit, regs []uint64) ([]heap.Ref, error) {
	if len(e.objects) == 0 {
		return nil, nil
	}
	l.exit, l.regs, l.full = e, regs, false
	l.made.clear()
	objects := l.materialize(l.alloc, l.set, e.objects, regs)
	l.exit, l.regs = nil, nil
	if l.full {
		return nil, machine.ErrOutOfMemory
	}
	l.checkObjects(objects, e.objects)
	return objects, nil
}

// checkObjects panics unless objects are those of plan, each one of made. The
// interpreter takes what it gets for objects: a wrong address ends the process.
func (l *Leaver) checkObjects(objects []heap.Ref, plan []Blueprint) {
	if len(objects) != len(plan) {
		panic(fmt.Sprintf("Materialize returned %d objects, expected %d", len(objects), len(plan)))
	}
	inOrder := slices.Equal(objects, l.made.list) // as is usual: then none is wrong, or there twice
	var before refSet
	for i, r := range objects {
		if !inOrder && !l.made.has(r) {
			panic(fmt.Sprintf("Materialize returned as object %d an address that alloc did not return", i))
		}
		if l.heap.Class(r) != plan[i].Class || l.heap.Words(r) != len(plan[i].Words) {
			panic(fmt.Sprintf("Materialize returned as object %d a %s with %d words, expected a %s with %d",
				i, l.heap.Class(r), l.heap.Words(r), plan[i].Class, len(plan[i].Words)))
		}
		if inOrder {
			continue
		}
		if before.has(r) {
			panic(fmt.Sprintf("Materialize returned one address twice, the second time as object %d", i))
		}
		before.add(r)
	}
}

// allocate is what a Materializer gets as alloc.
func (l *Leaver) allocate(c *heap.Class, words int) heap.Ref {
	r := l.heap.Make(c, int64(words))
	if r == 0 {
		l.full = true
		return 0
	}
	l.made.add(r)
	l.objects++
	return r
}

// setWord is what a Materializer gets as set. A wrong address or number would
// overwrite some other object, so it is checked here, as nowhere else.
func (l *Leaver) setWord(r heap.Ref, word int, v uint64) {
	if r == 0 && l.full {
		return
	}
	if r == 0 {
		panic("Materialize sets a word of null")
	}
	if !l.made.has(r) {
		panic("Materialize sets a word of an address that alloc did not return")
	}
	if n := l.heap.Words(r); word < 0 || word >= n {
		panic(fmt.Sprintf("Materialize sets word %d of a %s, which has %d", word, l.heap.Class(r), n))
	}
	l.heap.SetWord(r, word, v)
}

// A refSet is a set of references, which knows in what order they came.
type refSet struct {
	list  []heap.Ref
	known map[heap.Ref]bool // the same, once there are many: an exit may make thousands
}

func (s *refSet) clear() { s.list, s.known = s.list[:0], nil }

func (s *refSet) add(r heap.Ref) {
	s.list = append(s.list, r)
	if s.known != nil {
		s.known[r] = true
	}
}

func (s *refSet) has(r heap.Ref) bool {
	const few = 16 // to look at all of these is faster
	if len(s.list) <= few {
		return slices.Contains(s.list, r)
	}
	if s.known == nil {
		s.known = make(map[heap.Ref]bool, len(s.list))
		for _, r := range s.list {
			s.known[r] = true
		}
	}
	return s.known[r]
}
