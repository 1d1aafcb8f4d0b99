package virtuals

import (
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// Wait puts a store off. No other store waits at the place.
func (c *Cache) Wait(at *Place, store *ir.Op) {
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
	c.Drop(at)
	o.Emit(store)
}

// FlushAll puts all stores that wait in the output, the oldest first.
func (c *Cache) FlushAll(o *ir.Optimizer) {
	for len(c.waiting) > 0 {
		c.Flush(o, c.waiting[0])
	}
}

// flushItems puts in the output what waits for any index of an array that may be
// the array p.
func (c *Cache) flushItems(o *ir.Optimizer, class *heap.Class, p *ir.Op) {
	for _, at := range slices.Clone(c.waiting) {
		if at.key.descr == any(class) && c.MayAlias(o, o.Find(at.Waiting.Args[0]), p) {
			c.Flush(o, at)
		}
	}
}

// maxPending bounds the stores that an exit does.
const maxPending = 16

// beforeGuard puts stores in the output that a guard can't leave to its exit:
// with p.pending off, all of them.
func (p *heapPass) beforeGuard(o *ir.Optimizer) {
	if len(p.waiting) == 0 {
		return
	}
	if p.pending && p.objects == nil {
		p.objects = virtualObjects(o)
	}
	for _, at := range slices.Clone(p.waiting) {
		v := at.Waiting.Args[len(at.Waiting.Args)-1]
		if !p.pending || p.objects.Of(v) == nil || len(p.waiting) > maxPending {
			p.Flush(o, at)
		}
	}
}

// leaveWaiting adds the stores that still wait to the exit of a guard. They are
// worth it: storing a virtual object would allocate it.
func (p *heapPass) leaveWaiting(guard *ir.Op) {
	for _, at := range p.waiting {
		store := *at.Waiting
		store.Args = slices.Clone(store.Args)
		guard.Exit.Pending = append(guard.Exit.Pending, &store)
	}
}

// virtualObjects returns the virtual objects of a walk; nil if that pass is off.
func virtualObjects(o *ir.Optimizer) Objects {
	for _, p := range o.Passes() {
		if p, ok := p.(*virtualPass); ok {
			return p.objects
		}
	}
	return nil
}
