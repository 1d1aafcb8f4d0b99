package virtuals

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// maxWaiting bounds the stores that wait, so that looking at all of them does not
// cost more and more.
const maxWaiting = 32

// Wait puts a store off. No other store waits at the place.
func (c *Cache) Wait(at *Place, store *ir.Op) {
	if store == nil {
		panic("Wait: there is no store")
	}
	if at.Waiting != nil {
		panic("Wait: a store waits at this place already, Drop it or Flush it first")
	}
	at.Waiting = store
	c.waiting = append(c.waiting, at)
}

// Drop forgets the store that waits at a place: it has been overwritten.
func (c *Cache) Drop(at *Place) {
	at.Waiting = nil
	c.waiting = slices.DeleteFunc(c.waiting, func(w *Place) bool { return w == at })
}

// Flush puts the store that waits at a place in the output.
func (c *Cache) Flush(o *ir.Optimizer, at *Place) {
	store := at.Waiting
	if store == nil {
		panic("Flush: no store waits at this place")
	}
	c.Drop(at)
	o.Emit(store)
}

// flushAll puts all stores that wait in the output, the oldest first.
func (c *Cache) flushAll(o *ir.Optimizer) {
	list := c.waiting
	c.waiting = nil
	for _, at := range list {
		store := at.Waiting
		at.Waiting = nil
		o.Emit(store)
	}
	c.waiting = list[:0]
}

// Flush implements ir.Flusher: memory is as it should be where a trace ends.
func (p *heapPass) Flush(o *ir.Optimizer) { p.flushAll(o) }

// flushIf puts those stores that wait in the output for which now says so, the
// oldest first.
func (c *Cache) flushIf(o *ir.Optimizer, now func(at *Place) bool) {
	for i := 0; i < len(c.waiting); {
		if at := c.waiting[i]; now(at) {
			c.Flush(o, at)
		} else {
			i++
		}
	}
}

// flushItems puts in the output what waits for an index that may be that of the
// place at, of an array that may be the array p.
func (c *Cache) flushItems(o *ir.Optimizer, at *Place, p *ir.Op) {
	c.flushIf(o, func(w *Place) bool {
		return w.class == at.class && !o.Differ(w.index, at.index) && c.MayAlias(o, o.Find(w.Waiting.Args[0]), p)
	})
}

// maxPending bounds the stores that an exit does.
const maxPending = 4

// beforeGuard puts stores in the output that a guard can't leave to its exit:
// with p.pending off, all of them.
func (p *heapPass) beforeGuard(o *ir.Optimizer) {
	if len(p.waiting) == 0 {
		return
	}
	if !p.pending {
		p.flushAll(o)
		return
	}
	var objects Objects
	if v := virtualsOf(o); v != nil {
		objects = v.objects
	}
	p.flushIf(o, func(at *Place) bool {
		v := at.Waiting.Args[len(at.Waiting.Args)-1]
		return objects.Of(v) == nil || len(p.waiting) > maxPending
	})
}

// leaveWaiting adds the stores that still wait to the exit of a guard. They are
// worth it: storing a virtual object would allocate it.
func (p *heapPass) leaveWaiting(guard *ir.Op) {
	var pending []*ir.Op
	for _, at := range p.waiting {
		store := *at.Waiting
		store.Args = slices.Clone(store.Args)
		pending = append(pending, &store)
	}
	// What the guard brings from an earlier walk comes later in the program.
	guard.Exit.Pending = append(pending, guard.Exit.Pending...)
}
