package ir

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// This file writes into a Journal what this package knows of reasons.

// rule notes that c is applied to an operation that had these arguments, and what
// those are made of, where c asks for that.
func (j *Journal) rule(o *Optimizer, c *compiled, args []*Op, facts any) {
	if j.now == nil {
		return
	}
	j.applied(c.rule.String())
	j.sayMatched(o, c.from, args)
	s, ok := facts.(Sayer)
	var b bindings
	if !ok || !c.matchArgs(o, c.from, &Op{Args: args}, &b) {
		return
	}
	for _, q := range c.when {
		var values []*Op
		for _, slot := range q.slots {
			values = append(values, b[slot])
		}
		s.SayHolds(values, func(facts any) bool { return q.holds(facts, values) })
	}
}

// A Sayer is what a pass gives to Rewrite as its facts, if it can say why conditions
// hold. holds asks the condition about the values again, with other facts.
type Sayer interface {
	SayHolds(values []*Op, holds func(facts any) bool)
}

func (j *Journal) sayMatched(o *Optimizer, p *pattern, args []*Op) {
	for i, a := range p.args {
		if v := o.Find(args[i]); a.code != OpInvalid {
			j.Because("%s", j.text(v, o.Find))
			j.sayMatched(o, a, v.Args)
		}
	}
}

// saySame says that an earlier operation does what the one does that is sent.
func saySame(o *Optimizer, earlier *Op) {
	j := o.journal
	if j == nil {
		return
	}
	verb := "computes"
	if earlier.Code.Has(ReadsHeap) {
		verb = "reads"
	}
	j.Because("%s %s the same", j.Where(earlier), verb)
}

// explained adds to the error that nobody gets past the operation that is being
// sent, if it is one, what that rests on.
func (j *Journal) explained(err error) error {
	if j.now == nil || !errors.Is(err, ErrImpossible) {
		return err
	}
	var facts []string
	todo := []*entry{j.now}
	for n := 0; n < len(todo) && n < maxFacts; n++ {
		_, more := todo[n].reasons()
		for _, fact := range more {
			facts = appendNew(facts, strings.TrimSpace(fact))
		}
		for _, by := range todo[n].causes {
			if e := j.of[by]; e != nil && !by.Code.Has(Guard) {
				todo = append(todo, e)
			}
		}
	}
	if len(facts) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.Join(facts, "; "))
}

// maxFacts bounds how many operations are explained when a trace is impossible.
const maxFacts = 8

// give notes what the value v, an argument of the operation of e, was found equal to
// before, and by which operations; nothing if it is itself.
func (j *Journal) give(o *Optimizer, e *entry, v *Op) {
	end := o.Find(v)
	if end == v {
		return
	}
	var causes []string
	for at := v; at != end; {
		equal, ok := j.equal[at]
		if !ok {
			break
		}
		causes = append(causes, j.From(equal.by))
		e.causes = append(e.causes, equal.by)
		at = equal.to
	}
	text := j.Say("%s is %s", v, end)
	if len(causes) > 0 {
		text += " by " + and(causes)
	}
	e.given = append(e.given, text)
}

// and joins items, without those that are there twice: a, b and c.
func and(items []string) string {
	var list []string
	for _, item := range items {
		if !slices.Contains(list, item) {
			list = append(list, item)
		}
	}
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// lineOf says where the operation of an entry stands in the text.
func lineOf(e *entry) string {
	if e.line > 0 {
		return fmt.Sprintf("line %d", e.line)
	}
	return fmt.Sprintf("operation %d", e.index+1)
}

// From says which operation something comes from: "line 7", "the guard in line 5".
func (j *Journal) From(op *Op) string {
	text := j.Where(op)
	if op.Code.Has(Guard) {
		text = "the guard in " + text
	}
	return text
}

// Where says where an operation stands in the text.
func (j *Journal) Where(op *Op) string {
	e := j.of[op]
	if e == nil {
		e = j.madeBy[op]
	}
	switch {
	case e == nil:
		return "the trace"
	case j.now != nil && e.turn < j.now.turn:
		return lineOf(e) + " of the preamble"
	}
	return lineOf(e)
}
