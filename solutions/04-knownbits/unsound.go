package knownbitssolution

import knownbits "metatrace/chapters/04-knownbits"

// FindUnsound returns a counterexample for one of the suspects, the first that has
// one with bits and numbers of at most three bits (all others 0); false if none of
// them has. Trying everything is fine: it is a small world.
//
// For example, a function that says x+y has the bits a|b is refuted by 001 and 001:
// 1 + 1 is 2, which does not have the bits 001.
func FindUnsound(suspects []knownbits.Suspect) (knownbits.Counterexample, bool) {
	small := smallBits()
	for _, s := range suspects {
		for _, a := range small {
			for _, b := range small {
				result := s.Bits(a, b)
				for _, x := range members(a) {
					for _, y := range members(b) {
						if !result.Contains(int64(s.Concrete(x, y))) {
							return knownbits.Counterexample{Name: s.Name, A: a, B: b, X: x, Y: y}, true
						}
					}
				}
			}
		}
	}
	return knownbits.Counterexample{}, false
}

const smallest = 8 // numbers of three bits are below this

// smallBits returns all Bits of three bits.
func smallBits() (all []knownbits.Bits) {
	for ones := range uint64(smallest) {
		for unk := range uint64(smallest) {
			if ones&unk == 0 {
				all = append(all, knownbits.Bits{Ones: ones, Unk: unk})
			}
		}
	}
	return all
}

// members returns the numbers that have the bits b.
func members(b knownbits.Bits) (all []uint64) {
	for x := range uint64(smallest) {
		if b.Contains(int64(x)) {
			all = append(all, x)
		}
	}
	return all
}
