package virtuals

import (
	"maps"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// heapPass is the pass "heap": it answers loads from what is known, delays
// stores, and shares calls.
type heapPass struct {
	*Cache
	pending bool // stores of virtual objects may be left to the exits of guards
	calls   map[*ir.Call][]call
	told    telling // to the last guard; see Testify
}

// Visit implements ir.Pass.
func (p *heapPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	switch c := op.Code; {
	case c.IsAccess():
		return p.access(o, op)
	case c.ComparesRefs():
		if !p.MayAlias(o, op.Args[0], op.Args[1]) {
			sayApart(o, op.Args[0], op.Args[1])
			o.Replace(op, o.ConstInt(result(c, false)))
			return ir.Done
		}
	case c.IsCall():
		return p.call(o, op)
	case c.Has(ir.Checked):
		p.beforeGuard(o) // nothing may come between it and its guard
	case c.Has(ir.Guard):
		if c != ir.GuardNoOverflow && c != ir.GuardOverflow {
			p.beforeGuard(o)
		}
		p.leaveWaiting(op)
	case c.Has(ir.Effect | ir.Control):
		p.flushAll(o)
	}
	return ir.Next
}

// access answers a load or takes a store in.
func (p *heapPass) access(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if op.Args[0].Code == ir.OpConstPtr {
		if v := p.constant(o, op); v != nil {
			sayDeclared(o)
			o.Replace(op, v)
			return ir.Done
		}
	}
	at := p.place(op)
	if at.anyIndex() {
		// It may be each of the constant indices.
		p.flushItems(o, at, op.Args[0])
	}
	if !op.Code.Has(ir.Effect) {
		if v := p.kit.Load(p.Cache, o, at, op.Args[0]); v != nil {
			sayKnown(o, at, op.Args[0])
			o.Replace(op, v)
			return ir.Done
		}
		return ir.Next
	}
	if at.anyIndex() {
		return ir.Next
	}
	p.store(o, at, op)
	if len(p.waiting) > maxWaiting {
		p.flushAll(o)
	}
	return ir.Done
}

// constant returns what a load from a prebuilt object gives, or nil if that may
// change, or is not declared. No run gets past an access that can't be done.
func (p *heapPass) constant(o *ir.Optimizer, op *ir.Op) *ir.Op {
	symbol := op.Args[0].Name
	if symbol == nil {
		o.Impossible(op, "NULL has no fields or items")
		return nil
	}
	if symbol.Class != nil && !hasPlace(symbol.Class, op.Descr) {
		o.Impossible(op, "the prebuilt object has no such field or items")
		return nil
	}
	word, mutable := int64(0), op.Code.Has(ir.Effect)
	switch d := op.Descr.(type) {
	case *heap.Field:
		word, mutable = int64(d.Index), mutable || !d.Immutable
	case *heap.Class:
		switch {
		case symbol.Values == nil:
			return nil
		case op.Code == ir.ArraylenGc:
			return o.ConstInt(int64(len(symbol.Values)))
		case op.Args[1].Code != ir.OpConstInt:
			return nil
		}
		word, mutable = op.Args[1].Int(), mutable || !d.Item.Immutable
	}
	switch {
	case symbol.Values == nil:
		return nil
	case word < 0 || word >= int64(len(symbol.Values)):
		o.Impossible(op, "the prebuilt object has no such field or item")
		return nil
	case mutable:
		return nil
	}
	return o.Intern(symbol.Values[word])
}

// hasPlace reports whether objects of class c are what an operation with the descr
// works on.
func hasPlace(c *heap.Class, descr any) bool {
	if f, ok := descr.(*heap.Field); ok {
		return c.Inherits(f.Owner)
	}
	return c == descr
}

// Emit implements ir.Emitter: what is in the output is what happens in memory.
func (p *heapPass) Emit(o *ir.Optimizer, op *ir.Op) {
	p.noteAccess(o, op)
	switch c := op.Code; {
	case c.IsAllocation():
		p.allocated(o, op)
	case c == ir.SetfieldGc || c == ir.SetarrayitemGc:
		p.stored(o, op)
	case c.IsAccess():
		p.learn(p.place(op), op.Args[0], op)
	case c.IsCall() && effect(op) != ir.EffectAny: // it writes nothing
	case c.Has(ir.Effect) || c == ir.Label:
		p.epoch++
		p.writes++
		// What is known of immutable items stays, and their places with it.
		maps.DeleteFunc(p.items, func(c *heap.Class, _ []*Place) bool { return !c.Item.Immutable })
	}
}

// allocated notes what a new object holds. An array gets a length.
func (p *heapPass) allocated(o *ir.Optimizer, op *ir.Op) {
	class := op.Descr.(*heap.Class)
	if !class.IsArray() {
		for _, f := range class.Fields {
			p.learn(p.field(f), op, o.Zero(f.Kind))
		}
		return
	}
	p.learn(&p.lengths, op, op.Args[0])
	if n := op.Args[0]; op.Code == ir.NewArrayClear && n.Code == ir.OpConstInt && n.Int() <= maxKnown {
		for i := range n.Int() {
			p.learn(p.item(class, o.ConstInt(i)), op, o.Zero(class.Item.Kind))
		}
	}
}

// stored notes a store that is done: what may have been overwritten is not known
// any more.
func (p *heapPass) stored(o *ir.Optimizer, op *ir.Op) {
	at, object := p.place(op), op.Args[0]
	p.writes++
	p.overwritten(o, at, object)
	if at.class != nil {
		for _, other := range p.items[at.class] {
			if other != at && !o.Differ(at.index, other.index) {
				p.overwritten(o, other, object)
			}
		}
	}
	v := op.Args[len(op.Args)-1]
	p.learn(at, object, v)
	p.meanwhile(o, learned{at, Content{object, v}})
}
