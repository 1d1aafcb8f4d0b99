package bridges

import (
	"slices"

	ir "metatrace/chapters/01-ir"
)

// What the failure of a guard teaches is that its condition did not hold. A bridge begins
// with the bytecode that asked, and so would ask again. Hence its trace begins with the
// question and a guard of the other way, which nobody has to execute: the optimizer learns
// from it, and then it is taken out again.

// answered is the Resume of such guards.
type answered struct{}

// opposite has the guards that hold where another one has failed. (Of those that are about
// references there are none: the optimizer may merge a later guard into an earlier one,
// and with this one it would be taken out.)
var opposite = map[ir.Opcode]ir.Opcode{ir.GuardTrue: ir.GuardFalse, ir.GuardFalse: ir.GuardTrue}

// withAnswer returns the trace t of a bridge behind guard, with the question that guard has
// answered. inputs of t stand for leaves.
func withAnswer(t *ir.Trace, guard *ir.Op, leaves []*ir.Op) *ir.Trace {
	code, ok := opposite[guard.Code]
	if !ok {
		return t
	}
	of := func(v *ir.Op) *ir.Op {
		if v.IsConst() {
			return v
		}
		if i := slices.Index(leaves, v); i >= 0 {
			return t.Inputs[i]
		}
		return nil
	}
	var ops []*ir.Op
	cond := of(guard.Args[0])
	if question := guard.Args[0]; cond == nil {
		if !question.Code.Has(ir.Pure) || question.Code == ir.ArraylenGc {
			return t
		}
		again := &ir.Op{Code: question.Code, Type: question.Type, Descr: question.Descr}
		for _, a := range question.Args {
			if a = of(a); a == nil {
				return t
			}
			again.Args = append(again.Args, a)
		}
		cond, ops = again, append(ops, again)
	}
	ops = append(ops, &ir.Op{Code: code, Args: []*ir.Op{cond}, Exit: &ir.Exit{Resume: answered{}}})
	asked := &ir.Trace{Decls: t.Decls, Inputs: t.Inputs, Ops: append(ops, t.Ops...)}
	asked.Renumber()
	return asked
}

// withoutAnswer takes the guard out again, and the question, if nobody else wants it.
func (e *Engine) withoutAnswer(t *ir.Trace) {
	n := len(t.Ops)
	t.Ops = slices.DeleteFunc(t.Ops, func(op *ir.Op) bool { return op.Exit != nil && op.Exit.Resume == answered{} })
	if len(t.Ops) == n {
		return
	}
	t.Renumber()
	if e.g.Chain.Dead {
		t.Ops = e.g.Chain.Kit.RemoveDead(t)
		t.Renumber()
	}
}
