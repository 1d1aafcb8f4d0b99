package ir

import (
	"math/rand/v2"
	"slices"
)

// Where can two rules get in each other's way? Where both match: one the whole of
// an expression, the other the same or a part of it. The most general expressions of
// that kind are found by unification: letters of both rules are replaced until the
// two left sides are one. int_add(x, 0) and int_add(int_add(y, C), D) both match
// int_add(int_add(y, C), 0), and everything that both match is of this form.
// int_sub(x, x) and int_sub(int_add(y, z), z) have nothing in common: z would have
// to be int_add(y, z).
// (Knuth and Bendix, "Simple word problems in universal algebras", 1970.)

// A term is an expression that rules are tried on: the patterns of a rule or two,
// and what their letters have been replaced by.
type term struct {
	root    *pattern
	letters []letter
	value   []*pattern // by slot: what replaces the letter; nil: it stays
	when    []question
}

// overlaps calls found with terms on which rule matters, by itself and together with
// other. The term is valid during the call.
func overlaps(rule, other *compiled, found func(*term)) {
	try := func(p, from *pattern) {
		t := newTerm(rule, other)
		if t.unify(t.opaque(p), t.shifted(from, len(rule.letters))) {
			found(t)
		}
	}
	for _, from := range other.from.orders() {
		for part := range rule.from.parts {
			try(part, from)
		}
		// What rule makes is what other starts with: a step of a circle.
		if to := rule.to; to.code != OpInvalid {
			try(to, from)
		}
	}
}

func newTerm(rule, other *compiled) *term {
	t := &term{root: rule.from, letters: slices.Clone(rule.letters), when: slices.Clone(rule.when)}
	t.letters = append(t.letters, other.letters...)
	for _, q := range other.when {
		slots := slices.Clone(q.slots)
		for i := range slots {
			slots[i] += len(rule.letters)
		}
		t.when = append(t.when, question{q.holds, slots})
	}
	t.value = make([]*pattern, len(t.letters), len(t.letters)+4)
	return t
}

// parts calls yield with p and the operations inside it.
func (p *pattern) parts(yield func(*pattern) bool) {
	if p.code == OpInvalid {
		return
	}
	if !yield(p) {
		return
	}
	for _, a := range p.args {
		a.parts(yield)
	}
}

// shifted returns p with its letters in slots that are n further on.
func (t *term) shifted(p *pattern, n int) *pattern {
	q := *p
	if p.isLetter() {
		q.slot += n
		return &q
	}
	q.args = make([]*pattern, len(p.args))
	for i, a := range p.args {
		q.args[i] = t.shifted(a, n)
	}
	return &q
}

func (p *pattern) isLetter() bool { return p.code == OpInvalid && p.fn == "" && p.lit == nil }

// opaque returns p with a new capital letter for each argument that To computes of
// constants. From has none.
func (t *term) opaque(p *pattern) *pattern {
	args := slices.Clone(p.args)
	for i, a := range args {
		if a.fn != "" || a.code != OpInvalid && t.folds(a) {
			t.letters = append(t.letters, letter{konst: true, typ: typeOf(p.code.Info().Args[i])})
			t.value = append(t.value, nil)
			args[i] = &pattern{slot: len(t.letters) - 1, konst: true}
		}
	}
	return p.with(args...)
}

// folds reports whether p consists of constants.
func (t *term) folds(p *pattern) bool {
	if p.code == OpInvalid {
		return p.constant() || p.fn != ""
	}
	return !slices.ContainsFunc(p.args, func(a *pattern) bool { return !t.folds(a) })
}

// now returns what p is after the replacements so far, at its root.
func (t *term) now(p *pattern) *pattern {
	for p.isLetter() && t.value[p.slot] != nil {
		p = t.value[p.slot]
	}
	return p
}

// unify replaces letters so that a and b become one, and reports whether it could.
func (t *term) unify(a, b *pattern) bool {
	a, b = t.now(a), t.now(b)
	switch {
	case a.isLetter() && b.isLetter() && a.slot == b.slot:
		return true
	case b.isLetter() && (!a.isLetter() || a.konst):
		a, b = b, a
	}
	if a.isLetter() {
		return t.replace(a, b)
	}
	if a.lit != nil || b.lit != nil {
		return a.lit != nil && b.lit != nil && SameConst(a.lit, b.lit)
	}
	if a.fn != b.fn || a.code != b.code {
		return false
	}
	for i := range a.args {
		if !t.unify(a.args[i], b.args[i]) {
			return false
		}
	}
	return true
}

// replace replaces the letter a by b.
func (t *term) replace(a, b *pattern) bool {
	l := t.letters[a.slot]
	switch {
	case a.konst && b.code != OpInvalid, b.lit != nil && b.lit.Type != l.typ, b.code != OpInvalid && b.code.Info().Result != l.typ,
		b.isLetter() && t.letters[b.slot].typ != l.typ, t.contains(b, a.slot):
		return false
	}
	t.value[a.slot] = b
	return true
}

func (t *term) contains(p *pattern, slot int) bool {
	p = t.now(p)
	if p.isLetter() {
		return p.slot == slot
	}
	return slices.ContainsFunc(p.args, func(a *pattern) bool { return t.contains(a, slot) })
}

// lettersOf adds the slots of the letters that are left in p to list.
func (t *term) lettersOf(p *pattern, list []int) []int {
	p = t.now(p)
	if p.isLetter() && !slices.Contains(list, p.slot) {
		return append(list, p.slot)
	}
	for _, a := range p.args {
		list = t.lettersOf(a, list)
	}
	return list
}

// Constants that capital letters are replaced by.
var (
	someInts   = []int64{2, 1, -1, 0, 3, 63, 8, 40, -2, 64, -1 << 63, 255}
	someFloats = []float64{2, -1, 1, 3, 0.5}
)

// How many choices of constants are tried for a term, of how many that are drawn.
const tryConstants, drawConstants = 12, 60

// withConstants calls found with the capital letters of t replaced by numbers for
// which the conditions hold.
func (t *term) withConstants(random *rand.Rand, found func()) {
	var capitals []int
	for _, slot := range t.lettersOf(t.root, nil) {
		if t.letters[slot].konst {
			capitals = append(capitals, slot)
		}
	}
	tries := 0
	for n := range drawConstants {
		for _, slot := range capitals {
			c := ConstInt(someInts[random.IntN(len(someInts))])
			if t.letters[slot].typ == Float {
				c = ConstFloat(someFloats[random.IntN(len(someFloats))])
			}
			t.value[slot] = &pattern{lit: c}
		}
		if t.mayHold() {
			found()
			tries++
		}
		if tries == tryConstants || n == 0 && len(capitals) == 0 {
			break
		}
	}
	for _, slot := range capitals {
		t.value[slot] = nil
	}
}

// mayHold reports whether no condition fails that is about constants only.
func (t *term) mayHold() bool {
	for _, q := range t.when {
		var v []*Op
		for _, slot := range q.slots {
			if p := t.now(&pattern{slot: slot}); p.lit != nil {
				v = append(v, p.lit)
			}
		}
		if len(v) == len(q.slots) && !q.holds(nil, v) {
			return false
		}
	}
	return true
}

// trace returns a trace that computes the term, each part of it once.
func (t *term) trace() *Trace {
	b := NewBuilder(nil)
	made := map[string]*Op{}
	for _, slot := range t.lettersOf(t.root, nil) {
		t.value[slot] = &pattern{lit: b.Input(t.letters[slot].typ)}
		defer func() { t.value[slot] = nil }()
	}
	b.Op(Finish, nil, t.build(b, t.root, made))
	return b.Trace()
}

func (t *term) build(b *Builder, p *pattern, made map[string]*Op) *Op {
	if p = t.now(p); p.lit != nil {
		return p.lit
	}
	var args []*Op
	for _, a := range p.args {
		args = append(args, t.build(b, a, made))
	}
	key := expressionOf(&Op{Code: p.code, Args: args})
	if op := made[key]; op != nil {
		return op
	}
	op := b.Op(p.code, nil, args...)
	if p.code.Has(Checked) {
		b.Guard(GuardNoOverflow, nil)
	}
	made[key] = op
	return op
}
