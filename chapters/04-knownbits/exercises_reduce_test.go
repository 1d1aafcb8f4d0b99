package knownbits_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"strings"
	"testing"

	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type prefixBits = func(r knownbits.Range) knownbits.Bits

func TestExercise4_6_PrefixBits(t *testing.T) {
	// keeping returns PrefixBits that leave the lowest n bits open.
	keeping := func(n func(r knownbits.Range) int) prefixBits {
		return func(r knownbits.Range) knownbits.Bits {
			unk := uint64(1)<<n(r) - 1
			return knownbits.Bits{Ones: uint64(r.Lo) &^ unk, Unk: unk}
		}
	}
	length := func(r knownbits.Range) int { return bits.Len64(uint64(r.Lo ^ r.Hi)) }
	exercise.Run(t, ex("4.6"), knownbits.Yours.PrefixBits, knownbitssolution.PrefixBits, checkPrefixBits,
		exercise.Wrong[prefixBits]("knows-nothing", func(knownbits.Range) knownbits.Bits { return knownbits.AnyBits }),
		exercise.Wrong("one-bit-too-many", keeping(func(r knownbits.Range) int { return max(length(r)-1, 0) })),
		exercise.Wrong("one-bit-too-few", keeping(func(r knownbits.Range) int { return length(r) + 1 })),
		exercise.Wrong[prefixBits]("every-bit-in-which-the-ends-agree", func(r knownbits.Range) knownbits.Bits {
			return knownbits.Bits{Ones: uint64(r.Lo & r.Hi), Unk: uint64(r.Lo ^ r.Hi)}
		}),
		exercise.Wrong("looks-at-the-upper-end-only", keeping(func(r knownbits.Range) int { return bits.Len64(uint64(r.Hi)) })),
		exercise.Wrong("loses-the-sign", keeping(func(r knownbits.Range) int { return min(length(r), 63) })),
		exercise.Wrong("shifts-by-64-as-by-0", keeping(func(r knownbits.Range) int { return length(r) & 63 })),
		exercise.Wrong[prefixBits]("leaves-the-lower-end-in-ones", func(r knownbits.Range) knownbits.Bits {
			return knownbits.Bits{Ones: uint64(r.Lo), Unk: uint64(1)<<length(r) - 1}
		}),
	)
}

func checkPrefixBits(t exercise.TB, f prefixBits) {
	const (
		common = "the bits at the left that both ends have in common are those of all numbers between them"
		below  = "from the leftmost bit in which the ends differ, all is open: …0111 and …1000 both lie in the range"
		one    = "of a single number all bits are known"
		signs  = "numbers with both signs have no bit in common"
		far    = "with one sign, the sign at least is common"
	)
	for _, c := range []struct{ rule, r, want string }{
		{common, "[4, 6]", "…01??"},
		{common, "[0, 9]", "…0????"},
		{common, "[8, 15]", "…01???"},
		{common, "[-8, -5]", "…10??"},
		{below, "[7, 8]", "…0????"},
		{below, "[4, 5]", "…010?"},
		{below, "[16, 18]", "…0100??"},
		{one, "[5, 5]", "…0101"},
		{one, "[min, min]", "10…0"},
		{one, "[-1, -1]", "…1"},
		{signs, "[-1, 0]", "…?"},
		{signs, "[-8, 7]", "…?"},
		{signs, "[min, max]", "…?"},
		{far, "[0, max]", "0?…?"},
		{far, "[min, -1]", "1?…?"},
		{far, "[min, min+1]", "10…0?"},
		{far, "[max-1, max]", "01…1?"},
	} {
		if !same(t, "PrefixBits("+c.r+")", pattern(c.want), f(interval(c.r)), c.rule, lostIn(interval(c.r))) {
			return
		}
	}
	checkRanges(t, f)
	checkPrefixText(t, f)
	checkUse(t, func(k *knownbits.Kit) { k.PrefixBits = f }, tracetest.Case{
		Rule:   "what is declared of a field says which bits a mask need not clear",
		Before: "[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); i2 = int_and(i1, 255); i3 = int_and(i1, 256); finish(i2, i3)",
		After:  "[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); finish(i1, 0)",
	})
}

// smallRanges returns all ranges of a few numbers, around 0 and at both ends.
func smallRanges() (list []knownbits.Range) {
	for _, first := range []int64{-8, math.MinInt64, math.MaxInt64 - 15} {
		for lo := range int64(16) {
			for hi := lo; hi < 16; hi++ {
				list = append(list, knownbits.Range{Lo: first + lo, Hi: first + hi})
			}
		}
	}
	return list
}

// checkRanges asks f for all small ranges, and looks at each number in them.
func checkRanges(t exercise.TB, f prefixBits) {
	t.Helper()
	for _, r := range smallRanges() {
		all, some := ^uint64(0), uint64(0)
		for x := r.Lo; ; x++ {
			all, some = all&uint64(x), some|uint64(x)
			if x == r.Hi {
				break
			}
		}
		want := knownbits.Bits{Ones: all, Unk: some &^ all}
		if !same(t, "PrefixBits("+showRange(r)+")", want, f(r), "a bit is known if all numbers of the range have it, or none", lostIn(r)) {
			return
		}
	}
}

// checkPrefixText compares f with what one sees when both ends are written down.
func checkPrefixText(t exercise.TB, f prefixBits) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, 6))
	for range 500 {
		x := int64(r.Uint64())
		y := x ^ int64(r.Uint64()>>r.IntN(64)) // they have a prefix in common
		in := knownbits.Range{Lo: min(x, y), Hi: max(x, y)}
		lo, hi := fmt.Sprintf("%064b", uint64(in.Lo)), fmt.Sprintf("%064b", uint64(in.Hi))
		n := 0
		for n < 64 && lo[n] == hi[n] {
			n++
		}
		want := pattern(lo[:n] + strings.Repeat("?", 64-n))
		if !same(t, "PrefixBits("+showRange(in)+")", want, f(in), "at 64 bits it goes as it does at 4", lostIn(in)) {
			return
		}
	}
}

type atLeast = func(b knownbits.Bits, x int64) (int64, bool)

const sign = uint64(1) << 63

func TestExercise4_7_AtLeast(t *testing.T) {
	exercise.Run(t, ex("4.7"), knownbits.Yours.AtLeast, knownbitssolution.AtLeast, checkAtLeast,
		exercise.Wrong[atLeast]("x-will-do", func(b knownbits.Bits, x int64) (int64, bool) { return x, true }),
		exercise.Wrong[atLeast]("the-least-of-all", func(b knownbits.Bits, x int64) (int64, bool) {
			least := int64(b.Ones | b.Unk&sign)
			return max(least, x), true
		}),
		exercise.Wrong[atLeast]("puts-the-known-bits-into-x", func(b knownbits.Bits, x int64) (int64, bool) {
			y := int64(b.Ones | uint64(x)&b.Unk)
			return y, y >= x
		}),
		exercise.Wrong[atLeast]("in-the-order-of-unsigned-numbers", func(b knownbits.Bits, x int64) (int64, bool) {
			turned := knownbits.Bits{Ones: b.Ones ^ sign&^b.Unk, Unk: b.Unk} // undoes what the solution does
			y, ok := knownbitssolution.AtLeast(turned, int64(uint64(x)^sign))
			return int64(uint64(y) ^ sign), ok
		}),
		exercise.Wrong("x-itself-is-too-small", atLeastBy(func(s *search) bool { s.fits = false; return true })),
		exercise.Wrong("leaves-the-low-bits-as-in-x", atLeastBy(func(s *search) bool { s.clear = 0; return true })),
		exercise.Wrong("clears-known-bits-too", atLeastBy(func(s *search) bool { s.clear = ^uint64(0); return true })),
		exercise.Wrong("grows-in-the-leftmost-bit", atLeastBy(func(s *search) bool {
			s.bit = 1 << max(bits.Len64(s.grow)-1, 0)
			return true
		})),
		exercise.Wrong("grows-in-the-bit-where-x-is-larger", atLeastBy(func(s *search) bool { s.bit = s.first; return true })),
		exercise.Wrong("gives-up-where-it-has-to-grow", atLeastBy(func(s *search) bool { return false })),
	)
}

// A search is a way to find the number of AtLeast, each step of which can go wrong.
type search struct {
	fits               bool   // x has the bits
	first, grow, clear uint64 // the leftmost difference; where it can grow; what is cleared
	bit                uint64 // the bit of grow in which it does
}

// atLeastBy returns AtLeast with a mistake. mistake is false if it gives up.
func atLeastBy(mistake func(s *search) bool) atLeast {
	return func(b knownbits.Bits, x int64) (int64, bool) {
		least, ones := uint64(x)^sign, (b.Ones^sign)&^b.Unk
		got := ones | least&b.Unk
		if got == least {
			s := search{fits: true}
			if mistake(&s); s.fits {
				return x, true
			}
			got, least = got+1, got+2
		}
		s := search{first: 1 << max(bits.Len64(got^least)-1, 0), clear: b.Unk}
		if got&s.first == 0 {
			s.grow = b.Unk &^ got &^ (s.first<<1 - 1)
			s.bit = s.grow & -s.grow
			if !mistake(&s) || s.grow == 0 {
				return 0, false
			}
			s.first = s.bit
			got |= s.first
		} else {
			mistake(&s)
		}
		got &^= (s.first - 1) & s.clear
		return int64(got ^ sign), true
	}
}

func checkAtLeast(t exercise.TB, f atLeast) {
	const (
		fits    = "if x has the bits, it is x (if you turn the sign round, then in x and in the bits)"
		open    = "if x has the bits, it is x; a sign that is not known is none that could be turned round"
		above   = "if the leftmost difference is a 1 where x has a 0, the number is above x: all that is open to the right of it becomes 0"
		grow    = "if it is a 0 where x has a 1, the number is below x: the nearest open bit to the left that is 0 has to become 1"
		none    = "if there is no such bit, there is no such number"
		known   = "bits that are known stay as they are"
		below   = "negative numbers come first: what is not negative is above all of them"
		signed  = "negative numbers come first: a sign that is open is 1 as long as x is negative"
		between = "the least number that is not negative follows the greatest negative one"
	)
	for _, c := range []struct{ rule, b, x, want string }{
		{fits, "…0?1", "3", "3"},
		{open, "…?", "min", "min"},
		{fits, "…?", "max", "max"},
		{fits, "…010", "2", "2"},
		{above, "…0?1", "0", "1"},
		{above, "…01??", "1", "4"},
		{above, "…01??", "0", "4"},
		{above, "…0?1", "2", "3"},
		{above, "…0?1?", "5", "6"},
		{above, "…0????1??", "8", "12"},
		{grow, "…0?0?", "2", "4"},
		{grow, "…0?0?", "3", "4"},
		{grow, "…0??0?", "6", "8"},
		{grow, "…0??00?", "5", "8"},
		{known, "…0?01?01", "10", "13"},
		{known, "…0?01?1", "14", "21"},
		{none, "…0?1", "4", ""},
		{none, "…010", "3", ""},
		{none, "0?…?0", "max", ""},
		{none, "10…0", "min+1", ""},
		{below, "…01??", "-9", "4"},
		{signed, "?0…0", "min", "min"},
		{signed, "?0…01", "min", "min+1"},
		{signed, "1?…?", "-1", "-1"},
		{signed, "…10?", "-3", "-3"},
		{signed, "…10?", "-2", ""},
		{between, "?0…0", "min+1", "0"},
		{between, "?0…0??", "-1", "0"},
		{between, "?1…10", "-1", "max-1"},
	} {
		y, ok := f(pattern(c.b), number(c.x))
		want, exists := int64(0), c.want != ""
		if exists {
			want = number(c.want)
		}
		if !sameNumber(t, pattern(c.b), number(c.x), want, y, exists, ok, c.rule) {
			return
		}
	}
	checkAllAtLeast(t, f)
	checkUse(t, func(k *knownbits.Kit) { k.AtLeast = f }, tracetest.Case{
		Rule:   "a multiple of 8 that is above 0 is at least 8",
		Before: "[i0]; i1 = int_lshift(i0, 3); i2 = int_gt(i1, 0); guard_true(i2) []; i3 = int_ge(i1, 8); guard_true(i3) []; i4 = int_sub_ovf(i1, 8); guard_no_overflow() []; finish(i4)",
		After:  "[i0]; i1 = int_lshift(i0, 3); i2 = int_gt(i1, 0); guard_true(i2) []; i3 = int_add(i1, -8); finish(i3)",
	})
}

// sameNumber reports whether y, ok is want, exists; if not, it says so.
func sameNumber(t exercise.TB, b knownbits.Bits, x, want, y int64, exists, ok bool, rule string) bool {
	t.Helper()
	text := func(y int64, ok bool) string {
		if !ok {
			return "none"
		}
		return showNumber(y) + " (" + show(knownbits.BitsOf(y)) + ")"
	}
	if exists == ok && (want == y || !ok) {
		return true
	}
	why := ""
	switch {
	case !ok || !exists:
	case !b.Contains(y):
		why = ", which does not have the bits"
	case y < x:
		why = ", which is below x"
	case y > want:
		why = ", which is not the least"
	}
	t.Errorf("AtLeast(%s, %s) is %s%s, want %s\nrule: %s", show(b), text(x, true), text(y, ok), why, text(want, exists), rule)
	return false
}

// checkAllAtLeast asks f for all Bits of which 4 digits vary, at each end of a word,
// and for some in which more do, with all numbers near those that have the bits.
func checkAllAtLeast(t exercise.TB, f atLeast) {
	t.Helper()
	const rule = "no number that has the bits lies between x and the answer"
	r := rand.New(rand.NewPCG(4, 7))
	for _, b := range someBits(r) {
		list := members(b)
		for i, want := range list {
			for x := want; x > want-20; x-- {
				if y, ok := f(b, x); !sameNumber(t, b, x, want, y, true, ok, rule) {
					return
				}
				if x == math.MinInt64 || i > 0 && x-1 == list[i-1] {
					break
				}
			}
		}
		if last := list[len(list)-1]; last < math.MaxInt64 {
			for _, x := range []int64{last + 1, math.MaxInt64} {
				if y, ok := f(b, x); !sameNumber(t, b, x, 0, y, false, ok, rule) {
					return
				}
			}
		}
	}
}

func someBits(r *rand.Rand) (list []knownbits.Bits) {
	for ones := range uint64(16) {
		for unk := range uint64(16) {
			if ones&unk == 0 {
				low := knownbits.Bits{Ones: ones, Unk: unk}
				list = append(list, low,
					knownbits.Bits{Ones: ones | ^uint64(15), Unk: unk},
					knownbits.Bits{Ones: ones << 60, Unk: unk << 60},
					knownbits.Bits{Ones: ones, Unk: unk | sign})
			}
		}
	}
	for range 50 {
		b := knownbits.Bits{}
		for range 5 {
			b.Unk |= 1 << r.IntN(64)
		}
		b.Ones = (r.Uint64() & r.Uint64()) &^ b.Unk
		list = append(list, b)
	}
	return list
}
