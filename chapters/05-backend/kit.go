package backend

import "metatrace/chapters/05-backend/amd64"

// Kit is what chapter 5 asks the reader to build, a field for each exercise.
type Kit struct {
	ModRM          func(mod byte, reg, rm amd64.Reg) byte
	REX            func(w bool, reg, index, base amd64.Reg) byte
	AppendMem      func(code []byte, reg amd64.Reg, m amd64.Mem) []byte
	IntJump        func(cond Cond) amd64.CC
	FloatJumps     func(cond Cond, not bool) Jumps
	LogicalImm     func(x uint64) (n, immr, imms uint32, ok bool)
	LiveRanges     func(l *Lowered) []LiveRange
	ChooseRegister func(free []FreeRegister, end int32, hints []Reg) Reg
	Victim         func(candidates []Candidate) int
	ParallelMoves  func(moves []Move, temp Loc) []Move
	ExitSaves      func(locs []Loc) RegSet
	ExitWord       func(loc Loc, values []Info, saved, slots []uint64) uint64
}

// Yours is the Kit of this folder: the stubs, until you write them.
var Yours = Kit{
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
