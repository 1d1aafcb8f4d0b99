package ir

import (
	"errors"
	"fmt"
)

// The optimizer walks a trace forward once. Each operation is copied with its
// arguments replaced by what they are known to equal, and then handed from pass
// to pass:
//
//	trace --> copy --> fold --> guards --> cse --> output --> dce
//	            ^________|  Again: the operation was changed
//
// A pass may send it on (Next), take it out because its value is known (Done),
// or change it and let the chain begin anew with it (Again). What arrives at the
// end of the chain is in the output. One walk is enough: a trace has no joins,
// so that when an operation is reached, all that can be known of its arguments
// is known (Bolz et al., "Allocation Removal by Partial Evaluation in a Tracing
// JIT", PEPM 2011, section 4).

// Verdict is what a pass decided about an operation.
type Verdict uint8

// The verdicts.
const (
	Next  Verdict = iota // the next pass shall see the operation
	Done                 // it goes no further: it was replaced, dropped or delayed
	Again                // it was changed: the chain shall begin anew with it
)

// maxAgain bounds how often one operation may be changed. Rules that undo each
// other would change it for ever.
const maxAgain = 1000

// A Pass is one link of the chain. It is made for one trace and may keep state.
type Pass interface {
	Visit(o *Optimizer, op *Op) Verdict
}

// NamedPass says how a pass is made, and what it is called on the command line.
type NamedPass struct {
	Name string
	What string // one line for -h
	Make func() Pass
}

// ErrImpossible is wrapped by the error for a trace that no run can get to the
// end of: one of its guards always fails. RPython calls it InvalidLoop.
var ErrImpossible = errors.New("the trace is impossible")

// Facts are what the optimizer knows of a reference. They belong to the value
// that Find gives, so that all that is equal shares them.
type Facts struct {
	Nonnull bool
	Class   string // the exact class, by its vtable; "": not known. Implies Nonnull
}

// Overflow is what is known of the last checked operation.
type Overflow uint8

// What a checked operation did.
const (
	OverflowUnknown Overflow = iota // it is in the output, its guard must ask
	OverflowNever
	OverflowAlways
)

// Optimizer is the state of one walk over one trace.
type Optimizer struct {
	Kit    *Kit
	passes []Pass
	env    []*Op // by ID in the trace that is read: its copy, or what that was replaced by
	out    []*Op
	nextID int32

	ops    slab[Op]
	args   slab[*Op]
	exits  slab[Exit]
	consts map[constKey]*Op

	// The last checked operation: what is known of it, and if it is in the
	// output (else nil), the operation. decided are those whose guard was passed.
	checked     Overflow
	lastChecked *Op
	decided     map[*Op]Overflow
	err         error
}

type constKey struct {
	code Opcode
	bits uint64
	name *Symbol
}

// Optimize returns an optimized copy of t, which is left as it is. An error that
// wraps ErrImpossible says that no run gets to the end of t.
func (c Chain) Optimize(t *Trace) (*Trace, error) {
	o := &Optimizer{Kit: c.Kit, consts: map[constKey]*Op{}, decided: map[*Op]Overflow{}}
	for _, p := range c.Passes {
		o.passes = append(o.passes, p.Make())
	}
	o.env = make([]*Op, t.NumIDs())
	o.out = make([]*Op, 0, len(t.Ops))
	result := &Trace{Decls: t.Decls}
	for _, in := range t.Inputs {
		input := o.ops.one()
		*input = Op{Code: OpInput, Type: in.Type, ID: o.id()}
		o.env[in.ID] = input
		result.Inputs = append(result.Inputs, input)
	}
	for _, old := range t.Ops {
		op := o.copy(old)
		o.env[old.ID] = op
		if op.Code == Label {
			o.rename(old, op)
		}
		o.send(op)
		if o.err != nil {
			return nil, o.err
		}
	}
	result.Ops = o.out
	result.Renumber()
	if c.Dead {
		result.Ops = c.Kit.RemoveDead(result)
		result.Renumber()
	}
	return result, nil
}

func (o *Optimizer) id() int32 {
	o.nextID++
	return o.nextID - 1
}

// copy makes the output's version of op: arguments and failargs are the values
// that stand for them now.
func (o *Optimizer) copy(op *Op) *Op {
	c := o.ops.one()
	*c = Op{Code: op.Code, Type: op.Type, Descr: op.Descr, ID: o.id(), Line: op.Line, Name: op.Name}
	c.Args = o.values(op.Args, nil)
	if op.Exit != nil {
		c.Exit = o.exits.one()
		*c.Exit = Exit{Failargs: o.values(op.Exit.Failargs, &virtuals{}), Resume: op.Exit.Resume}
	}
	return c
}

// rename gives the variables of a label, whose copy is c, values of their own
// that nothing is known of. The label is the one join of a trace: what was found
// out about the values that come in from above does not hold for those that a
// jump brings. What stands behind the label may still use the former, as they
// were at the first entry.
func (o *Optimizer) rename(label, c *Op) {
	sameAs := [...]Opcode{Int: SameAsI, Float: SameAsF, Ref: SameAsR}
	for i, a := range label.Args {
		v := o.ops.one()
		*v = Op{Code: sameAs[a.Type], Type: a.Type, ID: o.id(), Line: label.Line, Args: o.args.many(1)}
		v.Args[0] = c.Args[i]
		o.out = append(o.out, v) // past the passes, which would undo it
		o.env[a.ID], c.Args[i] = v, v
	}
}

// virtuals are the copies of the virtual objects of one exit: what stands there
// twice is one object. The map is made when there is a first one.
type virtuals struct{ copies map[*Op]*Op }

// values returns what stands in the output for the arguments of the input. Only
// failargs have virtual objects.
func (o *Optimizer) values(of []*Op, made *virtuals) []*Op {
	list := o.args.many(len(of))
	for i, a := range of {
		if a.Code == OpVirtual {
			list[i] = o.virtual(a, made)
		} else {
			list[i] = o.value(a)
		}
	}
	return list
}

// value returns what stands in the output for the argument a of the input.
// Constants are interned, so that equal ones are one pointer.
func (o *Optimizer) value(a *Op) *Op {
	if a.IsConst() {
		return o.Intern(a)
	}
	return o.Find(o.env[a.ID])
}

// virtual copies a virtual object of failargs, cycles included.
func (o *Optimizer) virtual(v *Op, made *virtuals) *Op {
	if c := made.copies[v]; c != nil {
		return c
	}
	if made.copies == nil {
		made.copies = map[*Op]*Op{}
	}
	c := o.ops.one()
	*c = Op{Code: OpVirtual, Type: Ref, ID: -1, Descr: v.Descr}
	made.copies[v] = c
	c.Args = o.values(v.Args, made)
	return c
}

// send hands op from pass to pass, and what is left of it to the output.
func (o *Optimizer) send(op *Op) {
	if op.Code.Has(Checked) {
		o.checked, o.lastChecked = OverflowUnknown, nil
	}
	for i, again := 0, 0; i < len(o.passes); i++ {
		switch o.passes[i].Visit(o, op) {
		case Done:
			return
		case Again:
			i = -1
			if again++; again > maxAgain {
				o.err = fmt.Errorf("the rules go round in circles: they still change %s after %d steps", op, again)
			}
		}
		if o.err != nil {
			return
		}
	}
	if op.Code == GuardNoOverflow || op.Code == GuardOverflow {
		if o.decideOverflow(op) {
			return
		}
	}
	if op.Code.Has(Checked) {
		o.lastChecked = op
	}
	o.out = append(o.out, op)
}

// decideOverflow drops an overflow guard whose operation is gone, and notes of
// one that stays what it says about its operation.
func (o *Optimizer) decideOverflow(op *Op) (dropped bool) {
	says := OverflowNever
	if op.Code == GuardOverflow {
		says = OverflowAlways
	}
	if o.checked == OverflowUnknown {
		o.decided[o.lastChecked] = says
		return false
	}
	if says != o.checked {
		o.Impossible(op, "the operation before it always decides the other way")
	}
	return true
}

// Decided returns what the guard behind op said: op is a checked operation of
// the output.
func (o *Optimizer) Decided(op *Op) Overflow { return o.decided[op] }

// Find returns the value that op is known to equal: itself, if nothing better.
func (o *Optimizer) Find(op *Op) *Op {
	if op.Forward == nil {
		return op
	}
	return o.Kit.Find(op)
}

// Replace notes that op equals v from here on. Facts that were known of op are
// known of v, too. Equating two constants that differ is impossible.
func (o *Optimizer) Replace(op, v *Op) {
	op, v = o.Find(op), o.Find(v)
	if op == v {
		return
	}
	if op.IsConst() {
		if v.IsConst() {
			o.Impossible(op, "two different constants would have to be equal")
			return
		}
		op, v = v, op
	}
	if f := op.facts; f != nil && !v.IsConst() {
		o.MakeFacts(v).join(f)
	}
	op.Forward = v
}

func (f *Facts) join(g *Facts) {
	f.Nonnull = f.Nonnull || g.Nonnull
	if f.Class == "" {
		f.Class = g.Class
	}
}

// Facts returns what is known of the value op.
func (o *Optimizer) Facts(op *Op) Facts {
	op = o.Find(op)
	switch {
	case op.Code == OpConstPtr:
		return constFacts(op)
	case op.facts == nil:
		return Facts{}
	}
	return *op.facts
}

func constFacts(op *Op) Facts {
	if op.Name == nil {
		return Facts{}
	}
	f := Facts{Nonnull: true}
	if op.Name.Class != nil {
		f.Class = op.Name.Class.Vtable
	}
	return f
}

// MakeFacts returns the facts of op, to be added to.
func (o *Optimizer) MakeFacts(op *Op) *Facts {
	op = o.Find(op)
	if op.facts == nil {
		op.facts = &Facts{}
	}
	return op.facts
}

// Checked notes what is known of the checked operation that was just visited.
func (o *Optimizer) Checked(is Overflow) { o.checked = is }

// Impossible ends the walk: the guard op can't be passed, for the reason why.
func (o *Optimizer) Impossible(op *Op, why string) {
	if o.err == nil {
		where := ""
		if op.Line > 0 {
			where = fmt.Sprintf(" in line %d", op.Line)
		}
		o.err = fmt.Errorf("%w: %s%s can't be passed: %s", ErrImpossible, op.Code, where, why)
	}
}

// Intern returns the one Op that stands for the constant c in this walk.
func (o *Optimizer) Intern(c *Op) *Op {
	key := constKey{c.Code, c.Bits, c.Name}
	if known := o.consts[key]; known != nil {
		return known
	}
	o.consts[key] = c
	return c
}

// ConstInt returns the interned integer n.
func (o *Optimizer) ConstInt(n int64) *Op { return o.Intern(ConstInt(n)) }

// slab hands out values from chunks: one allocation of Go's for many of ours. The
// chunks grow, so that a short trace does not pay for a long one.
type slab[T any] struct {
	free  []T
	chunk int
}

const minChunk, maxChunk = 16, 256

func (s *slab[T]) one() *T { return &s.many(1)[0] }

func (s *slab[T]) many(n int) []T {
	if n > len(s.free) {
		s.chunk = min(max(2*s.chunk, minChunk), maxChunk)
		s.free = make([]T, max(s.chunk, n))
	}
	list := s.free[:n:n]
	s.free = s.free[n:]
	return list
}
