package ir

import (
	"fmt"
	"strconv"
	"strings"
)

// A Rule says that one expression may be replaced by another, in the notation of
// traces:
//
//	Rule{From: "int_sub(x, x)", To: "0"}
//	Rule{From: "int_add(int_add(x, C), D)", To: "int_add(x, int_add(C, D))"}
//	Rule{From: "int_mul(x, C)", To: "int_lshift(x, log2(C))", When: "pow2(C)"}
//
// A small letter stands for any value, a capital one for any constant, the same
// letter for the same one. Arguments of commutative operations match in either
// order. To is an argument, a constant, or one operation; operations inside it
// are on constants only, and fold. To may use log2(C) and recip(C), which is 1/C.
//
// When is empty, or a condition, or several that are joined by "and": pow2(C),
// bool(x), nonneg(C), shift(C, D) (both and their sum are 0..63), overshift(C, D)
// (both are 0..63, their sum is not), pow2float(C). A pass that knows something of
// values that are no constants adds conditions of its own, which ask for that; see
// NewRules.
//
// Rules are tried in the order of their list, and the first that matches is
// applied: a special rule stands before a general one.
//
// The idea of rules as data that can be proved one by one is from PyPy's
// optimizer rules (Bolz-Tereick, "A DSL for Peephole Transformation Rules of
// Integer Operations in the PyPy JIT", 2024).
type Rule struct {
	From, To, When string
}

// String returns the rule as a line of text.
func (r Rule) String() string {
	s := r.From + " => " + r.To
	if r.When != "" {
		s += " when " + r.When
	}
	return s
}

// A pattern is a parsed side of a rule: an operation, a letter or a number.
type pattern struct {
	fn    string // log2 and recip: no operation of the IR
	code  Opcode // OpInvalid for a letter
	args  []*pattern
	slot  int // letters: index of the binding
	konst bool
	lit   *Op // numbers: the constant
}

// compiled is a Rule that can be matched.
type compiled struct {
	rule     Rule
	from, to *pattern
	when     []question // all must hold
	letters  []letter
}

type letter struct {
	name  string
	konst bool
	typ   Type // of what it stands for
}

// maxLetters bounds the different letters of one rule.
const maxLetters = 6

// orders returns p with the arguments of its commutative operations in every
// order, so that matching need not try them, nor take back what it tried. A
// constant is always the last argument of an operation (constantLast).
func (p *pattern) orders() []*pattern {
	var all []*pattern
	switch len(p.args) {
	case 0:
		all = append(all, p)
	case 1:
		for _, a := range p.args[0].orders() {
			all = append(all, p.with(a))
		}
	case 2:
		for _, a := range p.args[0].orders() {
			for _, b := range p.args[1].orders() {
				all = append(all, p.with(a, b))
				if p.code.Has(Commutative) && b.lit == nil && !b.konst {
					all = append(all, p.with(b, a))
				}
			}
		}
	}
	return all
}

func (p *pattern) with(args ...*pattern) *pattern {
	q := *p
	q.args = args
	return &q
}

func compileRule(r Rule, more map[string]Condition) (*compiled, error) {
	c := &compiled{rule: r}
	var err error
	if c.from, err = c.parse(r.From); err != nil {
		return nil, err
	}
	if !c.from.code.Has(Pure | Checked) {
		return nil, fmt.Errorf("the operation of From is neither pure nor checked")
	}
	if err := c.from.checkOrder(); err != nil {
		return nil, err
	}
	known := len(c.letters)
	if known > maxLetters {
		return nil, fmt.Errorf("more than %d letters", maxLetters)
	}
	if c.to, err = c.parse(r.To); err == nil && r.When != "" {
		err = c.parseWhen(r.When, more)
	}
	if err == nil && len(c.letters) > known {
		err = fmt.Errorf("%s stands for nothing in From", c.letters[known].name)
	}
	if err == nil {
		err = c.checkTo()
	}
	return c, err
}

// checkOrder returns an error if p, a part of From, has a constant where
// constantLast leaves none: the rule would never match.
func (p *pattern) checkOrder() error {
	if info := p.code.Info(); len(p.args) == 2 && p.args[0].constant() && !p.args[1].constant() &&
		info.Swapped != OpInvalid && info.Swapped != p.code {
		return fmt.Errorf("the constant of %s stands first, where none gets: turn it round, to %s",
			p.code, info.Swapped)
	}
	for _, a := range p.args {
		if err := a.checkOrder(); err != nil {
			return err
		}
	}
	return nil
}

// constant reports whether p stands for a constant: a number or a capital letter.
func (p *pattern) constant() bool { return p.lit != nil || p.code == OpInvalid && p.konst }

// checkTo returns an error if To is more than one operation on what is there.
func (c *compiled) checkTo() error {
	if c.to.fn != "" {
		return c.checkBuilt(c.to)
	}
	for _, a := range c.to.args {
		if a.code == OpInvalid && a.fn == "" {
			continue // a letter or a number
		}
		if err := c.checkBuilt(a); err != nil {
			return err
		}
	}
	return nil
}

// checkBuilt returns an error if p, a part of To, can't be computed while a trace
// is optimized.
func (c *compiled) checkBuilt(p *pattern) error {
	if p.lit == nil && p.code == OpInvalid && p.fn == "" && !p.konst {
		return fmt.Errorf("%s stands inside an operation inside To, where only constants may: To is one operation",
			c.letters[p.slot].name)
	}
	if p.fn != "" && (p.args[0].code != OpInvalid || p.args[0].fn != "" || p.args[0].lit != nil) {
		return fmt.Errorf("%s takes a letter", p.fn)
	}
	for _, a := range p.args {
		if err := c.checkBuilt(a); err != nil {
			return err
		}
	}
	return nil
}

// parse reads one side of the rule.
func (c *compiled) parse(text string) (*pattern, error) {
	p, rest, err := c.expression(strings.TrimSpace(text), Void)
	if err == nil && rest != "" {
		err = fmt.Errorf("unexpected %q", rest)
	}
	return p, err
}

func (c *compiled) expression(s string, typ Type) (*pattern, string, error) {
	end := strings.IndexAny(s, "(), ")
	if end < 0 {
		end = len(s)
	}
	word, rest := s[:end], strings.TrimLeft(s[end:], " ")
	switch {
	case word == "":
		return nil, s, fmt.Errorf("expected a letter, a number or an operation at %q", s)
	case strings.HasPrefix(rest, "("):
		return c.operation(word, rest[1:])
	case word[0] == '-' || word[0] >= '0' && word[0] <= '9':
		lit, err := literal(word)
		return &pattern{lit: lit}, rest, err
	case len(word) > 1:
		return nil, s, fmt.Errorf("%q is no letter", word)
	}
	return c.letter(word, typ), rest, nil
}

func (c *compiled) operation(name, rest string) (*pattern, string, error) {
	p := &pattern{code: Lookup(name)}
	sig := p.code.Info().Args
	if p.code == OpInvalid {
		if constFuncs[name] == nil {
			return nil, rest, fmt.Errorf("unknown operation %q", name)
		}
		p.fn, sig = name, "i"
	}
	for {
		n, typ := len(p.args), Void
		if n < len(sig) {
			typ = typeOf(sig[n])
		}
		arg, r, err := c.expression(strings.TrimLeft(rest, " "), typ)
		if err != nil {
			return nil, rest, err
		}
		if arg.lit != nil && n < len(sig) && typ != arg.lit.Type && p.fn == "" {
			return nil, rest, fmt.Errorf("argument %d of %s is %s, expected %s (0 is an int, 0.0 a float)",
				n+1, name, describe(arg.lit), typeNames[typ])
		}
		p.args = append(p.args, arg)
		r = strings.TrimLeft(r, " ")
		if rest = strings.TrimPrefix(r, ","); rest != r {
			continue
		}
		if rest = strings.TrimPrefix(r, ")"); rest == r {
			return nil, rest, fmt.Errorf("expected , or ) at %q", r)
		}
		break
	}
	if len(p.args) != len(sig) {
		return nil, rest, fmt.Errorf("%s takes %d arguments, not %d", name, len(sig), len(p.args))
	}
	return p, strings.TrimLeft(rest, " "), nil
}

func (c *compiled) letter(name string, typ Type) *pattern {
	konst := name[0] >= 'A' && name[0] <= 'Z'
	for i := range c.letters {
		if c.letters[i].name == name {
			return &pattern{slot: i, konst: konst}
		}
	}
	c.letters = append(c.letters, letter{name, konst, typ})
	return &pattern{slot: len(c.letters) - 1, konst: konst}
}

func literal(word string) (*Op, error) {
	if strings.Contains(word, ".") {
		x, err := strconv.ParseFloat(word, 64)
		return ConstFloat(x), err
	}
	n, err := strconv.ParseInt(word, 10, 64)
	return ConstInt(n), err
}
