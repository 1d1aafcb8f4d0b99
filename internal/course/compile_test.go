package course

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/01-ir/tracetest"
	backend "metatrace/chapters/05-backend"
	backendsolution "metatrace/solutions/05-backend"
)

// BenchmarkCompile is the cost of making machine code for an operation of a recorded
// trace, by phases: the optimizer of the engine and the three of chapter 5, for both
// machines. Where a phase's figure is for the optimized trace, its name says so.
func BenchmarkCompile(b *testing.B) {
	chain, err := Solved().EngineChain()
	require.NoError(b, err)
	kit := &backendsolution.Kit
	machines := []backend.Machine{backend.NewAMD64(kit, 16), backend.NewARM64(kit, 16)}
	for _, f := range families {
		for _, n := range tracetest.Lengths {
			trace := f.trace(b, n)
			for _, m := range machines {
				b.Run(fmt.Sprintf("%s/%d/%s", f.name, n, m.Name()), func(b *testing.B) {
					b.ReportAllocs()
					var phases [4]time.Duration
					made := 0
					for b.Loop() {
						start := time.Now()
						lap := func(i int) {
							now := time.Now()
							phases[i] += now.Sub(start)
							start = now
						}
						optimized, err := chain.OptimizeLoop(trace)
						lap(0)
						require.NoError(b, err)
						l, err := backend.Lower(optimized, backend.LowerOptions{})
						lap(1)
						if err != nil { // it calls what only a test knows
							b.Skip(err)
						}
						a, err := kit.Allocate(m, l)
						lap(2)
						require.NoError(b, err)
						_, err = m.Emit(a)
						lap(3)
						require.NoError(b, err)
						made += len(optimized.Ops)
					}
					recorded := float64(b.N) * float64(len(trace.Ops))
					for i, name := range []string{"optimize", "lower", "allocate", "emit"} {
						b.ReportMetric(float64(phases[i].Nanoseconds())/recorded, "ns/op-"+name)
					}
					b.ReportMetric(float64(made)/recorded, "made/op")
				})
			}
		}
	}
}
