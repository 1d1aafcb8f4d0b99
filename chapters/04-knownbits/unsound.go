package knownbits

import "metatrace/internal/exercise"

// FindUnsound returns a counterexample for one of the suspects, the first that has
// one with bits and numbers of at most three bits (all others 0); false if none of
// them has. Trying everything is fine: it is a small world.
//
// For example, a function that says x+y has the bits a|b is refuted by 001 and 001:
// 1 + 1 is 2, which does not have the bits 001.
func FindUnsound(suspects []Suspect) (Counterexample, bool) {
	panic(exercise.TODO)
}
