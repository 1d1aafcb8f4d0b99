package backend

import (
	"math/bits"

	"metatrace/chapters/05-backend/arm64"
)

// Immediate implements Machine: which constants an instruction has in itself, or makes
// for less than a register is worth.
func (m *ARM64) Immediate(in *Inst, arg int, c uint64) bool {
	switch in.Code {
	case Add, AddOvf:
		return fitsSum(c)
	case Sub, SubOvf:
		return arg == 1 && fitsSum(c) || arg == 0 && c == 0
	case And, Or, Xor:
		return c == 0 || m.kit.FitsLogical(c)
	case Shl, Sar, Shr:
		return arg == 1
	case Mul:
		_, ok := armProduct(c)
		return ok
	case Set, Guard:
		if in.Cond >= AnyBit {
			return m.kit.FitsLogical(c)
		}
		return fitsSum(c)
	case FloatSet, FloatGuard:
		return c<<1 == 0 // 0 and -0 are equal
	case Store:
		return arg == 1 && c == 0
	case StoreIndex:
		return arg == 2 && c == 0
	case New, Return:
		return true
	case NewArray:
		return c < 1<<12
	}
	return false
}

// fitsSum reports whether c or -c is a constant of ADD and SUB.
func fitsSum(c uint64) bool { return arm64.FitsAdd(c) || arm64.FitsAdd(-c) }

// sums are ADD or SUB in its forms: with a register, with a constant, and the opposite
// one for a negative constant.
type sums struct{ reg, imm, opposite arm64.Op }

var armSums = [numOpcodes]sums{
	Add:    {arm64.ADD, arm64.ADDimm, arm64.SUBimm},
	Sub:    {arm64.SUB, arm64.SUBimm, arm64.ADDimm},
	AddOvf: {arm64.ADDS, arm64.ADDSimm, arm64.SUBSimm},
	SubOvf: {arm64.SUBS, arm64.SUBSimm, arm64.ADDSimm},
}

// sum emits Add, Sub, and what sets the flags for AddOvf and SubOvf.
func (e *armEmitter) sum(s *Step) {
	a, b := s.Args[0], s.Args[1]
	if s.Inst.Code == Add || s.Inst.Code == AddOvf {
		a, b, _ = e.constLast(s)
	}
	e.sumOf(armSums[s.Inst.Code], arm64.Reg(s.Dst.N), a, b)
}

// sumOf emits d = a + b or a - b.
func (e *armEmitter) sumOf(ops sums, d arm64.Reg, a, b Loc) {
	if c, ok := e.constant(b); ok {
		// Register 31 would be SP here: a 0 in front has to be in a real register.
		if arm64.FitsAdd(c) {
			e.AddImm(ops.imm, d, e.reg(a, x16), c)
			return
		} else if arm64.FitsAdd(-c) {
			e.AddImm(ops.opposite, d, e.reg(a, x16), -c)
			return
		}
	}
	n := e.regOrZero(a, x16)
	e.RRR(ops.reg, d, n, e.regOrZero(b, x17))
}

func (e *armEmitter) sumOvf(s *Step) {
	e.sum(s)
	e.leaveOn(s, arm64.VS)
}

// leaveOn leaves through the exit of a checked instruction if c holds, or, with Not,
// if it does not.
func (e *armEmitter) leaveOn(s *Step, c arm64.Cond) {
	if s.Inst.Not {
		c = c.Inverse()
	}
	e.Branch(c, e.stubs[s.Inst.Exit.Number])
}

// product is how to multiply by a constant with a shift: a << shift, to which a is
// added, or from which it is taken.
type product struct {
	shift uint
	rest  int // 0, 1 or -1
}

// armProduct returns how to multiply by c in no more than two quick instructions.
func armProduct(c uint64) (p product, ok bool) {
	for _, rest := range [...]int{0, 1, -1} {
		if power := c - uint64(rest); bits.OnesCount64(power) == 1 {
			return product{uint(bits.TrailingZeros64(power)), rest}, true
		}
	}
	return product{}, false
}

func (e *armEmitter) mul(s *Step) {
	a, b, _ := e.constLast(s)
	d, n := arm64.Reg(s.Dst.N), e.regOrZero(a, x16)
	if c, ok := e.constant(b); ok {
		if p, ok := armProduct(c); ok {
			switch p.rest {
			case 0:
				e.Lsl(d, n, p.shift)
			case 1:
				e.Shifted(arm64.ADD, d, n, n, arm64.LSL, p.shift)
			default:
				e.Lsl(x17, n, p.shift)
				e.RRR(arm64.SUB, d, x17, n)
			}
			return
		}
	}
	e.Mul(d, n, e.regOrZero(b, x17))
}

// mulOvf leaves if the high half of the product is not what the sign of the low half
// makes of it. Dst may be one of the arguments: it is written behind the high half.
func (e *armEmitter) mulOvf(s *Step) {
	d, n, m := arm64.Reg(s.Dst.N), e.regOrZero(s.Args[0], x17), e.regOrZero(s.Args[1], x27)
	e.RRR(arm64.SMULH, x16, n, m)
	e.Mul(d, n, m)
	e.Shifted(arm64.SUBS, armZero, x16, d, arm64.ASR, 63)
	e.leaveOn(s, arm64.NE)
}

// armLogical are the logical instructions with a register and with a constant.
var armLogical = [numOpcodes][2]arm64.Op{
	And: {arm64.AND, arm64.ANDimm}, Or: {arm64.ORR, arm64.ORRimm}, Xor: {arm64.EOR, arm64.EORimm},
}

func (e *armEmitter) logical(s *Step) {
	a, b, _ := e.constLast(s)
	d, ops := arm64.Reg(s.Dst.N), armLogical[s.Inst.Code]
	c, ok := e.constant(b)
	switch {
	case ok && c == 0 && s.Inst.Code != And: // how lowering copies a value
		e.moveToInt(d, a)
	case ok && e.m.kit.FitsLogical(c):
		e.Logical(ops[1], d, e.regOrZero(a, x16), c)
	default:
		n := e.regOrZero(a, x16)
		e.RRR(ops[0], d, n, e.regOrZero(b, x17))
	}
}

func (e *armEmitter) shift(s *Step) {
	d, n := arm64.Reg(s.Dst.N), e.regOrZero(s.Args[0], x16)
	if c, ok := e.constant(s.Args[1]); ok {
		switch s.Inst.Code {
		case Shl:
			e.Lsl(d, n, uint(c&63))
		case Sar:
			e.Asr(d, n, uint(c&63))
		default:
			e.Lsr(d, n, uint(c&63))
		}
		return
	}
	e.RRR(armRRR[s.Inst.Code], d, n, e.reg(s.Args[1], x17))
}

// armRRR are the instructions that need no selection.
var armRRR = [numOpcodes]arm64.Op{
	Shl: arm64.LSLV, Sar: arm64.ASRV, Shr: arm64.LSRV, MulHigh: arm64.UMULH, Div: arm64.SDIV,
	FloatAdd: arm64.FADD, FloatSub: arm64.FSUB, FloatMul: arm64.FMUL, FloatDiv: arm64.FDIV,
	FloatNeg: arm64.FNEG, FloatAbs: arm64.FABS,
	IntToFloat: arm64.SCVTF, FloatToInt: arm64.FCVTZS, BitsOfFloat: arm64.FMOVtoX, FloatOfBits: arm64.FMOVfromX,
}

func (e *armEmitter) rrr(s *Step) {
	n := e.regOrZero(s.Args[0], x16)
	e.RRR(armRRR[s.Inst.Code], arm64.Reg(s.Dst.N), n, e.regOrZero(s.Args[1], x17))
}

func (e *armEmitter) floatRRR(s *Step) {
	d, n := arm64.Reg(s.Dst.N), e.floatReg(s.Args[0], d31)
	m := n
	if s.Args[1] != s.Args[0] {
		m = e.floatReg(s.Args[1], d31)
	}
	e.RRR(armRRR[s.Inst.Code], d, n, m)
}

func (e *armEmitter) floatRR(s *Step) {
	e.RR(armRRR[s.Inst.Code], arm64.Reg(s.Dst.N), e.floatReg(s.Args[0], d31))
}

func (e *armEmitter) fromInt(s *Step) {
	e.RR(armRRR[s.Inst.Code], arm64.Reg(s.Dst.N), e.regOrZero(s.Args[0], x16))
}

// mod has a - (a/b)*b as it stands. SDIV makes MinInt64 of MinInt64 / -1, which wraps
// to the right remainder.
func (e *armEmitter) mod(s *Step) {
	n, m := e.regOrZero(s.Args[0], x17), e.regOrZero(s.Args[1], x27)
	e.RRR(arm64.SDIV, x16, n, m)
	e.RRRR(arm64.MSUB, arm64.Reg(s.Dst.N), x16, m, n)
}

func (e *armEmitter) unary(s *Step) {
	d, n := arm64.Reg(s.Dst.N), e.regOrZero(s.Args[0], x16)
	switch s.Inst.Code {
	case Neg:
		e.Neg(d, n)
	case Not:
		e.Mvn(d, n)
	case Signext:
		e.SignExtend(d, n, uint(s.Inst.Imm))
	case Max0: // clears all bits if the sign is set
		e.Shifted(arm64.BIC, d, n, n, arm64.ASR, 63)
	}
}
