package tiny

import (
	"fmt"
	"slices"
	"strings"

	"metatrace/internal/nearest"
)

// Limits of the language. They are the same however a program is executed.
const (
	MaxDepth   = 10000   // calls that are active at once, the main program not counted
	MaxArray   = 1 << 26 // items of an array
	MaxFrame   = 256     // locals and stack of one function
	PrintDepth = 3       // objects and arrays that print shows inside one another; deeper ones are Ellipsis
	PrintItems = 100     // items that print shows of one array; one Ellipsis stands for the others
)

// Ellipsis is what print writes for parts that it leaves out.
const Ellipsis = "…"

// Error is a compile error or a runtime error, with its place in the source.
type Error struct {
	File string
	Pos  Pos
	Msg  string
}

// Error returns FILE:LINE:COLUMN: message.
func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Pos.Line, e.Pos.Col, e.Msg)
}

// What the values are called in error messages. Objects are KindObject.
const (
	KindNil   = "nil"
	KindInt   = "an int"
	KindFloat = "a float"
	KindArray = "an array"
)

// Messages of runtime errors without figures.
const (
	DivisionByZero = "division by zero"
	OutOfMemory    = "out of memory"
)

// KindObject is what an object of a class is called in error messages.
func KindObject(class string) string {
	if strings.ContainsRune("AEIOUaeiou", rune(class[0])) {
		return "an " + class
	}
	return "a " + class
}

// TypeError says that op got operands of the wrong types. kinds are what it
// got, in order: TypeError(OpAdd, KindNil, KindObject("Point")) is
// "+ needs numbers, got nil and a Point".
func TypeError(op Op, kinds ...string) string {
	return fmt.Sprintf("%s needs %s, got %s", op.form(), table[op].needs, strings.Join(kinds, " and "))
}

// IndexError says that an array has no item i.
func IndexError(i, length int64) string {
	return fmt.Sprintf("index %d out of range, the array has %s", i, count(int(length), "item"))
}

// LengthError says that no array may have n items.
func LengthError(n int64) string {
	return fmt.Sprintf("an array cannot have %d items, expected 0 to %d", n, MaxArray)
}

// ShiftError says that a shift by n is not defined.
func ShiftError(n int64) string {
	return fmt.Sprintf("shift by %d, expected 0 to 63", n)
}

// ToIntError says that a float has no integer next to it.
func ToIntError(f float64) string {
	return fmt.Sprintf("int of %s is out of range", FormatFloat(f))
}

// FieldError says that the objects of a class have no such field.
func FieldError(class ClassDecl, field string) string {
	return fmt.Sprintf("%s has no field %s, its fields: %s",
		KindObject(class.Name), field, strings.Join(class.Fields, " "))
}

// DepthError says that MaxDepth calls are active and one more was made.
func DepthError() string {
	return fmt.Sprintf("stack too deep: %d calls", MaxDepth)
}

// count is "1 item" or "5 items".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// meant is the known name that a misspelt one most likely meant, as a hint for
// an error message; "" if none is near.
func meant(name string, known []string) string {
	slices.Sort(known)
	best, _ := nearest.Name(name, min(len(name)/3+1, len(name)-1), known)
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}
