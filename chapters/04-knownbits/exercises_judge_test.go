package knownbits_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// This file has the checks of the exercises that try everything: on small numbers
// with package prove, and at 64 bits by comparison with longhand, which does it a
// digit at a time.

// tried is the operation on the numbers that the exercises try: of up to 4 bits, in
// all places of a word that matter.
func tried(code ir.Opcode) prove.Operation {
	op := prove.Operation{Code: code, Eval: prove.Oracle(&irsolution.Kit), Width: 4}
	if testing.Short() {
		op.Width = 3
	}
	return op
}

// checkReport fails the test if r says that a number was lost, or that more could
// be known. It says which: only the first makes wrong programs.
func checkReport(t exercise.TB, r *prove.Report) {
	t.Helper()
	switch {
	case !r.Sound():
		t.Errorf("unsound, a number is lost: %s\nrule: each result that is possible has to stay possible", r.Lost)
	case !r.Best():
		t.Errorf("sound, but it knows too little: %s\nrule: what the answer leaves open has to be open", r.Looser)
	}
}

// longhand does an operation as it is done by hand: from the right, a digit at a
// time, with each digit and each carry that is possible there. So it finds all that
// is possible, and nothing else. It is slow: a loop over the bits.
func longhand(a, b knownbits.Bits, step func(x, y, carry int) (digit, next int)) (result knownbits.Bits) {
	carries := []int{0}
	for i := range 64 {
		var possible [2]bool
		var next []int
		for _, x := range choices(a, i) {
			for _, y := range choices(b, i) {
				for _, carry := range carries {
					digit, c := step(x, y, carry)
					possible[digit] = true
					if !slices.Contains(next, c) {
						next = append(next, c)
					}
				}
			}
		}
		switch {
		case possible[0] && possible[1]:
			result.Unk |= 1 << i
		case possible[1]:
			result.Ones |= 1 << i
		}
		carries = next
	}
	return result
}

// choices returns what bit i of b may be.
func choices(b knownbits.Bits, i int) []int {
	switch {
	case b.Unk>>i&1 != 0:
		return []int{0, 1}
	case b.Ones>>i&1 != 0:
		return []int{1}
	}
	return []int{0}
}

// steps are the operations that longhand can do.
var steps = map[ir.Opcode]func(x, y, carry int) (digit, next int){
	ir.IntAnd:    func(x, y, _ int) (int, int) { return x & y, 0 },
	ir.IntOr:     func(x, y, _ int) (int, int) { return x | y, 0 },
	ir.IntXor:    func(x, y, _ int) (int, int) { return x ^ y, 0 },
	ir.IntInvert: func(x, _, _ int) (int, int) { return 1 - x, 0 },
	ir.IntAdd:    func(x, y, carry int) (int, int) { return (x + y + carry) & 1, (x + y + carry) >> 1 },
	ir.IntSub:    func(x, y, borrow int) (int, int) { return (x - y - borrow) & 1, (x - y - borrow) >> 1 & 1 },
}

// checkLonghand compares f with longhand, on Bits of 64 bits with long runs of equal
// digits: carries go a long way.
func checkLonghand(t exercise.TB, call string, code ir.Opcode, f bitsOfTwo) {
	t.Helper()
	r := rand.New(rand.NewPCG(4, uint64(code)))
	for range 1000 {
		a, b := runs(r), runs(r)
		want := longhand(a, b, steps[code])
		if !same(t, fmt.Sprintf(call, show(a), show(b)), want, f(a, b), "at 64 bits it goes as it does at 4", lostBy(code, a, b)) {
			return
		}
	}
}

// A bitsCase is what a function of Bits is asked, and what it shall answer.
type bitsCase struct{ rule, a, b, want string }

// checkOperation asks f, which answers for the operation code, the cases; if it is
// right so far, all small numbers; and then some of 64 bits. call is the format in
// which a call of f is written.
func checkOperation(t exercise.TB, call string, code ir.Opcode, f bitsOfTwo, cases []bitsCase) {
	t.Helper()
	for _, c := range cases {
		a, b := pattern(c.a), pattern(c.b)
		if !same(t, fmt.Sprintf(call, c.a, c.b), pattern(c.want), f(a, b), c.rule, lostBy(code, a, b)) {
			return
		}
	}
	checkReport(t, prove.Bits(tried(code), f))
	checkLonghand(t, call, code, f)
}

// runs returns Bits made of runs of equal digits.
func runs(r *rand.Rand) (b knownbits.Bits) {
	for done := 0; done < 64; {
		n := 1 + r.IntN(1+r.IntN(30))
		b = knownbits.Bits{Ones: b.Ones << n, Unk: b.Unk << n}
		switch r.IntN(3) {
		case 0:
			b.Ones |= 1<<n - 1
		case 1:
			b.Unk |= 1<<n - 1
		}
		done += n
	}
	return b
}

// members returns the numbers that have the bits b, the least first. Not many of
// them may be unknown.
func members(b knownbits.Bits) (list []int64) {
	for sub := b.Unk; ; sub = (sub - 1) & b.Unk {
		list = append(list, int64(b.Ones|sub))
		if sub == 0 {
			break
		}
	}
	slices.Sort(list)
	return list
}

// checkUse optimizes cases with f in the solution's place, to show what it is good
// for, and compares random traces before and after. It tries nothing if t has
// failed already: that tells more.
func checkUse(t exercise.TB, edit func(*knownbits.Kit), cases ...tracetest.Case) {
	t.Helper()
	if t.Failed() {
		return
	}
	kit, n := with(edit), 60
	if testing.Short() {
		n = 20
	}
	checkCases(t, kit, cases...)
	if !t.Failed() {
		straight.CheckGenerated(t, chainOf(t, kit), n)
	}
	if !t.Failed() {
		loops.CheckGenerated(t, chainOf(t, kit), n)
	}
}
