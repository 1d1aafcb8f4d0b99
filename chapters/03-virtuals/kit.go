package virtuals

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
)

// Kit is what chapter 3 asks the reader to build, a field for each exercise.
type Kit struct {
	Delay       func(op *ir.Op) *Object
	Access      func(o *ir.Optimizer, obj *Object, word int, op *ir.Op)
	Compare     func(objects Objects, a, b *ir.Op) (same, known bool)
	Stores      func(o *ir.Optimizer, obj *Object) []*ir.Op
	Force       func(o *ir.Optimizer, obj *Object, stores func(*ir.Optimizer, *Object) []*ir.Op)
	Describe    func(o *ir.Optimizer, objects Objects, v *ir.Op, seen map[*Object]*ir.Op) *ir.Op
	Materialize guards.Materializer
	MayAlias    func(c *Cache, o *ir.Optimizer, p, q *ir.Op) bool
	Load        func(c *Cache, o *ir.Optimizer, at *Place, p *ir.Op) *ir.Op
	Store       func(c *Cache, o *ir.Optimizer, at *Place, store *ir.Op)
	Carry       func(l *Loop) (label, jump []*ir.Op)
}

// Yours is the Kit of this folder: the stubs, until you write them.
var Yours = Kit{
	Delay:       Delay,
	Access:      Access,
	Compare:     Compare,
	Stores:      Stores,
	Force:       Force,
	Describe:    Describe,
	Materialize: Materialize,
	MayAlias:    MayAlias,
	Load:        Load,
	Store:       Store,
	Carry:       Carry,
}

// Passes returns the passes of this chapter. In a chain, cse stands between
// them. With pending, stores of virtual objects may be left to the exits of
// guards (ir.Exit.Pending).
func (k *Kit) Passes(pending bool) (virtual, store ir.NamedPass) {
	virtual = ir.NamedPass{Name: "virtuals", What: "delay allocations until an object escapes",
		Make: func() ir.Pass { return &virtualPass{kit: k, objects: Objects{}} }}
	store = ir.NamedPass{Name: "heap", What: "forward loads, delay stores and drop dead ones, share calls",
		Make: func() ir.Pass {
			return &heapPass{Cache: newCache(k), pending: pending, calls: map[*ir.Call][]call{}}
		}}
	return virtual, store
}
