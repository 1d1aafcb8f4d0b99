package prove

import (
	"math/bits"
	"slices"

	knownbits "metatrace/chapters/04-knownbits"
)

// A view is what a function is told, and what it is asked: bits, a range, or both.
type view uint8

const (
	bitsOnly view = iota
	rangeOnly
	both
)

// A value is an abstract value: what is known, and the numbers that this leaves.
type value struct {
	known   knownbits.Known
	members uint64 // of the space's numbers, a bit each
	count   int
}

// A space is a place with all values that one view tells apart there. There are
// 64 numbers at most, so that a set of them is a word.
type space struct {
	place   place
	view    view
	numbers []int64
	values  []value         // those with few members first
	octets  [8][256]summary // of each set of the numbers 0 to 7, 8 to 15, ...
}

// noValues returns a space that has no values yet.
func noValues(v view, p place, numbers []int64) *space {
	s := &space{view: v, place: p, numbers: numbers}
	for i := range s.octets {
		for set := range s.octets[i] {
			s.octets[i][set] = nothing
			for _, n := range s.list(uint64(set) << (8 * i)) {
				s.octets[i][set] = s.octets[i][set].with(n)
			}
		}
	}
	return s
}

// newSpace returns the space of all values at p: 3^width for bits, all intervals
// for ranges, and for both all different sets that bits and range cut out together.
func newSpace(v view, p place) *space {
	s := noValues(v, p, p.numbers())
	patterns := []uint64{^uint64(0)}
	if v != rangeOnly {
		patterns = s.patterns()
	}
	intervals := []uint64{^uint64(0) >> (64 - len(s.numbers))}
	if v != bitsOnly {
		intervals = s.intervals()
	}
	seen := map[uint64]bool{0: true}
	for _, in := range intervals {
		for _, with := range patterns {
			if members := in & with; !seen[members] {
				seen[members] = true
				s.add(members)
			}
		}
	}
	s.sort()
	return s
}

// add adds the value that has exactly these members.
func (s *space) add(members uint64) {
	k := s.abstract(members).known()
	if s.view == rangeOnly {
		k.Bits = knownbits.AnyBits
	}
	s.values = append(s.values, value{k, members, bits.OnesCount64(members)})
}

func (s *space) sort() {
	slices.SortStableFunc(s.values, func(a, b value) int { return a.count - b.count })
}

// patterns returns the members of each value of the place's bits.
func (s *space) patterns() []uint64 {
	var sets []uint64
	w, shift := s.place.width, s.place.shift
	for unk := range uint64(1) << w {
		for ones := range uint64(1) << w {
			if ones&unk != 0 {
				continue
			}
			var set uint64
			for i, n := range s.numbers {
				if uint64(n)>>shift&(1<<w-1)&^unk == ones {
					set |= 1 << i
				}
			}
			sets = append(sets, set)
		}
	}
	return sets
}

// intervals returns the members of each range between two numbers of the place.
func (s *space) intervals() []uint64 {
	var sets []uint64
	for hi := range s.numbers {
		for lo := range hi + 1 {
			sets = append(sets, (^uint64(0)>>(63-hi))&^(1<<lo-1))
		}
	}
	return sets
}

// abstract sums up some of the numbers, eight at a time.
func (s *space) abstract(members uint64) summary {
	sum := nothing
	for i := 0; members != 0; i++ {
		if set := members & 0xff; set != 0 {
			sum = sum.and(s.octets[i][set])
		}
		members >>= 8
	}
	return sum
}

// list returns members, one by one.
func (s *space) list(members uint64) []int64 {
	var list []int64
	for i, n := range s.numbers {
		if members>>i&1 != 0 {
			list = append(list, n)
		}
	}
	return list
}

// A summary is what the two views can say of a set of numbers, and so the best
// possible abstract value for it: its least and greatest number, the bits that all
// have, and the bits that some have. Two summaries make that of the union.
type summary struct {
	lo, hi    int64
	all, some uint64
	undefined bool // the operation has no result for some of the arguments
}

// nothing is the summary of the empty set.
var nothing = summary{lo: 1<<63 - 1, hi: -1 << 63, all: ^uint64(0)}

func (s summary) empty() bool { return s.lo > s.hi }

func (s summary) with(x int64) summary {
	return summary{min(s.lo, x), max(s.hi, x), s.all & uint64(x), s.some | uint64(x), s.undefined}
}

func (s summary) and(t summary) summary {
	return summary{min(s.lo, t.lo), max(s.hi, t.hi), s.all & t.all, s.some | t.some, s.undefined || t.undefined}
}

// known returns the summary as an abstract value. It is not empty.
func (s summary) known() knownbits.Known {
	return knownbits.Known{
		Range: knownbits.Range{Lo: s.lo, Hi: s.hi},
		Bits:  knownbits.Bits{Ones: s.all, Unk: s.some &^ s.all},
	}
}

// lost reports whether got leaves out one of the numbers of s, or is no value.
func (s summary) lost(v view, got knownbits.Known) bool {
	if v != rangeOnly && (got.Ones&got.Unk != 0 || got.Ones&^s.all != 0 || got.Zeros()&s.some != 0) {
		return true
	}
	return v != bitsOnly && (s.lo < got.Lo || s.hi > got.Hi)
}

// best reports whether got, which has lost nothing, says all that can be said of
// the numbers of s. Of ranges at the top only the top bits can be judged: other
// numbers than those that were tried have the same top bits.
func (s summary) best(v view, got knownbits.Known, shift uint) bool {
	switch v {
	case bitsOnly:
		return got.Bits == s.known().Bits
	case rangeOnly:
		return got.Lo>>shift == s.lo>>shift && got.Hi>>shift == s.hi>>shift
	}
	return got == s.known()
}

// size returns how many numbers a value leaves.
func size(v view, k knownbits.Known) float64 {
	switch v {
	case bitsOnly:
		return float64(uint64(1) << min(63, bits.OnesCount64(k.Unk)))
	case rangeOnly:
		return float64(k.Hi) - float64(k.Lo) + 1
	}
	const sign = 1 << 63
	return float64(below(k.Bits, uint64(k.Hi)^sign)-below(k.Bits, uint64(k.Lo)^sign)) + 1
}

// below counts the numbers that have the bits and are less than x, which is one of
// them, with the sign turned round: the order of signed numbers is then that of
// unsigned ones.
func below(b knownbits.Bits, x uint64) (n uint64) {
	for m := b.Unk & x; m != 0; m &= m - 1 {
		n += 1 << bits.OnesCount64(b.Unk&(m&-m-1))
	}
	return n
}
