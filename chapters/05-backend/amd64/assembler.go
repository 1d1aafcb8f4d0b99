package amd64

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Assembler collects instructions. A method is named after its operands: R is a
// register, M memory, I an immediate, C a constant of the pool; the destination
// comes first, as in the manual. An instruction that has no such form is a panic.
type Assembler struct {
	Code []byte // what was made so far

	kit    Kit
	labels []label
	pool   pool
}

// New returns an Assembler that encodes with kit, and has room for size bytes before
// it has to grow.
func New(kit Kit, size int) *Assembler {
	return &Assembler{kit: kit, Code: make([]byte, 0, size)}
}

// RR appends op with two registers. Of instructions with a condition code see CMov.
func (a *Assembler) RR(op Op, dst, src Reg) {
	if f := &forms[op][rm]; f.ok {
		a.regReg(f.opcode, dst, src)
		return
	}
	a.regReg(a.form(op, mr).opcode, src, dst)
}

// RM appends op with a register and memory.
func (a *Assembler) RM(op Op, dst Reg, src Mem) {
	a.regMem(a.form(op, rm).opcode, dst, src)
}

// MR appends op with memory and a register.
func (a *Assembler) MR(op Op, dst Mem, src Reg) {
	a.regMem(a.form(op, mr).opcode, src, dst)
}

// RI appends op with a register and an immediate, which is sign-extended; the shorter
// form if the immediate fits.
func (a *Assembler) RI(op Op, dst Reg, imm int32) {
	f, short := a.immediate(op, mi8, mi32, imm)
	a.regReg(f.opcode, f.digit, dst)
	a.number(imm, short)
}

// MI appends op with memory and an immediate, as RI does.
func (a *Assembler) MI(op Op, dst Mem, imm int32) {
	f, short := a.immediate(op, mi8, mi32, imm)
	a.regMem(f.opcode, f.digit, dst)
	a.number(imm, short)
}

// RRI appends op (IMUL) with two registers and an immediate, as RI does.
func (a *Assembler) RRI(op Op, dst, src Reg, imm int32) {
	f, short := a.immediate(op, rmi8, rmi32, imm)
	a.regReg(f.opcode, dst, src)
	a.number(imm, short)
}

// RMI appends op (IMUL) with a register, memory and an immediate, as RI does.
func (a *Assembler) RMI(op Op, dst Reg, src Mem, imm int32) {
	f, short := a.immediate(op, rmi8, rmi32, imm)
	a.regMem(f.opcode, dst, src)
	a.number(imm, short)
}

// R appends op with one register.
func (a *Assembler) R(op Op, r Reg) {
	f := a.form(op, m)
	a.regReg(f.opcode, f.digit, r)
}

// M appends op with memory alone.
func (a *Assembler) M(op Op, x Mem) {
	f := a.form(op, m)
	a.regMem(f.opcode, f.digit, x)
}

// RCL appends the shift op of a register by CL, the low byte of RCX.
func (a *Assembler) RCL(op Op, r Reg) {
	f := a.form(op, mcl)
	a.regReg(f.opcode, f.digit, r)
}

// MCL appends the shift op of memory by CL.
func (a *Assembler) MCL(op Op, x Mem) {
	f := a.form(op, mcl)
	a.regMem(f.opcode, f.digit, x)
}

// Set appends SETcc: the low byte of r becomes 1 if cc holds, else 0.
func (a *Assembler) Set(cc CC, r Reg) {
	f := a.form(SETCC, m)
	a.regReg(with(f.opcode, cc), f.digit, r)
}

// SetM appends SETcc with a byte in memory.
func (a *Assembler) SetM(cc CC, x Mem) {
	f := a.form(SETCC, m)
	a.regMem(with(f.opcode, cc), f.digit, x)
}

// CMov appends CMOVcc: dst becomes src if cc holds.
func (a *Assembler) CMov(cc CC, dst, src Reg) {
	a.regReg(with(a.form(CMOVCC, rm).opcode, cc), dst, src)
}

// CMovM appends CMOVcc with memory, which is read in any case.
func (a *Assembler) CMovM(cc CC, dst Reg, src Mem) {
	a.regMem(with(a.form(CMOVCC, rm).opcode, cc), dst, src)
}

// Plain appends op without operands.
func (a *Assembler) Plain(op Op) { a.opcode(a.form(op, none).opcode, 0) }

// MovI appends the shortest MOV that makes r the value v: 5 bytes (6 with R8 to R15)
// if its upper half is 0, 7 if it is a sign-extended int32, else 10. The flags stay.
func (a *Assembler) MovI(r Reg, v uint64) {
	switch {
	case v <= math.MaxUint32:
		a.opcode(a.form(MOV32, oi).opcode, r)
		a.Code = binary.LittleEndian.AppendUint32(a.Code, uint32(v))
	case int64(v) == int64(int32(v)):
		a.RI(MOV, r, int32(v))
	default:
		a.opcode(a.form(MOV, oi).opcode, r)
		a.Code = binary.LittleEndian.AppendUint64(a.Code, v)
	}
}

// opcode appends an opcode without ModRM; r is added to it.
func (a *Assembler) opcode(op Opcode, r Reg) {
	a.front(op, a.kit.REX(op.W, 0, 0, r))
	a.Code[len(a.Code)-1] += byte(r & 7)
}

// regReg appends an instruction with two registers, up to its immediate.
func (a *Assembler) regReg(op Opcode, reg, rm Reg) {
	rex := a.kit.REX(op.W, reg, 0, rm)
	if op.Low8 && rm >= RSP && rex == 0 {
		rex = 0x40
	}
	a.front(op, rex)
	a.Code = append(a.Code, a.kit.ModRM(3, reg, rm))
}

// regMem appends an instruction with a register and memory, up to its immediate.
func (a *Assembler) regMem(op Opcode, reg Reg, x Mem) {
	if x.Scale != 0 && x.Index == RSP {
		panic("amd64: RSP can't be an index")
	}
	a.front(op, a.kit.REX(op.W, reg, x.Index, x.Base))
	a.Code = a.kit.AppendMem(a.Code, reg, x)
}

// front appends what stands in front of ModRM. rex is 0 if there is none.
func (a *Assembler) front(op Opcode, rex byte) {
	if op.Prefix != 0 {
		a.Code = append(a.Code, op.Prefix)
	}
	if rex != 0 {
		a.Code = append(a.Code, rex)
	}
	if op.Escape {
		a.Code = append(a.Code, 0x0F)
	}
	a.Code = append(a.Code, op.Byte)
}

func (a *Assembler) form(op Op, s shape) *form {
	f := &forms[op][s]
	if !f.ok {
		panic(fmt.Sprintf("amd64: Table has no form %d of instruction %d", s, op))
	}
	return f
}

// immediate returns the form of op for an immediate: the short one if there is one
// and imm fits, or if there is no other.
func (a *Assembler) immediate(op Op, short, long shape, imm int32) (f *form, isShort bool) {
	if f = &forms[op][short]; f.ok && (imm == int32(int8(imm)) || !forms[op][long].ok) {
		return f, true
	}
	return a.form(op, long), false
}

func (a *Assembler) number(imm int32, short bool) {
	if short {
		a.Code = append(a.Code, byte(imm))
		return
	}
	a.Code = binary.LittleEndian.AppendUint32(a.Code, uint32(imm))
}

func with(op Opcode, cc CC) Opcode {
	op.Byte += byte(cc)
	return op
}
