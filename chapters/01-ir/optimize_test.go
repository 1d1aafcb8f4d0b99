package ir_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	irsolution "metatrace/solutions/01-ir"
)

// TestGolden optimizes each testdata/NAME.trace with the whole chain and
// compares with NAME.opt. METATRACE_UPDATE=1 in the environment writes it anew.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.trace")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			before, err := ir.Parse(file, string(src))
			require.NoError(t, err)
			after, err := chainOf(t, &irsolution.Kit).Optimize(before)
			require.NoError(t, err)
			require.NoError(t, ir.Verify(after))
			require.NoError(t, tracegen.AgreeOn(&irsolution.Kit, before, after, 200))
			golden := strings.TrimSuffix(file, ".trace") + ".opt"
			if os.Getenv("METATRACE_UPDATE") == "1" {
				require.NoError(t, os.WriteFile(golden, []byte(after.String()), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Empty(t, cmp.Diff(string(want), after.String()))
		})
	}
}

// TestOptimizeRules applies each rule of the solution to the trace that its left
// side is: the rule fires, and nothing of the left side is left.
func TestOptimizeRules(t *testing.T) {
	kit := irsolution.Kit
	for _, list := range [][]ir.Rule{kit.Identities(), kit.Reassociations(), kit.FloatIdentities()} {
		for _, r := range list {
			alone := with(func(k *ir.Kit) {
				k.Identities = func() []ir.Rule { return []ir.Rule{r} }
				k.Reassociations, k.FloatIdentities = noRules, noRules
			})
			before := read(t, fromRule(r))
			chain, err := chainOf(t, alone).Select("fold,dce")
			require.NoError(t, err)
			after, err := chain.Optimize(before)
			require.NoError(t, err, r.String())
			assert.NotEqual(t, before.Body(), after.Body(), r.String())
			assert.NoError(t, tracegen.AgreeOn(&kit, before, after, 100), r.String())
		}
	}
}

// fromRule writes a trace that computes the left side of a rule. Its variables
// are inputs, its constants are numbers for which all conditions hold.
func fromRule(r ir.Rule) string {
	letters := map[string]string{}
	body := ""
	n := 0
	var expr func(s string, t ir.Type) (value, rest string)
	expr = func(s string, t ir.Type) (string, string) {
		end := strings.IndexAny(s, "(),")
		if end < 0 {
			end = len(s)
		}
		word, rest := s[:end], s[end:]
		code := ir.Lookup(word)
		if code == ir.OpInvalid {
			return letterOrNumber(letters, word, t, r), rest
		}
		var args []string
		for i := range code.Info().Args {
			arg := ""
			arg, rest = expr(strings.TrimLeft(rest[1:], " "), map[byte]ir.Type{'i': ir.Int, 'f': ir.Float, 'r': ir.Ref}[code.Info().Args[i]])
			args = append(args, arg)
		}
		name := code.Info().Result.String() + "9" + string(rune('a'+n))
		n++
		body += name + " = " + word + "(" + strings.Join(args, ", ") + ")\n"
		if code.Has(ir.Checked) {
			body += "guard_no_overflow() []\n"
		}
		return name, rest[1:]
	}
	result, _ := expr(r.From, ir.Int)
	var inputs []string
	for l, name := range letters {
		if name != "" && strings.ToLower(l) == l && !strings.HasPrefix(name, "i9") {
			inputs = append(inputs, name)
		}
	}
	text := "[" + strings.Join(append(inputs, "i8"), ", ") + "]\n"
	if strings.HasPrefix(r.When, "bool") {
		text += "i90 = int_lt(i8, 5)\n"
	}
	return text + body + "finish(" + result + ")"
}

func letterOrNumber(letters map[string]string, word string, t ir.Type, r ir.Rule) string {
	switch {
	case len(word) > 1 || word[0] <= '9':
		return word // a number
	case letters[word] != "":
		return letters[word]
	case strings.HasPrefix(r.When, "overshift"):
		if letters[word] = "40"; word == "x" {
			letters[word] = "ix"
		}
	case word == "C" || word == "D":
		letters[word] = map[ir.Type]string{ir.Int: "4", ir.Float: "4.0"}[t]
	case strings.HasPrefix(r.When, "bool"):
		letters[word] = "i90" // a comparison
	default:
		letters[word] = map[ir.Type]string{ir.Int: "i", ir.Float: "f", ir.Ref: "p"}[t] + word
	}
	return letters[word]
}

func TestOptimizePasses(t *testing.T) {
	checkCases(t, &irsolution.Kit, "all", []traceCase{
		{Rule: "inputs stay, whether they are used or not", Before: "[i0, i1]; finish()", After: "[i0, i1]; finish()"},
		{Rule: "a constant goes behind what is none, and an order is turned",
			Before: "[i0]; i1 = int_lt(5, i0); i2 = int_add(7, i0); finish(i1, i2)",
			After:  "[i0]; i1 = int_gt(i0, 5); i2 = int_add(i0, 7); finish(i1, i2)"},
		{Rule: "orders of floats turn as well", Before: "[f0]; i1 = float_le(1.5, f0); finish(i1)",
			After: "[f0]; i1 = float_ge(f0, 1.5); finish(i1)"},
		{Rule: "failargs are replaced, also in virtual objects",
			Before: "[i0, i1]; i2 = int_add(i0, 0); i3 = int_add(2, 3); i4 = int_lt(i0, i1); guard_true(i4) [i2, NODE{value=i3, next=NULL}]; finish()",
			After:  "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0, NODE{value=5, next=NULL}]; finish()"},
		{Rule: "the arguments of jump are replaced", Before: "[i0]; i1 = int_mul(i0, 1); jump(i1)", After: "[i0]; jump(i0)"},
		{Rule: "a trace may be cut behind any operation", Before: "[i0]; i1 = int_add(i0, 1)", After: "[i0]"},
		{Rule: "a checked operation on constants is computed, its guard dropped",
			Before: "[]; i0 = int_mul_ovf(6, 7); guard_no_overflow() []; finish(i0)", After: "[]; finish(42)"},
		{Rule: "an overflow that is certain makes guard_overflow superfluous",
			Before: "[]; i0 = int_add_ovf(9223372036854775807, 1); guard_overflow() []; finish(i0)",
			After:  "[]; finish(-9223372036854775808)"},
		{Rule: "an overflow that is certain can't be passed by guard_no_overflow",
			Before: "[]; i0 = int_add_ovf(9223372036854775807, 1); guard_no_overflow() []; finish(i0)", After: "impossible"},
		{Rule: "the second of two equal checked operations keeps its kind of guard",
			Before: "[i0, i1]; i2 = int_mul_ovf(i0, i1); guard_overflow() [i2]; i3 = int_mul_ovf(i1, i0); guard_overflow() [i3]; finish(i3)",
			After:  "[i0, i1]; i2 = int_mul_ovf(i0, i1); guard_overflow() [i2]; finish(i2)"},
		{Rule: "rules lead to other rules, and to shared operations",
			Before: "[i0, i1]; i2 = int_sub(i0, i1); i3 = int_is_zero(i2); i4 = int_eq(i1, i0); finish(i3, i4)",
			After:  "[i0, i1]; i2 = int_eq(i0, i1); finish(i2, i2)"},
		{Rule: "what a jump sets anew at the label is another value behind it",
			Before: "[i0]; i1 = int_add(i0, 1); label(i0); i2 = int_add(i0, 1); i3 = int_lt(i2, 5); guard_true(i3) [i1, i2]; jump(i2)",
			After:  "[i0]; i1 = int_add(i0, 1); i2 = same_as_i(i0); label(i2); i3 = int_add(i2, 1); i4 = int_lt(i3, 5); guard_true(i4) [i1, i3]; jump(i3)"},
		{Rule: "a constant before the label is none behind it, if a jump sets it",
			Before: "[]; i0 = int_add(2, 1); label(i0); i1 = int_add(i0, 1); i2 = int_lt(i1, 5); guard_true(i2) [i1]; jump(i1)",
			After:  "[]; i0 = same_as_i(3); label(i0); i1 = int_add(i0, 1); i2 = int_lt(i1, 5); guard_true(i2) [i1]; jump(i1)"},
		{Rule: "what was computed before the label is not computed again behind it",
			Before: "[i0, i1]; i2 = int_mul(i1, i1); label(i0); i3 = int_mul(i1, i1); i4 = int_sub(i0, i3); i5 = int_gt(i4, 0); guard_true(i5) [i2, i4]; jump(i4)",
			After:  "[i0, i1]; i2 = int_mul(i1, i1); i3 = same_as_i(i0); label(i3); i4 = int_sub(i3, i2); i5 = int_gt(i4, 0); guard_true(i5) [i2, i4]; jump(i4)"},
		{Rule: "debug_merge_point stays", Before: `[]; debug_merge_point("add"); finish()`, After: `[]; debug_merge_point("add"); finish()`},
	})
	checkCases(t, &irsolution.Kit, "none", []traceCase{
		{Rule: "without passes nothing changes",
			Before: "[i0]; i1 = int_add(i0, 0); i2 = int_add(i0, 0); finish()", After: "[i0]; i1 = int_add(i0, 0); i2 = int_add(i0, 0); finish()"},
	})
}

func TestOptimizeSaysWhyItIsImpossible(t *testing.T) {
	trace := read(t, "[]; i0 = int_add_ovf(9223372036854775807, 1); guard_no_overflow() []; finish(i0)")
	_, err := chainOf(t, &irsolution.Kit).Optimize(trace)
	require.ErrorIs(t, err, ir.ErrImpossible)
	assert.ErrorContains(t, err, "guard_no_overflow in line 18 can't be passed: the operation before it always decides the other way")
}

func TestChainSelect(t *testing.T) {
	all := chainOf(t, &irsolution.Kit)
	for list, want := range map[string]string{
		"all": "fold,cse,dce", "none": "", "": "", "dce,fold": "fold,dce", " cse , dce": "cse,dce",
		"-cse": "fold,dce", "-cse,-dce": "fold", "fold,-fold": "",
	} {
		got, err := all.Select(list)
		require.NoError(t, err, list)
		assert.Equal(t, want, strings.Join(got.Names(), ","), list)
	}
	_, err := all.Select("fold,peel")
	assert.ErrorContains(t, err, `unknown pass "peel", expected some of fold,cse,dce`)
}

// TestOptimizeCostIsLinear is the claim behind BenchmarkOptimize, as far as a
// test can hold it: allocations per operation do not grow.
func TestOptimizeCostIsLinear(t *testing.T) {
	chain := chainOf(t, &irsolution.Kit)
	perOp := func(n int) float64 {
		trace := longTrace(t, n)
		return testing.AllocsPerRun(5, func() {
			_, err := chain.Optimize(trace)
			require.NoError(t, err)
		}) / float64(n)
	}
	assert.Less(t, perOp(6000), 2*perOp(600)+0.1)
}
