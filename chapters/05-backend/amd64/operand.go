package amd64

import "fmt"

// Reg is the number of a register, integer or float (SSE); which, the instruction
// says. Where the manual has an opcode extension "/digit", it is the digit.
type Reg uint8

// The integer registers.
const (
	RAX Reg = iota
	RCX
	RDX
	RBX
	RSP
	RBP
	RSI
	RDI
	R8
	R9
	R10
	R11
	R12
	R13
	R14
	R15
)

// The float registers. The manual says XMM.
const (
	X0 Reg = iota
	X1
	X2
	X3
	X4
	X5
	X6
	X7
	X8
	X9
	X10
	X11
	X12
	X13
	X14
	X15
)

// Mem is a memory operand: the word at Base + Index*Scale + Disp.
type Mem struct {
	Base  Reg
	Index Reg   // any but RSP, whose number says that there is no index; 0 if Scale is 0
	Scale uint8 // 1, 2, 4 or 8; 0: there is no index
	Disp  int32 // in bytes
}

// At is the memory operand at base + disp.
func At(base Reg, disp int32) Mem { return Mem{Base: base, Disp: disp} }

// Opcode is what the manual says of a form in front of its operands: "F2 REX.W 0F 2A"
// is Opcode{Prefix: 0xF2, W: true, Escape: true, Byte: 0x2A}.
type Opcode struct {
	Prefix byte // 0x66, 0xF2 or 0xF3; 0: none
	W      bool // REX.W: the integers have 64 bits, not 32
	Escape bool // 0x0F stands in front of Byte
	Byte   byte
	// Low8 says that the operand r/m is the low byte of a register. Without a REX,
	// even one with no bit set, the numbers 4 to 7 then mean AH, CH, DH and BH.
	Low8 bool
}

// Kit is what the reader writes for this package: the bytes with the operands.
type Kit struct {
	ModRM     func(mod byte, reg, rm Reg) byte
	REX       func(w bool, reg, index, base Reg) byte
	AppendMem func(code []byte, reg Reg, m Mem) []byte
}

// CC is a condition code, a question about the flags, with the manual's number.
// Turning its lowest bit round asks for the opposite.
type CC uint8

// The condition codes, after a comparison of a with b.
const (
	O  CC = iota // overflow
	NO           // no overflow
	B            // a below b, unsigned; carry
	AE           // a above or equal b, unsigned
	E            // equal; zero
	NE           // not equal
	BE           // a below or equal b, unsigned
	A            // a above b, unsigned
	S            // sign: negative
	NS           // not negative
	P            // parity; UCOMISD: one of them is NaN
	NP           // none is NaN
	L            // a less than b, signed
	GE           // a greater or equal b, signed
	LE           // a less or equal b, signed
	G            // a greater than b, signed
)

// Opposite returns the condition that holds if cc does not.
func (cc CC) Opposite() CC { return cc ^ 1 }

// String returns the manual's suffix, such as "NE".
func (cc CC) String() string {
	const names = "O NOB AEE NEBEA S NSP NPL GELEG "
	if cc > G {
		return fmt.Sprintf("CC(%d)", uint8(cc))
	}
	s := names[2*cc : 2*cc+2]
	if s[1] == ' ' {
		return s[:1]
	}
	return s
}
