package backend_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type parallelMoves = func(moves []backend.Move, temp backend.Loc) []backend.Move

// movesTemp is a register that is in none of the moves here.
var movesTemp = backend.Loc{Kind: backend.InReg, N: 999}

func TestExercise5_10_ParallelMoves(t *testing.T) {
	solution := backendsolution.ParallelMoves
	exercise.Run(t, ex("5.10"), backend.Yours.ParallelMoves, solution, checkParallelMoves,
		exercise.Wrong[parallelMoves]("one-after-the-other", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			return slices.DeleteFunc(slices.Clone(moves), func(m backend.Move) bool { return m.Dst == m.Src })
		}),
		exercise.Wrong[parallelMoves]("keeps-what-goes-nowhere", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			list := solution(moves, temp)
			for _, m := range moves {
				if m.Dst == m.Src {
					list = append(list, m)
				}
			}
			return list
		}),
		exercise.Wrong[parallelMoves]("everything-through-temp", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			var list []backend.Move
			for _, m := range solution(moves, temp) {
				if m.Dst == temp || m.Src == temp {
					list = append(list, m)
					continue
				}
				list = append(list, backend.Move{Dst: temp, Src: m.Src}, backend.Move{Dst: m.Dst, Src: temp})
			}
			return list
		}),
		exercise.Wrong[parallelMoves]("forgets-cycles", withoutCycles),
		exercise.Wrong[parallelMoves]("one-cycle-only", oneCycleOnly),
		exercise.Wrong[parallelMoves]("changes-its-argument", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			list := solution(moves, temp)
			slices.Reverse(moves)
			return list
		}),
		exercise.Wrong[parallelMoves]("one-reader-is-enough", firstReaderFrees),
		exercise.Wrong[parallelMoves]("registers-only", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			return solution(slices.DeleteFunc(slices.Clone(moves), func(m backend.Move) bool { return m.Dst.Kind == backend.InSlot }), temp)
		}),
		exercise.Wrong[parallelMoves]("mixes-up-the-kinds", func(moves []backend.Move, temp backend.Loc) []backend.Move {
			list := solution(moves, temp)
			for i, m := range list {
				if m.Dst.Kind == backend.InFloat {
					list[i].Dst.Kind = backend.InReg
				}
			}
			return list
		}),
	)
}

// withoutCycles does what is not in a cycle.
func withoutCycles(moves []backend.Move, temp backend.Loc) []backend.Move {
	var list []backend.Move
	for _, m := range backendsolution.ParallelMoves(moves, temp) {
		if m.Dst != temp && m.Src != temp {
			list = append(list, m)
		}
	}
	return list
}

// oneCycleOnly stops when temp is needed a second time.
func oneCycleOnly(moves []backend.Move, temp backend.Loc) []backend.Move {
	list, seen := backendsolution.ParallelMoves(moves, temp), false
	for i, m := range list {
		if m.Dst == temp && seen {
			return list[:i]
		}
		seen = seen || m.Dst == temp
	}
	return list
}

// firstReaderFrees sets a place as soon as one move has read it.
func firstReaderFrees(moves []backend.Move, temp backend.Loc) []backend.Move {
	var list []backend.Move
	todo := slices.DeleteFunc(slices.Clone(moves), func(m backend.Move) bool { return m.Dst == m.Src })
	read := map[backend.Loc]bool{}
	for len(todo) > 0 {
		i := slices.IndexFunc(todo, func(m backend.Move) bool {
			return read[m.Dst] || !slices.ContainsFunc(todo, func(n backend.Move) bool { return n.Src == m.Dst })
		})
		if i < 0 {
			return append(list, backendsolution.ParallelMoves(todo, temp)...)
		}
		read[todo[i].Src] = true
		list = append(list, todo[i])
		todo = slices.Delete(todo, i, i+1)
	}
	return list
}

func checkParallelMoves(t exercise.TB, f parallelMoves) {
	const rule = "one after the other they do what the given ones do at once, with as few moves as possible"
	checkMoveCases(t, f)
	places := []backend.Loc{{Kind: backend.InReg, N: 1}, {Kind: backend.InFloat, N: 1}, {Kind: backend.InSlot, N: 1}, {Kind: backend.InReg, N: 2}}
	srcs := append([]backend.Loc{{}, {Kind: backend.IsConst, N: 1}}, places...)
	step := 1
	if testing.Short() {
		step = 5
	}
	for n := 0; n < len(srcs)*len(srcs)*len(srcs)*len(srcs); n += step { // all that there is with four places
		var moves []backend.Move
		for i, rest := 0, n; i < len(places); i, rest = i+1, rest/len(srcs) {
			if src := srcs[rest%len(srcs)]; src.Kind != backend.Nowhere {
				moves = append(moves, backend.Move{Dst: places[i], Src: src})
			}
		}
		checkMoves(t, f, moves, rule)
		slices.Reverse(moves)
		checkMoves(t, f, moves, rule)
	}
	r := rand.New(rand.NewPCG(5, 10))
	for range few(300) { // several cycles, and trees that hang on them
		checkMoves(t, f, randomMoves(r, 2+r.IntN(12)), rule)
	}
	checkMoves(t, f, randomMoves(r, 500), rule)
	checkAllocating(t, with(func(k *backend.Kit) { k.ParallelMoves = f }))
}

func randomMoves(r *rand.Rand, n int) []backend.Move {
	place := func(i int) backend.Loc {
		return backend.Loc{Kind: backend.InReg + backend.LocKind(i%3), N: int32(i / 3)}
	}
	var moves []backend.Move
	perm := r.Perm(n)
	for i := range n {
		switch r.IntN(6) {
		default:
			moves = append(moves, backend.Move{Dst: place(i), Src: place(perm[i])})
		case 0:
			moves = append(moves, backend.Move{Dst: place(i), Src: place(r.IntN(n))})
		case 1:
			if i%2 == 0 {
				moves = append(moves, backend.Move{Dst: place(i), Src: backend.Loc{Kind: backend.IsConst, N: int32(i)}})
			}
		}
	}
	r.Shuffle(len(moves), func(i, j int) { moves[i], moves[j] = moves[j], moves[i] })
	return moves
}

// checkMoves executes the answer of f, with the name of a place as what is in it.
func checkMoves(t exercise.TB, f parallelMoves, moves []backend.Move, rule string) {
	t.Helper()
	given := slices.Clone(moves)
	var list []backend.Move
	exercise.ComesBack(t, func() string { return fmt.Sprintf("ParallelMoves(%s)", movesText(given)) },
		func() { list = f(moves, movesTemp) })
	if !slices.Equal(moves, given) {
		t.Fatalf("ParallelMoves changed the moves that it was given, %s, to %s", movesText(given), movesText(moves))
	}
	in := map[backend.Loc]backend.Loc{}
	at := func(loc backend.Loc) backend.Loc {
		if was, ok := in[loc]; ok {
			return was
		}
		return loc
	}
	for _, m := range list {
		in[m.Dst] = at(m.Src)
	}
	for _, m := range moves {
		if got := at(m.Dst); got != m.Src {
			t.Fatalf("ParallelMoves(%s, temp) is %s: then %s has what was in %s, want what was in %s\nrule: %s",
				movesText(moves), movesText(list), locText(m.Dst), locText(got), locText(m.Src), rule)
		}
		delete(in, m.Dst)
	}
	delete(in, movesTemp)
	for loc := range in {
		t.Fatalf("ParallelMoves(%s, temp) is %s, which also changes %s\nrule: %s", movesText(moves), movesText(list), locText(loc), rule)
	}
	if most := fewestMoves(moves); len(list) > most {
		t.Fatalf("ParallelMoves(%s, temp) is %s: %d moves, want at most %d\nrule: %s", movesText(moves), movesText(list), len(list), most, rule)
	}
}

// fewestMoves returns how many moves it takes at most: one for each that goes
// anywhere, and one for each cycle.
func fewestMoves(moves []backend.Move) int {
	n, src := 0, map[backend.Loc]backend.Loc{}
	for _, m := range moves {
		if m.Dst != m.Src {
			n++
			src[m.Dst] = m.Src
		}
	}
	seen := map[backend.Loc]int{} // in which walk along the Srcs
	for walk, m := range moves {
		at, ok := m.Dst, true
		for ok && seen[at] == 0 {
			seen[at] = walk + 1
			at, ok = src[at]
		}
		if _, again := src[at]; ok && again && seen[at] == walk+1 && m.Dst != m.Src {
			n++
		}
	}
	return n
}

// moveText is locText, but for the register that they may use.
func moveText(l backend.Loc) string {
	if l == movesTemp {
		return "temp"
	}
	return placeText(l)
}

func movesText(moves []backend.Move) string {
	text := ""
	for i, m := range moves {
		if i > 0 {
			text += ", "
		}
		text += moveText(m.Dst) + " = " + moveText(m.Src)
	}
	return "[" + text + "]"
}
