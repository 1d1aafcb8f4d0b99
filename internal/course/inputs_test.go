package course

import (
	"fmt"
	"strings"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
)

// family is a way to make loops of any length. In the text, # is the number of
// the turn and @ that of the turn before; what turn 0 uses of it is head's.
type family struct{ name, head, turn, jump string }

// trace returns the loop of about n operations, whole turns and the jump.
func (f family) trace(t require.TestingT, n int) *ir.Trace {
	lines := []string{declared + f.head}
	size := strings.Count(f.turn, "\n")
	for k := 1; k == 1 || k*size < n; k++ {
		lines = append(lines, f.at(f.turn, k))
	}
	text := strings.Join(append(lines, f.at(f.jump, len(lines))), "\n")
	trace, err := ir.Parse(f.name, text)
	require.NoError(t, err)
	require.NoError(t, ir.Verify(trace))
	return trace
}

func (f family) at(text string, k int) string {
	return strings.NewReplacer("#", fmt.Sprintf("_%d", k), "@", fmt.Sprintf("_%d", k-1), "%", fmt.Sprint(k)).
		Replace(strings.TrimSuffix(text, "\n"))
}

// declared is what the families declare.
const declared = `struct INT vtable=int_vtable value:i!
struct NODE vtable=node_vtable value:i next:r
struct PAIR left:r right:r
array INTS i
array REFS r
call pure args=i result=i effect=elidable
call read args=r result=i effect=readonly
call act args=r result=v effect=any
`

// sum is what the recorder writes for the loop of testdata/sum.tiny, turn after
// turn, but for the order in which registers are moved.
var sum = family{"sum", "[p0, p14_0, p11_0]", `guard_nonnull_class(p14@, ConstClass(int_vtable)) [p0, p14@, p11@, p14@, p0]
guard_nonnull_class(p0, ConstClass(int_vtable)) [p0, p14@, p11@, p14@, p0]
i1# = getfield_gc_i(p14@, descr=INT.value)
i2# = getfield_gc_i(p0, descr=INT.value)
i3# = int_lt(i1#, i2#)
guard_true(i3#) [p0, p14@, p11@, p14@, p0]
guard_nonnull_class(p14@, ConstClass(int_vtable)) [p0, p14@, p11@, p11@, p14@, p14@]
i4# = getfield_gc_i(p14@, descr=INT.value)
i5# = getfield_gc_i(p14@, descr=INT.value)
i6# = int_mul_ovf(i4#, i5#)
guard_no_overflow() [p0, p14@, p11@, p11@, p14@, p14@]
p7# = new_with_vtable(descr=INT)
setfield_gc(p7#, i6#, descr=INT.value)
guard_nonnull_class(p11@, ConstClass(int_vtable)) [p0, p14@, p11@, p11@, p7#]
guard_nonnull_class(p7#, ConstClass(int_vtable)) [p0, p14@, p11@, p11@, p7#]
i8# = getfield_gc_i(p11@, descr=INT.value)
i9# = getfield_gc_i(p7#, descr=INT.value)
i10# = int_add_ovf(i8#, i9#)
guard_no_overflow() [p0, p14@, p11@, p11@, p7#]
p11# = new_with_vtable(descr=INT)
setfield_gc(p11#, i10#, descr=INT.value)
i12# = getfield_gc_i(p14@, descr=INT.value)
i13# = int_add_ovf(i12#, 1)
guard_no_overflow() [p0, p14@, p11#, p14@, NULL]
p14# = new_with_vtable(descr=INT)
setfield_gc(p14#, i13#, descr=INT.value)
`, "jump(p0, p14@, p11@)"}

// objects works on the heap in all ways: virtual objects, some that escape, some
// in exits, stores that wait, arrays with constant and other indices.
var objects = family{"objects", "[p0, p1, p2, p3, i0_0, i1]", `p10# = new_with_vtable(descr=NODE)
setfield_gc(p10#, i0@, descr=NODE.value)
setfield_gc(p10#, p0, descr=NODE.next)
i11# = getfield_gc_i(p0, descr=NODE.value)
i12# = int_add(i11#, i0@)
setfield_gc(p0, i12#, descr=NODE.value)
i13# = int_lt(i0@, i1)
guard_true(i13#) [p10#, p0, i12#]
setfield_gc(p1, p10#, descr=PAIR.left)
p14# = getfield_gc_r(p1, descr=PAIR.left)
i15# = getfield_gc_i(p14#, descr=NODE.value)
p16# = new_array_clear(3, descr=REFS)
setarrayitem_gc(p16#, 1, p14#, descr=REFS)
guard_nonnull(p14#) [p16#, p10#, p1]
setarrayitem_gc(p2, i15#, i12#, descr=INTS)
setarrayitem_gc(p2, 5, %, descr=INTS)
i17# = getarrayitem_gc_i(p2, i15#, descr=INTS)
p18# = getarrayitem_gc_r(p3, i17#, descr=REFS)
guard_nonnull_class(p18#, ConstClass(node_vtable)) [p18#, p16#, i17#]
i19# = getfield_gc_i(p18#, descr=NODE.value)
p20# = new(descr=PAIR)
setfield_gc(p20#, p10#, descr=PAIR.right)
setfield_gc(p20#, p16#, descr=PAIR.left)
setarrayitem_gc(p3, 2, p20#, descr=REFS)
i21# = call_i(ConstClass(read), p18#, descr=read)
i0# = int_add_ovf(i0@, i21#)
guard_no_overflow() [p20#, p1, i19#]
`, "jump(p0, p1, p2, p3, i0@, i1)"}

// families are the traces that the optimizer is measured with: first two of the
// usual kind, then some that have as much of one thing as a trace can have.
var families = []family{
	sum, objects,
	{"chain", "[p0_0, i0, i1]", `p0# = new_with_vtable(descr=NODE)
setfield_gc(p0#, i0, descr=NODE.value)
setfield_gc(p0#, p0@, descr=NODE.next)
i2# = int_add_ovf(i0, %)
guard_no_overflow() [p0#]
`, "jump(p0_0, i0, i1)"},
	{"kept", "[p0_0, p1, i0]", `p0# = new_with_vtable(descr=NODE)
setfield_gc(p0#, i0, descr=NODE.value)
setfield_gc(p0#, p0@, descr=NODE.next)
`, "jump(p0@, p1, i0)"},
	{"items", "[p0, i0]", `setarrayitem_gc(p0, %, i0, descr=INTS)
i1# = call_i(ConstClass(pure), %, descr=pure)
`, "jump(p0, i0)"},
	{"distinct", "[p0_0, i0]", `setfield_gc(p0@, i0, descr=NODE.value)
p0# = getfield_gc_r(p0@, descr=NODE.next)
`, "jump(p0@, i0)"},
	{"known", "[p0_0, i0]", `i1# = getfield_gc_i(p0@, descr=NODE.value)
guard_value(i1#, %) [p0@]
p0# = getfield_gc_r(p0@, descr=NODE.next)
setfield_gc(p0@, i0, descr=NODE.value)
`, "jump(p0@, i0)"},
	{"differ", "[p0_0, p1, i0]", `i1# = arraylen_gc(p0@, descr=REFS)
guard_value(i1#, 9%) [p0@]
p0# = getarrayitem_gc_r(p0@, 1, descr=REFS)
setarrayitem_gc(p0@, i0, NULL, descr=REFS)
`, "jump(p0@, p1, i0)"},
	{"variable", "[p0, i0_0]", `i0# = getarrayitem_gc_i(p0, i0@, descr=INTS)
p1# = new_array(i0#, descr=INTS)
setarrayitem_gc(p1#, i0#, i0@, descr=INTS)
`, "jump(p0, i0@)"},
	{"fresh", "[p0, i0_0]", `p1# = new_array(i0@, descr=INTS)
setarrayitem_gc(p1#, 1, i0@, descr=INTS)
setarrayitem_gc(p1#, 2, i0@, descr=INTS)
i0# = getarrayitem_gc_i(p0, i0@, descr=INTS)
`, "jump(p0, i0@)"},
	{"pending", "[p0, i0_0, i1]", `p1# = new_with_vtable(descr=NODE)
setfield_gc(p1#, i0@, descr=NODE.value)
setarrayitem_gc(p0, %, p1#, descr=REFS)
i0# = int_add_ovf(i0@, 1)
guard_no_overflow() [p0]
`, "jump(p0, i0@, i1)"},
	{"effects", "[p0_0]", `p0# = getfield_gc_r(p0@, descr=NODE.next)
guard_nonnull(p0#) [p0@]
call_n(ConstClass(act), p0#, descr=act)
`, "jump(p0@)"},
	{"late", "[p0_0]", `p0# = getfield_gc_r(p0@, descr=NODE.next)
guard_nonnull(p0#) [p0@]
`, "jump(p0@)"},
	{"calls", "[p0, i0_0]", `i0# = call_i(ConstClass(pure), i0@, descr=pure)
i1# = call_i(ConstClass(read), p0, descr=read)
setfield_gc(p0, i0#, descr=NODE.value)
`, "jump(p0, i0@)"},
	{"integers", "[i0_0, i1]", `i2# = int_lt(i0@, i1)
guard_true(i2#) [i0@, i1]
i0# = int_add_ovf(i0@, i1)
guard_no_overflow() [i0@, i1]
`, "jump(i0@, i1)"},
	{"ranges", "[i0_0, i1]", `i2# = int_and(i0@, 255)
i3# = int_add(i2#, i1)
i4# = int_lt(i3#, 1000000)
guard_true(i4#) [i0@, i1]
i5# = int_rshift(i3#, 3)
i6# = int_is_true(i5#)
guard_true(i6#) [i5#]
i0# = int_mul(i3#, 3)
`, "jump(i0@, i1)"},
	{"back", "[i0_0, i1]", `i2# = int_xor(i0@, i1)
i0# = int_add(i2#, 1)
i3# = int_ne(i0#, %)
guard_true(i3#) [i0@, i1]
`, "jump(i0@, i1)"},
}
