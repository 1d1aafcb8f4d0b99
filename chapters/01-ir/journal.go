package ir

import (
	"fmt"
	"slices"
)

// A Journal is what an Optimizer notes, if it is asked to (Chain.Journal), so that
// somebody can be told why the output is as it is. There is an entry for each
// operation that is walked; while that is sent through the passes, they say in it
// what they do (Did, Because), and what the optimizer learns is noted as learned
// from it:
//
//	send --> entry: what the operation was
//	           passes: a rule, int_add(x, 0) => x; Because("%s is 0", i3)
//	           Replace, MakeFacts: i3 is 0, p1 is a NODE --- by this operation
//	Finish --> entry: is it in the output, and what is it there?
//
// Explain makes sentences of it. Without a Journal nothing of this is done: passes
// ask Optimizer.Journal, which is nil then, before they put together any text.
type Journal struct {
	source  *Trace
	passes  []string // their names
	entries []*entry
	of      map[*Op]*entry // by the copy that is sent
	madeBy  map[*Op]*entry // operations that the trace did not have
	now     *entry         // of the operation that is being sent, or nil
	pass    string         // the one that has it
	turn    int            // 0: the first walk; 1: the first one over the loop

	names map[*Op]string
	bases map[*Op]string // the names in the text that those of the copies are made of
	used  map[string]bool
	made  int // how many names were made for values that the trace did not have

	equal   map[*Op]equality
	facts   map[factKey]*Op // what has established each
	touched []touched       // facts that are perhaps being added to
	notes   map[any][]*Op

	out []*Op // the final output
}

// An entry is what becomes of one operation.
type entry struct {
	turn  int
	index int
	line  int32 // in the text; 0 if that is not known

	// As it was sent.
	old  *Op    // the operation that was walked
	op   *Op    // its copy, which the passes change
	text string // of the operation
	code Opcode
	args []*Op

	// Why.
	given  []string        // what its arguments had been found equal to before
	causes []*Op           // by which operations
	steps  []step          // what the passes did with it
	facts  []func() string // what they relied on; called at the end
	doubt  string          // guards: what would have to be known
	last   Opcode          // the operation's, when a pass has last seen it

	// What became of it.
	value   *Op    // that stands for the result, if it is not computed
	pass    string // that has kept it; "" if none did
	instead *Op    // the operation of the output that does its work, if it is not itself there
	emitted bool
	before  *entry // the entry in which it was emitted; nil: at the end of a walk
}

// A step is one thing that a pass did with an operation.
type step struct{ pass, rule string }

// An equality says that a value equals another one, because of the operation by.
type equality struct{ to, by *Op }

type factKey struct {
	v    *Op
	kind factKind
}

type factKind uint8

const (
	factNonnull factKind = iota
	factClass
)

// touched is a value whose facts may be changed after this, and what they are now.
type touched struct {
	v      *Op
	before Facts
}

// Journal returns the journal of this walk, or nil if none is kept.
func (o *Optimizer) Journal() *Journal { return o.journal }

// start begins the journal of a walk over t by the passes of c.
func (j *Journal) start(c Chain, t *Trace, inputs []*Op) {
	*j = Journal{
		source: t, of: map[*Op]*entry{}, madeBy: map[*Op]*entry{},
		names: map[*Op]string{}, bases: map[*Op]string{}, used: map[string]bool{},
		equal: map[*Op]equality{}, facts: map[factKey]*Op{}, notes: map[any][]*Op{},
	}
	for _, p := range c.Passes {
		j.passes = append(j.passes, p.Name)
	}
	for i, in := range t.Inputs {
		name := t.nameOf(in)
		j.names[inputs[i]], j.bases[inputs[i]], j.used[name] = name, name, true
	}
	for _, op := range t.Ops {
		j.used[t.nameOf(op)] = true
	}
}

// begin makes the entry for op, the copy of old, which is about to be sent.
func (j *Journal) begin(o *Optimizer, old, op *Op) {
	j.settle()
	j.nameCopy(old, op)
	e := &entry{turn: j.turn, index: len(j.entries), line: op.Line, old: old, op: op, code: op.Code, last: op.Code, args: slices.Clone(op.Args)}
	if made := j.madeBy[old]; e.line == 0 && made != nil {
		e.line = made.line
	}
	e.text = j.text(old, func(a *Op) *Op { return o.env[a.ID] })
	for _, a := range old.Args {
		if !a.IsConst() {
			j.give(o, e, o.env[a.ID])
		}
	}
	j.entries = append(j.entries, e)
	j.of[op], j.now, j.pass = e, e, ""
	if op.Code.Has(Guard) {
		e.doubt = j.doubt(o, op)
	}
}

// at notes that the operation is with the pass number i now.
func (j *Journal) at(i int) {
	j.watch()
	j.pass = j.passes[i]
}

// watch notes whether the pass that has had the operation has made another one of it.
func (j *Journal) watch() {
	if j.now == nil {
		return
	}
	if c := j.now.op.Code; c != j.now.last {
		j.now.last = c
		if j.pass != "" {
			j.now.by(j.pass)
		}
	}
}

// kept notes that the pass that has the operation has not handed it on.
func (j *Journal) kept(o *Optimizer) {
	if j.now.pass = j.pass; j.now.op.Forward != nil {
		j.now.value = o.Find(j.now.op)
	}
}

// sent ends the entry of the operation that was being sent.
func (j *Journal) sent() {
	j.watch()
	j.settle()
	j.now, j.pass = nil, ""
}

// emitted notes that op is put in the output now.
func (j *Journal) emitted(op *Op) {
	switch e := j.of[op]; {
	case e != nil:
		e.emitted, e.before = true, j.now
	case j.now != nil && j.madeBy[op] == nil:
		j.madeBy[op] = j.now
	}
}

// startLoop notes that the next walk begins.
func (j *Journal) startLoop() {
	j.sent()
	j.turn++
}

// finish notes what is in the output.
func (j *Journal) finish(ops []*Op) { j.out = ops }

// applied notes that the pass applies a rule to the operation that it has.
func (j *Journal) applied(text string) {
	if j.now != nil {
		j.now.steps = append(j.now.steps, step{j.pass, text})
	}
}

// Did notes that the pass does something with the operation that it has, by no rule.
func (j *Journal) Did() {
	if j.now != nil {
		j.now.by(j.pass)
	}
}

// Because notes a fact that the pass relies on when it does something with the
// operation that it has. The format is that of fmt; an *Op among args is a value,
// and printed as its name.
func (j *Journal) Because(format string, args ...any) {
	if j.now != nil {
		j.now.because(j.pass, j.Say(format, args...))
	}
}

// BecauseLater is Because of what will only be known at the end.
func (j *Journal) BecauseLater(fact func() string) {
	if j.now != nil {
		j.now.by(j.pass)
		j.now.facts = append(j.now.facts, fact)
	}
}

// BecauseOf is Because about another operation than the one that is being sent.
func (j *Journal) BecauseOf(op *Op, format string, args ...any) {
	if e := j.of[op]; e != nil {
		e.because(j.pass, j.Say(format, args...))
	}
}

func (e *entry) because(pass, text string) {
	e.by(pass)
	e.fact(text)
}

func (e *entry) fact(text string) { e.facts = append(e.facts, func() string { return text }) }

// by notes that pass has done something, if it has not said so before.
func (e *entry) by(pass string) {
	for _, s := range e.steps {
		if s.pass == pass {
			return
		}
	}
	e.steps = append(e.steps, step{pass: pass})
}

// Say returns a text with the names of values in it: see Because.
func (j *Journal) Say(format string, args ...any) string {
	for i, a := range args {
		if v, ok := a.(*Op); ok {
			args[i] = j.Name(v)
		}
	}
	return fmt.Sprintf(format, args...)
}

// Sent returns the operation that is being sent through the passes.
func (j *Journal) Sent() *Op {
	if j.now == nil {
		return nil
	}
	return j.now.op
}

// Emitted reports whether op, which was sent before, is in the output by now.
func (j *Journal) Emitted(op *Op) bool { return j.of[op] != nil && j.of[op].emitted }

// Instead notes that another operation in the output does what op was to do.
func (j *Journal) Instead(op, other *Op) {
	if e := j.of[op]; e != nil {
		e.instead, e.before = other, j.now
	}
}

// Note notes, under a key of the pass's own, what comes from the operation op; nil:
// from none.
func (j *Journal) Note(key any, op *Op) {
	if op != nil {
		j.notes[key] = append(j.notes[key], op)
	}
}

// Noted returns the operation that was last noted under key, or nil.
func (j *Journal) Noted(key any) *Op {
	if all := j.notes[key]; len(all) > 0 {
		return all[len(all)-1]
	}
	return nil
}

// AllNoted returns the operations that were noted under key, the latest last.
func (j *Journal) AllNoted(key any) []*Op { return j.notes[key] }

// equate notes that op equals v from here on, for Replace.
func (j *Journal) equate(op, v *Op) {
	j.settle()
	if j.now != nil {
		j.equal[op] = equality{v, j.now.op}
	}
	for _, kind := range []factKind{factNonnull, factClass} {
		if by := j.facts[factKey{op, kind}]; by != nil && j.facts[factKey{v, kind}] == nil {
			j.facts[factKey{v, kind}] = by
		}
	}
}

// touch notes what is known of v, for MakeFacts: it may be more soon.
func (j *Journal) touch(v *Op) { j.touched = append(j.touched, touched{v, *v.facts}) }

// settle notes which of the facts that were touched have been added to.
func (j *Journal) settle() {
	if j.now == nil {
		j.touched = j.touched[:0]
	}
	for _, t := range j.touched {
		j.settled(t.v, factNonnull, t.v.facts.Nonnull && !t.before.Nonnull)
		j.settled(t.v, factClass, t.v.facts.Class != "" && t.before.Class == "")
	}
	j.touched = j.touched[:0]
}

func (j *Journal) settled(v *Op, kind factKind, added bool) {
	if added && j.facts[factKey{v, kind}] == nil {
		j.facts[factKey{v, kind}] = j.now.op
	}
}
