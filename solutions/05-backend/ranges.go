package backendsolution

import backend "metatrace/chapters/05-backend"

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
func LiveRanges(l *backend.Lowered) []backend.LiveRange {
	w := rangeWalk{
		l: l, to: make([]int32, len(l.Values)),
		ranges: make([]backend.LiveRange, len(l.Values)), spans: make([]backend.Span, len(l.Values)),
	}
	for v := range w.to {
		w.to[v] = dead
	}
	for i := len(l.Insts) - 1; i >= 0; i-- {
		w.step(int32(i), &l.Insts[i])
	}
	for _, v := range l.Inputs {
		w.begin(v, -1)
	}
	return w.ranges
}

// dead is the place of the last use of a value that nobody uses behind here.
const dead int32 = -1

// rangeWalk is a walk backward over a trace.
type rangeWalk struct {
	l      *backend.Lowered
	to     []int32 // of each value: the last use of the span that is open, or dead
	ranges []backend.LiveRange
	spans  []backend.Span // memory for the ranges of one span, as most are
}

func (w *rangeWalk) step(i int32, in *backend.Inst) {
	if in.Code == backend.LabelHere {
		w.label(i, in)
	}
	if in.Code == backend.Jump {
		for _, v := range w.l.Insts[w.l.Label].List {
			w.to[v] = i + 1
			w.begin(v, i)
		}
	}
	for x := in.Exit; x != nil; x = x.Then {
		w.use(i, x.Values) // before Dst is made, going backward: a checked operation's exit wants it
	}
	if in.Dst != backend.None {
		w.begin(in.Dst, i)
	}
	w.use(i, in.Args[:])
	w.use(i, in.List)
}

// label makes everything that is alive in the loop alive until its end. Arguments
// of the label are other values there than in front of it.
func (w *rangeWalk) label(i int32, in *backend.Inst) {
	for _, v := range in.List {
		w.begin(v, i)
	}
	if w.l.Insts[len(w.l.Insts)-1].Code != backend.Jump {
		return
	}
	for v := range w.to {
		if w.to[v] != dead {
			w.to[v] = int32(len(w.l.Insts))
		}
	}
}

// use makes values alive that are not yet.
func (w *rangeWalk) use(i int32, values []backend.Value) {
	for _, v := range values {
		if v != backend.None && !w.l.Values[v].Const && w.to[v] == dead {
			w.to[v] = i
		}
	}
}

// begin ends the span that is open, which begins at instruction i.
func (w *rangeWalk) begin(v backend.Value, i int32) {
	if w.to[v] == dead {
		return
	}
	span := backend.Span{From: i, To: w.to[v]}
	w.to[v] = dead
	switch r := w.ranges[v]; {
	case len(r) == 0:
		w.spans[0] = span
		w.ranges[v], w.spans = w.spans[:1:1], w.spans[1:]
	case r[0].From == span.To:
		r[0].From = i
	default:
		w.ranges[v] = append(backend.LiveRange{span}, r...)
	}
}
