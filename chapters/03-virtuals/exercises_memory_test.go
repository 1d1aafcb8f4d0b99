package virtuals_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type load = func(*virtuals.Cache, *ir.Optimizer, *virtuals.Place, *ir.Op) *ir.Op

func TestExercise3_9_Load(t *testing.T) {
	value := func(o *ir.Optimizer, store *ir.Op) *ir.Op { return o.Find(store.Args[len(store.Args)-1]) }
	exercise.Run(t, ex("3.9"), virtuals.Yours.Load, virtualssolution.Load, checkLoad,
		exercise.Wrong[load]("memory-comes-first", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			if v := at.At(o, p); v != nil {
				return v
			}
			return virtualssolution.Load(c, o, at, p)
		}),
		exercise.Wrong[load]("leaves-the-store-that-waits", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			if w := at.Waiting; w != nil && o.Find(w.Args[0]) == p {
				return value(o, w)
			}
			return at.At(o, p)
		}),
		exercise.Wrong[load]("any-store-that-waits-has-the-value", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			if w := at.Waiting; w != nil && c.MayAlias(o, o.Find(w.Args[0]), p) {
				return value(o, w)
			}
			return at.At(o, p)
		}),
		exercise.Wrong[load]("does-every-store-first", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			if at.Waiting != nil {
				c.Flush(o, at)
			}
			return at.At(o, p)
		}),
		exercise.Wrong[load]("asks-memory-before-it-is-right", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			known := at.At(o, p)
			if v := virtualssolution.Load(c, o, at, p); known == nil {
				return v
			}
			if w := at.Waiting; w != nil && o.Find(w.Args[0]) == p {
				return value(o, w)
			}
			return known
		}),
		exercise.Wrong[load]("the-second-argument-is-the-value", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, p *ir.Op) *ir.Op {
			if w := at.Waiting; w != nil && o.Find(w.Args[0]) == p {
				return o.Find(w.Args[1])
			}
			return virtualssolution.Load(c, o, at, p)
		}),
	)
}

func checkLoad(t exercise.TB, f load) {
	const (
		memory  = "what memory is known to hold is not loaded again"
		waiting = "a store to the same object that waits has the value; what is known of memory is older"
		goesOn  = "the store goes on waiting: another one may still make it needless"
		flush   = "a store that waits for an object that may be this one has to be done first"
		after   = "what the store may have overwritten is not known any more"
		other   = "a store to an object that is certainly another one goes on waiting"
	)
	kit := with(func(k *virtuals.Kit) { k.Load = f })
	checkCases(t, kit, []traceCase{
		{memory, "[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i2)", "[p0]; i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1, i1)"},
		{"of another object and another field nothing is known", "[p0, p1]; i2 = getfield_gc_i(p0, descr=NODE.value); i3 = getfield_gc_i(p1, descr=NODE.value); p4 = getfield_gc_r(p0, descr=NODE.next); finish(i2, i3, p4)", "same"},
		{waiting, "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); i2 = getfield_gc_i(p0, descr=NODE.value); finish(i2)", "[p0, i1]; setfield_gc(p0, i1, descr=NODE.value); finish(i1)"},
		{waiting, "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); i3 = getfield_gc_i(p0, descr=NODE.value); finish(i2, i3)",
			"[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); finish(i2, i1)"},
		{waiting, "[p0, i1]; setarrayitem_gc(p0, 1, i1, descr=INTS); i2 = getarrayitem_gc_i(p0, 1, descr=INTS); finish(i2)", "[p0, i1]; setarrayitem_gc(p0, 1, i1, descr=INTS); finish(i1)"},
		{goesOn, "[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); i3 = getfield_gc_i(p0, descr=NODE.value); setfield_gc(p0, i2, descr=NODE.value); finish(i3)",
			"[p0, i1, i2]; setfield_gc(p0, i2, descr=NODE.value); finish(i1)"},
		{flush, "[p0, p1, i2]; setfield_gc(p0, i2, descr=NODE.value); i3 = getfield_gc_i(p1, descr=NODE.value); finish(i3)", "same"},
		{after, "[p0, p1, i2]; i3 = getfield_gc_i(p1, descr=NODE.value); setfield_gc(p0, i2, descr=NODE.value); i4 = getfield_gc_i(p1, descr=NODE.value); finish(i3, i4)", "same"},
		{other, "[p0, i1]; p2 = new_with_vtable(descr=NODE); escape_n(p2); setfield_gc(p0, i1, descr=NODE.value); i3 = getfield_gc_i(p2, descr=NODE.value); finish(i3)",
			"[p0, i1]; p2 = new_with_vtable(descr=NODE); escape_n(p2); i3 = getfield_gc_i(p2, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); finish(i3)"},
		{other, "[p0, i1]; p2 = new_with_vtable(descr=NODE); escape_n(p2); i3 = getfield_gc_i(p2, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); i4 = getfield_gc_i(p2, descr=NODE.value); finish(i3, i4)",
			"[p0, i1]; p2 = new_with_vtable(descr=NODE); escape_n(p2); i3 = getfield_gc_i(p2, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); finish(i3, i3)"},
	})
	agreeOnGenerated(t, kit)
}

type store = func(*virtuals.Cache, *ir.Optimizer, *virtuals.Place, *ir.Op)

func TestExercise3_10_Store(t *testing.T) {
	parts := func(store *ir.Op) (p, v *ir.Op) { return store.Args[0], store.Args[len(store.Args)-1] }
	exercise.Run(t, ex("3.10"), virtuals.Yours.Store, virtualssolution.Store, checkStore,
		exercise.Wrong[store]("drops-what-waits", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if at.Waiting != nil {
				c.Drop(at)
			}
			virtualssolution.Store(c, o, at, store)
		}),
		exercise.Wrong[store]("drops-nothing", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if at.Waiting != nil {
				c.Flush(o, at)
			}
			virtualssolution.Store(c, o, at, store)
		}),
		exercise.Wrong[store]("asks-memory-first", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if p, v := parts(store); at.At(o, p) != v {
				virtualssolution.Store(c, o, at, store)
			}
		}),
		exercise.Wrong[store]("never-asks-memory", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if w := at.Waiting; w != nil {
				if o.Find(w.Args[0]) == store.Args[0] {
					c.Drop(at)
				} else {
					c.Flush(o, at)
				}
			}
			c.Wait(at, store)
		}),
		exercise.Wrong[store]("waits-beside-another-object's", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if w := at.Waiting; w != nil && o.Find(w.Args[0]) != store.Args[0] {
				c.Wait(at, store)
				return
			}
			virtualssolution.Store(c, o, at, store)
		}),
		exercise.Wrong[store]("the-same-value-waits-already", func(c *virtuals.Cache, o *ir.Optimizer, at *virtuals.Place, store *ir.Op) {
			if w := at.Waiting; w != nil && o.Find(w.Args[len(w.Args)-1]) == store.Args[len(store.Args)-1] {
				return
			}
			virtualssolution.Store(c, o, at, store)
		}),
	)
}

func checkStore(t exercise.TB, f store) {
	const (
		dead   = "a store that waits and is overwritten is dropped"
		other  = "a store to another object is done, in its turn: it is not overwritten, or who knows"
		needed = "what memory is known to hold already is not stored"
		then   = "what waits for the same object has been overwritten, also if the new value is what memory holds"
		first  = "ask what memory holds when the other object's store is done: it may have changed that"
	)
	const loaded = "[p0, p1, i2]; i3 = getfield_gc_i(p0, descr=NODE.value)"
	kit := with(func(k *virtuals.Kit) { k.Store = f })
	checkCases(t, kit, []traceCase{
		{dead, "[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); setfield_gc(p0, i2, descr=NODE.value); finish()", "[p0, i1, i2]; setfield_gc(p0, i2, descr=NODE.value); finish()"},
		{dead, "[p0, i1, i2]; setarrayitem_gc(p0, 1, i1, descr=INTS); setarrayitem_gc(p0, 0, i1, descr=INTS); setarrayitem_gc(p0, 1, i2, descr=INTS); finish()",
			"[p0, i1, i2]; setarrayitem_gc(p0, 0, i1, descr=INTS); setarrayitem_gc(p0, 1, i2, descr=INTS); finish()"},
		{"a store that somebody may see is not dropped", "[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); escape_n(p0); setfield_gc(p0, i2, descr=NODE.value); finish()", "same"},
		{"a store that an exit may see is not dropped", "[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); guard_true(i2) []; setfield_gc(p0, i2, descr=NODE.value); finish()",
			"[p0, i1, i2]; setfield_gc(p0, i1, descr=NODE.value); guard_true(i2) []; setfield_gc(p0, 1, descr=NODE.value); finish()"},
		{other, "[p0, p1, i2]; setfield_gc(p0, i2, descr=NODE.value); setfield_gc(p1, 8, descr=NODE.value); finish()", "same"},
		{other, "[p0, p1, i2]; setfield_gc(p0, i2, descr=NODE.value); setfield_gc(p1, 8, descr=NODE.value); setfield_gc(p0, 9, descr=NODE.value); finish()", "same"},
		{other, "[p0, p1, i2]; setfield_gc(p0, i2, descr=NODE.value); setfield_gc(p1, i2, descr=NODE.value); finish()", "same"},
		{needed, loaded + "; setfield_gc(p0, i3, descr=NODE.value); finish(i3)", loaded + "; finish(i3)"},
		{needed, "[p0]; setfield_gc(p0, 5, descr=NODE.value); escape_n(1); i1 = getfield_gc_i(p0, descr=NODE.value); setfield_gc(p0, i1, descr=NODE.value); finish(i1)",
			"[p0]; setfield_gc(p0, 5, descr=NODE.value); escape_n(1); i1 = getfield_gc_i(p0, descr=NODE.value); finish(i1)"},
		{then, loaded + "; setfield_gc(p0, i2, descr=NODE.value); setfield_gc(p0, i3, descr=NODE.value); finish(i3)", loaded + "; finish(i3)"},
		{first, loaded + "; setfield_gc(p1, i2, descr=NODE.value); setfield_gc(p0, i3, descr=NODE.value); finish(i3)", "same"},
	})
	agreeOnGenerated(t, kit)
}
