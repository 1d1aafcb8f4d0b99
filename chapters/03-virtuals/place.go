package virtuals

import (
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// A Place is one field, or one index of arrays of one class, of all objects that
// have it. Writes to different places never meet, with one exception: an index
// that is not constant may be any index.
type Place struct {
	field *heap.Field // nil: it is none
	class *heap.Class // of the arrays that it is an index of; nil: it is none
	index *ir.Op      // of arrays: which one
	// Immutable places are written once, when the object is made.
	Immutable bool
	// Known are what objects are known to hold at this place, in memory: a store
	// that waits is not in it.
	Known []Content
	// Waiting is a store to this place that is not in the output yet, or nil.
	Waiting *ir.Op

	epoch   int // of the Cache, when Known was last right
	tracked int // 1 more than the Cache's epoch: it is in the Cache's items
}

// Content says that Object holds Value at a Place.
type Content struct{ Object, Value *ir.Op }

// index is an index of arrays of a class: a constant, or the value of one that is
// not constant.
type index struct {
	class *heap.Class
	n     int64
	value *ir.Op
}

// maxKnown bounds how many objects are remembered at a Place, so that the cost of
// an operation does not depend on how many came before it. The oldest go first.
const maxKnown = 16

// maxIndices bounds the indices of one class of arrays that are remembered.
const maxIndices = 32

// Cache is what is known of the contents of real objects at the point that the
// walk has reached, and the stores that are put off. (LuaJIT calls the two
// halves load forwarding and dead store elimination; in RPython, heap.py.)
type Cache struct {
	kit     *Kit
	fields  map[*heap.Field]*Place
	indices map[index]*Place
	lengths Place                    // the lengths of arrays, of whatever class
	items   map[*heap.Class][]*Place // those of its indices that something may be known of
	waiting []*Place                 // those with a store that waits, the oldest first
	epoch   int                      // grows when everything that can change may have changed
	writes  int                      // how many times memory may have changed

	recent  [4]*Place        // that were learned of last
	latest  [maxTold]learned // what was learned last
	learned int              // how many times
}

func newCache(kit *Kit) *Cache {
	return &Cache{kit: kit, lengths: Place{Immutable: true}, fields: map[*heap.Field]*Place{},
		indices: map[index]*Place{}, items: map[*heap.Class][]*Place{}}
}

// place returns the Place that a load, a store or arraylen_gc is about.
func (c *Cache) place(op *ir.Op) *Place {
	switch d := op.Descr.(type) {
	case *heap.Field:
		return c.field(d)
	case *heap.Class:
		if op.Code == ir.ArraylenGc {
			return &c.lengths
		}
		return c.item(d, op.Args[1])
	}
	return nil
}

// field returns the Place of a field.
func (c *Cache) field(f *heap.Field) *Place {
	at := c.fields[f]
	if at == nil {
		at = &Place{field: f, Immutable: f.Immutable, epoch: c.epoch}
		c.fields[f] = at
	}
	return c.current(at)
}

// item returns the Place of an index.
func (c *Cache) item(class *heap.Class, i *ir.Op) *Place {
	key := index{class: class, value: i}
	if i.Code == ir.OpConstInt {
		key = index{class: class, n: i.Int()}
	}
	at := c.indices[key]
	if at == nil {
		at = &Place{class: class, index: i, Immutable: class.Item.Immutable, epoch: c.epoch}
		c.indices[key] = at
	}
	return c.current(at)
}

// current returns at, without what is not known any more.
func (c *Cache) current(at *Place) *Place {
	if !at.Immutable && at.epoch != c.epoch {
		at.Known, at.epoch = at.Known[:0], c.epoch
	}
	return at
}

// anyIndex reports whether at is an index that is not constant.
func (at *Place) anyIndex() bool { return at.index != nil && at.index.Code != ir.OpConstInt }

// At returns what p is known to hold at a place, or nil.
func (at *Place) At(o *ir.Optimizer, p *ir.Op) *ir.Op {
	for i := len(at.Known) - 1; i >= 0; i-- {
		if k := &at.Known[i]; k.Object == p || o.Find(k.Object) == p {
			return o.Find(k.Value)
		}
	}
	return nil
}

// learn notes that p holds v at a place.
func (c *Cache) learn(at *Place, p, v *ir.Op) {
	if at.class != nil && at.tracked != c.epoch+1 {
		c.track(at)
	}
	if len(at.Known) == maxKnown {
		at.Known = append(at.Known[:0], at.Known[1:]...)
	}
	at.Known = append(at.Known, Content{p, v})
	c.recent[c.learned%len(c.recent)] = at
	c.latest[c.learned%len(c.latest)] = learned{at, Content{p, v}}
	c.learned++
}

// track notes that something is known of an index.
func (c *Cache) track(at *Place) {
	list := c.items[at.class]
	if len(list) >= maxIndices {
		for _, other := range list {
			other.Known, other.tracked = other.Known[:0], 0
		}
		list = list[:0]
	}
	c.items[at.class], at.tracked = append(list, at), c.epoch+1
}

// overwritten forgets what the objects that may be p hold at a place.
func (c *Cache) overwritten(o *ir.Optimizer, at *Place, p *ir.Op) {
	kept := at.Known[:0]
	for _, k := range at.Known {
		if !c.MayAlias(o, o.Find(k.Object), p) {
			kept = append(kept, k)
		}
	}
	at.Known = kept
}

// MayAlias reports whether p and q may be the same object: the Kit says so.
func (c *Cache) MayAlias(o *ir.Optimizer, p, q *ir.Op) bool { return c.kit.MayAlias(c, o, p, q) }

// Length returns the length of the array p, if it is known. Then p is not NULL.
func (c *Cache) Length(o *ir.Optimizer, p *ir.Op) (n int64, known bool) {
	if p.Code == ir.OpConstPtr && p.Name != nil && p.Name.Class != nil && p.Name.Class.IsArray() && p.Name.Values != nil {
		return int64(len(p.Name.Values)), true
	}
	v := c.lengths.At(o, p)
	if v == nil || v.Code != ir.OpConstInt {
		return 0, false
	}
	return v.Int(), true
}

// Differ reports whether p and q hold different constants at the same place: then
// they are two objects. It looks at the places that were learned of last.
func (c *Cache) Differ(o *ir.Optimizer, p, q *ir.Op) bool {
	for i, at := range c.recent[:min(c.learned, len(c.recent))] {
		if slices.Contains(c.recent[:i], at) || !at.Immutable && at.epoch != c.epoch {
			continue
		}
		a := at.At(o, p)
		if a == nil || !a.IsConst() {
			continue
		}
		if b := at.At(o, q); b != nil && b.IsConst() && a != b {
			return true
		}
	}
	return false
}
