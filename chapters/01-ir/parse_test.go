package ir

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

// declared is what the cases below may refer to: four lines.
const declared = `struct NODE vtable=node_vtable value:i next:r
struct PAIR a:i b:f
array INTS i
call pow args=ff result=f effect=elidable
`

// readTrace parses a trace that must be well-formed.
func readTrace(t testing.TB, src string) *Trace {
	t.Helper()
	trace, err := Parse("test", src)
	require.NoError(t, err)
	require.NoError(t, Verify(trace))
	return trace
}

func TestParseExample(t *testing.T) {
	trace := readTrace(t, `
struct NODE vtable=node_vtable value:i next:r      # declarations come first
[i0, p1]                                           # inputs
i2 = int_add(i0, 1)
guard_class(p1, ConstClass(node_vtable)) [i0, p1]  # every guard ends in its failargs
i3 = getfield_gc_i(p1, descr=NODE.value)
p4 = new_with_vtable(descr=NODE)
setfield_gc(p4, i3, descr=NODE.value)
jump(i2, p4)
`)
	node := trace.Decls.Classes.Named("NODE")
	require.NotNil(t, node)
	require.Len(t, trace.Inputs, 2)
	require.Len(t, trace.Ops, 6)
	add, guard, get, alloc := trace.Ops[0], trace.Ops[1], trace.Ops[2], trace.Ops[3]
	assert.Equal(t, IntAdd, add.Code)
	assert.Equal(t, Int, add.Type)
	assert.Same(t, trace.Inputs[0], add.Args[0])
	assert.Equal(t, int64(1), add.Args[1].Int())
	assert.EqualValues(t, 4, add.Line)
	assert.Same(t, node, guard.Args[1].Name.Class)
	assert.Equal(t, trace.Inputs, guard.Exit.Failargs)
	assert.Same(t, node.Field("value"), get.Descr)
	assert.Same(t, node, alloc.Descr)
	assert.Same(t, alloc, trace.Ops[5].Args[1])
	assert.NoError(t, trace.CheckLoop())
}

func TestParseDeclarations(t *testing.T) {
	trace := readTrace(t, `
struct DERIVED vtable=d base=BASE value:f small:i[0,0]!
struct BASE vtable=b value:i[-5,5] next:r!
array BYTES i[0,255]!
call f args= result=v
call g effect=readonly args=irf result=r
[]`)
	base, derived := trace.Decls.Classes.Named("BASE"), trace.Decls.Classes.Named("DERIVED")
	assert.Same(t, base, derived.Base)
	assert.Len(t, derived.Fields, 4)
	assert.Equal(t, heap.Field{Name: "value", Kind: Int, Lo: -5, Hi: 5, Owner: base}, *base.Fields[0])
	assert.Equal(t, heap.Field{Name: "small", Kind: Int, Immutable: true, Owner: derived, Index: 3}, *derived.Fields[3])
	bytes := trace.Decls.Classes.Named("BYTES")
	assert.True(t, bytes.IsArray())
	assert.Equal(t, int64(255), bytes.Item.Hi)
	assert.True(t, bytes.Item.Immutable)
	assert.Equal(t, []*Call{
		{Name: "f", Args: []Type{}},
		{Name: "g", Args: []Type{Int, Ref, Float}, Result: Ref, Effect: EffectReadonly},
	}, trace.Decls.Calls)
}

func TestParseObjects(t *testing.T) {
	trace := readTrace(t, declared+`array REFS r
object a NODE next=b value=7
object b NODE next=ConstPtr(a)
object c REFS a NULL unknown
object d PAIR b=inf
object e PAIR a=-1 b=2
[]
escape_n(ConstPtr(a), ConstPtr(unknown))`)
	objects := trace.Decls.Objects
	require.Len(t, objects, 5)
	a, b, c := objects[0], objects[1], objects[2]
	assert.Equal(t, int64(7), a.Values[0].Int())
	assert.Same(t, b, a.Values[1].Name)
	assert.Equal(t, int64(0), b.Values[0].Int())
	assert.Same(t, a, b.Values[1].Name)
	require.Len(t, c.Values, 3)
	assert.True(t, c.Values[1].IsNull())
	assert.True(t, math.IsInf(objects[3].Values[1].Float(), 1))
	assert.Equal(t, 2.0, objects[4].Values[1].Float())
	args := trace.Ops[0].Args
	assert.Same(t, a, args[0].Name)
	assert.Same(t, c.Values[2].Name, args[1].Name)
	assert.Nil(t, args[1].Name.Class)
}

func TestParseVirtuals(t *testing.T) {
	trace := readTrace(t, declared+`
[i0, p1]
guard_true(i0) [v1:NODE{value=i0, next=v2:NODE{NODE.next=v1}}, v2, INTS{25, i0, 0}, PAIR{}, v1]`)
	args := trace.Ops[0].Exit.Failargs
	v1, v2, ints, pair := args[0], args[1], args[2], args[3]
	assert.Same(t, v1, args[4])
	assert.Same(t, trace.Inputs[0], v1.Args[0])
	assert.Same(t, v2, v1.Args[1])
	assert.Equal(t, int64(0), v2.Args[0].Int())
	assert.Same(t, v1, v2.Args[1])
	assert.Equal(t, trace.Decls.Classes.Named("INTS"), ints.Descr)
	assert.Len(t, ints.Args, 3)
	assert.Len(t, pair.Args, 2)
	assert.Equal(t, Float, pair.Args[1].Type)
}

func TestParseFloats(t *testing.T) {
	for text, want := range map[string]float64{
		"1.5": 1.5, "-0.0": math.Copysign(0, -1), "2.": 2, "1e9": 1e9, "1.5E-7": 1.5e-7,
		"inf": math.Inf(1), "-inf": math.Inf(-1), "0.1": 0.1, "5e-324": 5e-324,
		"1.7976931348623157e+308": math.MaxFloat64,
	} {
		trace := readTrace(t, "[]\nfinish("+text+")")
		assert.Equal(t, math.Float64bits(want), trace.Ops[0].Args[0].Bits, text)
	}
	for _, text := range []string{"nan", "-nan"} {
		trace := readTrace(t, "[]\nfinish("+text+")")
		assert.Equal(t, uint64(0x7FF8<<48), trace.Ops[0].Args[0].Bits, text)
	}
}

func TestParseIsLenientAboutBlanksAndComments(t *testing.T) {
	trace := readTrace(t, "# a trace\r\n\r\n  [ i0 ,p1 ]# two\r\n\tr2=same_as_r( p1 )\r\ndebug_merge_point(\"a # b\")")
	assert.Equal(t, "[i0, p1]\np2 = same_as_r(p1)\ndebug_merge_point(\"a # b\")\n", trace.String())
}

func TestParseStraightLine(t *testing.T) {
	trace := readTrace(t, "[i0]\njump(1.5, 2)")
	err := trace.CheckLoop()
	assert.EqualError(t, err, "test:2:11: jump has 2 arguments, expected 1 as the inputs are")
	trace = readTrace(t, "[i0, f1]\njump(i0, i0)")
	assert.EqualError(t, trace.CheckLoop(), "test:2:10: argument 2 of jump is an int, expected a float as the inputs are")
	assert.NoError(t, readTrace(t, "[i0, f1]\nfinish(i0)").CheckLoop())
	assert.NoError(t, readTrace(t, "[i0]\nlabel()\njump()").CheckLoop())
}

func TestParseNesting(t *testing.T) {
	deep := func(n int) string {
		return declared + "[]\nguard_always_fails() [" + strings.Repeat("NODE{next=", n) + "NULL" +
			strings.Repeat("}", n) + "]"
	}
	trace := readTrace(t, deep(maxNesting))
	again := readTrace(t, trace.String())
	assert.Equal(t, trace.String(), again.String())
	_, err := Parse("test", deep(maxNesting+1))
	assert.ErrorContains(t, err, "virtual objects are nested too deep, expected 10000 levels at most")
}

func TestParseHuge(t *testing.T) {
	var src strings.Builder
	src.WriteString("[i0]\n")
	for i := range 50000 {
		fmt.Fprintf(&src, "i%d = int_add(i%d, 1)\nguard_true(i%d) [i0, i%d]\n", i+1, i, i, i)
	}
	assert.Len(t, readTrace(t, src.String()).Ops, 100000)
}

func TestSyntaxErrorWithoutPlace(t *testing.T) {
	assert.EqualError(t, &SyntaxError{Msg: "wrong"}, "wrong")
	var err error
	_, err = Parse("a.trace", "?")
	var syntax *SyntaxError
	require.True(t, errors.As(err, &syntax))
	assert.Equal(t, SyntaxError{"a.trace", 1, 1, "can't read ?"}, *syntax)
}
