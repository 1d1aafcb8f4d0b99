package space

import (
	"math"
	"strconv"
	"strings"

	"metatrace/chapters/02-guards/tiny"
	"metatrace/internal/heap"
)

// print writes its arguments on a line. It is a residual call: the recorder
// does not look into it.
func (s *Space) print(args []heap.Ref) (heap.Ref, error) {
	var b strings.Builder
	for i, r := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		s.format(&b, r, 0)
	}
	b.WriteByte('\n')
	_, err := s.out.Write([]byte(b.String()))
	return 0, err
}

// Format returns r as print shows it.
func (s *Space) Format(r heap.Ref) string {
	var b strings.Builder
	s.format(&b, r, 0)
	return b.String()
}

func (s *Space) format(b *strings.Builder, r heap.Ref, depth int) {
	if r == 0 {
		b.WriteString("nil")
		return
	}
	switch c := s.Heap.Class(r); {
	case c == s.Int || c == s.Long:
		b.WriteString(strconv.FormatInt(int64(s.Heap.Load(r, 0)), 10))
	case c == s.Float:
		b.WriteString(tiny.FormatFloat(math.Float64frombits(s.Heap.Word(r, 0))))
	case depth == tiny.PrintDepth:
		b.WriteString(tiny.Ellipsis)
	case c == s.Array:
		s.formatArray(b, r, depth)
	default:
		d := s.decls[c.ID]
		b.WriteString("(" + d.Name)
		for i, name := range d.Fields {
			b.WriteString(" " + name + "=")
			s.format(b, s.Heap.Word(r, i), depth+1)
		}
		b.WriteByte(')')
	}
}

func (s *Space) formatArray(b *strings.Builder, r heap.Ref, depth int) {
	b.WriteByte('[')
	r = s.Heap.Word(r, 0)
	n := int(s.Heap.Len(r))
	for i := range min(n, tiny.PrintItems) {
		if i > 0 {
			b.WriteByte(' ')
		}
		s.format(b, s.Heap.Word(r, i), depth+1)
	}
	if n > tiny.PrintItems {
		b.WriteString(" " + tiny.Ellipsis)
	}
	b.WriteByte(']')
}

// Kind returns what r is called in error messages.
func (s *Space) Kind(r heap.Ref) string {
	if r == 0 {
		return tiny.KindNil
	}
	switch c := s.Heap.Class(r); c {
	case s.Int, s.Long:
		return tiny.KindInt
	case s.Float:
		return tiny.KindFloat
	case s.Array:
		return tiny.KindArray
	default:
		return tiny.KindObject(s.decls[c.ID].Name)
	}
}

// Fault says what is wrong with an instruction and its operands.
type Fault uint8

// The faults. NoFault is none.
const (
	NoFault Fault = iota
	BadType
	BadDivisor
	BadShift
	BadIndex
	BadLength
	BadCast
	BadField
	BadDepth
)

// Error returns the error message for a fault of in with the given operands.
func (s *Space) Error(f Fault, in tiny.Instr, operands ...heap.Ref) string {
	word := func(i int) int64 { return int64(s.Heap.Load(operands[i], 0)) }
	switch f {
	case BadDivisor:
		return tiny.DivisionByZero
	case BadShift:
		return tiny.ShiftError(word(1))
	case BadIndex:
		return tiny.IndexError(word(1), s.Heap.Len(uint64(word(0))))
	case BadLength:
		return tiny.LengthError(word(0))
	case BadCast:
		return tiny.ToIntError(math.Float64frombits(uint64(word(0))))
	case BadField:
		return tiny.FieldError(*s.decls[s.Heap.Class(operands[0]).ID], s.Program.FieldNames[in.A])
	case BadDepth:
		return tiny.DepthError()
	}
	switch in.Op { // the value that is stored may be anything
	case tiny.OpSetField, tiny.OpInitArray:
		operands = operands[:1]
	case tiny.OpSetAt:
		operands = operands[:2]
	}
	var kinds []string
	for _, r := range operands {
		kinds = append(kinds, s.Kind(r))
	}
	return tiny.TypeError(in.Op, kinds...)
}
