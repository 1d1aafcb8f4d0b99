package backendsolution

import backend "metatrace/chapters/05-backend"

// ExitSaves returns the registers that the code of an exit has to store in the
// context, for values that are at locs: those in which one of them is. In the set,
// bit r is integer register r, and bit 32+r is float register r. Spill slots are in the
// context already, and constants are nowhere.
//
//	R3, slot 1, F2, R3, a constant  ->  R3 and F2: 1<<3 | 1<<34
func ExitSaves(locs []backend.Loc) backend.RegSet {
	var set backend.RegSet
	for _, loc := range locs {
		switch loc.Kind {
		case backend.InReg:
			set |= 1 << loc.N
		case backend.InFloat:
			set |= 1 << (32 + loc.N)
		}
	}
	return set
}

// ExitWord returns the word that was at loc when compiled code was left. saved has what
// the exit stored of the registers, integer register r at saved[r], float register r
// at saved[32+r]. slots has the spill slots. The word of a constant is its Bits in
// values; its Loc has its number.
//
//	R3      ->  saved[3]            F2               ->  saved[34]
//	slot 1  ->  slots[1]            the constant v7  ->  values[7].Bits
func ExitWord(loc backend.Loc, values []backend.Info, saved, slots []uint64) uint64 {
	switch loc.Kind {
	case backend.InReg:
		return saved[loc.N]
	case backend.InFloat:
		return saved[32+loc.N]
	case backend.InSlot:
		return slots[loc.N]
	case backend.IsConst:
		return values[loc.N].Bits
	}
	return 0
}
