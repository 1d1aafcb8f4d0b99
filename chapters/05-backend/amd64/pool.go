package amd64

import "encoding/binary"

// pool has the constants that stand behind the code, where instructions find them
// relative to the instruction pointer.
type pool struct {
	words []word
	uses  []poolUse
}

// word is a constant of 8 bytes, or of 16 if twice.
type word struct {
	bits  uint64
	twice bool
}

type poolUse struct {
	place int // of the displacement in Code, the end of an instruction
	word  int // in words
}

// RC appends op with a register and, as a memory operand of 64 bits, the constant
// bits. Equal constants share a place.
func (a *Assembler) RC(op Op, dst Reg, bits uint64) { a.constant(op, dst, word{bits, false}) }

// RC2 appends op with a register and, as a memory operand of 128 bits, twice the
// constant bits. It stands at a multiple of 16 bytes, which such operands must,
// if the code itself does.
func (a *Assembler) RC2(op Op, dst Reg, bits uint64) { a.constant(op, dst, word{bits, true}) }

func (a *Assembler) constant(op Op, dst Reg, w word) {
	a.relative(a.form(op, rm).opcode, dst)
	n := 0
	for n < len(a.pool.words) && a.pool.words[n] != w {
		n++ // traces have few float constants: a map would be slower
	}
	if n == len(a.pool.words) {
		a.pool.words = append(a.pool.words, w)
	}
	a.pool.uses = append(a.pool.uses, poolUse{len(a.Code), n})
	a.Code = append(a.Code, 0, 0, 0, 0)
}

// Finish appends the pool and returns all the code, which may be put at any address
// that is a multiple of 16 (and of what Align was asked for). All labels that were
// used must be bound.
func (a *Assembler) Finish() []byte {
	for _, l := range a.labels {
		if l.at < 0 && len(l.uses) > 0 {
			panic("amd64: a label is used but not bound")
		}
	}
	if len(a.pool.words) > 0 {
		a.appendPool()
	}
	return a.Code
}

// appendPool appends the constants of 16 bytes first, so that one gap is enough.
func (a *Assembler) appendPool() {
	places := make([]int, len(a.pool.words))
	for len(a.Code)%16 != 0 {
		a.Code = append(a.Code, 0xCC) // INT3: never executed
	}
	for _, twice := range []bool{true, false} {
		for i, w := range a.pool.words {
			if w.twice != twice {
				continue
			}
			places[i] = len(a.Code)
			a.Code = binary.LittleEndian.AppendUint64(a.Code, w.bits)
			if twice {
				a.Code = binary.LittleEndian.AppendUint64(a.Code, w.bits)
			}
		}
	}
	for _, use := range a.pool.uses {
		a.patch(use.place, places[use.word])
	}
}
