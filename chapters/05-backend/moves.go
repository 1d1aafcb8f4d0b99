package backend

import "metatrace/internal/exercise"

// ParallelMoves returns moves that have, one after the other, the effect that the
// given ones have all at once: every Dst gets what was in its Src before the first
// move. The Dsts all differ. A Src may stand in several moves, may be the Dst of
// another one, and may be a constant. temp is a register that occurs in none of them
// and may be overwritten.
//
// There are no more moves than needed: none whose Dst is its Src, one for each other
// one, and at most one more for each cycle (R0 = R1, R1 = R0), of which there may be
// several. There is a handful of moves, so it may take quadratic time.
//
//	R1 = R0, R2 = R1            ->  R2 = R1, R1 = R0
//	R1 = R0, R0 = R1            ->  temp = R1, R1 = R0, R0 = temp
//	R1 = R0, R0 = R1, R2 = R1   ->  R2 = R1, temp = R1, R1 = R0, R0 = temp
func ParallelMoves(moves []Move, temp Loc) []Move {
	panic(exercise.TODO)
}
