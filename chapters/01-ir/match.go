package ir

import "fmt"

// Rules are rules that can be applied: parsed, and in a table by the operation of
// From. They hold no state, so that walks that run at the same time may share them.
type Rules struct {
	table [numOpcodes][]*compiled // by Opcode: those of one operation in the order of the list
}

// NewRules prepares rules. What When may ask for is what Rule lists, and more: the
// conditions of a pass, by name. One of the same name takes the place of the one
// that Rule lists: nonneg(C) is about constants, and a pass that knows ranges may
// let nonneg(x) be about all values. A rule that can't be read is an error that
// quotes it.
func NewRules(rules []Rule, more map[string]Condition) (*Rules, error) {
	r := &Rules{}
	for _, rule := range rules {
		c, err := compileRule(rule, more)
		if err != nil {
			return nil, fmt.Errorf("rule %s: %w", rule, err)
		}
		for _, from := range c.from.orders() {
			one := *c
			one.from = from
			r.table[from.code] = append(r.table[from.code], &one)
		}
	}
	return r, nil
}

// Rewrite applies the first rule that matches op, an operation that o is sending
// down the chain. It returns the rule, and what op equals: a value that is there
// already, or op itself, if that was changed in place. Both are nil if none
// matches. Conditions are asked with facts.
//
// A rule for a checked operation that leaves nothing to check says that it does
// not overflow (CheckRule refuses all others), and o is told so.
func (r *Rules) Rewrite(o *Optimizer, op *Op, facts any) (v *Op, rule *Rule) {
	code := op.Code
	if o.choices != nil {
		v, rule = o.choices.rewrite(r, o, op, facts)
	} else {
		v, rule = r.first(o, op, facts)
	}
	if v != nil && code.Has(Checked) && (v != op || !op.Code.Has(Checked)) {
		o.Checked(OverflowNever)
	}
	return v, rule
}

// first applies the first rule that matches.
func (r *Rules) first(o *Optimizer, op *Op, facts any) (*Op, *Rule) {
	args := op.Args
	for _, c := range r.table[op.Code] {
		v := c.rewrite(o, op, facts)
		if v == nil {
			continue
		}
		if o.journal != nil {
			o.journal.rule(o, c, args, facts)
		}
		return v, &c.rule
	}
	return nil, nil
}

// bindings are what the letters of a rule stand for, by slot.
type bindings [maxLetters]*Op

// rewrite tries c on op. It returns what op equals (a value that is there
// already), or op itself if it was changed in place, or nil if c does not match.
func (c *compiled) rewrite(o *Optimizer, op *Op, facts any) *Op {
	var b bindings
	if !c.matchArgs(o, c.from, op, &b) || !c.ask(facts, &b, &o.asked) {
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
		return v.Code == p.code && !o.lastTurn(v) && !o.roundabout(v) && c.matchArgs(o, p, v, b)
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
