package arm64

import "math/bits"

// This file has what the manual calls aliases: instructions with some operands fixed,
// under the names that one thinks in; and what takes a choice of instructions.

// Mov appends d = n for integer registers. It is ORR: 31 is ZR.
func (a *Assembler) Mov(d, n Reg) { a.RRR(ORR, d, ZR, n) }

// Neg appends d = -n.
func (a *Assembler) Neg(d, n Reg) { a.RRR(SUB, d, ZR, n) }

// Mvn appends d = ^n.
func (a *Assembler) Mvn(d, n Reg) { a.RRR(ORN, d, ZR, n) }

// Mul appends d = n * m.
func (a *Assembler) Mul(d, n, m Reg) { a.RRRR(MADD, d, n, m, ZR) }

// Cmp appends a comparison of n with m.
func (a *Assembler) Cmp(n, m Reg) { a.RRR(SUBS, ZR, n, m) }

// Tst sets the flags as n & m is.
func (a *Assembler) Tst(n, m Reg) { a.RRR(ANDS, ZR, n, m) }

// Cset appends d = 1 if c holds, else 0.
func (a *Assembler) Cset(d Reg, c Cond) { a.Select(CSINC, d, ZR, ZR, c.Inverse()) }

// Lsl appends d = n << amount, 0 to 63.
func (a *Assembler) Lsl(d, n Reg, amount uint) {
	if amount > 63 {
		a.fail("LSL by %d", amount)
		return
	}
	a.Bitfield(UBFM, d, n, -amount&63, 63-amount)
}

// Lsr appends d = n >> amount, 0 to 63, zeros coming in.
func (a *Assembler) Lsr(d, n Reg, amount uint) { a.Bitfield(UBFM, d, n, amount, 63) }

// Asr appends d = n >> amount, 0 to 63, the sign coming in.
func (a *Assembler) Asr(d, n Reg, amount uint) { a.Bitfield(SBFM, d, n, amount, 63) }

// SignExtend appends d = the lowest size bytes of n (1, 2 or 4) with their sign: SXTB,
// SXTH and SXTW.
func (a *Assembler) SignExtend(d, n Reg, size uint) {
	if size != 1 && size != 2 && size != 4 {
		a.fail("no sign extension from %d bytes", size)
		return
	}
	a.Bitfield(SBFM, d, n, 0, 8*size-1)
}

// Const appends d = x, with as few instructions as possible: one to four of MOVZ, MOVN
// and MOVK, or an ORR with ZR. d must not be 31.
func (a *Assembler) Const(d Reg, x uint64) {
	if d >= ZR {
		a.fail("no constant in register %d", d)
		return
	}
	zeros, ones := 0, 0 // 16-bit pieces that are all zeros, or all ones
	for s := 0; s < 64; s += 16 {
		switch uint16(x >> s) {
		case 0:
			zeros++
		case 0xffff:
			ones++
		}
	}
	if zeros < 3 && ones < 3 && a.kit.FitsLogical(x) {
		a.Logical(ORRimm, d, ZR, x)
		return
	}
	first, flip := MOVZ, uint64(0)
	if ones > zeros {
		first, flip = MOVN, ^uint64(0)
	}
	rest := x ^ flip // the pieces of it that are not 0 take an instruction each
	s := uint(bits.TrailingZeros64(rest)) / 16 * 16 % 64
	a.Wide(first, d, uint16(rest>>s), s)
	for s += 16; s < 64; s += 16 {
		if uint16(rest>>s) != 0 {
			a.Wide(MOVK, d, uint16(x>>s), s)
		}
	}
}

// FloatConst appends d = the float with the bits x: FMOV, or a load from the pool.
func (a *Assembler) FloatConst(d Reg, x uint64) {
	if x == 0 {
		a.RR(FMOVfromX, d, ZR)
	} else if _, ok := FloatImm(x); ok {
		a.FmovImm(d, x)
	} else {
		a.Literal(LDRDlit, d, x)
	}
}

// near and index are what to add to a load or store with a scaled offset to get the
// one with any small offset, and with a register.
const (
	near  = LDUR - LDR
	index = LDRreg - LDR
)

// Access appends op, one of LDR, STR, LDRW, STRW, LDRD and STRD, of t at the address
// n+offset, whatever that is. If it is far, tmp is overwritten, which must be neither n
// nor the t that is stored.
func (a *Assembler) Access(op Op, t, n Reg, offset int64, tmp Reg) {
	switch {
	case op >= numOps || ops[op].form != formMem:
		a.fail("%v does not have these operands", op)
	case fitsScaled(offset, ops[op].size):
		a.Mem(op, t, n, offset)
	case fitsNear(offset):
		a.MemNear(op+near, t, n, offset)
	default:
		a.Const(tmp, uint64(offset))
		a.MemIndex(op+index, t, n, tmp, 0)
	}
}
