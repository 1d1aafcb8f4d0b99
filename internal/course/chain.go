package course

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	virtuals "metatrace/chapters/03-virtuals"
	knownbits "metatrace/chapters/04-knownbits"
	backend "metatrace/chapters/05-backend"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
	virtualssolution "metatrace/solutions/03-virtuals"
	knownbitssolution "metatrace/solutions/04-knownbits"
	backendsolution "metatrace/solutions/05-backend"
	bridgessolution "metatrace/solutions/06-bridges"
)

// Kits are the Kits of all chapters: what the engine is built from.
type Kits struct {
	IR       ir.Kit
	Guards   guards.Kit
	Virtuals virtuals.Kit
	Known    knownbits.Kit
	Backend  backend.Kit
	Bridges  bridges.Kit

	mine bool // some functions are the reader's
}

// Solved returns the Kits of the solutions.
func Solved() *Kits {
	return &Kits{IR: irsolution.Kit, Guards: guardssolution.Kit, Virtuals: virtualssolution.Kit,
		Known: knownbitssolution.Kit, Backend: backendsolution.Kit, Bridges: bridgessolution.Kit}
}

// Mine returns Kits with what the reader has written, and the solutions where
// there is still a stub.
func Mine() *Kits {
	return &Kits{
		IR:       exercise.Pick(ir.Yours, irsolution.Kit),
		Guards:   exercise.Pick(guards.Yours, guardssolution.Kit),
		Virtuals: exercise.Pick(virtuals.Yours, virtualssolution.Kit),
		Known:    exercise.Pick(knownbits.Yours, knownbitssolution.Kit),
		Backend:  exercise.Pick(backend.Yours, backendsolution.Kit),
		Bridges:  exercise.Pick(bridges.Yours, bridgessolution.Kit),
		mine:     true,
	}
}

// Chain returns the whole optimizer, as far as the course has built it. Rules of
// the reader's that can't be read are an error. The traces that it makes have a
// text form, and of a loop, what stands before the label is one iteration.
func (k *Kits) Chain() (ir.Chain, error) { return k.chain(false, k.Virtuals.Peel) }

// EngineChain returns the optimizer of the engine: it leaves stores of virtual
// objects to the exits of guards, and may put two iterations before the label.
func (k *Kits) EngineChain() (ir.Chain, error) { return k.chain(true, k.Virtuals.PeelStable) }

func (k *Kits) chain(pending bool, peel func(ir.Chain, *ir.Trace) (*ir.Trace, error)) (ir.Chain, error) {
	fold, cse, err := k.IR.Passes()
	if err != nil {
		return ir.Chain{}, err
	}
	bounds, err := k.Known.Pass()
	if err != nil {
		return ir.Chain{}, err
	}
	virtual, heap := k.Virtuals.Passes(pending)
	passes := []ir.NamedPass{fold, bounds, k.Guards.Pass(), virtual, knownbits.Boxes(), cse, heap}
	return ir.Chain{Kit: &k.IR, Passes: passes, Dead: true, Verify: k.mine, Peel: peel}, nil
}
