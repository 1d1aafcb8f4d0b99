package backend

import (
	"fmt"

	"metatrace/chapters/05-backend/arm64"
)

// ARM64 makes machine code for 64-bit ARM.
//
// The code is called by native.Enter, calls nobody itself and returns with RET, so that
// X30 and SP stay as they are. X26 has the address of the context and X28 Go's g, for
// the poll. X16, X17, X27 and D31 are scratch inside one instruction; moves have X17
// and X27 only, so that a cycle of them can go through X16 or D31. X18 and X29 belong
// to the system and to whoever unwinds the stack. Values have the others.
type ARM64 struct {
	kit         arm64.Kit
	exitSaves   func(locs []Loc) RegSet
	guardOffset int
}

// NewARM64 returns the machine. Of kit it needs LogicalImm and ExitSaves. guardOffset is
// where stackguard0 is in g, in bytes, for the poll of the back edge
// (native.GuardOffset); -1 is code that counts native.BudgetAt down instead.
func NewARM64(kit *Kit, guardOffset int) *ARM64 {
	return &ARM64{
		kit: arm64.Kit{LogicalImm: kit.LogicalImm}, exitSaves: kit.ExitSaves, guardOffset: guardOffset,
	}
}

// The registers that no value has.
const (
	x16     arm64.Reg = 16
	x17     arm64.Reg = 17
	armCtx  arm64.Reg = 26
	x27     arm64.Reg = 27
	armG    arm64.Reg = 28
	armLink arm64.Reg = 30
	d31     arm64.Reg = 31
	armZero           = arm64.ZR
)

// Name implements Machine.
func (*ARM64) Name() string { return "arm64" }

var armInts, armFloats = []Reg{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25,
}, []Reg{
	0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
	16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30,
}

// Ints implements Machine.
func (*ARM64) Ints() []Reg { return armInts }

// Floats implements Machine.
func (*ARM64) Floats() []Reg { return armFloats }

// Scratch implements Machine.
func (*ARM64) Scratch() (Reg, Reg) { return Reg(x16), Reg(d31) }

// Clobbers implements Machine. All instructions but a call make do with the scratch
// registers.
func (*ARM64) Clobbers(in *Inst) (all RegSet) {
	if in.Code != Call && in.Code != Invoke {
		return 0
	}
	for _, r := range armInts {
		all |= 1 << r
	}
	for _, r := range armFloats {
		all |= 1 << (32 + r)
	}
	return all
}

// armEmitter is the state of Emit.
type armEmitter struct {
	*arm64.Assembler
	m     *ARM64
	a     *Allocation
	stubs []arm64.Label // by number of an exit
	label arm64.Label   // the loop's
	// resume has for each exit that continues out of line where it goes on.
	resume []arm64.Label
	pool   arm64.Label // where the constants begin
	step   int         // that is being emitted
	// returns has for the exit of each Invoke where the callee comes back to.
	returns map[int]arm64.Label
	far     []armFar // jumps to other traces
	places  []armFar // for jumps to exits
}

// armFar is an instruction that goes to what is somewhere else.
type armFar struct {
	at   arm64.Label
	to   *Start
	exit *Exit
}

// Emit implements Machine. An error says that the code is too long (arm64.ErrTooFar),
// or that a step has operands which an allocator must not give it.
func (m *ARM64) Emit(a *Allocation) (*Assembly, error) {
	e := &armEmitter{Assembler: arm64.New(&m.kit), m: m, a: a, returns: map[int]arm64.Label{}}
	e.label = e.NewLabel()
	e.stubs, e.resume = make([]arm64.Label, len(a.Exits)), make([]arm64.Label, len(a.Exits))
	for i := range a.Exits {
		e.stubs[i], e.resume[i] = e.NewLabel(), e.NewLabel()
	}
	for _, m := range a.Loads {
		e.move(m)
	}
	start := e.here()
	for _, m := range a.Enter {
		e.move(m)
	}
	starts := make([]arm64.Label, len(a.Steps)+1)
	for i := range a.Steps {
		starts[i] = e.here()
		e.step = i
		if err := e.emitStep(&a.Steps[i]); err != nil {
			return nil, fmt.Errorf("arm64: instruction %d, %s: %w", i, a.Text(a.Steps[i].Inst), err)
		}
	}
	starts[len(a.Steps)] = e.here()
	e.exits()
	code, err := e.Finish()
	if err != nil {
		return nil, err
	}
	out := &Assembly{Code: code, Start: e.Offset(start), Starts: e.offsets(starts), Stubs: e.offsets(e.stubs), Returns: make([]int, len(a.Exits)), Pool: e.Offset(e.pool)}
	e.distant(out)
	for i, back := range e.returns {
		out.Returns[i] = e.Offset(back)
	}
	return out, nil
}

// here returns a label for this place.
func (e *armEmitter) here() arm64.Label {
	l := e.NewLabel()
	e.Bind(l)
	return l
}

func (e *armEmitter) offsets(labels []arm64.Label) []int {
	at := make([]int, len(labels))
	for i, l := range labels {
		at[i] = e.Offset(l)
	}
	return at
}

// emitStep emits a step: moves, instruction, moves.
func (e *armEmitter) emitStep(s *Step) error {
	for _, m := range s.Before {
		e.move(m)
	}
	if s.Inst.Code >= numOpcodes || armEmit[s.Inst.Code] == nil {
		return fmt.Errorf("there is no such opcode")
	}
	armEmit[s.Inst.Code](e, s)
	if x := s.Inst.Exit; x != nil && (x.Kind == ExitAlloc || x.Kind == ExitAsk) {
		e.Bind(e.resume[x.Number])
	}
	for _, m := range s.After {
		e.move(m)
	}
	return nil
}

// armEmit has for each opcode what emits it.
var armEmit = [numOpcodes]func(e *armEmitter, s *Step){
	Add: (*armEmitter).sum, Sub: (*armEmitter).sum, AddOvf: (*armEmitter).sumOvf, SubOvf: (*armEmitter).sumOvf,
	Mul: (*armEmitter).mul, MulOvf: (*armEmitter).mulOvf,
	And: (*armEmitter).logical, Or: (*armEmitter).logical, Xor: (*armEmitter).logical,
	Shl: (*armEmitter).shift, Sar: (*armEmitter).shift, Shr: (*armEmitter).shift,
	MulHigh: (*armEmitter).rrr, Div: (*armEmitter).rrr, Mod: (*armEmitter).mod,
	Neg: (*armEmitter).unary, Not: (*armEmitter).unary, Signext: (*armEmitter).unary, Max0: (*armEmitter).unary,
	Set: (*armEmitter).set, FloatSet: (*armEmitter).floatSet,

	FloatAdd: (*armEmitter).floatRRR, FloatSub: (*armEmitter).floatRRR,
	FloatMul: (*armEmitter).floatRRR, FloatDiv: (*armEmitter).floatRRR,
	FloatNeg: (*armEmitter).floatRR, FloatAbs: (*armEmitter).floatRR,
	FloatToInt: (*armEmitter).floatRR, BitsOfFloat: (*armEmitter).floatRR,
	IntToFloat: (*armEmitter).fromInt, FloatOfBits: (*armEmitter).fromInt,

	Load: (*armEmitter).load, LoadIndex: (*armEmitter).loadIndex, LoadLength: (*armEmitter).loadLength,
	Store: (*armEmitter).store, StoreIndex: (*armEmitter).storeIndex,
	Guard: (*armEmitter).guard, FloatGuard: (*armEmitter).floatGuard, GuardClass: (*armEmitter).guardClass,
	Leave: (*armEmitter).leave, Ask: (*armEmitter).leave, GuardValid: (*armEmitter).guardValid, Tick: (*armEmitter).tick,
	New: (*armEmitter).newObject, NewArray: (*armEmitter).newArray, Call: (*armEmitter).call,
	Invoke: (*armEmitter).invoke, Return: (*armEmitter).ret, Halt: (*armEmitter).halt,
	LabelHere: (*armEmitter).labelHere, Jump: (*armEmitter).jump, JumpOut: (*armEmitter).jumpOut,
}
