// Package knownbits is chapter 4: what a trace knows about an integer. There are
// two views of a number, and one sharpens the other:
//
//	Bits    which bits are certain            ones=..01  unk=..10   1 or 3
//	Range   between which numbers it lies     [1, 3]
//	Known   both at once, reduced             1 or 3
//
// Given are the ranges (range.go), how operations are taken apart (forward.go,
// backward.go, multiply.go) and the pass "bounds" (pass.go, memory.go), which asks
// what is known and draws the consequences. What happens to the bits, how the two views
// meet, and what a guard teaches are yours: the functions of the Kit.
package knownbits

import (
	"math"
	"strconv"
)

// Bits is what is known of the bits of an integer. A bit that is neither in Ones
// nor in Unk is known to be 0; Ones and Unk have no bit in common. (Linux' BPF
// verifier calls it a tristate number: Vishwanathan et al., "Sound, Precise, and
// Fast Abstract Interpretation with Tristate Numbers", CGO 2022.)
type Bits struct {
	Ones uint64 // bits known to be 1
	Unk  uint64 // bits not known
}

// Range says that an integer is at least Lo and at most Hi, as signed numbers. It
// is empty if Lo is above Hi.
type Range struct{ Lo, Hi int64 }

// Known is what is known of an integer: it has these bits and lies in this range.
// It is reduced: Lo and Hi are themselves possible, and each unknown bit is 0 in
// some possible number and 1 in another. It is never empty. (The reduced product
// of two abstract domains: Cousot and Cousot, "Systematic Design of Program
// Analysis Frameworks", POPL 1979.)
type Known struct {
	Range
	Bits
}

// What is known of a number that nothing is known of, and of one that is 0 or 1.
var (
	AnyBits  = Bits{Unk: ^uint64(0)}
	AnyRange = Range{math.MinInt64, math.MaxInt64}
	Any      = Known{AnyRange, AnyBits}
	Truth    = Known{Range{0, 1}, Bits{Unk: 1}}
)

// sign is the bit that makes a number negative.
const sign = uint64(1) << 63

// BitsOf returns the bits of x: all are known.
func BitsOf(x int64) Bits { return Bits{Ones: uint64(x)} }

// Exactly returns what is known of the constant x: everything.
func Exactly(x int64) Known { return Known{Range{x, x}, BitsOf(x)} }

// Zeros returns the bits that are known to be 0.
func (b Bits) Zeros() uint64 { return ^(b.Ones | b.Unk) }

// May returns the bits that may be 1.
func (b Bits) May() uint64 { return b.Ones | b.Unk }

// Contains reports whether x has these bits.
func (b Bits) Contains(x int64) bool { return uint64(x)&^b.Unk == b.Ones }

// Contains reports whether x lies in r.
func (r Range) Contains(x int64) bool { return r.Lo <= x && x <= r.Hi }

// Empty reports whether no number lies in r.
func (r Range) Empty() bool { return r.Lo > r.Hi }

// meet returns what lies in both; it may be empty.
func (r Range) meet(s Range) Range { return Range{max(r.Lo, s.Lo), min(r.Hi, s.Hi)} }

// Contains reports whether the number may be x.
func (k Known) Contains(x int64) bool { return k.Range.Contains(x) && k.Bits.Contains(x) }

// Const returns the number, if it is the only possible one.
func (k Known) Const() (x int64, ok bool) { return k.Lo, k.Lo == k.Hi }

// Join returns what is known of a number that is one of k or one of l.
func (k Known) Join(l Known) Known {
	return Known{Range{min(k.Lo, l.Lo), max(k.Hi, l.Hi)}, joinBits(k.Bits, l.Bits)}
}

func joinBits(a, b Bits) Bits {
	unk := a.Unk | b.Unk | (a.Ones ^ b.Ones)
	return Bits{a.Ones &^ unk, unk}
}

// unsigned returns the least and the greatest number, read as unsigned. Both are
// possible: k is reduced.
func (k *Kit) unsigned(a Known) (lo, hi uint64) {
	if a.Lo >= 0 || a.Hi < 0 {
		return uint64(a.Lo), uint64(a.Hi)
	}
	least, _ := k.AtLeast(a.Bits, 0)
	most, _ := k.atMost(a.Bits, -1)
	return uint64(least), uint64(most)
}

// Reduce returns what is known of a number that lies in r and has the bits b;
// false if there is none. It takes one step in each direction, and never a second:
// when both ends are numbers that have the bits, the prefix that they share is all
// that the range says of the bits.
func (k *Kit) Reduce(r Range, b Bits) (Known, bool) {
	if r.Empty() {
		return Known{}, false
	}
	if b == AnyBits {
		return Known{r, k.PrefixBits(r)}, true
	}
	lo, ok := k.AtLeast(b, r.Lo)
	hi, ok2 := k.atMost(b, r.Hi)
	if !ok || !ok2 || lo > hi {
		return Known{}, false
	}
	r = Range{lo, hi}
	prefix := k.PrefixBits(r)
	return Known{r, Bits{b.Ones | prefix.Ones, b.Unk & prefix.Unk}}, true
}

// reduced is Reduce where the two views are known to have a number in common.
func (k *Kit) reduced(r Range, b Bits) Known {
	known, ok := k.Reduce(r, b)
	if !ok {
		panic("knownbits: the bits and the range of a result contradict each other, so one of the functions " +
			"that made them has lost a number: " + r.String() + " and " + b.String())
	}
	return known
}

// atMost returns the greatest number that has the bits b and is at most x. Seen
// from the other side it is the least that is at least: inverting turns the order.
func (k *Kit) atMost(b Bits, x int64) (int64, bool) {
	y, ok := k.AtLeast(k.InvertBits(b), ^x)
	return ^y, ok
}

// Meet returns what is known of a number that is one of a and one of b; false if
// there is none.
func (k *Kit) Meet(a, b Known) (Known, bool) {
	if a.Ones&b.Zeros()|a.Zeros()&b.Ones != 0 {
		return Known{}, false
	}
	return k.Reduce(a.meet(b.Range), Bits{a.Ones | b.Ones, a.Unk & b.Unk})
}

// inRange returns what is known of a number that lies in r, which is not empty.
func (k *Kit) inRange(r Range) Known { return Known{r, k.PrefixBits(r)} }

// meetRange is Meet with all numbers of a range.
func (k *Kit) meetRange(a Known, r Range) (Known, bool) {
	if r.Lo <= a.Lo && r.Hi >= a.Hi {
		return a, true
	}
	return k.Reduce(a.meet(r), a.Bits)
}

// meetBits is Meet with all numbers that have the bits b.
func (k *Kit) meetBits(a Known, b Bits) (Known, bool) {
	return k.Meet(a, Known{AnyRange, b})
}

// meetUnsigned is Meet with the numbers from lo to hi, read as unsigned.
func (k *Kit) meetUnsigned(a Known, lo, hi uint64) (Known, bool) {
	var low, high Known
	var isLow, isHigh bool
	if lo < sign && lo <= hi {
		low, isLow = k.meetRange(a, Range{int64(lo), int64(min(hi, sign-1))})
	}
	if hi >= sign && lo <= hi {
		high, isHigh = k.meetRange(a, Range{int64(max(lo, sign)), int64(hi)})
	}
	switch {
	case isLow && isHigh:
		return low.Join(high), true
	case isLow:
		return low, true
	}
	return high, isHigh
}

// String returns the bits as text, the most significant first, ? for what is not
// known. Equal ones at the front are written once: …01? for many zeros, 01?.
func (b Bits) String() string {
	text := make([]byte, 0, 64)
	for i := 63; i >= 0; i-- {
		text = append(text, b.digit(i))
	}
	same := 0
	for same < 63 && text[same+1] == text[0] {
		same++
	}
	if same == 0 {
		return string(text)
	}
	return "…" + string(text[same:])
}

func (b Bits) digit(i int) byte {
	switch {
	case b.Ones>>i&1 != 0:
		return '1'
	case b.Unk>>i&1 != 0:
		return '?'
	}
	return '0'
}

// String returns the range as [lo, hi].
func (r Range) String() string {
	return "[" + strconv.FormatInt(r.Lo, 10) + ", " + strconv.FormatInt(r.Hi, 10) + "]"
}

// String returns both views.
func (k Known) String() string { return k.Range.String() + " " + k.Bits.String() }
