package tracegen_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

// A mistake makes a trace wrong at its n-th operation, or returns false if there
// is no such mistake to be made there.
type mistake func(t *ir.Trace, n int) bool

func dropStore(t *ir.Trace, n int) bool {
	c := t.Ops[n].Code
	if c != ir.SetfieldGc && c != ir.SetarrayitemGc {
		return false
	}
	t.Ops = slices.Delete(t.Ops, n, n+1)
	t.Renumber()
	return true
}

// wrongFailarg makes the last failarg, if it was computed, its own first argument.
func wrongFailarg(t *ir.Trace, n int) bool {
	exit := t.Ops[n].Exit
	if exit == nil || len(exit.Failargs) == 0 {
		return false
	}
	last := exit.Failargs[len(exit.Failargs)-1]
	if last.Code == ir.OpVirtual || len(last.Args) == 0 || last.Args[0].Type != last.Type {
		return false
	}
	exit.Failargs[len(exit.Failargs)-1] = last.Args[0]
	return true
}

// staleLoad gives a load the value of an earlier one of the same field of the same
// object, whatever happened in between.
func staleLoad(t *ir.Trace, n int) bool {
	op := t.Ops[n]
	if !op.Code.Has(ir.ReadsHeap) || op.Code.Has(ir.Effect) {
		return false
	}
	for i := range n {
		if e := t.Ops[i]; e.Code == op.Code && e.Descr == op.Descr && slices.EqualFunc(e.Args, op.Args, ir.Same) && interferes(t.Ops[i:n], op) {
			*op = ir.Op{Code: []ir.Opcode{ir.Int: ir.SameAsI, ir.Float: ir.SameAsF, ir.Ref: ir.SameAsR}[op.Type], Type: op.Type, ID: op.ID, Args: []*ir.Op{e}}
			return true
		}
	}
	return false
}

// interferes reports whether one of ops may change what load reads.
func interferes(ops []*ir.Op, load *ir.Op) bool {
	return slices.ContainsFunc(ops, func(op *ir.Op) bool {
		return op.Code.Has(ir.Effect) && (op.Descr == load.Descr || op.Code >= ir.CallI && op.Code <= ir.EscapeN)
	})
}

// newIsOld uses one object where the trace makes two of a class.
func newIsOld(t *ir.Trace, n int) bool {
	op := t.Ops[n]
	for i := range n {
		if e := t.Ops[i]; (op.Code == ir.New || op.Code == ir.NewWithVtable) && e.Code == op.Code && e.Descr == op.Descr {
			*op = ir.Op{Code: ir.SameAsR, Type: ir.Ref, ID: op.ID, Args: []*ir.Op{e}}
			return true
		}
	}
	return false
}

// wrongJump hands over an input as it came in.
func wrongJump(t *ir.Trace, n int) bool {
	op := t.Ops[n]
	for i, a := range op.Args {
		if op.Code == ir.Jump && a != t.Inputs[i] && i > 0 {
			op.Args[i] = t.Inputs[i]
			return true
		}
	}
	return false
}

// TestMistakesAreFound plants mistakes in generated traces and counts those that
// are found. Not all can be: a store that is never read may be dropped.
func TestMistakesAreFound(t *testing.T) {
	if testing.Short() {
		t.Skip("takes long, and gives the same on every machine")
	}
	for _, tt := range []struct {
		name   string
		spoil  mistake
		heap   float64 // the least share that is found in traces of GenerateHeap
		loop   float64 // and in those of GenerateLoop
		forced bool    // with guards made to fail, too
	}{
		{"a store is dropped", dropStore, 0.4, 0.3, false},
		{"a store is dropped, guards fail", dropStore, 0.5, 0.45, true},
		{"a failarg is wrong", wrongFailarg, 0.6, 0.6, true},
		{"a load is stale", staleLoad, 0.15, 0.1, true},
		{"two objects are one", newIsOld, 0.6, 0.35, true},
		{"the jump is wrong", wrongJump, 0, 0.4, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			share(t, tt.heap, func(seed int) *ir.Trace { return generateHeap(seed, 250) }, tt.spoil, func(before, after *ir.Trace) error {
				if err := tracegen.AgreeOn(kit, before, after, 6); err != nil || !tt.forced {
					return err
				}
				return tracegen.AgreeForced(kit, before, after, tracegen.Inputs(before, 0))
			})
			share(t, tt.loop, func(seed int) *ir.Trace { return generateLoop(seed, 200) }, tt.spoil, func(before, after *ir.Trace) error {
				if err := tracegen.AgreeLoopOn(kit, before, after, 6); err != nil || !tt.forced {
					return err
				}
				return tracegen.AgreeLoopForced(kit, before, after, tracegen.LoopInputs(before, 0))
			})
		})
	}
}

func share(t *testing.T, least float64, make func(int) *ir.Trace, spoil mistake, agree func(before, after *ir.Trace) error) {
	t.Helper()
	planted, found := 0, 0
	for seed := range 40 {
		before := make(seed)
		for n := seed % 3; n < len(before.Ops); n += 3 {
			after := make(seed)
			if !spoil(after, n) {
				continue
			}
			require.NoError(t, ir.Verify(after))
			planted++
			if agree(before, after) != nil {
				found++
			}
		}
	}
	t.Logf("found %d of %d", found, planted)
	assert.GreaterOrEqual(t, float64(found), least*float64(planted))
}
