package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

const nodes = `struct NODE vtable=node_vtable value:i next:r
struct PAIR x:f y:r
array INTS i
array REFS r
`

func TestEval(t *testing.T) {
	for _, tt := range []struct{ name, trace, args, want string }{
		{"finish", "[i0, f1]\ni2 = int_add(i0, 1)\nfinish(i2, f1)", "-4 2", "finish(-3, 2.0)"},
		{"negative floats", "[f0, f1, f2]\nfinish(f0, f1, f2)", "-1.5 -inf -.5", "finish(-1.5, -inf, -0.5)"},
		{"jump", "[i0]\njump(i0, 2)", "1", "jump(1, 2)"},
		{"end", "[i0]\nescape_n(i0)", "1", "escape_n(1)\nthe trace ends here"},
		{"guard", "[i0, i1]\n\n# three\ni2 = int_lt(i0, i1)\nguard_true(i2) [i0, i1]\nfinish()", "4 3",
			"guard_true in line 5 fails: [4, 3]"},
		{"guard passed", "[i0, i1]\ni2 = int_lt(i0, i1)\nguard_true(i2) [i0, i1]\nfinish()", "3 4", "finish()"},
		{"loop", "[i0]\ni1 = int_add(i0, 1)\nescape_n(i1)\njump(i1)", "0 -loop 2", "escape_n(1)\nescape_n(2)\nescape_n(3)\njump(3)"},
		{"loop, flag first", "[i0]\ni1 = int_add(i0, 1)\njump(i1)", "-loop=3 -- -1", "jump(3)"},
		{"label", "[i0]\nlabel(i0)\ni1 = int_add(i0, 1)\ni2 = int_lt(i1, 3)\nguard_true(i2) [i1]\njump(i1)", "0",
			"guard_true in line 5 fails: [3]"},
		{"a struct", nodes + "[i0]\np1 = new_with_vtable(descr=NODE)\nsetfield_gc(p1, i0, descr=NODE.value)\nfinish(p1, NULL)", "3",
			"finish(NODE{value=3, next=NULL}, NULL)"},
		{"a virtual", nodes + "[i0]\nguard_false(1) [NODE{value=i0, next=NULL}, v1:NODE{value=4, next=v1}, v1]", "3",
			"guard_false in line 6 fails: [NODE{value=3, next=NULL}, v1:NODE{value=4, next=v1}, v1]"},
		{"arrays", nodes + "[i0]\np1 = new_array_clear(3, descr=INTS)\np2 = new_array_clear(2, descr=REFS)\n" +
			"setarrayitem_gc(p2, 0, p1, descr=REFS)\nsetarrayitem_gc(p1, 1, i0, descr=INTS)\nescape_n(p2)\nfinish(p1)", "9",
			"escape_n(REFS{INTS{0, 9, 0}, NULL})\nfinish(INTS{0, 9, 0})"},
		{"floats in objects", nodes + "[f0]\np1 = new(descr=PAIR)\nsetfield_gc(p1, f0, descr=PAIR.x)\nfinish(p1)", "1",
			"finish(PAIR{x=1.0, y=NULL})"},
		{"objects by name", nodes + "object a NODE value=1 next=b\nobject b NODE value=2 next=a\n[p0, p1, p2]\nfinish(p0, p1, p2)",
			"a ConstPtr(b) NULL", "finish(a:NODE{value=1, next=b:NODE{value=2, next=a}}, b, NULL)"},
		{"undeclared objects", "[]\nfinish(ConstPtr(x), ConstPtr(x), ConstPtr(y))", "", "finish(x, x, y)"},
		{"calls", "call f args=ir result=i effect=any\n[i0]\ni1 = call_i(ConstClass(f), i0, NULL, descr=f)\nfinish(i1)", "3",
			"call_i(f, 3, NULL)\nfinish(0)"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := cliRun("", append([]string{"eval", write(t, "t.trace", tt.trace)}, strings.Fields(tt.args)...)...)
			assert.Equal(t, result{tt.want + "\n", "", exitOK}, r)
		})
	}
}

func TestEvalReportsErrorsOfTheTrace(t *testing.T) {
	for _, tt := range []struct{ name, trace, args, want string }{
		{"field of NULL", nodes + "[p0]\nescape_n(1)\ni1 = getfield_gc_i(p0, descr=NODE.value)", "NULL",
			"line 7, getfield_gc_i: the object is NULL"},
		{"index", nodes + "[i0]\np1 = new_array_clear(2, descr=INTS)\nescape_n(1)\ni2 = getarrayitem_gc_i(p1, i0, descr=INTS)", "2",
			"line 8, getarrayitem_gc_i: index 2, the array has 2 items"},
		{"unwritten", nodes + "[]\np1 = new_array(2, descr=INTS)\nescape_n(1)\ni2 = getarrayitem_gc_i(p1, 0, descr=INTS)", "",
			"line 8, getarrayitem_gc_i: item 0 was never written"},
		{"no truth", "[i0]\nescape_n(1)\nguard_true(i0) []", "2", "line 3, guard_true: the condition is 2, not 0 or 1"},
		{"shift", "[i0]\nescape_n(1)\ni1 = int_lshift(1, i0)", "64", "line 3, int_lshift: not defined for 1, 64"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := write(t, "t.trace", tt.trace)
			r := cliRun("", append([]string{"eval", file}, strings.Fields(tt.args)...)...)
			assert.Equal(t, result{"escape_n(1)\n", file + ": " + tt.want + "\n", exitFailed}, r)
		})
	}
}

func TestEvalRefusesInputs(t *testing.T) {
	for _, tt := range []struct{ inputs, args, want string }{
		{"[i0]", "9223372036854775808", `input 1 is "9223372036854775808", expected an integer of 64 bits, such as -7`},
		{"[i0, f1]", "1 x", `input 2 is "x", expected a float, such as 1.5`},
		{"[p0]", "0", `input 1 is "0", expected NULL (the trace declares no objects)`},
		{nodes + "object a NODE\nobject b NODE\n[p0]", "c", `input 1 is "c", expected NULL or a or b`},
	} {
		r := cliRun(tt.inputs, append([]string{"eval", "-"}, strings.Fields(tt.args)...)...)
		assert.Equal(t, result{"", "metatrace eval: " + tt.want + "\n", exitUsage}, r)
	}
}

func TestEvalLoopMustFit(t *testing.T) {
	r := cliRun("[i0]\njump(i0, i0)\n", "eval", "-", "1", "-loop", "1")
	assert.Equal(t, result{"", "stdin:2:10: jump has 2 arguments, expected 1 as the inputs are\n", exitUsage}, r)
}

// However large what hangs on an object is, the line that shows it is not.
func TestEvalShowsPartsOfLargeObjects(t *testing.T) {
	trace := nodes + "[p0, i1]\np2 = new_with_vtable(descr=NODE)\nsetfield_gc(p2, p0, descr=NODE.next)\n" +
		"p3 = new_array_clear(100000, descr=INTS)\ni4 = int_sub(i1, 1)\ni5 = int_gt(i4, 0)\nguard_true(i5) [p3, p2]\njump(p2, i4)"
	r := cliRun(trace, "eval", "-", "NULL", "5000", "-loop", "10000")
	assert.Equal(t, exitOK, r.code)
	assert.Less(t, len(r.stdout), 10000)
	assert.Contains(t, r.stdout, "next=...}}")
	assert.Contains(t, r.stdout, ", 0, ...}, NODE{value=0, ")
}
