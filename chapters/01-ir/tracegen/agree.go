package tracegen

import (
	"fmt"
	"slices"
	"strings"

	ir "metatrace/chapters/01-ir"
)

// AgreeOn compares the two traces on n inputs; see Agree.
func AgreeOn(kit *ir.Kit, before, after *ir.Trace, n int) error {
	for seed := range n {
		if err := Agree(kit, before, after, Inputs(before, uint64(seed))); err != nil {
			return err
		}
	}
	return nil
}

// NeverEnds returns an error if one of n runs of t gets to the end: then a pass
// was wrong to call t impossible.
func NeverEnds(kit *ir.Kit, t *ir.Trace, n int) error {
	for seed := range n {
		inputs := Inputs(t, uint64(seed))
		r, err := run(kit, t, inputs, limits{steps: maxSteps, rounds: 1})
		if err == nil && !r.failed {
			return fmt.Errorf("the trace was called impossible, but with %s it gets to the end", show(t, inputs))
		}
	}
	return nil
}

// Agree runs both traces on inputs and returns how they differ, or nil. They
// agree if they leave through the same operation with the same values, and
// called and changed the same on the way. References are compared by what they
// lead to, since addresses may differ; all NaNs are equal. Guards are told apart
// by Exit.Resume or, if that is nil, by their line.
//
// Where the trace before is in error (it reads a field of NULL, say), the other
// one may do as it likes.
//
// Where the trace before leaves through a guard, the other one may leave through
// an earlier one, into which a pass has merged it: but then with what the trace
// before has there.
//
// The inputs of type ref are numbers: 0 is NULL, the others objects of the
// classes that the trace declares, with contents that depend on the number.
func Agree(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error {
	return compare(kit, before, after, inputs, limits{steps: maxSteps, rounds: 1}, limits{steps: 2 * maxSteps, rounds: 1})
}

// AgreeForced does as Agree with each guard of after in turn made to fail in both
// traces. So all exits are compared, whether or not the inputs lead there.
func AgreeForced(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error {
	for _, op := range after.Ops {
		if op.Exit == nil {
			continue
		}
		force := func(guard *ir.Op, _ int) bool { return exitName(guard) == exitName(op) }
		err := compare(kit, before, after, inputs, limits{steps: maxSteps, rounds: 1, force: force},
			limits{steps: 2 * maxSteps, rounds: 1, force: force})
		if err != nil {
			return fmt.Errorf("with %s made to fail, %w", exitName(op), err)
		}
	}
	return nil
}

// compare runs both traces on inputs, each within its limits.
func compare(kit *ir.Kit, before, after *ir.Trace, inputs []uint64, first, second limits) error {
	want, err := run(kit, before, inputs, first)
	if err != nil {
		return nil
	}
	got, err := run(kit, after, inputs, second)
	if err == nil && want.exit != got.exit && want.failed && got.failed && leavesEarly(kit, before, inputs, first, want, got) {
		return nil
	}
	with := show(before, inputs)
	switch {
	case err != nil:
		return fmt.Errorf("with %s the trace before runs, the one after is in error: %w", with, err)
	case want.exit != got.exit:
		return fmt.Errorf("with %s the trace before leaves by %s, the one after by %s", with, want.exit, got.exit)
	case !slices.Equal(want.log, got.log):
		return fmt.Errorf("with %s the traces differ\nbefore: %s\nafter:  %s", with,
			strings.Join(want.log, "\n        "), strings.Join(got.log, "\n        "))
	}
	return nil
}

// leavesEarly reports whether got, the run of the trace after, has left where the
// trace before passes a guard in one of the rounds of want, with what that guard
// would have left with.
func leavesEarly(kit *ir.Kit, before *ir.Trace, inputs []uint64, lim limits, want, got result) bool {
	force := lim.force
	for r := 1; r <= want.rounds; r++ {
		lim.force = func(guard *ir.Op, round int) bool {
			return round == r && exitName(guard) == got.exit || force != nil && force(guard, round)
		}
		early, err := run(kit, before, inputs, lim)
		if err == nil && early.exit == got.exit && slices.Equal(early.log, got.log) {
			return true
		}
	}
	return false
}
