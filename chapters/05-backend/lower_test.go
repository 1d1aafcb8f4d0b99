package backend_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	backend "metatrace/chapters/05-backend"
)

const declarations = `
struct NODE vtable=node_vtable value:i next:r
struct WORD vtable=word_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!
array REFS r
array INTS i
`

// lowered returns the text of a trace, lowered. ; ends lines.
func lowered(t *testing.T, text string, opt backend.LowerOptions) (string, error) {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	l, err := backend.Lower(trace, opt)
	if err != nil {
		return "", err
	}
	return l.String(), nil
}

func TestLower(t *testing.T) {
	cases := []struct {
		name, trace, want string
		opt               backend.LowerOptions
	}{
		{
			name:  "a comparison and its guard are one",
			trace: "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) [i0]; i3 = int_is_zero(i1); guard_false(i3) [i3]; finish(i0)",
			want:  "in v0 v1; guard v0 lt v1 else exit 0 [v0]; guard v1 ne 0 else exit 1 [1]; leave else exit 2 [v0]",
		},
		{
			name:  "a comparison that others want makes a number",
			trace: "[i0, i1]; i2 = int_lt(i0, i1); guard_true(i2) []; finish(i2)",
			want:  "in v0 v1; v2 = set v0 lt v1; guard v2 ne 0 else exit 0 []; leave else exit 1 [v2]",
		},
		{
			name:  "so it does if it stands elsewhere",
			trace: "[i0, i1]; i2 = int_lt(i0, i1); i3 = int_add(i0, i1); guard_true(i2) []; finish(i3)",
			want:  "in v0 v1; v2 = set v0 lt v1; v3 = add v0, v1; guard v2 ne 0 else exit 0 []; leave else exit 1 [v3]",
		},
		{
			name:  "bits are tested",
			trace: "[i0]; i1 = int_and(i0, 1); guard_true(i1) []; i2 = int_and(i0, 6); i3 = int_eq(i2, 0); guard_true(i3) []; finish()",
			want:  "in v0; guard v0 anybit 1 else exit 0 []; guard v0 nobit 6 else exit 1 []; leave else exit 2 []",
		},
		{
			name:  "NaN is neither below nor not below",
			trace: "[f0, f1]; i2 = float_lt(f0, f1); guard_false(i2) []; finish()",
			want:  "in v0 v1; floatguard v0 not lt v1 else exit 0 []; leave else exit 1 []",
		},
		{
			name:  "a checked operation and its guard are one",
			trace: "[i0]; i1 = int_add_ovf(i0, 1); guard_no_overflow() [i0, i1]; i2 = int_mul_ovf(i1, i1); guard_overflow() []; finish()",
			want:  "in v0; v2 = addovf v0, 1 else exit 0 [v0 v2]; v4 = mulovf v2, v2 not else exit 1 []; leave else exit 2 []",
		},
		{
			name:  "twice is a sum",
			trace: "[i0]; i1 = int_mul_ovf(i0, 2); guard_no_overflow() []; finish(i1)",
			want:  "in v0; v2 = addovf v0, v0 else exit 0 []; leave else exit 1 [v2]",
		},
		{
			name:  "an index takes its sum along",
			trace: "[p0, i1]; i2 = int_add(i1, 1); i3 = getarrayitem_gc_i(p0, i2, descr=INTS); i4 = getarrayitem_gc_i(p0, 3, descr=INTS); finish(i3, i4)",
			want:  "in v0 v1; v2 = loadindex v0, v1 (16); v3 = load v0 (32); leave else exit 0 [v2 v3]",
		},
		{
			name:  "but not if it came round",
			trace: "[p0, i1]; i2 = int_add(i1, 1); label(p0, i1); i3 = getarrayitem_gc_i(p0, i2, descr=INTS); jump(p0, i3)",
			want:  "in v0 v1; v3 = add v1, 1; label v0 v1; v4 = loadindex v0, v3 (8); jump v0 v4 else exit 0 []",
		},
		{
			name:  "objects are words",
			trace: "[p0]; guard_nonnull_class(p0, ConstClass(node_vtable)) []; p1 = getfield_gc_r(p0, descr=NODE.next); p2 = new_with_vtable(descr=NODE); setfield_gc(p2, p1, descr=NODE.next); i3 = arraylen_gc(p1, descr=REFS); finish(i3)",
			want:  "in v0; guard v0 ne 0 else exit 0 []; guardclass v0 (1) else exit 1 []; v2 = load v0 (16); v4 = new 1 (24) else exit 2 []; store v4, v2 (16); v5 = loadlength v2 (4); leave else exit 3 [v5]",
		},
		{
			name:  "copies are no instructions, unless both change",
			trace: "[i0]; i1 = same_as_i(i0); i2 = int_add(i1, 1); label(i2); i3 = same_as_i(i2); jump(i3)",
			want:  "in v0; v2 = add v0, 1; label v2; v4 = or v2, 0; jump v4 else exit 0 []",
		},
		{
			name: "iterations are counted, the one before the label, too", opt: backend.LowerOptions{Count: true},
			trace: "[i0]; guard_true(i0) [i0]; label(i0); guard_true(i0) [i0]; jump(i0)",
			want:  "in v0; guard v0 ne 0 else exit 0 [v0]; tick; label v0; guard v0 ne 0 else exit 1 [v0]; tick; jump v0 else exit 2 []",
		},
		{
			name:  "a loop without a label goes back to the start",
			trace: "[i0]; i1 = int_sub(i0, 1); jump(i1)",
			want:  "in v0; label v0; v2 = sub v0, 1; jump v2 else exit 0 []",
		},
		{
			name: "what is only to be looked at may escape", opt: backend.LowerOptions{Escapes: true},
			trace: "[i0]; i1 = escape_i(i0, 7); escape_n(i1); finish()",
			want:  "in v0; v2 = call else exit 0 [v0 7]; call else exit 1 [v2]; leave else exit 2 []",
		},
		{
			name: "guards that hold ask", opt: backend.LowerOptions{Ask: true},
			trace: "[i0]; guard_true(i0) [i0]; finish()",
			want:  "in v0; guard v0 ne 0 else exit 0 [v0]; ask else exit 1 []; leave else exit 3 []",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := lowered(t, c.trace, c.opt)
			require.NoError(t, err)
			want := strings.ReplaceAll(c.want, "; ", "\n") + "\n"
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s\nlowered (-want +got):\n%s", c.trace, diff)
			}
		})
	}
}

func TestLowerRefuses(t *testing.T) {
	for trace, want := range map[string]string{
		"[i0]; i1 = int_add(i0, 1)":                                  "the trace has no end: expected a jump or a finish",
		"[i0]; jump(i0, i0)":                                         "jump: 2 arguments, expected 1 as what it jumps to has",
		"[i0]; escape_n(i0); finish()":                               "escape_n: the backend has no such operation",
		"[p0]; i1 = getfield_gc_i(p0, descr=WORD.value); finish(i1)": "getfield_gc_i: objects of the immediate class WORD are in no memory",
		"[i0, i1]; i2 = int_signext(i0, i1); finish(i2)":             "int_signext: the number of bytes is no constant from 1 to 8",
	} {
		_, err := lowered(t, trace, backend.LowerOptions{})
		assert.EqualError(t, err, want, trace)
	}
}
