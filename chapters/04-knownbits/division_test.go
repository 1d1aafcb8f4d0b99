package knownbits_test

import (
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	knownbits "metatrace/chapters/04-knownbits"
	"metatrace/chapters/04-knownbits/prove"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// A divider is a function that traces call to divide.
type divider struct{ remainder bool }

// Remainder implements ir.Divider.
func (d divider) Remainder() bool { return d.remainder }

// division has cases that call int_div and int_mod. The evaluator does not know
// what these do, so behaviour is not compared.
var division = tracetest.Suite{
	Declarations: declarations + `
call int_div args=ii result=i effect=elidable
call int_mod args=ii result=i effect=elidable
call mix args=ii result=i effect=elidable
`,
	Short: []string{"int_div(", "call_i(ConstClass(int_div), ", ", DIV)", ", descr=int_div)",
		"int_mod(", "call_i(ConstClass(int_mod), ", ", MOD)", ", descr=int_mod)"},
	Kit:   &irsolution.Kit,
	Agree: func(before, after *ir.Trace) error { return nil },
	Kind: &tracetest.Kind{Optimize: func(chain ir.Chain, t *ir.Trace) (*ir.Trace, error) {
		for _, op := range t.Ops {
			if op.Code != ir.CallI {
				continue
			}
			switch f := op.Args[0].Name; f.Name {
			case "int_div":
				f.Func = divider{}
			case "int_mod":
				f.Func = divider{remainder: true}
			}
		}
		return chain.Optimize(t)
	}},
}

func checkDivision(t exercise.TB, kit *knownbits.Kit, cases ...tracetest.Case) {
	t.Helper()
	division.Check(t, chainOf(t, kit), cases...)
}

func TestDivision(t *testing.T) {
	const small = "[p0]; i1 = getfield_gc_i(p0, descr=NODE.small); "
	checkRules(t, checkDivision, []rule{
		{"a number that is not negative is divided by a power of two by shifting", []change{
			{small + "i2 = int_div(i1, 8, DIV); finish(i2)", small + "i2 = uint_rshift(i1, 3); finish(i2)"},
			{small + "i2 = int_div(i1, 7, DIV); finish(i2)", "same"},
			{"[i0]; i1 = int_ge(i0, -1); guard_true(i1) []; i2 = int_div(i0, 8, DIV); finish(i2)", "same"},
			{"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_div(i0, 4611686018427387904, DIV); finish(i2)",
				"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = uint_rshift(i0, 62); finish(i2)"},
			{"[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; i2 = int_div(i0, 1, DIV); finish(i2)", "[i0]; i1 = int_ge(i0, 0); guard_true(i1) []; finish(i0)"},
		}},
		{"the least number is a power of two only if it is not taken to be negative", []change{
			{small + "i2 = int_div(i1, -9223372036854775808, DIV); finish(i2)", "same"},
			{small + "i2 = int_div(i1, -8, DIV); finish(i2)", "same"},
		}},
		{"what remains is a mask", []change{
			{small + "i2 = int_mod(i1, 8, MOD); finish(i2)", small + "i2 = int_and(i1, 7); finish(i2)"},
			{small + "i2 = int_mod(i1, 256, MOD); finish(i2)", small + "finish(i1)"},
			{"[i0]; i1 = int_mod(i0, 8, MOD); finish(i1)", "same"},
		}},
		{"a remainder is smaller than what was divided by, and has the sign of what was divided", []change{
			{small + "i2 = int_mod(i1, 10, MOD); i3 = int_lt(i2, 10); guard_true(i3) []; i4 = int_ge(i2, 0); guard_true(i4) []; finish(i2)",
				small + "i2 = int_mod(i1, 10, MOD); finish(i2)"},
			{"[i0]; i1 = int_mod(i0, 10, MOD); i2 = int_lt(i1, 10); guard_true(i2) []; i3 = int_gt(i1, -10); guard_true(i3) []; finish(i1)",
				"[i0]; i1 = int_mod(i0, 10, MOD); finish(i1)"},
			{"[i0]; i1 = int_mod(i0, 10, MOD); i2 = int_lt(i1, 9); guard_true(i2) []; i3 = int_gt(i1, -9); guard_true(i3) []; finish(i1)", "same"},
		}},
		{"a quotient is not farther from 0", []change{
			{small + "i2 = int_div(i1, 10, DIV); i3 = int_le(i2, 25); guard_true(i3) []; finish(i2)", small + "i2 = int_div(i1, 10, DIV); finish(i2)"},
			{small + "i2 = int_div(i1, 10, DIV); i3 = int_le(i2, 24); guard_true(i3) []; finish(i2)", "same"},
		}},
		{"of a function that does not say that it divides nothing is known", []change{
			{small + "i2 = call_i(ConstClass(mix), i1, 8, descr=mix); finish(i2)", "same"},
		}},
	})
}

// TestDivisionIsSound tries all small numbers. int_sub stands for the division: it
// has two arguments, too.
func TestDivisionIsSound(t *testing.T) {
	for name, f := range map[string]struct {
		eval  func(x, y int64) int64
		known func(k *knownbits.Kit, a, b knownbits.Known) knownbits.Known
	}{
		"quotient":  {func(x, y int64) int64 { return x / y }, knownbits.Quotient},
		"remainder": {func(x, y int64) int64 { return x % y }, knownbits.Remainder},
	} {
		op := tried(ir.IntSub)
		op.Eval = func(_ ir.Opcode, x, y uint64) (uint64, bool) {
			if y == 0 {
				return 0, false
			}
			return uint64(f.eval(int64(x), int64(y))), true
		}
		t.Run(name, func(t *testing.T) {
			prove.Sound(t, prove.Forward(op, func(a, b knownbits.Known) (knownbits.Known, bool) {
				return f.known(&knownbitssolution.Kit, a, b), true
			}))
		})
	}
}
