package knownbits

import ir "metatrace/chapters/01-ir"

// boundsPass is the pass "bounds". It knows something of each integer of the trace:
// forward, what an operation makes of what is known of its arguments; backward, what
// a guard says about the value that it tests, and so about what that was made of.
// An operation whose result is known, or whose overflow can't happen, it replaces.
//
// What a guard says reaches this pass as what is found equal: behind guard_true(i5)
// the pass "guards" replaces i5 by 1, and Join asks what makes i5 a 1.
type boundsPass struct {
	kit   *Kit
	rules *ir.Rules
	o     *ir.Optimizer
	at    *ir.Op // the operation that is being visited
	// known is what is known of each value, by ID; of an array, of its length.
	known []Known
	// lengths are the operations that ask for the length of an array, by array.
	lengths map[*ir.Op]*ir.Op
	last    *ir.Op   // the last checked operation
	depth   int      // of going backward
	memory  memory   // for a Chain with Witness
	origins *origins // nil without a Journal
}

// maxDepth bounds how far back a guard is followed: from what it tests to the
// arguments of that, to their arguments, and so on.
const maxDepth = 4

// Pass returns the pass "bounds" of this chapter. Rules that can't be read are an
// error.
func (k *Kit) Pass() (ir.NamedPass, error) {
	rules, err := ir.NewRules(Rules(), conditions(k))
	return ir.NamedPass{Name: "bounds", What: "use what is known of the bits and the range of integers",
		Make: func() ir.Pass {
			return &boundsPass{kit: k, rules: rules, lengths: map[*ir.Op]*ir.Op{}}
		}}, err
}

// Visit implements ir.Pass.
func (p *boundsPass) Visit(o *ir.Optimizer, op *ir.Op) ir.Verdict {
	p.begin(o)
	p.at = op
	switch c := op.Code; {
	case c == ir.ArraylenGc:
		p.length(op)
	case c.Has(ir.Checked):
		return p.checked(op)
	case c.Has(ir.Pure) && op.Type == ir.Int:
		return p.pure(op)
	case c == ir.GuardNoOverflow:
		p.fits(op)
	case c == ir.GuardTrue || c == ir.GuardFalse:
		p.refresh(op.Args[0], maxRefresh)
		op.Args[0] = o.Find(op.Args[0])
	case c.IsAccess() || c.IsAllocation():
		p.access(op)
	case c == ir.CallI:
		return p.call(op)
	}
	return ir.Next
}

// begin notes which walk this is.
func (p *boundsPass) begin(o *ir.Optimizer) {
	if p.o = o; p.origins == nil && o.Journal() != nil {
		p.origins = &origins{journal: o.Journal(), of: map[*ir.Op][]*origin{}}
	}
}

// of returns what is known of v: of an array, of its length.
func (p *boundsPass) of(v *ir.Op) Known {
	if v = p.o.Find(v); v.Code == ir.OpConstInt {
		return Exactly(v.Int())
	}
	return p.noted(v)
}

// noted returns what was noted of v itself, whatever it was found equal to since.
func (p *boundsPass) noted(v *ir.Op) Known {
	if v.ID < 0 || int(v.ID) >= len(p.known) {
		return Any
	}
	return p.known[v.ID]
}

// set notes what is known of v.
func (p *boundsPass) set(v *ir.Op, k Known) {
	for int(v.ID) >= len(p.known) {
		p.known = append(p.known, Any)
	}
	if guard := p.o.Guarding(); guard != 0 {
		p.memory.remember(guard, v, p.known[v.ID])
	}
	p.known[v.ID] = k
}

// learn notes what is known of v, and from what it follows.
func (p *boundsPass) learn(v *ir.Op, k Known, from *source) {
	p.set(v, k)
	if p.origins != nil {
		p.origins.note(v, k, from)
	}
}

// args returns what is known of the arguments of op.
func (p *boundsPass) args(op *ir.Op) (a, b Known) {
	a, b = Any, Any
	if op.Args[0].Type == ir.Int {
		a = p.of(op.Args[0])
	}
	if len(op.Args) > 1 && op.Args[1].Type == ir.Int {
		b = p.of(op.Args[1])
	}
	return a, b
}

// forward returns what is known of the result of op.
func (p *boundsPass) forward(op *ir.Op) Known {
	if op.Args[0].Type != ir.Int {
		if op.IsBool() {
			return Truth
		}
		return Any
	}
	a, b := p.args(op)
	if p.twice(op) {
		return p.kit.ofOne(op.Code, a)
	}
	return p.kit.Forward(op.Code, a, b)
}

// twice reports whether both arguments of op are the same value: to Forward they
// are two.
func (p *boundsPass) twice(op *ir.Op) bool {
	return len(op.Args) == 2 && p.o.Find(op.Args[0]) == p.o.Find(op.Args[1])
}

// pure handles an integer operation without overflow check.
func (p *boundsPass) pure(op *ir.Op) ir.Verdict {
	for _, a := range op.Args {
		p.refresh(a, 1)
	}
	k := p.forward(op)
	if x, ok := k.Const(); ok {
		p.sayDecided(op, k)
		p.o.Replace(op, p.o.ConstInt(x))
		return ir.Done
	}
	code, args := op.Code, op.Args
	switch v, _ := p.rules.Rewrite(p.o, op, p); v {
	case nil:
	case op:
		return p.changed(op, code, args)
	default:
		p.o.Replace(op, v)
		return ir.Done
	}
	p.learn(op, k, p.madeOf(op))
	return ir.Next
}

// changed begins the chain anew with op, which was code of args. If that was computed
// before, when less was known, it is not needed in its new form.
func (p *boundsPass) changed(op *ir.Op, code ir.Opcode, args []*ir.Op) ir.Verdict {
	if earlier := p.o.Shared(op, code, args); earlier != nil {
		p.o.Replace(op, earlier)
		return ir.Done
	}
	return ir.Again
}

// checked makes an operation plain that can't overflow.
func (p *boundsPass) checked(op *ir.Op) ir.Verdict {
	a, b := p.args(op)
	overflow := p.kit.Overflow(op.Code, a, b)
	if overflow == ir.OverflowUnknown {
		p.learn(op, p.forward(op), p.madeOf(op))
		p.last = op
		return ir.Next
	}
	p.sayOverflow(op, overflow)
	p.o.Checked(overflow)
	op.Code = op.Code.Unchecked()
	return p.changed(op, op.Code, op.Args)
}

// fits notes that the last checked operation did not overflow.
func (p *boundsPass) fits(guard *ir.Op) {
	op := p.last
	if op == nil {
		return
	}
	a, b := p.args(op)
	k, ok := p.kit.NoOverflow(op.Code, a, b)
	if ok && p.twice(op) {
		k, ok = p.kit.Meet(k, p.kit.ofOneFits(op.Code))
	}
	if !ok {
		p.o.Impossible(guard, "the operation before it always overflows")
		return
	}
	p.narrow(op, k, p.fitted(op, guard))
	p.back(op)
}

// narrow notes that v is one of k, and draws the consequences. from is from what that
// follows, for a Journal; nil if there is none.
func (p *boundsPass) narrow(v *ir.Op, k Known, from *source) {
	v = p.o.Find(v)
	old := p.of(v)
	now, ok := p.kit.Meet(old, k)
	switch {
	case !ok:
		p.impossible()
		return
	case now == old:
		return
	}
	p.learn(v, now, from)
	if x, ok := now.Const(); ok {
		p.o.Replace(v, p.o.ConstInt(x)) // Join goes on
		return
	}
	p.back(v)
}

// impossible ends the walk: no run gets past the operation that is being visited.
func (p *boundsPass) impossible() {
	p.o.Impossible(p.at, "no integer is left for a value that it is about")
}

// back draws the consequences of what is known of v for what v was made of.
func (p *boundsPass) back(v *ir.Op) {
	if p.depth >= maxDepth || p.o.Err() != nil {
		return
	}
	p.depth++
	defer func() { p.depth-- }()
	switch {
	case v.Code == ir.ArraylenGc:
		p.limit(v.Args[0], p.of(v))
		return
	case !p.computed(v) || v.Args[0].Type != ir.Int:
		return
	}
	code, result := v.Code, p.of(v)
	if code.Has(ir.Checked) && p.o.Decided(v) != ir.OverflowNever {
		code = code.Unchecked() // nobody has said that it did not wrap
	}
	a, b := p.args(v)
	a2, b2, ok := p.kit.Backward(code, a, b, result)
	if ok && p.twice(v) {
		a2, ok = p.kit.backOne(code, a2, b2, result)
		b2 = a2
	}
	if !ok {
		p.impossible()
		return
	}
	first, second := p.undone(v, code, 0), p.undone(v, code, 1)
	p.narrow(v.Args[0], a2, first)
	if len(v.Args) > 1 {
		p.narrow(v.Args[1], b2, second)
	}
}

// Join implements ir.Joiner: op is v.
func (p *boundsPass) Join(o *ir.Optimizer, op, v *ir.Op) {
	p.begin(o)
	switch op.Type {
	case ir.Int:
		k := p.noted(op)
		p.narrow(v, k, p.equal(op, k))
		p.back(op)
	case ir.Ref:
		p.limit(v, p.noted(op))
	}
}

// Differ implements ir.Separator. It is asked for many pairs, so each view is asked
// alone; that both together say more is rare.
func (p *boundsPass) Differ(o *ir.Optimizer, a, b *ir.Op) bool {
	p.o = o
	x, y := p.of(a), p.of(b)
	return x.Hi < y.Lo || y.Hi < x.Lo || x.Ones&y.Zeros()|x.Zeros()&y.Ones != 0
}

// SameSign implements ir.Separator.
func (p *boundsPass) SameSign(o *ir.Optimizer, a, b *ir.Op) bool {
	p.o = o
	return sameSign(p.of(a), p.of(b))
}

// maxRefresh is how far back refresh looks.
const maxRefresh = 2

// computed reports whether v is an integer that its operation alone decides. What
// same_as_i gives may be a variable of a label, which a jump sets to something else.
func (p *boundsPass) computed(v *ir.Op) bool {
	return v.Type == ir.Int && v.Code.Has(ir.Pure|ir.Checked) && v.Code != ir.SameAsI && v.Code != ir.ArraylenGc
}

// refresh computes once more what is known of v: more may be known of what it was
// made of than when it was.
func (p *boundsPass) refresh(v *ir.Op, depth int) {
	v = p.o.Find(v)
	if !p.computed(v) || v.Code.Has(ir.Checked) {
		return
	}
	if depth > 1 {
		for _, a := range v.Args {
			p.refresh(a, depth-1)
		}
	}
	if k := p.forward(v); k != Any {
		p.narrow(v, k, p.madeOf(v))
	}
}
