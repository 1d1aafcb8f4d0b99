package irsolution

import ir "metatrace/chapters/01-ir"

// RemoveDead returns the operations of t that somebody needs, in their order: a
// walk backward, in which an operation is needed if it does something besides
// making a value (Droppable says), or if a needed operation behind it has the
// value among its arguments or the values of its exit: failargs mostly, see
// Exit.Values. An exit may hold virtual objects (OpVirtual) whose Args hold
// values in turn, even themselves. The inputs and operations of t have the IDs
// from 0 to t.NumIDs()-1; constants have -1.
//
// For example, of i1 = int_add(i0, 1), i2 = int_add(i0, 2), finish(i2) the first
// is left out.
func RemoveDead(t *ir.Trace) []*ir.Op {
	used := make([]bool, t.NumIDs())
	var use func(list []*ir.Op)
	virtuals := map[*ir.Op]bool{}
	use = func(list []*ir.Op) {
		for _, a := range list {
			switch {
			case a.Code == ir.OpVirtual:
				if !virtuals[a] {
					virtuals[a] = true
					use(a.Args)
				}
			case a.ID >= 0:
				used[a.ID] = true
			}
		}
	}
	kept := make([]*ir.Op, len(t.Ops))
	first := len(kept)
	for i := len(t.Ops) - 1; i >= 0; i-- {
		op := t.Ops[i]
		if ir.Droppable(op) && !used[op.ID] {
			continue
		}
		use(op.Args)
		if op.Exit != nil {
			use(op.Exit.Values())
		}
		first--
		kept[first] = op
	}
	return kept[first:]
}
