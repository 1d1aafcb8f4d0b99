package ir

import "metatrace/internal/exercise"

// Find follows op.Forward to the value that stands for op: the one whose own
// Forward is nil, op itself if it was never replaced. On the way it shortens
// the path: afterwards every value that it passed forwards to the end in one
// step, so that no chain is walked twice (path compression).
//
// For example, if a forwards to b and b to c, Find(a) is c, and then a forwards
// to c as well.
func Find(op *Op) *Op {
	panic(exercise.TODO)
}
