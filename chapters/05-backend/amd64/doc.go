// Package amd64 makes instructions for processors with the architecture x86-64:
// bytes out of names and operands as Intel's manual writes them ("Intel 64 and IA-32
// Architectures Software Developer's Manual", volume 2).
//
// It has the instructions that compiled traces need, each with all its registers and
// all memory operands. Whether an instruction makes sense is not its business.
//
// An instruction has up to seven parts. Table says which opcode and which operands;
// the functions of the Kit make the bytes that say where the operands are: REX, and
// ModRM up to the displacement.
//
//	prefix     REX        opcode     ModRM           SIB               disp      imm
//	66 F2 F3   0100WRXB   0F? byte   mod reg rm      scale index base  8 or 32   8 or 32
//	                                  2   3   3        2     3     3    bits      bits
//
// A register has a number from 0 to 15, four bits. Three of them stand in ModRM or
// SIB, the fourth in REX: R belongs to reg, X to index, B to rm or base.
package amd64
