package prove_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	irsolution "metatrace/solutions/01-ir"
)

func operation(code ir.Opcode) prove.Operation {
	return prove.Operation{Code: code, Eval: prove.Oracle(&irsolution.Kit), Width: 4}
}

type (
	known  = knownbits.Known
	ranges = knownbits.Range
	bits   = knownbits.Bits
)

// TestFindsTheSmallestExample gives functions with one mistake each to the proofs.
func TestFindsTheSmallestExample(t *testing.T) {
	any := func(a, b known) (known, bool) { return knownbits.Any, true }
	for _, tt := range []struct {
		name string
		got  *prove.Report
		want string
	}{
		{"forgets the carry", prove.Bits(operation(ir.IntAdd), func(a, b bits) bits {
			unk := a.Unk | b.Unk
			return bits{Ones: (a.Ones + b.Ones) &^ unk, Unk: unk}
		}), "int_add: a = ? (that is 0 or 1), b = 1 (that is 1): 1 + 1 = 2 is missing from the result 0?"},
		{"says both 1 and unknown", prove.Bits(operation(ir.IntInvert), func(a, _ bits) bits {
			return bits{Ones: ^a.Ones, Unk: a.Unk}
		}), "int_invert: a = ? (that is 0 or 1): the result has the bits 0x1 both in Ones and in Unk"},
		{"does not wrap", prove.Ranges(operation(ir.IntAdd), func(a, b ranges) (ranges, bool) {
			return ranges{Lo: a.Lo + b.Lo, Hi: a.Hi + b.Hi}, true
		}), "int_add of 1 bits: a = [-1, 0], b = [-1, -1]: -1 + -1 = 0 is missing from the result [0, -1]"},
		{"nothing is less", prove.Forward(operation(ir.IntLt), func(known, known) (known, bool) {
			return knownbits.Exactly(0), true
		}), "int_lt: a = -1, b = 0: int_lt(-1, 0) = 1 is missing from the result 0"},
		{"there is no sum", prove.Forward(operation(ir.IntAdd), func(known, known) (known, bool) {
			return known{}, false
		}), "int_add: a = -1, b = -1: -1 + -1 = -2; the answer is that there is no result"},
		{"never overflows", prove.Overflow(operation(ir.IntSubOvf), func(known, known) ir.Overflow {
			return ir.OverflowNever
		}), "int_sub_ovf of 1 bits: a = 0, b = -1: overflow always happens; the answer is that it never happens"},
		{"less or equal", prove.Backward(operation(ir.IntLe), func(a, b, result known) (known, known, bool) {
			if result == knownbits.Exactly(1) && a.Hi >= b.Lo {
				return a, b, false
			}
			return a, b, true
		}), "int_le: a = -1, b = -1, result = 1: int_le(-1, -1) = 1; the answer is that there are no such numbers"},
		{"learns too much", prove.Backward(operation(ir.IntIsTrue), func(a, _, result known) (known, known, bool) {
			if result == knownbits.Exactly(1) && a.Contains(1) {
				return knownbits.Exactly(1), knownbits.Any, true
			}
			return a, knownbits.Any, true
		}), "int_is_true: a = [-1, 1] ?1 (that is -1 or 1), result = 1: int_is_true(-1) = 1; -1 is missing from what is left of a, 1"},
		{"nothing in common", prove.Reduce(4, func(ranges, bits) (known, bool) { return known{}, false }),
			"[-1, -1] and ?1 (that is -1): -1 is in both; the answer is that nothing is"},
		{"the first of two", prove.Meet(4, func(a, b known) (known, bool) { return knownbits.Exactly(a.Lo), true }),
			"[-1, 0] ? (that is -1 or 0) and 0: 0 is in both and missing from the answer -1"},
		{"anything", prove.Forward(operation(ir.IntNeg), any), ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, tt.got.Lost)
			assert.Equal(t, tt.want == "", tt.got.Sound())
		})
	}
}

func TestSaysHowMuchTooLarge(t *testing.T) {
	less := prove.Operation{Code: ir.IntLt, Eval: prove.Oracle(&irsolution.Kit), Width: 1}
	r := prove.Forward(less, func(known, known) (known, bool) { return knownbits.Truth, true })
	assert.Equal(t, 18, r.Pairs, "three values of one bit, in two places")
	assert.Equal(t, 12, r.Loose, "6 of 9 are decided")
	assert.InDelta(t, 2, r.Factor(), 1e-9)
	assert.Equal(t, "67% are 2x", r.String())
	assert.Equal(t, "int_lt: a = -1, b = -1: all results are in 0; the answer is [0, 1] ?", r.Looser)
}
