package backendsolution

import backend "metatrace/chapters/05-backend"

// ChooseRegister returns which one of some free registers a value gets, whose last use
// is at instruction end. There is at least one, and they are in the order in which the
// machine likes them. hints are registers in which the value would save a move, the most
// important one first; they need not be free.
//
// A register suits if nobody else needs it before end: if its Until is end or later.
//
//  1. The first of hints that is free and suits is taken.
//  2. Else, of those that suit, the one with the least Until: registers that are free
//     for longer are left for values that live longer.
//  3. If none suits, the one with the greatest Until.
//
// Of equals it is the first in free.
//
//	free: R0 until 9, R1 until 20, R2 until 12
//	end 10                ->  R2 (R1 suits, too, but is free for longer)
//	end 10, hints R0 R1   ->  R1 (R0 does not suit)
//	end 30                ->  R1 (none suits)
func ChooseRegister(free []backend.FreeRegister, end int32, hints []backend.Reg) backend.Reg {
	for _, hint := range hints {
		for _, f := range free {
			if f.Reg == hint && f.Until >= end {
				return hint
			}
		}
	}
	best := free[0]
	for _, f := range free[1:] {
		suits := f.Until >= end
		switch {
		case suits != (best.Until >= end):
			if suits {
				best = f
			}
		case suits && f.Until < best.Until, !suits && f.Until > best.Until:
			best = f
		}
	}
	return best.Reg
}
