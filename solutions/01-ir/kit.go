// Package irsolution is one solution of chapter 1: the functions that the
// chapter asks for, in files of the same names. Its README says why each is
// written as it is.
package irsolution

import ir "metatrace/chapters/01-ir"

// Kit is chapter 1, solved.
var Kit = ir.Kit{
	EvalShift:       EvalShift,
	EvalChecked:     EvalChecked,
	Find:            Find,
	FoldConst:       FoldConst,
	Identities:      Identities,
	Reassociations:  Reassociations,
	FloatIdentities: FloatIdentities,
	CSE:             CSE,
	RemoveDead:      RemoveDead,
}
