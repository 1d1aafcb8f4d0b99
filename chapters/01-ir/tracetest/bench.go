package tracetest

import (
	"fmt"
	"testing"

	ir "metatrace/chapters/01-ir"
)

// BenchOptimize measures what chain costs for each operation of a trace, for
// short, middling and long ones: traceOf returns a trace of n operations. The cost
// has to be about the same for all.
func BenchOptimize(b *testing.B, chain ir.Chain, traceOf func(n int) *ir.Trace) {
	for _, n := range []int{100, 1000, 6000} {
		trace := traceOf(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := chain.Optimize(trace); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/trace-op")
		})
	}
}
