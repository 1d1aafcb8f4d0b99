package ir

import (
	"errors"
	"fmt"
)

// The optimizer walks a trace forward once. Each operation is copied with its
// arguments replaced by what they are known to equal, and then handed from pass
// to pass (later chapters put theirs in between):
//
//	trace --> copy --> fold --> ... --> cse --> ... --> output --> dce
//	            ^________|  Again: the operation was changed
//
// A pass may send it on (Next), take it out because its value is known (Done),
// or change it and let the chain begin anew with it (Again). What arrives at the
// end of the chain is in the output. One walk is enough: a trace has no joins,
// so that when an operation is reached, all that can be known of its arguments
// is known (Bolz et al., "Allocation Removal by Partial Evaluation in a Tracing
// JIT", PEPM 2011, section 4).
//
// A pass may delay an operation and emit it later, or never; a pass that is an
// Emitter sees all that arrives in the output, such operations included. A loop
// that is peeled walks the same chain again (StartLoop, chapter 3).

// maxAgain bounds how often one operation may be changed. Rules that undo each
// other would change it for ever.
const maxAgain = 1000

// ErrImpossible is wrapped by the error for a trace that no run can get to the
// end of: one of its guards always fails, or one of its operations can't be done.
// RPython calls it InvalidLoop.
var ErrImpossible = errors.New("the trace is impossible")

// Optimizer is the state of optimizing one trace: of one walk, or of several if it
// is a loop.
type Optimizer struct {
	Kit      *Kit
	passes   []Pass
	emitters []Emitter
	joiners  []Joiner
	separate []Separator
	sharers  []Sharer

	env    []*Op // by ID in the trace that is read: its copy, or what that was replaced by
	out    []*Op
	nextID int32
	loop   int32 // of a walk over a loop: the first ID that is its own; 0 before

	ops    slab[Op]
	args   slab[*Op]
	asked  bindings // room for what a condition of a rule is asked about
	exits  slab[Exit]
	consts map[constKey]*Op

	// The last checked operation: what is known of it, and if it is in the
	// output (else nil), the operation. decided is, by ID, what guards have said.
	checked     Overflow
	lastChecked *Op
	decided     []Overflow
	err         error

	testimony testimony // for Chain.Witness
	journal   *Journal  // nil unless somebody asks why
	choices   *choices  // nil unless a RuleSet is checked
}

type constKey struct {
	code Opcode
	bits uint64
	name *Symbol
}

// Optimize returns an optimized copy of t, which is left as it is. An error that
// wraps ErrImpossible says that no run gets to the end of t.
func (c Chain) Optimize(t *Trace) (*Trace, error) {
	o, inputs := c.Start(t)
	if err := o.Walk(t.Ops); err != nil {
		return nil, err
	}
	o.Flush() // a trace may end without jump or finish
	return c.Finish(&Trace{Decls: t.Decls, Inputs: inputs, Ops: o.Output()})
}

// Start returns the state of a walk over t that is about to begin, and the
// inputs of its output.
func (c Chain) Start(t *Trace) (*Optimizer, []*Op) {
	o := &Optimizer{Kit: c.Kit, consts: map[constKey]*Op{}}
	for _, named := range c.Passes {
		o.add(named.Make())
	}
	o.testimony.on = c.Witness
	o.env = make([]*Op, t.NumIDs())
	o.out = make([]*Op, 0, len(t.Ops))
	var inputs []*Op
	for _, in := range t.Inputs {
		input := o.NewOp(OpInput, in.Type, nil)
		o.env[in.ID] = input
		inputs = append(inputs, input)
	}
	if o.journal = c.Journal; o.journal != nil {
		o.journal.start(c, t, inputs)
	}
	return o, inputs
}

// Walk sends copies of ops down the chain, one after the other. The values that
// they use are inputs of the walk, or made by earlier ones.
func (o *Optimizer) Walk(ops []*Op) error {
	for _, old := range ops {
		op := o.copy(old)
		o.env[old.ID] = op
		if o.journal != nil {
			o.journal.begin(o, old, op)
		}
		if op.Code == Label {
			o.rename(old, op)
		}
		if o.testimony.on {
			o.testimony.sending(op)
		}
		o.send(op)
		if o.journal != nil {
			o.err = o.journal.explained(o.err)
			o.journal.sent()
		}
		if o.err != nil {
			return o.err
		}
	}
	return o.err
}

// Flush asks the passes for what they have delayed.
func (o *Optimizer) Flush() {
	for _, p := range o.passes {
		if f, ok := p.(Flusher); ok {
			f.Flush(o)
		}
	}
}

// StartLoop prepares another walk, over operations that are in the output now: from
// here on, inputs[i] of the output stand for values[i]. The passes are told.
func (o *Optimizer) StartLoop(inputs, values []*Op) {
	if o.journal != nil {
		o.journal.startLoop()
	}
	o.env, o.loop = make([]*Op, o.nextID), o.nextID
	for i, in := range inputs {
		o.env[in.ID] = values[i]
	}
	for _, p := range o.passes {
		if s, ok := p.(LoopStarter); ok {
			s.StartLoop(o)
		}
	}
}

// lastTurn reports whether v was computed, in the iteration before, of a value
// that has changed since. To compute with that one again would carry it around
// the loop, one more variable for nothing.
func (o *Optimizer) lastTurn(v *Op) bool {
	if v.ID >= o.loop {
		return false
	}
	for _, a := range v.Args {
		if a.ID >= 0 && o.env[a.ID] != nil && o.Find(o.env[a.ID]) != o.Find(a) {
			return true
		}
	}
	return false
}

// roundabout reports whether v was made of something that has since been found equal
// to a later value, perhaps to v itself: i1 = int_or(i0, 1) behind a guard that i0
// is i1. Whoever looks ever deeper into such values may go round for ever.
func (o *Optimizer) roundabout(v *Op) bool {
	for _, a := range v.Args {
		if a.Forward != nil && o.Find(a).ID >= v.ID {
			return true
		}
	}
	return false
}

// Output returns the operations that are in the output so far.
func (o *Optimizer) Output() []*Op { return o.out }

// Passes returns the passes of this walk.
func (o *Optimizer) Passes() []Pass { return o.passes }

// Err returns why the walk can't go on, or nil.
func (o *Optimizer) Err() error { return o.err }

// NewOp makes an operation for the output that the trace did not have.
func (o *Optimizer) NewOp(code Opcode, t Type, descr any, args ...*Op) *Op {
	op := o.ops.one()
	op.Code, op.Type, op.ID, op.Descr, op.Args = code, t, o.id(), descr, args
	return op
}

func (o *Optimizer) id() int32 {
	o.nextID++
	return o.nextID - 1
}

// copy makes the output's version of op: arguments and failargs are the values
// that stand for them now.
func (o *Optimizer) copy(op *Op) *Op {
	c := o.ops.one()
	c.Code, c.Type, c.ID, c.Descr, c.Line, c.Name = op.Code, op.Type, o.id(), op.Descr, op.Line, op.Name
	c.Args = o.values(op.Args, nil)
	if op.Exit != nil {
		c.Exit = o.exits.one()
		o.copyExit(c.Exit, op.Exit)
	}
	return c
}

func (o *Optimizer) copyExit(c, exit *Exit) {
	made := &virtuals{}
	*c = Exit{Failargs: o.values(exit.Failargs, made), Resume: exit.Resume}
	for _, store := range exit.Pending {
		p := o.ops.one()
		*p = Op{Code: store.Code, ID: -1, Descr: store.Descr, Args: o.values(store.Args, made)}
		c.Pending = append(c.Pending, p)
	}
}

// rename gives the variables of a label, whose copy is c, values of their own
// that nothing is known of. The label is the one join of a trace: what was found
// out about the values that come in from above does not hold for those that a
// jump brings. What stands behind the label may still use the former, as they
// were at the first entry.
func (o *Optimizer) rename(label, c *Op) {
	sameAs := [...]Opcode{Int: SameAsI, Float: SameAsF, Ref: SameAsR}
	for i, a := range label.Args {
		v := o.NewOp(sameAs[a.Type], a.Type, nil, c.Args[i])
		if o.journal != nil {
			o.journal.SameAs(v, o.env[a.ID])
		}
		o.Emit(v) // past the passes, which would undo it
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

// Value returns what stands in the output for the value v of what is walked.
func (o *Optimizer) Value(v *Op) *Op { return o.value(v) }

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
	switch {
	case op.Code.Has(Checked):
		o.checked, o.lastChecked = OverflowUnknown, nil
	case op.Code == GuardNoOverflow || op.Code == GuardOverflow:
		if o.decideOverflow(op) {
			if o.journal != nil {
				o.journal.overflowDecided(o.checked)
			}
			return
		}
	}
	for i, again := 0, 0; i < len(o.passes); i++ {
		if o.journal != nil {
			o.journal.at(i)
		}
		switch o.passes[i].Visit(o, op) {
		case Done:
			if o.journal != nil {
				o.journal.kept(o)
			}
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
	if op.Code.Has(Checked) {
		o.lastChecked = op
	}
	o.Emit(op)
}

// Emit puts op in the output, past the passes that have not seen it.
func (o *Optimizer) Emit(op *Op) {
	if op == nil {
		panic("Emit: there is no operation")
	}
	for _, e := range o.emitters {
		e.Emit(o, op)
	}
	if o.journal != nil {
		o.journal.emitted(op)
	}
	if o.testimony.guard != 0 && op.Exit != nil {
		o.testify(op)
	}
	o.out = append(o.out, op)
}

// Impossible ends the walk: no run gets past op, for the reason why.
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

// Zero returns what a field of type t of a new object holds: 0, 0.0 or NULL.
func (o *Optimizer) Zero(t Type) *Op {
	if t == Ref {
		return o.Intern(Null)
	}
	return o.Intern(ConstBits(t, 0))
}

// ConstInt returns the interned integer n.
func (o *Optimizer) ConstInt(n int64) *Op {
	if known := o.consts[constKey{code: OpConstInt, bits: uint64(n)}]; known != nil {
		return known
	}
	return o.Intern(ConstInt(n))
}
