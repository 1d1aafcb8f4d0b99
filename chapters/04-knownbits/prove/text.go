package prove

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// This file says how an example reads. Numbers at the top are written as the
// w-bit numbers that they are, and of bits only those that matter.

// given says which pair an example is about.
func (p *proof) given(s setup, a, b value) string {
	text := p.Code.String()
	if s.a.place.shift > 0 {
		text += fmt.Sprintf(" of %d bits", s.a.place.width)
	}
	text += ": a = " + s.a.describe(p.view, a)
	if !p.unary() {
		text += ", b = " + s.b.describe(p.view, b)
	}
	return text
}

// lost says which number is missing from an answer.
func (p *proof) lost(s setup, a, b value, got knownbits.Known, ok bool) string {
	given, out := p.given(s, a, b), s.out
	if ok && p.view != rangeOnly && got.Ones&got.Unk != 0 {
		return given + fmt.Sprintf(": the result has the bits %#x both in Ones and in Unk", got.Ones&got.Unk)
	}
	for _, x := range s.a.list(a.members) {
		for _, y := range s.b.list(b.members) {
			z, defined := p.eval(x, y)
			switch {
			case !defined:
			case !ok:
				return given + ": " + p.equation(s, x, y, z) + "; the answer is that there is no result"
			case p.view != rangeOnly && !got.Bits.Contains(z), p.view != bitsOnly && !got.Range.Contains(z):
				if out.shift == 0 {
					out.width = max(out.width, bits.Len64(uint64(max(z, ^z)))) // so that one sees it
				}
				return given + ": " + p.equation(s, x, y, z) + " is missing from the result " + out.text(p.view, got)
			}
		}
	}
	return given + ": the result " + s.out.text(p.view, got) + " has lost something"
}

var symbols = map[ir.Opcode]string{
	ir.IntAdd: "+", ir.IntSub: "-", ir.IntMul: "*", ir.IntAddOvf: "+", ir.IntSubOvf: "-", ir.IntMulOvf: "*",
	ir.IntAnd: "&", ir.IntOr: "|", ir.IntXor: "^", ir.IntLshift: "<<", ir.IntRshift: ">>",
}

// equation writes the operation on numbers: 3 + 1 = 0.
func (p *proof) equation(s setup, x, y, z int64) string {
	a, b, c := s.a.place.number(p.view, x), s.b.place.number(p.view, y), s.out.number(p.view, z)
	symbol := symbols[p.Code]
	switch {
	case p.unary():
		return fmt.Sprintf("%s(%s) = %s", p.Code, a, c)
	case symbol == "":
		return fmt.Sprintf("%s(%s, %s) = %s", p.Code, a, b, c)
	}
	return fmt.Sprintf("%s %s %s = %s", a, symbol, b, c)
}

// describe writes a value and its members.
func (s *space) describe(v view, x value) string {
	text := s.place.text(v, x.known)
	if v == both && x.count == 1 || v == rangeOnly {
		return text
	}
	const most = 6
	list := s.list(x.members)
	var names []string
	for _, n := range list[:min(most, len(list))] {
		names = append(names, s.place.number(v, n))
	}
	last := names[len(names)-1]
	switch {
	case len(list) > most:
		text += " (that is " + strings.Join(names, ", ") + ", ...)"
	case len(list) == 1:
		text += " (that is " + last + ")"
	default:
		text += " (that is " + strings.Join(names[:len(names)-1], ", ") + " or " + last + ")"
	}
	return text
}

// number writes a number that stands at p. One that does not, because a result
// went elsewhere, is written as it is.
func (p place) number(v view, x int64) string {
	if uint64(x)&(1<<p.shift-1) != 0 {
		return strconv.FormatInt(x, 10)
	}
	if x >>= p.shift; v == bitsOnly && p.shift > 0 {
		x &= 1<<p.width - 1 // bits have no sign
	}
	return strconv.FormatInt(x, 10)
}

// text writes a value that stands at p.
func (p place) text(v view, k knownbits.Known) string {
	lo, hi := p.number(v, k.Lo), p.number(v, k.Hi)
	digits := p.digits(k.Bits)
	switch {
	case v == bitsOnly:
		return digits
	case v == both && k.Lo == k.Hi:
		return lo
	case v == rangeOnly:
		return "[" + lo + ", " + hi + "]"
	}
	return "[" + lo + ", " + hi + "] " + digits
}

// digits writes the width bits of b that stand at p, the most significant first.
// Where the others say more than zeros or copies of the sign, it writes them, too.
func (p place) digits(b knownbits.Bits) string {
	shift := int(p.shift)
	if (b.Ones|b.Unk)&(1<<shift-1) != 0 {
		shift = 0
	}
	var text []byte
	for i := 63; i >= shift; i-- {
		text = append(text, "0?1"[b.Unk>>i&1+b.Ones>>i&1*2])
	}
	for len(text) > p.width && text[0] == text[1] {
		text = text[1:]
	}
	if len(text) > p.width && text[0] == '0' {
		text = text[1:]
	}
	return string(text)
}
