package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// With ir.Chain.Witness, a guard notes what memory was known to hold where it stands: of
// objects in its exit, that values in its exit, or constants, are in them.

// maxTold is how many of the things that were last learned of memory a guard may note.
const maxTold = 16

// learned is something that was learned of memory.
type learned struct {
	at *Place
	Content
}

// still reports whether l is known now.
func (c *Cache) still(l *learned) bool {
	if !l.at.Immutable && l.at.epoch != c.epoch {
		return false
	}
	for i := len(l.at.Known) - 1; i >= 0; i-- {
		if k := &l.at.Known[i]; k.Object == l.Object {
			return k.Value == l.Value
		}
	}
	return false
}

// telling is what the exit of one guard is told.
type telling struct {
	guard    int       // its number
	stores   []learned // that it has put in the output before itself
	ready    bool      // the rest is
	objects  []*ir.Op
	contents []ir.Content // of objects, one each
}

// about makes t that of the guard with this number.
func (t *telling) about(guard int) {
	if t.guard != guard {
		*t = telling{guard: guard, stores: t.stores[:0], objects: t.objects[:0], contents: t.contents[:0]}
	}
}

// meanwhile notes a store that is done while a guard is on its way to the output.
func (p *heapPass) meanwhile(o *ir.Optimizer, store learned) {
	if guard := o.Guarding(); guard != 0 {
		p.told.about(guard)
		p.told.stores = append(p.told.stores, store)
	}
}

// spared reports whether none of the stores that the guard has put in the output may have
// changed l. That two objects differ does not count: it may be what the guard teaches.
func (t *telling) spared(l *learned) bool {
	for i := len(t.stores) - 1; i >= 0; i-- {
		store := &t.stores[i]
		if store.at == l.at || store.at.class != nil && store.at.class == l.at.class {
			return *store == *l // then it is what the store itself says
		}
	}
	return true
}

// tell prepares what the exit is told.
func (p *heapPass) tell(o *ir.Optimizer) {
	p.told.ready = true
	for i := range p.latest[:min(p.learned, maxTold)] {
		l := &p.latest[i]
		if l.at.anyIndex() || !p.still(l) || !p.told.spared(l) {
			continue
		}
		v := o.FindBefore(l.Value)
		if !v.IsConst() && !o.InExit(v) {
			continue
		}
		p.told.objects = append(p.told.objects, o.FindBefore(l.Object))
		p.told.contents = append(p.told.contents, content(l.at, v))
	}
}

// content says that v is at a place.
func content(at *Place, v *ir.Op) ir.Content {
	switch {
	case at.field != nil:
		return ir.Content{Descr: at.field, Value: v}
	case at.class != nil:
		return ir.Content{Descr: at.class, Index: at.index.Int(), Value: v}
	}
	return ir.Content{Value: v}
}

// Testify implements ir.Witness.
func (p *heapPass) Testify(o *ir.Optimizer, f *ir.Fact) {
	if f.Value.Type != ir.Ref {
		return
	}
	if p.told.about(o.Guarding()); !p.told.ready {
		p.tell(o)
	}
	n := 0
	for _, object := range p.told.objects {
		if object == f.Value {
			n++
		}
	}
	if n == 0 {
		return
	}
	f.Contents = o.Contents(n)[:0]
	for i, object := range p.told.objects {
		if object == f.Value {
			f.Contents = append(f.Contents, p.told.contents[i])
		}
	}
}

// Believe implements ir.Witness.
func (p *heapPass) Believe(o *ir.Optimizer, f *ir.Fact) {
	for _, c := range f.Contents {
		at := &p.lengths
		switch d := c.Descr.(type) {
		case *heap.Field:
			at = p.field(d)
		case *heap.Class:
			at = p.item(d, o.ConstInt(c.Index))
		}
		v := c.Value
		if v.IsConst() {
			v = o.Intern(v)
		}
		p.learn(at, f.Value, v)
	}
}
