package virtuals

import (
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// This file calls the functions of the Kit whose mistakes would show far from where
// they were made, and checks what they return at once: it costs a few comparisons.

// delay calls Kit.Delay.
func (p *virtualPass) delay(op *ir.Op) *Object {
	obj := p.kit.Delay(op)
	if obj == nil {
		return nil
	}
	class := op.Descr.(*heap.Class)
	right := len(obj.Words) == len(class.Fields)
	if class.IsArray() {
		n := op.Args[0]
		right = n.Code == ir.OpConstInt && n.Int() == int64(len(obj.Words))
	}
	switch {
	case obj.Op != op:
		panic("Delay: Op of the Object is not the allocation that was given")
	case obj.Class != class:
		panic(fmt.Sprintf("Delay: Class of the Object is not the descr of the allocation, %s", class))
	case !right:
		panic(fmt.Sprintf("Delay: the Object has %d Words, which is not what %s makes", len(obj.Words), op))
	}
	return obj
}

// execute calls Kit.Access. The operation goes no further: a load that is not
// replaced would be a value that nobody makes.
func (p *virtualPass) execute(o *ir.Optimizer, obj *Object, word int, op *ir.Op) {
	sayExecuted(o, obj, word, op)
	p.kit.Access(o, obj, word, op)
	if op.Type != ir.Void && op.Forward == nil {
		panic(fmt.Sprintf("Access: %s was not replaced by a value", op.Code))
	}
}

// force calls Kit.Force: obj is allocated after all.
func (p *virtualPass) force(o *ir.Optimizer, obj *Object) {
	if p.depth++; p.depth > len(p.order) {
		panic("Force calls itself without end, through o.Emit: what is emitted has an argument that is still virtual. " +
			"An object has to be Forced before anything that mentions it is emitted")
	}
	before := len(o.Output())
	if obj.Class.Immediate != nil {
		obj.Forced = true
		EmitTagged(o, obj.Op, obj.Words[0])
	} else {
		p.kit.Force(o, obj, p.kit.Stores)
	}
	noteForced(o, obj, o.Output()[before:])
	p.depth--
	switch {
	case !obj.Forced:
		panic(fmt.Sprintf("Force: the %s is not Forced afterwards", obj.Class))
	case !slices.Contains(o.Output()[before:], obj.Op):
		panic(fmt.Sprintf("Force: the allocation of the %s was not emitted", obj.Class))
	}
}

// check panics if described can't be what Kit.Describe returns for v.
func (d *descriptions) check(v, described *ir.Op) {
	obj := d.pass.objects.Of(v)
	switch {
	case described == nil:
		panic(fmt.Sprintf("Describe returned nil for the value of %s", v.Code))
	case obj == nil && described != v:
		panic(fmt.Sprintf("Describe returned another value for that of %s, which is not virtual", v.Code))
	case obj == nil:
		return
	case described.Code != ir.OpVirtual:
		panic(fmt.Sprintf("Describe returned a value for a virtual %s, expected an Op with Code ir.OpVirtual", obj.Class))
	case described.Type != ir.Ref || described.ID != -1 || described.Descr != obj.Class:
		panic(fmt.Sprintf("Describe: the description of a %s must have Type ir.Ref, ID -1 and the class as Descr", obj.Class))
	case len(described.Args) != len(obj.Words) || slices.Contains(described.Args, nil):
		panic(fmt.Sprintf("Describe: the description of a %s must have %d Args, none of them nil", obj.Class, len(obj.Words)))
	}
}

// store calls Kit.Store.
func (p *heapPass) store(o *ir.Optimizer, at *Place, op *ir.Op) {
	waited := at.Waiting
	p.kit.Store(p.Cache, o, at, op)
	sayStore(o, at, op, waited)
	if at.Waiting != nil && !slices.Contains(p.waiting, at) {
		panic("Store: at.Waiting was set by hand, which loses the store: c.Wait puts it off")
	}
}

// check panics if label and jump can't be what Kit.Carry returns for l. Whether
// they are all that the loop needs, it does not say.
func (l *Loop) check(label, jump []*ir.Op) {
	if len(label) != len(jump) {
		panic(fmt.Sprintf("Carry returned %d values for the label and %d for the jump", len(label), len(jump)))
	}
	for i, v := range label {
		switch {
		case v == nil || jump[i] == nil:
			panic(fmt.Sprintf("Carry: value %d of the label or of the jump is nil", i))
		case v.IsConst() || !l.InPreamble(v):
			panic(fmt.Sprintf("Carry: value %d of the label, of %s, is not one of the preamble", i, v.Code))
		case v.Type != jump[i].Type:
			panic(fmt.Sprintf("Carry: value %d of the label and that of the jump are of different types", i))
		}
	}
}
