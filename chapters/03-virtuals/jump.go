package virtuals

import (
	ir "metatrace/chapters/01-ir"
)

// JumpOptions are what OptimizeJump has to be told of the code around a trace.
type JumpOptions struct {
	// Assume, if not nil, is called before the walk: it may tell o what is known of the
	// inputs of the output.
	Assume func(o *ir.Optimizer, inputs []*ir.Op)
	// Choose says where the jump that ends the trace goes. values are its arguments as
	// they are in the output: of a virtual object, the allocation that was not done.
	// described are the same, with an OpVirtual for each virtual object, as in an exit.
	//
	// It returns the target, which is not nil, and the arguments of the jump to it:
	// some of values, or of described, or of the words of virtual objects in there,
	// or constants. A virtual object among them is allocated, whichever way it is given.
	Choose func(values, described []*ir.Op) (target *ir.Target, args []*ir.Op)
}

// OptimizeJump optimizes t, straight code, by the passes of c. If it ends in a jump
// without a target, opt.Choose gives it one when all but the jump is done: so a
// virtual object need not be allocated just because it goes to other code, if that
// can do with what is in it. A trace that ends otherwise is optimized as by
// Chain.Optimize. Errors are those of Chain.Optimize.
func (k *Kit) OptimizeJump(c ir.Chain, t *ir.Trace, opt JumpOptions) (*ir.Trace, error) {
	o, inputs := c.Start(t)
	if opt.Assume != nil {
		opt.Assume(o, inputs)
	}
	ops := t.Ops
	jumps := t.Loops() && opt.Choose != nil
	if jumps {
		ops = ops[:len(ops)-1]
	}
	if err := o.Walk(ops); err != nil {
		return nil, err
	}
	if n := len(ops); n == 0 || ops[n-1].Code != ir.GuardAlwaysFails { // nobody gets past that
		o.Flush() // a store that waits may need an object: it is not virtual then
	}
	if jumps {
		w := walker{o, virtualsOf(o)}
		w.jump(t.Ops[len(ops)].Args, opt)
	}
	if err := o.Err(); err != nil {
		return nil, err
	}
	return c.Finish(&ir.Trace{Decls: t.Decls, Inputs: inputs, Ops: o.Output()})
}

// jump puts a jump in the output to where opt.Choose says; of are the arguments of the
// one that was recorded.
func (w *walker) jump(of []*ir.Op, opt JumpOptions) {
	values := make([]*ir.Op, len(of))
	for i, a := range of {
		values[i] = w.Value(a)
	}
	described, objects := w.describe(values)
	target, args := opt.Choose(values, described)
	if target == nil {
		panic("OptimizeJump: Choose returned no target")
	}
	list := make([]*ir.Op, len(args))
	for i, a := range args {
		if list[i] = a; a.Code == ir.OpVirtual {
			list[i] = objects[a]
		}
	}
	w.Emit(w.NewOp(ir.Jump, ir.Void, target, list...)) // which forces the virtual objects
}

// describe returns the values with descriptions of the virtual objects among them, and
// for each description, the allocation that it stands for.
func (w *walker) describe(values []*ir.Op) (described []*ir.Op, objects map[*ir.Op]*ir.Op) {
	described = append(described, values...)
	if w.virtual == nil {
		return described, nil
	}
	d := descriptions{pass: w.virtual}
	d.describe(w.Optimizer, described)
	objects = make(map[*ir.Op]*ir.Op, len(d.seen))
	for obj, v := range d.seen {
		objects[v] = obj.Op
		for i, word := range v.Args {
			// It may have been found equal to something since it was stored.
			if word.Code != ir.OpVirtual {
				v.Args[i] = w.Find(word)
			}
		}
	}
	return described, objects
}
