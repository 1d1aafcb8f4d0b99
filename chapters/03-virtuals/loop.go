package virtuals

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// A Loop is a loop that lacks its label and its jump: the last copy of a trace,
// that is, which still has to be told which values go round.
type Loop struct {
	w        walker
	preamble []bool // by ID: the inputs, and operations before the loop
	spare    []*ir.Op
	start    int  // of the loop in the output
	force    bool // virtual objects at the end are allocated
	unstable bool // one would have to be
}

func newLoop(w walker, inputs []*ir.Op, start int, force bool) *Loop {
	l := &Loop{w: w, start: start, force: force}
	lists := [][]*ir.Op{inputs, w.Output()[:start]}
	last := int32(-1) // operations are not in the order of their IDs
	for _, list := range lists {
		for _, v := range list {
			last = max(last, v.ID)
		}
	}
	l.preamble = make([]bool, last+1)
	for _, list := range lists {
		for _, v := range list {
			l.preamble[v.ID] = true
		}
	}
	return l
}

// Ops returns the operations of the loop, in order. Force adds to them.
func (l *Loop) Ops() []*ir.Op { return l.w.Output()[l.start:] }

// InPreamble reports whether v is a value of the preamble, an input included.
func (l *Loop) InPreamble(v *ir.Op) bool {
	return v.ID >= 0 && int(v.ID) < len(l.preamble) && l.preamble[v.ID]
}

// Next returns what the loop computes for v, a value of the preamble: what v is
// in the next iteration. It is v itself if v does not change.
func (l *Loop) Next(v *ir.Op) *ir.Op {
	next := l.w.Value(v)
	if next == l.w.Find(v) {
		return v
	}
	return next
}

// Force returns v and makes sure that it is a real value: a virtual object is
// allocated at the end of the loop. (While there is hope that another copy makes
// the loop stable, this is only noted.)
func (l *Loop) Force(v *ir.Op) *ir.Op {
	if l.w.virtual == nil {
		return v
	}
	if obj := l.w.virtual.objects.Of(v); obj != nil {
		if l.force {
			l.w.virtual.force(l.w.Optimizer, obj)
		} else {
			l.unstable = true
		}
	}
	return v
}

// edge returns the values of the preamble, any of which the next copy of the loop
// may come back to, and what they are in the next iteration. Those may be of the
// preamble as well.
func (l *Loop) edge(inputs []*ir.Op) (from, next []*ir.Op) {
	for _, v := range slices.Concat(inputs, l.w.Output()[:l.start]) {
		if v.Type != ir.Void {
			from, next = append(from, v), append(next, l.Next(v))
		}
	}
	return from, next
}

// Uses returns the values that op uses: its arguments and, of a guard, the values
// in its exit. Constants are left out.
func (l *Loop) Uses(op *ir.Op) []*ir.Op {
	if cap(l.spare) < minSpare {
		l.spare = make([]*ir.Op, 0, 16*minSpare) // for many operations
	}
	list := appendUses(l.spare, op.Args, nil)
	if op.Exit != nil {
		list = appendUses(list, op.Exit.Values(), map[*ir.Op]bool{})
	}
	n := len(list)
	l.spare = list[n:]
	return list[:n:n]
}

const minSpare = 32

// appendUses appends to list the values in args that are not constants. Those in
// virtual objects are among them, for each object once: seen has the objects.
func appendUses(list, args []*ir.Op, seen map[*ir.Op]bool) []*ir.Op {
	for _, a := range args {
		switch {
		case a.Code == ir.OpVirtual:
			if !seen[a] {
				seen[a] = true
				list = appendUses(list, a.Args, seen)
			}
		case !a.IsConst():
			list = append(list, a)
		}
	}
	return list
}
