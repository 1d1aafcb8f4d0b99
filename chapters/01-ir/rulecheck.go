package ir

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"strings"
)

// CheckRule looks for values for which r is wrong, and returns an error that
// shows them, or nil if it finds none. It evaluates both sides on the values
// where such rules break: zeros, ones, powers of two and their neighbours, the
// extremes, numbers that stand in the rule, and random ones; of floats also NaN,
// infinities, both zeros, subnormals and the neighbours of 1.
//
// It is a search, no proof. A rule that passes it and is wrong all the same
// fails for few values only.
//
// What counts as wrong: a result that differs (all NaNs are equal); a right side
// that is not defined where the left one is; a checked operation that overflows
// where the rule drops the check.
//
// The conditions of When are asked about constants there, without facts. A rule
// whose conditions hold for none of the values that were tried is an error, too:
// nothing is known of it.
func (k *Kit) CheckRule(r Rule, more ...map[string]Condition) error {
	conditions := map[string]Condition{}
	for _, m := range more {
		maps.Copy(conditions, m)
	}
	c, err := compileRule(r, conditions)
	if err != nil {
		return fmt.Errorf("rule %s: %w", r, err)
	}
	if c.to.code.Has(Checked) && c.from.code != c.to.code {
		return fmt.Errorf("rule %s: the right side has a check that the left side has not", r)
	}
	if from, to := c.typeOf(c.from), c.typeOf(c.to); from != to {
		return fmt.Errorf("rule %s: the left side is %s, the right side is %s", r, typeNames[from], typeNames[to])
	}
	s := &ruleSearch{kit: k, rule: c, random: rand.New(rand.NewPCG(1, 2))}
	if err := s.run(); err != nil {
		return err
	}
	if s.applied == 0 {
		return fmt.Errorf("rule %s: it applies to none of the values that were tried", r)
	}
	return nil
}

// typeOf returns the type of one side of the rule.
func (c *compiled) typeOf(p *pattern) Type {
	switch {
	case p.lit != nil:
		return p.lit.Type
	case p.fn == "recip":
		return Float
	case p.fn != "":
		return Int
	case p.code != OpInvalid:
		return p.code.Info().Result
	}
	return c.letters[p.slot].typ
}

// A ruleSearch looks for a counterexample to one rule.
type ruleSearch struct {
	kit    *Kit
	rule   *compiled
	bound  bindings
	asked  bindings
	random *rand.Rand

	applied int // how many times the rule was applied
}

// How many values are tried for each letter, by the number of letters, so that
// all combinations are some ten thousand; beyond them, random combinations.
var tryEach = [...]int{0: 1, 1: 4000, 2: 220, 3: 36, 4: 14}

const tryRandom = 20000

func (s *ruleSearch) run() error {
	letters := s.rule.letters
	if n := len(letters); n < len(tryEach) {
		values := make([][]*Op, n)
		for i, l := range letters {
			values[i] = s.values(l, tryEach[n])
		}
		return s.combine(values, 0)
	}
	values := make([][]*Op, len(letters))
	for i, l := range letters {
		values[i] = s.values(l, 200)
	}
	for range tryRandom {
		for i, list := range values {
			s.bound[i] = list[s.random.IntN(len(list))]
		}
		if err := s.try(); err != nil {
			return err
		}
	}
	return nil
}

// combine tries all combinations of values for the letters from n on.
func (s *ruleSearch) combine(values [][]*Op, n int) error {
	if n == len(values) {
		return s.try()
	}
	for _, v := range values[n] {
		s.bound[n] = v
		if err := s.combine(values, n+1); err != nil {
			return err
		}
	}
	return nil
}

// try compares both sides for the values that are bound now.
func (s *ruleSearch) try() error {
	c := s.rule
	if !c.ask(nil, &s.bound, &s.asked) {
		return nil
	}
	left := s.eval(c.from)
	if !left.ok {
		return nil
	}
	for _, a := range c.to.args {
		// The optimizer computes what is constant when it applies the rule. If
		// that is not defined, it does not apply it.
		if a.code != OpInvalid && !s.eval(a).ok {
			return nil
		}
	}
	s.applied++
	right := s.eval(c.to)
	switch {
	case left.overflow && !c.to.code.Has(Checked):
		return s.wrong("the left side overflows, but the rule drops the check")
	case !right.ok:
		return s.wrong("the left side is %s, the right side is not defined", left)
	case left.overflow != right.overflow:
		return s.wrong("the left side overflows: %v, the right side: %v", left.overflow, right.overflow)
	case !left.equal(right):
		return s.wrong("the left side is %s, the right side is %s", left, right)
	}
	return nil
}

func (s *ruleSearch) wrong(format string, args ...any) error {
	var with []string
	for i, l := range s.rule.letters {
		with = append(with, l.name+"="+s.bound[i].String())
	}
	what := fmt.Sprintf(format, args...)
	if len(with) > 0 {
		what = "with " + strings.Join(with, ", ") + " " + what
	}
	return fmt.Errorf("%s: %s", s.rule.rule, what)
}

// A ruleValue is what a side of a rule computes.
type ruleValue struct {
	typ      Type
	word     uint64
	ok       bool // it is defined
	overflow bool
}

func (v ruleValue) String() string { return ConstBits(v.typ, v.word).String() }

func (v ruleValue) equal(w ruleValue) bool {
	if v.typ == Float && isNaN(v.word) && isNaN(w.word) {
		return true
	}
	return v.word == w.word
}

func isNaN(word uint64) bool { return math.IsNaN(math.Float64frombits(word)) }

func (s *ruleSearch) eval(p *pattern) ruleValue {
	v := ruleValue{typ: s.rule.typeOf(p), ok: true}
	switch {
	case p.lit != nil:
		v.word = p.lit.Bits
		return v
	case p.fn != "":
		v.word = constFuncs[p.fn](s.bound[p.args[0].slot]).Bits
		return v
	case p.code == OpInvalid:
		v.word = s.bound[p.slot].Bits
		return v
	}
	var words [2]uint64
	for i, a := range p.args {
		arg := s.eval(a)
		if !arg.ok {
			return arg
		}
		words[i] = arg.word
	}
	if p.code.Has(Checked) {
		var result int64
		result, v.overflow = s.kit.EvalChecked(p.code, int64(words[0]), int64(words[1]))
		v.word = uint64(result)
		return v
	}
	v.word, v.ok = s.kit.EvalPure(p.code, words[0], words[1])
	return v
}

// values returns about n values to try for a letter, the most telling first.
func (s *ruleSearch) values(l letter, n int) []*Op {
	var list []*Op
	literals(s.rule.from, &list)
	literals(s.rule.to, &list)
	if l.typ == Float {
		list = keep(list, Float)
		for _, x := range tellingFloats {
			list = append(list, ConstFloat(x))
		}
		for len(list) < n {
			list = append(list, ConstBits(Float, s.random.Uint64()))
		}
		return list[:n]
	}
	list = keep(list, Int)
	for _, near := range list {
		list = append(list, ConstInt(near.Int()-1), ConstInt(near.Int()+1))
	}
	for _, x := range tellingInts {
		list = append(list, ConstInt(x))
	}
	for bit := range 64 {
		x := int64(1) << bit
		list = append(list, ConstInt(x), ConstInt(x-1), ConstInt(x+1), ConstInt(-x-1))
	}
	for len(list) < n {
		// Random numbers of every size, not only large ones.
		list = append(list, ConstInt(int64(s.random.Uint64())>>s.random.IntN(64)))
	}
	return list[:n]
}

// literals collects the numbers that stand in p.
func literals(p *pattern, list *[]*Op) {
	if p.lit != nil {
		*list = append(*list, p.lit)
	}
	for _, a := range p.args {
		literals(a, list)
	}
}

func keep(list []*Op, t Type) []*Op {
	var kept []*Op
	for _, op := range list {
		if op.Type == t {
			kept = append(kept, op)
		}
	}
	return kept
}

var tellingInts = []int64{
	5, 0, 1, -1, 2, math.MinInt64, math.MaxInt64, 63, 64, 8, 32, -2, 3, 1 << 62, -3, 31, 33,
	math.MinInt64 + 1, math.MaxInt64 - 1, 62, 7, 4, 255, 256, -128, 1 << 31, 1 << 32,
	math.MaxUint32, -1 << 31, -1 << 62, 0x5555555555555555, 12345678901, 65, 16, -64, 10,
}

var tellingFloats = []float64{
	math.Copysign(0, -1), 0, 1, -1, math.Inf(1), math.Inf(-1), math.NaN(), 2, 0.5, 3, 0.1, -2,
	math.SmallestNonzeroFloat64, -math.SmallestNonzeroFloat64, math.MaxFloat64, -math.MaxFloat64,
	0x1p-1022, 0x1p-1023, 0x1p1023, 0x1p-1021, 1 + 0x1p-52, 1 - 0x1p-53, -1.5, 10, 0.3, 1e300, 1e-300,
	0x1p53, 0x1p53 - 1, 0x1p63, 0x1p62, -0x1p-1022, 7, 1.0 / 3, 100.25, -0.25,
}
