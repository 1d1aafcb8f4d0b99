package knownbits

import ir "metatrace/chapters/01-ir"

// Kit is what chapter 4 asks the reader to build, a field for each exercise.
type Kit struct {
	InvertBits  func(a Bits) Bits
	LogicBits   func(code ir.Opcode, a, b Bits) Bits
	AddBits     func(a, b Bits) Bits
	SubBits     func(a, b Bits) Bits
	ShiftBits   func(code ir.Opcode, a Bits, n uint) Bits
	PrefixBits  func(r Range) Bits
	AtLeast     func(b Bits, x int64) (y int64, ok bool)
	Decide      func(code ir.Opcode, a, b Range) (holds, decided bool)
	LearnLess   func(a, b Range) (Range, Range)
	LearnAnd    func(b, result Bits) Bits
	Overflows   func(s Span) ir.Overflow
	FindUnsound func(suspects []Suspect) (Counterexample, bool)
}

// Yours is the Kit of this folder: the stubs, until you write them.
var Yours = Kit{
	InvertBits:  InvertBits,
	LogicBits:   LogicBits,
	AddBits:     AddBits,
	SubBits:     SubBits,
	ShiftBits:   ShiftBits,
	PrefixBits:  PrefixBits,
	AtLeast:     AtLeast,
	Decide:      Decide,
	LearnLess:   LearnLess,
	LearnAnd:    LearnAnd,
	Overflows:   Overflows,
	FindUnsound: FindUnsound,
}
