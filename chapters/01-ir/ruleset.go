package ir

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"strings"
)

// A RuleSet is rules, and the chain that applies them.
type RuleSet struct {
	Rules      []Rule
	Conditions map[string]Condition // beside those that every rule may use
	Chain      Chain
	// Leaves are expressions that letters are replaced by where the rules ask
	// whether something is known of a value: "int_lt(x, y)", of which a pass knows
	// that it is 0 or 1.
	Leaves []string
	// Ordered says that the order of the list is meant: a general rule stands behind
	// the special ones that are better. Then only what another order does better is
	// an error.
	Ordered bool
}

// Check looks for expressions with which something goes wrong that is wrong with no
// rule alone:
//
//   - The rules go round in circles: one operation is changed until it is again
//     what it was before. The error shows the steps.
//   - Their order matters: two rules match, and what is left in the end depends on
//     which of them is applied. Left are operations, and how many of which kind. The
//     error shows both. What helps is mostly one more rule, for what the worse way
//     ends with.
//
// The expressions are those where one rule matches the whole and another the same or
// a part of it, and those that one rule turns into what another matches, all in their
// most general form; then letters are replaced by a few constants, by each other, and
// by Leaves. Of each expression all ways are followed that lead through the rules,
// not only that of the list's order.
//
// It is a search, no proof. It does not see what needs three rules that have no two
// in common, constants that are not among those tried, or letters that stand for
// larger expressions. That inner operations are rewritten before outer ones, and so
// may hide them from a rule, is the way of the optimizer and no error.
func (s *RuleSet) Check() error {
	var table []*compiled
	for _, r := range s.Rules {
		c, err := compileRule(r, s.Conditions)
		if err != nil {
			return fmt.Errorf("rule %s: %w", r, err)
		}
		table = append(table, c)
	}
	search := &setSearch{set: s, seen: map[string]bool{}, told: map[string]bool{}}
	if err := search.readLeaves(); err != nil {
		return err
	}
	for _, rule := range table {
		for _, other := range table {
			// Seeded so that a rule more or less leaves the others what they had.
			search.random = rand.New(rand.NewPCG(rule.seed(), other.seed()))
			overlaps(rule, other, search.term)
		}
	}
	return errors.Join(search.found...)
}

// A setSearch is the state of one Check.
type setSearch struct {
	set    *RuleSet
	random *rand.Rand
	leaves []*compiled     // From is the expression
	seen   map[string]bool // expressions
	told   map[string]bool // rules that are known to go wrong together
	found  []error
}

// seed is a number that stands for the rule.
func (c *compiled) seed() uint64 {
	h := fnv.New64a()
	h.Write([]byte(c.rule.String()))
	return h.Sum64()
}

func (s *setSearch) readLeaves() error {
	for _, text := range s.set.Leaves {
		c := &compiled{}
		var err error
		if c.from, err = c.parse(text); err != nil {
			return fmt.Errorf("leaf %s: %w", text, err)
		}
		s.leaves = append(s.leaves, c)
	}
	return nil
}

// term tries t, and what becomes of t when its letters are replaced.
func (s *setSearch) term(t *term) {
	t.withConstants(s.random, func() {
		s.try(t)
		left := t.lettersOf(t.root, nil)
		for i, slot := range left {
			for _, other := range left[:i] {
				if t.letters[slot].typ == t.letters[other].typ {
					t.value[slot] = &pattern{slot: other}
					s.try(t)
				}
			}
			for _, leaf := range s.leaves {
				s.tryLeaf(t, slot, leaf)
			}
			t.value[slot] = nil
		}
	})
}

// tryLeaf tries t with the letter in slot replaced by a leaf, if that is asked about.
func (s *setSearch) tryLeaf(t *term, slot int, leaf *compiled) {
	asked := func(q question) bool {
		return slices.ContainsFunc(q.slots, func(i int) bool { return t.now(&pattern{slot: i}).slot == slot })
	}
	t.value[slot] = nil
	if t.letters[slot].typ != leaf.from.code.Info().Result || !slices.ContainsFunc(t.when, asked) {
		return
	}
	room := len(t.letters)
	t.letters = append(t.letters, leaf.letters...)
	t.value = append(t.value, make([]*pattern, len(leaf.letters))...)
	t.value[slot] = t.shifted(leaf.from, room)
	s.try(t)
	t.letters, t.value, t.value[slot] = t.letters[:room], t.value[:room], nil
}

// tryWays bounds how many ways through the rules are followed for one expression.
const tryWays = 60

// try follows the ways that lead from t through the rules.
func (s *setSearch) try(t *term) {
	trace := t.trace()
	text := expressionOf(trace.Ops[len(trace.Ops)-1].Args[0])
	if s.seen[text] || Verify(trace) != nil { // a shift by 64, say
		return
	}
	s.seen[text] = true
	first := s.walk(trace, nil)
	ways := []*way{first}
	paths := first.others()
	for len(paths) > 0 && len(ways) < tryWays {
		path := paths[len(paths)-1]
		w := s.walk(trace, path)
		paths = append(paths[:len(paths)-1], w.others()...)
		ways = append(ways, w)
	}
	for _, w := range ways {
		switch {
		case w.failed != nil:
			s.tell(w.by, "%s: %w", text, w.failed)
		case first.failed == nil && s.differ(first, w):
			a, b := first.parting(&w.choices)
			s.tell([]*Rule{a, b}, "%s: the order of the rules matters:\n    %s\n    in the end, by %s\n    %s\n    in the end, by %s",
				text, first.left, a, w.left, b)
		}
	}
}

// differ reports whether it is an error that the ways first, which is the order of
// the list, and w do not end with the same.
func (s *setSearch) differ(first, w *way) bool {
	if s.set.Ordered {
		return w.work < first.work
	}
	return w.kinds != first.kinds
}

// tell notes an error, once for the same rules.
func (s *setSearch) tell(rules []*Rule, format string, args ...any) {
	var names []string
	for _, r := range rules {
		names = append(names, r.String())
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if key := strings.Join(names, "\n"); !s.told[key] {
		s.told[key] = true
		s.found = append(s.found, fmt.Errorf(format, args...))
	}
}

// A way is one walk through the rules.
type way struct {
	choices
	left   string // what the expression became
	kinds  string // the operations in it, sorted
	work   int    // for them: first their number counts, then what they cost
	failed error
}

// walk optimizes t, with the rules that path chooses.
func (s *setSearch) walk(t *Trace, path []int) *way {
	w := &way{choices: choices{path: path}}
	o, inputs := s.set.Chain.Start(t)
	o.choices = &w.choices
	err := o.Walk(t.Ops)
	if errors.Is(err, ErrImpossible) {
		w.left, w.kinds = "impossible", "impossible"
		return w
	}
	if err == nil {
		o.Flush()
		t, err = s.set.Chain.Finish(&Trace{Inputs: inputs, Ops: o.Output()})
	}
	if w.failed = err; err == nil {
		w.count(t)
	}
	return w
}

// count notes what is left of the expression that t computes.
func (w *way) count(t *Trace) {
	var kinds []string
	for _, op := range t.Ops {
		if op.Code == Finish {
			w.left = expressionOf(op.Args[0])
			if op.Args[0].IsConst() {
				kinds = append(kinds, "constant")
			}
			continue
		}
		kinds = append(kinds, op.Code.String())
		w.work += 100
		switch op.Code {
		case IntMul, IntMulOvf, UintMulHigh, FloatMul:
			w.work += 3
		case FloatTruediv:
			w.work += 10
		}
	}
	slices.Sort(kinds)
	w.kinds = strings.Join(kinds, " ")
}
