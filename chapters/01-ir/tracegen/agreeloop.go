package tracegen

import (
	"fmt"
	"strings"

	ir "metatrace/chapters/01-ir"
)

const (
	maxRounds = 40 // of a loop; one that needs more is left alone
	// A loop with a label goes all its rounds in one run.
	maxLoopSteps = 2 * maxRounds * maxSteps
)

// AgreeLoop does for loops what Agree does for straight-line code. Both traces
// run round and round, in one world: the values of the jump are the inputs of the
// next round, or what the label gets, until a guard fails. after may have a
// label or not.
func AgreeLoop(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error {
	return compare(kit, before, after, inputs, limits{steps: maxSteps, rounds: maxRounds},
		limits{steps: maxLoopSteps, rounds: maxRounds + 1})
}

// AgreeLoopOn compares two loops on n inputs.
func AgreeLoopOn(kit *ir.Kit, before, after *ir.Trace, n int) error {
	for seed := range n {
		if err := AgreeLoop(kit, before, after, LoopInputs(before, uint64(seed))); err != nil {
			return err
		}
	}
	return nil
}

// AgreeLoopForced compares the exits of the two loops: each guard of after is made
// to fail, the first and the second time that the run gets there. The trace
// before has to leave alike through that guard in one of its rounds. In which one
// can't be told: rounds may have been taken out of the loop.
func AgreeLoopForced(kit *ir.Kit, before, after *ir.Trace, inputs []uint64) error {
	plain, err := run(kit, before, inputs, limits{steps: maxSteps, rounds: maxRounds})
	if err != nil {
		return nil
	}
	for _, op := range after.Ops {
		for time := 1; time <= 2 && op.Exit != nil; time++ {
			got, reached, err := runForced(kit, after, inputs, op, time)
			if err != nil {
				return fmt.Errorf("with %s made to fail and %s, the loop after is in error: %w", exitName(op), show(before, inputs), err)
			}
			if reached && !leavesEarly(kit, before, inputs, limits{steps: maxSteps, rounds: maxRounds}, plain, got) {
				return fmt.Errorf("with %s made to fail the %d. time and %s, the loop before never leaves like that:\n%s",
					exitName(op), time, show(before, inputs), strings.Join(got.log, "\n"))
			}
		}
	}
	return nil
}

// runForced runs the loop t with its guard op made to fail when it is reached for
// the given time, if it is.
func runForced(kit *ir.Kit, t *ir.Trace, inputs []uint64, op *ir.Op, time int) (r result, reached bool, err error) {
	times := 0
	r, err = run(kit, t, inputs, limits{steps: maxLoopSteps, rounds: maxRounds + 1, force: func(guard *ir.Op, _ int) bool {
		if guard == op {
			times++
		}
		return guard == op && times == time
	}})
	return r, times >= time, err
}

// NeverLoops returns an error if one of n runs of the loop t gets through two
// rounds: then it was wrong to call it impossible.
func NeverLoops(kit *ir.Kit, t *ir.Trace, n int) error {
	for seed := range n {
		inputs := LoopInputs(t, uint64(seed))
		r, err := run(kit, t, inputs, limits{steps: maxSteps, rounds: maxRounds})
		if (err == nil || err == errEndless) && r.rounds > 2 {
			return fmt.Errorf("the loop was called impossible, but with %s it goes round %d times", show(t, inputs), r.rounds-1)
		}
	}
	return nil
}
