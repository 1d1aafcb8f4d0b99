package backend_test

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type (
	chooseRegister = func(free []backend.FreeRegister, end int32, hints []backend.Reg) backend.Reg
	victim         = func(candidates []backend.Candidate) int
)

func TestExercise5_8_ChooseRegister(t *testing.T) {
	type (
		free = []backend.FreeRegister
		regs = []backend.Reg
	)
	solution := backendsolution.ChooseRegister
	exercise.Run(t, ex("5.8"), backend.Yours.ChooseRegister, solution, checkChooseRegister,
		exercise.Wrong[chooseRegister]("the-first", func(f free, _ int32, _ regs) backend.Reg { return f[0].Reg }),
		exercise.Wrong[chooseRegister]("no-hints", func(f free, end int32, _ regs) backend.Reg { return solution(f, end, nil) }),
		exercise.Wrong[chooseRegister]("first-hint-only", func(f free, end int32, hints regs) backend.Reg {
			return solution(f, end, hints[:min(1, len(hints))])
		}),
		exercise.Wrong[chooseRegister]("hints-in-the-order-of-free", func(f free, end int32, hints regs) backend.Reg {
			for _, r := range f {
				if slices.Contains(hints, r.Reg) && r.Until >= end {
					return r.Reg
				}
			}
			return solution(f, end, nil)
		}),
		exercise.Wrong[chooseRegister]("hints-need-not-suit", func(f free, end int32, hints regs) backend.Reg {
			for _, h := range hints {
				if slices.ContainsFunc(f, func(r backend.FreeRegister) bool { return r.Reg == h }) {
					return h
				}
			}
			return solution(f, end, nil)
		}),
		exercise.Wrong[chooseRegister]("hints-need-not-be-free", func(f free, end int32, hints regs) backend.Reg {
			if len(hints) > 0 {
				return hints[0]
			}
			return solution(f, end, nil)
		}),
		exercise.Wrong[chooseRegister]("longest-always", func(f free, end int32, hints regs) backend.Reg {
			return solution(f, 1<<30, hints)
		}),
		exercise.Wrong[chooseRegister]("until-must-be-behind-end", func(f free, end int32, hints regs) backend.Reg {
			return solution(f, end+1, hints)
		}),
		exercise.Wrong[chooseRegister]("last-of-equals", func(f free, end int32, hints regs) backend.Reg {
			f = slices.Clone(f)
			slices.Reverse(f)
			return solution(f, end, hints)
		}),
		exercise.Wrong[chooseRegister]("soonest-always", func(f free, end int32, hints regs) backend.Reg {
			if r := slices.MinFunc(f, func(x, y backend.FreeRegister) int { return cmp.Compare(x.Until, y.Until) }); r.Until < end && len(hints) == 0 {
				return r.Reg
			}
			return solution(f, end, hints)
		}),
	)
}

func checkChooseRegister(t exercise.TB, f chooseRegister) {
	checkChooseCases(t, f)
	r := rand.New(rand.NewPCG(5, 8))
	for range 3000 {
		free := make([]backend.FreeRegister, 1+r.IntN(4))
		for i, n := range r.Perm(8)[:len(free)] {
			free[i] = backend.FreeRegister{Reg: backend.Reg(n), Until: int32(r.IntN(8))}
		}
		hints := make([]backend.Reg, r.IntN(4))
		for i := range hints {
			hints[i] = backend.Reg(r.IntN(8))
		}
		end := int32(r.IntN(8))
		sameChoice(t, free, end, hints, f, wantedRegister(free, end, hints), "a hint that suits, else what suits and is needed soonest, else what is needed last")
	}
	checkAllocating(t, with(func(k *backend.Kit) { k.ChooseRegister = f }))
}

// wantedRegister sorts the free registers by what is said of them.
func wantedRegister(free []backend.FreeRegister, end int32, hints []backend.Reg) backend.Reg {
	rank := func(f backend.FreeRegister) (class, fine int) {
		switch hint := slices.Index(hints, f.Reg); {
		case f.Until < end:
			return 2, -int(f.Until)
		case hint >= 0:
			return 0, hint
		}
		return 1, int(f.Until)
	}
	sorted := slices.Clone(free)
	slices.SortStableFunc(sorted, func(x, y backend.FreeRegister) int {
		xClass, xFine := rank(x)
		yClass, yFine := rank(y)
		return cmp.Or(cmp.Compare(xClass, yClass), cmp.Compare(xFine, yFine))
	})
	return sorted[0].Reg
}

func TestExercise5_9_Victim(t *testing.T) {
	type list = []backend.Candidate
	solution := backendsolution.Victim
	changed := func(c list, change func(c *backend.Candidate)) list {
		c = slices.Clone(c)
		for i := range c {
			change(&c[i])
		}
		return c
	}
	last := func(c list) int {
		c = slices.Clone(c)
		slices.Reverse(c)
		return len(c) - 1 - solution(c)
	}
	exercise.Run(t, ex("5.9"), backend.Yours.Victim, solution, checkVictim,
		exercise.Wrong[victim]("the-first", func(list) int { return 0 }),
		exercise.Wrong[victim]("the-nearest", func(c list) int {
			return solution(changed(c, func(c *backend.Candidate) { c.Next = 100 - c.Next }))
		}),
		exercise.Wrong[victim]("distance-only", func(c list) int {
			return solution(changed(c, func(c *backend.Candidate) { c.Const, c.Stored = false, false }))
		}),
		exercise.Wrong[victim]("constants-need-a-store", func(c list) int {
			return solution(changed(c, func(c *backend.Candidate) { c.Const = false }))
		}),
		exercise.Wrong[victim]("slots-do-not-matter", func(c list) int {
			return solution(changed(c, func(c *backend.Candidate) { c.Stored = false }))
		}),
		exercise.Wrong[victim]("constants-and-stored-are-the-same", func(c list) int {
			return solution(changed(c, func(c *backend.Candidate) { c.Const, c.Stored = false, c.Const || c.Stored }))
		}),
		exercise.Wrong[victim]("twice-never-wraps", func(c list) int {
			best, most := 0, int32(-1<<31)
			for i, x := range c {
				far := x.Next
				if x.Const || x.Stored {
					far *= 2
				}
				if far > most {
					best, most = i, far
				}
			}
			return best
		}),
		exercise.Wrong[victim]("last-of-equals", last),
		exercise.Wrong[victim]("cheap-ones-first", func(c list) int {
			for i, x := range c {
				if x.Const || x.Stored {
					return i
				}
			}
			return solution(c)
		}),
	)
}

func checkVictim(t exercise.TB, f victim) {
	checkVictimCases(t, f)
	r := rand.New(rand.NewPCG(5, 9))
	for range 3000 {
		list := make([]backend.Candidate, 1+r.IntN(4))
		for i := range list {
			list[i] = backend.Candidate{Next: 1 + int32(r.IntN(9)), Const: r.IntN(4) == 0, Stored: r.IntN(3) == 0}
			if r.IntN(6) == 0 {
				list[i].Next = backend.Never
			}
		}
		key := func(c backend.Candidate) [2]uint64 {
			switch {
			case c.Const:
				return [2]uint64{2 * uint64(c.Next), 2}
			case c.Stored:
				return [2]uint64{2 * uint64(c.Next), 1}
			}
			return [2]uint64{uint64(c.Next), 0}
		}
		want := 0
		for i, c := range list {
			if x, y := key(c), key(list[want]); slices.Compare(x[:], y[:]) > 0 {
				want = i
			}
		}
		sameVictim(t, list, f, want, "the furthest goes, where Const and Stored count twice; of equals Const, then Stored, then the first")
	}
	checkAllocating(t, with(func(k *backend.Kit) { k.Victim = f }))
}
