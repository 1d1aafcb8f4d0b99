package knownbits

import (
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"

	ir "metatrace/chapters/01-ir"
)

// maxChain bounds how far back a fact is explained.
const maxChain = 5

// because tells the Journal what of given, which is known of values, was needed for
// ok to hold, and where that came from.
func (p *boundsPass) because(values []*ir.Op, given []Known, ok func([]Known) bool) {
	if p.origins == nil {
		return
	}
	for i, n := range p.kit.needed(given, ok) {
		p.origins.explain(p.kit, values[i], n, p.origins.count, maxChain)
	}
}

// sayDecided says why the result of op is k, which is one number.
func (p *boundsPass) sayDecided(op *ir.Op, k Known) {
	if s := p.madeOf(op); s != nil {
		p.because(s.values, s.given, func(given []Known) bool {
			result, ok := s.result(given)
			return ok && result == k
		})
	}
}

// sayOverflow says why op, a checked operation, overflows never or always.
func (p *boundsPass) sayOverflow(op *ir.Op, is ir.Overflow) {
	s := p.madeOf(op)
	if s == nil {
		return
	}
	p.origins.journal.Did()
	p.because(s.values, s.given, func(given []Known) bool {
		a, b := given[0], given[len(given)-1]
		return p.kit.Overflow(op.Code, a, b) == is
	})
}

// explain says that n holds of v, where that came from, and so on. Only what was
// learned before number before counts.
func (h *origins) explain(k *Kit, v *ir.Op, n part, before, depth int) {
	if n.any() || v.IsConst() || depth == 0 {
		return
	}
	low, high := n, n
	low.Hi, low.Bits, high.Lo = math.MaxInt64, AnyBits, math.MinInt64
	if e, _ := h.first(v, low, before); e != nil && !low.any() && !high.any() {
		if f, _ := h.first(v, high, before); f != nil && f != e {
			h.explain(k, v, low, before, depth) // each end has an origin of its own
			h.explain(k, v, high, before, depth)
			return
		}
	}
	e, earlier := h.first(v, n, before)
	if e == nil {
		return
	}
	text := h.fact(v, n, e.known)
	if e.from == nil {
		text += byGuard(h.journal, e.by)
	} else {
		text = joined(text, e.from.say())
	}
	h.journal.Because("%s", strings.Repeat("  ", maxChain-depth)+text)
	if e.from != nil {
		h.explainSource(k, v, e, n, earlier, depth)
	}
}

// first returns the first origin before number before that says as much as n of v, and
// what was known of v by then.
func (h *origins) first(v *ir.Op, n part, before int) (e *origin, earlier Known) {
	earlier = Any
	for _, e := range h.of[v] {
		switch {
		case e.number >= before:
			return nil, earlier
		case n.in(e.known):
			return e, earlier
		}
		earlier = e.known
	}
	return nil, earlier
}

// joined returns a fact and how it is known, but says nothing twice.
func joined(fact, how string) string {
	if same, ok := strings.CutPrefix(how, "since "+fact+" by "); ok {
		return fact + " by " + same
	}
	return fact + " " + how
}

// explainSource says what the source of e needed to tell that n holds of v, of which
// was known earlier as much.
func (h *origins) explainSource(k *Kit, v *ir.Op, e *origin, n part, earlier Known, depth int) {
	s := e.from
	if s.result == nil {
		return
	}
	alone := func(given []Known) bool {
		result, ok := s.result(given)
		return ok && n.in(result)
	}
	values, given, ok := s.values, s.given, alone
	if !alone(given) {
		last := len(given)
		values, given = append(values[:last:last], v), append(given[:last:last], earlier)
		ok = func(given []Known) bool {
			result, ok := s.result(given[:last])
			if ok {
				result, ok = k.Meet(result, given[last])
			}
			return ok && n.in(result)
		}
		if !ok(given) {
			return
		}
	}
	for i, part := range k.needed(given, ok) {
		h.explain(k, values[i], part, e.number, depth-1)
	}
}

// fact says n of v, but of the ends what is known.
func (h *origins) fact(v *ir.Op, n part, known Known) string {
	name := h.journal.Name(v)
	var texts []string
	switch low, high := n.Lo > math.MinInt64, n.Hi < math.MaxInt64; {
	case low && high && known.Lo == known.Hi:
		texts = append(texts, fmt.Sprintf("%s is %d", name, known.Lo))
	case low && high:
		texts = append(texts, fmt.Sprintf("%s is in %s", name, known.Range))
	case low:
		texts = append(texts, fmt.Sprintf("%s >= %d", name, known.Lo))
	case high:
		texts = append(texts, fmt.Sprintf("%s <= %d", name, known.Hi))
	}
	if n.Bits != AnyBits {
		texts = append(texts, sayBits(name, n.Bits))
	}
	return strings.Join(texts, " and ")
}

// sayBits says which bits of a value are known.
func sayBits(name string, b Bits) string {
	known := ^b.Unk
	low, high := bits.TrailingZeros64(known), 63-bits.LeadingZeros64(known)
	whole := bits.OnesCount64(known) == high-low+1
	switch digit := b.Ones >> low & 1; {
	case low == high:
		return fmt.Sprintf("bit %d of %s is %d", low, name, digit)
	case whole && (b.Ones == 0 || b.Ones == known) && low == 0:
		return fmt.Sprintf("the low %d bits of %s are %d", high+1, name, digit)
	case whole && (b.Ones == 0 || b.Ones == known):
		return fmt.Sprintf("bits %d to %d of %s are %d", low, high, name, digit)
	}
	return name + " has the bits " + b.String()
}

// SayHolds implements ir.Sayer: it says why a condition of a rule holds.
func (p *boundsPass) SayHolds(values []*ir.Op, holds func(facts any) bool) {
	if p.origins == nil {
		return
	}
	relaxed := *p
	relaxed.known = append([]Known(nil), p.known...)
	found, given := p.found(values), make([]Known, len(values))
	for i, v := range found {
		if v.Type == ir.Int {
			given[i] = p.of(v)
		} else {
			given[i] = Any
		}
	}
	p.because(found, given, func(given []Known) bool {
		for i, v := range found {
			if !v.IsConst() && v.Type == ir.Int {
				relaxed.set(v, given[i])
			}
		}
		return holds(&relaxed)
	})
}

// Doubt implements ir.Doubter.
func (p *boundsPass) Doubt(o *ir.Optimizer, guard, checked *ir.Op) string {
	p.o = o
	switch {
	case checked != nil:
		if text := p.sayMissing(checked); text != "" {
			return text
		}
		// Bits don't help here, only how large the numbers are.
		return p.sayAll(checked.Args, "nothing bounds ", func(v *ir.Op) string {
			return sayRange(p.o.Journal().Name(v), p.of(v).Range)
		})
	case guard.Code != ir.GuardTrue && guard.Code != ir.GuardFalse && guard.Code != ir.GuardValue:
		return ""
	}
	switch x := guard.Args[0]; {
	case x.IsConst() || x.Type != ir.Int:
		return ""
	case guard.Code != ir.GuardValue && x.IsBool() && x.Args[0].Type == ir.Int:
		return p.sayAll(x.Args, "nothing of use is known of ", p.sayKnown)
	case p.of(x) == Truth:
		return ""
	default:
		return p.sayKnown(x)
	}
}

// sayAll says what say says of values, and behind nothing, of which that is nothing.
func (p *boundsPass) sayAll(values []*ir.Op, nothing string, say func(v *ir.Op) string) string {
	var texts, unknown []string
	for _, v := range p.found(values) {
		name := p.o.Journal().Name(v)
		switch text := say(v); {
		case v.IsConst() || slices.Contains(texts, text) || slices.Contains(unknown, name):
		case text == "":
			unknown = append(unknown, name)
		default:
			texts = append(texts, text)
		}
	}
	if len(unknown) > 0 {
		texts = append(texts, nothing+strings.Join(unknown, " and "))
	}
	return strings.Join(texts, ", ")
}

// edge is how near to the ends of all integers an end of a range says nothing of use:
// whatever is less than something is not the greatest integer.
const edge = 1 << 40

// sayKnown says what is known of v; "" if that is nothing of use.
func (p *boundsPass) sayKnown(v *ir.Op) string {
	k, name := p.of(v), p.o.Journal().Name(v)
	text := sayRange(name, k.Range)
	if text == "" && k.Ones|k.Zeros() != 0 {
		return sayBits(name, k.Bits)
	}
	return text
}

// sayRange says where a value lies; "" if that is anywhere.
func sayRange(name string, r Range) string {
	switch low, high := r.Lo > math.MinInt64+edge, r.Hi < math.MaxInt64-edge; {
	case low && high:
		return fmt.Sprintf("%s is in %s", name, r)
	case low:
		return fmt.Sprintf("%s >= %d", name, r.Lo)
	case high:
		return fmt.Sprintf("%s <= %d", name, r.Hi)
	}
	return ""
}

// sayMissing says what would have to be known of one of the arguments of a checked
// operation for that not to overflow: of the one that may be most numbers. "" if
// there is nothing that would do.
func (p *boundsPass) sayMissing(op *ir.Op) string {
	args := p.found(op.Args)
	v, other := args[0], args[1]
	if size(p.of(v)) < size(p.of(other)) {
		v, other = other, v
	}
	known := p.of(v)
	if r := p.of(other).Range; other != v && (r.Lo < math.MinInt64+edge || r.Hi > math.MaxInt64-edge) {
		return "" // whatever is known of v, it depends on the other one
	}
	fits := func(r Range) bool {
		k, ok := p.kit.meetRange(known, r)
		x, y := p.of(args[0]), p.of(args[1])
		if args[0] == v {
			x = k
		}
		if args[1] == v {
			y = k
		}
		return ok && p.kit.Overflow(op.Code, x, y) == ir.OverflowNever
	}
	name := p.o.Journal().Name(v)
	missing := missingEnd(name, known.Range, fits)
	if missing == "" {
		return ""
	}
	text := "nothing says that " + missing
	if know := sayRange(name, known.Range); know != "" {
		text = know + ", but nothing says that " + missing
	}
	if know := sayRange(p.o.Journal().Name(other), p.of(other).Range); know != "" && other != v && !other.IsConst() {
		text += ", and " + know
	}
	return text
}

// missingEnd says how far one end of r would have to be moved in for fits to hold of
// what is left; "" if it never does.
func missingEnd(name string, r Range, fits func(Range) bool) string {
	if hi, ok := farthest(r.Lo, r.Hi, func(x int64) bool { return fits(Range{r.Lo, x}) }); ok {
		return fmt.Sprintf("%s <= %d", name, hi)
	}
	if lo, ok := farthest(r.Hi, r.Lo, func(x int64) bool { return fits(Range{x, r.Hi}) }); ok {
		return fmt.Sprintf("%s >= %d", name, lo)
	}
	return ""
}

// size returns how many numbers there are between the ends of k, less 1.
func size(k Known) uint64 { return uint64(k.Hi) - uint64(k.Lo) }

// farthest returns the last number on the way from one end to the other for which
// holds gives true, as it does up to there; false if it does not even for the first.
func farthest(from, to int64, holds func(int64) bool) (int64, bool) {
	if !holds(from) {
		return 0, false
	}
	for from != to {
		middle := from + int64((uint64(to)-uint64(from))/2)
		if to < from {
			middle = from - int64((uint64(from)-uint64(to))/2)
		}
		switch {
		case middle == from:
			if holds(to) {
				return to, true
			}
			return from, true
		case holds(middle):
			from = middle
		default:
			to = middle
		}
	}
	return from, true
}
