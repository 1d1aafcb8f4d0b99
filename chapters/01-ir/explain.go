package ir

import (
	"slices"
	"strings"
)

// Explain returns why the output is as it is, in lines that begin with #: a
// sentence for each operation that is gone, changed or moved, and for each guard
// that stays, in the order of the trace. What is not mentioned has stayed.
func (j *Journal) Explain() string {
	x := explainer{Journal: j, at: map[*Op]int{}, users: map[*Op][]*entry{}}
	latest := -1 // the last of the entries whose operations came so far
	for _, op := range j.out {
		at := latest
		if e := j.of[op]; e != nil {
			at = e.index
		}
		x.at[op] = max(at, latest)
		latest = x.at[op]
	}
	for _, e := range j.entries {
		seen := map[*Op]bool{}
		x.use(e, e.old.Args, seen)
		if e.old.Exit != nil {
			x.use(e, e.old.Exit.Values(), seen)
		}
	}
	var b strings.Builder
	turn := 0
	if j.turn > 0 {
		b.WriteString("# The first iteration, which is the preamble of the loop:\n")
	}
	for _, e := range j.entries {
		if e.turn > turn {
			turn = e.turn
			b.WriteString("# The loop, which is the preamble once more (v_2 is the v of the preamble):\n")
		}
		if s := x.sentence(e); s.text != "" {
			b.WriteString(s.lines(lineOf(e)))
		}
	}
	if b.Len() == 0 {
		return "# Nothing is gone or changed.\n"
	}
	return b.String()
}

// An explainer knows the whole of a Journal that is closed.
type explainer struct {
	*Journal
	at    map[*Op]int      // by operation of the output: the last entry that has come by then
	users map[*Op][]*entry // by value that was walked
}

// use notes that e uses the values in list, also inside virtual objects.
func (x *explainer) use(e *entry, list []*Op, seen map[*Op]bool) {
	for _, v := range list {
		if v.IsConst() || seen[v] {
			continue
		}
		seen[v] = true
		if v.Code == OpVirtual {
			x.use(e, v.Args, seen)
			continue
		}
		x.users[v] = append(x.users[v], e)
	}
}

// A sentence says what became of an operation: "i1 = int_add(i0, 0) is i0", which
// passes did it, by which rules, and of what that is true.
type sentence struct {
	text  string
	by    []step
	facts []string
}

// sentence returns the one about e; its text is "" if there is nothing to say.
func (x *explainer) sentence(e *entry) sentence {
	at, stays := x.at[e.op]
	if !stays && e.instead != nil {
		at, stays = x.at[e.instead]
	}
	switch {
	case stays && !e.changed() && e.doubt != "":
		return sentence{e.text + " stays", nil, []string{e.doubt}}
	case stays && !e.changed() && at <= e.index:
		return sentence{}
	case !stays && e.emitted && !e.changed():
		return sentence{e.text + " is gone", []step{{DeadCode, ""}}, []string{x.dead(e)}}
	}
	by, facts := e.reasons()
	switch {
	case stays && e.changed():
		if e.doubt != "" {
			facts = append(facts, "it stays: "+e.doubt)
		}
		return sentence{e.text + " became " + x.became(e), by, facts}
	case stays:
		return sentence{e.text + " is done later, " + x.moment(e), by, facts}
	case e.value != nil:
		return sentence{e.text + " is " + x.valueOf(e), by, facts}
	case e.emitted:
		return sentence{e.text + " became " + x.became(e) + " and is gone", append(by, step{DeadCode, ""}), append(facts, x.dead(e))}
	}
	return sentence{e.text + " is gone", by, facts}
}

// changed reports whether the operation is another one than it was.
func (e *entry) changed() bool {
	return e.code != Label && (e.op.Code != e.code || !slices.Equal(e.op.Args, e.args))
}

// became returns what an operation is now: all of it, unless it is only called
// otherwise.
func (x *explainer) became(e *entry) string {
	if slices.Equal(e.op.Args, e.args) {
		return e.op.Code.String()
	}
	text := x.text(e.op, func(v *Op) *Op { return v })
	if _, call, ok := strings.Cut(text, " = "); ok {
		return call
	}
	return text
}

// valueOf returns the value that an operation was replaced by.
func (x *explainer) valueOf(e *entry) string {
	if made := x.of[e.value]; made != nil && made.turn < e.turn {
		return x.Name(e.value) + " of the preamble"
	}
	return x.Name(e.value)
}

// moment says when an operation is done that was delayed.
func (x *explainer) moment(e *entry) string {
	switch {
	case e.before == nil && x.turn > e.turn:
		return "at the end of the preamble"
	case e.before == nil:
		return "at the end"
	}
	return "before " + lineOf(e.before)
}

// dead says why nobody uses the value of an operation.
func (x *explainer) dead(e *entry) string {
	var gone, not []string
	for _, user := range x.users[e.old] {
		if _, stays := x.at[user.op]; stays {
			not = append(not, lineOf(user))
		} else {
			gone = append(gone, lineOf(user))
		}
	}
	last := x.source.Ops[len(x.source.Ops)-1]
	switch {
	case len(gone) > 0 && len(not) == 0:
		return "what used it is gone, " + and(gone)
	case len(gone)+len(not) > 0:
		return and(append(gone, not...)) + " can do without it"
	case e.turn == 0 && x.turn > 0 && slices.Contains(last.Args, e.old):
		return "only the jump uses it, and the loop does not need it"
	}
	return "nobody uses it"
}

// reasons returns who has done something, by which rules, and what they relied on.
func (e *entry) reasons() (by []step, facts []string) {
	if len(e.steps) == 0 && e.pass != "" {
		e.by(e.pass)
	}
	for _, fact := range e.given {
		facts = appendNew(facts, fact)
	}
	for _, f := range e.facts {
		facts = appendNew(facts, f())
	}
	return e.steps, facts
}

// appendNew appends a fact that does not stand in the list, and is one.
func appendNew(facts []string, fact string) []string {
	for _, known := range append(facts, "") {
		if strings.TrimSpace(fact) == strings.TrimSpace(known) {
			return facts
		}
	}
	return append(facts, fact)
}

// width is how long a line may be before its parts get lines of their own.
const width = 110

// lines returns a sentence about what stands at a place, in one line if that is not
// too long.
func (s sentence) lines(place string) string {
	head := "# " + place + ": " + s.text
	line := head + s.passes("; ", func(s step) string { return s.rule })
	for i, fact := range s.facts {
		separator := "; "
		if i == 0 {
			separator = ": "
		}
		line += separator + strings.TrimSpace(fact)
	}
	if len(line) <= width {
		return line + "\n"
	}
	line = head + s.passes(", ", func(step) string { return "" }) + ":"
	for _, step := range s.by {
		if step.rule != "" {
			line += "\n#     rule: " + step.rule
		}
	}
	for _, fact := range s.facts {
		line += "\n#     " + fact
	}
	return line + "\n"
}

// passes returns who did it, as in " (fold: RULE; cse)", or just (fold, cse) if rule
// gives nothing.
func (s sentence) passes(separator string, rule func(step) string) string {
	var list []string
	for i, step := range s.by {
		text := rule(step)
		if text == "" || i == 0 || s.by[i-1].pass != step.pass {
			text = strings.TrimSuffix(step.pass+": "+text, ": ")
		}
		list = appendNew(list, text)
	}
	if len(list) == 0 {
		return ""
	}
	return " (" + strings.Join(list, separator) + ")"
}
