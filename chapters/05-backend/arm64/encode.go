package arm64

// This file has a method for each form of instruction. Operands stand in the order of
// the manual's assembly language: what is written to, then what is read.

// RRR appends op with the registers d, n and m. It takes the instructions whose last
// register may be shifted, too.
func (a *Assembler) RRR(op Op, d, n, m Reg) {
	if op < numOps && ops[op].form == formShifted {
		a.Shifted(op, d, n, m, LSL, 0)
	} else if a.check(op, formRRR, d|n|m) {
		a.emit(op, rdn(d, n)|rm(m))
	}
}

// Shifted appends op with the registers d, n and m, m being shifted by 0 to 63 bits.
func (a *Assembler) Shifted(op Op, d, n, m Reg, shift Shift, amount uint) {
	switch {
	case !a.check(op, formShifted, d|n|m):
	case amount > 63 || shift > ROR || shift == ROR && op <= SUBS:
		a.fail("%v has no shift %d by %d", op, shift, amount)
	default:
		a.emit(op, rdn(d, n)|rm(m)|uint32(shift)<<22|uint32(amount)<<10)
	}
}

// RRRR appends op: d = r + n*m for MADD, and d = r - n*m for MSUB.
func (a *Assembler) RRRR(op Op, d, n, m, r Reg) {
	if a.check(op, formRRRR, d|n|m|r) {
		a.emit(op, rdn(d, n)|rm(m)|uint32(r)<<10)
	}
}

// RR appends op with the registers d and n.
func (a *Assembler) RR(op Op, d, n Reg) {
	if a.check(op, formRR, d|n) {
		a.emit(op, rdn(d, n))
	}
}

// Fcmp appends FCMP, which compares two D registers.
func (a *Assembler) Fcmp(n, m Reg) {
	if a.check(FCMP, formCompare, n|m) {
		a.emit(FCMP, rdn(0, n)|rm(m))
	}
}

// FcmpZero appends FCMP of a D register with 0.0.
func (a *Assembler) FcmpZero(n Reg) {
	if a.check(FCMPzero, formCompare0, n) {
		a.emit(FCMPzero, rdn(0, n))
	}
}

// AddImm appends op with the registers d and n and a constant: 0 to 4095, or such a
// number times 4096. FitsAdd says which. Register 31 is SP as n, and as d unless op
// sets the flags.
func (a *Assembler) AddImm(op Op, d, n Reg, x uint64) {
	switch {
	case !a.check(op, formAddImm, d|n):
	case x < 1<<12:
		a.emit(op, rdn(d, n)|uint32(x)<<10)
	case FitsAdd(x):
		a.emit(op, rdn(d, n)|1<<22|uint32(x>>12)<<10)
	default:
		a.fail("%v takes 12 bits or such a number times 4096, not %#x", op, x)
	}
}

// FitsAdd reports whether x is a constant that AddImm takes.
func FitsAdd(x uint64) bool { return x < 1<<12 || x < 1<<24 && x&0xfff == 0 }

// Logical appends op with the registers d and n and a constant that FitsLogical
// accepts. d = 31 is SP, unless op is ANDS.
func (a *Assembler) Logical(op Op, d, n Reg, x uint64) {
	if !a.check(op, formLogical, d|n) {
		return
	}
	bit, immr, imms, ok := a.kit.LogicalImm(x)
	if !ok || bit > 1 || immr > 63 || imms > 63 {
		a.fail("%v can't have %#x", op, x)
		return
	}
	a.emit(op, rdn(d, n)|bit<<22|immr<<16|imms<<10)
}

// FitsLogical reports whether x is a constant that Logical takes.
func (k *Kit) FitsLogical(x uint64) bool {
	_, _, _, ok := k.LogicalImm(x)
	return ok
}

// Wide appends op with the register d and the 16 bits x, shifted by 0, 16, 32 or 48.
func (a *Assembler) Wide(op Op, d Reg, x uint16, shift uint) {
	switch {
	case !a.check(op, formWide, d):
	case shift > 48 || shift%16 != 0:
		a.fail("%v can't shift by %d", op, shift)
	default:
		a.emit(op, uint32(d)|uint32(x)<<5|uint32(shift/16)<<21)
	}
}

// Bitfield appends op with the registers d and n and its two numbers of bits. It
// moves bits: imms >= immr takes the bits immr to imms of n, and other pairs shift
// the lowest imms+1 bits to the left by 64-immr. UBFM puts zeros around, SBFM copies
// of the sign in front.
func (a *Assembler) Bitfield(op Op, d, n Reg, immr, imms uint) {
	switch {
	case !a.check(op, formBitfield, d|n):
	case immr > 63 || imms > 63:
		a.fail("%v can't have %d, %d", op, immr, imms)
	default:
		a.emit(op, rdn(d, n)|1<<22|uint32(immr)<<16|uint32(imms)<<10)
	}
}

// Select appends op: d = n if c holds, else m: CSEL; m+1: CSINC; ^m: CSINV; -m: CSNEG.
func (a *Assembler) Select(op Op, d, n, m Reg, c Cond) {
	if a.check(op, formSelect, d|n|m) && a.checkCond(c) {
		a.emit(op, rdn(d, n)|rm(m)|uint32(c)<<12)
	}
}

// checkCond reports whether c is a condition. 14 and 15 are encodings that always hold.
func (a *Assembler) checkCond(c Cond) bool {
	return c <= LE || a.fail("%d is no condition", c)
}

// Mem appends op, a load or store of t at the address n+offset: a multiple of the
// size, 0 to 4095 times it. n = 31 is SP, here and in the next three.
func (a *Assembler) Mem(op Op, t, n Reg, offset int64) {
	if !a.check(op, formMem, t|n) {
		return
	}
	if !fitsScaled(offset, ops[op].size) {
		a.fail("%v does not reach %d", op, offset)
		return
	}
	a.emit(op, rdn(t, n)|uint32(offset>>ops[op].size)<<10)
}

func fitsScaled(offset int64, size uint8) bool {
	return offset >= 0 && offset&(1<<size-1) == 0 && offset>>size < 1<<12
}

// MemNear appends op, a load or store of t at the address n+offset: -256 to 255.
func (a *Assembler) MemNear(op Op, t, n Reg, offset int64) {
	switch {
	case !a.check(op, formMemNear, t|n):
	case !fitsNear(offset):
		a.fail("%v does not reach %d", op, offset)
	default:
		a.emit(op, rdn(t, n)|uint32(offset&0x1ff)<<12)
	}
}

func fitsNear(offset int64) bool { return -256 <= offset && offset < 256 }

// MemIndex appends op, a load or store of t at the address n + m<<shift: 0, or log2
// of the size in bytes.
func (a *Assembler) MemIndex(op Op, t, n, m Reg, shift uint) {
	switch {
	case !a.check(op, formMemIndex, t|n|m):
	case shift != 0 && shift != uint(ops[op].size):
		a.fail("%v can't shift by %d", op, shift)
	case shift != 0:
		a.emit(op, rdn(t, n)|rm(m)|1<<12)
	default:
		a.emit(op, rdn(t, n)|rm(m))
	}
}

// Pair appends op, a load or store of t and t2 at the address n+offset: a multiple of
// 8 from -512 to 504. A load needs two different registers.
func (a *Assembler) Pair(op Op, t, t2, n Reg, offset int64) {
	switch {
	case !a.check(op, formPair, t|t2|n):
	case !FitsPair(offset):
		a.fail("%v does not reach %d", op, offset)
	case t == t2 && (op == LDP || op == LDPD):
		a.fail("%v into twice the same register", op)
	default:
		a.emit(op, rdn(t, n)|uint32(t2)<<10|uint32(offset>>3&0x7f)<<15)
	}
}

// FitsPair reports whether Pair reaches the offset.
func FitsPair(offset int64) bool { return offset&7 == 0 && -512 <= offset && offset <= 504 }

// Register appends op, a jump to what is in n: BR or RET.
func (a *Assembler) Register(op Op, n Reg) {
	if a.check(op, formRegister, n) {
		a.emit(op, rdn(0, n))
	}
}

// Brk appends BRK, a trap with a number.
func (a *Assembler) Brk(x uint16) { a.emit(BRK, uint32(x)<<5) }

// Nop appends NOP.
func (a *Assembler) Nop() { a.emit(NOP, 0) }

// FmovImm appends FMOV (scalar, immediate): d = the float with these bits, which
// FloatImm accepts.
func (a *Assembler) FmovImm(d Reg, bits uint64) {
	imm8, ok := FloatImm(bits)
	if !ok {
		a.fail("%v can't have the bits %#x", FMOVimm, bits)
	} else if a.check(FMOVimm, formFloatImm, d) {
		a.emit(FMOVimm, uint32(d)|imm8<<13)
	}
}

// FloatImm returns the 8 bits that stand for the float with the given bits in FMOV
// (scalar, immediate), and whether there are any. They are the floats ±n/16 * 2^e with
// n from 16 to 31 and e from -3 to 4: 1, 0.5, 10, but not 0 or 0.1.
func FloatImm(bits uint64) (imm8 uint32, ok bool) {
	// The exponent is b̅bbbbbbbb and two more bits; behind the first four bits of the
	// mantissa there are zeros.
	if b := bits >> 54 & 0x1ff; bits<<16 != 0 || b != 0x100 && b != 0xff {
		return 0, false
	}
	return uint32(bits>>63<<7 | bits>>61&1<<6 | bits>>48&0x3f), true
}
