package backend_test

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
	"testing"

	"golang.org/x/arch/arm64/arm64asm"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type logicalImm = func(x uint64) (n, immr, imms uint32, ok bool)

func TestExercise5_6_LogicalImm(t *testing.T) {
	solution := backendsolution.LogicalImm
	// edit returns the solution with other fields.
	edit := func(f func(x uint64, n, immr, imms *uint32)) logicalImm {
		return func(x uint64) (n, immr, imms uint32, ok bool) {
			if n, immr, imms, ok = solution(x); ok {
				f(x, &n, &immr, &imms)
			}
			return n, immr, imms, ok
		}
	}
	// also returns the solution that takes one more constant.
	also := func(y uint64, n, immr, imms uint32) logicalImm {
		return func(x uint64) (uint32, uint32, uint32, bool) {
			if x == y {
				return n, immr, imms, true
			}
			return solution(x)
		}
	}
	exercise.Run(t, ex("5.6"), backend.Yours.LogicalImm, solution, checkLogicalImm,
		exercise.Wrong("forgets-to-rotate", edit(func(_ uint64, _, immr, _ *uint32) { *immr = 0 })),
		exercise.Wrong("rotates-to-the-left", edit(func(x uint64, n, immr, imms *uint32) { *immr = -*immr & (elementSize(*n, *imms) - 1) })),
		exercise.Wrong("takes-all-ones", also(^uint64(0), 1, 0, 63)),
		exercise.Wrong("takes-all-zeros", also(0, 1, 0, 0)),
		exercise.Wrong[logicalImm]("elements-of-64-bits-only", func(x uint64) (n, immr, imms uint32, ok bool) {
			if n, immr, imms, ok = solution(x); n == 0 {
				return 0, 0, 0, false
			}
			return n, immr, imms, ok
		}),
		exercise.Wrong("imms-is-the-length", edit(func(_ uint64, _, _, imms *uint32) { *imms++ })),
		exercise.Wrong("n-is-always-1", edit(func(_ uint64, n, _, _ *uint32) { *n = 1 })),
		exercise.Wrong("the-size-is-not-inverted", edit(func(_ uint64, n, _, imms *uint32) {
			size := elementSize(*n, *imms)
			*imms = *imms&(size-1) | size&63
		})),
		exercise.Wrong[logicalImm]("no-run-around-the-end", func(x uint64) (n, immr, imms uint32, ok bool) {
			if x>>63 == 1 && x&1 == 1 {
				return 0, 0, 0, false
			}
			return solution(x)
		}),
		exercise.Wrong[logicalImm]("two-runs-are-one", func(x uint64) (n, immr, imms uint32, ok bool) {
			if n, immr, imms, ok = solution(x); ok || x == 0 || ^x == 0 {
				return n, immr, imms, ok
			}
			return 1, uint32(-bits.TrailingZeros64(x) & 63), uint32(bits.OnesCount64(x) - 1), true
		}),
		exercise.Wrong[logicalImm]("only-the-first-element-counts", func(x uint64) (n, immr, imms uint32, ok bool) {
			if n, immr, imms, ok = solution(x); ok {
				return n, immr, imms, ok
			}
			return solution(x&0xFFFFFFFF | x<<32)
		}),
		exercise.Wrong[logicalImm]("fields-of-what-is-none", func(x uint64) (n, immr, imms uint32, ok bool) {
			if n, immr, imms, ok = solution(x); !ok {
				return 1, 0, 5, false
			}
			return n, immr, imms, ok
		}),
	)
}

// elementSize returns the size of the element that fields stand for.
func elementSize(n, imms uint32) uint32 {
	return 1 << (bits.Len32(n<<6|^imms&63) - 1)
}

func checkLogicalImm(t exercise.TB, f logicalImm) {
	const (
		none   = "the 64 bits have to be elements that are all the same, each a single run of ones with zeros around it, rotated; all zeros and all ones are none"
		run    = "imms ends in the length of the run minus 1"
		rotate = "immr is by how much the run has to be rotated to the right, when it stands at the right end of its element"
		size   = "of the sizes that fit the smallest counts: 64 is n = 1, and the others are in imms"
	)
	for _, c := range []struct {
		x             uint64
		n, immr, imms uint32
		rule          string
	}{
		{0x1, 1, 0, 0, run},
		{0xff, 1, 0, 7, run},
		{0x7fffffffffffffff, 1, 0, 62, run},
		{0x0ff0, 1, 60, 7, rotate},
		{0x8000000000000000, 1, 1, 0, rotate},
		{0xfffffffffffffffe, 1, 63, 62, rotate},
		{0xf00000000000000f, 1, 4, 7, rotate + "; a run may go around the end"},
		{0x0000000100000001, 0, 0, 0, size},
		{0xff00ff00ff00ff00, 0, 8, 0b100111, size},
		{0x0101010101010101, 0, 0, 0b110000, size},
		{0x3333333333333333, 0, 0, 0b111001, size},
		{0x5555555555555555, 0, 0, 0b111100, size},
		{0xaaaaaaaaaaaaaaaa, 0, 1, 0b111100, size},
		{0x9999999999999999, 0, 1, 0b111001, rotate + "; a run may go around the end of each element"},
		{0, 0, 0, 0, none},
		{^uint64(0), 0, 0, 0, none},
		{5, 0, 0, 0, none},
		{0xff00ff, 0, 0, 0, none},
		{0x00ff00ff00ff01ff, 0, 0, 0, none},
		{0x00000001_00000002, 0, 0, 0, none},
		{0x1234567812345678, 0, 0, 0, none},
	} {
		exercise.ComesBack(t, func() string { return fmt.Sprintf("LogicalImm(%#016x)", c.x) }, func() { f(c.x) })
		if !sameImm(t, c.x, f, c.n, c.immr, c.imms, c.rule != none, c.rule) {
			return
		}
	}
	all := map[uint64]bool{}
	for _, size := range []int{2, 4, 8, 16, 32, 64} {
		for ones := 1; ones < size; ones++ {
			for right := range size {
				checkRun(t, f, all, size, ones, right)
				if t.Failed() {
					return
				}
			}
		}
	}
	checkOthers(t, f, all, none)
	checkNative(t, with(func(k *backend.Kit) { k.LogicalImm = f }), "arm64")
}

// checkOthers asks for constants that are none of all.
func checkOthers(t exercise.TB, f logicalImm, all map[uint64]bool, rule string) {
	t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	for range few(20_000) {
		x := random.Uint64()
		for range random.IntN(4) { // or one bit away from such a constant
			x = bits.RotateLeft64(x&random.Uint64(), 1)
		}
		if random.IntN(2) == 0 {
			x = bits.RotateLeft64(1<<(1+random.IntN(63))-1, random.IntN(64)) ^ 1<<random.IntN(64)
		}
		if !all[x] && !sameImm(t, x, f, 0, 0, 0, false, rule) {
			return
		}
	}
}

// checkRun makes a constant out of a run of ones, and asks for it. all has those that
// were made.
func checkRun(t exercise.TB, f logicalImm, all map[uint64]bool, size, ones, right int) {
	t.Helper()
	x := uint64(0)
	for i := range 64 {
		if (i+right)%size < ones {
			x |= 1 << i
		}
	}
	all[x] = true
	n, imms := uint32(size/64), uint32(ones-1)
	if size < 64 {
		imms |= uint32(63 &^ (2*size - 1)) // 11110x for 2, 1110xx for 4 and so on
	}
	rule := fmt.Sprintf("this is an element of %d bits with %d ones, rotated to the right by %d", size, ones, right)
	if sameImm(t, x, f, n, uint32(right), imms, true, rule) {
		checkDecoded(t, x, n, uint32(right), imms)
	}
}

// checkDecoded holds the test itself to what the decoder says: AND X1, X2, #x.
func checkDecoded(t exercise.TB, x uint64, n, immr, imms uint32) {
	word := 0x92000000 | n<<22 | immr<<16 | imms<<10 | 2<<5 | 1
	inst, err := arm64asm.Decode(binary.LittleEndian.AppendUint32(nil, word))
	if err != nil || inst.Args[2] == nil || inst.Args[2].String() != fmt.Sprintf("#%#x", x) {
		t.Errorf("the decoder reads %08x as %v, %v, want the constant %#x", word, inst, err, x)
	}
}

// sameImm compares what f says of x, and reports whether it is right.
func sameImm(t exercise.TB, x uint64, f logicalImm, n, immr, imms uint32, ok bool, rule string) bool {
	t.Helper()
	show := func(n, immr, imms uint32, ok bool) string {
		if !ok && n|immr|imms == 0 {
			return "not ok"
		}
		return fmt.Sprintf("n = %d, immr = %d, imms = %06b, %s", n, immr, imms, oneOf(ok, "ok", "not ok"))
	}
	gotN, gotR, gotS, gotOK := f(x)
	if gotN == n && gotR == immr && gotS == imms && gotOK == ok {
		return true
	}
	t.Errorf("LogicalImm(%#016x) is %s\nwant %s\n%064b\nrule: %s", x, show(gotN, gotR, gotS, gotOK), show(n, immr, imms, ok), x, rule)
	return false
}
