package backend

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
)

// A Value is the number of a value of a lowered trace: its place in
// Lowered.Values. Every input and every instruction with a result makes one;
// constants are values, too.
type Value int32

// None is no value.
const None Value = -1

// A Class is the kind of register that a value needs.
type Class uint8

// The classes. References are integers here.
const (
	Int   Class = iota // 64-bit integer or reference
	Float              // 64-bit float
)

// Info is what is known of a value.
type Info struct {
	Class Class
	Const bool   // it is Bits: the allocator may make it anew instead of keeping it
	Bits  uint64 // of a constant; floats as IEEE 754 bits
	Op    *ir.Op // what it is in the trace, for listings; nil for values that lowering adds
}

// Lowered is a trace on its way to machine code: the same straight line, nearer to
// what machines do. A comparison and its guard are one instruction, fields are
// displacements, classes are numbers. It is the same for all machines.
type Lowered struct {
	Values []Info
	Inputs []Value
	// Places are where the Inputs arrive: in registers and spill slots, no two in the
	// same. nil: input i arrives in slot i.
	Places []Loc
	// Loads bring the inputs to Places from slot i, for a start that Go may also enter.
	Loads []Move
	Insts []Inst
	Exits []*Exit // all of them, at their Number
	Label int     // index of the label in Insts; -1: the trace does not loop
}

// Place returns where input i arrives.
func (l *Lowered) Place(i int) Loc {
	if l.Places == nil {
		return Loc{InSlot, int32(i)}
	}
	return l.Places[i]
}

// Inst is a lowered instruction.
type Inst struct {
	Code Opcode
	Cond Cond
	Not  bool     // FloatSet, FloatGuard, AddOvf, SubOvf, MulOvf: see there
	Dst  Value    // or None
	Args [3]Value // as many as the Opcode has, then None
	Imm  int64    // displacement, size, class ID: as the Opcode says
	List []Value  // LabelHere, Jump, JumpOut, Invoke: the arguments
	To   *Start   // JumpOut: where to; Invoke: it has no address, that is in a word at Imm
	Exit *Exit    // how the trace is left here, if it may be
	Op   *ir.Op   // the operation that it was made for
}

// Opcode says what a lowered instruction does. Integers have 64 bits and wrap.
type Opcode uint8

// The opcodes, a b c being Args.
const (
	Add     Opcode = iota // Dst = a + b
	Sub                   // Dst = a - b
	Mul                   // Dst = a * b
	And                   // Dst = a & b
	Or                    // Dst = a | b
	Xor                   // Dst = a ^ b
	Shl                   // Dst = a << b, b from 0 to 63, also for the next two
	Sar                   // Dst = a >> b, the sign comes in
	Shr                   // Dst = a >> b, zeros come in
	MulHigh               // Dst = the high 64 bits of the unsigned product a * b
	Div                   // Dst = a / b truncated; b is not 0, and MinInt64 / -1 is MinInt64
	Mod                   // Dst = a - (a/b)*b; MinInt64 % -1 is 0
	Neg                   // Dst = -a
	Not                   // Dst = ^a
	Signext               // Dst = the lowest Imm bytes of a (1, 2, 4) with their sign
	Max0                  // Dst = max(a, 0)

	// Dst = a op b, and left through Exit if the result does not fit into 64 bits;
	// with Not, if it does. The exit sees Dst wrapped.
	AddOvf
	SubOvf
	MulOvf

	Set      // Dst = 1 if a Cond b, else 0
	FloatSet // Dst = 1 if a Cond b for the floats a and b, else 0; with Not the other way round

	FloatAdd // Dst = a + b, floats up to FloatAbs
	FloatSub
	FloatMul
	FloatDiv
	FloatNeg    // turns the sign bit round
	FloatAbs    // clears the sign bit
	IntToFloat  // Dst (a float) = a, rounded to nearest
	FloatToInt  // Dst = a truncated; a fits
	BitsOfFloat // Dst = the bits of the float a
	FloatOfBits // Dst (a float) = what has the bits a
	Load        // Dst (of any class) = the word at address a + Imm
	LoadIndex   // Dst = the word at address a + 8*b + Imm
	LoadLength  // Dst = the 32 bits at address a + Imm, zeros in front
	Store       // the word at address a + Imm = b (of any class)
	StoreIndex  // the word at address a + 8*b + Imm = c
	Guard       // left through Exit unless a Cond b
	FloatGuard  // left through Exit unless a Cond b for floats; with Not, if a Cond b
	GuardClass  // left through Exit unless the 32 bits at address a are Imm
	GuardValid  // left through Exit once the program is invalidated; until then nothing
	Leave       // left through Exit, always (guard_always_fails and finish)
	New         // Dst = a new object of Imm bytes with the header word b (a constant); may exit
	NewArray    // Dst = a new array of a items whose class has the ID Imm; may exit
	Call        // exits; Dst (of any class, or None) = what Go did with Exit.Values
	Ask         // exits and asks Go; left through Exit.Then if the answer is not 0
	Invoke      // Dst (of any class, or None) = what a function returns that is called with List; Imm is the address of the word with the address of its code (lowercall.go)
	Return      // back to who called this trace, with the result a, if there is one
	Halt        // to Go, by the exit that Return says: what lies at the bottom of the stack
	Tick        // counts an iteration
	LabelHere   // the loop begins; List are the values that Jump sets
	Jump        // polls, and goes on behind the label with List as the values of its List
	JumpOut     // polls, and goes on at To, in another trace, with List as its inputs
	numOpcodes
)

// Cond is the condition of an instruction that compares.
type Cond uint8

// The conditions. Those of floats are the first six, and only NotEqual holds if
// one of them is NaN.
const (
	Equal Cond = iota
	NotEqual
	Less
	LessEqual
	Greater
	GreaterEqual
	Below // unsigned
	BelowEqual
	Above
	AboveEqual
	AnyBit // a & b != 0
	NoBit  // a & b == 0
)

// ExitKind says why compiled code goes back to Go.
type ExitKind uint8

// The kinds of exits. Those before ExitCall leave the trace for good. The others
// resume: everything that is alive is kept, and Go may enter again.
const (
	ExitGuard  ExitKind = iota // a guard failed
	ExitFinish                 // the trace is over
	ExitInvoke                 // a function can't be called, or did not come back
	ExitReturn                 // the trace is over: taken by Halt, where nobody called it
	ExitCall                   // somebody has to be called, with Values
	ExitAlloc                  // there is no room for an object; an array has Values[0] items
	ExitAsk                    // a test wants to know whether the guard shall fail
	ExitPoll                   // somebody wants the processor
)

// A Start is where code begins that other traces jump to: the Entry of an ir.Target.
type Start struct {
	Name   string
	Addr   uintptr // of the code, once it is placed
	Inputs []Loc   // registers and slots, where it wants its inputs, no two in the same
	code   *program
}

// Exit is a place where compiled code goes back to Go.
type Exit struct {
	Number int // its place in Lowered.Exits
	ID     int // what compiled code says when it is taken: Number, or what an executor wants
	Kind   ExitKind
	Op     *ir.Op  // the guard, finish, call or allocation
	Values []Value // what Go wants to have; constants among them
	Own    int     // ExitInvoke: so many of Values are for Op; then come the arguments of the call
	Then   *Exit   // ExitAsk: the exit of the guard; ExitInvoke: that of the poll

	callee guards.Callee // ExitCall
	plan   *guards.Exit  // those before ExitCall: what to do with them
	call   *ir.Op        // ExitInvoke: the call; Op is its guard_not_forced
	frames int           // ExitInvoke: how many frames of the guest program wait for the callee
	fused  *ir.Op        // the condition of the guard, if it makes no value: then it is known
	known  Value
	tested Value    // of a guard_value: what it looks at, or None
	owner  *program // whose exit it is

	// The allocator fills in:
	Locs []Loc  // where each of Values is
	Live RegSet // ExitAlloc, ExitAsk, ExitPoll: registers that have to be as they were on resuming
	// ExitInvoke: the slots that have to be kept while the callee runs. The first Back of
	// them have to be as they were when it returns; the exit wants the others.
	Frame []Kept
	Back  int
}

// Kept is a spill slot whose word is kept on the stack.
type Kept struct {
	Slot int32
	From Loc // where the word is at the call: the slot, or a register that has it, too
}
