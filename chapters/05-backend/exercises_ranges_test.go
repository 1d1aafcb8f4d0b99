package backend_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type liveRanges = func(l *backend.Lowered) []backend.LiveRange

func TestExercise5_7_LiveRanges(t *testing.T) {
	// each changes what the solution says of a value.
	wrong := func(name string, change func(l *backend.Lowered, v backend.Value, r backend.LiveRange) backend.LiveRange) exercise.Mutant[liveRanges] {
		return exercise.Wrong[liveRanges](name, func(l *backend.Lowered) []backend.LiveRange {
			ranges := backendsolution.LiveRanges(l)
			for v := range ranges {
				ranges[v] = change(l, backend.Value(v), ranges[v])
			}
			return ranges
		})
	}
	type (
		lowered = backend.Lowered
		value   = backend.Value
		ranges  = backend.LiveRange
	)
	exercise.Run(t, ex("5.7"), backend.Yours.LiveRanges, backendsolution.LiveRanges, checkLiveRanges,
		wrong("invariants-end-at-their-last-use", func(l *lowered, v value, r ranges) ranges {
			if n := int32(len(l.Insts)); len(r) == 1 && r[0].To == n && r[0].From < int32(l.Label) {
				r[0].To = int32(l.Label)
			}
			return r
		}),
		wrong("no-holes", func(_ *lowered, _ value, r ranges) ranges {
			if len(r) > 1 {
				return ranges{{From: r[0].From, To: r[len(r)-1].To}}
			}
			return r
		}),
		wrong("no-second-life", func(_ *lowered, _ value, r ranges) ranges { return r[:min(1, len(r))] }),
		wrong("spans-that-meet-stay-two", func(l *lowered, v value, r ranges) ranges {
			if at := int32(l.Label); at >= 0 && len(r) > 0 && slices.Contains(l.Insts[at].List, v) && r[0].To > at {
				return append(ranges{{From: r[0].From, To: at}, {From: at, To: r[0].To}}, r[1:]...)
			}
			return r
		}),
		wrong("constants-are-alive", func(l *lowered, v value, r ranges) ranges {
			if l.Values[v].Const {
				return ranges{{From: -1, To: int32(len(l.Insts)) - 1}}
			}
			return r
		}),
		wrong("unused-values-are-alive", func(l *lowered, v value, r ranges) ranges {
			if i := slices.IndexFunc(l.Insts, func(in backend.Inst) bool { return in.Dst == v }); i >= 0 && len(r) == 0 {
				return ranges{{From: int32(i), To: int32(i)}}
			}
			return r
		}),
		exercise.Wrong[liveRanges]("forgets-exits", func(l *lowered) []ranges {
			return backendsolution.LiveRanges(withoutExits(l, func(*backend.Inst) bool { return true }))
		}),
		exercise.Wrong[liveRanges]("forgets-then", func(l *lowered) []ranges {
			return backendsolution.LiveRanges(withoutExits(l, func(in *backend.Inst) bool { return in.Code == backend.Ask }))
		}),
		wrong("inputs-from-0", func(_ *lowered, _ value, r ranges) ranges {
			if len(r) > 0 && r[0].From < 0 {
				r[0].From = 0
			}
			return r
		}),
		exercise.Wrong[liveRanges]("exit-before-the-result", func(l *lowered) []ranges {
			list := backendsolution.LiveRanges(l)
			for v, r := range list {
				if len(r) == 1 && r[0].From == r[0].To {
					list[v] = nil
				}
			}
			return list
		}),
		exercise.Wrong[liveRanges]("without-a-loop-as-with-one", func(l *lowered) []ranges {
			list := backendsolution.LiveRanges(l)
			for _, r := range list {
				if n := int32(len(l.Insts)); l.Label < 0 && len(r) > 0 && r[0].To == n-1 {
					r[0].To = n
				}
			}
			return list
		}),
	)
}

// withoutExits returns l without what some instructions want when they are left.
func withoutExits(l *backend.Lowered, some func(in *backend.Inst) bool) *backend.Lowered {
	c := *l
	c.Insts = slices.Clone(l.Insts)
	for i := range c.Insts {
		if in := &c.Insts[i]; in.Exit != nil && some(in) {
			x := *in.Exit
			if x.Then = nil; in.Code != backend.Ask {
				x.Values = nil
			}
			in.Exit = &x
		}
	}
	return &c
}

func checkLiveRanges(t exercise.TB, f liveRanges) {
	const rule = "a value is alive at a place if it is used behind it, before it is made again (this trace was made at random)"
	checkRangeCases(t, f)
	for seed := range uint64(few(300)) {
		l := randomLowered(rand.New(rand.NewPCG(seed, 7)), 2+int(seed%30), fakeMachine{5, 3})
		sameRanges(t, l, rangesText(l, naiveRanges(l)), f(l), rule)
	}
	checkAllocating(t, with(func(k *backend.Kit) { k.LiveRanges = f }))
}

// naiveRanges finds the ranges by asking for each value and each place between two
// instructions whether anything behind it uses the value, before it is made again.
// Place i is in front of instruction i; behind the jump is place n.
func naiveRanges(l *backend.Lowered) []backend.LiveRange {
	n := len(l.Insts)
	ranges := make([]backend.LiveRange, len(l.Values))
	for v := range l.Values {
		if l.Values[v].Const {
			continue
		}
		alive := func(place int) bool { return usedFrom(l, backend.Value(v), place) }
		from := -2
		for place := firstPlace(l, backend.Value(v)); place <= n; place++ {
			switch {
			case alive(place) && from == -2:
				from = place - 1
			case !alive(place) && from != -2:
				ranges[v] = append(ranges[v], backend.Span{From: int32(from), To: int32(place - 1)})
				from = -2
			}
		}
		if from != -2 {
			ranges[v] = append(ranges[v], backend.Span{From: int32(from), To: int32(n)})
		}
		for i := range l.Insts {
			in := &l.Insts[i]
			if in.Dst == backend.Value(v) && len(ranges[v]) == 0 && in.Exit != nil && slices.Contains(in.Exit.Values, in.Dst) {
				ranges[v] = backend.LiveRange{{From: int32(i), To: int32(i)}}
			}
		}
	}
	return ranges
}

// firstPlace returns the first place at which v is there.
func firstPlace(l *backend.Lowered, v backend.Value) int {
	if slices.Contains(l.Inputs, v) {
		return 0
	}
	return 1 + slices.IndexFunc(l.Insts, func(in backend.Inst) bool { return in.Dst == v })
}

// usedFrom reports whether what v is at a place will be used.
func usedFrom(l *backend.Lowered, v backend.Value, place int) bool {
	turns := 0
	for i := place; turns < 2; i++ {
		if i == len(l.Insts) {
			if l.Insts[i-1].Code != backend.Jump {
				return false
			}
			turns++
			i = l.Label
		}
		in := &l.Insts[i]
		uses := append(slices.Clone(in.List), in.Args[:]...)
		for x := in.Exit; x != nil; x = x.Then {
			if v != in.Dst {
				uses = append(uses, x.Values...)
			}
		}
		if slices.Contains(uses, v) {
			return true
		}
		if in.Dst == v {
			return false
		}
		if in.Code == backend.LabelHere || in.Code == backend.Jump {
			if slices.Contains(l.Insts[l.Label].List, v) { // it is made here
				return false
			}
		}
	}
	return false
}
