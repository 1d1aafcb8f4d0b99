package backend

import "metatrace/internal/exercise"

// LiveRanges returns for each value of l, by its number, where it is alive: from the
// instruction that makes it (Dst; -1 for an input) to the last one that uses it. An
// instruction uses its Args, its List, the Values of its Exit, and the Values of the
// exit's Then, if there is one (only tests make such exits). Constants, and values that
// nobody uses, have no span. An exit is taken behind its instruction, whose Dst may be
// among the Values: the span is {i i} if nobody else uses it.
//
// If the last of the n instructions is a Jump, the trace is a loop:
//
//   - What is made before the label, is no argument of the label, and is used behind it,
//     will be used again in the next iteration: it is alive to n.
//   - The arguments of the label are made a second time, by the jump. They have one more
//     span, {n-1 n}, from the jump to the label that it goes to. The span before ends
//     where the label or the loop uses the argument last: between the two is a hole.
//
// Spans are in their order, and two that meet are one: {2 7} and {7 8} are {2 8}.
//
//	0 v1 = Add v0 v0;  1 LabelHere v1;  2 v2 = Mul v1 v0;  3 v3 = Add v2 v0;  4 Jump v3
//	v0 {-1 5}   v1 {0 2} {4 5}   v2 {2 3}   v3 {3 4}
func LiveRanges(l *Lowered) []LiveRange {
	panic(exercise.TODO)
}
