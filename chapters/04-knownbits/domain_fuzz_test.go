package knownbits_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	irsolution "metatrace/solutions/01-ir"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// The proofs are of small numbers. These tests look at 64 bits, near the edges.

// edges are the numbers at which functions on integers go wrong.
var edges = func() []int64 {
	list := []int64{0, 1, -1, 2, -2, 3, 7, 8, 10, 255, -128, math.MaxInt32, math.MinInt32, math.MinInt64, math.MaxInt64}
	for _, bit := range []int{7, 8, 31, 32, 62} {
		power := int64(1) << bit
		list = append(list, power-1, power, power+1, -power-1, -power, 1-power)
	}
	return append(list, math.MinInt64+1, math.MaxInt64-1, 0x5555555555555555, -0x5555555555555556)
}()

var domainOps = slices.Concat(arithmetic, comparisons, checked)

// A guess is an abstract value around the number x, as the fuzzer makes them: a
// range that begins down below it and ends up above it, and bits of which those in
// unk are not known.
type guess struct {
	x        int64
	down, up uint64
	unk      uint64
}

// known returns the value; it contains x.
func (g guess) known(t *testing.T, kit *knownbits.Kit) knownbits.Known {
	r := knownbits.AnyRange
	if lo := g.x - int64(g.down&math.MaxInt64); lo <= g.x {
		r.Lo = lo
	}
	if hi := g.x + int64(g.up&math.MaxInt64); hi >= g.x {
		r.Hi = hi
	}
	k, ok := kit.Reduce(r, knownbits.Bits{Ones: uint64(g.x) &^ g.unk, Unk: g.unk})
	require.True(t, ok, "%v is in %v and has the bits", g.x, r)
	require.True(t, k.Contains(g.x), "%v is lost in %v", g.x, k)
	return k
}

// members returns some of the numbers of k: x, the ends, and others.
func (g guess) members(k knownbits.Known, r *rand.Rand) []int64 {
	list := []int64{g.x, k.Lo, k.Hi}
	for range 8 {
		var y int64
		switch r.IntN(3) {
		case 0: // the bits are right
			y = int64(k.Ones | k.Unk&r.Uint64())
		case 1: // all but the low bits are those of an end
			low := uint64(1)<<r.IntN(64) - 1
			y = int64(uint64(list[1+r.IntN(2)])&^low | (k.Ones|k.Unk&r.Uint64())&low)
		case 2:
			y = g.x ^ int64(k.Unk&(1<<r.IntN(64)))
		}
		if k.Contains(y) {
			list = append(list, y)
		}
	}
	return list
}

// reduced fails if k says less than its range and bits together say, or if one of
// the two is impossible.
func reduced(t *testing.T, kit *knownbits.Kit, k knownbits.Known) {
	t.Helper()
	again, ok := kit.Reduce(k.Range, k.Bits)
	require.True(t, ok && again == k && k.Ones&k.Unk == 0, "%v is not reduced: %v", k, again)
}

// arguments makes b a count of the operation where it has one.
func arguments(code ir.Opcode, a, b guess) (guess, guess) {
	switch code {
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		return a, guess{b.x & 63, b.down & 63, b.up & 63, b.unk & 63}
	case ir.IntSignext:
		return a, guess{1 + b.x&7, 0, 0, 0}
	}
	return a, b
}

// addEdges adds seeds: all pairs of edges, each with another operation and with
// other things known.
func addEdges(add func(op byte, a, b guess)) {
	r := rand.New(rand.NewPCG(4, 4))
	some := func() uint64 { // mostly few bits, or many
		return r.Uint64() >> r.IntN(65) & (r.Uint64() | r.Uint64()>>1)
	}
	op := byte(0)
	for _, x := range edges {
		for _, y := range edges {
			op++
			add(op, guess{x, some(), some(), some()}, guess{y, some(), some(), some()})
		}
	}
}

// FuzzForward looks for results that are lost, and for answers that are not reduced.
func FuzzForward(f *testing.F) {
	addEdges(func(op byte, a, b guess) {
		f.Add(op, a.x, a.down, a.up, a.unk, b.x, b.down, b.up, b.unk)
	})
	eval := prove.Oracle(&irsolution.Kit)
	f.Fuzz(func(t *testing.T, op byte, ax int64, aDown, aUp, aUnk uint64, bx int64, bDown, bUp, bUnk uint64) {
		kit := &knownbitssolution.Kit
		code := domainOps[int(op)%len(domainOps)]
		ga, gb := arguments(code, guess{ax, aDown, aUp, aUnk}, guess{bx, bDown, bUp, bUnk})
		a, b := ga.known(t, kit), gb.known(t, kit)
		forward := kit.Forward(code, a, b)
		reduced(t, kit, forward)
		fits, some, overflow := knownbits.Known{}, false, ir.OverflowUnknown
		if code.Has(ir.Checked) {
			fits, some = kit.NoOverflow(code, a, b)
			if overflow = kit.Overflow(code, a, b); some {
				reduced(t, kit, fits)
			}
		}
		r := rand.New(rand.NewPCG(aUnk, bUnk))
		for _, x := range ga.members(a, r) {
			for _, y := range gb.members(b, r) {
				z, ok := eval(code, uint64(x), uint64(y))
				if !ok && !code.Has(ir.Checked) {
					continue
				}
				if code.Has(ir.Checked) {
					contradicts := map[bool]ir.Overflow{true: ir.OverflowAlways, false: ir.OverflowNever}[ok]
					require.NotEqual(t, contradicts, overflow, "%s(%d, %d), of %v and %v", code, x, y, a, b)
					require.True(t, !ok || some && fits.Contains(int64(z)), "%s(%d, %d) = %d is not in %v: %v and %v", code, x, y, int64(z), fits, a, b)
				}
				if ok {
					require.True(t, forward.Contains(int64(z)), "%s(%d, %d) = %d is not in %v: %v and %v", code, x, y, int64(z), forward, a, b)
				}
			}
		}
	})
}

// FuzzBackward looks for arguments that are lost, although they give the result.
func FuzzBackward(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 5))
	addEdges(func(op byte, a, b guess) {
		f.Add(op, a.x, a.down, a.up, a.unk, b.x, b.down, b.up, b.unk, r.Uint64()>>r.IntN(64), r.Uint64()>>r.IntN(64), r.Uint64()>>r.IntN(64))
	})
	eval := prove.Oracle(&irsolution.Kit)
	f.Fuzz(func(t *testing.T, op byte, ax int64, aDown, aUp, aUnk uint64, bx int64, bDown, bUp, bUnk, down, up, unk uint64) {
		kit := &knownbitssolution.Kit
		code := domainOps[int(op)%len(domainOps)]
		ga, gb := arguments(code, guess{ax, aDown, aUp, aUnk}, guess{bx, bDown, bUp, bUnk})
		a, b := ga.known(t, kit), gb.known(t, kit)
		z, ok := eval(code, uint64(ga.x), uint64(gb.x))
		if !ok || code == ir.UintMulHigh {
			return
		}
		result := guess{int64(z), down, up, unk}.known(t, kit)
		if len(code.Info().Args) == 1 {
			b = knownbits.Any
		}
		a2, b2, ok := kit.Backward(code, a, b, result)
		require.True(t, ok, "%s(%d, %d) = %d is in %v: %v and %v", code, ga.x, gb.x, int64(z), result, a, b)
		reduced(t, kit, a2)
		reduced(t, kit, b2)
		r := rand.New(rand.NewPCG(aUnk, bUnk))
		for _, x := range ga.members(a, r) {
			for _, y := range gb.members(b, r) {
				if z, ok := eval(code, uint64(x), uint64(y)); ok && result.Contains(int64(z)) {
					require.True(t, a2.Contains(x) && b2.Contains(y), "%s(%d, %d) = %d is in %v, but of %v and %v only %v and %v are left",
						code, x, y, int64(z), result, a, b, a2, b2)
				}
			}
		}
	})
}
