package heap

import (
	"fmt"
	"math"
)

// Kind is what a word holds.
type Kind uint8

// The kinds of words. KindVoid is the result of something that has none.
const (
	KindVoid Kind = iota
	KindInt
	KindFloat
	KindRef
)

// String returns the letter of k in the text form of a trace.
func (k Kind) String() string { return string("vifr"[k]) }

// A Field is one word of the objects of a class.
type Field struct {
	Name      string
	Kind      Kind
	Immutable bool // written once, before anybody else sees the object
	// Lo and Hi bound the values of an int field, both included.
	Lo, Hi int64
	Owner  *Class // the class that declares the field
	Index  int    // which word of the object, counted behind the header

	shift uint8 // of the Tagging, if Owner is immediate
}

// String returns the field as a trace names it: NODE.value.
func (f *Field) String() string { return f.Owner.Name + "." + f.Name }

// A Class describes the objects with one layout: a struct with fields, or an
// array whose items all have one kind.
type Class struct {
	ID   uint32 // place in its Classes, from 1; the low half of an object's header
	Name string
	// Vtable is the name by which ConstClass and guard_class know the class;
	// "" if its objects have no class word in the eyes of a trace.
	Vtable string
	Base   *Class   // the class it inherits from, or nil
	Fields []*Field // in the order of the words, inherited ones first
	Item   *Field   // arrays: what each item is; nil for structs
	// Immediate says which words the objects are, if they are not in memory; nil
	// for all classes but one.
	Immediate *Tagging

	bytes    uint64 // size of an object, header included; of an array without its items
	refs     []int  // structs: the words that hold refs
	refItems bool   // arrays: the items are refs
}

// IsArray reports whether the objects of c are arrays.
func (c *Class) IsArray() bool { return c.Item != nil }

// Field returns the field called name, own or inherited, or nil.
func (c *Class) Field(name string) *Field {
	for i := len(c.Fields) - 1; i >= 0; i-- {
		if c.Fields[i].Name == name {
			return c.Fields[i]
		}
	}
	return nil
}

// Slot returns what word i of an object of c is: a field, or any item.
func (c *Class) Slot(i int) *Field {
	if c.IsArray() {
		return c.Item
	}
	return c.Fields[i]
}

// Inherits reports whether c is other or inherits from it.
func (c *Class) Inherits(other *Class) bool {
	for ; c != nil; c = c.Base {
		if c == other {
			return true
		}
	}
	return false
}

// String returns the name of c.
func (c *Class) String() string { return c.Name }

// Classes is the list of all classes of one guest program (or of one trace
// that was read from text). A heap and the traces that run on it share one.
// The zero value is an empty list.
type Classes struct {
	all       []*Class
	byName    map[string]*Class
	immediate *Class // or nil
}

// All returns the classes in the order in which they were declared.
func (cs *Classes) All() []*Class { return cs.all }

// Named returns the class called name, or nil.
func (cs *Classes) Named(name string) *Class { return cs.byName[name] }

// Struct declares a struct. base may be nil; fields are the ones it adds, whose
// Owner and Index are set here. An integer field whose Lo and Hi are both 0 has
// the range of all integers. A name that is taken is an error.
func (cs *Classes) Struct(name, vtable string, base *Class, fields ...Field) (*Class, error) {
	c := &Class{Name: name, Vtable: vtable, Base: base}
	if base != nil {
		if base.IsArray() {
			return nil, fmt.Errorf("struct %s: its base %s is an array", name, base.Name)
		}
		if base.Immediate != nil {
			return nil, fmt.Errorf("struct %s: its base %s is immediate", name, base.Name)
		}
		c.Fields = append(c.Fields, base.Fields...)
	}
	for _, f := range fields {
		for _, g := range c.Fields {
			if g.Owner == c && g.Name == f.Name {
				return nil, fmt.Errorf("struct %s: field %s is declared twice", name, f.Name)
			}
		}
		f.Owner, f.Index = c, len(c.Fields)
		f.bound()
		c.Fields = append(c.Fields, &f)
	}
	return c, cs.add(c)
}

// Array declares an array class with items like item, whose Name is ignored.
func (cs *Classes) Array(name string, item Field) (*Class, error) {
	c := &Class{Name: name, Item: &item}
	item.Name, item.Owner = "[]", c
	item.bound()
	return c, cs.add(c)
}

func (f *Field) bound() {
	if f.Lo == 0 && f.Hi == 0 {
		f.Lo, f.Hi = math.MinInt64, math.MaxInt64
	}
}

func (cs *Classes) add(c *Class) error {
	if cs.byName[c.Name] != nil {
		return fmt.Errorf("class %s is declared twice", c.Name)
	}
	if cs.byName == nil {
		cs.byName = map[string]*Class{}
	}
	c.ID = uint32(len(cs.all) + 1) // never 0: a zero header is memory without an object
	c.layout()
	cs.all = append(cs.all, c)
	cs.byName[c.Name] = c
	return nil
}

// layout computes what the heap wants to know of c at every allocation and
// every visit of an object.
func (c *Class) layout() {
	c.bytes = wordBytes * uint64(1+len(c.Fields))
	for _, f := range c.Fields {
		if f.Kind == KindRef {
			c.refs = append(c.refs, f.Index)
		}
	}
	c.refItems = c.Item != nil && c.Item.Kind == KindRef
}
