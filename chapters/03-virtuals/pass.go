// Package virtuals is chapter 3: objects that are never allocated, the heap as a
// trace sees it, and loops.
//
//	virtuals   delays allocations; an object that escapes is forced, one that
//	           stands in an exit only is described there
//	heap       forwards loads, delays stores, drops dead ones
//	peel       optimizes a loop twice in one walk: preamble, label, loop
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
}

// Visit implements ir.Pass.
func (p *virtualPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	switch c := op.Code; {
	case IsAllocation(c):
		if obj := p.kit.Delay(op); obj != nil {
			p.add(o, obj)
			return ir.Done
		}
	case c >= ir.GetfieldGcI && c <= ir.ArraylenGc:
		return p.access(o, op)
	case c >= ir.PtrEq && c <= ir.InstancePtrNe:
		if same, known := p.kit.Compare(p.objects, op.Args[0], op.Args[1]); known {
			o.Replace(op, o.ConstInt(result(c, same)))
			return ir.Done
		}
	case c.Has(ir.Guard) && len(op.Args) > 0 && op.Args[0].Type == ir.Ref:
		return p.guard(o, op)
	case c == ir.Label:
		// In the loop each turn may write to them: they have to be real.
		for _, obj := range p.order {
			if !obj.Forced {
				p.kit.force(o, obj)
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
func (p *virtualPass) add(o *ir.Optimizer, obj *Object) {
	p.objects[obj.Op] = obj
	p.order = append(p.order, obj)
	f := o.MakeFacts(obj.Op)
	f.Nonnull = true
	if obj.Op.Code == ir.NewWithVtable {
		f.Class = obj.Class.Vtable
	}
}

// access executes a load, a store or a length of a virtual object.
func (p *virtualPass) access(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	obj := p.objects.Of(op.Args[0])
	if obj == nil {
		return ir.Next
	}
	word := 0
	switch c := op.Code; {
	case c == ir.ArraylenGc:
		o.Replace(op, o.ConstInt(int64(len(obj.Words))))
		return ir.Done
	case c >= ir.GetarrayitemGcI:
		if op.Args[1].Code != ir.OpConstInt {
			p.kit.force(o, obj) // nobody knows which item it is
			return ir.Next
		}
		word = int(op.Args[1].Int())
	default:
		word = op.Descr.(*heap.Field).Index
	}
	if word < 0 || word >= len(obj.Words) {
		o.Impossible(op, "the virtual object has no such field or item")
		return ir.Done
	}
	p.kit.Access(o, obj, word, op)
	return ir.Done
}

// guard decides a guard on a virtual object: all is known of it.
func (p *virtualPass) guard(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	obj := p.objects.Of(op.Args[0])
	holds := true
	switch op.Code {
	case ir.GuardValue:
		same, known := p.kit.Compare(p.objects, op.Args[0], op.Args[1])
		if !known {
			return ir.Next
		}
		holds = same
	case ir.GuardIsnull:
		holds = false
	case ir.GuardClass, ir.GuardNonnullClass:
		holds = obj != nil && obj.Class.Vtable == op.Args[1].Name.Name
	}
	if obj == nil && op.Code != ir.GuardValue {
		return ir.Next
	}
	if !holds {
		o.Impossible(op, "its argument is a virtual object of which this is known to be false")
	}
	return ir.Done
}

// Emit implements ir.Emitter. What is on its way to the output needs its
// arguments in the world, so virtual ones are forced; an exit needs them only
// when it is taken, so there they are described.
func (p *virtualPass) Emit(o *ir.Optimizer, op *ir.Op) {
	for _, a := range op.Args {
		if obj := p.objects.Of(a); obj != nil {
			p.kit.force(o, obj)
		}
	}
	if op.Exit == nil {
		return
	}
	seen := map[*Object]*ir.Op{}
	p.describe(o, op.Exit.Failargs, seen, nil)
	for _, store := range op.Exit.Pending {
		p.describe(o, store.Args, seen, nil)
	}
}

// describe replaces the virtual objects in list by descriptions of them, those
// inside the virtual objects of an earlier walk included.
func (p *virtualPass) describe(o *ir.Optimizer, list []*ir.Op, seen map[*Object]*ir.Op, walked map[*ir.Op]bool) {
	for i, a := range list {
		if a.Code != ir.OpVirtual {
			list[i] = p.kit.Describe(o, p.objects, a, seen)
			continue
		}
		if walked == nil {
			walked = map[*ir.Op]bool{}
		}
		if !walked[a] {
			walked[a] = true
			p.describe(o, a.Args, seen, walked)
		}
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
	p.add(o, obj)
	return obj
}
