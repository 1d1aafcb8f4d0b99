package knownbits_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	irsolution "metatrace/solutions/01-ir"
	knownbitssolution "metatrace/solutions/04-knownbits"
)

// noted returns what the last guard of a trace notes.
func noted(t *testing.T, text string) string {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	chain := chainOf(t, &knownbitssolution.Kit)
	chain.Witness = true
	out, err := chain.Optimize(trace)
	require.NoError(t, err)
	for seed := range uint64(20) {
		_, err := tracegen.FactsHold(&irsolution.Kit, out, inputs(trace, seed))
		require.NoError(t, err)
	}
	var list []string
	for _, op := range out.Ops {
		if op.Exit != nil {
			list = nil
			for i := range op.Exit.Facts {
				list = append(list, op.Exit.Facts[i].Format(out.Names()))
			}
		}
	}
	return strings.Join(list, "; ")
}

// TestWhatGuardsNote is about integers. The guard that notes is the last.
func TestWhatGuardsNote(t *testing.T) {
	for _, c := range []struct{ rule, trace, want string }{
		{"what an earlier guard has taught", "[i0, i1]; i2 = int_lt(i0, 10); guard_true(i2) []; guard_true(i1) [i0]; finish()",
			"i0 in [-9223372036854775808, 9]"},
		{"not what the guard itself teaches", "[i0, i1]; i2 = int_lt(i0, 10); guard_true(i2) [i0]; finish()", ""},
		{"but what was known of the same value", "[i0, i1]; i2 = int_and(i0, 15); i3 = int_lt(i2, 10); guard_true(i3) [i2]; finish()",
			"i2 in [0, 15], has bits 0x0 of 0xfffffffffffffff0"},
		{"also if the guard says which one it is", "[i0, i1]; i2 = int_and(i0, 15); guard_value(i2, 10) [i2]; finish()",
			"i2 in [0, 15], has bits 0x0 of 0xfffffffffffffff0"},
		{"not that the addition fits, where it does not", "[i0]; i2 = int_and(i0, 15); i3 = int_add_ovf(i0, 1); guard_no_overflow() [i2, i3, i0]; finish()",
			"i1 in [0, 15], has bits 0x0 of 0xfffffffffffffff0"},
		{"that it did, behind", "[i0, i1]; i3 = int_add_ovf(i0, 1); guard_no_overflow() []; guard_true(i1) [i0, i3]; finish()",
			"i0 in [-9223372036854775808, 9223372036854775806]; i2 in [-9223372036854775807, 9223372036854775807]"},
		{"the range of a field", "[p0, i1]; i2 = getfield_gc_i(p0, descr=NODE.small); guard_true(i1) [i2]; finish()",
			"i2 in [0, 255], has bits 0x0 of 0xffffffffffffff00"},
		{"the length of an array", "[p0, i1]; i2 = getarrayitem_gc_i(p0, 3, descr=INTS); guard_true(i1) [p0, i2]; finish()",
			"p0 is not NULL, in [4, 9223372036854775807], has bits 0x0 of 0x8000000000000000, holds i2 at 3"},
	} {
		require.Equal(t, c.want, noted(t, c.trace), c.rule)
	}
}

// optimizedWith optimizes a trace of which facts are taken for granted: by input.
func optimizedWith(t *testing.T, text string, facts map[int]ir.Fact) (*ir.Trace, error) {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	chain := chainOf(t, &knownbitssolution.Kit)
	o, in := chain.Start(trace)
	for i, f := range facts {
		f.Value = in[i]
		o.Believe(&f)
	}
	if err := o.Walk(trace.Ops); err != nil {
		return nil, err
	}
	o.Flush()
	return chain.Finish(&ir.Trace{Decls: trace.Decls, Inputs: in, Ops: o.Output()})
}

func TestWhatIsBelieved(t *testing.T) {
	anything := ir.AnyFact(nil)
	small, odd, long := anything, anything, anything
	small.Lo, small.Hi = 0, 9
	odd.Ones = 1
	long.Lo, long.Nonnull = 4, true
	seven := anything
	seven.Lo, seven.Hi = 7, 7
	never := anything
	never.Lo, never.Ones, never.Hi = 8, 2, 9
	for _, c := range []struct {
		trace, want string
		facts       map[int]ir.Fact
	}{
		{"[i0]; i1 = int_lt(i0, 10); guard_true(i1) []; i2 = int_ge(i0, 0); finish(i2)", "[i0]\nfinish(1)\n", map[int]ir.Fact{0: small}},
		{"[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() []; finish(i1)", "[i0]\ni1 = int_add(i0, 1)\nfinish(i1)\n", map[int]ir.Fact{0: small}},
		{"[i0]; i1 = int_and(i0, 1); finish(i1)", "[i0]\nfinish(1)\n", map[int]ir.Fact{0: odd}},
		{"[i0]; i1 = int_add(i0, 1); finish(i1)", "[i0]\nfinish(8)\n", map[int]ir.Fact{0: seven}},
		{"[p0]; guard_nonnull(p0) []; i1 = arraylen_gc(p0, descr=INTS); i2 = int_gt(i1, 3); guard_true(i2) []; finish()", "[p0]\nfinish()\n", map[int]ir.Fact{0: long}},
		{"[i0]; i1 = int_lt(i0, 10); finish(i1)", "[i0]\ni1 = int_lt(i0, 10)\nfinish(i1)\n", map[int]ir.Fact{0: anything}},
	} {
		out, err := optimizedWith(t, c.trace, c.facts)
		require.NoError(t, err)
		require.Equal(t, c.want, out.Body(), c.trace)
	}
	_, err := optimizedWith(t, "[i0]; finish(i0)", map[int]ir.Fact{0: never})
	require.ErrorIs(t, err, ir.ErrImpossible)
	require.Equal(t, int64(math.MinInt64), anything.Lo)
}
