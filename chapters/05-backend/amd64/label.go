package amd64

import (
	"encoding/binary"
	"math"
)

// Label is a place in the code that may be jumped to before it is known where it is.
type Label int32

// label is where a Label is, and who wants to know.
type label struct {
	at   int   // in Code; -1: not yet bound
	uses []int // places of distances of 32 bits, to be filled in by Bind
}

// NewLabel returns a label that is not bound yet.
func (a *Assembler) NewLabel() Label {
	a.labels = append(a.labels, label{at: -1})
	return Label(len(a.labels) - 1)
}

// Bind says that l is here. It fills in the jumps to l that were made so far. A label
// is bound once.
func (a *Assembler) Bind(l Label) {
	x := &a.labels[l]
	if x.at >= 0 {
		panic("amd64: a label is bound twice")
	}
	x.at = len(a.Code)
	for _, use := range x.uses {
		a.patch(use, x.at)
	}
	x.uses = nil
}

// Where returns the offset of a bound label in Code.
func (a *Assembler) Where(l Label) int {
	if a.labels[l].at < 0 {
		panic("amd64: a label is not bound")
	}
	return a.labels[l].at
}

// Jmp appends a jump to l: of 2 bytes if l is known and near, else of 5.
func (a *Assembler) Jmp(l Label) { a.jump(l, a.form(JMP, rel8).opcode, a.form(JMP, rel32).opcode) }

// Jcc appends a jump to l if cc holds: of 2 bytes if l is known and near, else of 6.
func (a *Assembler) Jcc(cc CC, l Label) {
	a.jump(l, with(a.form(JCC, rel8).opcode, cc), with(a.form(JCC, rel32).opcode, cc))
}

// JccShort appends a jump of 2 bytes to the place that the returned number stands
// for; EndShort says where that is, at most 127 bytes further on.
func (a *Assembler) JccShort(cc CC) int {
	a.opcode(with(a.form(JCC, rel8).opcode, cc), 0)
	a.Code = append(a.Code, 0)
	return len(a.Code)
}

// EndShort says that the jump made by JccShort goes to here.
func (a *Assembler) EndShort(jump int) {
	distance := len(a.Code) - jump
	if distance > math.MaxInt8 {
		panic("amd64: a short jump is too long")
	}
	a.Code[jump-1] = byte(distance)
}

// JmpNext appends a jump of 5 bytes to the instruction behind it: something to be
// patched later. Its last 4 bytes are the distance.
func (a *Assembler) JmpNext() {
	a.opcode(a.form(JMP, rel32).opcode, 0)
	a.Code = append(a.Code, 0, 0, 0, 0)
}

// JccNext appends a jump of 6 bytes to the instruction behind it if cc holds, likewise.
func (a *Assembler) JccNext(cc CC) {
	a.opcode(with(a.form(JCC, rel32).opcode, cc), 0)
	a.Code = append(a.Code, 0, 0, 0, 0)
}

// NopJump appends a NOP of 5 bytes, the length of a jump that may overwrite it.
func (a *Assembler) NopJump() { a.Code = append(a.Code, nops[4]...) }

// LeaLabel appends a LEA that makes r the address of l.
func (a *Assembler) LeaLabel(r Reg, l Label) {
	a.relative(a.form(LEA, rm).opcode, r)
	a.use(l)
}

func (a *Assembler) jump(l Label, short, long Opcode) {
	const shortLength = 2
	if at := a.labels[l].at; at >= 0 {
		if distance := at - (len(a.Code) + shortLength); distance >= math.MinInt8 {
			a.opcode(short, 0)
			a.Code = append(a.Code, byte(distance))
			return
		}
	}
	a.opcode(long, 0)
	a.use(l)
}

// use appends the distance from the byte behind it to l, which must be the end of the
// instruction.
func (a *Assembler) use(l Label) {
	place := len(a.Code)
	a.Code = append(a.Code, 0, 0, 0, 0)
	if x := &a.labels[l]; x.at < 0 {
		x.uses = append(x.uses, place)
	} else {
		a.patch(place, x.at)
	}
}

// patch makes the 4 bytes at place the distance from behind them to target.
func (a *Assembler) patch(place, target int) {
	binary.LittleEndian.PutUint32(a.Code[place:], uint32(int32(target-(place+4))))
}

// relative appends op with reg and a memory operand relative to the instruction
// pointer, up to its displacement: the ModRM byte of RBP as r/m, with mod 00.
func (a *Assembler) relative(op Opcode, reg Reg) {
	a.front(op, a.kit.REX(op.W, reg, 0, RBP))
	a.Code = append(a.Code, a.kit.ModRM(0, reg, RBP))
}

// nops are what the manual recommends for filling n bytes, at [n-1].
var nops = [...]string{
	"\x90",
	"\x66\x90",
	"\x0F\x1F\x00",
	"\x0F\x1F\x40\x00",
	"\x0F\x1F\x44\x00\x00",
	"\x66\x0F\x1F\x44\x00\x00",
	"\x0F\x1F\x80\x00\x00\x00\x00",
	"\x0F\x1F\x84\x00\x00\x00\x00\x00",
	"\x66\x0F\x1F\x84\x00\x00\x00\x00\x00",
}

// Align appends as few instructions without effect as possible, so that the code goes
// on at a multiple of n bytes, a power of two.
func (a *Assembler) Align(n int) {
	for rest := -len(a.Code) & (n - 1); rest > 0; {
		k := min(rest, len(nops))
		a.Code = append(a.Code, nops[k-1]...)
		rest -= k
	}
}
