package backend_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type (
	exitSaves = func(locs []backend.Loc) backend.RegSet
	exitWord  = func(loc backend.Loc, values []backend.Info, saved, slots []uint64) uint64
)

// place returns the Loc that a text stands for: R3, F2, [1] for slot 1, v7 for a constant.
func place(text string) backend.Loc {
	var l backend.Loc
	kinds := map[byte]backend.LocKind{'R': backend.InReg, 'F': backend.InFloat, '[': backend.InSlot, 'v': backend.IsConst}
	l.Kind = kinds[text[0]]
	if _, err := fmt.Sscanf(strings.TrimSuffix(text[1:], "]"), "%d", &l.N); err != nil {
		panic("a case has a place that is none: " + text)
	}
	return l
}

// placeText returns a text that place reads.
func placeText(l backend.Loc) string {
	switch l.Kind {
	case backend.InReg:
		return fmt.Sprintf("R%d", l.N)
	case backend.InFloat:
		return fmt.Sprintf("F%d", l.N)
	case backend.InSlot:
		return fmt.Sprintf("[%d]", l.N)
	case backend.IsConst:
		return fmt.Sprintf("v%d", l.N)
	}
	return "nowhere"
}

func places(list string) (locs []backend.Loc) {
	for _, text := range strings.Fields(list) {
		locs = append(locs, place(text))
	}
	return locs
}

func placesText(locs []backend.Loc) string {
	var list []string
	for _, l := range locs {
		list = append(list, placeText(l))
	}
	return "[" + strings.Join(list, " ") + "]"
}

// randomPlace returns a place of any kind.
func randomPlace(r *rand.Rand) backend.Loc {
	kinds := []backend.LocKind{backend.InReg, backend.InFloat, backend.InSlot, backend.IsConst}
	return backend.Loc{Kind: kinds[r.IntN(4)], N: r.Int32N(32)}
}

func TestExercise5_11_ExitSaves(t *testing.T) {
	solution := backendsolution.ExitSaves
	each := func(f func(set backend.RegSet, l backend.Loc) backend.RegSet) exitSaves {
		return func(locs []backend.Loc) (set backend.RegSet) {
			for _, l := range locs {
				set = f(set, l)
			}
			return set
		}
	}
	bitOf := func(l backend.Loc) backend.RegSet { return solution([]backend.Loc{l}) }
	exercise.Run(t, ex("5.11"), backend.Yours.ExitSaves, solution, checkExitSaves,
		exercise.Wrong("saves-slots", each(func(set backend.RegSet, l backend.Loc) backend.RegSet {
			if l.Kind == backend.InSlot {
				return set | 1<<l.N
			}
			return set | bitOf(l)
		})),
		exercise.Wrong("saves-constants", each(func(set backend.RegSet, l backend.Loc) backend.RegSet {
			if l.Kind == backend.IsConst {
				return set | 1<<l.N
			}
			return set | bitOf(l)
		})),
		exercise.Wrong("forgets-floats", each(func(set backend.RegSet, l backend.Loc) backend.RegSet { return set | bitOf(l)&0xFFFFFFFF })),
		exercise.Wrong("floats-are-integers", each(func(set backend.RegSet, l backend.Loc) backend.RegSet {
			return set | bitOf(l)&0xFFFFFFFF | bitOf(l)>>32
		})),
		exercise.Wrong("one-after-the-integers", each(func(set backend.RegSet, l backend.Loc) backend.RegSet {
			return set | bitOf(l)&0xFFFFFFFF | bitOf(l)>>32<<16
		})),
		exercise.Wrong("twice-is-not-at-all", each(func(set backend.RegSet, l backend.Loc) backend.RegSet { return set ^ bitOf(l) })),
		exercise.Wrong("the-last-one-only", each(func(set backend.RegSet, l backend.Loc) backend.RegSet { return bitOf(l) })),
		exercise.Wrong[exitSaves]("everything", func([]backend.Loc) backend.RegSet { return ^backend.RegSet(0) }),
	)
}

func checkExitSaves(t exercise.TB, f exitSaves) {
	const (
		registers = "what is in a register is lost when the code returns, unless the exit stores it: bit r for integer register r, bit 32+r for float register r"
		memory    = "slots are in the context already, and constants are known: nothing to store"
		once      = "a set has each register once, however many values are in it"
	)
	for _, c := range []struct{ locs, want, rule string }{
		{"", "", registers},
		{"R3", "R3", registers},
		{"R0 R15", "R0 R15", registers},
		{"F0", "F0", registers},
		{"F2 R2", "R2 F2", registers},
		{"F31 R31", "R31 F31", registers},
		{"[1]", "", memory},
		{"v7", "", memory},
		{"R3 [1] F2 v4", "R3 F2", memory},
		{"R3 R3", "R3", once},
		{"R3 [1] F2 R3 v0", "R3 F2", once},
	} {
		if !sameSet(t, places(c.locs), f, backendsolution.ExitSaves(places(c.want)), c.rule) {
			return
		}
	}
	r := rand.New(rand.NewPCG(5, 11))
	for range 500 {
		var locs []backend.Loc
		in := map[backend.Loc]bool{}
		for range r.IntN(9) {
			l := randomPlace(r)
			locs = append(locs, l)
			in[l] = true
		}
		var want backend.RegSet
		for n := range int32(32) {
			if in[backend.Loc{Kind: backend.InReg, N: n}] {
				want |= 1 << n
			}
			if in[backend.Loc{Kind: backend.InFloat, N: n}] {
				want |= 1 << n << 32
			}
		}
		if !sameSet(t, locs, f, want, registers) {
			return
		}
	}
	checkNative(t, with(func(k *backend.Kit) { k.ExitSaves = f }), "")
}

// sameSet compares the set that f returns with another one.
func sameSet(t exercise.TB, locs []backend.Loc, f exitSaves, want backend.RegSet, rule string) bool {
	t.Helper()
	got := f(locs)
	if got != want {
		t.Errorf("ExitSaves(%s) is %s, want %s\nrule: %s", placesText(locs), setText(got), setText(want), rule)
	}
	return got == want
}

// setText returns the registers of a set.
func setText(set backend.RegSet) string {
	if set == ^backend.RegSet(0) {
		return "all registers"
	}
	var list []string
	for n := range 64 {
		if set>>n&1 != 0 {
			list = append(list, fmt.Sprintf("%c%d", "RF"[n/32], n%32))
		}
	}
	return fmt.Sprintf("{%s} (%#x)", strings.Join(list, " "), uint64(set))
}

func TestExercise5_12_ExitWord(t *testing.T) {
	solution := backendsolution.ExitWord
	// at returns the solution that takes another place for those of a kind.
	at := func(kind backend.LocKind, other func(l backend.Loc) backend.Loc) exitWord {
		return func(l backend.Loc, values []backend.Info, saved, slots []uint64) uint64 {
			if l.Kind == kind {
				l = other(l)
			}
			return solution(l, values, saved, slots)
		}
	}
	exercise.Run(t, ex("5.12"), backend.Yours.ExitWord, solution, checkExitWord,
		exercise.Wrong("floats-where-integers-are", at(backend.InFloat, func(l backend.Loc) backend.Loc { return backend.Loc{Kind: backend.InReg, N: l.N} })),
		exercise.Wrong("floats-behind-16-integers", at(backend.InFloat, func(l backend.Loc) backend.Loc { return backend.Loc{Kind: backend.InFloat, N: l.N - 16} })),
		exercise.Wrong("integers-where-floats-are", at(backend.InReg, func(l backend.Loc) backend.Loc { return backend.Loc{Kind: backend.InFloat, N: l.N} })),
		exercise.Wrong("slots-where-registers-are", at(backend.InSlot, func(l backend.Loc) backend.Loc { return backend.Loc{Kind: backend.InReg, N: l.N % 32} })),
		exercise.Wrong("the-slot-behind", at(backend.InSlot, func(l backend.Loc) backend.Loc { return backend.Loc{Kind: backend.InSlot, N: l.N + 1} })),
		exercise.Wrong[exitWord]("the-number-of-the-constant", func(l backend.Loc, values []backend.Info, saved, slots []uint64) uint64 {
			if l.Kind == backend.IsConst {
				return uint64(l.N)
			}
			return solution(l, values, saved, slots)
		}),
		exercise.Wrong[exitWord]("no-constants", func(l backend.Loc, values []backend.Info, saved, slots []uint64) uint64 {
			if l.Kind == backend.IsConst {
				return 0
			}
			return solution(l, values, saved, slots)
		}),
	)
}

func checkExitWord(t exercise.TB, f exitWord) {
	const (
		registers = "the exit stored integer register r at saved[r], and float register r at saved[32+r]"
		slot      = "a spilled value is in its slot"
		constant  = "the N of a constant is its number, and its word is in values"
	)
	saved, slots, values := make([]uint64, 64), make([]uint64, 100), make([]backend.Info, 32)
	for i := range saved {
		saved[i] = 0x5a7ed_000 + uint64(i)
	}
	for i := range slots {
		slots[i] = 0x5107_000 + uint64(i)
	}
	for i := range values {
		values[i] = backend.Info{Const: true, Bits: 0xc0_0000 + uint64(i)}
	}
	for _, c := range []struct {
		loc  string
		want uint64
		rule string
	}{
		{"R3", saved[3], registers},
		{"R0", saved[0], registers},
		{"R25", saved[25], registers},
		{"F2", saved[34], registers},
		{"F0", saved[32], registers},
		{"F30", saved[62], registers},
		{"[1]", slots[1], slot},
		{"[0]", slots[0], slot},
		{"[99]", slots[99], slot},
		{"v7", values[7].Bits, constant},
		{"v0", values[0].Bits, constant},
	} {
		if got := f(place(c.loc), values, saved, slots); got != c.want {
			t.Errorf("ExitWord(%s, …) is %#x, want %#x\n(saved[n] is %#x+n, slots[n] is %#x+n, the Bits of vn are %#x+n)\nrule: %s",
				c.loc, got, c.want, saved[0], slots[0], values[0].Bits, c.rule)
			return
		}
	}
	checkNative(t, with(func(k *backend.Kit) { k.ExitWord = f }), "")
}
