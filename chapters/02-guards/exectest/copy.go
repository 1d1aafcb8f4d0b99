package exectest

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// A copied trace can be changed for one run.
type copied struct {
	*ir.Trace
	index   map[*ir.Op]int // which operation of the original each one is
	values  map[*ir.Op]*ir.Op
	symbols map[*ir.Symbol]*ir.Symbol // of prebuilt objects
}

// copyTrace copies t. The copy ends in jump or finish.
func copyTrace(t *ir.Trace) *copied {
	c := &copied{Trace: &ir.Trace{}, index: map[*ir.Op]int{}, values: map[*ir.Op]*ir.Op{}, symbols: map[*ir.Symbol]*ir.Symbol{}}
	if t.Decls != nil {
		decls := *t.Decls
		decls.Objects = nil
		for _, s := range t.Decls.Objects {
			decls.Objects = append(decls.Objects, c.symbol(s))
		}
		c.Decls = &decls
	}
	for _, in := range t.Inputs {
		c.Inputs = append(c.Inputs, c.value(in))
	}
	for i, op := range t.Ops {
		now := c.value(op)
		c.Ops, c.index[now] = append(c.Ops, now), i
	}
	if n := len(c.Ops); n == 0 || c.Ops[n-1].Code != ir.Jump && c.Ops[n-1].Code != ir.Finish && c.Ops[n-1].Code != ir.GuardAlwaysFails {
		end := &ir.Op{Code: ir.Finish}
		c.Ops, c.index[end] = append(c.Ops, end), n
	}
	c.Renumber()
	return c
}

// value returns the copy of a.
func (c *copied) value(a *ir.Op) *ir.Op {
	if now := c.values[a]; now != nil {
		return now
	}
	now := *a
	c.values[a] = &now // before the arguments: virtual objects may lead back here
	now.Args = c.list(a.Args)
	if a.Code == ir.OpConstPtr && a.Name != nil {
		now.Name = c.symbol(a.Name)
	}
	if a.Exit != nil {
		now.Exit = &ir.Exit{Failargs: c.list(a.Exit.Failargs), Resume: a.Exit.Resume, Pending: c.list(a.Exit.Pending)}
	}
	return &now
}

func (c *copied) list(of []*ir.Op) []*ir.Op {
	var list []*ir.Op
	for _, a := range of {
		list = append(list, c.value(a))
	}
	return list
}

// symbol returns the copy of the name of a prebuilt object.
func (c *copied) symbol(s *ir.Symbol) *ir.Symbol {
	if now := c.symbols[s]; now != nil {
		return now
	}
	now := *s
	c.symbols[s] = &now
	now.Values = c.list(s.Values)
	return &now
}

// loopByLabel puts a label at the start, for a jump that has none to go to.
func (c *copied) loopByLabel() {
	if c.LabelAt() < 0 && c.Ops[len(c.Ops)-1].Code == ir.Jump {
		c.Ops = append([]*ir.Op{{Code: ir.Label, Args: c.Inputs}}, c.Ops...)
		c.Renumber()
	}
}

// prebuild makes the declared objects on h, as the evaluator does, and those that are
// named but not declared. It returns the addresses of the former.
func (c *copied) prebuild(h *heap.Heap) ([]heap.Ref, error) {
	var all, declared []heap.Ref
	h.AddRoots(func(v *heap.Visitor) {
		for _, r := range all {
			v.Ref(r)
		}
	})
	place := func(s *ir.Symbol, class *heap.Class) error {
		if class.Immediate != nil {
			s.Addr = class.Immediate.Word(s.Values[0].Int())
			return nil
		}
		if s.Addr = h.Make(class, int64(len(s.Values))); s.Addr == 0 {
			return machine.ErrOutOfMemory
		}
		all = append(all, s.Addr)
		return nil
	}
	if c.Decls != nil {
		for _, s := range c.Decls.Objects {
			if err := place(s, s.Class); err != nil {
				return nil, err
			}
			declared = append(declared, s.Addr)
		}
	}
	for _, s := range c.symbols {
		if s.Addr != 0 {
			continue
		}
		class := h.Classes().Named("undeclared") // the evaluator has met it, if it is used
		if class == nil {
			return nil, fmt.Errorf("the object %s is not declared", s.Name)
		}
		if err := place(s, class); err != nil {
			return nil, err
		}
	}
	if c.Decls != nil {
		for _, s := range c.Decls.Objects {
			c.fill(h, s)
		}
	}
	return declared, nil
}

func (c *copied) fill(h *heap.Heap, s *ir.Symbol) {
	if heap.IsTagged(s.Addr) {
		return
	}
	for i, v := range s.Values {
		word := v.Bits
		if v.Code == ir.OpConstPtr && v.Name != nil {
			word = v.Name.Addr
		}
		h.SetWord(s.Addr, i, word)
	}
}

// callResiduals makes of all operations that call or escape residual calls, which w
// answers as it answers the evaluator; but of int_div and int_mod the elidable calls
// that a recorder makes. before is called first in each.
func (c *copied) callResiduals(w *tracegen.World, before func() error) {
	for _, op := range c.Ops {
		was := *op
		switch {
		case op.Code >= ir.EscapeI && op.Code <= ir.EscapeN:
			op.Code = ir.CallI + (was.Code - ir.EscapeI)
			op.Descr = &ir.Call{Name: was.Code.String(), Result: op.Type}
			op.Args = append([]*ir.Op{residual(was.Code.String(), func(args []uint64) (uint64, error) {
				if err := before(); err != nil {
					return 0, err
				}
				return w.Escape(&was, args)
			})}, op.Args...)
		case op.Code.IsCall():
			name := op.Args[0].Name.Name
			fn := residual(name, func(args []uint64) (uint64, error) {
				if err := before(); err != nil {
					return 0, err
				}
				return w.Call(&was, name, args)
			})
			if e := recorder.ElidableNamed(name); e != nil {
				fn = ir.ConstClass(&ir.Symbol{Name: name, Func: e})
			}
			op.Args = append([]*ir.Op{fn}, op.Args[1:]...)
		}
	}
}

// residual returns the callee of a residual call.
func residual(name string, do func(args []uint64) (uint64, error)) *ir.Op {
	fn := &recorder.Residual{Func: &machine.Func{Name: name, Do: do}}
	return ir.ConstClass(&ir.Symbol{Name: name, Func: fn})
}
