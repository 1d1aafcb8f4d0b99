package prove

import (
	"math"
	"math/bits"
	"slices"

	knownbits "metatrace/chapters/04-knownbits"
)

// Learn says what is left of the arguments of an operation once its result is
// known; false: that result is not possible.
type Learn = func(a, b, result knownbits.Known) (a2, b2 knownbits.Known, ok bool)

// Backward tries a function that goes from the result of an operation back to its
// arguments: no x of a may be lost that gives such a result with some y of b, and
// no such y. A checked operation did not overflow.
//
// There are three values to choose now. So for numbers of 4 bits the only results
// are those of which one number is left, in two places, and for numbers of 5 bits
// there is one such result; of comparisons, all are tried.
func Backward(op Operation, f Learn) *Report {
	p := &proof{Operation: op, view: both}
	for w := 1; w <= p.Width && p.report.Sound(); w++ {
		list := p.setups(both, w)
		if w == largest-1 {
			list = list[:min(2, len(list))]
		}
		for _, s := range list {
			p.backward(s, w, f)
		}
	}
	return &p.report
}

// oneResult is which number of 5 bits is the result: zeros and ones in turn.
const oneResult = 0b01010

// results returns the results that are tried for numbers of w bits.
func (p *proof) results(s setup, w int) []knownbits.Known {
	list := []knownbits.Known{knownbits.Any}
	if s.out.width == 1 {
		list = []knownbits.Known{knownbits.Exactly(0), knownbits.Exactly(1)}
		if w <= 3 {
			list = append(list, knownbits.Truth)
		}
		return list
	}
	if w == largest {
		for _, v := range spaceOf(both, s.out).values {
			if v.count == 1 && v.members == 1<<oneResult {
				return []knownbits.Known{v.known}
			}
		}
	}
	for _, at := range []place{s.out, plain(w), low(w)} {
		for _, v := range spaceOf(both, at).values {
			if w <= 3 && !slices.Contains(list, v.known) || w > 3 && at == s.out && v.count == 1 {
				list = append(list, v.known)
			}
		}
	}
	return list
}

// A relation says, for each x, which y give one of the results that are asked for,
// and for each y, which x do. Numbers are bits, as in a space.
type relation struct {
	ofX, ofY []uint64
}

func (p *proof) relate(s setup, result knownbits.Known) relation {
	r := relation{make([]uint64, len(s.a.numbers)), make([]uint64, len(s.b.numbers))}
	for i, x := range s.a.numbers {
		for j, y := range s.b.numbers {
			if z, ok := p.eval(x, y); ok && result.Contains(z) {
				r.ofX[i] |= 1 << j
				r.ofY[j] |= 1 << i
			}
		}
	}
	return r
}

// reach returns what the members are related to.
func reach(related []uint64, members uint64) (set uint64) {
	for m := members; m != 0; m &= m - 1 {
		set |= related[bits.TrailingZeros64(m)]
	}
	return set
}

func (p *proof) backward(s setup, w int, f Learn) {
	for _, result := range p.results(s, w) {
		related := p.relate(s, result)
		ofA := make([]uint64, len(s.a.values))
		for i, a := range s.a.values {
			ofA[i] = reach(related.ofX, a.members)
		}
		for _, b := range s.b.values {
			ofB := reach(related.ofY, b.members)
			for i, a := range s.a.values {
				p.report.Pairs++
				t := triple{a, b, result, a.members & ofB, b.members & ofA[i]}
				p.judgeTriple(s, t, f)
			}
		}
	}
}

// A triple is what a backward function is asked, and which members of both
// arguments it has to leave.
type triple struct {
	a, b     value
	result   knownbits.Known
	inA, inB uint64
}

func (p *proof) judgeTriple(s setup, t triple, f Learn) {
	a, b, ok := f(t.a.known, t.b.known, t.result)
	cost := t.a.count * t.b.count
	if t.inA == 0 {
		if ok {
			p.report.isLoose(cost, 1, func() string {
				return p.asked(s, t) + ": there are no such numbers; the answer is a = " + s.a.place.text(both, a) + p.second(s, b)
			})
		}
		return
	}
	bestA, bestB := s.a.abstract(t.inA), s.b.abstract(t.inB)
	switch {
	case !ok || bestA.lost(both, a) || !p.unary() && bestB.lost(both, b):
		p.report.loses(cost, func() string { return p.lostBackward(s, t, a, b, ok) })
	case a != bestA.known() || !p.unary() && !bestKnown(s.b, t.inB, b, bestB):
		factor := size(both, a) / size(both, bestA.known())
		if !p.unary() {
			factor *= size(both, b) / size(both, bestB.known())
		}
		p.report.isLoose(cost, math.Max(1, factor), func() string {
			return p.asked(s, t) + ": a = " + s.a.place.text(both, bestA.known()) + p.second(s, bestB.known()) +
				" would do; the answer is a = " + s.a.place.text(both, a) + p.second(s, b)
		})
	}
}

// bestKnown reports whether what is left of b is the best possible. A count of
// which nothing is known may also be one that no shift has; that is not asked.
func bestKnown(s *space, left uint64, got knownbits.Known, best summary) bool {
	return got == best.known() || left == ^uint64(0) && len(s.numbers) == 64
}

func (p *proof) asked(s setup, t triple) string {
	return p.given(s, t.a, t.b) + ", result = " + s.out.text(both, t.result)
}

// second writes what is left of b, if there is one.
func (p *proof) second(s setup, b knownbits.Known) string {
	if p.unary() {
		return ""
	}
	return ", b = " + s.b.place.text(both, b)
}

// lostBackward says which number is missing.
func (p *proof) lostBackward(s setup, t triple, a, b knownbits.Known, ok bool) string {
	for _, x := range s.a.list(t.inA) {
		for _, y := range s.b.list(t.inB) {
			z, defined := p.eval(x, y)
			if !defined || !t.result.Contains(z) {
				continue
			}
			text := p.asked(s, t) + ": " + p.equation(s, x, y, z)
			switch {
			case !ok:
				return text + "; the answer is that there are no such numbers"
			case !a.Contains(x):
				return text + "; " + s.a.place.number(both, x) + " is missing from what is left of a, " + s.a.place.text(both, a)
			case !p.unary() && !b.Contains(y):
				return text + "; " + s.b.place.number(both, y) + " is missing from what is left of b, " + s.b.place.text(both, b)
			}
		}
	}
	return p.asked(s, t) + ": the answer is no value: a = " + a.String() + ", b = " + b.String()
}
