package knownbits

import (
	"fmt"
	"math"

	ir "metatrace/chapters/01-ir"
)

// This file says why something is known of a value, if there is a Journal. Then each
// time that something new is learned, an origin is noted: of which values it was
// concluded, and how. A decision is explained backward from there. First it is found
// out which parts of what is known were needed, by taking away parts and asking
// again: the lower end, the upper end, or single bits. Then, for each value, the
// earliest origin that has told as much; and for that one, what it needed in turn.

// origins are, by value, what has been learned of it, the earliest first.
type origins struct {
	journal *ir.Journal
	of      map[*ir.Op][]*origin
	count   int
}

// An origin says that a value has been found to be one of known.
type origin struct {
	number int // the next one of all has the next number
	known  Known
	by     *ir.Op // what was being sent
	from   *source
}

// A source is how something was concluded.
type source struct {
	say    func() string // says how: "being int_and(i3, 255) in line 6"
	values []*ir.Op
	given  []Known                                // what was known of them
	result func(given []Known) (k Known, ok bool) // what follows; nil: from none of them
}

// note notes that v is one of known, which follows from a source, or from nil by
// what is being sent.
func (h *origins) note(v *ir.Op, known Known, from *source) {
	h.of[v] = append(h.of[v], &origin{number: h.count, known: known, by: h.journal.Sent(), from: from})
	h.count++
}

// stated is the source of what follows from nothing but what the text says, of what
// if that is not nil.
func (p *boundsPass) stated(text string, what fmt.Stringer) *source {
	if p.origins == nil {
		return nil
	}
	if what != nil {
		text = fmt.Sprintf(text, what)
	}
	return &source{say: func() string { return text }}
}

// indexed is the source of what is known of an index, since op uses it.
func (p *boundsPass) indexed(op *ir.Op) *source {
	if p.origins == nil {
		return nil
	}
	j := p.o.Journal()
	return &source{say: func() string { return "since " + j.Where(op) + " uses it as an index" }}
}

// equal is the source of what is known of a value that was found equal to op.
func (p *boundsPass) equal(op *ir.Op, k Known) *source {
	if p.origins == nil {
		return nil
	}
	j := p.o.Journal()
	by := j.Sent()
	return &source{
		say:    func() string { return "since it is " + j.Name(op) + byGuard(j, by) },
		values: []*ir.Op{op}, given: []Known{k},
		result: func(given []Known) (Known, bool) { return given[0], true },
	}
}

// madeOf is the source of what is known of the result of op.
func (p *boundsPass) madeOf(op *ir.Op) *source {
	if p.origins == nil || len(op.Args) == 0 || op.Args[0].Type != ir.Int {
		return nil
	}
	j, text := p.o.Journal(), p.text(op)
	a, b := p.args(op)
	code, twice := op.Code, p.twice(op)
	s := &source{
		say:    func() string { return "as " + text + in(j, op) },
		values: p.found(op.Args), given: []Known{a, b}[:len(op.Args)],
		result: func(given []Known) (Known, bool) { return p.kit.Forward(code, given[0], second(given)), true },
	}
	if twice {
		s.values, s.given = s.values[:1], s.given[:1]
		s.result = func(given []Known) (Known, bool) { return p.kit.ofOne(code, given[0]), true }
	}
	return s
}

// fitted is the source of what is known of the result of op, since the guard behind
// it has passed.
func (p *boundsPass) fitted(op, guard *ir.Op) *source {
	s := p.madeOf(op)
	if s == nil || p.twice(op) {
		return s
	}
	j, text, code := p.o.Journal(), p.text(op), op.Code
	s.say = func() string { return "since " + text + " does not overflow" + byGuard(j, guard) }
	s.result = func(given []Known) (Known, bool) { return p.kit.NoOverflow(code, given[0], second(given)) }
	return s
}

// undone is the source of what is known of argument number i of v, because of what
// is known of v.
func (p *boundsPass) undone(v *ir.Op, code ir.Opcode, i int) *source {
	if p.origins == nil || p.twice(v) {
		return nil
	}
	j, guard := p.o.Journal(), p.o.Journal().Sent()
	if by := j.EqualBy(v); by != nil {
		guard = by
	}
	a, b := p.args(v)
	s := &source{
		values: append(p.found(v.Args), v), given: append([]Known{a, b}[:len(v.Args)], p.of(v)),
		result: func(given []Known) (Known, bool) {
			n := len(given) - 1
			a2, b2, ok := p.kit.Backward(code, given[0], second(given[:n]), given[n])
			if i == 1 {
				a2 = b2
			}
			return a2, ok
		},
	}
	says := p.says(v)
	s.say = func() string { return "since " + says + byGuard(j, guard) }
	return s
}

// says says what v is, in the way of people if it is a comparison: "i3 < i1".
func (p *boundsPass) says(v *ir.Op) string {
	j := p.o.Journal()
	x, isConst := p.of(v).Const()
	switch {
	case isConst && v.IsBool() && len(v.Args) == 2:
		return j.Compared(v, x == 1)
	case isConst:
		return p.text(v) + j.Say(" is %s", p.o.ConstInt(x))
	}
	return j.Say("%s is ", v) + p.text(v)
}

// text returns an operation without the name of its value.
func (p *boundsPass) text(op *ir.Op) string { return p.o.Journal().Call(p.o, op) }

// found returns what the values in args are known to equal.
func (p *boundsPass) found(args []*ir.Op) []*ir.Op {
	list := make([]*ir.Op, len(args))
	for i, a := range args {
		list[i] = p.o.Find(a)
	}
	return list
}

func second(given []Known) Known {
	if len(given) > 1 {
		return given[1]
	}
	return Any
}

func in(j *ir.Journal, op *ir.Op) string { return " in " + j.Where(op) }

func byGuard(j *ir.Journal, guard *ir.Op) string {
	if guard == nil {
		return ""
	}
	return " by " + j.From(guard)
}

// A part is what is needed of what is known of a value: numbers that lie in Range
// and have Bits. It is not reduced, so that what is not needed is not there.
type part struct {
	Range
	Bits
}

func (n part) any() bool { return n.Range == AnyRange && n.Bits == AnyBits }

// in reports whether k says as much as n.
func (n part) in(k Known) bool {
	return n.Lo <= k.Lo && k.Hi <= n.Hi && k.Unk&^n.Unk == 0 && k.Ones&^n.Unk == n.Ones
}

// needed returns what is needed of each of given for ok to hold, which holds for all
// of it.
func (k *Kit) needed(given []Known, ok func([]Known) bool) []part {
	now, parts := append([]Known(nil), given...), make([]part, len(given))
	for i := range given {
		parts[i] = part{given[i].Range, given[i].Bits}
	}
	// try reports whether part i may become n, and if so lets it.
	try := func(i int, n part) bool {
		weaker, fine := k.Reduce(n.Range, n.Bits)
		before := now[i]
		if now[i] = weaker; !fine || !ok(now) {
			now[i] = before
			return false
		}
		parts[i] = n
		return true
	}
	for i := len(given) - 1; i >= 0; i-- {
		if _, isConst := given[i].Const(); isConst {
			continue // so it will always be
		}
		if try(i, part{AnyRange, AnyBits}) {
			continue
		}
		if !try(i, part{parts[i].Range, AnyBits}) && !try(i, part{AnyRange, parts[i].Bits}) {
			weakenBits(parts[i], func(n part) bool { return try(i, n) })
		} else if parts[i].Range == AnyRange {
			weakenBits(parts[i], func(n part) bool { return try(i, n) })
			continue
		}
		k.weakenEnds(i, parts, try)
	}
	return parts
}

// weakenEnds moves the ends of a range out, as far as try allows.
func (k *Kit) weakenEnds(i int, parts []part, try func(int, part) bool) {
	n := parts[i]
	if n.Lo > math.MinInt64 && !try(i, part{Range{math.MinInt64, n.Hi}, n.Bits}) {
		for step := uint64(1) << 63; step > 0; step >>= 1 {
			if lo := parts[i].Lo - int64(step); lo < parts[i].Lo {
				try(i, part{Range{lo, parts[i].Hi}, n.Bits})
			}
		}
	}
	if n.Hi < math.MaxInt64 && !try(i, part{Range{parts[i].Lo, math.MaxInt64}, n.Bits}) {
		for step := uint64(1) << 63; step > 0; step >>= 1 {
			if hi := parts[i].Hi + int64(step); hi > parts[i].Hi {
				try(i, part{Range{parts[i].Lo, hi}, n.Bits})
			}
		}
	}
}

// weakenBits forgets one bit of n after the other, if try allows it.
func weakenBits(n part, try func(part) bool) {
	for i := range 64 {
		bit := uint64(1) << i
		if n.Unk&bit != 0 {
			continue
		}
		weaker := n
		weaker.Unk |= bit
		weaker.Ones &^= bit
		if try(weaker) {
			n = weaker
		}
	}
}
