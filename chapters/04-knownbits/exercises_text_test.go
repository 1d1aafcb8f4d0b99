package knownbits_test

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// This file says how the cases of the exercises are written, and what is said of an
// answer that is wrong.

// pattern returns the Bits that a text stands for, the most significant first: 0, 1,
// and ? for what is not known. … stands for more of the digit behind it, to make
// it 64: …01? is 2 or 3, ?0…0 is 0 or the least number. Without it, zeros come first.
func pattern(text string) (b knownbits.Bits) {
	front, back, long := strings.Cut(text, "…")
	if !long {
		front, back = "", strings.Repeat("0", max(0, 64-len(text)))+text
	}
	missing := 64 - len(front) - len(back)
	if missing < 0 {
		panic("a case has more than 64 bits: " + text)
	}
	for _, digit := range front + strings.Repeat(back[:1], missing) + back {
		b = knownbits.Bits{Ones: b.Ones << 1, Unk: b.Unk << 1}
		switch digit {
		case '1':
			b.Ones |= 1
		case '?':
			b.Unk |= 1
		case '0':
		default:
			panic("a case has a digit that is none: " + text)
		}
	}
	return b
}

// digits returns all 64 digits of b.
func digits(b knownbits.Bits) string {
	text := make([]byte, 64)
	for i := range text {
		text[i] = "01??"[b.Ones>>(63-i)&1|b.Unk>>(63-i)&1<<1]
	}
	return string(text)
}

// show returns b as a text that pattern reads: the longest run of equal digits is
// written once.
func show(b knownbits.Bits) string {
	text := digits(b)
	from, to := 0, 0
	for i := 0; i < len(text); {
		end := len(text) - len(strings.TrimLeft(text[i:], text[i:i+1]))
		if end-i > to-from {
			from, to = i, end
		}
		i = end
	}
	if to-from < 4 {
		return text
	}
	return text[:from] + "…" + text[to-1:]
}

// interval returns the range that a text stands for: "[0, 9]", where min and max
// stand for the least and the greatest number, and max-1 for the one below.
func interval(text string) knownbits.Range {
	lo, hi, _ := strings.Cut(strings.Trim(text, "[]"), ", ")
	return knownbits.Range{Lo: number(lo), Hi: number(hi)}
}

// number returns the number that a text stands for.
func number(text string) int64 {
	base := int64(0)
	switch {
	case strings.HasPrefix(text, "min"):
		base, text = math.MinInt64, text[3:]
	case strings.HasPrefix(text, "max"):
		base, text = math.MaxInt64, text[3:]
	}
	if text == "" {
		return base
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		panic("a case has a number that is none: " + text)
	}
	return base + n
}

// showNumber returns x as a text that number reads.
func showNumber(x int64) string {
	const near = 100
	up, down := uint64(x)-1<<63, 1<<63-1-uint64(x) // how far it is from both ends
	switch {
	case up == 0:
		return "min"
	case down == 0:
		return "max"
	case up < near:
		return fmt.Sprintf("min+%d", up)
	case down < near:
		return fmt.Sprintf("max-%d", down)
	}
	return strconv.FormatInt(x, 10)
}

// showRange returns r as a text that interval reads.
func showRange(r knownbits.Range) string {
	return "[" + showNumber(r.Lo) + ", " + showNumber(r.Hi) + "]"
}

// An example names numbers that are possible and that got, an answer that is wrong,
// leaves out. It is "" if there are none.
type example func(got knownbits.Bits) string

// same reports whether got is want; if not, it says what that means. lost may be nil.
func same(t exercise.TB, call string, want, got knownbits.Bits, rule string, lost example) bool {
	t.Helper()
	switch both := got.Ones & got.Unk; {
	case both != 0:
		t.Errorf("%s has bit %d both in Ones and in Unk, so these are no Bits; want %s\nrule: %s",
			call, bits.TrailingZeros64(both), show(want), rule)
	case got != want:
		t.Errorf("%s is %s, want %s: %s\nrule: %s", call, show(got), show(want), misjudged(want, got, lost), rule)
	}
	return got == want
}

// misjudged says what is wrong with got, where want is the best possible.
func misjudged(want, got knownbits.Bits, lost example) string {
	tooMuch := got.Ones&^want.Ones | got.Zeros()&^want.Zeros()
	if tooMuch == 0 {
		return "that is sound, but it knows too little"
	}
	if lost != nil {
		if text := lost(got); text != "" {
			return "that is unsound, it leaves out that " + text
		}
	}
	n := bits.TrailingZeros64(tooMuch)
	return fmt.Sprintf("that is unsound, bit %d, counted from 0 at the right, need not be %d", n, got.Ones>>n&1)
}

// lostBy looks for its example among the numbers with the bits a and b, of which an
// operation makes another: the least and the greatest, and the least with one more
// bit. These are enough for operations that go bit by bit, with a carry or without.
func lostBy(code ir.Opcode, a, b knownbits.Bits) example {
	eval := prove.Oracle(&irsolution.Kit)
	return func(got knownbits.Bits) string {
		for _, x := range candidates(a) {
			for _, y := range candidates(b) {
				z, _ := eval(code, x, y)
				if got.Contains(int64(z)) {
					continue
				}
				args := showNumber(int64(x))
				if len(code.Info().Args) > 1 {
					args += ", " + showNumber(int64(y))
				}
				return fmt.Sprintf("%s(%s) is %s (%s)", code, args, showNumber(int64(z)), show(knownbits.BitsOf(int64(z))))
			}
		}
		return ""
	}
}

// candidates returns some numbers that have the bits b.
func candidates(b knownbits.Bits) []uint64 {
	list := []uint64{b.Ones, b.May()}
	for rest := b.Unk; rest != 0; rest &= rest - 1 {
		list = append(list, b.Ones|rest&-rest)
	}
	return list
}

// lostIn looks for its example among the ends of a range, and the two numbers in it
// between which the leftmost bit changes that differs at all.
func lostIn(r knownbits.Range) example {
	return func(got knownbits.Bits) string {
		step := r.Hi
		if r.Lo != r.Hi {
			step = r.Hi &^ (1<<(bits.Len64(uint64(r.Lo^r.Hi))-1) - 1)
		}
		for _, x := range []int64{r.Lo, r.Hi, step, step - 1} {
			if r.Contains(x) && !got.Contains(x) {
				return fmt.Sprintf("%s (%s) lies in the range", showNumber(x), show(knownbits.BitsOf(x)))
			}
		}
		return ""
	}
}
