package knownbits_test

import (
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
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

// A bitsCase is what a function of Bits is asked, and what it shall answer.
type bitsCase struct{ rule, a, b, want string }

// checkBits asks f each case until one is wrong. call is how f is called, up to the
// first argument; where b is "", there is no second.
func checkBits(t exercise.TB, call string, f bitsOfTwo, cases []bitsCase) {
	t.Helper()
	for _, c := range cases {
		args := c.a
		if c.b != "" {
			args += ", " + c.b
		}
		if !same(t, call+args+")", pattern(c.want), f(pattern(c.a), pattern(c.b)), c.rule) {
			return
		}
	}
}

// same reports whether got is want; if not, it says what that means.
func same(t exercise.TB, call string, want, got knownbits.Bits, rule string) bool {
	t.Helper()
	switch both := got.Ones & got.Unk; {
	case both != 0:
		t.Errorf("%s has bit %d both in Ones and in Unk, so these are no Bits; want %s\nrule: %s",
			call, bits.TrailingZeros64(both), show(want), rule)
	case got != want:
		t.Errorf("%s is %s, want %s: %s\nrule: %s", call, show(got), show(want), misjudged(want, got), rule)
	}
	return got == want
}

// misjudged says what is wrong with got, where want is the best possible.
func misjudged(want, got knownbits.Bits) string {
	tooMuch := got.Ones&^want.Ones | got.Zeros()&^want.Zeros()
	if tooMuch == 0 {
		return "that is sound, but it knows too little"
	}
	n := bits.TrailingZeros64(tooMuch)
	return fmt.Sprintf("that is unsound, bit %d, counted from 0 at the right, need not be %d", n, got.Ones>>n&1)
}
