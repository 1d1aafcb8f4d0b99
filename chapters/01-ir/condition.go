package ir

import (
	"fmt"
	"math"
	"math/bits"
	"strings"
)

// A Condition is what the When of a rule may ask of the values that its letters
// stand for.
type Condition struct {
	Letters   int  // how many
	Constants bool // it asks for values that only constants have: the letters are capital ones

	// Holds gives the answer. facts are those that Rewrite was given: what a pass
	// knows of values. Without (nil), all of v are constants, as in CheckRule, and
	// it answers for exactly these numbers.
	Holds func(facts any, v []*Op) bool
}

// conditions are those that every rule may use.
var conditions = map[string]Condition{
	"pow2":   {1, true, func(_ any, v []*Op) bool { return v[0].Int() > 0 && bits.OnesCount64(v[0].Bits) == 1 }},
	"nonneg": {1, true, func(_ any, v []*Op) bool { return v[0].Int() >= 0 }},
	"bool":   {1, false, func(_ any, v []*Op) bool { return v[0].IsBool() }},
	"shift": {2, true, func(_ any, v []*Op) bool {
		return v[0].Bits < 64 && v[1].Bits < 64 && v[0].Bits+v[1].Bits < 64
	}},
	"overshift": {2, true, func(_ any, v []*Op) bool {
		return v[0].Bits < 64 && v[1].Bits < 64 && v[0].Bits+v[1].Bits >= 64
	}},
	"pow2float": {1, true, func(_ any, v []*Op) bool {
		// 1/x is exact if x is a power of two whose inverse is a normal number.
		mantissa, exp := math.Frexp(v[0].Float())
		return math.Abs(mantissa) == 0.5 && exp > -1020 && exp < 1022
	}},
}

// IsBool reports whether op is known to be 0 or 1: it is such a constant, or the
// result of a comparison.
func (op *Op) IsBool() bool {
	c := op.Code
	return c == OpConstInt && op.Bits <= 1 || c >= IntLt && c <= IntIsZero ||
		c >= FloatLt && c <= FloatGe || c.ComparesRefs()
}

// constFuncs are functions of constants that To may use.
var constFuncs = map[string]func(c *Op) *Op{
	"log2":  func(c *Op) *Op { return ConstInt(int64(bits.TrailingZeros64(c.Bits))) },
	"recip": func(c *Op) *Op { return ConstFloat(1 / c.Float()) },
}

// A question is one condition of a When, and the letters it is about.
type question struct {
	holds func(facts any, v []*Op) bool
	slots []int
}

// ask reports whether all of When holds for what is bound. asked is room for the
// arguments: Go would allocate that of a function that it can't see.
func (c *compiled) ask(facts any, b *bindings, asked *bindings) bool {
	for _, q := range c.when {
		for i, slot := range q.slots {
			asked[i] = b[slot]
		}
		if !q.holds(facts, asked[:len(q.slots)]) {
			return false
		}
	}
	return true
}

// parseWhen reads conditions that are joined by "and". One in more takes the place
// of the one that every rule may use.
func (c *compiled) parseWhen(when string, more map[string]Condition) error {
	for one := range strings.SplitSeq(when, " and ") {
		one = strings.TrimSpace(one)
		name, inside, ok := strings.Cut(strings.TrimSuffix(one, ")"), "(")
		cond, known := more[name]
		if !known {
			cond, known = conditions[name]
		}
		if !ok || !known || !strings.HasSuffix(one, ")") {
			return fmt.Errorf("unknown condition %q", one)
		}
		q := question{holds: cond.Holds}
		for a := range strings.SplitSeq(inside, ",") {
			slot, err := c.asked(one, strings.TrimSpace(a), cond)
			if err != nil {
				return err
			}
			q.slots = append(q.slots, slot)
		}
		if len(q.slots) != cond.Letters {
			return fmt.Errorf("%s takes %d letters, not %d", name, cond.Letters, len(q.slots))
		}
		c.when = append(c.when, q)
	}
	return nil
}

// asked returns the slot of a letter that a condition, quoted as it stands, asks for.
func (c *compiled) asked(condition, name string, cond Condition) (int, error) {
	switch {
	case name == "":
		return 0, fmt.Errorf("condition %q names no letter", condition)
	case len(name) > 1 || Lookup(name) != OpInvalid || name[0] < 'A':
		return 0, fmt.Errorf("%s: %q is no letter", condition, name)
	}
	p := c.letter(name, Void)
	if cond.Constants && !p.konst {
		return 0, fmt.Errorf("%s asks for the value of %s, which only constants have: write a capital letter",
			condition, name)
	}
	return p.slot, nil
}
