package backend

// A Reg is the number of a register, as the machine's manual numbers it. Which of
// the two kinds it is, the context says.
type Reg uint8

// A RegSet is a set of registers: bit r is integer register r, bit 32+r is float
// register r.
type RegSet uint64

// A Loc is where a value is.
type Loc struct {
	Kind LocKind
	N    int32 // InReg, InFloat: a Reg; InSlot: number of a spill slot; IsConst: a Value
}

// LocKind is the kind of a Loc.
type LocKind uint8

// The kinds.
const (
	Nowhere LocKind = iota
	InReg           // in an integer register
	InFloat         // in a float register
	InSlot          // in a spill slot of the context
	IsConst         // it is a constant, and made where it is needed
)

// A Move copies a word from one place to any other, Src to Dst. Src may be a
// constant. Registers of both kinds may be mixed: the bits are copied. The allocator
// itself uses a scratch register as Dst and Src where moves go round in a cycle.
// Between those two, a move from slot to slot may destroy the float scratch register
// only, and other moves none; anywhere else a move may use both.
type Move struct{ Dst, Src Loc }

// A Step is an instruction with places for its values. What is executed: the moves
// of Before, one after the other; the instruction; the moves of After.
type Step struct {
	Before []Move
	Inst   *Inst
	Args   [3]Loc // registers, and constants where the machine takes them as they are
	Inside []Move // Invoke: they bring the arguments to where the callee wants them
	Dst    Loc    // a register; Nowhere if Inst.Dst is None
	After  []Move // stores of what lives in a slot from here on
}

// Allocation is a lowered trace with places for all its values.
type Allocation struct {
	*Lowered
	Enter  []Move      // stores of inputs that live in a slot, in front of the first step
	Steps  []Step      // one for each of Insts
	Slots  int         // spill slots used, those of the inputs included
	Ranges []LiveRange // of each value, for listings
}

// A LiveRange says from where to where a value is alive, in instructions: it is
// alive behind From, and up to the arguments of To. Inputs are alive from -1.
// Between two spans there is a hole, in which nobody wants to know the value.
type LiveRange []Span

// A Span is an unbroken part of a live range.
type Span struct{ From, To int32 }

// Machine is what the allocator and the emitter want to know of a machine.
type Machine interface {
	Name() string // "amd64", "arm64"
	// Ints and Floats return the registers that values may have, the best first.
	Ints() []Reg
	Floats() []Reg
	// Scratch returns the integer and the float register that no value ever has.
	// A move may use them, and so may an instruction inside.
	Scratch() (Reg, Reg)
	// Immediate reports whether in takes the constant bits as argument number arg
	// without a register.
	Immediate(in *Inst, arg int, bits uint64) bool
	// Clobbers returns the registers that in destroys although they are none of
	// its results. Its arguments may be in them, and so may its result.
	Clobbers(in *Inst) RegSet
	// Emit makes machine code.
	Emit(a *Allocation) (*Assembly, error)
	// Jump makes the instruction that code begins with, at address pc, a jump to
	// address to: it is a jump already, or what Assembly.Patches are.
	Jump(code []byte, pc, to uintptr)
	// Select makes code that goes on at the Start of the case that has the word at l,
	// a register or slot, or if there is none, at other. It may use scratch registers.
	Select(l Loc, cases *Cases, other *Start) (*Assembly, error)
	// Disassemble returns the text of the first instruction of code, which is at
	// address pc, and its length in bytes.
	Disassemble(code []byte, pc uint64) (text string, length int)
}

// Cases are a search tree of words, which are ordered as unsigned numbers.
type Cases struct {
	Value        uint64
	Equal        *Start // where to go on for Value
	Below, Above *Cases // may be nil
}

// A Reloc is a jump to other code: only when both are placed, it is known how far.
type Reloc struct {
	At int // offset of the instruction
	To *Start
}

// A Patch is a place in the code without effect, for a jump to an exit.
type Patch struct {
	At   int // offset of the instruction
	Exit *Exit
}

// Assembly is machine code that can be put at any address, if its Relocs are seen to.
type Assembly struct {
	Code  []byte
	Entry int // where Go enters, with the inputs in slots
	Start int // where other traces enter, with the inputs at their places
	// Relocs are the jumps to other traces.
	Relocs []Reloc
	// Patches are where GuardValid stands.
	Patches []Patch
	// Starts has for each step of the allocation where its code begins, and at the
	// end where the code of the last one ends. Behind that are the exits and the pool.
	Starts []int
	// Stubs has for each exit where its stub begins: at the jump of a guard's exit
	// that a bridge can be attached to.
	Stubs []int
	// Returns has for each exit of an Invoke where the callee comes back to.
	Returns []int
	// Rare and Pool are where code for rare cases of the steps begins, and constants
	// that instructions load; 0 if there are none. For listings.
	Rare, Pool int
}
