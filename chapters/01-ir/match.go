package ir

// bindings are what the letters of a rule stand for, by slot.
type bindings [maxLetters]*Op

// rewrite tries c on op. It returns what op equals (a value that is there
// already), or op itself if it was changed in place, or nil if c does not match.
func (c *compiled) rewrite(o *Optimizer, op *Op) *Op {
	var b bindings
	if !c.matchArgs(o, c.from, op, &b) || !c.holds(&b) {
		return nil
	}
	to := c.to
	switch {
	case to.lit != nil:
		return o.Intern(to.lit)
	case to.fn != "":
		return c.build(o, to, &b)
	case to.code == OpInvalid:
		return b[to.slot]
	}
	args := o.args.many(len(to.args))
	for i, a := range to.args {
		if args[i] = c.build(o, a, &b); args[i] == nil {
			return nil
		}
	}
	op.Code, op.Args, op.Type = to.code, args, to.code.Info().Result
	return op
}

func (c *compiled) holds(b *bindings) bool {
	if c.when == nil {
		return true
	}
	var v [2]*Op
	for i, slot := range c.whenArgs {
		v[i] = b[slot]
	}
	return c.when.holds(v[:])
}

// build returns the value of a side of a rule that is a letter, a number, or an
// operation on constants. It is nil if the operation is not defined.
func (c *compiled) build(o *Optimizer, p *pattern, b *bindings) *Op {
	switch {
	case p.lit != nil:
		return o.Intern(p.lit)
	case p.fn != "":
		return o.Intern(constFuncs[p.fn](b[p.args[0].slot]))
	case p.code == OpInvalid:
		return b[p.slot]
	}
	var words [2]uint64
	for i, a := range p.args {
		v := c.build(o, a, b)
		if v == nil || !v.IsConst() {
			return nil
		}
		words[i] = v.Bits
	}
	result, ok := o.Kit.EvalPure(p.code, words[0], words[1])
	if !ok {
		return nil
	}
	return o.Intern(ConstBits(p.code.Info().Result, result))
}

func (c *compiled) match(o *Optimizer, p *pattern, v *Op, b *bindings) bool {
	v = o.Find(v)
	switch {
	case p.lit != nil:
		return SameConst(v, p.lit)
	case p.code != OpInvalid:
		return v.Code == p.code && !o.lastTurn(v) && c.matchArgs(o, p, v, b)
	case p.konst && v.Code != OpConstInt && v.Code != OpConstFloat:
		return false
	}
	if b[p.slot] == nil {
		b[p.slot] = v
	}
	return Same(b[p.slot], v)
}

func (c *compiled) matchArgs(o *Optimizer, p *pattern, op *Op, b *bindings) bool {
	for i, a := range p.args {
		if !c.match(o, a, op.Args[i], b) {
			return false
		}
	}
	return true
}
