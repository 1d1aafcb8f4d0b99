package bridges

import (
	ir "metatrace/chapters/01-ir"
)

// Split cuts t, a loop that was peeled, into two traces:
//
//	[inputs]                        [inputs]              preamble
//	preamble                        preamble
//	label(v)                        jump(v, w, descr=name)
//	loop
//	jump(v')                        [v, w]                loop
//	                                label(v)
//	                                loop
//	                                jump(v')
//
// w are the other values of the preamble that the loop uses: they do not change. So
// traces from elsewhere can enter the loop as well, at target, if they know v and w.
// The loop is a copy; the preamble shares its operations with t.
func Split(t *ir.Trace, name string) (preamble, loop *ir.Trace, target *ir.Target) {
	at := t.LabelAt()
	if at < 0 || !t.Loops() {
		panic("Split: the trace is no loop with a label")
	}
	label, body := t.Ops[at], t.Ops[at+1:]
	values := append([]*ir.Op(nil), label.Args...)
	values = append(values, fromBefore(t, label, body)...)

	target = &ir.Target{Name: name}
	loop = &ir.Trace{Decls: t.Decls}
	c := cloner{to: loop, env: make([]*ir.Op, t.NumIDs())}
	for i, v := range values {
		in := &ir.Op{Code: ir.OpInput, Type: v.Type, ID: int32(i)}
		loop.Inputs = append(loop.Inputs, in)
		target.Inputs = append(target.Inputs, v.Type)
		c.set(v, in)
	}
	c.ops(t.Ops[at:])
	c.known(body)

	preamble = &ir.Trace{Decls: t.Decls, Inputs: t.Inputs, Ops: append([]*ir.Op(nil), t.Ops[:at]...)}
	preamble.Ops = append(preamble.Ops, &ir.Op{Code: ir.Jump, ID: label.ID, Descr: target, Args: values})
	return preamble, loop, target
}

// fromBefore returns the values from before the label, its arguments excepted, that body
// uses, in the order in which it does.
func fromBefore(t *ir.Trace, label *ir.Op, body []*ir.Op) []*ir.Op {
	seen := make([]bool, t.NumIDs())
	for _, v := range label.Args {
		seen[v.ID] = true
	}
	var list []*ir.Op
	use := func(values []*ir.Op) {
		for _, v := range values {
			if !v.IsConst() && v.ID < label.ID && !seen[v.ID] {
				seen[v.ID] = true
				list = append(list, v)
			}
		}
	}
	for _, op := range body {
		use(op.Args)
		if op.Exit != nil {
			use(op.Exit.Leaves())
		}
	}
	return list
}

// Version returns the trace p for slots of the shape s: it begins as Begin says, and goes
// on with copies of p's operations, where the slots stand for p's inputs. p is a
// trace that starts at a header: a recorded one, or the preamble of a Split loop. The
// result is to be optimized (virtuals.OptimizeJump).
func (k *Kit) Version(p *ir.Trace, s *Shape) *ir.Trace {
	b := ir.NewBuilder(p.Decls)
	slots := k.Begin(b, s)
	c := cloner{to: b.Trace(), env: make([]*ir.Op, p.NumIDs())}
	for i, in := range p.Inputs {
		c.set(in, slots[i])
	}
	c.ops(p.Ops)
	return c.to
}
