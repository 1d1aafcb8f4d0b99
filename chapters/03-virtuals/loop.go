package virtuals

import (
	ir "metatrace/chapters/01-ir"
)

// A Loop is a loop that lacks its label and its jump: the last copy of a trace,
// that is, which still has to be told which values go round.
type Loop struct {
	w        walker
	preamble map[*ir.Op]bool // inputs, and operations before the loop
	start    int             // of the loop in the output
	force    bool            // virtual objects at the end are allocated
	unstable bool            // one would have to be
}

func newLoop(w walker, inputs []*ir.Op, start int, force bool) *Loop {
	l := &Loop{w: w, preamble: map[*ir.Op]bool{}, start: start, force: force}
	for _, list := range [][]*ir.Op{inputs, w.Output()[:start]} {
		for _, v := range list {
			l.preamble[v] = true
		}
	}
	return l
}

// Ops returns the operations of the loop, in order. Force adds to them.
func (l *Loop) Ops() []*ir.Op { return l.w.Output()[l.start:] }

// InPreamble reports whether v is a value of the preamble, an input included.
func (l *Loop) InPreamble(v *ir.Op) bool { return l.preamble[v] }

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
			l.w.virtual.kit.force(l.w.Optimizer, obj)
		} else {
			l.unstable = true
		}
	}
	return v
}

// edge returns the values of the preamble that the next copy of the loop may use,
// and what they are in the next iteration. Those may be of the preamble as well.
func (l *Loop) edge() (from, next []*ir.Op) {
	seen := map[*ir.Op]bool{}
	var add func(list []*ir.Op)
	add = func(list []*ir.Op) {
		for _, v := range list {
			if v == nil || seen[v] {
				continue
			}
			seen[v] = true
			switch {
			case l.preamble[v]:
				n := l.Next(v)
				from, next = append(from, v), append(next, n)
				add([]*ir.Op{n})
			case l.w.virtual != nil && l.w.virtual.objects.Of(v) != nil:
				add(l.w.virtual.objects[v].Words)
			}
		}
	}
	for _, op := range l.Ops() {
		add(l.Uses(op))
	}
	return from, next
}

// Uses returns the values that op uses: its arguments and, of a guard, the values
// in its exit. Constants are left out.
func (l *Loop) Uses(op *ir.Op) []*ir.Op {
	var list []*ir.Op
	seen := map[*ir.Op]bool{}
	var add func(args []*ir.Op)
	add = func(args []*ir.Op) {
		for _, a := range args {
			switch {
			case a.Code == ir.OpVirtual:
				if !seen[a] {
					seen[a] = true
					add(a.Args)
				}
			case !a.IsConst():
				list = append(list, a)
			}
		}
	}
	add(op.Args)
	if op.Exit != nil {
		add(op.Exit.Values())
	}
	return list
}
