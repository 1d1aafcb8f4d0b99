package backend_test

import (
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/chapters/02-guards/exectest"
	backend "metatrace/chapters/05-backend"
	"metatrace/internal/course"
	backendsolution "metatrace/solutions/05-backend"
)

// portable is the comparison of the portable executor with the evaluator.
func portable() *exectest.Comparison {
	kits := course.Solved()
	return &exectest.Comparison{Kit: &kits.IR, Materialize: kits.Virtuals.Materialize}
}

// machineCode is that of machine code.
func machineCode(t testing.TB) *exectest.Comparison {
	t.Helper()
	if err := backend.Available(); err != nil {
		t.Skipf("no machine code here: %v", err)
	}
	c := portable()
	c.Executor = backendsolution.Kit.Native(1 << 20)
	return c
}

// checkGenerated compares an executor with the evaluator on a trace made of data. mode
// says how.
func checkGenerated(t *testing.T, c *exectest.Comparison, engine *ir.Chain, data []byte, mode uint16) {
	t.Helper()
	if mode%2 == 1 {
		engine = nil
	}
	c.Stress, c.Count = mode/2%2 == 1, mode/4%2 == 1
	kind := exectest.Kinds[int(mode/8)%len(exectest.Kinds)]
	_, err := c.Generated(kind.Kind, engine, data, 4, 8)
	require.NoError(t, err, "%s, mode %d", kind.Name, mode)
}

// FuzzExecutors compares machine code and the portable executor with the evaluator on
// generated traces of all kinds: integers, floats, objects, loops, and more values than
// there are registers.
func FuzzExecutors(f *testing.F) {
	engine, err := course.Solved().EngineChain()
	require.NoError(f, err)
	random := rand.New(rand.NewPCG(5, 5))
	step := uint16(1)
	if testing.Short() {
		step = 5
	}
	for mode := uint16(0); mode < uint16(8*len(exectest.Kinds)); mode += step {
		f.Add(tracetest.Random(random, 20+3*int(mode)), mode)
	}
	f.Fuzz(func(t *testing.T, data []byte, mode uint16) {
		checkGenerated(t, portable(), &engine, data, mode)
		checkGenerated(t, machineCode(t), &engine, data, mode)
		cut := machineCode(t)
		cut.Executor = cutting(cut.Executor, uint64(mode))
		checkGenerated(t, cut, &engine, data, mode)
	})
}

// TestGenerated runs some hundred traces in machine code.
func TestGenerated(t *testing.T) {
	t.Parallel()
	engine, err := course.Solved().EngineChain()
	require.NoError(t, err)
	random, n, step := rand.New(rand.NewPCG(6, 6)), 3*8*len(exectest.Kinds), 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < n; i += step {
		checkGenerated(t, machineCode(t), &engine, tracetest.Random(random, 10+random.IntN(300)), uint16(i))
	}
}

// TestGeneratedForLong does it for as long as METATRACE_LONG says (10m), with other
// traces each time: where the fuzzer can't start its workers, as under an emulator.
func TestGeneratedForLong(t *testing.T) {
	long, err := time.ParseDuration(os.Getenv("METATRACE_LONG"))
	if err != nil {
		t.Skip("METATRACE_LONG names no time")
	}
	engine, err := course.Solved().EngineChain()
	require.NoError(t, err)
	seed, n := uint64(time.Now().UnixNano()), 0
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 7))
	for start := time.Now(); time.Since(start) < long; n++ {
		checkGenerated(t, machineCode(t), &engine, tracetest.Random(random, 10+random.IntN(400)), uint16(n))
	}
	t.Logf("%d traces", n)
}
