package prove

import (
	"sync"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
)

// An Operation is what a function on abstract values has to stand for.
type Operation struct {
	Code ir.Opcode
	// Eval says what the operation does to numbers. Where it is not defined, as a
	// checked operation that overflows, nothing is asked of the function.
	Eval ir.PureFunc
	// Width is that of the largest numbers to try, 1 to 5.
	Width int
}

// Oracle returns what all integer operations do to numbers, the checked ones with
// the others: they are defined where they do not overflow.
func Oracle(kit *ir.Kit) ir.PureFunc {
	return func(code ir.Opcode, a, b uint64) (uint64, bool) {
		if code.Has(ir.Checked) {
			result, overflow := kit.EvalChecked(code, int64(a), int64(b))
			return uint64(result), !overflow
		}
		return kit.EvalPure(code, a, b)
	}
}

// unary reports whether the operation has one argument. The count of bytes of
// int_signext is a second one.
func (op Operation) unary() bool { return len(op.Code.Info().Args) == 1 }

// A setup is a choice of places: both arguments, and where results are shown.
type setup struct {
	a, b *space
	out  place
}

// oneOf returns the space of single numbers.
func oneOf(numbers ...int64) *space {
	s := noValues(both, plain(2), numbers)
	for i := range numbers {
		s.add(1 << i)
	}
	return s
}

// noArgument is the second argument of an operation that has one.
var noArgument = &space{place: plain(1), numbers: []int64{0}, values: []value{{knownbits.Any, 1, 1}}}

// counts are the counts of a shift: all values of small ones, and some others,
// among them such as allow a count that no shift has.
func counts(w int) *space {
	s := noValues(both, plain(6), plain(6).numbers())
	for _, v := range spaceOf(both, plain(min(w, 3))).values {
		s.add(v.members)
	}
	for _, set := range []uint64{1 << 63, 3 << 62, 1<<63 | 1, 1 << (64 - w), 1<<32 | 1<<33} {
		if set > 0xff {
			s.add(set)
		}
	}
	s.values = append(s.values, value{knownbits.Any, ^uint64(0), 64})
	to70 := nothing
	for x := range int64(11) {
		to70 = to70.with(60 + x)
	}
	s.values = append(s.values, value{to70.known(), 0xf << 60, 4})
	s.sort()
	return s
}

type spaceKey struct {
	view  view
	place place
}

var spaces sync.Map // of spaceKey to *space, because they take longer to make than a small proof

func spaceOf(v view, p place) *space {
	if s, ok := spaces.Load(spaceKey{v, p}); ok {
		return s.(*space)
	}
	s, _ := spaces.LoadOrStore(spaceKey{v, p}, newSpace(v, p))
	return s.(*space)
}

// setups returns the places at which numbers of w bits show what an operation
// does. Those with few surprises come first: they give the clearest examples. The
// largest numbers are tried at the top only, where they do most.
func (op Operation) setups(v view, w int) []setup {
	low, high := low(w), top(w)
	if v == bitsOnly {
		low = plain(w)
	}
	at := func(a, b, out place) setup { return setup{spaceOf(v, a), spaceOf(v, b), out} }
	var list []setup
	switch op.Code {
	case ir.IntLt, ir.IntLe, ir.IntGt, ir.IntGe, ir.IntEq, ir.IntNe,
		ir.UintLt, ir.UintLe, ir.UintGt, ir.UintGe, ir.IntIsTrue, ir.IntIsZero:
		list = []setup{at(low, low, plain(1)), at(high, high, plain(1))}
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		n := counts(w)
		if v == bitsOnly {
			n = oneOf(plain(6).numbers()...)
		}
		return []setup{{spaceOf(v, low), n, low}, {spaceOf(v, high), n, high}}
	case ir.IntSignext:
		for n := range int64(8) {
			p := around(w, uint(min(8*n+8-2, int64(64-w)))) // the cut goes through it
			list = append(list, setup{spaceOf(v, p), oneOf(n + 1), p})
		}
		return list
	case ir.UintMulHigh:
		list = []setup{at(low, low, low), at(high, low, low), at(high, high, high)}
	case ir.IntMul, ir.IntMulOvf:
		list = []setup{at(low, low, low), at(low, high, high), at(high, low, high)}
	default:
		list = []setup{at(low, low, low), at(high, high, high)}
		if w < largest {
			list = append(list, at(last(w), low, low), at(first(w), low, low), at(low, last(w), low))
		}
	}
	if w == largest {
		list = list[len(list)-1:]
	}
	if op.unary() {
		for i := range list {
			list[i].b = noArgument
		}
	}
	return list
}

// largest is the width of numbers of which there are so many pairs that one place
// has to do.
const largest = 5
