package virtualssolution

import (
	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
)

// Load returns the value that a load of the place at from the object p gives, if
// that is known without loading, else nil. A store to the same object that waits
// (at.Waiting) has the value, as its last argument: what is in memory is older. A
// store that waits for an object that may be p (c.MayAlias) has to be done first:
// c.Flush puts it in the output, and forgets what it may overwrite. Then at.At
// says what is known of the memory. What a waiting store mentions may have been
// found equal to something since: ask o.Find.
//
// For example, after setfield_gc(p0, i1), getfield_gc_i(p0) of the same field is
// i1, and the store goes on waiting.
func Load(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
	if w := at.Waiting; w != nil {
		object := o.Find(w.Args[0])
		if object == p {
			return o.Find(w.Args[len(w.Args)-1])
		}
		if c.MayAlias(o, object, p) {
			c.Flush(o, at)
		}
	}
	return at.At(o, p)
}

// Store takes in a store to the place at, which is not in the output yet. It waits
// there (c.Wait), one store at most for a place: one to the same object that waits
// already has been overwritten and is dropped (c.Drop), one to another object is
// done (c.Flush). A store of what memory is known to hold (at.At) is not needed. What
// a waiting store mentions may have been found equal to something since: ask o.Find.
//
// For example, of setfield_gc(p0, i1), setfield_gc(p0, i2) only the second waits;
// after i1 = getfield_gc_i(p0), setfield_gc(p0, i1) does not.
func Store(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
	p, v := store.Args[0], store.Args[len(store.Args)-1]
	if w := at.Waiting; w != nil {
		if o.Find(w.Args[0]) == p {
			c.Drop(at)
		} else {
			c.Flush(o, at)
		}
	}
	if at.At(o, p) != v {
		c.Wait(at, store)
	}
}
