package course

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
)

// recorded makes a trace of n operations as the recorder writes them for the
// loop of testdata/sum.tiny, turn after turn.
func recorded(t require.TestingT, n int) *ir.Trace {
	const turn = `guard_nonnull_class(I, ConstClass(int_vtable)) [p0, I, S, I, p0]
guard_nonnull_class(p0, ConstClass(int_vtable)) [p0, I, S, I, p0]
i1# = getfield_gc_i(I, descr=INT.value)
i2# = getfield_gc_i(p0, descr=INT.value)
i3# = int_lt(i1#, i2#)
guard_true(i3#) [p0, I, S, I, p0]
guard_nonnull_class(I, ConstClass(int_vtable)) [p0, I, S, S, I, I]
i4# = getfield_gc_i(I, descr=INT.value)
i5# = getfield_gc_i(I, descr=INT.value)
i6# = int_mul_ovf(i4#, i5#)
guard_no_overflow() [p0, I, S, S, I, I]
p7# = new_with_vtable(descr=INT)
setfield_gc(p7#, i6#, descr=INT.value)
guard_nonnull_class(S, ConstClass(int_vtable)) [p0, I, S, S, p7#]
guard_nonnull_class(p7#, ConstClass(int_vtable)) [p0, I, S, S, p7#]
i8# = getfield_gc_i(S, descr=INT.value)
i9# = getfield_gc_i(p7#, descr=INT.value)
i10# = int_add_ovf(i8#, i9#)
guard_no_overflow() [p0, I, S, S, p7#]
p11# = new_with_vtable(descr=INT)
setfield_gc(p11#, i10#, descr=INT.value)
i12# = getfield_gc_i(I, descr=INT.value)
i13# = int_add_ovf(i12#, 1)
guard_no_overflow() [p0, I, p11#, I, NULL]
p14# = new_with_vtable(descr=INT)
setfield_gc(p14#, i13#, descr=INT.value)
`
	lines := []string{"struct INT vtable=int_vtable value:i!", "[p0, p1, p2]"}
	i, s := "p1", "p2"
	for k := 0; len(lines) < n+2; k++ {
		suffix := fmt.Sprintf("x%d", k)
		text := strings.NewReplacer("#", suffix, "I,", i+",", "I]", i+"]", "S,", s+",").Replace(turn)
		lines = append(lines, strings.Split(strings.TrimSpace(text), "\n")...)
		i, s = "p14"+suffix, "p11"+suffix
	}
	trace, err := ir.Parse("recorded", strings.Join(lines[:n+2], "\n"))
	require.NoError(t, err)
	return trace
}

// BenchmarkOptimize is the cost of the whole optimizer.
func BenchmarkOptimize(b *testing.B) {
	chain, err := Solved().Chain()
	require.NoError(b, err)
	tracetest.BenchOptimize(b, chain, func(n int) *ir.Trace { return recorded(b, n) })
}
