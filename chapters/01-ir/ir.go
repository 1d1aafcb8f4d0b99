package ir

import (
	"math"
	"slices"

	"metatrace/internal/heap"
)

// An Op is one operation of a trace, and the value that it makes: SSA needs no
// variables beside the operations. Constants and inputs are values as well, so
// they are Ops too, but stand in argument lists only.
type Op struct {
	Code Opcode
	Type Type // of the value; Void if there is none
	// ID numbers the inputs and operations of one trace densely from 0, in
	// order; constants have -1.
	ID   int32
	Args []*Op
	// Descr is what the operation works on, as the table's DescrKind says:
	// *heap.Field, *heap.Class, *Call or *Target.
	Descr any
	Exit  *Exit // guards: where to go on when the guard fails

	Bits uint64  // OpConstInt: the integer; OpConstFloat: its IEEE 754 bits
	Name *Symbol // OpConstPtr, OpConstClass: what it names, nil for NULL; OpText: the text

	Line int32 // in the text that it was read from; 0 if there is none

	// Forward is the optimizer's: the value that this one was found equal to,
	// or nil. Follow it with Find.
	Forward  *Op
	facts    *Facts // the optimizer's: what is known of the value
	followed bool   // the optimizer's: another value was found equal to this one
}

// An Exit is what a guard needs to leave the trace.
type Exit struct {
	// Failargs are the values of the interpreter's state, to be handed over.
	Failargs []*Op
	// Resume says how to make the interpreter's state of them. Only who
	// recorded the trace knows; the optimizer hands it on untouched. nil for a
	// trace that was read from text.
	Resume any
	// Pending are stores that the trace has put off: leaving here does them, in
	// this order, when the virtual objects of the exit are allocated. They are
	// setfield_gc or setarrayitem_gc, and their arguments may be virtual like
	// failargs. Only chapter 3 makes them.
	Pending []*Op
	// Facts are what the optimizer knew, where the guard stands, of the values that
	// leaving needs. Only a Chain with Witness notes them.
	Facts []Fact
}

// Values returns what leaving needs: the failargs, and the arguments of the
// pending stores.
func (x *Exit) Values() []*Op {
	if len(x.Pending) == 0 {
		return x.Failargs
	}
	list := slices.Clone(x.Failargs)
	for _, store := range x.Pending {
		list = append(list, store.Args...)
	}
	return list
}

// A Symbol is what ConstPtr(name) or ConstClass(name) stands for.
type Symbol struct {
	Name string
	// Class is, of a prebuilt object, its class; of a class constant, the class
	// that has this vtable. nil if nothing is known.
	Class *heap.Class
	// Values are the words of a declared object: its fields in the order of
	// Class.Fields, or its items. A pointer to another object is an OpConstPtr.
	// nil if the contents are not known. Only immutable ones may be relied on.
	Values []*Op
	// Addr is where the object is, once it is on a heap; 0 before.
	Addr heap.Ref
	// Func is, of a function, what those who recorded the trace call. This
	// package does not look at it. A Folder can be called at compile time.
	Func any
}

// A Folder is an elidable function that is known at compile time.
type Folder interface {
	// Fold returns the result for constant arguments, or nil if there is none.
	Fold(args []*Op) *Op
}

// A Divider is an elidable function of two integers that divides the first by the
// second, truncated: it gives the quotient or what remains.
type Divider interface {
	Remainder() bool // it gives what remains
}

// A Call describes a function that traces call.
type Call struct {
	Name   string
	Args   []Type // nil if they are not known
	Result Type
	Effect CallEffect
}

// String returns the name of c.
func (c *Call) String() string { return c.Name }

// CallEffect is what a called function may do.
type CallEffect uint8

// From the function that nothing is known of to the one that is known best.
const (
	EffectAny      CallEffect = iota // reads and writes the heap; its reference arguments escape
	EffectReadonly                   // reads the heap
	// EffectLoopInvariant reads nothing that changes while the trace runs, round
	// and round if it is a loop: equal arguments give equal results until the
	// trace is left. The next time they may be others, so that such a call is
	// shared and dropped, but never computed when the trace is compiled.
	EffectLoopInvariant
	EffectElidable // pure: equal arguments give equal results, at any time
)

// A Trace is a straight line of operations with inputs. It ends in jump or
// finish, or is cut behind its last operation.
type Trace struct {
	Decls  *Decls
	Inputs []*Op
	Ops    []*Op

	file   string   // of a trace that was read: its name
	names  []string // of a trace that was read: what it calls its values, by ID
	jumpAt *opPlace // of a trace that was read: where the jump stands, or nil
}

// Decls are the declarations that a trace refers to.
type Decls struct {
	Classes *heap.Classes
	Calls   []*Call
	Objects []*Symbol // the declared prebuilt objects
}

// NumIDs returns one more than the largest ID in t.
func (t *Trace) NumIDs() int { return len(t.Inputs) + len(t.Ops) }

// Renumber sets the IDs of all inputs and operations to their position.
func (t *Trace) Renumber() {
	id := int32(0)
	for _, list := range [][]*Op{t.Inputs, t.Ops} {
		for _, op := range list {
			op.ID = id
			id++
		}
	}
}

// LabelAt returns the index of the label in t.Ops, or -1.
func (t *Trace) LabelAt() int {
	for i, op := range t.Ops {
		if op.Code == Label {
			return i
		}
	}
	return -1
}

// Target returns the values that a jump of t sets: the arguments of the label,
// or the inputs.
func (t *Trace) Target() []*Op {
	if n := t.LabelAt(); n >= 0 {
		return t.Ops[n].Args
	}
	return t.Inputs
}

// Loops reports whether t ends in a jump to its own label, or to its start.
func (t *Trace) Loops() bool {
	n := len(t.Ops)
	return n > 0 && t.Ops[n-1].Code == Jump && t.Ops[n-1].Descr == nil
}

// ConstInt returns the integer n as a value.
func ConstInt(n int64) *Op {
	return &Op{Code: OpConstInt, Type: Int, ID: -1, Bits: uint64(n)}
}

// ConstFloat returns the float x as a value.
func ConstFloat(x float64) *Op {
	return &Op{Code: OpConstFloat, Type: Float, ID: -1, Bits: math.Float64bits(x)}
}

// ConstBits returns the constant of type Int or Float with the given bits.
func ConstBits(t Type, bits uint64) *Op {
	if t == Float {
		return &Op{Code: OpConstFloat, Type: Float, ID: -1, Bits: bits}
	}
	return &Op{Code: OpConstInt, Type: Int, ID: -1, Bits: bits}
}

// ConstPtr returns the address of a prebuilt object as a value; nil is NULL.
func ConstPtr(s *Symbol) *Op {
	return &Op{Code: OpConstPtr, Type: Ref, ID: -1, Name: s}
}

// Null is the reference to no object.
var Null = ConstPtr(nil)

// ConstClass returns a class, or the name of a function, as an argument.
func ConstClass(s *Symbol) *Op {
	return &Op{Code: OpConstClass, Type: Void, ID: -1, Name: s}
}

// Text returns a text as an argument of debug_merge_point.
func Text(s string) *Op {
	return &Op{Code: OpText, Type: Void, ID: -1, Name: &Symbol{Name: s}}
}

// IsConst reports whether op is a constant.
func (op *Op) IsConst() bool { return op.Code >= OpConstInt && op.Code <= OpText }

// IsNull reports whether op is the constant NULL.
func (op *Op) IsNull() bool { return op.Code == OpConstPtr && op.Name == nil }

// Int returns the integer of an OpConstInt.
func (op *Op) Int() int64 { return int64(op.Bits) }

// Float returns the float of an OpConstFloat.
func (op *Op) Float() float64 { return math.Float64frombits(op.Bits) }

// SameConst reports whether a and b are the same constant. Floats are the same
// if their bits are: 0.0 and -0.0 differ, a NaN is equal to itself.
func SameConst(a, b *Op) bool {
	return a.IsConst() && a.Code == b.Code && a.Bits == b.Bits && a.Name == b.Name
}

// Same reports whether a and b are known to be the same value.
func Same(a, b *Op) bool { return a == b || SameConst(a, b) }
