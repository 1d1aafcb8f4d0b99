package ir

import (
	"fmt"
	"slices"
	"strings"
)

// choices make Rewrite apply not the first rule that matches but any of them, and
// look for circles. One walk follows one path; walks over the same trace with the
// paths that others returns see all that the rules could do. (A program whose
// choices are replayed: Godefroid, "Model checking for programming languages using
// VeriSoft", POPL 1997.)
type choices struct {
	path []int     // which rule is applied where several match; behind its end, the first
	made [][]*Rule // what there was to choose from, each time

	op  *Op     // the operation that is being changed
	was []form  // what it has been so far
	by  []*Rule // the rule behind each of these but the first
}

// A form is what rules may change of an operation.
type form struct {
	code Opcode
	args [2]*Op
}

// A change is what a rule makes of an operation.
type change struct {
	v    *Op // as Rewrite returns it
	op   Op  // the operation itself then
	form form
	rule *Rule
}

func formOf(o *Optimizer, op *Op) form {
	f := form{code: op.Code}
	for i, a := range op.Args {
		f.args[i] = o.Find(a)
	}
	return f
}

// rewrite is Rewrite with a choice.
func (ch *choices) rewrite(r *Rules, o *Optimizer, op *Op, facts any) (*Op, *Rule) {
	var all []change
	before := *op
	for _, c := range r.table[before.Code] {
		v := c.rewrite(o, op, facts)
		made := change{v, *op, formOf(o, op), &c.rule}
		*op = before
		same := func(d change) bool { return d.v == v && d.form == made.form }
		if v != nil && !slices.ContainsFunc(all, same) {
			all = append(all, made)
		}
	}
	if len(all) == 0 {
		return nil, nil
	}
	chosen := all[ch.choose(all)]
	*op = chosen.op
	if chosen.v == op {
		ch.changed(o, op, formOf(o, &before), chosen)
	}
	return chosen.v, chosen.rule
}

func (ch *choices) choose(all []change) int {
	if len(all) == 1 {
		return 0
	}
	var rules []*Rule
	for _, c := range all {
		rules = append(rules, c.rule)
	}
	ch.made = append(ch.made, rules)
	if n := len(ch.made) - 1; n < len(ch.path) {
		return ch.path[n]
	}
	return 0
}

// changed notes what op became. If it has been that before, the walk ends.
func (ch *choices) changed(o *Optimizer, op *Op, before form, c change) {
	if ch.op != op {
		ch.op, ch.was, ch.by = op, append(ch.was[:0], before), ch.by[:0]
	}
	start := slices.Index(ch.was, c.form)
	ch.was, ch.by = append(ch.was, c.form), append(ch.by, c.rule)
	if start < 0 {
		return
	}
	ch.was, ch.by = ch.was[start:], ch.by[start:]
	text := ch.was[0].String()
	for i, rule := range ch.by {
		text += fmt.Sprintf("\n    %s, by %s", ch.was[i+1], rule)
	}
	o.err = fmt.Errorf("the rules go round in circles:\n    %s", text)
}

// others returns the paths that part from this one behind the end of ch.path.
func (ch *choices) others() [][]int {
	var paths [][]int
	for n := len(ch.path); n < len(ch.made); n++ {
		for i := 1; i < len(ch.made[n]); i++ {
			path := append(slices.Clone(ch.path), make([]int, n-len(ch.path))...)
			paths = append(paths, append(path, i))
		}
	}
	return paths
}

// parting returns the two rules between which two paths over one trace part.
func (ch *choices) parting(other *choices) (*Rule, *Rule) {
	at := func(path []int, n int) int {
		if n < len(path) {
			return path[n]
		}
		return 0
	}
	for n, rules := range ch.made {
		if i, j := at(ch.path, n), at(other.path, n); i != j {
			return rules[i], rules[j]
		}
	}
	panic("choices: two paths that part nowhere are one")
}

func (f form) String() string {
	args := f.args[:len(f.code.Info().Args)]
	return expressionOf(&Op{Code: f.code, Args: args})
}

// expressionOf writes a value as one expression, in the notation of rules. Inputs
// are letters.
func expressionOf(v *Op) string {
	switch {
	case v.IsConst():
		return v.String()
	case v.Code == OpInput:
		return inputName(int(v.ID))
	}
	var args []string
	for _, a := range v.Args {
		args = append(args, expressionOf(a))
	}
	return v.Code.String() + "(" + strings.Join(args, ", ") + ")"
}

// inputName names the inputs of a trace by the letters that stand for any value.
func inputName(id int) string {
	const letters = "xyzwvutsrqponmlkjihgfedcba"
	if id < len(letters) {
		return letters[id : id+1]
	}
	return fmt.Sprint("x", id)
}
