package ir

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/heap"
)

func TestPrint(t *testing.T) {
	for _, c := range []struct{ what, src, want string }{
		{"values are renamed in order, with one counter", `
			[ia, rb, fc]
			i9 = int_add(ia, 1)
			guard_true(i9) [fc, rb]
			r7 = same_as_r(rb)
			jump(i9, r7, fc)`, `
[i0, p1, f2]
i3 = int_add(i0, 1)
guard_true(i3) [f2, p1]
p4 = same_as_r(p1)
jump(i3, p4, f2)
`},
		{"a virtual object is written in place", declared + `
			[i0]
			guard_true(i0) [i0, NODE{value=i0}, INTS{25, i0}, INTS{}]`, `
` + declared + `[i0]
guard_true(i0) [i0, NODE{value=i0, next=NULL}, INTS{25, i0}, INTS{}]
`},
		{"a virtual object gets a name if it stands there twice", declared + `
			[i0]
			guard_true(i0) [NODE{next=vx:NODE{}}, vx]`, `
` + declared + `[i0]
guard_true(i0) [NODE{value=0, next=v1:NODE{value=0, next=NULL}}, v1]
`},
		{"a name that is not needed is dropped", declared + `
			[i0]
			guard_true(i0) [v5:PAIR{b=-0.0}]`, `
` + declared + `[i0]
guard_true(i0) [PAIR{a=0, b=-0.0}]
`},
		{"cycles, numbered by their first place", declared + `
			[i0]
			guard_true(i0) [x:NODE{next=y:NODE{value=1, next=x}}, NODE{next=y}]
			guard_false(i0) [z:NODE{next=z}]`, `
` + declared + `[i0]
guard_true(i0) [v1:NODE{value=0, next=v2:NODE{value=1, next=v1}}, NODE{value=0, next=v2}]
guard_false(i0) [v1:NODE{value=0, next=v1}]
`},
		{"pending stores share virtual objects with the failargs", declared + `
			array REFS r
			[pa, ib]
			guard_nonnull(pa) [ib, w:NODE{value=ib}] {setfield_gc(pa, w, descr=NODE.next), setarrayitem_gc(pa, ib, x:NODE{next=x}, descr=REFS)}
			guard_nonnull(pa) [] {setfield_gc(pa, NODE{}, descr=NODE.next)}
			guard_nonnull(pa) [] {}`, `
` + strings.Replace(declared, "call", "array REFS r\ncall", 1) + `[p0, i1]
guard_nonnull(p0) [i1, v1:NODE{value=i1, next=NULL}] {setfield_gc(p0, v1, descr=NODE.next), setarrayitem_gc(p0, i1, v2:NODE{value=0, next=v2}, descr=REFS)}
guard_nonnull(p0) [] {setfield_gc(p0, NODE{value=0, next=NULL}, descr=NODE.next)}
guard_nonnull(p0) []
`},
		{"constants", `
			[p0]
			guard_class(p0, ConstClass(a.b)) []
			debug_merge_point("# no comment")
			finish(ConstPtr(x), NULL, -7, 1.0, inf, -9223372036854775808)`, `
[p0]
guard_class(p0, ConstClass(a.b)) []
debug_merge_point("# no comment")
finish(ConstPtr(x), NULL, -7, 1.0, inf, -9223372036854775808)
`},
		{"declarations: classes, calls, objects; bases first", `
			call g
			object o B A.x=1 x=nan
			object q C 1.0 2
			struct B base=A vtable=b x:f
			struct A x:i[0,9]! y:r z:i[0,0]
			array C f!
			call f args= effect=readonly result=i
			call h args=r effect=loopinvariant result=i
			object p A y=o
			object e C
			[]`, `
struct A x:i[0,9]! y:r z:i[0,0]
struct B vtable=b base=A x:f
array C f!
call g result=v effect=any
call f args= result=i effect=readonly
call h args=r result=i effect=loopinvariant
object o B A.x=1 x=nan
object q C 1.0 2.0
object p A y=o
object e C
[]
`},
		{"a hidden field is named with its struct", `
			struct A x:i
			struct B base=A x:i
			[p0]
			guard_nonnull(p0) [B{A.x=1, x=2}]
			i1 = getfield_gc_i(p0, descr=A.x)
			i2 = getfield_gc_i(p0, descr=B.x)`, `
struct A x:i
struct B base=A x:i
[p0]
guard_nonnull(p0) [B{A.x=1, x=2}]
i1 = getfield_gc_i(p0, descr=A.x)
i2 = getfield_gc_i(p0, descr=B.x)
`},
	} {
		t.Run(c.what, func(t *testing.T) {
			got := readTrace(t, c.src).String()
			if diff := cmp.Diff(c.want[1:], got); diff != "" {
				t.Errorf("printed differently (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(got, readTrace(t, got).String()); diff != "" {
				t.Errorf("the text does not read as itself:\n%s", diff)
			}
		})
	}
}

func TestPrintFloats(t *testing.T) {
	for want, x := range map[string]float64{
		"1.0": 1, "-0.0": math.Copysign(0, -1), "0.0": 0, "0.1": 0.1, "1e+300": 1e300,
		"100000000000000.0": 1e14, "1e+15": 1e15, "1e-06": 1e-6, "inf": math.Inf(1),
		"-inf": math.Inf(-1), "nan": math.NaN(), "1.5e-07": 1.5e-7, "5e-324": 5e-324,
	} {
		assert.Equal(t, want, ConstFloat(x).String())
	}
}

func TestPrintOp(t *testing.T) {
	b := NewBuilder(nil)
	i, p := b.Input(Int), b.Input(Ref)
	sum := b.Op(IntAdd, nil, i, ConstInt(1))
	guard := b.Guard(GuardNonnull, []*Op{sum, p}, p)
	assert.Equal(t, "i2 = int_add(i0, 1)", sum.String())
	assert.Equal(t, "guard_nonnull(p1) [i2, p1]", guard.String())
	assert.Equal(t, "p1", p.String())
	assert.Equal(t, "a = int_add(a, 1)", sum.Format(func(*Op) string { return "a" }))
	assert.Equal(t, "[i0, p1]\ni2 = int_add(i0, 1)\nguard_nonnull(p1) [i2, p1]\n", b.Trace().String())
}

// What has no text form is printed as something that is true and can be read.
func TestPrintWhatWasNotRead(t *testing.T) {
	var classes heap.Classes
	node, err := classes.Struct("NODE", "", nil, heap.Field{Name: "value", Kind: Int})
	require.NoError(t, err)
	unknown := &Symbol{Name: "unknown", Class: node}
	b := NewBuilder(&Decls{Classes: &classes, Objects: []*Symbol{unknown}})
	b.Op(DebugMergePoint, nil, Text("say \"no\"\nplease"))
	b.Op(Finish, nil, ConstPtr(unknown))
	require.NoError(t, Verify(b.Trace()))
	const want = "struct NODE value:i\n[]\ndebug_merge_point(\"say 'no' please\")\nfinish(ConstPtr(unknown))\n"
	assert.Equal(t, want, b.Trace().String())
	assert.Equal(t, want, readTrace(t, want).String())
}

func FuzzFloat(f *testing.F) {
	for _, bits := range []uint64{0, 1, 1 << 63, 0x7FF0 << 48, 0x7FF8 << 48, 0x430C6BF526340000} {
		f.Add(bits)
	}
	f.Fuzz(func(t *testing.T, bits uint64) {
		x := math.Float64frombits(bits)
		text := ConstFloat(x).String()
		got := readTrace(t, "[]\nfinish("+text+")").Ops[0].Args[0]
		if got.Code != OpConstFloat || got.Bits != bits && !math.IsNaN(x) {
			t.Errorf("%s was printed as %s", strconv.FormatFloat(x, 'g', -1, 64), text)
		}
	})
}
