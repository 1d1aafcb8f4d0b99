package exectest

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/heap"
)

// Kinds are all kinds of generated traces, by name.
var Kinds = []struct {
	Name string
	*tracetest.Kind
}{
	{"straight", &tracetest.Straight}, {"heap", &tracetest.Heap}, {"loop", &tracetest.Loop},
	{"ints", &tracetest.Ints}, {"intloop", &tracetest.IntLoop}, {"floats", &tracetest.Floats}, {"many", &tracetest.Many},
	{"tagged", &tracetest.Tagged}, {"taggedloop", &tracetest.TaggedLoop},
}

// Runs counts runs that were compared.
type Runs struct {
	Traces int // compared at all
	Plain  int // runs without a guard that is made to fail
	Forced int // and with
}

// Generated makes a trace of kind from data, optimizes it unless chain is nil, and
// compares on n inputs; on the first also with guards made to fail, forced of them at
// most. runs counts what was compared: nothing if the trace is impossible or one that
// no executor takes.
func (c *Comparison) Generated(kind *tracetest.Kind, chain *ir.Chain, data []byte, n, forced int) (runs Runs, err error) {
	t := kind.Generate(c.Kit, data)
	inputs := make([][]uint64, n)
	for seed := range n {
		inputs[seed] = kind.Inputs(t, uint64(seed))
	}
	if chain != nil {
		if t, err = kind.Optimize(*chain, t); errors.Is(err, ir.ErrImpossible) {
			return runs, nil
		} else if err != nil {
			return runs, err
		}
	}
	if usesImmediate(t) {
		return runs, nil
	}
	for seed, words := range inputs {
		ran, err := c.Agree(t, words)
		if ran {
			runs.Traces = 1
			runs.Plain++
		}
		did := 0
		if err == nil && seed == 0 && forced > 0 {
			did, err = c.AgreeForced(t, words, forced)
			runs.Forced += did
		}
		if err != nil {
			return runs, fmt.Errorf("%w\n%s", err, t)
		}
	}
	return runs, nil
}

// usesImmediate reports whether t allocates or looks into objects of an immediate
// class: an optimizer leaves none of that, and executors refuse it.
func usesImmediate(t *ir.Trace) bool {
	return slices.ContainsFunc(t.Ops, func(op *ir.Op) bool {
		switch descr := op.Descr.(type) {
		case *heap.Field:
			return descr.Owner.Immediate != nil
		case *heap.Class:
			return descr.Immediate != nil
		}
		return false
	})
}
