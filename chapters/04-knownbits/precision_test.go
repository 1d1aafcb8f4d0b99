package knownbits_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	ir "metatrace/chapters/01-ir"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	irsolution "metatrace/solutions/01-ir"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// The operations that are proved, in the order of the table.
var (
	arithmetic = []ir.Opcode{
		ir.IntAdd, ir.IntSub, ir.IntMul, ir.UintMulHigh, ir.IntNeg,
		ir.IntAnd, ir.IntOr, ir.IntXor, ir.IntInvert,
		ir.IntLshift, ir.IntRshift, ir.UintRshift, ir.IntSignext, ir.IntForceGeZero,
	}
	comparisons = []ir.Opcode{
		ir.IntLt, ir.IntLe, ir.IntGt, ir.IntGe, ir.IntEq, ir.IntNe,
		ir.UintLt, ir.UintLe, ir.UintGt, ir.UintGe, ir.IntIsTrue, ir.IntIsZero,
	}
	checked = []ir.Opcode{ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf}
)

// best are the lines of the table that are the best possible, as the text of the
// chapter says: no smaller value would do. bestBits are those for bits alone.
var (
	best = []string{
		"int_invert", "int_force_ge_zero",
		"int_lt", "int_le", "int_gt", "int_ge", "int_eq", "int_ne",
		"uint_lt", "uint_le", "uint_gt", "uint_ge", "int_is_true", "int_is_zero",
		"int_add_ovf overflows", "int_sub_ovf overflows",
		"range and bits", "intersection", "int_invert backward",
		"int_lt backward", "int_le backward", "int_gt backward", "int_ge backward",
		"uint_lt backward", "uint_le backward", "uint_gt backward", "uint_ge backward",
	}
	bestBits = []string{
		"int_add", "int_sub", "int_and", "int_or", "int_xor", "int_invert",
		"int_lshift", "int_rshift", "uint_rshift",
	}
)

// A proof is a line of the table: what is tried, and when it has been, what was
// found for bits alone and for bits and range together.
type proof struct {
	name       string
	bits, both func() *prove.Report
}

// The proofs take longer than all other tests of the chapter, so two tests share
// them.
var proofs = sync.OnceValue(func() []proof { return allProofs(&knownbitssolution.Kit) })

// width is that of the largest numbers that are tried. Five bits take about a minute.
func width() int {
	switch {
	case testing.Short():
		return 3
	case os.Getenv("METATRACE_PROOFS") == "all":
		return 5
	}
	return 4
}

func operation(code ir.Opcode) prove.Operation {
	return prove.Operation{Code: code, Eval: prove.Oracle(&irsolution.Kit), Width: width()}
}

func allProofs(k *knownbits.Kit) []proof {
	var list []proof
	add := func(name string, both func() *prove.Report) {
		list = append(list, proof{name, bitsAlone(k, name), sync.OnceValue(both)})
	}
	for _, code := range slices.Concat(arithmetic, comparisons) {
		add(code.String(), func() *prove.Report {
			return prove.Forward(operation(code), func(a, b knownbits.Known) (knownbits.Known, bool) {
				return k.Forward(code, a, b), true
			})
		})
	}
	for _, code := range checked {
		add(code.String()+" fits", func() *prove.Report {
			return prove.Forward(operation(code), func(a, b knownbits.Known) (knownbits.Known, bool) {
				return k.NoOverflow(code, a, b)
			})
		})
		add(code.String()+" overflows", func() *prove.Report {
			return prove.Overflow(operation(code), func(a, b knownbits.Known) ir.Overflow {
				return k.Overflow(code, a, b)
			})
		})
	}
	add("range and bits", func() *prove.Report { return prove.Reduce(width(), k.Reduce) })
	add("intersection", func() *prove.Report { return prove.Meet(width(), k.Meet) })
	for _, code := range slices.Concat(arithmetic, checked, comparisons) {
		if code == ir.UintMulHigh {
			continue // nothing is learned from its result
		}
		add(code.String()+" backward", func() *prove.Report {
			op := operation(code)
			if testing.Short() && !slices.Contains(comparisons, code) {
				op.Width = 2 // three values of three bits are millions
			}
			return prove.Backward(op, func(a, b, result knownbits.Known) (knownbits.Known, knownbits.Known, bool) {
				return k.Backward(code, a, b, result)
			})
		})
	}
	return list
}

// bitsAlone tries the function that looks at the bits only; nil if there is none.
func bitsAlone(k *knownbits.Kit, name string) func() *prove.Report {
	code := ir.Lookup(name)
	var f func(a, b knownbits.Bits) knownbits.Bits
	switch code {
	case ir.IntAdd:
		f = k.AddBits
	case ir.IntSub:
		f = k.SubBits
	case ir.IntMul:
		f = func(a, b knownbits.Bits) knownbits.Bits {
			return k.Forward(code, knownbits.Known{Range: knownbits.AnyRange, Bits: a}, knownbits.Known{Range: knownbits.AnyRange, Bits: b}).Bits
		}
	case ir.IntInvert:
		f = func(a, _ knownbits.Bits) knownbits.Bits { return k.InvertBits(a) }
	case ir.IntAnd, ir.IntOr, ir.IntXor:
		f = func(a, b knownbits.Bits) knownbits.Bits { return k.LogicBits(code, a, b) }
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		f = func(a, n knownbits.Bits) knownbits.Bits { return k.ShiftBits(code, a, uint(n.Ones)) }
	default:
		return nil
	}
	return sync.OnceValue(func() *prove.Report { return prove.Bits(operation(code), f) })
}

// TestSound proves that no number is lost, forward and backward: all abstract
// values of 1 bit to 4 or 5 (see width), with all numbers that they allow.
func TestSound(t *testing.T) {
	for _, p := range proofs() {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			prove.Sound(t, p.both())
			if p.bits != nil {
				prove.Sound(t, p.bits())
			}
		})
	}
}

// TestPrecision prints how good the answers are, and holds the chapter to what it
// says of them:
//
//	go test -run TestPrecision -v ./chapters/04-knownbits
//
// "yes" is best possible; else, of how many pairs the answer is not, and how many
// times as many numbers it allows as it should.
func TestPrecision(t *testing.T) {
	t.Run("prove", func(t *testing.T) {
		for _, p := range proofs() {
			t.Run(p.name, func(t *testing.T) {
				t.Parallel()
				p.both()
			})
		}
	})
	var b strings.Builder
	row := func(name string, pairs, sound, bits, both any) {
		fmt.Fprintf(&b, "%-28s %10v  %-6v %-18v %v\n", name, pairs, sound, bits, both)
	}
	row("operation", "pairs", "sound", "best: bits alone", "bits and range")
	for _, p := range proofs() {
		both := p.both()
		pairs, sound, bits := both.Pairs, both.Sound(), ""
		if p.bits != nil {
			alone := p.bits()
			pairs, sound, bits = pairs+alone.Pairs, sound && alone.Sound(), alone.String()
			assert.Equal(t, slices.Contains(bestBits, p.name), alone.Best(), "%s, bits alone: %s", p.name, alone.Looser)
		}
		if slices.Contains(best, p.name) {
			prove.Best(t, both)
		}
		row(p.name, pairs, map[bool]string{true: "yes", false: "NO"}[sound], bits, both)
	}
	t.Log("\n" + b.String())
}
