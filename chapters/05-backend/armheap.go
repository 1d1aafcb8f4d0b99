package backend

import (
	"metatrace/chapters/05-backend/arm64"
	"metatrace/chapters/05-backend/native"
)

// loadOp returns the load for a register like d, and its number.
func loadOp(d Loc) (arm64.Op, arm64.Reg) {
	if d.Kind == InFloat {
		return arm64.LDRD, arm64.Reg(d.N)
	}
	return arm64.LDR, arm64.Reg(d.N)
}

// storeOp returns the store for what is in l, and the register that has it.
func (e *armEmitter) storeOp(l Loc, tmp arm64.Reg) (arm64.Op, arm64.Reg) {
	if l.Kind == InFloat {
		return arm64.STRD, arm64.Reg(l.N)
	}
	return arm64.STR, e.regOrZero(l, tmp)
}

func (e *armEmitter) load(s *Step) {
	op, d := loadOp(s.Dst)
	e.Access(op, d, e.reg(s.Args[0], x16), s.Inst.Imm, x17)
}

func (e *armEmitter) loadLength(s *Step) {
	e.Access(arm64.LDRW, arm64.Reg(s.Dst.N), e.reg(s.Args[0], x16), s.Inst.Imm, x17)
}

func (e *armEmitter) store(s *Step) {
	op, t := e.storeOp(s.Args[1], x27)
	e.Access(op, t, e.reg(s.Args[0], x16), s.Inst.Imm, x17)
}

func (e *armEmitter) loadIndex(s *Step) {
	op, d := loadOp(s.Dst)
	e.accessIndex(op+armIndex, d, s)
}

func (e *armEmitter) storeIndex(s *Step) {
	op, t := e.storeOp(s.Args[2], x27)
	e.accessIndex(op+armIndex, t, s)
}

// armIndex is what to add to a load or store to get the one with an index register.
const armIndex = arm64.LDRreg - arm64.LDR

// accessIndex emits a load or store at a + 8*b + Imm. An address has an index or a
// displacement, not both. The displacement is added to the base first: in a loop the
// index comes last.
func (e *armEmitter) accessIndex(op arm64.Op, t arm64.Reg, s *Step) {
	base, index := e.reg(s.Args[0], x16), e.reg(s.Args[1], x17)
	switch imm := uint64(s.Inst.Imm); {
	case imm == 0:
	case arm64.FitsAdd(imm):
		e.AddImm(arm64.ADDimm, x16, base, imm)
		base = x16
	case arm64.FitsAdd(-imm):
		e.AddImm(arm64.SUBimm, x16, base, -imm)
		base = x16
	default:
		e.Shifted(arm64.ADD, x17, base, index, arm64.LSL, 3)
		e.Const(x16, imm)
		e.MemIndex(op, t, x17, x16, 0)
		return
	}
	e.MemIndex(op, t, base, index, 3)
}

// newObject takes a piece of the heap's hole:
//
//	ldp  x16, x17, [x26, #CursorAt]	// and LimitAt
//	add  x27, x16, #size
//	cmp  x27, x17
//	b.hi exit
//	str  x27, [x26, #CursorAt]
//	ldr  x17, [x26, #ObjectsAt]
//	add  x17, x17, #1
//	str  x17, [x26, #ObjectsAt]
//	mov  x17, #header
//	str  x17, [x16]
//	mov  dst, x16
//
// The memory of the hole is zero. Nothing is written before it is clear that there is
// room: the exit may want any register.
func (e *armEmitter) newObject(s *Step) {
	header, _ := e.constant(s.Args[1])
	e.allocate(s, func() { e.addConst(x27, x16, uint64(s.Inst.Imm)) }, func() arm64.Reg {
		if header == 0 {
			return armZero
		}
		e.Const(x17, header)
		return x17
	})
}

// newArray is newObject for an array of n items: 8 + 8n bytes, n in the upper half of
// the header. An n that is no 31-bit number goes to Go.
func (e *armEmitter) newArray(s *Step) {
	class := uint64(s.Inst.Imm)
	if n, ok := e.constant(s.Args[0]); ok && n < 1<<31 {
		e.allocate(s, func() { e.addConst(x27, x16, 8+8*n) }, func() arm64.Reg {
			e.Const(x17, n<<32|class)
			return x17
		})
		return
	}
	n := arm64.Reg(s.Args[0].N)
	if s.Args[0].Kind != InReg {
		e.Jump(arm64.B, e.stubs[s.Inst.Exit.Number]) // a constant that is too much
		return
	}
	e.Lsr(x16, n, 31)
	e.CompareJump(arm64.CBNZ, x16, e.stubs[s.Inst.Exit.Number])
	e.allocate(s, func() {
		e.Shifted(arm64.ADD, x27, x16, n, arm64.LSL, 3)
		e.AddImm(arm64.ADDimm, x27, x27, 8)
	}, func() arm64.Reg {
		e.Const(x17, class)
		e.Shifted(arm64.ORR, x17, x17, n, arm64.LSL, 32)
		return x17
	})
}

// allocate emits an allocation: end makes X27 the end of the object at X16, and header
// returns the register that it has made the header, with X17 to use.
func (e *armEmitter) allocate(s *Step, end func(), header func() arm64.Reg) {
	e.Pair(arm64.LDP, x16, x17, armCtx, native.CursorAt)
	end()
	e.Cmp(x27, x17)
	e.Branch(arm64.HI, e.stubs[s.Inst.Exit.Number])
	e.Mem(arm64.STR, x27, armCtx, native.CursorAt)
	e.Mem(arm64.LDR, x17, armCtx, native.ObjectsAt)
	e.AddImm(arm64.ADDimm, x17, x17, 1)
	e.Mem(arm64.STR, x17, armCtx, native.ObjectsAt)
	e.Mem(arm64.STR, header(), x16, 0)
	e.Mov(arm64.Reg(s.Dst.N), x16)
}

// addConst emits d = n + c. d is not n.
func (e *armEmitter) addConst(d, n arm64.Reg, c uint64) {
	if arm64.FitsAdd(c) {
		e.AddImm(arm64.ADDimm, d, n, c)
		return
	}
	e.Const(d, c)
	e.RRR(arm64.ADD, d, n, d)
}
