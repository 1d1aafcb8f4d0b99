package backendsolution

import backend "metatrace/chapters/05-backend"

// Victim returns the index of the candidate that has to leave its register, when no
// register is free: the one whose next use is furthest away. There is at least one
// candidate. To evict one that is Const or Stored needs no store: its distance counts
// twice. (Twice backend.Never does not fit into 32 bits.) Of equals a Const goes first,
// then a Stored one, then the first in the list.
//
//	{Next: 9} {Next: 5, Stored} {Next: 3, Const}  ->  1 (they count 9, 10 and 6)
//	{Next: 8} {Next: 4, Const}                    ->  1 (both count 8)
func Victim(candidates []backend.Candidate) int {
	best := 0
	for i, c := range candidates[1:] {
		far, furthest := distance(c), distance(candidates[best])
		if far > furthest || far == furthest && cheapness(c) > cheapness(candidates[best]) {
			best = i + 1
		}
	}
	return best
}

func distance(c backend.Candidate) int64 {
	if c.Const || c.Stored {
		return 2 * int64(c.Next)
	}
	return int64(c.Next)
}

func cheapness(c backend.Candidate) int {
	switch {
	case c.Const:
		return 2
	case c.Stored:
		return 1
	}
	return 0
}
