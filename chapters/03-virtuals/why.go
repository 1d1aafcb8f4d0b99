package virtuals

import (
	"slices"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// This file says why. Its functions write into the Journal of o what the passes do and
// rely on, and do nothing if there is none.

// The keys of the Journal, by the allocation of a virtual object mostly.
type (
	// wordKey leads to the store that has set a word.
	wordKey struct {
		object *ir.Op
		word   int
	}
	// forcedKey leads to what needed the object to be real.
	forcedKey struct{ object *ir.Op }
	// carriedKey leads to the object itself, if the next iteration is told what is
	// in it.
	carriedKey struct{ object *ir.Op }
	// exitKey leads to the guards whose exits describe the object.
	exitKey struct{ object *ir.Op }
	// placeKey leads to what has told what an object holds at a place.
	placeKey struct {
		at            *Place
		object, value *ir.Op
	}
)

// sayDelayed says what becomes of an allocation that is delayed.
func sayDelayed(o *ir.Optimizer, obj *Object) {
	j := o.Journal()
	if j == nil {
		return
	}
	j.BecauseLater(func() string {
		if obj.Forced {
			return whoForced(j, obj.Op)
		}
		var exits []string
		for _, guard := range j.AllNoted(exitKey{obj.Op}) {
			exits = append(exits, j.Where(guard))
		}
		text := "nobody outside of the trace gets it"
		if len(exits) > 0 {
			text = "only exits mention it, in " + strings.Join(exits, " and ")
		}
		if j.Noted(carriedKey{obj.Op}) != nil {
			text += "; the next iteration knows what is in it"
		}
		return text
	})
}

// whoForced says what needs the object that was made by op to be real.
func whoForced(j *ir.Journal, op *ir.Op) string {
	if by := j.Noted(forcedKey{op}); by != nil {
		return j.Where(by) + " needs the object itself"
	}
	return "the next iteration needs the object itself"
}

// noteForced notes that obj has been forced by what is being sent, and that the
// stores among emitted that fill it do so instead of those that the trace had.
func noteForced(o *ir.Optimizer, obj *Object, emitted []*ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	if by := j.Sent(); by != nil {
		j.Note(forcedKey{obj.Op}, by)
	}
	for _, store := range emitted {
		if !store.Code.Has(ir.Effect) || store.Args[0] != obj.Op {
			continue
		}
		word := 0
		if f, ok := store.Descr.(*heap.Field); ok {
			word = f.Index
		} else {
			word = int(store.Args[1].Int())
		}
		if by := j.Noted(wordKey{obj.Op, word}); by != nil {
			j.Instead(by, store)
		}
	}
}

// noteExit notes that the exit of guard describes the objects in d.
func (d *descriptions) noteExit(o *ir.Optimizer, guard *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	for obj := range d.seen {
		if key := (exitKey{obj.Op}); !slices.Contains(j.AllNoted(key), guard) {
			j.Note(key, guard)
		}
	}
}

// noteRevived notes that obj is what v, one of the descriptions, describes: an object
// of the iteration before.
func (d *descriptions) noteRevived(o *ir.Optimizer, obj *Object, v *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	for old, described := range d.seen {
		if described != v {
			continue
		}
		j.SameAs(obj.Op, old.Op)
		j.Note(carriedKey{old.Op}, old.Op)
		for i := range obj.Words {
			if by := j.Noted(wordKey{old.Op, i}); by != nil {
				j.Note(wordKey{obj.Op, i}, by)
			}
		}
	}
}

// sayExecuted says of an access to a word of a virtual object why it is gone.
func sayExecuted(o *ir.Optimizer, obj *Object, word int, op *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	key := wordKey{obj.Op, word}
	if op.Code.Has(ir.Effect) {
		j.Note(key, op)
		j.BecauseLater(func() string {
			switch {
			case obj.Forced && obj.Class.Immediate != nil:
				return j.Say("%s is a word with that value in it", obj.Op)
			case !obj.Forced:
				return j.Say("%s is never allocated", obj.Op)
			case j.Noted(key) != op:
				return j.Where(j.Noted(key)) + " overwrites it"
			case IsZero(obj.Words[word]) && obj.Op.Code != ir.NewArray:
				return "new memory is 0"
			}
			return whoForced(j, obj.Op)
		})
		return
	}
	if by := j.Noted(key); by != nil {
		j.Because("%s has stored it in %s, which is not allocated", j.Where(by), obj.Op)
	} else {
		j.Because("nothing has been stored there in %s, which is not allocated", obj.Op)
	}
}

// sayNew says of op, which is decided because one of its arguments is virtual, why
// that is so.
func (p *virtualPass) sayNew(o *ir.Optimizer, op *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	for _, v := range op.Args {
		if p.objects.Of(v) != nil {
			j.Because("%s was made in %s, and nobody else has got it", v, j.Where(v))
			return
		}
	}
}

// noteAccess notes of op, which is emitted, that it tells what its object holds.
func (p *heapPass) noteAccess(o *ir.Optimizer, op *ir.Op) {
	j := o.Journal()
	if j == nil || !op.Code.IsAccess() {
		return
	}
	value := op
	if op.Code.Has(ir.Effect) {
		value = op.Args[len(op.Args)-1]
	}
	j.Note(placeKey{p.place(op), op.Args[0], value}, op)
}

// sayKnown says why it is known what the object holds at a place.
func sayKnown(o *ir.Optimizer, at *Place, object *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	if w := at.Waiting; w != nil && o.Find(w.Args[0]) == object {
		j.Because("%s has stored it", j.Where(w))
		return
	}
	for i := len(at.Known) - 1; i >= 0; i-- {
		k := at.Known[i]
		if o.Find(k.Object) != object {
			continue
		}
		switch by := j.Noted(placeKey{at, k.Object, k.Value}); {
		case by == nil:
			j.Because("%s is new, made in %s", object, j.Where(object))
		case by.Code.Has(ir.Effect):
			j.Because("%s has stored it", j.Where(by))
		default:
			j.Because("%s has loaded it", j.Where(by))
		}
		return
	}
}

// sayStore says what becomes of a store, and of the one that waited at its place.
func sayStore(o *ir.Optimizer, at *Place, op, waited *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	if waited != nil && at.Waiting != waited && !j.Emitted(waited) {
		j.BecauseOf(waited, "%s overwrites it before anybody looks", j.Where(op))
	}
	if at.Waiting != op {
		sayKnown(o, at, op.Args[0])
		j.Because("memory holds it already")
		return
	}
	j.BecauseLater(func() string {
		if j.Emitted(op) {
			return "nobody looks before that"
		}
		return ""
	})
}

// sayApart says why two references are not equal.
func sayApart(o *ir.Optimizer, a, b *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	if b.Code.IsAllocation() {
		a, b = b, a
	}
	switch f, g := o.Facts(a), o.Facts(b); {
	case a.IsConst() && b.IsConst():
		j.Because("they are two objects")
	case a.Code.IsAllocation() && (b.IsConst() || b.Code.IsAllocation() || b.ID < a.ID):
		j.Because("%s is a new object, made in %s", a, j.Where(a))
	case f.Class != "" && g.Class != "" && f.Class != g.Class:
		j.Because("%s", j.Class(o, a))
		j.Because("%s", j.Class(o, b))
	default:
		j.Because("what they hold differs")
	}
}

// sayDeclared says why it is known what a constant object holds.
func sayDeclared(o *ir.Optimizer) {
	if j := o.Journal(); j != nil {
		j.Because("the object is declared so, and that never changes")
	}
}

// sayComputed says why a call can be made while the trace is optimized.
func sayComputed(o *ir.Optimizer, call *ir.Op) {
	if j := o.Journal(); j != nil {
		j.Because("%s always gives the same for these arguments", call.Descr.(*ir.Call).Name)
	}
}

// sayCalled says that a call has been made before, and that it would do the same.
func sayCalled(o *ir.Optimizer, e ir.CallEffect, earlier *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	text := "the function depends on nothing else"
	if e == ir.EffectReadonly {
		text = "nothing has been written since"
	}
	j.Because("%s calls it with the same arguments", j.Where(earlier))
	j.Because("%s", text)
}
