package ir

import "metatrace/internal/heap"

// Type is what a value is: a 64-bit signed integer, a 64-bit float, or a
// reference to a guest object. Void is the type of an operation that makes no
// value.
type Type = heap.Kind

// The four types.
const (
	Void  = heap.KindVoid
	Int   = heap.KindInt
	Float = heap.KindFloat
	Ref   = heap.KindRef
)

// Opcode says which operation an Op is. The zero Opcode is no operation.
type Opcode uint8

// The opcodes, in the groups of the table in TRACE_FORMAT: values that are no
// operations first, then integers, floats, references, guards, heap, calls,
// control.
const (
	OpInvalid Opcode = iota

	// Values that stand in argument lists but not in the list of operations.
	OpInput      // an input of the trace
	OpConstInt   // Bits holds the integer
	OpConstFloat // Bits holds the IEEE 754 bits
	OpConstPtr   // Object is the prebuilt object; nil is NULL
	OpConstClass // Symbol is the class or the function
	OpText       // Text is a string: the argument of debug_merge_point
	OpVirtual    // in failargs only: an object that the exit allocates

	// Integers, pure.
	IntAdd
	IntSub
	IntMul
	IntAnd
	IntOr
	IntXor
	IntLshift
	IntRshift
	UintRshift
	IntNeg
	IntInvert
	IntLt
	IntLe
	IntEq
	IntNe
	IntGt
	IntGe
	UintLt
	UintLe
	UintGt
	UintGe
	IntIsTrue
	IntIsZero
	IntForceGeZero
	IntSignext
	UintMulHigh
	SameAsI

	// Integers, checked: an overflow guard follows each.
	IntAddOvf
	IntSubOvf
	IntMulOvf

	// Floats, pure.
	FloatAdd
	FloatSub
	FloatMul
	FloatTruediv
	FloatNeg
	FloatAbs
	FloatLt
	FloatLe
	FloatEq
	FloatNe
	FloatGt
	FloatGe
	CastIntToFloat
	CastFloatToInt
	ConvertFloatBytesToLonglong
	ConvertLonglongBytesToFloat
	SameAsF

	// References, pure.
	PtrEq
	PtrNe
	InstancePtrEq
	InstancePtrNe
	SameAsR
	CastPtrToInt
	CastIntToPtr

	// Guards.
	GuardTrue
	GuardFalse
	GuardValue
	GuardClass
	GuardNonnull
	GuardIsnull
	GuardNonnullClass
	GuardNoOverflow
	GuardOverflow
	GuardNoException
	GuardNotInvalidated
	GuardNotForced // directly behind call_assembler: its exit is the state behind the call
	GuardAlwaysFails

	// Heap.
	New
	NewWithVtable
	NewArray
	NewArrayClear
	GetfieldGcI
	GetfieldGcF
	GetfieldGcR
	SetfieldGc
	GetarrayitemGcI
	GetarrayitemGcF
	GetarrayitemGcR
	SetarrayitemGc
	ArraylenGc

	// Calls.
	CallI
	CallF
	CallR
	CallN
	CallAssemblerI
	CallAssemblerF
	CallAssemblerR
	CallAssemblerN
	EscapeI
	EscapeF
	EscapeR
	EscapeN

	// Control.
	Label
	Jump
	Finish
	DebugMergePoint

	numOpcodes
)

// Flags say what a pass may do with an operation without knowing more of it.
type Flags uint16

const (
	// Pure operations depend on their arguments only and change nothing: equal
	// arguments give equal results, and a result that nobody uses need not be
	// computed.
	Pure Flags = 1 << iota
	// Commutative operations give the same for swapped arguments.
	Commutative
	// Guard operations check an assumption and leave the trace if it fails.
	Guard
	// Checked operations set the overflow flag that the next guard tests.
	Checked
	// Effect operations may change what others see: the heap or the world.
	Effect
	// ReadsHeap operations depend on the contents of objects.
	ReadsHeap
	// MayAlloc operations may allocate, so the collector may run in them.
	MayAlloc
	// Control operations are the places where a trace starts, joins and ends.
	Control
)

// DescrKind says what stands behind descr= of an operation.
type DescrKind uint8

// What an operation's descr is.
const (
	NoDescr     DescrKind = iota
	FieldDescr            // *heap.Field
	ArrayDescr            // *heap.Class that is an array
	StructDescr           // *heap.Class that is a struct
	CallDescr             // *Call
	MaybeCall             // *Call or nothing: call_assembler
	MaybeTarget           // *Target or nothing: jump
)

// Info is what the table says of an opcode.
type Info struct {
	Name string
	// Args gives the types of the arguments, a letter each: i, f, r; c a class
	// or function; t a text; = the type of the first argument's value (any);
	// v a value of the type that the descr says; * any number of any type.
	Args   string
	Result Type
	Flags  Flags
	Descr  DescrKind
	// Inverse is the comparison that is true exactly if this one is false, or
	// OpInvalid. Float comparisons have none, because of NaN.
	Inverse Opcode
	// Swapped is the comparison that gives the same for swapped arguments, or
	// OpInvalid.
	Swapped Opcode
}

// Info returns the row of the table for c.
func (c Opcode) Info() *Info { return &table[c] }

// String returns the name of c as it stands in a trace.
func (c Opcode) String() string { return table[c].Name }

// Has reports whether c has any of the flags f.
func (c Opcode) Has(f Flags) bool { return table[c].Flags&f != 0 }

// IsAllocation reports whether c makes an object.
func (c Opcode) IsAllocation() bool { return c >= New && c <= NewArrayClear }

// IsAccess reports whether c is a load, a store or the length of an array: its
// first argument is the object.
func (c Opcode) IsAccess() bool { return c >= GetfieldGcI && c <= ArraylenGc }

// IsCall reports whether c calls a function, its first argument.
func (c Opcode) IsCall() bool { return c >= CallI && c <= CallN }

// IsTraceCall reports whether c calls a compiled function: guard_not_forced follows.
func (c Opcode) IsTraceCall() bool { return c >= CallAssemblerI && c <= CallAssemblerN }

// ComparesRefs reports whether c compares two references.
func (c Opcode) ComparesRefs() bool { return c >= PtrEq && c <= InstancePtrNe }

// Unchecked returns the operation that computes what the checked operation c does and
// asks for no overflow; c itself if it asks for none.
func (c Opcode) Unchecked() Opcode {
	switch c {
	case IntAddOvf:
		return IntAdd
	case IntSubOvf:
		return IntSub
	case IntMulOvf:
		return IntMul
	}
	return c
}

// Lookup returns the opcode called name, or OpInvalid.
func Lookup(name string) Opcode { return byName[name] }

var byName = func() map[string]Opcode {
	m := make(map[string]Opcode, numOpcodes)
	for c := IntAdd; c < numOpcodes; c++ {
		m[table[c].Name] = c
	}
	return m
}()
