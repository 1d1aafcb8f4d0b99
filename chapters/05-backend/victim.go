package backend

import "metatrace/internal/exercise"

// Victim returns the index of the candidate that has to leave its register, when no
// register is free: the one whose next use is furthest away. There is at least one
// candidate. To evict one that is Const or Stored needs no store: its distance counts
// twice. (Twice Never does not fit into 32 bits.) Of equals a Const goes first,
// then a Stored one, then the first in the list.
//
//	{Next: 9} {Next: 5, Stored} {Next: 3, Const}  ->  1 (they count 9, 10 and 6)
//	{Next: 8} {Next: 4, Const}                    ->  1 (both count 8)
func Victim(candidates []Candidate) int {
	panic(exercise.TODO)
}
