package virtuals

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// call is a call that is in the output.
type call struct {
	op     *ir.Op
	writes int // the Cache's, when it was done
}

// maxCalls bounds the calls of one function that are remembered.
const maxCalls = 16

// effect returns what the function called by op may do.
func effect(op *ir.Op) ir.CallEffect {
	if d, ok := op.Descr.(*ir.Call); ok {
		return d.Effect
	}
	return ir.EffectAny
}

// call shares a call with an earlier one: an elidable or loop-invariant one with
// any, one that reads the heap with one since which nothing was written. It puts
// the stores in the output that the call might see.
func (p *heapPass) call(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	e := effect(op)
	if e == ir.EffectElidable {
		if v := compute(op); v != nil {
			sayComputed(o, op)
			o.Replace(op, o.Intern(v))
			return ir.Done
		}
	}
	p.beforeCall(o, op, e)
	if e == ir.EffectAny {
		return ir.Next
	}
	d := op.Descr.(*ir.Call)
	for _, earlier := range p.calls[d] {
		if (e != ir.EffectReadonly || earlier.writes == p.writes) && sameArgs(o, earlier.op, op) {
			sayCalled(o, e, earlier.op)
			o.Replace(op, earlier.op)
			return ir.Done
		}
	}
	if len(p.calls[d]) == maxCalls {
		p.calls[d] = slices.Delete(p.calls[d], 0, 1)
	}
	p.calls[d] = append(p.calls[d], call{op, p.writes})
	return ir.Next
}

// beforeCall puts the stores in the output that a call may see: all of them, unless
// it reads nothing that is written and is given no object to look into.
func (p *heapPass) beforeCall(o *ir.Optimizer, op *ir.Op, e ir.CallEffect) {
	isRef := func(a *ir.Op) bool { return a.Type == ir.Ref }
	if e == ir.EffectAny || e == ir.EffectReadonly || slices.ContainsFunc(op.Args, isRef) {
		p.Flush(o)
	}
}

func sameArgs(o *ir.Optimizer, a, b *ir.Op) bool {
	if a.Args[0].Name.Name != b.Args[0].Name.Name {
		return false
	}
	return slices.EqualFunc(a.Args[1:], b.Args[1:], func(x, y *ir.Op) bool { return o.Find(x) == o.Find(y) })
}

// compute returns the result of an elidable call of constants, or nil if it is
// not known how to compute it.
func compute(op *ir.Op) *ir.Op {
	f, ok := op.Args[0].Name.Func.(ir.Folder)
	if !ok {
		return nil
	}
	for _, a := range op.Args[1:] {
		if !a.IsConst() || a.Type == ir.Ref {
			return nil
		}
	}
	return f.Fold(op.Args[1:])
}
