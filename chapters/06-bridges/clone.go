package bridges

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// cloner copies operations of one trace into another, where other values stand for
// theirs.
type cloner struct {
	to  *ir.Trace
	env []*ir.Op // by ID in the trace that is copied: what stands for the value
}

// set notes that to stands for v.
func (c *cloner) set(v, to *ir.Op) { c.env[v.ID] = to }

// of returns what stands for v.
func (c *cloner) of(v *ir.Op) *ir.Op {
	if v.IsConst() {
		return v
	}
	return c.env[v.ID]
}

// ops adds copies of ops to c.to. The exits of guards lack what is known there.
func (c *cloner) ops(ops []*ir.Op) {
	for _, old := range ops {
		op := &ir.Op{Code: old.Code, Type: old.Type, ID: int32(c.to.NumIDs()), Descr: old.Descr, Line: old.Line, Name: old.Name}
		op.Args = c.list(old.Args, nil)
		if old.Exit != nil {
			op.Exit = c.exit(old.Exit)
		}
		c.to.Ops = append(c.to.Ops, op)
		c.set(old, op)
	}
}

// exit returns a copy of x: what is virtual twice in it is one object there, too.
func (c *cloner) exit(x *ir.Exit) *ir.Exit {
	made := map[*ir.Op]*ir.Op{}
	e := &ir.Exit{Failargs: c.list(x.Failargs, made), Resume: x.Resume}
	for _, store := range x.Pending {
		e.Pending = append(e.Pending, &ir.Op{Code: store.Code, ID: -1, Descr: store.Descr, Args: c.list(store.Args, made)})
	}
	return e
}

// list returns what stands for the values in of. made are the virtual objects that
// were copied.
func (c *cloner) list(of []*ir.Op, made map[*ir.Op]*ir.Op) []*ir.Op {
	list := slices.Clone(of)
	for i, v := range of {
		switch {
		case v.Code != ir.OpVirtual:
			list[i] = c.of(v)
		case made[v] != nil:
			list[i] = made[v]
		default:
			list[i] = &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: v.Descr}
			made[v] = list[i] // before its words: it may be among them
			list[i].Args = c.list(v.Args, made)
		}
	}
	return list
}

// known gives copies of guards what is known at the exits of the guards themselves.
func (c *cloner) known(ops []*ir.Op) {
	for _, old := range ops {
		if old.Exit == nil || len(old.Exit.Facts) == 0 {
			continue
		}
		facts := slices.Clone(old.Exit.Facts)
		for i := range facts {
			f := &facts[i]
			f.Value, f.Contents = c.of(f.Value), slices.Clone(f.Contents)
			for n := range f.Contents {
				f.Contents[n].Value = c.of(f.Contents[n].Value)
			}
		}
		c.of(old).Exit.Facts = facts
	}
}
