package backend_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type (
	intJump    = func(cond backend.Cond) amd64.CC
	floatJumps = func(cond backend.Cond, not bool) backend.Jumps
)

func TestExercise5_4_IntJump(t *testing.T) {
	solution := backendsolution.IntJump
	// except returns the solution with other answers for some conditions.
	except := func(other map[backend.Cond]amd64.CC) intJump {
		return func(cond backend.Cond) amd64.CC {
			if cc, ok := other[cond]; ok {
				return cc
			}
			return solution(cond)
		}
	}
	exercise.Run(t, ex("5.4"), backend.Yours.IntJump, solution, checkIntJump,
		exercise.Wrong[intJump]("leaves-if-it-holds", func(cond backend.Cond) amd64.CC { return solution(cond).Opposite() }),
		exercise.Wrong[intJump]("not-less-is-greater", except(map[backend.Cond]amd64.CC{
			backend.Less: amd64.G, backend.Greater: amd64.L, backend.LessEqual: amd64.GE, backend.GreaterEqual: amd64.LE,
		})),
		exercise.Wrong[intJump]("below-has-a-sign", except(map[backend.Cond]amd64.CC{backend.Below: amd64.GE, backend.BelowEqual: amd64.G})),
		exercise.Wrong[intJump]("above-has-a-sign", except(map[backend.Cond]amd64.CC{backend.Above: amd64.LE, backend.AboveEqual: amd64.L})),
		exercise.Wrong[intJump]("less-has-no-sign", except(map[backend.Cond]amd64.CC{backend.Less: amd64.AE})),
		exercise.Wrong[intJump]("less-by-the-sign-of-the-difference", except(map[backend.Cond]amd64.CC{backend.Less: amd64.NS})),
		exercise.Wrong[intJump]("any-bit-and-no-bit-exchanged", except(map[backend.Cond]amd64.CC{backend.AnyBit: amd64.NE, backend.NoBit: amd64.E})),
		exercise.Wrong[intJump]("the-number-of-the-condition", func(cond backend.Cond) amd64.CC { return amd64.CC(cond).Opposite() }),
	)
}

// condGoNames are what the code calls the conditions.
var condGoNames = [...]string{
	backend.Equal: "Equal", backend.NotEqual: "NotEqual", backend.Less: "Less", backend.LessEqual: "LessEqual",
	backend.Greater: "Greater", backend.GreaterEqual: "GreaterEqual", backend.Below: "Below", backend.BelowEqual: "BelowEqual",
	backend.Above: "Above", backend.AboveEqual: "AboveEqual", backend.AnyBit: "AnyBit", backend.NoBit: "NoBit",
}

// jumpWords are integers at which comparisons change their mind.
var jumpWords = []uint64{0, 1, 2, 6, 1<<63 - 1, 1 << 63, 1<<63 + 1, ^uint64(0), ^uint64(1)}

func checkIntJump(t exercise.TB, f intJump) {
	const rule = "the jump leaves if the condition does not hold, and only then"
	for cond := backend.Equal; cond <= backend.NoBit; cond++ {
		cc := f(cond)
		if cc > amd64.G {
			t.Errorf("IntJump(%s) is %d, want one of the 16 conditions of package amd64", condGoNames[cond], cc)
			continue
		}
		if text := misjumps(cond, cc); text != "" {
			t.Errorf("IntJump(%s) is amd64.%v: %s\nrule: %s", condGoNames[cond], cc, text, rule)
		}
	}
	checkNative(t, with(func(k *backend.Kit) { k.IntJump = f }), "amd64")
}

// misjumps looks for two integers for which cc is the wrong jump, and says so.
func misjumps(cond backend.Cond, cc amd64.CC) string {
	flags, compare := x86CmpFlags, "CMP"
	if cond >= backend.AnyBit {
		flags, compare = x86TestFlags, "TEST"
	}
	for _, a := range jumpWords {
		for _, b := range jumpWords {
			holds, leaves := condHolds(cond, a, b), x86Taken(cc, flags(a, b))
			if holds != leaves {
				continue
			}
			x, y := strconv.FormatInt(int64(a), 10), strconv.FormatInt(int64(b), 10)
			if cond >= backend.Below {
				x, y = fmt.Sprintf("%#x", a), fmt.Sprintf("%#x", b)
			}
			return fmt.Sprintf("for a = %s and b = %s the guard %s, but after %s a, b the jump J%v %s",
				x, y, oneOf(holds, "holds", "does not hold"), compare, cc, oneOf(leaves, "leaves", "stays"))
		}
	}
	return ""
}

func oneOf(yes bool, a, b string) string {
	if yes {
		return a
	}
	return b
}

func TestExercise5_5_FloatJumps(t *testing.T) {
	solution := backendsolution.FloatJumps
	edit := func(f func(j *backend.Jumps, cond backend.Cond, not bool)) floatJumps {
		return func(cond backend.Cond, not bool) backend.Jumps {
			j := solution(cond, not)
			f(&j, cond, not)
			return j
		}
	}
	exercise.Run(t, ex("5.5"), backend.Yours.FloatJumps, solution, checkFloatJumps,
		exercise.Wrong("forgets-nan", edit(func(j *backend.Jumps, _ backend.Cond, _ bool) { j.NaN = backend.NaNNothing })),
		exercise.Wrong("exchanges-leaves-and-stays", edit(func(j *backend.Jumps, _ backend.Cond, _ bool) {
			j.NaN = [...]backend.NaNJump{backend.NaNNothing, backend.NaNStays, backend.NaNLeaves}[j.NaN]
		})),
		exercise.Wrong("nan-always-leaves", edit(func(j *backend.Jumps, _ backend.Cond, _ bool) { j.NaN = backend.NaNLeaves })),
		exercise.Wrong[floatJumps]("not-is-the-opposite-condition", func(cond backend.Cond, not bool) backend.Jumps {
			if not { // but !(a < b) is not a >= b
				return solution(cond^1, false)
			}
			return solution(cond, false)
		}),
		exercise.Wrong[floatJumps]("ignores-not", func(cond backend.Cond, _ bool) backend.Jumps { return solution(cond, false) }),
		exercise.Wrong("less-without-exchange", edit(func(j *backend.Jumps, cond backend.Cond, not bool) {
			if !j.Swap {
				return
			}
			j.Swap = false
			j.Leave = map[amd64.CC]amd64.CC{amd64.BE: amd64.AE, amd64.B: amd64.A, amd64.A: amd64.B, amd64.AE: amd64.BE}[j.Leave]
		})),
		exercise.Wrong("forgets-to-exchange", edit(func(j *backend.Jumps, _ backend.Cond, _ bool) { j.Swap = false })),
		exercise.Wrong("exchanges-always", edit(func(j *backend.Jumps, cond backend.Cond, _ bool) {
			j.Swap = true
		})),
		exercise.Wrong("compares-with-a-sign", edit(func(j *backend.Jumps, _ backend.Cond, _ bool) {
			signed := map[amd64.CC]amd64.CC{amd64.A: amd64.G, amd64.AE: amd64.GE, amd64.B: amd64.L, amd64.BE: amd64.LE}
			if cc, ok := signed[j.Leave]; ok {
				j.Leave = cc
			}
		})),
		exercise.Wrong("jumps-for-nan-where-one-jump-is-enough", edit(func(j *backend.Jumps, cond backend.Cond, not bool) {
			if cond >= backend.Less && !not {
				j.NaN = backend.NaNLeaves
			}
		})),
		exercise.Wrong("parity-alone-for-equal", edit(func(j *backend.Jumps, cond backend.Cond, not bool) {
			if cond == backend.Equal && not {
				j.Leave = amd64.NP
			}
		})),
	)
}

// jumpFloats are floats that compare in different ways.
var jumpFloats = []float64{1, 2, 0, math.Copysign(0, -1), -1, math.Inf(1), math.Inf(-1), math.NaN()}

func checkFloatJumps(t exercise.TB, f floatJumps) {
	const (
		rule   = "NaN is equal to nothing, not less and not greater: of the conditions only NotEqual holds for it"
		swap   = "the operands are exchanged for Less and LessEqual, and only for these"
		enough = "the four that order need one jump: A and AE hold for no NaN"
	)
	for cond := backend.Equal; cond <= backend.GreaterEqual; cond++ {
		for _, not := range []bool{false, true} {
			j := f(cond, not)
			call := fmt.Sprintf("FloatJumps(%s, %v) is %s", condGoNames[cond], not, jumpsText(j))
			if j.Leave > amd64.G || j.NaN > backend.NaNStays {
				t.Errorf("%s, want one of the 16 conditions, and one of the three NaNJumps", call)
				continue
			}
			less := cond == backend.Less || cond == backend.LessEqual
			switch text := misjumpsFloat(cond, not, j); {
			case text != "":
				t.Errorf("%s: %s\nrule: %s", call, text, rule)
			case j.Swap != less:
				t.Errorf("%s: it leaves when it should, but\nrule: %s", call, swap)
			case cond >= backend.Less && j.NaN != backend.NaNNothing:
				t.Errorf("%s: it leaves when it should, but\nrule: %s", call, enough)
			}
		}
	}
	checkNative(t, with(func(k *backend.Kit) { k.FloatJumps = f }), "amd64")
}

// jumpsText returns j as it would be written.
func jumpsText(j backend.Jumps) string {
	text := fmt.Sprintf("Leave: amd64.%v", j.Leave)
	if j.Swap {
		text = "Swap: true, " + text
	}
	if j.NaN <= backend.NaNStays {
		text += ", NaN: " + [...]string{"NaNNothing", "NaNLeaves", "NaNStays"}[j.NaN]
	}
	return "{" + text + "}"
}

// misjumpsFloat looks for two floats for which j is wrong, and says so.
func misjumpsFloat(cond backend.Cond, not bool, j backend.Jumps) string {
	for _, a := range jumpFloats {
		for _, b := range jumpFloats {
			holds := floatsHold(cond, a, b)
			leaves := x86FloatLeaves(j, a, b)
			if leaves == (holds == not) {
				continue
			}
			return fmt.Sprintf("for a = %v and b = %v, %s %s, and the trace has to %s, but it %s", a, b, condGoNames[cond],
				oneOf(holds, "holds", "does not hold"), oneOf(leaves, "go on", "be left"), oneOf(leaves, "is left", "goes on"))
		}
	}
	return ""
}

// x86Flags are the flags of amd64 that comparisons set.
type x86Flags struct{ zf, pf, cf, sf, of bool }

func x86CmpFlags(a, b uint64) x86Flags {
	d := a - b
	return x86Flags{zf: d == 0, cf: a < b, sf: int64(d) < 0, of: int64((a^b)&(a^d)) < 0}
}

func x86TestFlags(a, b uint64) x86Flags { return x86Flags{zf: a&b == 0, sf: int64(a&b) < 0} }

func x86UcomisdFlags(x, y float64) x86Flags {
	nan := math.IsNaN(x) || math.IsNaN(y)
	return x86Flags{zf: nan || x == y, pf: nan, cf: nan || x < y}
}

// x86Taken reports whether a jump is taken.
func x86Taken(cc amd64.CC, f x86Flags) bool {
	less := f.sf != f.of
	return [...]bool{f.of, !f.of, f.cf, !f.cf, f.zf, !f.zf, f.cf || f.zf, !f.cf && !f.zf,
		f.sf, !f.sf, f.pf, !f.pf, less, !less, f.zf || less, !f.zf && !less}[cc]
}

// x86FloatLeaves does what Jumps says.
func x86FloatLeaves(j backend.Jumps, x, y float64) bool {
	if j.Swap {
		x, y = y, x
	}
	switch f := x86UcomisdFlags(x, y); {
	case j.NaN == backend.NaNStays && f.pf:
		return false
	case j.NaN == backend.NaNLeaves && f.pf:
		return true
	default:
		return x86Taken(j.Leave, f)
	}
}
