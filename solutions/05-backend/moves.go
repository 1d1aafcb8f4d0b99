package backendsolution

import backend "metatrace/chapters/05-backend"

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
func ParallelMoves(moves []backend.Move, temp backend.Loc) []backend.Move {
	s := sequence{src: map[backend.Loc]backend.Loc{}, readers: map[backend.Loc]int{}}
	for _, m := range moves {
		if m.Dst != m.Src {
			s.src[m.Dst] = m.Src
			s.readers[m.Src]++
		}
	}
	for _, m := range moves {
		if _, waits := s.src[m.Dst]; waits && s.readers[m.Dst] == 0 {
			s.set(m.Dst)
		}
	}
	for _, m := range moves {
		if src, waits := s.src[m.Dst]; waits { // it is in a cycle, and so is src
			s.list = append(s.list, backend.Move{Dst: temp, Src: src})
			s.src[m.Dst] = temp
			s.set(src)
		}
	}
	return s.list
}

// sequence is the work on moves that shall happen at once.
type sequence struct {
	src     map[backend.Loc]backend.Loc // the Src of each Dst that is not set yet
	readers map[backend.Loc]int         // in how many of them a place is the Src
	list    []backend.Move
}

// set sets dst, which no move reads any more, and then what is free for it because of
// that: its Src, if nobody else reads it, and so on.
func (s *sequence) set(dst backend.Loc) {
	for {
		src := s.src[dst]
		delete(s.src, dst)
		s.list = append(s.list, backend.Move{Dst: dst, Src: src})
		s.readers[src]--
		if _, waits := s.src[src]; !waits || s.readers[src] > 0 {
			return
		}
		dst = src
	}
}
