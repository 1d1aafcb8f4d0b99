package prove

import (
	"math/bits"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// Bits tries a function that says what bits a result has. Of an operation with
// one argument, f ignores the other.
func Bits(op Operation, f func(a, b knownbits.Bits) knownbits.Bits) *Report {
	return op.forward(bitsOnly, func(a, b knownbits.Known) (knownbits.Known, bool) {
		return knownbits.Known{Range: knownbits.AnyRange, Bits: f(a.Bits, b.Bits)}, true
	})
}

// Ranges tries a function that says in what range a result lies; false: there is
// no result.
func Ranges(op Operation, f func(a, b knownbits.Range) (knownbits.Range, bool)) *Report {
	return op.forward(rangeOnly, func(a, b knownbits.Known) (knownbits.Known, bool) {
		r, ok := f(a.Range, b.Range)
		return knownbits.Known{Range: r, Bits: knownbits.AnyBits}, ok
	})
}

// Forward tries a function that says what is known of a result; false: there is
// no result. For a checked operation, only results that fit count.
func Forward(op Operation, f func(a, b knownbits.Known) (knownbits.Known, bool)) *Report {
	return op.forward(both, f)
}

// Overflow tries a function that says whether a checked operation overflows.
func Overflow(op Operation, f func(a, b knownbits.Known) ir.Overflow) *Report {
	p := &proof{Operation: op, view: both}
	return p.run(func(s setup, a, b value, results summary) {
		best := ir.OverflowUnknown
		switch {
		case !results.undefined:
			best = ir.OverflowNever
		case results.empty():
			best = ir.OverflowAlways
		}
		got := f(a.known, b.known)
		switch {
		case got == best:
		case got == ir.OverflowUnknown:
			p.report.isLoose(a.count*b.count, 2, func() string {
				return p.given(s, a, b) + ": that is decided, overflow " + verdicts[best] + "; the answer is that it may"
			})
		default:
			p.report.loses(a.count*b.count, func() string {
				return p.given(s, a, b) + ": overflow " + verdicts[best] + "; the answer is that it " + verdicts[got]
			})
		}
	})
}

var verdicts = map[ir.Overflow]string{
	ir.OverflowUnknown: "sometimes happens", ir.OverflowNever: "never happens", ir.OverflowAlways: "always happens",
}

// A proof tries one function in one view.
type proof struct {
	Operation
	view   view
	report Report
}

func (op Operation) forward(v view, f func(a, b knownbits.Known) (knownbits.Known, bool)) *Report {
	p := &proof{Operation: op, view: v}
	return p.run(func(s setup, a, b value, results summary) {
		if results.empty() && !op.Code.Has(ir.Checked) {
			return // it is never done
		}
		got, ok := f(a.known, b.known)
		p.judge(s, a, b, results, got, ok)
	})
}

// run calls try with each pair of values and the summary of all results that they
// allow, the smallest numbers first. It stops after the width at which a number
// was lost.
func (p *proof) run(try func(s setup, a, b value, results summary)) *Report {
	for w := 1; w <= p.Width && p.report.Sound(); w++ {
		for _, s := range p.setups(p.view, w) {
			p.pairs(s, try)
		}
	}
	return &p.report
}

func (p *proof) pairs(s setup, try func(s setup, a, b value, results summary)) {
	rows := make([]summary, len(s.a.numbers))
	for _, b := range s.b.values {
		ys := s.b.list(b.members)
		for i, x := range s.a.numbers {
			rows[i] = nothing
			for _, y := range ys {
				if z, ok := p.eval(x, y); ok {
					rows[i] = rows[i].with(z)
				} else {
					rows[i].undefined = true
				}
			}
		}
		for _, a := range s.a.values {
			results := nothing
			for m := a.members; m != 0; m &= m - 1 {
				results = results.and(rows[bits.TrailingZeros64(m)])
			}
			p.report.Pairs++
			try(s, a, b, results)
		}
	}
}

// eval does the operation, which is not defined for all numbers.
func (op Operation) eval(x, y int64) (int64, bool) {
	z, ok := op.Eval(op.Code, uint64(x), uint64(y))
	return int64(z), ok
}

// judge compares an answer with the results.
func (p *proof) judge(s setup, a, b value, results summary, got knownbits.Known, ok bool) {
	c := comparison{p.view, s.out, results, a.count * b.count, func() string { return p.given(s, a, b) },
		func() string { return p.lost(s, a, b, got, ok) }}
	p.report.compare(c, got, ok)
}

// A comparison is what an answer is compared with, and what an example says.
type comparison struct {
	view        view
	out         place
	results     summary
	cost        int
	given, lost func() string
}

func (r *Report) compare(c comparison, got knownbits.Known, ok bool) {
	switch {
	case c.results.empty():
		if ok {
			r.isLoose(c.cost, 1, func() string {
				return c.given() + ": there is no result; the answer is " + c.out.text(c.view, got)
			})
		}
	case !ok || c.results.lost(c.view, got):
		r.loses(c.cost, c.lost)
	case !c.results.best(c.view, got, c.out.shift):
		best := c.results.known()
		r.isLoose(c.cost, size(c.view, got)/size(c.view, best), func() string {
			return c.given() + ": all results are in " + c.out.text(c.view, best) + "; the answer is " + c.out.text(c.view, got)
		})
	}
}
