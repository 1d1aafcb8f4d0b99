package guards

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/exercise"
)

// TakeSnapshot describes frames (the outermost first): the code of each, the
// position where it goes on, and how many slots it has in use. slots has,
// for each slot of the stack, the operation that made its value: those of
// frames[0] start at slots[0], those of any other frame f at
// slots[f.Base-frames[0].Base], and there may be more behind what is in use. The
// second result, the failargs, are the operations of all slots in use, frame
// after frame, in a list of its own: slots goes on changing.
//
// For example, a frame with the slots [i0 i1] that called one with the slot [i2]
// gives two FrameShapes with SP 2 and 1, and the failargs [i0 i1 i2].
func TakeSnapshot(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
	panic(exercise.TODO)
}

// Rebuild puts the frames of s in the place of the running frame of m: it drops
// that one (PopFrame), then adds the frames of s, the outermost first (PushFrame),
// and sets their slots (SetSlot) to values: those of all frames one behind the
// other, as many for each as its SP says.
//
// For example, two FrameShapes with SP 2 and 1 and the values [a b c] make a
// frame with the slots [a b] and above it one with the slot [c].
func Rebuild(m *machine.Machine, s *machine.Snapshot, values []uint64) {
	panic(exercise.TODO)
}
