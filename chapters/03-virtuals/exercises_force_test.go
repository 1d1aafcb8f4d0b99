package virtuals_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/exercise"
	virtualssolution "metatrace/solutions/03-virtuals"
)

type storesFunc = func(*ir.Optimizer, *virtuals.Object) []*ir.Op

// storesIf returns the stores of those words that need one, says needed.
func storesIf(needed func(obj *virtuals.Object, v *ir.Op) bool) storesFunc {
	return func(o *ir.Optimizer, obj *virtuals.Object) []*ir.Op {
		var stores []*ir.Op
		for i, v := range obj.Words {
			if v != nil && needed(obj, v) {
				stores = append(stores, obj.NewStore(o, i, v))
			}
		}
		return stores
	}
}

func TestExercise3_4_Stores(t *testing.T) {
	exercise.Run(t, ex("3.4"), virtuals.Yours.Stores, virtualssolution.Stores, checkStores,
		exercise.Wrong("stores-zeros-too", storesIf(func(*virtuals.Object, *ir.Op) bool { return true })),
		exercise.Wrong("never-stores-zeros", storesIf(func(_ *virtuals.Object, v *ir.Op) bool { return !virtuals.IsZero(v) })),
		exercise.Wrong("stores-zeros-of-all-arrays", storesIf(func(obj *virtuals.Object, v *ir.Op) bool {
			return obj.Class.IsArray() || !virtuals.IsZero(v)
		})),
		exercise.Wrong("takes-minus-zero-for-zero", storesIf(func(obj *virtuals.Object, v *ir.Op) bool {
			return obj.Op.Code == ir.NewArray || !virtuals.IsZero(v) && !(v.Code == ir.OpConstFloat && v.Float() == 0)
		})),
		exercise.Wrong("writes-what-was-never-written", func(o *ir.Optimizer, obj *virtuals.Object) []*ir.Op {
			var stores []*ir.Op
			for i, v := range obj.Words {
				if v == nil {
					v = o.Zero(obj.Kind(i))
				} else if virtuals.IsZero(v) && obj.Op.Code != ir.NewArray {
					continue
				}
				stores = append(stores, obj.NewStore(o, i, v))
			}
			return stores
		}),
		exercise.Wrong("last-word-first", func(o *ir.Optimizer, obj *virtuals.Object) []*ir.Op {
			stores := virtualssolution.Stores(o, obj)
			for i := range len(stores) / 2 {
				stores[i], stores[len(stores)-1-i] = stores[len(stores)-1-i], stores[i]
			}
			return stores
		}),
	)
}

func checkStores(t exercise.TB, f storesFunc) {
	const (
		words   = "each word that was written has a store, in the order of the fields or items"
		zero    = "new, new_with_vtable and new_array_clear give cleared memory: a zero is there already"
		unclear = "new_array does not clear its memory: there a zero has to be stored like all else"
		never   = "what nobody has written needs no store"
		minus   = "-0.0 is no zero: its bits are not all 0"
	)
	const fill = "setarrayitem_gc(p1, 0, i0, descr=INTS); setarrayitem_gc(p1, 1, 0, descr=INTS)"
	kit := with(func(k *virtuals.Kit) { k.Stores = f })
	checkCases(t, kit, []traceCase{
		{words, "[i0, p1]; p2 = new_with_vtable(descr=NODE); setfield_gc(p2, p1, descr=NODE.next); setfield_gc(p2, i0, descr=NODE.value); finish(p2)", "[i0, p1]; " + node("p2", "i0", "p1") + "; finish(p2)"},
		{words, "[i0]; p1 = new_array_clear(2, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); setarrayitem_gc(p1, 0, 7, descr=INTS); finish(p1)",
			"[i0]; p1 = new_array_clear(2, descr=INTS); setarrayitem_gc(p1, 0, 7, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); finish(p1)"},
		{zero, "[i0]; " + node("p1", "i0", "NULL") + "; finish(p1)", "[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); finish(p1)"},
		{zero, "[i0]; " + node("p1", "i0", "NULL") + "; setfield_gc(p1, 0, descr=NODE.value); finish(p1)", "[i0]; p1 = new_with_vtable(descr=NODE); finish(p1)"},
		{zero, "[]; p0 = new_with_vtable(descr=POINT); setfield_gc(p0, 0.0, descr=POINT.x); finish(p0)", "[]; p0 = new_with_vtable(descr=POINT); finish(p0)"},
		{zero, "[i0]; p1 = new_array_clear(2, descr=INTS); " + fill + "; finish(p1)", "[i0]; p1 = new_array_clear(2, descr=INTS); setarrayitem_gc(p1, 0, i0, descr=INTS); finish(p1)"},
		{unclear, "[i0]; p1 = new_array(2, descr=INTS); " + fill + "; finish(p1)", "same"},
		{unclear, "[]; p0 = new_array(1, descr=REFS); setarrayitem_gc(p0, 0, NULL, descr=REFS); finish(p0)", "same"},
		{never, "[i0]; p1 = new_array(3, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); i2 = getarrayitem_gc_i(p1, 1, descr=INTS); escape_n(i2, p1); finish()",
			"[i0]; p1 = new_array(3, descr=INTS); setarrayitem_gc(p1, 1, i0, descr=INTS); escape_n(i0, p1); finish()"},
		{minus, "[]; p0 = new_with_vtable(descr=POINT); setfield_gc(p0, -0.0, descr=POINT.y); finish(p0)", "same"},
	})
	agreeOnGenerated(t, kit)
}

type force = func(*ir.Optimizer, *virtuals.Object, storesFunc)

func TestExercise3_5_Force(t *testing.T) {
	emit := func(o *ir.Optimizer, ops ...*ir.Op) {
		for _, op := range ops {
			o.Emit(op)
		}
	}
	exercise.Run(t, ex("3.5"), virtuals.Yours.Force, virtualssolution.Force, checkForce,
		exercise.Wrong("is-forced-in-the-end", func(o *ir.Optimizer, obj *virtuals.Object, stores storesFunc) {
			emit(o, obj.Op)
			emit(o, stores(o, obj)...)
			obj.Forced = true
		}),
		exercise.Wrong("is-never-forced", func(o *ir.Optimizer, obj *virtuals.Object, stores storesFunc) {
			emit(o, obj.Op)
			obj.Forced = true
			emit(o, stores(o, obj)...)
			obj.Forced = false
		}),
		exercise.Wrong("allocates-behind-the-stores", func(o *ir.Optimizer, obj *virtuals.Object, stores storesFunc) {
			obj.Forced = true
			emit(o, stores(o, obj)...)
			emit(o, obj.Op)
		}),
		exercise.Wrong("does-not-fill-it", func(o *ir.Optimizer, obj *virtuals.Object, stores storesFunc) {
			obj.Forced = true
			emit(o, obj.Op)
		}),
		exercise.Wrong("stores-only-the-first-word", func(o *ir.Optimizer, obj *virtuals.Object, stores storesFunc) {
			obj.Forced = true
			emit(o, obj.Op)
			if list := stores(o, obj); len(list) > 0 {
				emit(o, list[0])
			}
		}),
	)
}

func checkForce(t exercise.TB, f force) {
	kit := with(func(k *virtuals.Kit) { k.Force = f })
	const (
		filled = "forcing emits the allocation, then the stores that fill it"
		once   = "an object is allocated once: after Force it is Forced"
		inner  = "an object inside is forced by the store that needs it"
		cycle  = "an object may be among its own words: it has to be Forced before the store of that word is emitted"
		cycle2 = "two objects may be in each other's words"
	)
	checkCases(t, kit, []traceCase{
		{filled, "[]; p0 = new(descr=PAIR); finish(p0)", "same"},
		{filled, "[i0, p1]; " + node("p2", "i0", "p1") + "; finish(p2)", "same"},
		{filled, "[i0]; p1 = new_array(2, descr=INTS); setarrayitem_gc(p1, 0, i0, descr=INTS); setarrayitem_gc(p1, 1, 0, descr=INTS); escape_n(p1); finish()", "same"},
		{once, "[i0, p1]; " + node("p2", "i0", "p1") + "; escape_n(p2); escape_n(p2); finish(p2)", "same"},
		{once, "[i0, p1]; " + node("p2", "i0", "p1") + "; escape_n(p2, p2); finish()", "same"},
		{once, "[i0]; " + node("p1", "i0", "ConstPtr(node)") + "; escape_n(p1); guard_true(i0) [p1]; finish()", "same"},
		{inner, "[i0]; " + node("p1", "7", "ConstPtr(node)") + "; " + node("p2", "i0", "p1") + "; finish(p2)",
			"[i0]; p1 = new_with_vtable(descr=NODE); setfield_gc(p1, i0, descr=NODE.value); " + node("p2", "7", "ConstPtr(node)") + "; setfield_gc(p1, p2, descr=NODE.next); finish(p1)"},
		{inner, "[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p1, p0, descr=PAIR.left); setfield_gc(p1, p0, descr=PAIR.right); finish(p1)",
			"[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p0, p1, descr=PAIR.left); setfield_gc(p0, p1, descr=PAIR.right); finish(p0)"},
		{cycle, "[i0]; " + node("p1", "i0", "p1") + "; finish(p1)", "same"},
		{cycle2, "[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p0, p1, descr=PAIR.left); setfield_gc(p1, p0, descr=PAIR.left); finish(p0, p1)",
			"[]; p0 = new(descr=PAIR); p1 = new(descr=PAIR); setfield_gc(p1, p0, descr=PAIR.left); setfield_gc(p0, p1, descr=PAIR.left); finish(p0, p1)"},
	})
	agreeOnGenerated(t, kit)
}
