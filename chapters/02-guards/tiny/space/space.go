// Package space says how the values of tiny look on the heap: boxes with a
// class and one field for the numbers, as PyPy's object space has them
// (W_IntObject), null for nil, objects and arrays. Both copies of the
// interpreter work on one Space.
//
//	nil    null
//	12     W_Int{value=12}; with tagged boxes no object but a word, if it fits
//	       into 63 bits, else W_Long{value=12}
//	1.5    W_Float{value=1.5}
//	array  W_Array{items=a}, where a is an array of references
//	object a struct with the class's name and fields
package space

import (
	"fmt"
	"io"
	"strings"

	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/internal/heap"
)

// Boxes says how numbers look on the heap.
type Boxes uint8

// The kinds of boxes. The language is the same with all of them.
const (
	HeapBoxes   Boxes = iota // every number is an object
	TaggedBoxes              // an int is a tagged word if it fits, else an object
)

// Space is a loaded program: its classes, its constants and its code.
type Space struct {
	Program *tiny.Program
	Heap    *heap.Heap
	Classes *heap.Classes

	Int, Float, Array           *heap.Class
	IntValue, FloatValue, Items *heap.Field // the only field of each
	// Long has the ints that do not fit into an Int. nil with heap boxes: then
	// all do.
	Long      *heap.Class
	LongValue *heap.Field
	Refs      *heap.Class // what Items refers to

	Main   *Code
	Funcs  []*Code         // what a call of each function executes now
	Cells  []*machine.Cell // that change when it is redefined; nil if it never is
	User   []*heap.Class   // by the number of the declaration
	Consts []heap.Ref      // boxes of the constants
	One    heap.Ref        // what a comparison that holds gives
	Opaque []*machine.Func // of each function, the call that nobody looks into
	Prints *machine.Func
	Fill   *machine.Func // n v: an array of n times v
	// Redefine makes calls of the first function execute the code of the second.
	Redefine map[Pair]*machine.Func

	fields [][]*heap.Field   // by class ID and field name: where it is
	decls  []*tiny.ClassDecl // by class ID
	out    io.Writer
	pinned heap.Ref // an object that print or fill has in hand
}

// Pair is two functions by their numbers.
type Pair [2]int32

// Code is a function or the main program, with what the machine needs of it.
type Code struct {
	*tiny.Code
	Machine *machine.Code
}

// Load puts the program on a new heap. What it prints goes to out. opaque does
// an opaque call: it executes code on frames of its own.
func Load(p *tiny.Program, boxes Boxes, opt heap.Options, out io.Writer,
	opaque func(code *machine.Code, args []heap.Ref) (heap.Ref, error)) (*Space, error) {
	s := &Space{Program: p, Classes: &heap.Classes{}, out: out}
	if err := s.declare(boxes); err != nil {
		return nil, err
	}
	h, err := heap.New(s.Classes, opt)
	if err != nil {
		return nil, err
	}
	s.Heap = h
	h.AddRoots(func(v *heap.Visitor) {
		v.Ref(s.One)
		v.Ref(s.pinned)
		for _, r := range s.Consts {
			v.Ref(r)
		}
	})
	if err := s.constants(); err != nil {
		h.Close()
		return nil, err
	}
	s.Main = newCode(p.Main)
	s.Prints = &machine.Func{Name: "print", Do: s.print}
	s.Fill = &machine.Func{Name: "fill", Do: s.fill}
	for i, f := range p.Funcs {
		s.Funcs = append(s.Funcs, newCode(f))
		s.Opaque = append(s.Opaque, &machine.Func{
			Name: "opaque_" + identifier(f.Name),
			Do:   func(args []heap.Ref) (heap.Ref, error) { return opaque(s.Funcs[i].Machine, args) },
		})
	}
	s.redefinitions()
	return s, nil
}

func newCode(c *tiny.Code) *Code {
	code := &Code{Code: c}
	code.Machine = &machine.Code{
		Name: c.Name, Params: c.Params, Locals: c.Locals, Slots: c.Locals + c.MaxStack,
		Loops: make([]machine.Counter, len(c.Loops)), Guest: code,
	}
	return code
}

// declare makes the classes: those of the language, then the program's.
func (s *Space) declare(boxes Boxes) error {
	value := heap.Field{Name: "value", Kind: heap.KindInt, Immutable: true}
	if boxes == TaggedBoxes {
		s.Long = s.class("W_Long", value)
		s.LongValue = s.Long.Fields[0]
		value.Lo, value.Hi = tagging.Bounds()
	}
	s.Int = s.class("W_Int", value)
	if boxes == TaggedBoxes {
		if err := s.Classes.SetImmediate(s.Int, tagging); err != nil {
			return err
		}
	}
	s.Float = s.class("W_Float", heap.Field{Name: "value", Kind: heap.KindFloat, Immutable: true})
	s.IntValue, s.FloatValue = s.Int.Fields[0], s.Float.Fields[0]
	s.Array = s.class("W_Array", heap.Field{Name: "items", Kind: heap.KindRef, Immutable: true})
	s.Items = s.Array.Fields[0]
	refs, err := s.Classes.Array("REFS", heap.Field{Kind: heap.KindRef})
	if err != nil {
		return err
	}
	s.Refs = refs
	for i := range s.Program.Classes {
		d := &s.Program.Classes[i]
		var fields []heap.Field
		for _, name := range d.Fields {
			fields = append(fields, heap.Field{Name: identifier(name), Kind: heap.KindRef})
		}
		s.User = append(s.User, s.class(identifier(d.Name), fields...))
	}
	n := len(s.Classes.All()) + 1
	s.fields, s.decls = make([][]*heap.Field, n), make([]*tiny.ClassDecl, n)
	for i, c := range s.User {
		d := &s.Program.Classes[i]
		s.decls[c.ID] = d
		s.fields[c.ID] = make([]*heap.Field, len(s.Program.FieldNames))
		for j, name := range s.Program.FieldNames {
			for k, own := range d.Fields {
				if own == name {
					s.fields[c.ID][j] = c.Fields[k]
				}
			}
		}
	}
	return nil
}

// tagging is that of PyPy's and most Lisps' small integers. The interpreter finds
// out whether n fits by computing n+n.
var tagging = heap.Tagging{Shift: 1, Tag: 1}

// class declares a class; where the name is taken, a number makes it another.
func (s *Space) class(name string, fields ...heap.Field) *heap.Class {
	for i, unique := 2, name; ; i, unique = i+1, fmt.Sprintf("%s_%d", name, i) {
		if s.Classes.Named(unique) == nil {
			for j := range fields {
				fields[j].Name = distinct(fields[:j], fields[j].Name)
			}
			c, err := s.Classes.Struct(unique, unique+"_vtable", nil, fields...)
			if err != nil {
				panic("space: " + err.Error()) // names are distinct
			}
			return c
		}
	}
}

func distinct(taken []heap.Field, name string) string {
	for _, f := range taken {
		if f.Name == name {
			return distinct(taken, name+"_")
		}
	}
	return name
}

// identifier makes a name of tiny one that can stand in the text of a trace.
func identifier(name string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' {
			return c
		}
		return '_'
	}, name)
}

func (s *Space) constants() error {
	s.One = s.box(1)
	for _, k := range s.Program.Consts {
		r := heap.Ref(0)
		if k.IsFloat {
			if r = s.Heap.New(s.Float); r != 0 {
				s.Heap.SetWord(r, 0, k.Bits)
			}
		} else {
			r = s.box(k.Int())
		}
		if r == 0 {
			return machine.ErrOutOfMemory
		}
		s.Consts = append(s.Consts, r)
	}
	return nil
}

// box returns a new box of n, or 0 if the heap is full.
func (s *Space) box(n int64) heap.Ref {
	class := s.Int
	if s.Long != nil {
		if n >= s.IntValue.Lo && n <= s.IntValue.Hi {
			return tagging.Word(n)
		}
		class = s.Long
	}
	r := s.Heap.New(class)
	if r != 0 {
		s.Heap.SetWord(r, 0, uint64(n))
	}
	return r
}

// Field returns the field of class c that the program's field name number name
// stands for, or nil.
func (s *Space) Field(c *heap.Class, name int32) *heap.Field {
	if fields := s.fields[c.ID]; fields != nil {
		return fields[name]
	}
	return nil
}

// fill makes an array of n times v: a residual call, since a trace of its loop
// would be good for one length only.
func (s *Space) fill(args []heap.Ref) (heap.Ref, error) {
	array := s.Heap.New(s.Array)
	s.pinned = array
	defer func() { s.pinned = 0 }()
	n := int64(s.Heap.Load(args[0], 0))
	items := s.Heap.NewArray(s.Refs, n)
	if array == 0 || items == 0 {
		return 0, machine.ErrOutOfMemory
	}
	for i := range int(n) {
		s.Heap.SetWord(items, i, args[1])
	}
	s.Heap.SetWord(array, 0, items)
	return array, nil
}

// IsObject reports whether c is a class that the program declares.
func (s *Space) IsObject(c *heap.Class) bool { return s.fields[c.ID] != nil }
