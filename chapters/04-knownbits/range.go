package knownbits

import (
	"math"
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// The ranges of results. A result that does not fit in 64 bits wraps: it differs
// from the true one by a multiple of 2^64, its turn. The results of a range are a
// range again if its two ends are in the same turn; if not, they may be anything.

// add returns x+y, wrapped, and in which turn it is: -1, 0 or 1.
func add(x, y int64) (sum, turn int64) {
	sum = x + y
	switch {
	case x > 0 && y > 0 && sum < 0:
		return sum, 1
	case x < 0 && y < 0 && sum >= 0:
		return sum, -1
	}
	return sum, 0
}

// sub returns x-y, wrapped, and in which turn it is.
func sub(x, y int64) (diff, turn int64) {
	diff = x - y
	switch {
	case x >= 0 && y < 0 && diff < 0:
		return diff, 1
	case x < 0 && y >= 0 && diff >= 0:
		return diff, -1
	}
	return diff, 0
}

// A Span is the range of the true results of an operation, before they wrap: its
// ends as they are wrapped, and in which turn each is. An end in turn 0 fits; one
// in turn 1 is 2^64 more than Lo or Hi says, one in turn -1 is 2^64 less.
type Span struct {
	Lo, Hi         int64
	LoTurn, HiTurn int64
}

// wrapped returns the range of the wrapped results.
func (s Span) wrapped() Range {
	if s.LoTurn != s.HiTurn {
		return AnyRange
	}
	return Range{s.Lo, s.Hi}
}

// fitting returns the range of those results that do not wrap; it may be empty.
func (s Span) fitting() Range {
	r := Range{s.Lo, s.Hi}
	if s.LoTurn < 0 {
		r.Lo = math.MinInt64
	}
	if s.HiTurn > 0 {
		r.Hi = math.MaxInt64
	}
	if s.LoTurn > 0 || s.HiTurn < 0 {
		return Range{0, -1}
	}
	return r
}

func addSpan(a, b Range) (s Span) {
	s.Lo, s.LoTurn = add(a.Lo, b.Lo)
	s.Hi, s.HiTurn = add(a.Hi, b.Hi)
	return s
}

func subSpan(a, b Range) (s Span) {
	s.Lo, s.LoTurn = sub(a.Lo, b.Hi)
	s.Hi, s.HiTurn = sub(a.Hi, b.Lo)
	return s
}

// A product is a true product of 128 bits.
type product struct {
	high int64
	low  uint64
}

func multiply(x, y int64) product {
	high, low := bits.Mul64(uint64(x), uint64(y))
	return product{int64(high) - x>>63&y - y>>63&x, low}
}

func (p product) less(q product) bool {
	return p.high < q.high || p.high == q.high && p.low < q.low
}

// turn returns in which turn p is: how many times 2^64 lie between it and what
// is left of it.
func (p product) turn() int64 { return p.high + int64(p.low>>63) }

// mulSpan returns the span of the products. The extremes are at the corners.
func mulSpan(a, b Range) Span {
	least := multiply(a.Lo, b.Lo)
	most := least
	for _, p := range [...]product{multiply(a.Lo, b.Hi), multiply(a.Hi, b.Lo), multiply(a.Hi, b.Hi)} {
		if p.less(least) {
			least = p
		}
		if most.less(p) {
			most = p
		}
	}
	return Span{int64(least.low), int64(most.low), least.turn(), most.turn()}
}

// spanOf returns the span of an addition, a subtraction or a multiplication, checked
// or not.
func spanOf(code ir.Opcode, a, b Range) Span {
	switch code {
	case ir.IntAdd, ir.IntAddOvf:
		return addSpan(a, b)
	case ir.IntSub, ir.IntSubOvf:
		return subSpan(a, b)
	}
	return mulSpan(a, b)
}

// divide returns the numbers that can give a product in r with a factor in b, if
// no product wraps. b is all above 0, or all below.
func divide(r, b Range) Range {
	if b.Hi < 0 {
		if r.Lo == math.MinInt64 || b.Lo == math.MinInt64 {
			return AnyRange
		}
		r, b = Range{-r.Hi, -r.Lo}, Range{-b.Hi, -b.Lo}
	}
	lo, hi := b.Hi, b.Lo // what makes a positive quotient least, and most
	if r.Lo < 0 {
		lo = b.Lo
	}
	if r.Hi < 0 {
		hi = b.Hi
	}
	return Range{ceilDiv(r.Lo, lo), floorDiv(r.Hi, hi)}
}

// floorDiv returns x/y rounded down; y is above 0.
func floorDiv(x, y int64) int64 {
	q := x / y
	if x%y < 0 {
		q--
	}
	return q
}

// ceilDiv returns x/y rounded up; y is above 0.
func ceilDiv(x, y int64) int64 {
	q := x / y
	if x%y > 0 {
		q++
	}
	return q
}

// lshiftRange is the range of x<<n for the counts n in [few, many].
func lshiftRange(a Range, few, many uint) Range {
	if few == many {
		return mulSpan(a, Range{1 << few, 1 << few}).wrapped()
	}
	if !fitsShifted(a, many) {
		return AnyRange
	}
	return Range{min(a.Lo<<few, a.Lo<<many), max(a.Hi<<few, a.Hi<<many)}
}

// fitsShifted reports whether no number in a loses a bit when it is shifted left
// by n.
func fitsShifted(a Range, n uint) bool { return a.Lo<<n>>n == a.Lo && a.Hi<<n>>n == a.Hi }

// rshiftRange is the range of x>>n, the sign kept.
func rshiftRange(a Range, few, many uint) Range {
	return Range{min(a.Lo>>few, a.Lo>>many), max(a.Hi>>few, a.Hi>>many)}
}

// urshiftRange is the range of x>>n, zeros shifted in.
func urshiftRange(a Range, few, many uint) Range {
	switch {
	case a.Lo >= 0 || many == 0:
		return rshiftRange(a, few, many)
	case few == 0:
		return AnyRange
	case a.Hi < 0:
		return Range{int64(uint64(a.Lo) >> many), int64(uint64(a.Hi) >> few)}
	}
	return Range{0, int64(^uint64(0) >> few)}
}

// andRange is the range of x&y as far as the ranges alone say something: what is
// kept of a number is not above it if the sign is 0, and lies below both if it is 1.
func andRange(a, b Range) Range {
	switch {
	case a.Lo >= 0 && b.Lo >= 0:
		return Range{0, min(a.Hi, b.Hi)}
	case a.Lo >= 0:
		return Range{0, a.Hi}
	case b.Lo >= 0:
		return Range{0, b.Hi}
	case a.Hi < 0 && b.Hi < 0:
		return Range{math.MinInt64, min(a.Hi, b.Hi)}
	}
	return Range{math.MinInt64, max(a.Hi, b.Hi)}
}

// orRange is the range of x|y: and, seen from the other side.
func orRange(a, b Range) Range { return invertRange(andRange(invertRange(a), invertRange(b))) }

// logicRange is the range of x&y, x|y and x^y that follows from the size of the
// numbers: if both are numbers of n bits with a sign, so is the result. Two numbers
// that are not negative have no or and no xor above their sum.
func logicRange(a, b Range) Range {
	size := max(bits.Len64(uint64(a.Lo^a.Lo>>63)), bits.Len64(uint64(a.Hi^a.Hi>>63)),
		bits.Len64(uint64(b.Lo^b.Lo>>63)), bits.Len64(uint64(b.Hi^b.Hi>>63)))
	r := Range{-1 << size, 1<<size - 1}
	if sum, turn := add(a.Hi, b.Hi); a.Lo >= 0 && b.Lo >= 0 && turn == 0 {
		r = Range{0, min(r.Hi, sum)}
	}
	return r
}

func invertRange(a Range) Range { return Range{^a.Hi, ^a.Lo} }
