package heap

import "fmt"

// An object with one small number in it need not be in memory at all: its
// "address" can be the number itself, with a tag that no address has. Addresses
// are multiples of 8, so what has one of the lowest three bits set is such a
// word. (Every Lisp since MACLISP does it; David Gudeman, "Representing Type
// Information in Dynamically Typed Languages", 1993, compares the ways.)
//
//	an object     ...aaaaa000    aaaaa000 is where its header is
//	null          0
//	an immediate  vvvvvvvvvvv1   Tagging{Shift: 1, Tag: 1}: the value is v

// A Tagging says which words the objects of an immediate class are:
// value<<Shift | Tag.
type Tagging struct {
	Shift uint8  // 1 to 32
	Tag   uint64 // below 1<<Shift, one of its lowest three bits set
}

// tagBits are the bits that no address has.
const tagBits = wordBytes - 1

// IsTagged reports whether r is no address: an object of the immediate class.
func IsTagged(r Ref) bool { return r&tagBits != 0 }

// Mask returns the bits of a word in which the tag stands.
func (t Tagging) Mask() uint64 { return 1<<t.Shift - 1 }

// Word returns the object that holds value, which must fit. (Here and below, &63 says
// to Go that the shift is below 64, so that it need not ask.)
func (t Tagging) Word(value int64) Ref { return uint64(value)<<(t.Shift&63) | t.Tag }

// Value returns what the object r holds.
func (t Tagging) Value(r Ref) int64 { return int64(r) >> (t.Shift & 63) }

// Bounds returns the least and the largest value that fit.
func (t Tagging) Bounds() (lo, hi int64) { return -1 << (63 - t.Shift), 1<<(63-t.Shift) - 1 }

// SetImmediate makes c the immediate class of cs: its objects are words tagged
// like t, and never in memory. c has a vtable, inherits nothing and is inherited
// by nobody, and has exactly one field, an immutable int whose range fits. There
// is at most one such class.
func (cs *Classes) SetImmediate(c *Class, t Tagging) error {
	switch {
	case t.Shift < 1 || t.Shift > 32:
		return fmt.Errorf("the shift of %s is %d, expected 1 to 32", c, t.Shift)
	case t.Tag > t.Mask() || !IsTagged(t.Tag):
		return fmt.Errorf("the tag of %s is %d, expected one below %d that has one of the lowest three bits set", c, t.Tag, t.Mask()+1)
	case cs.immediate != nil:
		return fmt.Errorf("%s is immediate already, expected one such class at most", cs.immediate)
	case c.IsArray() || c.Vtable == "" || c.Base != nil || len(c.Fields) != 1:
		return fmt.Errorf("%s can't be immediate, expected a struct with a vtable, without a base, and with one field", c)
	}
	f := c.Fields[0]
	lo, hi := t.Bounds()
	if f.Kind != KindInt || !f.Immutable || f.Lo < lo || f.Hi > hi {
		return fmt.Errorf("%s can't be the value of an immediate object, expected %s:i[%d,%d]! or a smaller range", f, f.Name, lo, hi)
	}
	for _, other := range cs.all {
		if other.Base == c {
			return fmt.Errorf("%s can't be immediate, %s inherits from it", c, other)
		}
	}
	c.Immediate, cs.immediate = &t, c
	f.shift = t.Shift
	c.bytes = noObject
	return nil
}

// noObject is the size of objects that can't be allocated: none has room in any
// hole, so that New gets to its slow path.
const noObject = 1 << 62

// Immediate returns the immediate class, or nil.
func (cs *Classes) Immediate() *Class { return cs.immediate }

// Int returns the int field f of r, which may be a tagged word.
func (h *Heap) Int(r Ref, f *Field) int64 {
	if IsTagged(r) {
		return int64(r) >> (f.shift & 63)
	}
	return int64(h.Word(r, f.Index))
}

// Load returns word i of r as Word does, but r may be a tagged word.
func (h *Heap) Load(r Ref, i int) uint64 {
	if IsTagged(r) {
		return uint64(h.classes.immediate.Immediate.Value(r))
	}
	return h.Word(r, i)
}
