package amd64

// Op is an instruction.
type Op uint8

// The instructions, with the manual's names. Where some work on 64 and on 32 bits,
// those on 32 have the number behind the name; they clear the upper half of a result
// register. CC is instead of a condition code.
const (
	ADD Op = iota
	OR
	AND
	SUB
	XOR
	CMP
	TEST
	MOV
	LEA
	AND32
	XOR32
	CMP32
	TEST32
	MOV32
	IMUL
	MUL
	IDIV
	CQO
	NEG
	NOT
	INC
	DEC
	SHL
	SHR
	SAR
	BT
	SETCC
	CMOVCC
	MOVZX8
	MOVZX16
	MOVSX8
	MOVSX16
	MOVSXD
	JMP
	JCC
	RET
	NOP
	UD2
	MOVAPS
	MOVSD
	MOVQ
	MOVQR // MOVQ, too, but from a float register
	ADDSD
	SUBSD
	MULSD
	DIVSD
	UCOMISD
	XORPS
	XORPD
	ANDPS
	ANDPD
	CVTSI2SD
	CVTTSD2SI
	numOps
)

// Form is a line of the manual: an instruction with one kind of operands. Those of
// Table are strings as the manual has them, for example "r64, r/m64" and
// "REX.W + 03 /r"; r/m64 may be a register or a memory operand.
type Form struct {
	Op       Op
	Name     string
	Operands string
	Encoding string
}

// Table has all forms of this package.
var Table = []Form{
	{ADD, "ADD", "r64, r/m64", "REX.W + 03 /r"},
	{ADD, "ADD", "r/m64, r64", "REX.W + 01 /r"},
	{ADD, "ADD", "r/m64, imm8", "REX.W + 83 /0 ib"},
	{ADD, "ADD", "r/m64, imm32", "REX.W + 81 /0 id"},
	{OR, "OR", "r64, r/m64", "REX.W + 0B /r"},
	{OR, "OR", "r/m64, r64", "REX.W + 09 /r"},
	{OR, "OR", "r/m64, imm8", "REX.W + 83 /1 ib"},
	{OR, "OR", "r/m64, imm32", "REX.W + 81 /1 id"},
	{AND, "AND", "r64, r/m64", "REX.W + 23 /r"},
	{AND, "AND", "r/m64, r64", "REX.W + 21 /r"},
	{AND, "AND", "r/m64, imm8", "REX.W + 83 /4 ib"},
	{AND, "AND", "r/m64, imm32", "REX.W + 81 /4 id"},
	{SUB, "SUB", "r64, r/m64", "REX.W + 2B /r"},
	{SUB, "SUB", "r/m64, r64", "REX.W + 29 /r"},
	{SUB, "SUB", "r/m64, imm8", "REX.W + 83 /5 ib"},
	{SUB, "SUB", "r/m64, imm32", "REX.W + 81 /5 id"},
	{XOR, "XOR", "r64, r/m64", "REX.W + 33 /r"},
	{XOR, "XOR", "r/m64, r64", "REX.W + 31 /r"},
	{XOR, "XOR", "r/m64, imm8", "REX.W + 83 /6 ib"},
	{XOR, "XOR", "r/m64, imm32", "REX.W + 81 /6 id"},
	{CMP, "CMP", "r64, r/m64", "REX.W + 3B /r"},
	{CMP, "CMP", "r/m64, r64", "REX.W + 39 /r"},
	{CMP, "CMP", "r/m64, imm8", "REX.W + 83 /7 ib"},
	{CMP, "CMP", "r/m64, imm32", "REX.W + 81 /7 id"},
	{TEST, "TEST", "r/m64, r64", "REX.W + 85 /r"},
	{TEST, "TEST", "r/m64, imm32", "REX.W + F7 /0 id"},
	{MOV, "MOV", "r64, r/m64", "REX.W + 8B /r"},
	{MOV, "MOV", "r/m64, r64", "REX.W + 89 /r"},
	{MOV, "MOV", "r/m64, imm32", "REX.W + C7 /0 id"},
	{MOV, "MOV", "r64, imm64", "REX.W + B8+ rd io"},
	{LEA, "LEA", "r64, m", "REX.W + 8D /r"},

	{AND32, "AND", "r32, r/m32", "23 /r"},
	{AND32, "AND", "r/m32, imm8", "83 /4 ib"},
	{AND32, "AND", "r/m32, imm32", "81 /4 id"},
	{XOR32, "XOR", "r32, r/m32", "33 /r"},
	{CMP32, "CMP", "r32, r/m32", "3B /r"},
	{CMP32, "CMP", "r/m32, imm8", "83 /7 ib"},
	{CMP32, "CMP", "r/m32, imm32", "81 /7 id"},
	{TEST32, "TEST", "r/m32, r32", "85 /r"},
	{TEST32, "TEST", "r/m32, imm32", "F7 /0 id"},
	{MOV32, "MOV", "r32, r/m32", "8B /r"},
	{MOV32, "MOV", "r/m32, r32", "89 /r"},
	{MOV32, "MOV", "r/m32, imm32", "C7 /0 id"},
	{MOV32, "MOV", "r32, imm32", "B8+ rd id"},

	{IMUL, "IMUL", "r64, r/m64", "REX.W + 0F AF /r"},
	{IMUL, "IMUL", "r64, r/m64, imm8", "REX.W + 6B /r ib"},
	{IMUL, "IMUL", "r64, r/m64, imm32", "REX.W + 69 /r id"},
	{IMUL, "IMUL", "r/m64", "REX.W + F7 /5"},
	{MUL, "MUL", "r/m64", "REX.W + F7 /4"},
	{IDIV, "IDIV", "r/m64", "REX.W + F7 /7"},
	{CQO, "CQO", "", "REX.W + 99"},
	{NEG, "NEG", "r/m64", "REX.W + F7 /3"},
	{NOT, "NOT", "r/m64", "REX.W + F7 /2"},
	{INC, "INC", "r/m64", "REX.W + FF /0"},
	{DEC, "DEC", "r/m64", "REX.W + FF /1"},
	{SHL, "SHL", "r/m64, imm8", "REX.W + C1 /4 ib"},
	{SHL, "SHL", "r/m64, CL", "REX.W + D3 /4"},
	{SHR, "SHR", "r/m64, imm8", "REX.W + C1 /5 ib"},
	{SHR, "SHR", "r/m64, CL", "REX.W + D3 /5"},
	{SAR, "SAR", "r/m64, imm8", "REX.W + C1 /7 ib"},
	{SAR, "SAR", "r/m64, CL", "REX.W + D3 /7"},
	{BT, "BT", "r/m64, imm8", "REX.W + 0F BA /4 ib"},

	// To the opcode of these three the number of the condition is added.
	{SETCC, "SETcc", "r/m8", "0F 90 /0"},
	{CMOVCC, "CMOVcc", "r64, r/m64", "REX.W + 0F 40 /r"},
	{JCC, "Jcc", "rel32", "0F 80 cd"},
	{JCC, "Jcc", "rel8", "70 cb"},

	{MOVZX8, "MOVZX", "r32, r/m8", "0F B6 /r"},
	{MOVZX16, "MOVZX", "r32, r/m16", "0F B7 /r"},
	{MOVSX8, "MOVSX", "r64, r/m8", "REX.W + 0F BE /r"},
	{MOVSX16, "MOVSX", "r64, r/m16", "REX.W + 0F BF /r"},
	{MOVSXD, "MOVSXD", "r64, r/m32", "REX.W + 63 /r"},

	{JMP, "JMP", "rel32", "E9 cd"},
	{JMP, "JMP", "rel8", "EB cb"},
	{JMP, "JMP", "r/m64", "FF /4"},
	{RET, "RET", "", "C3"},
	{NOP, "NOP", "", "90"},
	{UD2, "UD2", "", "0F 0B"},

	{MOVAPS, "MOVAPS", "xmm, xmm/m128", "0F 28 /r"},
	{MOVSD, "MOVSD", "xmm, m64", "F2 0F 10 /r"},
	{MOVSD, "MOVSD", "m64, xmm", "F2 0F 11 /r"},
	{MOVQ, "MOVQ", "xmm, r/m64", "66 REX.W 0F 6E /r"},
	{MOVQR, "MOVQ", "r/m64, xmm", "66 REX.W 0F 7E /r"},
	{ADDSD, "ADDSD", "xmm, xmm/m64", "F2 0F 58 /r"},
	{SUBSD, "SUBSD", "xmm, xmm/m64", "F2 0F 5C /r"},
	{MULSD, "MULSD", "xmm, xmm/m64", "F2 0F 59 /r"},
	{DIVSD, "DIVSD", "xmm, xmm/m64", "F2 0F 5E /r"},
	{UCOMISD, "UCOMISD", "xmm, xmm/m64", "66 0F 2E /r"},
	{XORPS, "XORPS", "xmm, xmm/m128", "0F 57 /r"},
	{XORPD, "XORPD", "xmm, xmm/m128", "66 0F 57 /r"},
	{ANDPS, "ANDPS", "xmm, xmm/m128", "0F 54 /r"},
	{ANDPD, "ANDPD", "xmm, xmm/m128", "66 0F 54 /r"},
	{CVTSI2SD, "CVTSI2SD", "xmm, r/m64", "F2 REX.W 0F 2A /r"},
	{CVTTSD2SI, "CVTTSD2SI", "r64, xmm/m64", "F2 REX.W 0F 2C /r"},
}
