// Package virtuals is chapter 3: objects that are never allocated, the heap as a
// trace sees it, and loops.
//
//	virtuals   delays allocations; an object that escapes is forced, one that
//	           stands in an exit only is described there
//	heap       forwards loads, delays stores, drops dead ones
//	peel       sends a loop through the passes twice: preamble, label, loop
//
// Given are the two passes, which say what an operation is about, and peeling.
// What they ask for, answers about objects, is yours: the functions of the Kit.
package virtuals

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// virtualPass delays allocations and executes on virtual objects, at compile
// time, what the trace does with them (Bolz et al., "Allocation Removal by
// Partial Evaluation in a Tracing JIT", PEPM 2011).
type virtualPass struct {
	kit     *Kit
	objects Objects
	order   []*Object // as they were made
	crowd   []*Object // of the last exit, if that has too many: to be forced
	depth   int       // how many calls of Kit.Force are active
}

// virtualsOf returns the pass "virtuals" of a walk; nil if it is off.
func virtualsOf(o *ir.Optimizer) *virtualPass {
	for _, p := range o.Passes() {
		if p, ok := p.(*virtualPass); ok {
			return p
		}
	}
	return nil
}

// Visit implements ir.Pass.
func (p *virtualPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if len(p.crowd) > 0 && op.Code != ir.GuardNoOverflow && op.Code != ir.GuardOverflow {
		p.disperse(o)
	}
	switch c := op.Code; {
	case c.IsAllocation():
		if obj := p.delay(op); obj != nil {
			p.add(obj)
			sayDelayed(o, obj)
			return ir.Done
		}
	case c.IsAccess():
		return p.access(o, op)
	case c == ir.CastPtrToInt:
		return p.cast(o, op)
	case c.ComparesRefs():
		if v, decided := p.sameWord(o, op); decided {
			return v
		}
		if same, known := p.kit.Compare(p.objects, op.Args[0], op.Args[1]); known {
			p.sayNew(o, op)
			o.Replace(op, o.ConstInt(result(c, same)))
			return ir.Done
		}
	case c.Has(ir.Guard) && len(op.Args) > 0 && op.Args[0].Type == ir.Ref:
		return p.guard(o, op)
	case c == ir.Label:
		// In the loop each turn may write to them: they have to be real.
		for _, obj := range p.order {
			if !obj.Forced {
				p.force(o, obj)
			}
		}
	}
	return ir.Next
}

// result returns the 0 or 1 that a comparison gives.
func result(c ir.Opcode, same bool) int64 {
	if same == (c == ir.PtrEq || c == ir.InstancePtrEq) {
		return 1
	}
	return 0
}

// add begins to track a virtual object.
func (p *virtualPass) add(obj *Object) {
	p.objects[obj.Op] = obj
	p.order = append(p.order, obj)
}

// access executes a load, a store or a length of a virtual object.
func (p *virtualPass) access(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	obj := p.objects.Of(op.Args[0])
	if obj == nil {
		return ir.Next
	}
	word, exists := 0, hasPlace(obj.Class, op.Descr)
	switch field, ok := op.Descr.(*heap.Field); {
	case !exists:
	case ok:
		word = field.Index
	case op.Code == ir.ArraylenGc:
		p.sayNew(o, op)
		o.Replace(op, o.ConstInt(int64(len(obj.Words))))
		return ir.Done
	case op.Args[1].Code != ir.OpConstInt:
		p.force(o, obj) // nobody knows which item it is
		return ir.Next
	default:
		index := op.Args[1].Int()
		word, exists = int(index), index >= 0 && index < int64(len(obj.Words))
	}
	if !exists {
		o.Impossible(op, "the virtual object has no such field or item")
		return ir.Done
	}
	p.execute(o, obj, word, op)
	return ir.Done
}

// guard decides a guard on a virtual object: all is known of it.
func (p *virtualPass) guard(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	if op.Code == ir.GuardValue {
		if v, decided := p.sameWord(o, op); decided {
			return v
		}
	}
	obj := p.objects.Of(op.Args[0])
	holds, known := true, obj != nil
	switch op.Code {
	case ir.GuardValue:
		holds, known = p.kit.Compare(p.objects, op.Args[0], op.Args[1])
	case ir.GuardIsnull:
		holds = false
	case ir.GuardClass, ir.GuardNonnullClass:
		holds = known && obj.Class.Vtable == op.Args[1].Name.Name
	}
	if !known {
		return ir.Next
	}
	p.sayNew(o, op)
	if !holds {
		o.Impossible(op, "its argument is a virtual object of which that is known to be false")
	}
	return ir.Done
}

// Emit implements ir.Emitter. What is on its way to the output needs its
// arguments in the world, so virtual ones are forced; an exit needs them only
// when it is taken, so there they are described.
func (p *virtualPass) Emit(o *ir.Optimizer, op *ir.Op) {
	for _, a := range op.Args {
		if obj := p.objects.Of(a); obj != nil {
			p.force(o, obj)
		}
	}
	if op.Exit == nil {
		return
	}
	d := descriptions{pass: p}
	d.describe(o, op.Exit.Failargs)
	for _, store := range op.Exit.Pending {
		d.describe(o, store.Args)
	}
	d.noteExit(o, op)
	if d.words() > maxExit {
		p.crowd = d.objects()
	}
}

// newObject returns a virtual object that is made anew: v describes its class and
// how many words it has.
func (p *virtualPass) newObject(o *ir.Optimizer, v *ir.Op) *Object {
	class := v.Descr.(*heap.Class)
	op := o.NewOp(ir.NewWithVtable, ir.Ref, class)
	switch {
	case class.IsArray():
		op.Code, op.Args = ir.NewArrayClear, []*ir.Op{o.ConstInt(int64(len(v.Args)))}
	case class.Vtable == "":
		op.Code = ir.New
	}
	obj := &Object{Op: op, Class: class, Words: make([]*ir.Op, len(v.Args))}
	p.add(obj)
	return obj
}
