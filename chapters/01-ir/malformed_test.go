package ir

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// malformed has a case for each way in which a text can be no trace, with the
// exact message.
var malformed = []struct{ src, err string }{
	// No trace.
	{"", "t:1:1: the trace has no inputs, expected a line such as [i0, p1]"},
	{"# nothing", "t:1:1: the trace has no inputs, expected a line such as [i0, p1]"},
	{"struct NODE", "t:1:1: the trace has no inputs, expected a line such as [i0, p1]"},
	{"strukt NODE x:i\n[]", "t:1:1: unknown declaration strukt, expected struct, array, call, object or the inputs in brackets, nearest known: struct"},
	{"i1 = int_add(1, 2)", "t:1:1: an operation before the inputs, expected struct, array, call, object or the inputs in brackets"},
	{"int_add(1, 2)", "t:1:1: an operation before the inputs, expected struct, array, call, object or the inputs in brackets"},
	{"[i0\n", "t:1:4: found the end of the line, expected a comma or ]"},
	// Inputs.
	{"[x0]", "t:1:2: the first letter of x0 gives no type, expected i, f, p or r"},
	{"[i0, i0]", "t:1:6: i0 is assigned twice, expected a new name"},
	{"[i0", "t:1:4: found the end of the line, expected a comma or ]"},
	{"[i0] i1", "t:1:6: found i1, expected the end of the line"},
	{"[inf]", "t:1:2: inf is a float, expected the name of a value"},
	{"[i.x]", "t:1:2: i.x can't name a value, expected letters, digits and _ only"},
	{"[3]", "t:1:2: found 3, expected the name of an input"},
	// Tokens.
	{"[]\n?", "t:2:1: can't read ?"},
	{"[]\nfinish(12ab)", "t:2:8: 12ab is no number, expected one such as -7 or 1.5"},
	{"[]\nfinish(-)", "t:2:8: - is no number, expected one such as -7 or 1.5"},
	{"[]\nfinish(1e)", "t:2:8: 1e is no number, expected one such as -7 or 1.5"},
	{"[]\nfinish(9223372036854775808)", "t:2:8: 9223372036854775808 does not fit into 64 bits, expected -9223372036854775808 to 9223372036854775807"},
	{"[]\nfinish(1e999)", "t:2:8: 1e999 does not fit into a float, expected inf or a smaller number"},
	{"[]\ndebug_merge_point(\"abc)", "t:2:19: a text has no end, expected a second \" on this line"},
	{"[]\nfinish(\"\xff\x01)", "t:2:8: a text has no end, expected a second \" on this line"},
	// An unknown operation.
	{"[i0]\ni1 = int_ad(i0, 1)", "t:2:6: unknown operation int_ad, nearest known: int_add"},
	{"[i0]\nguard_ture(i0) []", "t:2:1: unknown operation guard_ture, nearest known: guard_true"},
	{"[i0]\nstruct A x:i", "t:2:1: struct declares something behind the inputs, expected all declarations before them"},
	{"[i0]\n[i1]", "t:2:1: found '[', expected an operation"},
	{"[i0]\nint_add", "t:2:1: int_add makes a value, expected a name for it: i1 = int_add(int, int)"},
	{"[i0]\n(i0)", "t:2:1: found '(', expected an operation"},
	// A wrong number or type of arguments.
	{"[i0]\ni1 = int_add(i0)", "t:2:16: int_add has 1 argument, expected int_add(int, int)"},
	{"[i0]\ni1 = int_add(i0, 1, 2)", "t:2:21: int_add has 3 arguments, expected int_add(int, int)"},
	{"[f0]\ni1 = int_add(f0, 1)", "t:2:14: argument 1 of int_add is a float, expected an int"},
	{"[i0]\ni1 = int_add(i0, 1", "t:2:19: found the end of the line, expected a comma or )"},
	{"[i0]\ni1 = int_add(i0,)", "t:2:17: found ')', expected a value"},
	{"[i0]\ni1 = int_add(i0 1)", "t:2:17: found 1, expected a comma or )"},
	{"[p0]\nguard_class(p0, 5) []", "t:2:17: argument 2 of guard_class is an int, expected ConstClass(name)"},
	{"[p0]\nguard_value(p0, 5) []", "t:2:17: argument 2 of guard_value is an int, expected a ref as the first argument is"},
	{"[i0]\ndebug_merge_point(i0)", "t:2:19: argument 1 of debug_merge_point is an int, expected a text in quotes"},
	{"[]\nescape_n(\"x\")", "t:2:10: argument 1 of escape_n is a text, expected an int, a float or a ref"},
	{"[]\nescape_n(ConstClass(x))", "t:2:10: argument 1 of escape_n is a class, expected an int, a float or a ref"},
	{"[i0]\ni1 = int_lshift(i0, 64)", "t:2:21: argument 2 of int_lshift is 64, expected 0 to 63"},
	{"[i0]\ni1 = uint_rshift(i0, -1)", "t:2:22: argument 2 of uint_rshift is -1, expected 0 to 63"},
	{"[i0]\ni1 = int_signext(i0, 9)", "t:2:22: argument 2 of int_signext is 9, expected 1 to 8"},
	{"[i0]\ni1 = int_neg(x)", "t:2:14: x is no value, expected a variable, a number, NULL, ConstPtr(name) or ConstClass(name)"},
	{"[]\nfinish(ConstPtr(NULL))", "t:2:17: NULL is no object, expected another name"},
	{"[]\nfinish(ConstPtr(1))", "t:2:17: found 1, expected the name of a prebuilt object"},
	// A result that does not fit.
	{"[i0]\np1 = int_neg(i0)", "t:2:1: p1 names a ref, expected an int: int_neg makes an int"},
	{"[i0]\nint_neg(i0)", "t:2:1: int_neg makes a value, expected a name for it: i1 = int_neg(int)"},
	{"[i0]\ni2 = guard_true(i0) []", "t:2:1: guard_true makes no value, expected no name before it"},
	{"[i0]\nx5 = int_neg(i0)", "t:2:1: the first letter of x5 gives no type, expected i, f, p or r"},
	{"[i0]\n5 = int_neg(i0)", "t:2:1: found 5, expected the name of a value"},
	// A name used before it is assigned.
	{"[i0]\ni1 = int_add(i2, 1)\ni2 = int_neg(i1)", "t:2:14: i2 is used before it is assigned, expected an input or an earlier result"},
	{"[i0]\ni1 = int_add(i0, i1)", "t:2:18: i1 is used before it is assigned, expected an input or an earlier result"},
	{"[i0]\nguard_true(i0) [i0, p7]", "t:2:21: p7 is used before it is assigned, expected an input or an earlier result"},
	// A name assigned twice.
	{"[i0]\ni0 = int_neg(i0)", "t:2:1: i0 is assigned twice, expected a new name"},
	{declared + "[i0]\nguard_true(i0) [i0:NODE{}]", "t:6:17: i0 is assigned twice, expected a new name"},
	{declared + "[i0]\nguard_true(i0) [v1:NODE{}, v1:NODE{}]", "t:6:28: v1 is assigned twice, expected a new name"},
	// Failargs.
	{"[i0]\nguard_true(i0)", "t:2:15: guard_true has no failargs, expected a list such as [] or [i0, p1]"},
	{"[i0]\ni1 = int_neg(i0) []", "t:2:18: int_neg has failargs, but only guards have them"},
	{declared + "[i0]\nguard_true(i0) [NODE{valu=i0}]", "t:6:22: NODE has no field valu, nearest known: value"},
	{declared + "[i0]\nguard_true(i0) [NODE{next=i0}]", "t:6:27: found an int, expected a ref as NODE.next"},
	{declared + "[i0]\nguard_true(i0) [NOD{}]", "t:6:17: unknown struct or array NOD, nearest known: NODE"},
	{declared + "[i0]\nguard_true(i0) [v1, v1:NODE{}]", "t:6:17: v1 is no value, expected a variable, a number, NULL, ConstPtr(name) or ConstClass(name)"},
	{declared + "[i0]\nguard_true(i0) [v1:i0]", "t:6:20: unknown struct or array i0, nearest known: NODE"},
	{declared + "[i0]\nguard_true(i0) [INTS{1, 2.0}]", "t:6:25: found a float, expected an int as an item of INTS"},
	{declared + "[i0]\nguard_true(i0) [INTS{1, 2]", "t:6:26: found ']', expected a comma or }"},
	{declared + "[i0]\nguard_true(i0) [NODE{value=1, NODE.value=2}]", "t:6:31: field NODE.value is given twice, expected it once"},
	{declared + "[i0]\nguard_true(i0) [NODE{PAIR.a=1}]", "t:6:22: NODE has no field PAIR.a, nearest known: value"},
	{declared + "[i0]\nguard_true(i0) [nan:NODE{}]", "t:6:17: nan can't name a virtual object, expected a name such as v1"},
	{"[i0]\nguard_true(i0) [ConstClass(x)]", "t:2:17: a class can't be a failarg, expected an int, a float or a ref"},
	{"[i0]\nguard_true(i0) [i0", "t:2:19: found the end of the line, expected a comma or ]"},
	// An unknown struct or field, a wrong descr.
	{declared + "[p0]\ni1 = getfield_gc_i(p0)", "t:6:22: getfield_gc_i has no descr, expected getfield_gc_i(ref, descr=STRUCT.field)"},
	{declared + "[p0]\ni1 = getfield_gc_i(p0, descr=NODE)", "t:6:30: NODE is no field, expected getfield_gc_i(ref, descr=STRUCT.field)"},
	{declared + "[p0]\ni1 = getfield_gc_i(p0, descr=NODE.valu)", "t:6:30: NODE has no field NODE.valu, nearest known: value"},
	{declared + "[p0]\ni1 = getfield_gc_i(p0, descr=NOD.value)", "t:6:30: unknown struct NOD, nearest known: NODE"},
	{declared + "[p0]\ni1 = getfield_gc_i(p0, descr=INTS.value)", "t:6:30: INTS is an array, expected a struct"},
	{declared + "[p0]\ni1 = getfield_gc_i(p0, descr=NODE.next)", "t:6:30: NODE.next is a ref, expected an int for getfield_gc_i"},
	{declared + "[p0]\nsetfield_gc(p0, 1.5, descr=NODE.value)", "t:6:17: argument 2 of setfield_gc is a float, expected an int as NODE.value is"},
	{declared + "[p0]\nf1 = getarrayitem_gc_f(p0, 0, descr=INTS)", "t:6:37: an item of INTS is an int, expected a float for getarrayitem_gc_f"},
	{declared + "[p0]\nsetarrayitem_gc(p0, 0, p0, descr=INTS)", "t:6:24: argument 3 of setarrayitem_gc is a ref, expected an int as an item of INTS is"},
	{declared + "[]\np1 = new(descr=NODE)", "t:6:16: NODE has a vtable, expected new_with_vtable"},
	{declared + "[]\np1 = new_with_vtable(descr=PAIR)", "t:6:28: PAIR has no vtable, expected new"},
	{declared + "[]\np1 = new(descr=INTS)", "t:6:16: INTS is an array, expected a struct"},
	{declared + "[]\np1 = new_array(1, descr=PAIR)", "t:6:25: PAIR is a struct, expected an array"},
	{declared + "[]\np1 = new(descr=PAIR, 1)", "t:6:20: found ',', expected ) behind the descr"},
	{declared + "[]\ni1 = int_neg(1, descr=PAIR)", "t:6:23: int_neg takes no descr, expected int_neg(int)"},
	{declared + "[]\np1 = new(descr=)", "t:6:16: found ')', expected the descr of new(descr=STRUCT)"},
	// Calls.
	{declared + "[f0]\nf1 = call_f(ConstClass(pow), f0, descr=pow)", "t:6:43: pow gets 1 argument, expected 2"},
	{declared + "[f0]\nf1 = call_f(ConstClass(pow), f0, 1, descr=pow)", "t:6:34: argument 2 of pow is an int, expected a float"},
	{declared + "[f0]\nf1 = call_f(ConstClass(pow), f0, f0, f0, descr=pow)", "t:6:38: pow gets 3 arguments, expected 2"},
	{declared + "[f0]\ni1 = call_i(ConstClass(pow), f0, f0, descr=pow)", "t:6:44: pow gives a float, expected a call that gives an int for call_i"},
	{declared + "[f0]\nf1 = call_f(f0, f0, descr=pow)", "t:6:13: argument 1 of call_f is a float, expected ConstClass(name)"},
	{declared + "[f0]\nf1 = call_f(ConstClass(pow), f0, f0, descr=pov)", "t:6:44: unknown call pov, nearest known: pow"},
	{declared + "[f0]\nf1 = call_f(ConstClass(pow), f0, f0)", "t:6:36: call_f has no descr, expected call_f(ConstClass(name), value..., descr=CALL)"},
	// A jump that does not fit, a label.
	{"[i0]\nlabel(i0)\njump()", "t:3:6: jump has 0 arguments, expected 1 as the label has"},
	{"[i0]\nlabel(i0)\njump(1.5)", "t:3:6: argument 1 of jump is a float, expected an int as the label has"},
	{"[i0]\nlabel(i0)\njump(1, 2)", "t:3:9: jump has 2 arguments, expected 1 as the label has"},
	{"[i0]\nlabel(i0)\nlabel(i0)", "t:3:1: a second label, expected one at most"},
	{"[i0]\nlabel(i0, i0)", "t:2:11: argument 2 of label stands there twice, expected different variables"},
	{"[i0]\nlabel(1)", "t:2:7: argument 1 of label is a constant, expected a variable"},
	{"[i0]\njump(i0)\ni1 = int_neg(i0)", "t:3:6: int_neg stands behind jump, which ends the trace"},
	{"[]\nfinish()\nfinish()", "t:3:1: finish stands behind finish, which ends the trace"},
	// A checked operation without its guard.
	{"[i0]\ni1 = int_add_ovf(i0, 1)", "t:2:6: int_add_ovf has no overflow guard, expected guard_no_overflow or guard_overflow directly behind it"},
	{"[i0]\ni1 = int_add_ovf(i0, 1)\ndebug_merge_point(\"x\")\nguard_no_overflow() []", "t:2:6: int_add_ovf has no overflow guard, expected guard_no_overflow or guard_overflow directly behind it"},
	{"[i0]\nguard_no_overflow() []", "t:2:1: guard_no_overflow needs int_add_ovf, int_sub_ovf or int_mul_ovf directly before it"},
	{"[i0]\ni1 = int_mul_ovf(i0, 1)\nguard_overflow() []\nguard_no_overflow() []", "t:4:1: guard_no_overflow needs int_add_ovf, int_sub_ovf or int_mul_ovf directly before it"},
	// Declarations.
	{"struct A x:q\n[]", "t:1:12: found q, expected i, f or r"},
	{"struct A x:i x:i\n[]", "t:1:14: field x is declared twice, expected a new name"},
	{"struct A x y\n[]", "t:1:12: found y, expected a colon and the type of the field"},
	{"struct A.B\n[]", "t:1:8: A.B can't name a struct, expected letters, digits and _ only"},
	{"struct A b.c:i\n[]", "t:1:10: b.c can't name a field, expected letters, digits and _ only"},
	{"struct A base=B\n[]", "t:1:15: unknown struct B, expected one that is declared"},
	{"struct A base=B\nstruct B base=A\n[]", "t:1:15: A inherits from itself, expected another base"},
	{"array B i\nstruct A base=B\n[]", "t:2:15: B is an array, expected a struct"},
	{"struct A x:i[1\n[]", "t:1:15: found the end of the line, expected a comma and the largest value"},
	{"struct A x:i[5,1]\n[]", "t:1:16: the range has no values, expected 5 or more"},
	{"struct A x:f[5,1]\n[]", "t:1:13: only an int has a range, expected none for f"},
	{"struct A vtable=v vtable=w\n[]", "t:1:19: vtable= is given twice, expected it once"},
	{"struct A vtable=v\nstruct B vtable=v\n[]", "t:2:17: v is the vtable of A already, expected another one"},
	{"struct A color=v\n[]", "t:1:10: unknown attribute color, expected vtable= or base=, or a field such as value:i"},
	{"struct A\narray A i\n[]", "t:2:7: A is declared twice, expected a new name"},
	{"array A\n[]", "t:1:8: found the end of the line, expected i, f or r"},
	{"call f args=ix\n[]", "t:1:14: unknown type x, expected i, f or r for each argument"},
	{"call f effect=none\n[]", "t:1:15: found none, expected elidable, readonly or any"},
	{"call f result=q\n[]", "t:1:15: found q, expected i, f, r or v"},
	{"call f\ncall f\n[]", "t:2:6: call f is declared twice, expected a new name"},
	{"call f colour=3\n[]", "t:1:8: unknown attribute colour, expected args=, result= or effect="},
	{"call f effect=any effect=any\n[]", "t:1:19: effect= is given twice, expected it once"},
	{"struct\n[]", "t:1:7: found the end of the line, expected the name of the struct"},
	// Objects.
	{declared + "object o NODE valu=5\n[]", "t:5:15: NODE has no field valu, nearest known: value"},
	{declared + "object o NODE value=x\n[]", "t:5:21: found x, expected an int as NODE.value"},
	{declared + "object o NODE value=1.5\n[]", "t:5:21: found 1.5, expected an int as NODE.value"},
	{declared + "object o NODE value=1 value=2\n[]", "t:5:23: field value is given twice, expected it once"},
	{declared + "object o NODE 1\n[]", "t:5:15: NODE is a struct, expected field=value"},
	{declared + "object o INTS value=1\n[]", "t:5:15: INTS is an array, expected a value without a name"},
	{declared + "object o NOD\n[]", "t:5:10: unknown struct or array NOD, nearest known: NODE"},
	{declared + "object o NODE\nobject o NODE\n[]", "t:6:8: object o is declared twice, expected a new name"},
	{"array B i[0,255]\nobject o B 1 256\n[]", "t:2:14: 256 is out of range, expected 0 to 255 as an item of B"},
	{declared + "object o INTS (\n[]", "t:5:15: found '(', expected a number, NULL or the name of an object"},
	{declared + "object NULL INTS\n[]", "t:5:8: NULL is no object, expected another name"},
	{"struct A next:r!\nobject o A next=5\n[]", "t:2:17: found 5, expected a ref as A.next"},
}

func TestParseMalformed(t *testing.T) {
	for _, c := range malformed {
		trace, err := Parse("t", c.src)
		assert.Nil(t, trace, c.src)
		assert.EqualError(t, err, c.err, c.src)
	}
}
