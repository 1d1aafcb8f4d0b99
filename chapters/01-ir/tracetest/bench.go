package tracetest

import (
	"fmt"
	"testing"

	ir "metatrace/chapters/01-ir"
)

// Lengths are those of the traces that optimizers are measured with: short,
// middling, and the longest that is recorded.
var Lengths = []int{100, 1000, 6000}

// BenchOptimize measures what optimize costs for each operation of a trace, by
// Lengths: traceOf returns a trace of about n operations. The cost has to be
// about the same for all.
func BenchOptimize(b *testing.B, optimize func(*ir.Trace) (*ir.Trace, error), traceOf func(n int) *ir.Trace) {
	for _, n := range Lengths {
		trace := traceOf(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := optimize(trace); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(trace.Ops)), "ns/trace-op")
		})
	}
}
