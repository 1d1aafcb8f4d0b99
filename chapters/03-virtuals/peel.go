package virtuals

import (
	"errors"
	"slices"

	ir "metatrace/chapters/01-ir"
)

// Peel optimizes t, a loop, by the passes of c, so that what is the same in every
// iteration is done once. It walks twice, with the same passes:
//
//	[inputs]   first walk: the operations of t           the preamble
//	label(v)   second walk: the preamble once more, its  the loop
//	jump(v')     inputs replaced by what t's jump passes
//
// What the second walk finds equal to a value of the preamble does not change,
// and is not computed again; guards that were passed are gone. That is right in
// all iterations, by induction: the second walk relies on what one iteration has
// established, whatever it started with, and does the same again for the next. An
// object that is virtual at the end of the preamble is virtual at the start of the
// loop, so only its contents go round. (Copy substitution: Mike Pall, LuaJIT's
// lj_opt_loop.c; with virtual objects in the manner of Ardö, Bolz and Fijałkowski,
// "Loop-Aware Optimizations in PyPy's Tracing JIT", DLS 2012.)
//
// Where an object is virtual at the end of the loop, but not what stands in its
// place at the start, it is allocated at the end: no loop needs more than that.
//
// If t does not end in a jump, or has a label, it is optimized without peeling.
// Errors are those of Chain.Optimize. ir.ErrImpossible says that no run gets
// through two iterations.
func (k *Kit) Peel(c ir.Chain, t *ir.Trace) (*ir.Trace, error) {
	if !canPeel(t) {
		return c.Optimize(t)
	}
	return k.peel(c, t, 1, true)
}

// canPeel reports whether t is a loop that was not peeled before.
func canPeel(t *ir.Trace) bool {
	return t.Loops() && t.LabelAt() < 0
}

// maxCopies is how often PeelStable copies the loop.
const maxCopies = 2

// PeelStable does as Peel, but if an object would have to be allocated at the end
// of the loop, it makes one copy more first. What came in from outside as an object
// is then an iteration behind, and the loop may be stable: virtual at its start
// what is virtual at its end. If it still is not, the result is that of Peel.
func (k *Kit) PeelStable(c ir.Chain, t *ir.Trace) (*ir.Trace, error) {
	if canPeel(t) {
		out, err := k.peel(c, t, maxCopies, false)
		// It may be the third iteration that is impossible, which need not come.
		if !errors.Is(err, ir.ErrImpossible) && (out != nil || err != nil) {
			return out, err
		}
	}
	return k.Peel(c, t)
}

// peel makes up to so many copies behind the preamble, until the loop is stable.
// If the last one is not, the result is nil, or with force, objects are allocated.
func (k *Kit) peel(c ir.Chain, t *ir.Trace, copies int, force bool) (*ir.Trace, error) {
	last := len(t.Ops) - 1
	o, inputs := c.Start(t)
	if err := o.Walk(t.Ops[:last]); err != nil {
		return nil, err
	}
	w := walker{o, virtualsOf(o)}
	var next []*ir.Op
	for _, a := range t.Ops[last].Args {
		next = append(next, w.Value(a))
	}
	from, start := inputs, 0
	for n := 1; n <= copies; n++ {
		o.Flush() // the next iteration may read what a store that waits writes
		body := slices.Clone(o.Output()[start:])
		start = len(o.Output())
		o.StartLoop(from, w.enter(next))
		if err := o.Walk(body); err != nil {
			return nil, err
		}
		o.Flush()
		loop := newLoop(w, inputs, start, force && n == copies)
		label, jump := k.Carry(loop)
		loop.check(label, jump)
		switch {
		case o.Err() != nil:
			return nil, o.Err()
		case !loop.unstable:
			ops := slices.Concat(o.Output()[:start], []*ir.Op{o.NewOp(ir.Label, ir.Void, nil, label...)},
				o.Output()[start:], []*ir.Op{o.NewOp(ir.Jump, ir.Void, nil, jump...)})
			return c.Finish(&ir.Trace{Decls: t.Decls, Inputs: inputs, Ops: ops})
		}
		from, next = loop.edge(inputs)
	}
	return nil, nil
}

// walker is an optimizer, with the pass that peeling has to talk to; nil if that is
// switched off.
type walker struct {
	*ir.Optimizer
	virtual *virtualPass
}

// enter returns what the values at the end of one copy are at the start of the
// next: a virtual object is one there, too, with the contents that it has now.
func (w *walker) enter(values []*ir.Op) []*ir.Op {
	if w.virtual == nil {
		return values
	}
	described := slices.Clone(values)
	d := descriptions{pass: w.virtual}
	d.describe(w.Optimizer, described)
	made := map[*ir.Op]*ir.Op{}
	for i, v := range described {
		described[i] = w.revive(v, made, &d)
	}
	return described
}

// revive makes a virtual object of v, one of the descriptions d.
func (w *walker) revive(v *ir.Op, made map[*ir.Op]*ir.Op, d *descriptions) *ir.Op {
	if v.Code != ir.OpVirtual {
		return v
	}
	if op := made[v]; op != nil {
		return op
	}
	obj := w.virtual.newObject(w.Optimizer, v)
	made[v] = obj.Op
	d.noteRevived(w.Optimizer, obj, v)
	for i, a := range v.Args {
		obj.Words[i] = w.revive(a, made, d)
	}
	return obj.Op
}
