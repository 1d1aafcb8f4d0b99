package knownbits_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/internal/exercise"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

type (
	findUnsound    = func([]knownbits.Suspect) (knownbits.Counterexample, bool)
	suspect        = knownbits.Suspect
	counterexample = knownbits.Counterexample
)

func TestExercise4_12_FindUnsound(t *testing.T) {
	exercise.Run(t, ex("4.12"), knownbits.Yours.FindUnsound, knownbitssolution.FindUnsound, checkFindUnsound,
		exercise.Wrong[findUnsound]("none-is", func([]suspect) (counterexample, bool) { return counterexample{}, false }),
		exercise.Wrong[findUnsound]("a-name-without-a-proof", func(list []suspect) (counterexample, bool) {
			c, ok := knownbitssolution.FindUnsound(list)
			return counterexample{Name: c.Name}, ok
		}),
		exercise.Wrong[findUnsound]("always-the-third", func([]suspect) (counterexample, bool) {
			return knownbitssolution.FindUnsound(knownbits.Suspects)
		}),
		exercise.Wrong("tries-one-bit", searching(2, nil, nil)),
		exercise.Wrong("tries-two-bits", searching(4, nil, nil)),
		exercise.Wrong("tries-constants-only", searching(8, func(a, b knownbits.Bits) bool { return a.Unk|b.Unk == 0 }, nil)),
		exercise.Wrong("tries-the-same-bits-twice", searching(8, func(a, b knownbits.Bits) bool { return a == b }, nil)),
		exercise.Wrong[findUnsound]("numbers-without-the-bits", func(list []suspect) (counterexample, bool) {
			for _, s := range list {
				for n := range uint64(64) {
					a := knownbits.Bits{Ones: n % 8}
					if x := n / 8; !s.Bits(a, a).Contains(int64(s.Concrete(x, x))) {
						return counterexample{Name: s.Name, A: a, B: a, X: x, Y: x}, true
					}
				}
			}
			return counterexample{}, false
		}),
		exercise.Wrong("looks-at-three-bits-of-the-result", searching(8, nil, func(s suspect, a, b knownbits.Bits, x, y uint64) bool {
			result := s.Bits(a, b)
			return !knownbits.Bits{Ones: result.Ones & 7, Unk: result.Unk & 7}.Contains(int64(s.Concrete(x, y) & 7))
		})),
		exercise.Wrong("blames-who-says-too-little", searching(8, nil, func(s suspect, a, b knownbits.Bits, _, _ uint64) bool {
			all, some := ^uint64(0), uint64(0)
			for _, x := range members(a) {
				for _, y := range members(b) {
					z := s.Concrete(uint64(x), uint64(y))
					all, some = all&z, some|z
				}
			}
			return s.Bits(a, b) != knownbits.Bits{Ones: all, Unk: some &^ all}
		})),
		exercise.Wrong[findUnsound]("the-last-one", func(list []suspect) (counterexample, bool) {
			turned := slices.Clone(list)
			slices.Reverse(turned)
			return knownbitssolution.FindUnsound(turned)
		}),
	)
}

// searching returns FindUnsound that tries numbers below size, those Bits that try
// allows, and asks lost whether x and y are an example; nil: as it should be.
func searching(size uint64, try func(a, b knownbits.Bits) bool, lost func(s suspect, a, b knownbits.Bits, x, y uint64) bool) findUnsound {
	if lost == nil {
		lost = func(s suspect, a, b knownbits.Bits, x, y uint64) bool {
			return !s.Bits(a, b).Contains(int64(s.Concrete(x, y)))
		}
	}
	return func(list []suspect) (counterexample, bool) {
		for _, s := range list {
			for n := range size * size * size * size {
				a := knownbits.Bits{Ones: n % size, Unk: n / size % size}
				b := knownbits.Bits{Ones: n / size / size % size, Unk: n / size / size / size}
				if a.Ones&a.Unk|b.Ones&b.Unk != 0 || try != nil && !try(a, b) {
					continue
				}
				for _, x := range members(a) {
					for _, y := range members(b) {
						if lost(s, a, b, uint64(x), uint64(y)) {
							return counterexample{s.Name, a, b, uint64(x), uint64(y)}, true
						}
					}
				}
			}
		}
		return counterexample{}, false
	}
}

// The suspects of these tests, besides the given ones.
var (
	sum = func(x, y uint64) uint64 { return x + y }

	addsRight  = suspect{"x + y", sum, knownbitssolution.AddBits}
	saysLittle = suspect{"x + y, knowing nothing", sum, func(a, b knownbits.Bits) knownbits.Bits { return knownbits.AnyBits }}
	addsAsOr   = suspect{"x + y as x | y", sum, func(a, b knownbits.Bits) knownbits.Bits {
		ones := a.Ones | b.Ones
		return knownbits.Bits{Ones: ones, Unk: (a.Unk | b.Unk) &^ ones}
	}}
	// addsTheFirstTwice is right if both have the same bits.
	addsTheFirstTwice = suspect{"x + y as x + x", sum, func(a, _ knownbits.Bits) knownbits.Bits { return knownbitssolution.AddBits(a, a) }}
	// forgetsTheLastCarry is wrong only where the sum has four bits.
	forgetsTheLastCarry = suspect{"x + y in three bits", sum, func(a, b knownbits.Bits) knownbits.Bits {
		s := knownbitssolution.AddBits(a, b)
		return knownbits.Bits{Ones: s.Ones & 7, Unk: s.Unk & 7}
	}}
	// wrongOfSeven is wrong only where 7 is one number of several, but not of all.
	wrongOfSeven = suspect{"x, but 0 for 7", func(x, _ uint64) uint64 {
		if x == 7 {
			return 0
		}
		return x
	}, func(a, _ knownbits.Bits) knownbits.Bits {
		if a == (knownbits.Bits{Ones: 7}) {
			return knownbits.Bits{}
		}
		return a
	}}
	// losesWhatBothMayBe is right if only one of the arguments is not known.
	losesWhatBothMayBe = suspect{"x ^ y, unknown where one is", func(x, y uint64) uint64 { return x ^ y },
		func(a, b knownbits.Bits) knownbits.Bits {
			unk := a.Unk ^ b.Unk
			return knownbits.Bits{Ones: (a.Ones ^ b.Ones) &^ unk, Unk: unk}
		}}
)

func checkFindUnsound(t exercise.TB, f findUnsound) {
	sound := slices.DeleteFunc(slices.Clone(knownbits.Suspects), func(s suspect) bool { return s.Name == "x without its lowest one" })
	reversed := slices.Clone(knownbits.Suspects)
	slices.Reverse(reversed)
	for _, c := range []struct {
		rule     string
		suspects []suspect
		want     string // "": none is unsound
	}{
		{"one of the five loses a number", knownbits.Suspects, "x without its lowest one"},
		{"it is the same one in another order", reversed, "x without its lowest one"},
		{"the others are sound", sound, ""},
		{"without suspects none is unsound", nil, ""},
		{"who says too little is not unsound", []suspect{saysLittle, addsRight}, ""},
		{"the numbers in the example have the bits in the example: of a sum that is right there is no counterexample", []suspect{addsRight}, ""},
		{"constants may give a counterexample", []suspect{addsRight, addsAsOr}, addsAsOr.Name},
		{"the bits of x and of y may differ", []suspect{addsTheFirstTwice}, addsTheFirstTwice.Name},
		{"a mistake may show in three bits only: try them all", []suspect{wrongOfSeven}, wrongOfSeven.Name},
		{"the result may have more bits than x and y: all of them count", []suspect{forgetsTheLastCarry}, forgetsTheLastCarry.Name},
		{"both arguments may be unknown", append(slices.Clone(sound), losesWhatBothMayBe), losesWhatBothMayBe.Name},
		{"if more than one is unsound, it is the first", []suspect{saysLittle, losesWhatBothMayBe, addsAsOr}, losesWhatBothMayBe.Name},
	} {
		got, ok := f(c.suspects)
		if complaint := judgeExample(c.suspects, c.want, got, ok); complaint != "" {
			t.Errorf("of these suspects:\n    %s\n%s\nrule: %s", names(c.suspects), complaint, c.rule)
			return
		}
	}
}

// names lists the suspects, one a line.
func names(suspects []suspect) string {
	var list []string
	for _, s := range suspects {
		list = append(list, s.Name)
	}
	return strings.Join(list, "\n    ")
}

// judgeExample says what is wrong with an answer; "" if nothing is. want is the name
// of the one that is unsound, "" if all are sound.
func judgeExample(suspects []suspect, want string, got counterexample, ok bool) string {
	switch {
	case !ok && want == "":
		return ""
	case !ok:
		return fmt.Sprintf("FindUnsound finds none that is unsound, want %q", want)
	}
	given := fmt.Sprintf("FindUnsound says: %q loses a number for the bits %s and %s, with %d and %d", got.Name, show(got.A), show(got.B), got.X, got.Y)
	i := slices.IndexFunc(suspects, func(s suspect) bool { return s.Name == got.Name })
	if i < 0 {
		return given + "; there is no such suspect"
	}
	s := suspects[i]
	result, z := s.Bits(got.A, got.B), s.Concrete(got.X, got.Y)
	switch {
	case got.A.Ones&got.A.Unk|got.B.Ones&got.B.Unk != 0:
		return given + "; these are no Bits, some are both in Ones and in Unk"
	case !got.A.Contains(int64(got.X)):
		return given + fmt.Sprintf("; but %d does not have the bits %s", got.X, show(got.A))
	case !got.B.Contains(int64(got.Y)):
		return given + fmt.Sprintf("; but %d does not have the bits %s", got.Y, show(got.B))
	case result.Contains(int64(z)):
		return given + fmt.Sprintf("; but the result is %d, and %s, what it says, contains that", int64(z), show(result))
	case got.A.May()|got.B.May() > 7:
		return given + "; three bits are enough"
	case got.Name != want:
		return given + fmt.Sprintf("; that is so, but %q stands before it", want)
	}
	return ""
}
