package ir

// PureFunc computes the pure operation code on the 64-bit words a and b (b is 0
// for operations with one argument): integers as two's complement, floats as
// IEEE 754 bits, references as addresses. ok is false where the operation is
// not defined: a shift count outside 0..63, a float that no integer can hold.
type PureFunc func(code Opcode, a, b uint64) (result uint64, ok bool)

// Kit is what chapter 1 asks the reader to build, a field for each exercise.
// Given code calls these functions through a Kit and does not know whose they
// are.
type Kit struct {
	EvalShift       func(code Opcode, a, n int64) int64
	EvalChecked     func(code Opcode, a, b int64) (result int64, overflow bool)
	Find            func(op *Op) *Op
	FoldConst       func(op *Op, eval PureFunc) *Op
	Identities      func() []Rule
	Reassociations  func() []Rule
	FloatIdentities func() []Rule
	CSE             func(seen map[CSEKey]*Op, op *Op) *Op
	RemoveDead      func(t *Trace) []*Op
}

// Yours is the Kit of this folder: the stubs, until you write them.
var Yours = Kit{
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
