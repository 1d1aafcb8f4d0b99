// Package knownbitssolution is chapter 4 solved: what chapters/04-knownbits asks
// the reader to write.
package knownbitssolution

import knownbits "metatrace/chapters/04-knownbits"

// Kit is the solved Kit of chapter 4.
var Kit = knownbits.Kit{
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
