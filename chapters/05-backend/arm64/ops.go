package arm64

// Op is an instruction of the manual. Where the manual has one name for several, the
// identifier says more: ADDimm is ADD (immediate), LDRD is LDR of a D register.
// Integer instructions are those of 64 bits; W in an identifier means 32.
type Op uint8

// The instructions.
const (
	ADD Op = iota
	ADDS
	SUB
	SUBS
	AND
	BIC
	ORR
	ORN
	EOR
	EON
	ANDS
	BICS

	ADDimm
	ADDSimm
	SUBimm
	SUBSimm
	ANDimm
	ORRimm
	EORimm
	ANDSimm
	MOVN
	MOVZ
	MOVK
	SBFM
	UBFM

	UDIV
	SDIV
	LSLV
	LSRV
	ASRV
	SMULH
	UMULH
	MADD
	MSUB
	CSEL
	CSINC
	CSINV
	CSNEG

	LDR
	STR
	LDRW
	STRW
	LDRD
	STRD
	LDUR
	STUR
	LDURW
	STURW
	LDURD
	STURD
	LDRreg
	STRreg
	LDRWreg
	STRWreg
	LDRDreg
	STRDreg
	LDP
	STP
	LDPD
	STPD
	LDRlit
	LDRDlit
	ADR

	B
	Bcond
	CBZ
	CBNZ
	TBZ
	TBNZ
	BR
	RET
	BRK
	NOP

	FADD
	FSUB
	FMUL
	FDIV
	FMOV
	FABS
	FNEG
	FMOVfromX
	FMOVtoX
	SCVTF
	FCVTZS
	FCMP
	FCMPzero
	FMOVimm
	numOps
)

// form is which operands an instruction has, and where.
type form uint8

// The forms, named as the method of Assembler that encodes them.
const (
	formShifted    form = iota // d, n, m shifted by imm6
	formRRR                    // d, n, m
	formRRRR                   // d, n, m, a
	formRR                     // d, n
	formCompare                // n, m
	formCompare0               // n
	formAddImm                 // d, n, imm12, shifted by 0 or 12
	formLogical                // d, n, N:immr:imms
	formWide                   // d, imm16 shifted by 0, 16, 32 or 48
	formBitfield               // d, n, immr, imms
	formSelect                 // d, n, m, condition
	formMem                    // t, [n, #imm12 scaled by the size]
	formMemNear                // t, [n, #imm9], any address
	formMemIndex               // t, [n, m, lsl #0 or the size]
	formPair                   // t, t2, [n, #imm7 scaled by the size]
	formLiteral                // t, constant in the pool, 19 bits
	formAddress                // d, label, 21 bits of bytes
	formJump                   // label, 26 bits
	formCond                   // condition, label, 19 bits
	formCompareJmp             // t, label, 19 bits
	formTestJump               // t, bit, label, 14 bits
	formRegister               // n
	formImm16                  // imm16
	formNone                   // nothing
	formFloatImm               // d, imm8
)

// ops has each instruction with its operands all 0: the manual's name, its operands,
// the word, and for loads and stores log2 of the number of bytes.
var ops = [numOps]struct {
	name string
	form form
	word uint32
	size uint8
}{
	ADD:  {"ADD (shifted register)", formShifted, 0x8b000000, 0},
	ADDS: {"ADDS (shifted register)", formShifted, 0xab000000, 0},
	SUB:  {"SUB (shifted register)", formShifted, 0xcb000000, 0},
	SUBS: {"SUBS (shifted register)", formShifted, 0xeb000000, 0},
	AND:  {"AND (shifted register)", formShifted, 0x8a000000, 0},
	BIC:  {"BIC (shifted register)", formShifted, 0x8a200000, 0},
	ORR:  {"ORR (shifted register)", formShifted, 0xaa000000, 0},
	ORN:  {"ORN (shifted register)", formShifted, 0xaa200000, 0},
	EOR:  {"EOR (shifted register)", formShifted, 0xca000000, 0},
	EON:  {"EON (shifted register)", formShifted, 0xca200000, 0},
	ANDS: {"ANDS (shifted register)", formShifted, 0xea000000, 0},
	BICS: {"BICS (shifted register)", formShifted, 0xea200000, 0},

	ADDimm:  {"ADD (immediate)", formAddImm, 0x91000000, 0},
	ADDSimm: {"ADDS (immediate)", formAddImm, 0xb1000000, 0},
	SUBimm:  {"SUB (immediate)", formAddImm, 0xd1000000, 0},
	SUBSimm: {"SUBS (immediate)", formAddImm, 0xf1000000, 0},
	ANDimm:  {"AND (immediate)", formLogical, 0x92000000, 0},
	ORRimm:  {"ORR (immediate)", formLogical, 0xb2000000, 0},
	EORimm:  {"EOR (immediate)", formLogical, 0xd2000000, 0},
	ANDSimm: {"ANDS (immediate)", formLogical, 0xf2000000, 0},
	MOVN:    {"MOVN", formWide, 0x92800000, 0},
	MOVZ:    {"MOVZ", formWide, 0xd2800000, 0},
	MOVK:    {"MOVK", formWide, 0xf2800000, 0},
	SBFM:    {"SBFM", formBitfield, 0x93400000, 0},
	UBFM:    {"UBFM", formBitfield, 0xd3400000, 0},

	UDIV:  {"UDIV", formRRR, 0x9ac00800, 0},
	SDIV:  {"SDIV", formRRR, 0x9ac00c00, 0},
	LSLV:  {"LSLV", formRRR, 0x9ac02000, 0},
	LSRV:  {"LSRV", formRRR, 0x9ac02400, 0},
	ASRV:  {"ASRV", formRRR, 0x9ac02800, 0},
	SMULH: {"SMULH", formRRR, 0x9b407c00, 0},
	UMULH: {"UMULH", formRRR, 0x9bc07c00, 0},
	MADD:  {"MADD", formRRRR, 0x9b000000, 0},
	MSUB:  {"MSUB", formRRRR, 0x9b008000, 0},
	CSEL:  {"CSEL", formSelect, 0x9a800000, 0},
	CSINC: {"CSINC", formSelect, 0x9a800400, 0},
	CSINV: {"CSINV", formSelect, 0xda800000, 0},
	CSNEG: {"CSNEG", formSelect, 0xda800400, 0},

	LDR:     {"LDR (immediate)", formMem, 0xf9400000, 3},
	STR:     {"STR (immediate)", formMem, 0xf9000000, 3},
	LDRW:    {"LDR (immediate)", formMem, 0xb9400000, 2},
	STRW:    {"STR (immediate)", formMem, 0xb9000000, 2},
	LDRD:    {"LDR (immediate, SIMD&FP)", formMem, 0xfd400000, 3},
	STRD:    {"STR (immediate, SIMD&FP)", formMem, 0xfd000000, 3},
	LDUR:    {"LDUR", formMemNear, 0xf8400000, 3},
	STUR:    {"STUR", formMemNear, 0xf8000000, 3},
	LDURW:   {"LDUR", formMemNear, 0xb8400000, 2},
	STURW:   {"STUR", formMemNear, 0xb8000000, 2},
	LDURD:   {"LDUR (SIMD&FP)", formMemNear, 0xfc400000, 3},
	STURD:   {"STUR (SIMD&FP)", formMemNear, 0xfc000000, 3},
	LDRreg:  {"LDR (register)", formMemIndex, 0xf8606800, 3},
	STRreg:  {"STR (register)", formMemIndex, 0xf8206800, 3},
	LDRWreg: {"LDR (register)", formMemIndex, 0xb8606800, 2},
	STRWreg: {"STR (register)", formMemIndex, 0xb8206800, 2},
	LDRDreg: {"LDR (register, SIMD&FP)", formMemIndex, 0xfc606800, 3},
	STRDreg: {"STR (register, SIMD&FP)", formMemIndex, 0xfc206800, 3},
	LDP:     {"LDP", formPair, 0xa9400000, 3},
	STP:     {"STP", formPair, 0xa9000000, 3},
	LDPD:    {"LDP (SIMD&FP)", formPair, 0x6d400000, 3},
	STPD:    {"STP (SIMD&FP)", formPair, 0x6d000000, 3},
	LDRlit:  {"LDR (literal)", formLiteral, 0x58000000, 3},
	LDRDlit: {"LDR (literal, SIMD&FP)", formLiteral, 0x5c000000, 3},
	ADR:     {"ADR", formAddress, 0x10000000, 0},

	B:     {"B", formJump, 0x14000000, 0},
	Bcond: {"B.cond", formCond, 0x54000000, 0},
	CBZ:   {"CBZ", formCompareJmp, 0xb4000000, 0},
	CBNZ:  {"CBNZ", formCompareJmp, 0xb5000000, 0},
	TBZ:   {"TBZ", formTestJump, 0x36000000, 0},
	TBNZ:  {"TBNZ", formTestJump, 0x37000000, 0},
	BR:    {"BR", formRegister, 0xd61f0000, 0},
	RET:   {"RET", formRegister, 0xd65f0000, 0},
	BRK:   {"BRK", formImm16, 0xd4200000, 0},
	NOP:   {"NOP", formNone, 0xd503201f, 0},

	FADD:      {"FADD (scalar)", formRRR, 0x1e602800, 0},
	FSUB:      {"FSUB (scalar)", formRRR, 0x1e603800, 0},
	FMUL:      {"FMUL (scalar)", formRRR, 0x1e600800, 0},
	FDIV:      {"FDIV (scalar)", formRRR, 0x1e601800, 0},
	FMOV:      {"FMOV (register)", formRR, 0x1e604000, 0},
	FABS:      {"FABS (scalar)", formRR, 0x1e60c000, 0},
	FNEG:      {"FNEG (scalar)", formRR, 0x1e614000, 0},
	FMOVfromX: {"FMOV (general)", formRR, 0x9e670000, 0},
	FMOVtoX:   {"FMOV (general)", formRR, 0x9e660000, 0},
	SCVTF:     {"SCVTF (scalar, integer)", formRR, 0x9e620000, 0},
	FCVTZS:    {"FCVTZS (scalar, integer)", formRR, 0x9e780000, 0},
	FCMP:      {"FCMP", formCompare, 0x1e602000, 0},
	FCMPzero:  {"FCMP", formCompare0, 0x1e602008, 0},
	FMOVimm:   {"FMOV (scalar, immediate)", formFloatImm, 0x1e601000, 0},
}

// String returns the manual's name of the instruction.
func (op Op) String() string {
	if op < numOps {
		return ops[op].name
	}
	return "no instruction"
}
