package backend

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
)

// compare is what an operation compares, and how.
type compare struct {
	cond  Cond
	a, b  *ir.Op
	float bool
	not   bool // floats only: the opposite of cond
}

var (
	zero    = ir.ConstInt(0)
	tagBits = ir.ConstInt(7) // an address has none of them
)

// comparison returns what op, a comparison, compares.
func comparison(op *ir.Op) (c compare, ok bool) {
	if cond, ok := conds[op.Code]; ok {
		return compare{cond: cond, a: op.Args[0], b: op.Args[1], float: op.Args[0].Type == ir.Float}, true
	}
	switch op.Code {
	case ir.IntIsTrue:
		return compare{cond: NotEqual, a: op.Args[0], b: zero}, true
	case ir.IntIsZero:
		return compare{cond: Equal, a: op.Args[0], b: zero}, true
	}
	return compare{}, false
}

var conds = map[ir.Opcode]Cond{
	ir.IntEq: Equal, ir.IntNe: NotEqual, ir.IntLt: Less, ir.IntLe: LessEqual, ir.IntGt: Greater, ir.IntGe: GreaterEqual,
	ir.UintLt: Below, ir.UintLe: BelowEqual, ir.UintGt: Above, ir.UintGe: AboveEqual,
	ir.PtrEq: Equal, ir.PtrNe: NotEqual, ir.InstancePtrEq: Equal, ir.InstancePtrNe: NotEqual,
	ir.FloatEq: Equal, ir.FloatNe: NotEqual, ir.FloatLt: Less, ir.FloatLe: LessEqual, ir.FloatGt: Greater, ir.FloatGe: GreaterEqual,
}

// inverse of the conditions of integers.
var inverse = [...]Cond{
	Equal: NotEqual, NotEqual: Equal, Less: GreaterEqual, LessEqual: Greater, Greater: LessEqual, GreaterEqual: Less,
	Below: AboveEqual, BelowEqual: Above, Above: BelowEqual, AboveEqual: Below, AnyBit: NoBit, NoBit: AnyBit,
}

// swapped are the conditions with a and b the other way round.
var swapped = [...]Cond{
	Equal: Equal, NotEqual: NotEqual, Less: Greater, LessEqual: GreaterEqual, Greater: Less, GreaterEqual: LessEqual,
	Below: Above, BelowEqual: AboveEqual, Above: Below, AboveEqual: BelowEqual, AnyBit: AnyBit, NoBit: NoBit,
}

// opposite returns c turned round.
func (c compare) opposite() compare {
	if c.float {
		c.not = !c.not // a < b and a >= b are both false if one is NaN
	} else {
		c.cond = inverse[c.cond]
	}
	return c
}

// fuse looks whether operation i of the trace does the work of the one before, too.
func (l *lowerer) fuse(i int, op *ir.Op) {
	switch op.Code {
	case ir.GuardTrue, ir.GuardFalse:
		if cond := op.Args[0]; l.justBefore(i, cond) {
			if _, ok := comparison(cond); ok && l.onlyFor(cond, op) {
				l.skip[l.at[cond.ID]] = true
				l.fuseBits(int(l.at[cond.ID]), cond)
			} else if cond.Code == ir.IntAnd && l.onlyFor(cond, op) {
				l.skip[l.at[cond.ID]] = true
			}
		}
	case ir.GetarrayitemGcI, ir.GetarrayitemGcF, ir.GetarrayitemGcR, ir.SetarrayitemGc:
		if _, _, ok := l.indexSum(op.Args[1]); ok {
			l.skip[l.at[op.Args[1].ID]] = true
		}
	}
}

// fuseBits looks whether a comparison that is fused with its guard tests bits.
func (l *lowerer) fuseBits(i int, op *ir.Op) {
	c, _ := comparison(op)
	if bits := c.a; c.cond <= NotEqual && !c.float && isZero(c.b) && bits.Code == ir.IntAnd &&
		l.uses[bits.ID] == 1 && l.justBefore(i, bits) {
		l.skip[l.at[bits.ID]] = true
	}
}

func isZero(a *ir.Op) bool { return a.Code == ir.OpConstInt && a.Bits == 0 }

// justBefore reports whether nothing that does anything stands between a and
// operation i.
func (l *lowerer) justBefore(i int, a *ir.Op) bool {
	if a.IsConst() || l.at[a.ID] < 0 || l.carry[a.ID] {
		return false
	}
	for i--; l.trace.Ops[i].Code == ir.DebugMergePoint || l.skip[i]; i-- {
	}
	return i == int(l.at[a.ID])
}

// onlyFor reports whether nobody but guard uses its condition. Its own exit may: a
// condition that failed is known there, unless it did not really fail.
func (l *lowerer) onlyFor(cond, guard *ir.Op) bool {
	uses := int32(1)
	if !l.opt.Ask {
		l.leaves(guard, func(a *ir.Op) {
			if a == cond {
				uses++
			}
		})
	}
	return l.uses[cond.ID] == uses
}

// indexSum returns x and n if index is int_add(x, n), made for this one use since
// the loop began: then n can be part of the address.
func (l *lowerer) indexSum(index *ir.Op) (x *ir.Op, n int64, ok bool) {
	if index.Code != ir.IntAdd || l.uses[index.ID] != 1 || l.carry[index.ID] {
		return nil, 0, false
	}
	x, by := index.Args[0], index.Args[1]
	if by.Code != ir.OpConstInt || x.IsConst() || l.carry[x.ID] && l.labelBetween(index) {
		return nil, 0, false
	}
	n = by.Int()
	return x, n, -1<<20 < n && n < 1<<20
}

// labelBetween reports whether the label may stand between op and its use.
func (l *lowerer) labelBetween(op *ir.Op) bool { return int(l.at[op.ID]) < l.trace.LabelAt() }

// guard adds the instruction of a guard.
func (l *lowerer) guard(op *ir.Op) {
	var a *ir.Op
	if len(op.Args) > 0 {
		a = op.Args[0]
	}
	l.tested = None
	switch op.Code {
	case ir.GuardNoException:
		return // there are no exceptions
	case ir.GuardNotInvalidated:
		l.effect(op, Inst{Code: GuardValid, Exit: l.exit(ExitGuard, op)})
	case ir.GuardNotForced:
		l.notForced(op)
		return
	case ir.GuardAlwaysFails:
		l.effect(op, Inst{Code: Leave, Exit: l.exit(ExitGuard, op)})
		return
	case ir.GuardTrue, ir.GuardFalse:
		l.condition(op, a)
	case ir.GuardNonnull:
		l.branch(op, compare{cond: NotEqual, a: a, b: zero})
	case ir.GuardIsnull:
		l.branch(op, compare{cond: Equal, a: a, b: zero})
	case ir.GuardValue:
		l.guardValue(op)
	case ir.GuardClass, ir.GuardNonnullClass:
		l.guardClass(op)
	case ir.GuardNoOverflow, ir.GuardOverflow:
		l.overflow(op)
	}
	if l.opt.Ask {
		ask := l.resumable(ExitAsk, op)
		ask.Then = l.exit(ExitGuard, op)
		if v := l.tested; v != None { // it may be in no register any more
			ask.Then.tested, ask.Then.Values = v, append(ask.Then.Values, v)
		}
		l.effect(op, Inst{Code: Ask, Exit: ask})
	}
}

// condition adds a guard_true or guard_false of a.
func (l *lowerer) condition(op, a *ir.Op) {
	c, fused := compare{cond: NotEqual, a: a, b: zero}, false
	if !a.IsConst() && l.at[a.ID] >= 0 && l.skip[l.at[a.ID]] {
		if a.Code == ir.IntAnd {
			c = compare{cond: AnyBit, a: a.Args[0], b: a.Args[1]}
		} else {
			c, _ = comparison(a)
		}
		l.fused, fused = a, true
	}
	if bits := c.a; fused && !c.float && !bits.IsConst() && l.at[bits.ID] >= 0 && l.skip[l.at[bits.ID]] {
		cond := AnyBit
		if c.cond == Equal {
			cond = NoBit
		}
		c = compare{cond: cond, a: bits.Args[0], b: bits.Args[1]}
	}
	if op.Code == ir.GuardFalse {
		c = c.opposite()
	}
	l.branch(op, c)
	l.fused = nil
}

// branch adds the instruction that leaves through op unless c holds.
func (l *lowerer) branch(op *ir.Op, c compare) {
	if c.a.IsConst() && !c.b.IsConst() && !c.float {
		c.a, c.b, c.cond = c.b, c.a, swapped[c.cond]
	}
	in := Inst{Code: Guard, Cond: c.cond, Not: c.not, Exit: l.exit(ExitGuard, op)}
	if c.float {
		in.Code = FloatGuard
	}
	l.effect(op, in, l.of(c.a), l.of(c.b))
}

func (l *lowerer) guardValue(op *ir.Op) {
	a, b := op.Args[0], op.Args[1]
	if a.Type != ir.Float {
		l.tested = l.of(a)
		l.branch(op, compare{cond: Equal, a: a, b: b})
		return
	}
	bits := [2]Value{}
	for i, x := range op.Args { // by their bits: NaN has a value, too
		if x.IsConst() {
			bits[i] = l.int(int64(x.Bits))
			continue
		}
		bits[i] = l.fresh(Info{})
		l.emit(Inst{Code: BitsOfFloat, Op: op, Dst: bits[i]}, l.of(x))
	}
	l.tested = bits[0]
	l.effect(op, Inst{Code: Guard, Cond: Equal, Exit: l.exit(ExitGuard, op)}, bits[0], bits[1])
}

// guardClass looks at the header of an object, if there is one.
func (l *lowerer) guardClass(op *ir.Op) {
	a, class := op.Args[0], op.Args[1].Name.Class
	switch {
	case class == nil:
		l.err = fmt.Errorf("the class %s is not declared", op.Args[1].Name.Name)
		return
	case class.Immediate != nil: // its objects are the references that are no addresses
		l.branch(op, compare{cond: AnyBit, a: a, b: tagBits})
		return
	}
	if op.Code == ir.GuardNonnullClass {
		l.branch(op, compare{cond: NotEqual, a: a, b: zero})
	}
	if l.opt.Classes != nil && l.opt.Classes.Immediate() != nil {
		l.branch(op, compare{cond: NoBit, a: a, b: tagBits})
	}
	l.effect(op, Inst{Code: GuardClass, Imm: int64(class.ID), Exit: l.exit(ExitGuard, op)}, l.of(a))
}

var checked = map[ir.Opcode]Opcode{ir.IntAddOvf: AddOvf, ir.IntSubOvf: SubOvf, ir.IntMulOvf: MulOvf}

// overflow adds the checked operation before its guard, with the guard.
func (l *lowerer) overflow(guard *ir.Op) {
	i := l.index - 1
	for i >= 0 && l.trace.Ops[i].Code == ir.DebugMergePoint {
		i--
	}
	if i < 0 || !l.trace.Ops[i].Code.Has(ir.Checked) {
		l.err = fmt.Errorf("no checked operation stands before it")
		return
	}
	op := l.trace.Ops[i]
	a, b := l.of(op.Args[0]), l.of(op.Args[1])
	code := checked[op.Code]
	if by := op.Args[1]; code == MulOvf && by.Code == ir.OpConstInt && by.Int() == 2 {
		code, b = AddOvf, a // a machine adds quicker than it multiplies
	}
	in := l.define(op, Inst{Code: code, Not: guard.Code == ir.GuardOverflow}, a, b)
	in.Exit = l.exit(ExitGuard, guard)
}

// set makes the result of a comparison an integer.
func (l *lowerer) set(op *ir.Op) {
	c, ok := comparison(op)
	if !ok {
		l.err = fmt.Errorf("the backend has no such operation")
		return
	}
	in := Inst{Code: Set, Cond: c.cond}
	if c.float {
		in.Code = FloatSet
	} else if c.a.IsConst() {
		c.a, c.b, in.Cond = c.b, c.a, swapped[c.cond]
	}
	l.define(op, in, l.of(c.a), l.of(c.b))
}
