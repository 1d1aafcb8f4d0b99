package tracetest

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

// A Kind is a kind of traces: how random ones are made, how all are optimized, and
// how a trace is compared with what it was.
type Kind struct {
	Generate func(kit *ir.Kit, data []byte) *ir.Trace
	Optimize func(chain ir.Chain, t *ir.Trace) (*ir.Trace, error)
	Agree    func(kit *ir.Kit, before, after *ir.Trace, n int) error // on n inputs
	Never    func(kit *ir.Kit, t *ir.Trace, n int) error             // an error if t is possible after all
}

// The kinds of traces.
var (
	Straight = Kind{tracegen.Generate, ir.Chain.Optimize, tracegen.AgreeOn, tracegen.NeverEnds}
	Heap     = Kind{tracegen.GenerateHeap, ir.Chain.Optimize, agreeAtExits, tracegen.NeverEnds}
	Loop     = Kind{tracegen.GenerateLoop, ir.Chain.OptimizeLoop, loopsAgreeAtExits, tracegen.NeverLoops}
)

// agreeAtExits also compares all exits: once, since they are many.
func agreeAtExits(kit *ir.Kit, before, after *ir.Trace, n int) error {
	if err := tracegen.AgreeOn(kit, before, after, n); err != nil {
		return err
	}
	return tracegen.AgreeForced(kit, before, after, tracegen.Inputs(before, 0))
}

func loopsAgreeAtExits(kit *ir.Kit, before, after *ir.Trace, n int) error {
	if err := tracegen.AgreeLoopOn(kit, before, after, n); err != nil {
		return err
	}
	return tracegen.AgreeLoopForced(kit, before, after, tracegen.LoopInputs(before, 0))
}
