package backend

import (
	"fmt"
	"math"

	"golang.org/x/arch/x86/x86asm"

	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
)

// AMD64 is the Machine for x86-64. Its code keeps the address of the context in R15,
// expects g in R14, and never touches RSP and RBP. RCX and X15 belong to the emitter:
// shifts want their count in RCX anyway.
type AMD64 struct {
	kit   *Kit
	guard int // where in g the poll looks, in bytes; -1: it counts Budget down
}

// NewAMD64 returns the Machine, built from the parts in kit. guardOffset is what
// native.GuardOffset returned; negative: polls count iterations.
func NewAMD64(kit *Kit, guardOffset int) *AMD64 {
	return &AMD64{kit: kit, guard: guardOffset}
}

// The registers that values never have.
const (
	x86Context      = amd64.R15
	x86G            = amd64.R14
	x86Scratch      = amd64.RCX
	x86FloatScratch = amd64.X15
)

var (
	x86Ints = []Reg{
		Reg(amd64.RBX), Reg(amd64.RSI), Reg(amd64.RDI), Reg(amd64.R8), Reg(amd64.R9), Reg(amd64.R10),
		Reg(amd64.R11), Reg(amd64.R12), Reg(amd64.R13), Reg(amd64.RAX), Reg(amd64.RDX),
	}
	x86Floats = []Reg{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14}
)

// Name implements Machine.
func (m *AMD64) Name() string { return "amd64" }

// Ints implements Machine. RAX and RDX come last, since divisions destroy them.
func (m *AMD64) Ints() []Reg { return x86Ints }

// Floats implements Machine.
func (m *AMD64) Floats() []Reg { return x86Floats }

// Scratch implements Machine.
func (m *AMD64) Scratch() (Reg, Reg) { return Reg(x86Scratch), Reg(x86FloatScratch) }

// Clobbers implements Machine.
func (m *AMD64) Clobbers(in *Inst) RegSet {
	switch in.Code {
	case Div, Mod, MulHigh:
		return 1<<amd64.RAX | 1<<amd64.RDX
	case Call, Invoke:
		return x86AllInts | x86AllFloats
	}
	return 0
}

const (
	x86AllInts   = RegSet(0xFFFF &^ (1<<amd64.RSP | 1<<amd64.RBP | 1<<amd64.RCX | 1<<amd64.R14 | 1<<amd64.R15))
	x86AllFloats = RegSet(0x7FFF << 32)
)

// x86 is the work on one Allocation.
type x86 struct {
	*amd64.Assembler
	machine *AMD64
	a       *Allocation
	step    int // number of the step that is at work
	loop    amd64.Label
	stubs   []amd64.Label // of the exits, by Number
	resumes []x86Resume   // of the exits that resume, by Number
	cold    []x86Cold
	out     *Assembly
	err     error // the first thing that was wrong with a
}

// Emit implements Machine. The code may be put at multiples of 16. The error is that
// of an Allocation that breaks the rules of Step.
func (m *AMD64) Emit(a *Allocation) (*Assembly, error) {
	const bytesPerStep = 8 // about, with moves
	e := &x86{
		Assembler: amd64.New(m.assembler(), bytesPerStep*len(a.Steps)+32*len(a.Exits)+64),
		machine:   m,
		a:         a,
		stubs:     make([]amd64.Label, len(a.Exits)),
		resumes:   make([]x86Resume, len(a.Exits)),
		out: &Assembly{
			Starts: make([]int, 0, len(a.Steps)+1),
			Stubs:  make([]int, len(a.Exits)), Returns: make([]int, len(a.Exits)),
		},
	}
	e.loop = e.NewLabel()
	for i := range e.stubs {
		e.stubs[i] = e.NewLabel()
	}
	for _, m := range a.Loads {
		e.move(m)
	}
	e.out.Start = len(e.Code)
	for _, m := range a.Enter {
		e.move(m)
	}
	for i := range a.Steps {
		e.step = i
		e.emitStep(&a.Steps[i])
		if e.err != nil {
			return nil, e.err
		}
	}
	e.out.Starts = append(e.out.Starts, len(e.Code))
	e.emitExits()
	e.out.Rare = len(e.Code)
	e.emitCold()
	if e.err != nil {
		return nil, e.err
	}
	e.out.Pool = (len(e.Code) + 15) &^ 15 // as Finish does
	e.out.Code = e.Finish()
	return e.out, nil
}

func (m *AMD64) assembler() amd64.Kit {
	return amd64.Kit{ModRM: m.kit.ModRM, REX: m.kit.REX, AppendMem: m.kit.AppendMem}
}

// x86Select has for each opcode what emits it.
var x86Select = [numOpcodes]func(e *x86, s *Step){
	Add:         (*x86).add,
	Sub:         (*x86).sub,
	Mul:         (*x86).mul,
	And:         (*x86).and,
	Or:          func(e *x86, s *Step) { e.integer(amd64.OR, s) },
	Xor:         func(e *x86, s *Step) { e.integer(amd64.XOR, s) },
	Shl:         func(e *x86, s *Step) { e.shift(amd64.SHL, s) },
	Sar:         func(e *x86, s *Step) { e.shift(amd64.SAR, s) },
	Shr:         func(e *x86, s *Step) { e.shift(amd64.SHR, s) },
	MulHigh:     (*x86).mulHigh,
	Div:         (*x86).divide,
	Mod:         (*x86).divide,
	Neg:         func(e *x86, s *Step) { e.unary(amd64.NEG, s) },
	Not:         func(e *x86, s *Step) { e.unary(amd64.NOT, s) },
	Signext:     (*x86).signext,
	Max0:        (*x86).max0,
	AddOvf:      func(e *x86, s *Step) { e.checked(amd64.ADD, s) },
	SubOvf:      func(e *x86, s *Step) { e.checked(amd64.SUB, s) },
	MulOvf:      func(e *x86, s *Step) { e.checked(amd64.IMUL, s) },
	Set:         (*x86).set,
	FloatSet:    (*x86).floatSet,
	FloatAdd:    func(e *x86, s *Step) { e.float(amd64.ADDSD, s) },
	FloatSub:    func(e *x86, s *Step) { e.float(amd64.SUBSD, s) },
	FloatMul:    func(e *x86, s *Step) { e.float(amd64.MULSD, s) },
	FloatDiv:    func(e *x86, s *Step) { e.float(amd64.DIVSD, s) },
	FloatNeg:    func(e *x86, s *Step) { e.masked(amd64.XORPS, s, 1<<63) },
	FloatAbs:    func(e *x86, s *Step) { e.masked(amd64.ANDPS, s, math.MaxInt64) },
	IntToFloat:  (*x86).intToFloat,
	FloatToInt:  func(e *x86, s *Step) { e.RR(amd64.CVTTSD2SI, e.dst(s), e.floatReg(s.Args[0])) },
	BitsOfFloat: func(e *x86, s *Step) { e.RR(amd64.MOVQR, e.dst(s), e.floatReg(s.Args[0])) },
	FloatOfBits: func(e *x86, s *Step) { e.RR(amd64.MOVQ, e.floatDst(s), e.reg(s.Args[0])) },
	Load:        func(e *x86, s *Step) { e.load(s, Loc{}) },
	LoadIndex:   func(e *x86, s *Step) { e.load(s, s.Args[1]) },
	LoadLength:  (*x86).loadLength,
	Store:       func(e *x86, s *Step) { e.store(s, Loc{}, s.Args[1]) },
	StoreIndex:  func(e *x86, s *Step) { e.store(s, s.Args[1], s.Args[2]) },
	Guard:       (*x86).guard,
	FloatGuard:  (*x86).floatGuard,
	GuardClass:  (*x86).guardClass,
	GuardValid:  (*x86).guardValid,
	Leave:       (*x86).leave,
	New:         (*x86).newObject,
	NewArray:    (*x86).newArray,
	Call:        (*x86).call,
	Invoke:      (*x86).invoke,
	Return:      (*x86).ret,
	Halt:        (*x86).halt,
	Ask:         (*x86).ask,
	LabelHere:   func(e *x86, s *Step) { e.Align(x86LoopAlign); e.Bind(e.loop) },
	Jump:        (*x86).jump,
	JumpOut:     (*x86).jumpOut,
	Tick:        func(e *x86, s *Step) { e.M(amd64.INC, x86Ctx(native.IterationsAt)) },
}

// x86LoopAlign is where loops begin: processors fetch that much at once.
const x86LoopAlign = 16

func (e *x86) emitStep(s *Step) {
	e.out.Starts = append(e.out.Starts, len(e.Code))
	for _, m := range s.Before {
		e.move(m)
	}
	x86Select[s.Inst.Code](e, s)
	for _, m := range s.After {
		e.move(m)
	}
}

// fail keeps the first thing that is wrong with the allocation.
func (e *x86) fail(what string, l Loc) {
	if e.err == nil {
		e.err = fmt.Errorf("amd64: step %d (opcode %d): %s is at %+v", e.step, e.a.Steps[e.step].Inst.Code, what, l)
	}
}

// reg returns the integer register that l must be.
func (e *x86) reg(l Loc) amd64.Reg {
	if l.Kind != InReg {
		e.fail("an integer that has to be in a register", l)
	}
	return amd64.Reg(l.N & 15)
}

// floatReg returns the float register that l must be.
func (e *x86) floatReg(l Loc) amd64.Reg {
	if l.Kind != InFloat {
		e.fail("a float that has to be in a register", l)
	}
	return amd64.Reg(l.N & 15)
}

// dst returns the integer register for the result of s.
func (e *x86) dst(s *Step) amd64.Reg { return e.reg(s.Dst) }

// floatDst is dst for floats.
func (e *x86) floatDst(s *Step) amd64.Reg { return e.floatReg(s.Dst) }

// constant returns the bits of a constant.
func (e *x86) constant(l Loc) (bits uint64, ok bool) {
	if l.Kind != IsConst {
		return 0, false
	}
	return e.a.Values[l.N].Bits, true
}

// imm32 returns a constant that fits into a sign-extended immediate of 32 bits, which
// all are that Immediate agreed to for integers.
func (e *x86) imm32(l Loc) (n int32, ok bool) {
	bits, ok := e.constant(l)
	if ok && !fits32(int64(bits)) {
		e.fail("a constant that is no immediate", l)
	}
	return int32(bits), ok
}

func fits32(n int64) bool { return n == int64(int32(n)) }

// Disassemble implements Machine, in the syntax of Intel's manual. What is no
// instruction is shown as one byte.
func (m *AMD64) Disassemble(code []byte, pc uint64) (text string, length int) {
	inst, err := x86asm.Decode(code, 64)
	if err != nil || inst.Op == 0 {
		return fmt.Sprintf("db 0x%02x", code[0]), 1
	}
	return x86Text(inst, pc), inst.Len
}

// x86Ctx is a word of the context.
func x86Ctx(at int) amd64.Mem { return amd64.At(x86Context, int32(at)) }

// x86Slot is a spill slot.
func x86Slot(l Loc) amd64.Mem { return x86Ctx(native.SlotsAt + 8*int(l.N)) }
