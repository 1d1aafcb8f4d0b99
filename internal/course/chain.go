package course

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

// Kits are the Kits of all chapters: what the engine is built from.
type Kits struct {
	IR     ir.Kit
	Guards guards.Kit
}

// Solved returns the Kits of the solutions.
func Solved() *Kits { return &Kits{IR: irsolution.Kit, Guards: guardssolution.Kit} }

// Mine returns Kits with what the reader has written, and the solutions where
// there is still a stub.
func Mine() *Kits {
	return &Kits{
		IR:     exercise.Pick(ir.Yours, irsolution.Kit),
		Guards: exercise.Pick(guards.Yours, guardssolution.Kit),
	}
}

// Chain returns the whole optimizer, as far as the course has built it. Rules of
// the reader's that can't be read are an error.
func (k *Kits) Chain() (ir.Chain, error) {
	fold, cse, err := k.IR.Passes()
	if err != nil {
		return ir.Chain{}, err
	}
	return ir.Chain{Kit: &k.IR, Passes: []ir.NamedPass{fold, k.Guards.Pass(), cse}, Dead: true}, nil
}
