package guardssolution

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
)

// Decided returns the result, 1 or 0, of the comparison c of two values of
// which only the orders in possible are possible; ok is false if it may be
// either. Where(c) says for which orders c holds. possible is not empty.
//
// For example, if only Less is possible, int_le gives 1 and int_eq gives 0; if
// Less and Equal are, int_le gives 1 and int_eq is not decided.
func Decided(possible guards.Order, c ir.Opcode) (result int64, ok bool) {
	switch where := guards.Where(c); {
	case possible&^where == 0: // whatever is possible makes it hold
		return 1, true
	case possible&where == 0:
		return 0, true
	}
	return 0, false
}
