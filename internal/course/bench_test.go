package course

import (
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
)

// BenchmarkOptimize is the cost of the whole optimizer for an operation of the
// input: straight, as "opt -peel" does it, and as the engine does it.
func BenchmarkOptimize(b *testing.B) {
	chain, err := Solved().Chain()
	require.NoError(b, err)
	engine, err := Solved().EngineChain()
	require.NoError(b, err)
	for _, f := range families {
		traceOf := func(n int) *ir.Trace { return f.trace(b, n) }
		b.Run(f.name+"/straight", func(b *testing.B) { tracetest.BenchOptimize(b, chain.Optimize, traceOf) })
		b.Run(f.name+"/peeled", func(b *testing.B) { tracetest.BenchOptimize(b, chain.OptimizeLoop, traceOf) })
		b.Run(f.name+"/engine", func(b *testing.B) { tracetest.BenchOptimize(b, engine.OptimizeLoop, traceOf) })
	}
}
