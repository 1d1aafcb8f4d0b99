// Package backendsolution is chapter 5 solved: what chapters/05-backend asks the
// reader to write.
package backendsolution

import backend "metatrace/chapters/05-backend"

// Kit is the solved Kit of chapter 5.
var Kit = backend.Kit{
	ModRM:          ModRM,
	REX:            REX,
	AppendMem:      AppendMem,
	IntJump:        IntJump,
	FloatJumps:     FloatJumps,
	LogicalImm:     LogicalImm,
	LiveRanges:     LiveRanges,
	ChooseRegister: ChooseRegister,
	Victim:         Victim,
	ParallelMoves:  ParallelMoves,
	ExitSaves:      ExitSaves,
	ExitWord:       ExitWord,
}
