package backend_test

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/02-guards/exectest"
	"metatrace/internal/course"
)

// TestConformance runs the traces of a file of conformance cases (JSON lines with "id",
// "trace" and "peel"), before and after the optimizer, on the evaluator, the portable
// executor and machine code. METATRACE_CONFORMANCE names the file; without it there is
// nothing to do.
func TestConformance(t *testing.T) {
	file := os.Getenv("METATRACE_CONFORMANCE")
	if file == "" {
		t.Skip("METATRACE_CONFORMANCE names no file with cases")
	}
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	chain, err := course.Solved().Chain()
	require.NoError(t, err)
	engine, err := course.Solved().EngineChain()
	require.NoError(t, err)
	cases, runs := 0, 0
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var c struct {
			ID, Trace string
			Peel      bool
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &c))
		trace, err := ir.Parse(c.ID, c.Trace)
		require.NoError(t, err)
		cases++
		runs += checkExecutors(t, c.ID, trace)
		optimize := chain.Optimize
		if c.Peel {
			optimize = chain.OptimizeLoop
			if after, err := engine.OptimizeLoop(trace); err == nil {
				runs += checkExecutors(t, c.ID+" engine", after)
			}
		}
		after, err := optimize(trace)
		if errors.Is(err, ir.ErrImpossible) {
			continue
		}
		require.NoError(t, err, c.ID)
		runs += checkExecutors(t, c.ID+" optimized", after)
	}
	require.NoError(t, lines.Err())
	t.Logf("%d cases, %d runs that got to an end", cases, runs)
	require.NotZero(t, runs)
}

// checkExecutors compares the executors with the evaluator on many inputs.
func checkExecutors(t *testing.T, id string, trace *ir.Trace) (runs int) {
	t.Helper()
	for name, c := range map[string]*exectest.Comparison{"portable": portable(), "machine code": machineCode(t)} {
		for seed := range uint64(8) {
			inputs := tracegen.LoopInputs(trace, seed)
			if seed%2 == 0 {
				inputs = tracegen.IntInputs(trace, seed)
			}
			ran, err := c.Agree(trace, inputs)
			if err != nil {
				t.Errorf("%s, %s: %v\n%s", id, name, err, trace)
				return runs
			}
			if ran {
				runs++
			}
			if seed > 0 {
				continue
			}
			forced, err := c.AgreeForced(trace, inputs, 20)
			if err != nil {
				t.Errorf("%s, %s: %v\n%s", id, name, err, trace)
				return runs
			}
			runs += forced
		}
	}
	return runs
}
