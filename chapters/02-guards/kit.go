package guards

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
)

// Kit is what chapter 2 asks the reader to build, a field for each exercise.
type Kit struct {
	Decide       func(r *recorder.Recorder, cond recorder.Bool) bool
	Promote      func(r *recorder.Recorder, a recorder.Int) int64
	TakeSnapshot func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op)
	Rebuild      func(m *machine.Machine, s *machine.Snapshot, values []uint64)
	Rearm        func(c *machine.Counter, threshold int, closed bool)
	Implied      func(o *ir.Optimizer, guard *ir.Op) Answer
	Learn        func(o *ir.Optimizer, guard *ir.Op)
	Decided      func(possible Order, c ir.Opcode) (result int64, ok bool)
	Merge        func(o *ir.Optimizer, earlier, later *ir.Op) bool
}

// Yours is the Kit of this folder: the stubs, until you write them.
var Yours = Kit{
	Decide:       Decide,
	Promote:      Promote,
	TakeSnapshot: TakeSnapshot,
	Rebuild:      Rebuild,
	Rearm:        Rearm,
	Implied:      Implied,
	Learn:        Learn,
	Decided:      Decided,
	Merge:        Merge,
}

// Recorder returns the part of k that the recorder calls.
func (k *Kit) Recorder() recorder.Kit {
	return recorder.Kit{Decide: k.Decide, TakeSnapshot: k.TakeSnapshot, Promote: k.Promote}
}
