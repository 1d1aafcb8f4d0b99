package exectest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/exectest"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

var kits = course.Solved()

func comparison() *exectest.Comparison {
	return &exectest.Comparison{Kit: &kits.IR, Materialize: kits.Virtuals.Materialize}
}

// TestPortableAgreesOnGenerated runs generated traces of all kinds on the portable
// executor: as they are made, and optimized.
func TestPortableAgreesOnGenerated(t *testing.T) {
	t.Parallel()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	for i, kind := range exectest.Kinds {
		for name, optimizer := range map[string]*ir.Chain{"as-made": nil, "optimized": &chain} {
			t.Run(kind.Name+"/"+name, func(t *testing.T) {
				random := rand.New(rand.NewPCG(uint64(i), 17))
				const traces = 40
				sum := exectest.Runs{}
				for n := range traces {
					c := comparison()
					c.Stress = n%4 == 3
					runs, err := c.Generated(kind.Kind, optimizer, tracetest.Random(random, 10+random.IntN(240)), 5, 12)
					require.NoError(t, err)
					sum.Traces += runs.Traces
					sum.Plain += runs.Plain
					sum.Forced += runs.Forced
				}
				t.Logf("%+v", sum)
				if optimizer == nil && (kind.Name == "tagged" || kind.Name == "taggedloop") {
					return // most look into tagged words
				}
				assert.Greater(t, sum.Traces, traces/2)
				assert.Greater(t, sum.Forced, traces)
			})
		}
	}
}

// FuzzPortable does it with traces that a fuzzer makes. mode says how.
func FuzzPortable(f *testing.F) {
	chain, err := kits.EngineChain()
	require.NoError(f, err)
	random := rand.New(rand.NewPCG(3, 4))
	for i := range 90 {
		f.Add(tracetest.Random(random, 3*i), uint16(5*i))
	}
	f.Fuzz(func(t *testing.T, data []byte, mode uint16) {
		c, optimizer := comparison(), &chain
		c.Stress, c.Split = mode/2%2 == 1, uint64(mode/4%4)
		if mode%2 == 1 {
			optimizer = nil
		}
		kind := exectest.Kinds[int(mode/16)%len(exectest.Kinds)]
		_, err := c.Generated(kind.Kind, optimizer, data, 4, 8)
		require.NoError(t, err, kind.Name)
	})
}

// spoiled is an executor that makes one mistake.
type spoiled struct {
	guards.Executor
	heap  *heap.Heap
	spoil func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64)
}

type spoiledProgram struct {
	guards.Program
	exec *spoiled
}

func (x *spoiled) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	p, err := x.Executor.Load(t, opt)
	return &spoiledProgram{p, x}, err
}

func (p *spoiledProgram) Run(m *machine.Machine, inputs []uint64) (*ir.Op, []uint64, error) {
	left, values, err := p.Program.Run(m, inputs)
	if err == nil {
		left, values = p.exec.spoil(p.exec.heap, left, values)
	}
	return left, values, err
}

// TestMistakesAreSeen plants mistakes in an executor.
func TestMistakesAreSeen(t *testing.T) {
	const text = `
struct NODE vtable=node_vtable value:i next:r
object first NODE value=1
[i0, p1]
guard_nonnull_class(p1, ConstClass(node_vtable)) [i0]
i2 = escape_i(p1)
p3 = new_with_vtable(descr=NODE)
setfield_gc(p3, i2, descr=NODE.value)
finish(p3, i0, ConstPtr(first), 0.5)`
	trace, err := ir.Parse("test", text)
	require.NoError(t, err)
	inputs := []uint64{5, 1}
	agree := func(spoil func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64)) error {
		c := comparison()
		c.Executor = func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
			x, err := guards.NewPortable(h, opt)
			return &spoiled{x, h, spoil}, err
		}
		ran, err := c.Agree(trace, inputs)
		require.True(t, ran)
		return err
	}
	require.NoError(t, agree(func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) { return left, values }))
	for what, spoil := range map[string]func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64){
		"another value": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) { values[1]++; return left, values },
		"another float": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) { values[3]++; return left, values },
		"no object": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) {
			values[0] = 0
			return left, values
		},
		"another object": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) {
			values[0] = values[2]
			return left, values
		},
		"other contents": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) {
			h.SetWord(values[0], 0, 99)
			return left, values
		},
		"a prebuilt object": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) {
			h.SetWord(values[2], 0, 99)
			return left, values
		},
		"a reference in there": func(h *heap.Heap, left *ir.Op, values []uint64) (*ir.Op, []uint64) {
			h.SetWord(values[0], 1, values[0])
			return left, values
		},
	} {
		require.ErrorContains(t, agree(spoil), "they differ (both leave by operation 4", what)
	}
}

// TestWhatIsCompared has traces by hand: which end how, and on which nothing is said.
func TestWhatIsCompared(t *testing.T) {
	for _, tt := range []struct {
		text string
		ran  bool
		kind tracetest.Kind
	}{
		{"[i0]\ni1 = int_add(i0, 1)", true, tracetest.Straight},
		{"[i0]\ni1 = int_sub(i0, 1)\ni2 = int_gt(i1, 0)\nguard_true(i2) [i1]\njump(i1)", true, tracetest.Loop},
		{"[i0]\nlabel(i0)\njump(i0)", false, tracetest.Straight},
		{"[f0]\ni1 = cast_float_to_int(inf)\nfinish(i1)", false, tracetest.Straight},
		{"[p0]\nescape_n(p0)\np1 = escape_r(ConstPtr(strange))\nfinish(p1, ConstPtr(strange))", true, tracetest.Straight},
		{"call int_div args=ii result=i effect=elidable\n[i0]\ni1 = call_i(ConstClass(int_div), i0, -7, descr=int_div)\nfinish(i1)", true, tracetest.Straight},
		{"call int_mod args=ii result=i effect=elidable\n[i0]\ni1 = call_i(ConstClass(int_mod), i0, 0, descr=int_mod)\nfinish(i1)", false, tracetest.Straight},
	} {
		trace, err := ir.Parse("test", tt.text)
		require.NoError(t, err)
		before := trace.Body()
		for seed := range uint64(8) {
			ran, err := comparison().Agree(trace, tt.kind.Inputs(trace, seed))
			require.NoError(t, err, tt.text)
			require.Equal(t, tt.ran, ran, tt.text)
		}
		require.Equal(t, before, trace.Body())
	}
	trace, err := ir.Parse("test", "[i0]\ni1 = int_sub(i0, 1)\ni2 = int_gt(i1, 0)\nguard_true(i2) [i1]\njump(i1)")
	require.NoError(t, err)
	ran, err := comparison().AgreeForced(trace, tracegen.LoopInputs(trace, 0), 5)
	require.NoError(t, err)
	require.Equal(t, 2, ran, "in the first round, and in the second")
}

// TestPortableConnects runs the cases of connected traces.
func TestPortableConnects(t *testing.T) {
	t.Parallel()
	exectest.Connected(t, comparison())
}

// TestPortableAgreesOnSplit splits generated traces into many that are connected.
func TestPortableAgreesOnSplit(t *testing.T) {
	t.Parallel()
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	for i, kind := range exectest.Kinds {
		for name, optimizer := range map[string]*ir.Chain{"as-made": nil, "optimized": &chain} {
			t.Run(kind.Name+"/"+name, func(t *testing.T) {
				random := rand.New(rand.NewPCG(uint64(i), 18))
				traces := 40
				if testing.Short() {
					traces = 15
				}
				sum := exectest.Runs{}
				for n := range traces {
					c := comparison()
					c.Stress, c.Split = n%4 == 3, uint64(n+1)
					runs, err := c.Generated(kind.Kind, optimizer, tracetest.Random(random, 10+random.IntN(240)), 3, 6)
					require.NoError(t, err)
					sum.Traces += runs.Traces
					sum.Forced += runs.Forced
				}
				t.Logf("%+v", sum)
				if optimizer == nil && (kind.Name == "tagged" || kind.Name == "taggedloop") {
					return // most look into tagged words
				}
				assert.Greater(t, sum.Traces, traces/2)
				assert.Greater(t, sum.Forced, traces)
			})
		}
	}
}
