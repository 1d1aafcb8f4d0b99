package tracetest

import (
	"errors"
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
)

// A Kind is a kind of traces: how random ones are made, how all are optimized, and
// how a trace is compared with what it was.
type Kind struct {
	Generate func(kit *ir.Kit, data []byte) *ir.Trace
	Optimize func(chain ir.Chain, t *ir.Trace) (*ir.Trace, error)
	Inputs   func(t *ir.Trace, seed uint64) []uint64
	Agree    func(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error
	// Forced also compares all exits; nil: they are not.
	Forced func(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error
	Never  func(kit *ir.Kit, t *ir.Trace, n int) error // an error if t is possible after all
}

// The kinds of traces.
var (
	Straight = Kind{tracegen.Generate, ir.Chain.Optimize, tracegen.Inputs, tracegen.Agree, nil, tracegen.NeverEnds}
	Heap     = Kind{tracegen.GenerateHeap, ir.Chain.Optimize, tracegen.Inputs, tracegen.Agree, tracegen.AgreeForced, tracegen.NeverEnds}
	Loop     = Kind{tracegen.GenerateLoop, ir.Chain.OptimizeLoop, tracegen.LoopInputs, tracegen.AgreeLoop, tracegen.AgreeLoopForced, tracegen.NeverLoops}
	// The same with many integers.
	Ints    = Kind{tracegen.GenerateInts, ir.Chain.Optimize, tracegen.IntInputs, tracegen.Agree, tracegen.AgreeForced, tracegen.NeverEnds}
	IntLoop = Kind{tracegen.GenerateIntLoop, ir.Chain.OptimizeLoop, tracegen.IntLoopInputs, tracegen.AgreeLoop, tracegen.AgreeLoopForced, tracegen.NeverLoops}
	// The same with many floats, and with more values than registers.
	Floats = Kind{tracegen.GenerateFloats, ir.Chain.Optimize, tracegen.Inputs, tracegen.Agree, tracegen.AgreeForced, tracegen.NeverEnds}
	Many   = Kind{tracegen.GenerateMany, ir.Chain.OptimizeLoop, tracegen.LoopInputs, tracegen.AgreeLoop, tracegen.AgreeLoopForced, tracegen.NeverLoops}
	// Heap and Loop with an immediate class.
	Tagged     = Kind{tracegen.GenerateTagged, ir.Chain.Optimize, tracegen.Inputs, tracegen.Agree, tracegen.AgreeForced, tracegen.NeverEnds}
	TaggedLoop = Kind{tracegen.GenerateTaggedLoop, ir.Chain.OptimizeLoop, tracegen.LoopInputs, tracegen.AgreeLoop, tracegen.AgreeLoopForced, tracegen.NeverLoops}
)

// Alike returns a function for Suite.Agree: it compares on n inputs, and on the
// first of them all exits as well, if there is a Forced. inputs takes the place of
// Inputs.
func (k *Kind) Alike(kit *ir.Kit, n int, inputs func(t *ir.Trace, seed uint64) []uint64) func(before, after *ir.Trace) error {
	return func(before, after *ir.Trace) error {
		for seed := range uint64(n) {
			if err := k.Agree(kit, before, after, inputs(before, seed)); err != nil {
				return err
			}
		}
		if k.Forced == nil {
			return nil
		}
		return k.Forced(kit, before, after, inputs(before, 0))
	}
}

// Compare optimizes before, and returns what comes out and what is wrong with it:
// chain has to leave before as it is, and make of it a well-formed trace that does
// the same on n inputs, on the first few of them also where a guard is forced to
// fail, or rightly call it impossible. rule is the rule that broke.
func (k *Kind) Compare(kit *ir.Kit, chain ir.Chain, before *ir.Trace, n, forced int) (after *ir.Trace, rule string, err error) {
	text := before.String()
	after, err = k.Optimize(chain, before)
	switch now := before.String(); {
	case now != text:
		return after, "a trace that is optimized stays as it is: what comes out is a copy", fmt.Errorf("it became\n%s", now)
	case errors.Is(err, ir.ErrImpossible):
		return nil, "only a trace whose guards can't all hold is impossible", k.Never(kit, before, n)
	}
	if err == nil {
		err = ir.Verify(after)
	}
	for seed := 0; seed < n && err == nil; seed++ {
		inputs := k.Inputs(before, uint64(seed))
		if err = k.Agree(kit, before, after, inputs); err == nil && seed < forced && k.Forced != nil {
			err = k.Forced(kit, before, after, inputs)
		}
	}
	return after, "an optimized trace does the same as before, on every input (this one was made at random)", err
}
