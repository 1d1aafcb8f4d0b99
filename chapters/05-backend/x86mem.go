package backend

import (
	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
)

// address returns the memory operand at base + 8*index + disp; without index if that
// is Nowhere. A displacement that is too large goes through the scratch register.
func (e *x86) address(base, index Loc, disp int64) amd64.Mem {
	m := amd64.Mem{Base: e.reg(base)}
	if c, ok := e.constant(index); ok {
		disp += 8 * int64(c)
	} else if index.Kind != Nowhere {
		m.Index, m.Scale = e.reg(index), 8
	}
	switch {
	case fits32(disp):
		m.Disp = int32(disp)
	case m.Scale == 0:
		e.MovI(x86Scratch, uint64(disp))
		m.Index, m.Scale = x86Scratch, 1
	default:
		e.MovI(x86Scratch, uint64(disp))
		e.RR(amd64.ADD, x86Scratch, m.Base)
		m.Base = x86Scratch
	}
	return m
}

func (e *x86) load(s *Step, index Loc) {
	from := e.address(s.Args[0], index, s.Inst.Imm)
	if s.Dst.Kind == InFloat {
		e.RM(amd64.MOVSD, e.floatReg(s.Dst), from)
	} else {
		e.RM(amd64.MOV, e.dst(s), from)
	}
}

func (e *x86) loadLength(s *Step) {
	e.RM(amd64.MOV32, e.dst(s), e.address(s.Args[0], Loc{}, s.Inst.Imm))
}

func (e *x86) store(s *Step, index, value Loc) {
	to := e.address(s.Args[0], index, s.Inst.Imm)
	if n, ok := e.imm32(value); ok {
		e.MI(amd64.MOV, to, n)
	} else if value.Kind == InFloat {
		e.MR(amd64.MOVSD, to, e.floatReg(value))
	} else {
		e.MR(amd64.MOV, to, e.reg(value))
	}
}

// newObject takes memory from the heap's hole, which is all zeros: only the header
// has to be written.
func (e *x86) newObject(s *Step) {
	header, ok := e.constant(s.Args[0])
	if !ok {
		header, ok = e.constant(s.Args[1])
	}
	if !ok {
		e.fail("a header that has to be a constant", s.Args[1])
	}
	e.allocate(s, s.Inst.Imm, header)
}

// allocate emits the allocation of size bytes that begin with header.
func (e *x86) allocate(s *Step, size int64, header uint64) {
	if !fits32(size) {
		e.fail("an object that is too large", s.Dst)
	}
	back := e.exitAndBack(s)
	d := e.dst(s)
	e.RM(amd64.MOV, d, x86Ctx(native.CursorAt))
	e.RM(amd64.LEA, x86Scratch, amd64.At(d, int32(size)))
	e.RM(amd64.CMP, x86Scratch, x86Ctx(native.LimitAt))
	e.Jcc(amd64.A, e.stub(s.Inst.Exit))
	e.MR(amd64.MOV, x86Ctx(native.CursorAt), x86Scratch)
	e.M(amd64.INC, x86Ctx(native.ObjectsAt))
	e.header(amd64.At(d, 0), header)
	e.Bind(back)
}

// header writes the word header. No register is needed for it.
func (e *x86) header(at amd64.Mem, header uint64) {
	if fits32(int64(header)) {
		e.MI(amd64.MOV, at, int32(header))
		return
	}
	e.MI(amd64.MOV32, at, int32(uint32(header)))
	at.Disp += 4
	e.MI(amd64.MOV32, at, int32(header>>32))
}

// newArray is newObject for a size of 8 + 8*a bytes, and a header with a in its upper
// half.
func (e *x86) newArray(s *Step) {
	if n, ok := e.constant(s.Args[0]); ok {
		e.allocate(s, 8+8*int64(n), n<<32|uint64(uint32(s.Inst.Imm)))
		return
	}
	back := e.exitAndBack(s)
	n, d := e.reg(s.Args[0]), e.dst(s)
	end := amd64.Mem{Base: x86Scratch, Index: n, Scale: 8, Disp: 8}
	// A length that is negative, or has more than 31 bits, is Go's business.
	e.RI(amd64.CMP, n, 1<<31-1)
	e.Jcc(amd64.A, e.stub(s.Inst.Exit))
	e.RM(amd64.MOV, x86Scratch, x86Ctx(native.CursorAt))
	e.RM(amd64.LEA, x86Scratch, end)
	e.RM(amd64.CMP, x86Scratch, x86Ctx(native.LimitAt))
	e.Jcc(amd64.A, e.stub(s.Inst.Exit))
	e.M(amd64.INC, x86Ctx(native.ObjectsAt))
	if d != n {
		e.RM(amd64.MOV, d, x86Ctx(native.CursorAt))
		e.MR(amd64.MOV, x86Ctx(native.CursorAt), x86Scratch)
		e.arrayHeader(d, n, s.Inst.Imm)
		e.Bind(back)
		return
	}
	// There is one register less.
	e.RM(amd64.MOV, x86Scratch, x86Ctx(native.CursorAt))
	e.arrayHeader(x86Scratch, n, s.Inst.Imm)
	e.RM(amd64.LEA, n, end)
	e.MR(amd64.MOV, x86Ctx(native.CursorAt), n)
	e.RR(amd64.MOV, d, x86Scratch)
	e.Bind(back)
}

// arrayHeader writes the header of an array of n items at address at, as two halves.
func (e *x86) arrayHeader(at, n amd64.Reg, class int64) {
	e.MI(amd64.MOV32, amd64.At(at, 0), int32(uint32(class)))
	e.MR(amd64.MOV32, amd64.At(at, 4), n)
}
