package ir

import (
	"fmt"
	"slices"
	"strings"

	"metatrace/internal/heap"
)

// This file says what one operation must be like, looked at alone. The parser
// and Verify share it, so that what is read and what is built obey one set of
// rules. They differ in how they name the place of a fault.

// A fault is what is wrong with an operation, and with which part of it.
type fault struct {
	part int // the index of an argument, or one of the parts below
	msg  string
}

const (
	partName  = -1 - iota // the operation's name
	partClose             // the parenthesis behind its arguments
	partDescr             // its descr
	partEnd               // where failargs stand, or should
)

func faultf(part int, format string, args ...any) *fault {
	return &fault{part, fmt.Sprintf(format, args...)}
}

var typeNames = [...]string{Void: "nothing", Int: "an int", Float: "a float", Ref: "a ref"}

// typeOf returns the type that a letter of Info.Args asks for, or Void.
func typeOf(letter byte) Type {
	switch letter {
	case 'i':
		return Int
	case 'f':
		return Float
	case 'r':
		return Ref
	}
	return Void
}

// describe says what op is as an argument.
func describe(op *Op) string {
	switch op.Code {
	case OpConstClass:
		return "a class"
	case OpText:
		return "a text"
	case OpVirtual:
		return "a virtual object"
	}
	return typeNames[op.Type]
}

// isValue reports whether op can be an argument of type int, float or ref.
func isValue(op *Op) bool { return op.Type != Void && op.Code != OpVirtual }

// usage returns how an operation is written, for messages.
func (c Opcode) usage() string {
	var args []string
	for _, letter := range c.Info().Args {
		args = append(args, map[rune]string{
			'i': "int", 'f': "float", 'r': "ref", 'c': "ConstClass(name)", 't': `"text"`,
			'=': "value", 'v': "value", '*': "value...",
		}[letter])
	}
	switch c.Info().Descr {
	case FieldDescr:
		args = append(args, "descr=STRUCT.field")
	case ArrayDescr:
		args = append(args, "descr=ARRAY")
	case StructDescr:
		args = append(args, "descr=STRUCT")
	case CallDescr:
		args = append(args, "descr=CALL")
	}
	return fmt.Sprintf("%s(%s)", c, strings.Join(args, ", "))
}

// checkOp returns what is wrong with op, whatever stands around it, or nil. It
// does not look at failargs.
func checkOp(op *Op) *fault {
	if f := checkArgs(op); f != nil {
		return f
	}
	if f := checkDescr(op); f != nil {
		return f
	}
	switch op.Code {
	case Label:
		return checkLabel(op)
	case IntSignext:
		return checkRange(op, 1, 8)
	case IntLshift, IntRshift, UintRshift:
		return checkRange(op, 0, 63)
	}
	return nil
}

func checkArgs(op *Op) *fault {
	want, more := strings.CutSuffix(op.Code.Info().Args, "*")
	if len(op.Args) < len(want) {
		return faultf(partClose, "%s has %s, expected %s", op.Code, count(len(op.Args)), op.Code.usage())
	}
	if len(op.Args) > len(want) && !more {
		return faultf(len(want), "%s has %s, expected %s", op.Code, count(len(op.Args)), op.Code.usage())
	}
	for i, a := range op.Args {
		letter := byte('*')
		if i < len(want) {
			letter = want[i]
		}
		if need := mismatch(op, a, letter); need != "" {
			return faultf(i, "argument %d of %s is %s, expected %s", i+1, op.Code, describe(a), need)
		}
	}
	return nil
}

// mismatch returns what should stand in the place of a, or "" if a is right.
func mismatch(op, a *Op, letter byte) string {
	ok, need := isValue(a), "an int, a float or a ref"
	switch letter {
	case 'c':
		ok, need = a.Code == OpConstClass, "ConstClass(name)"
	case 't':
		ok, need = a.Code == OpText, "a text in quotes"
	case '=':
		if first := op.Args[0]; ok && a.Type != first.Type {
			ok, need = false, typeNames[first.Type]+" as the first argument is"
		}
	case 'v':
		if f := slotOf(op); ok && f != nil && a.Type != f.Kind {
			ok, need = false, fmt.Sprintf("%s as %s is", typeNames[f.Kind], slotName(f))
		}
	case 'i', 'f', 'r':
		t := typeOf(letter)
		ok, need = ok && a.Type == t, typeNames[t]
	}
	if ok {
		return ""
	}
	return need
}

func count(n int) string {
	if n == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", n)
}

// slotOf returns the field, or what stands for all items of the array, that op
// works on; nil if its descr says nothing of that.
func slotOf(op *Op) *heap.Field {
	switch d := op.Descr.(type) {
	case *heap.Field:
		return d
	case *heap.Class:
		if d != nil {
			return d.Item
		}
	}
	return nil
}

func slotName(f *heap.Field) string {
	if f.Owner.IsArray() {
		return "an item of " + f.Owner.Name
	}
	return f.String()
}

func checkDescr(op *Op) *fault {
	info := op.Code.Info()
	if op.Descr == nil {
		if info.Descr == NoDescr || info.Descr == MaybeCall || info.Descr == MaybeTarget {
			return nil
		}
		return faultf(partClose, "%s has no descr, expected %s", op.Code, op.Code.usage())
	}
	switch d := op.Descr.(type) {
	case *Target:
		if info.Descr == MaybeTarget && d != nil {
			return nil
		}
	case *heap.Field:
		if info.Descr == FieldDescr && d != nil && !d.Owner.IsArray() {
			return checkSlot(op, d)
		}
	case *heap.Class:
		if info.Descr == ArrayDescr && d != nil && d.IsArray() {
			return checkSlot(op, d.Item)
		}
		if info.Descr == StructDescr && d != nil && !d.IsArray() {
			return checkNew(op, d)
		}
	case *Call:
		if (info.Descr == CallDescr || info.Descr == MaybeCall) && d != nil {
			return checkCall(op, d)
		}
	}
	if info.Descr == NoDescr || info.Descr == MaybeTarget {
		return faultf(partDescr, "%s takes no descr, expected %s", op.Code, op.Code.usage())
	}
	return faultf(partDescr, "the descr of %s is %v, expected %s", op.Code, op.Descr, op.Code.usage())
}

// checkSlot checks that a load reads what the field or array holds.
func checkSlot(op *Op, f *heap.Field) *fault {
	switch op.Code {
	case GetfieldGcI, GetfieldGcF, GetfieldGcR, GetarrayitemGcI, GetarrayitemGcF, GetarrayitemGcR:
		if f.Kind != op.Code.Info().Result {
			return faultf(partDescr, "%s is %s, expected %s for %s", slotName(f),
				typeNames[f.Kind], typeNames[op.Code.Info().Result], op.Code)
		}
	}
	return nil
}

func checkNew(op *Op, c *heap.Class) *fault {
	if op.Code == New && c.Vtable != "" {
		return faultf(partDescr, "%s has a vtable, expected new_with_vtable", c)
	}
	if op.Code == NewWithVtable && c.Vtable == "" {
		return faultf(partDescr, "%s has no vtable, expected new", c)
	}
	return nil
}

// checkCall checks a call against its declaration. Only call_* take the function
// as their first argument.
func checkCall(op *Op, c *Call) *fault {
	if c.Result != op.Code.Info().Result {
		return faultf(partDescr, "%s gives %s, expected a call that gives %s for %s", c,
			typeNames[c.Result], typeNames[op.Code.Info().Result], op.Code)
	}
	skip := 0
	if op.Code.Info().Descr == CallDescr {
		skip = 1
	}
	args := op.Args[skip:]
	if c.Args == nil {
		return nil
	}
	if len(args) < len(c.Args) {
		return faultf(partClose, "%s gets %s, expected %d", c, count(len(args)), len(c.Args))
	}
	if len(args) > len(c.Args) {
		return faultf(skip+len(c.Args), "%s gets %s, expected %d", c, count(len(args)), len(c.Args))
	}
	for i, a := range args {
		if a.Type != c.Args[i] {
			return faultf(skip+i, "argument %d of %s is %s, expected %s", i+1, c, describe(a),
				typeNames[c.Args[i]])
		}
	}
	return nil
}

// checkRange checks the second argument of operations that do not take any
// number there.
func checkRange(op *Op, lo, hi int64) *fault {
	if n := op.Args[1]; n.Code == OpConstInt && (n.Int() < lo || n.Int() > hi) {
		return faultf(1, "argument 2 of %s is %d, expected %d to %d", op.Code, n.Int(), lo, hi)
	}
	return nil
}

func checkLabel(op *Op) *fault {
	seen := make(map[*Op]bool, len(op.Args))
	for i, a := range op.Args {
		if a.IsConst() {
			return faultf(i, "argument %d of label is a constant, expected a variable", i+1)
		}
		if seen[a] {
			return faultf(i, "argument %d of label stands there twice, expected different variables", i+1)
		}
		seen[a] = true
	}
	return nil
}

// checkExit checks that guards, and only guards, have failargs.
func checkExit(c Opcode, has bool) *fault {
	isGuard := c.Has(Guard)
	if isGuard && !has {
		return faultf(partEnd, "%s has no failargs, expected a list such as [] or [i0, p1]", c)
	}
	if !isGuard && has {
		return faultf(partEnd, "%s has failargs, but only guards have them", c)
	}
	return nil
}

// checkMade checks that the value of an immediate object is written directly
// behind the allocation: it is no memory that could be written to later, and
// before is the operation before, or nil.
func checkMade(op, before *Op) *fault {
	f, ok := op.Descr.(*heap.Field)
	if !ok || op.Code != SetfieldGc || f.Owner.Immediate == nil {
		return nil
	}
	if before != nil && before.Code == NewWithVtable && before == op.Args[0] {
		return nil
	}
	return faultf(partName, "%s is the value of an immediate object, expected %s directly behind the new_with_vtable of that object",
		f, op.Code)
}

// checkPending checks that c is one of the stores that may be put off.
func checkPending(c Opcode) *fault {
	if c == SetfieldGc || c == SetarrayitemGc {
		return nil
	}
	return faultf(partName, "%s can't be a pending store, expected setfield_gc or setarrayitem_gc", c)
}

// checkStore does for a pending store what checkOp does for an operation. A
// virtual object is as good as any ref there.
func checkStore(op *Op) *fault {
	if f := checkMade(op, nil); f != nil {
		return f
	}
	plain := *op
	plain.Args = slices.Clone(op.Args)
	for i, a := range plain.Args {
		if a.Code == OpVirtual {
			plain.Args[i] = Null
		}
	}
	return checkOp(&plain)
}

// checkJump returns how the arguments of jump disagree with target, or nil.
func checkJump(jump *Op, target []*Op, what string) *fault {
	if have, want := len(jump.Args), len(target); have != want {
		part := partClose
		if have > want {
			part = want
		}
		return faultf(part, "jump has %s, expected %d as %s", count(have), want, what)
	}
	for i, a := range jump.Args {
		if a.Type != target[i].Type {
			return faultf(i, "argument %d of jump is %s, expected %s as %s", i+1, describe(a),
				typeNames[target[i].Type], what)
		}
	}
	return nil
}

// isOverflowGuard reports whether c tests the overflow flag.
func isOverflowGuard(c Opcode) bool { return c == GuardNoOverflow || c == GuardOverflow }
