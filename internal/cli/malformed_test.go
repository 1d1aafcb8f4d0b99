package cli

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// malformed is the list at the end of TRACE_FORMAT.md, and what belongs to it:
// each text is refused with its place and, where it helps, what was expected.
var malformed = []struct {
	name  string
	flags []string
	trace string
	want  string // behind the name of the file
}{
	{"unknown operation", nil, "[i0]\ni1 = int_ad(i0, 1)\n",
		`2:6: unknown operation int_ad, nearest known: int_add`},
	{"too few arguments", nil, "[i0]\ni1 = int_add(i0)\n",
		`2:16: int_add has 1 argument, expected int_add(int, int)`},
	{"too many arguments", nil, "[i0]\ni1 = int_add(i0, 1, 2)\n",
		`2:21: int_add has 3 arguments, expected int_add(int, int)`},
	{"wrong type", nil, "[i0, p1]\ni2 = int_add(i0, p1)\n",
		`2:18: argument 2 of int_add is a ref, expected an int`},
	{"float for an int", nil, "[i0]\ni2 = int_add(i0, 1.5)\n",
		`2:18: argument 2 of int_add is a float, expected an int`},
	{"used before assigned", nil, "[i0]\ni1 = int_add(i0, i2)\ni2 = int_neg(i0)\n",
		`2:18: i2 is used before it is assigned, expected an input or an earlier result`},
	{"assigned twice", nil, "[i0]\ni1 = int_neg(i0)\ni1 = int_neg(i0)\n",
		`3:1: i1 is assigned twice, expected a new name`},
	{"input twice", nil, "[i0, i0]\n",
		`1:6: i0 is assigned twice, expected a new name`},
	{"guard without failargs", nil, "[i0]\nguard_true(i0)\n",
		`2:15: guard_true has no failargs, expected a list such as [] or [i0, p1]`},
	{"failargs on no guard", nil, "[i0]\ni1 = int_add(i0, 1) [i0]\n",
		`2:21: int_add has failargs, but only guards have them`},
	{"unknown struct", nil, "[p0]\np1 = new(descr=NODE)\n",
		`2:16: unknown struct NODE`},
	{"unknown field", nil, "struct NODE value:i\n[p0]\ni1 = getfield_gc_i(p0, descr=NODE.valu)\n",
		`3:30: NODE has no field NODE.valu, nearest known: value`},
	{"field of unknown struct", nil, "struct NODE value:i\n[p0]\ni1 = getfield_gc_i(p0, descr=NOD.value)\n",
		`3:30: unknown struct NOD, nearest known: NODE`},
	{"jump with too few", nil, "[i0, i1]\nlabel(i0, i1)\njump(i0)\n",
		`3:8: jump has 1 argument, expected 2 as the label has`},
	{"jump with too many", nil, "[i0]\nlabel(i0)\njump(i0, 1)\n",
		`3:10: jump has 2 arguments, expected 1 as the label has`},
	{"jump with another type", nil, "[i0, p1]\nlabel(i0, p1)\njump(p1, i0)\n",
		`3:6: argument 1 of jump is a ref, expected an int as the label has`},
	{"loop with another number", []string{"-peel"}, "[i0, i1]\njump(i0)\n",
		`2:8: jump has 1 argument, expected 2 as the inputs are`},
	{"loop with another type", []string{"-peel"}, "[i0]\njump(1.5)\n",
		`2:6: argument 1 of jump is a float, expected an int as the inputs are`},
	{"checked without guard", nil, "[i0]\ni1 = int_add_ovf(i0, 1)\nfinish(i1)\n",
		`2:6: int_add_ovf has no overflow guard, expected guard_no_overflow or guard_overflow directly behind it`},
	{"checked at the end", nil, "[i0]\ni1 = int_add_ovf(i0, 1)\n",
		`2:6: int_add_ovf has no overflow guard, expected guard_no_overflow or guard_overflow directly behind it`},
	{"overflow guard alone", nil, "[i0]\nguard_no_overflow() []\n",
		`2:1: guard_no_overflow needs int_add_ovf, int_sub_ovf or int_mul_ovf directly before it`},
	{"shift count", nil, "[i0]\ni1 = int_lshift(i0, 64)\n",
		`2:21: argument 2 of int_lshift is 64, expected 0 to 63`},
	{"no inputs", nil, "struct NODE value:i\n",
		`1:1: the trace has no inputs, expected a line such as [i0, p1]`},
	{"empty", nil, "",
		`1:1: the trace has no inputs, expected a line such as [i0, p1]`},
	{"behind the end", nil, "[i0]\nfinish(i0)\ni1 = int_neg(i0)\n",
		`3:6: int_neg stands behind finish, which ends the trace`},
	{"no name", nil, "[i0]\nint_neg(i0)\n",
		`2:1: int_neg makes a value, expected a name for it: i1 = int_neg(int)`},
	{"name for nothing", nil, "[i0]\ni1 = finish(i0)\n",
		`2:1: finish makes no value, expected no name before it`},
	{"wrong letter", nil, "[i0]\nf1 = int_neg(i0)\n",
		`2:1: f1 names a float, expected an int: int_neg makes an int`},
	{"too big", nil, "[i0]\ni1 = int_add(i0, 9223372036854775808)\n",
		`2:18: 9223372036854775808 does not fit into 64 bits, expected -9223372036854775808 to 9223372036854775807`},
	{"late declaration", nil, "[i0]\nstruct NODE value:i\n",
		`2:1: struct declares something behind the inputs, expected all declarations before them`},
	{"field with another type", nil, "struct NODE value:i\n[p0]\np1 = getfield_gc_r(p0, descr=NODE.value)\n",
		`3:30: NODE.value is an int, expected a ref for getfield_gc_r`},
	{"vtable and new", nil, "struct NODE vtable=v value:i\n[]\np1 = new(descr=NODE)\n",
		`3:16: NODE has a vtable, expected new_with_vtable`},
	{"not closed", nil, "[i0]\ni1 = int_add(i0, 1\n",
		`2:19: found the end of the line, expected a comma or )`},
}

func TestMalformedTracesAreRefused(t *testing.T) {
	for _, tt := range malformed {
		t.Run(tt.name, func(t *testing.T) {
			r := cliRun(tt.trace, append([]string{"opt"}, tt.flags...)...)
			assert.Equal(t, result{"", "stdin:" + tt.want + "\n", exitUsage}, r)
		})
	}
}

// Without -peel a jump is the end of straight-line code.
func TestStraightLineJumpNeedNotFit(t *testing.T) {
	r := cliRun("[i0, i1]\njump(i0)\n", "opt")
	assert.Equal(t, result{"[i0, i1]\njump(i0)\n", "", exitOK}, r)
}
