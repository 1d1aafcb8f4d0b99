package backendsolution

import (
	"encoding/binary"
	"math/bits"

	"metatrace/chapters/05-backend/amd64"
)

// ModRM returns the byte that says which operands an instruction has. From its upper
// end: mod (2 bits, 0 to 3), reg (3 bits), rm (3 bits). mod 3 says that rm is a
// register; 0, 1 and 2, that it is the base of an address. Registers are numbered from
// 0 to 15, but only the lower three bits of the number stand here: the fourth is in
// REX.
//
//	ModRM(3, amd64.RAX, amd64.R9)  ->  0xC1: 11 000 001
func ModRM(mod byte, reg, rm amd64.Reg) byte {
	return mod<<6 | byte(reg&7)<<3 | byte(rm&7)
}

// REX returns the byte that stands in front of the opcode if there is something to say
// in it: 0100WRXB in binary. W is 1 if w. R, X and B are the fourth bits, those worth 8,
// of the numbers of reg, index and base, three registers from 0 to 15. Where there is no
// index, index is 0; where the operand is no memory, base is the register in the place
// rm of ModRM.
//
// If the four bits are 0, there is nothing to say: it returns 0, and the instruction is
// a byte shorter.
//
//	REX(true, amd64.RAX, 0, amd64.R9)   ->  0x49: 0100 1001 (ADD RAX, R9 is 49 03 C1)
//	REX(false, amd64.RAX, 0, amd64.RDX) ->  0    (XOR EAX, EDX is 33 C2)
func REX(w bool, reg, index, base amd64.Reg) byte {
	rex := byte(reg>>3)<<2 | byte(index>>3)<<1 | byte(base>>3)
	if w {
		rex |= 8
	}
	if rex == 0 {
		return 0
	}
	return 0x40 | rex
}

// AppendMem appends to code what an instruction says of its register reg and its
// memory operand m (the word at Base + Index*Scale + Disp), and returns the longer
// code: ModRM, SIB if there is one, and Disp, the least byte first.
//
//	ModRM  mod 2 bits: 0 no Disp, 1 Disp in 8 bits with sign, 2 in 32 bits
//	       reg 3 bits
//	       rm  3 bits: Base, or 4 if SIB follows
//	SIB    scale 2 bits: 0, 1, 2, 3 for m.Scale 1, 2, 4, 8
//	       index 3 bits: Index, or 4 if there is none
//	       base  3 bits: Base
//
// It takes as few bytes as possible. SIB is there if m has an index (m.Scale is not 0),
// and in one more case: the rm of RSP and R12 would be 4, which says that SIB follows,
// so with these bases it has to follow. And mod 0 with RBP or R13 as Base, whose three
// bits are 5, means [RIP+Disp]: they have a Disp of 8 bits even if it is 0.
//
//	RAX, [RBX+16]       ->  43 10          (MOV RAX, [RBX+16] is 48 8B 43 10)
//	RAX, [R12]          ->  04 24          RAX, [R13]  ->  45 00
//	RDX, [RBX+RCX*8]    ->  14 CB
func AppendMem(code []byte, reg amd64.Reg, m amd64.Mem) []byte {
	const noBytes, oneByte, fourBytes = 0, 1, 2
	mod := byte(fourBytes)
	switch {
	case m.Disp == 0 && m.Base&7 != amd64.RBP:
		mod = noBytes
	case m.Disp == int32(int8(m.Disp)):
		mod = oneByte
	}
	const hasSIB, noIndex = amd64.RSP, amd64.RSP // both are told by the number of RSP
	switch {
	case m.Scale != 0: // SIB has its bits where ModRM has them
		scale := byte(bits.TrailingZeros8(m.Scale))
		code = append(code, ModRM(mod, reg, hasSIB), ModRM(scale, m.Index, m.Base))
	case m.Base&7 == amd64.RSP:
		code = append(code, ModRM(mod, reg, hasSIB), ModRM(0, noIndex, m.Base))
	default:
		code = append(code, ModRM(mod, reg, m.Base))
	}
	switch mod {
	case oneByte:
		return append(code, byte(m.Disp))
	case fourBytes:
		return binary.LittleEndian.AppendUint32(code, uint32(m.Disp))
	}
	return code
}
