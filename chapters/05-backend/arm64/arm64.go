// Package arm64 is an assembler for the 64-bit instruction set of ARM, as far as the
// backend needs it: instructions in, machine code out that runs at any address.
//
// What an instruction looks like stands in a table (ops.go), under the names of the
// Arm Architecture Reference Manual (DDI 0487). Every instruction is a word of 32
// bits, in which most operands have a place of their own:
//
//	31     24 23 22 21 20   16 15       10 9    5 4    0
//	┌────────┬─────┬──┬───────┬───────────┬──────┬──────┐
//	│10001011│shift│ 0│  Rm   │   imm6    │  Rn  │  Rd  │  ADD (shifted register)
//	└────────┴─────┴──┴───────┴───────────┴──────┴──────┘
//
// The package knows nothing of traces and registers that are in use. One piece of it
// is the reader's, in chapters/05-backend: which constants the logical instructions
// can take (Kit).
package arm64

import (
	"errors"
	"fmt"
)

// Kit is what the reader of chapter 5 writes of this assembler.
type Kit struct {
	// LogicalImm returns the fields with which a logical instruction has the constant
	// x, and whether there are any.
	LogicalImm func(x uint64) (n, immr, imms uint32, ok bool)
}

// Reg is the number of a register, 0 to 31: X0 to X30, or D0 to D31, as the
// instruction wants it.
type Reg uint8

// Number 31 is no integer register. Which of the two it is depends on the instruction.
const (
	ZR Reg = 31 // reads as 0, and forgets what is written to it
	SP Reg = 31 // the stack pointer, as the base of an address and in ADD (immediate)
)

// Cond is a condition, by its number in the instructions.
type Cond uint8

// The conditions, by what a comparison has to say. After FCMP with a NaN, which
// compares as unordered, EQ, MI, LS, GE and GT don't hold.
const (
	EQ Cond = iota // equal
	NE
	HS // unsigned >=; the carry
	LO // unsigned <
	MI // negative; floats: <
	PL
	VS // overflow; floats: unordered
	VC
	HI // unsigned >
	LS // unsigned <=; floats: <=
	GE
	LT
	GT
	LE
)

// Inverse returns the condition that holds when c does not.
func (c Cond) Inverse() Cond { return c ^ 1 }

// Shift is what is done to the last register of an instruction before it is used.
type Shift uint8

// The shifts. ROR is for logical instructions only.
const (
	LSL Shift = iota
	LSR
	ASR
	ROR
)

// Assembler makes machine code. It begins empty; New makes one.
//
// An operand that has no encoding, and a branch that is too far, is a mistake of the
// caller. The first one is kept, and Finish returns it.
type Assembler struct {
	kit      *Kit
	words    []uint32
	labels   []int32 // by Label: index of a word, -1 while it is not bound
	branches []branch
	pool     []uint64 // constants that are not placed yet
	entries  map[uint64]Label
	err      error
}

// New returns an Assembler with nothing in it.
func New(kit *Kit) *Assembler { return &Assembler{kit: kit} }

// emit appends the instruction op with the bits of its operands.
func (a *Assembler) emit(op Op, operands uint32) {
	a.words = append(a.words, ops[op].word|operands)
}

// rdn puts two registers where most instructions have the first two.
func rdn(d, n Reg) uint32 { return uint32(d) | uint32(n)<<5 }

// rm puts a register where most instructions have the third one.
func rm(m Reg) uint32 { return uint32(m) << 16 }

// check reports whether op has the form f and there are such registers, regs being
// the numbers of all of them, or'ed. It keeps an error if not.
func (a *Assembler) check(op Op, f form, regs Reg) bool {
	if op >= numOps || ops[op].form != f {
		return a.fail("%v does not have these operands", op)
	}
	if regs > 31 {
		return a.fail("%v: no such register", op)
	}
	return true
}

// fail keeps an error, if it is the first one, and returns false.
func (a *Assembler) fail(format string, args ...any) bool {
	if a.err == nil {
		a.err = fmt.Errorf("arm64: instruction %d: "+format, append([]any{len(a.words)}, args...)...)
	}
	return false
}

// ErrTooFar is the error of code that is so long that an instruction does not reach
// what it refers to.
var ErrTooFar = errors.New("arm64: out of reach")
