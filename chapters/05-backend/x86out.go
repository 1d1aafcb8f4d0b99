package backend

import (
	"encoding/binary"
	"fmt"

	"metatrace/chapters/05-backend/amd64"
)

// Jumps from one trace to another. How far they go is not known before all is placed.

// jumpOut polls as jump does.
func (e *x86) jumpOut(s *Step) {
	if s.Inst.Exit == nil {
		e.goTo(s.Inst.To)
		return
	}
	e.resumes[s.Inst.Exit.Number].step = s
	cc := e.poll()
	e.relocate(s.Inst.To)
	e.JccNext(cc)
	e.leave(s)
}

// goTo emits a jump to another trace.
func (e *x86) goTo(to *Start) {
	e.relocate(to)
	e.JmpNext()
}

// relocate says that the jump that is emitted next goes to another trace.
func (e *x86) relocate(to *Start) {
	e.out.Relocs = append(e.out.Relocs, Reloc{len(e.Code), to})
}

// guardValid is a NOP, as long as a jump, that may be overwritten with one.
func (e *x86) guardValid(s *Step) {
	e.out.Patches = append(e.out.Patches, Patch{len(e.Code), s.Inst.Exit})
	e.NopJump()
}

// Jump implements Machine.
func (m *AMD64) Jump(code []byte, pc, to uintptr) {
	at := 1 // of the distance
	if code[0] == 0x0F && code[1]&0xF0 == 0x80 {
		at = 2 // it has a condition
	} else {
		code[0] = 0xE9
	}
	binary.LittleEndian.PutUint32(code[at:], uint32(to-(pc+uintptr(at)+4)))
}

// Select implements Machine.
func (m *AMD64) Select(l Loc, cases *Cases, other *Start) (*Assembly, error) {
	if l.Kind != InReg && l.Kind != InSlot {
		return nil, fmt.Errorf("amd64: what a switch looks at is at %+v", l)
	}
	e := &x86{Assembler: amd64.New(m.assembler(), 64), machine: m, out: &Assembly{}}
	e.cases(l, cases, other)
	e.out.Code = e.Finish()
	return e.out, nil
}

// cases emits a search tree.
func (e *x86) cases(l Loc, c *Cases, other *Start) {
	if c == nil {
		e.goTo(other)
		return
	}
	e.compareWord(l, c.Value)
	e.relocate(c.Equal)
	e.JccNext(amd64.E)
	if c.Below == nil && c.Above == nil {
		e.goTo(other)
		return
	}
	below := e.NewLabel()
	e.Jcc(amd64.B, below)
	e.cases(l, c.Above, other)
	e.Bind(below)
	e.cases(l, c.Below, other)
}

// compareWord compares what is at l with a constant.
func (e *x86) compareWord(l Loc, bits uint64) {
	n := int64(bits)
	switch {
	case l.Kind == InReg && fits32(n):
		e.RI(amd64.CMP, amd64.Reg(l.N), int32(n))
	case l.Kind == InReg:
		e.MovI(x86Scratch, bits)
		e.RR(amd64.CMP, amd64.Reg(l.N), x86Scratch)
	case fits32(n):
		e.MI(amd64.CMP, x86Slot(l), int32(n))
	default:
		e.MovI(x86Scratch, bits)
		e.MR(amd64.CMP, x86Slot(l), x86Scratch)
	}
}
