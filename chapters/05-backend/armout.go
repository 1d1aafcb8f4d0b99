package backend

import (
	"encoding/binary"
	"fmt"

	"metatrace/chapters/05-backend/arm64"
	"metatrace/chapters/05-backend/native"
)

// Jumps from one trace to another. How far they go is not known before all is placed;
// a B reaches all code.

// jumpOut polls, and goes on if nobody wants the processor. A branch with a condition
// does not reach all code.
func (e *armEmitter) jumpOut(s *Step) {
	if s.Inst.Exit != nil {
		e.Branch(e.poll().Inverse(), e.stubs[s.Inst.Exit.Number])
	}
	e.goTo(s.Inst.To)
}

// goTo emits a jump to another trace.
func (e *armEmitter) goTo(to *Start) {
	at := e.here()
	e.Jump(arm64.B, at)
	e.far = append(e.far, armFar{at: at, to: to})
}

// guardValid is a NOP, which may be overwritten with a jump.
func (e *armEmitter) guardValid(s *Step) {
	e.places = append(e.places, armFar{at: e.here(), exit: s.Inst.Exit})
	e.Nop()
}

// tick counts an iteration.
func (e *armEmitter) tick(*Step) {
	e.Mem(arm64.LDR, x16, armCtx, native.IterationsAt)
	e.AddImm(arm64.ADDimm, x16, x16, 1)
	e.Mem(arm64.STR, x16, armCtx, native.IterationsAt)
}

// distant says where the instructions are that go elsewhere.
func (e *armEmitter) distant(out *Assembly) {
	for _, f := range e.far {
		out.Relocs = append(out.Relocs, Reloc{e.Offset(f.at), f.to})
	}
	for _, f := range e.places {
		out.Patches = append(out.Patches, Patch{e.Offset(f.at), f.exit})
	}
}

// Jump implements Machine: code becomes a B.
func (*ARM64) Jump(code []byte, pc, to uintptr) {
	const b = 0x14000000
	binary.LittleEndian.PutUint32(code, b|uint32(to-pc)>>2&(1<<26-1))
}

// Select implements Machine.
func (m *ARM64) Select(l Loc, cases *Cases, other *Start) (*Assembly, error) {
	if l.Kind != InReg && l.Kind != InSlot {
		return nil, fmt.Errorf("arm64: what a switch looks at is at %+v", l)
	}
	e := &armEmitter{Assembler: arm64.New(&m.kit), m: m}
	e.cases(e.reg(l, x16), cases, other)
	code, err := e.Finish()
	if err != nil {
		return nil, err
	}
	out := &Assembly{Code: code}
	e.distant(out)
	return out, nil
}

// cases emits a search tree that looks at r.
func (e *armEmitter) cases(r arm64.Reg, c *Cases, other *Start) {
	if c == nil {
		e.goTo(other)
		return
	}
	if arm64.FitsAdd(c.Value) {
		e.AddImm(arm64.SUBSimm, armZero, r, c.Value)
	} else {
		e.Const(x17, c.Value)
		e.Cmp(r, x17)
	}
	unequal, below := e.NewLabel(), e.NewLabel()
	e.Branch(arm64.NE, unequal)
	e.goTo(c.Equal)
	e.Bind(unequal)
	if c.Below == nil && c.Above == nil {
		e.goTo(other)
		return
	}
	e.Branch(arm64.LO, below)
	e.cases(r, c.Above, other)
	e.Bind(below)
	e.cases(r, c.Below, other)
}
