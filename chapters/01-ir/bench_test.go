package ir_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

// longTrace makes a trace of n operations like those that recorders write: half
// of the work is superfluous.
func longTrace(t require.TestingT, n int) *ir.Trace {
	b := strings.Builder{}
	b.WriteString(declarations + "[i0, i1, f0, p0]\n")
	i, f := "i0", "f0"
	count := 0
	line := func(format string, args ...any) {
		fmt.Fprintf(&b, format+"\n", args...)
		count++
	}
	for k := 0; count < n-12; k++ {
		line("ia%d = int_add(%s, %d)", k, i, k%7)
		line("ib%d = int_mul(ia%d, 8)", k, k)
		line("ic%d = int_add(%d, %s)", k, k%7, i)
		line("id%d = int_lt(ic%d, i1)", k, k)
		line("guard_true(id%d) [ia%d, %s, p0]", k, k, f)
		line("ie%d = int_add_ovf(ib%d, 1)", k, k)
		line("guard_no_overflow() [ie%d, p0]", k)
		line("fa%d = float_mul(%s, 1.0)", k, f)
		line("fb%d = float_add(fa%d, %d.5)", k, k, k)
		line("ig%d = getfield_gc_i(p0, descr=NODE.value)", k)
		line("ih%d = int_xor(ig%d, ie%d)", k, k, k)
		line("setfield_gc(p0, ih%d, descr=NODE.value)", k)
		i, f = fmt.Sprintf("ie%d", k), fmt.Sprintf("fb%d", k)
	}
	for count < n-1 {
		line("iz%d = int_neg(%s)", count, i)
	}
	line("jump(%s, i1, %s, p0)", i, f)
	trace, err := ir.Parse("long", b.String())
	require.NoError(t, err)
	require.Len(t, trace.Ops, n)
	return trace
}

func BenchmarkOptimize(b *testing.B) {
	tracetest.BenchOptimize(b, chainOf(b, &irsolution.Kit).Optimize, func(n int) *ir.Trace { return longTrace(b, n) })
}

// BenchmarkEval runs one turn of testdata/sum.trace, before and after.
func BenchmarkEval(b *testing.B) {
	for _, file := range []string{"sum.trace", "sum.opt"} {
		b.Run(file, func(b *testing.B) {
			src, err := os.ReadFile("testdata/" + file)
			require.NoError(b, err)
			trace, err := ir.Parse(file, string(src))
			require.NoError(b, err)
			h, err := heap.New(trace.Decls.Classes, heap.Options{Limit: 1 << 20})
			require.NoError(b, err)
			defer h.Close()
			e := &ir.Evaluator{Kit: &irsolution.Kit, Heap: h}
			inputs := []uint64{3, 10, 100}
			for b.Loop() {
				if _, err := e.Run(trace, inputs); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkFind asks every value of a chain of replacements for its end.
func BenchmarkFind(b *testing.B) {
	slow := func(op *ir.Op) *ir.Op {
		for op.Forward != nil {
			op = op.Forward
		}
		return op
	}
	for name, find := range map[string]func(*ir.Op) *ir.Op{"compressed": irsolution.Find, "plain": slow} {
		b.Run(name, func(b *testing.B) {
			const n = 6000
			for b.Loop() {
				ops := make([]ir.Op, n)
				for i := range n - 1 {
					ops[i].Forward = &ops[i+1]
				}
				for i := range ops {
					find(&ops[i])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/value")
		})
	}
}
