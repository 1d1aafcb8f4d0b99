package backend

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
)

// What connects a trace with others: its inputs, which may arrive in registers, and the
// jump to another one.

// inputs makes the values of the inputs.
func (l *lowerer) inputs() {
	var places map[Loc]*ir.Op
	if l.opt.Places != nil {
		places, l.out.Places = map[Loc]*ir.Op{}, []Loc{}
	}
	for i, in := range l.trace.Inputs {
		at := Arrival{Loc: Loc{InSlot, int32(i)}}
		if l.opt.Places != nil {
			at = l.opt.Places[i]
		}
		if same := places[at.Loc]; same != nil {
			l.same(in, same, l.vals[same.ID])
			continue
		}
		if at.Kind == IsConst {
			l.same(in, nil, l.constant(at.Bits, classOfType(in.Type)))
			continue
		}
		v := l.value(in)
		l.vals[i] = v
		l.out.Inputs = append(l.out.Inputs, v)
		if places != nil {
			places[at.Loc], l.out.Places = in, append(l.out.Places, at.Loc)
		}
		if from := (Loc{InSlot, int32(i)}); l.opt.Loads && at.Loc != from {
			l.out.Loads = append(l.out.Loads, Move{at.Loc, from})
		}
	}
}

func classOfType(t ir.Type) Class {
	if t == ir.Float {
		return Float
	}
	return Int
}

// same makes op, an input, the value v, which is that of another input or a constant.
// Where a loop gives one of them a new value, they have to be two.
func (l *lowerer) same(op, other *ir.Op, v Value) {
	l.vals[op.ID] = v
	if !l.carry[op.ID] && (other == nil || !l.carry[other.ID]) {
		return
	}
	if op.Type == ir.Float {
		bits := l.fresh(Info{})
		l.emit(Inst{Code: BitsOfFloat, Op: op, Dst: bits}, v)
		l.define(op, Inst{Code: FloatOfBits}, bits)
		return
	}
	l.define(op, Inst{Code: Or}, v, l.int(0))
}

// jumpOut goes on in another trace.
func (l *lowerer) jumpOut(op *ir.Op, target *ir.Target) {
	to, ok := target.Entry.(*Start)
	switch {
	case !ok:
		l.err = fmt.Errorf("there is no machine code of %s to jump to", target)
		return
	case len(to.Inputs) != len(op.Args):
		l.err = fmt.Errorf("%d arguments, expected %d as %s has", len(op.Args), len(to.Inputs), target)
		return
	}
	list := l.list(op.Args)
	l.tick(op)
	l.effect(op, Inst{Code: JumpOut, List: list, To: to, Exit: l.resumable(ExitPoll, op)})
}
