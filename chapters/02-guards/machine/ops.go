package machine

import (
	"math"
	"math/bits"

	"metatrace/internal/heap"
)

// Decisions.

// If turns a red truth value into a green one.
func (m *Machine) If(b Bool) bool { return b }

// Promote turns a red integer into a green one: in a trace it is a constant.
func (m *Machine) Promote(a Int) int64 { return a }

// IsNull decides whether r is null.
func (m *Machine) IsNull(r Ref) bool { return r == 0 }

// ClassIs decides whether r is an object of exactly the class c.
func (m *Machine) ClassIs(r Ref, c *heap.Class) bool { return m.Heap.Is(r, c) }

// ClassOf makes the class of r green; it is nil for null.
func (m *Machine) ClassOf(r Ref) *heap.Class {
	if r == 0 {
		return nil
	}
	return m.Heap.Class(r)
}

// Constants.

// IntConst makes the green n red.
func (m *Machine) IntConst(n int64) Int { return n }

// RefConst makes the address of a prebuilt object red. The object is never freed.
func (m *Machine) RefConst(r heap.Ref) Ref { return r }

// Null returns the reference to no object.
func (m *Machine) Null() Ref { return 0 }

// Integers. Arithmetic wraps at 64 bits; shift counts are 0 to 63.

// IntAdd returns a+b.
func (m *Machine) IntAdd(a, b Int) Int { return a + b }

// IntSub returns a-b.
func (m *Machine) IntSub(a, b Int) Int { return a - b }

// IntAnd returns a&b.
func (m *Machine) IntAnd(a, b Int) Int { return a & b }

// IntOr returns a|b.
func (m *Machine) IntOr(a, b Int) Int { return a | b }

// IntXor returns a^b.
func (m *Machine) IntXor(a, b Int) Int { return a ^ b }

// IntLshift returns a<<n.
func (m *Machine) IntLshift(a, n Int) Int { return a << uint64(n&63) }

// IntRshift returns a>>n, the sign kept.
func (m *Machine) IntRshift(a, n Int) Int { return a >> uint64(n&63) }

// UintRshift returns a>>n, zeros shifted in.
func (m *Machine) UintRshift(a, n Int) Int { return int64(uint64(a) >> uint64(n&63)) }

// IntInvert returns ^a.
func (m *Machine) IntInvert(a Int) Int { return ^a }

// IntDiv returns a/b, truncated. b is not 0, and not -1.
func (m *Machine) IntDiv(a, b Int) Int { return a / b }

// IntMod returns what a/b leaves over; it has the sign of a. b is not 0.
func (m *Machine) IntMod(a, b Int) Int { return a % b }

// IntAddOvf returns a+b and decides whether it fits.
func (m *Machine) IntAddOvf(a, b Int) (Int, bool) {
	sum := a + b
	return sum, (a^sum)&(b^sum) >= 0
}

// IntSubOvf returns a-b and decides whether it fits.
func (m *Machine) IntSubOvf(a, b Int) (Int, bool) {
	diff := a - b
	return diff, (a^b)&(a^diff) >= 0
}

// IntMulOvf returns a*b and decides whether it fits.
func (m *Machine) IntMulOvf(a, b Int) (Int, bool) {
	high, low := bits.Mul64(uint64(a), uint64(b))
	signed := int64(high) - (a>>63)&b - (b>>63)&a
	return int64(low), signed == int64(low)>>63
}

// IntLt returns a<b.
func (m *Machine) IntLt(a, b Int) Bool { return a < b }

// IntLe returns a<=b.
func (m *Machine) IntLe(a, b Int) Bool { return a <= b }

// IntEq returns a==b.
func (m *Machine) IntEq(a, b Int) Bool { return a == b }

// IntNe returns a!=b.
func (m *Machine) IntNe(a, b Int) Bool { return a != b }

// UintGe returns a>=b, both taken as unsigned.
func (m *Machine) UintGe(a, b Int) Bool { return uint64(a) >= uint64(b) }

// Floats.

// FloatAdd returns a+b.
func (m *Machine) FloatAdd(a, b Float) Float { return a + b }

// FloatSub returns a-b.
func (m *Machine) FloatSub(a, b Float) Float { return a - b }

// FloatMul returns a*b. The conversion keeps Go from fusing it with an addition,
// which would round only once.
func (m *Machine) FloatMul(a, b Float) Float { return float64(a * b) }

// FloatTruediv returns a/b.
func (m *Machine) FloatTruediv(a, b Float) Float { return a / b }

// FloatNeg returns -a.
func (m *Machine) FloatNeg(a Float) Float { return -a }

// FloatLt returns a<b.
func (m *Machine) FloatLt(a, b Float) Bool { return a < b }

// FloatLe returns a<=b.
func (m *Machine) FloatLe(a, b Float) Bool { return a <= b }

// FloatEq returns a==b.
func (m *Machine) FloatEq(a, b Float) Bool { return a == b }

// FloatNe returns a!=b.
func (m *Machine) FloatNe(a, b Float) Bool { return a != b }

// FloatConst makes the green x red.
func (m *Machine) FloatConst(x float64) Float { return x }

// CastIntToFloat returns the float next to a.
func (m *Machine) CastIntToFloat(a Int) Float { return float64(a) }

// CastFloatToInt returns a without its fraction. It fits.
func (m *Machine) CastFloatToInt(a Float) Int { return int64(a) }

// References and objects.

// PtrEq returns whether a and b are one object, or both null.
func (m *Machine) PtrEq(a, b Ref) Bool { return a == b }

// New allocates an object; its fields are 0 or null.
func (m *Machine) New(c *heap.Class) Ref {
	r := m.Heap.New(c)
	if r == 0 {
		outOfMemory()
	}
	return r
}

// NewArray allocates an array of n items, 0 or null. n is not negative.
func (m *Machine) NewArray(c *heap.Class, n Int) Ref {
	r := m.Heap.NewArray(c, n)
	if r == 0 {
		outOfMemory()
	}
	return r
}

// outOfMemory unwinds to Protect. The heap itself never panics: it returns null,
// and an interpreter that had to ask at each allocation would read worse.
func outOfMemory() { panic(ErrOutOfMemory) }

// Protect runs f and turns the end of memory into its error.
func Protect(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if r != any(ErrOutOfMemory) {
				panic(r)
			}
			err = ErrOutOfMemory
		}
	}()
	return f()
}

// Tag returns the object of the immediate class c that holds v, which must fit.
func (m *Machine) Tag(c *heap.Class, v Int) Ref { return c.Immediate.Word(v) }

// GetInt reads an int field of r.
func (m *Machine) GetInt(r Ref, f *heap.Field) Int { return m.Heap.Int(r, f) }

// SetInt writes an int field of r.
func (m *Machine) SetInt(r Ref, f *heap.Field, v Int) { m.Heap.SetWord(r, f.Index, uint64(v)) }

// GetFloat reads a float field of r.
func (m *Machine) GetFloat(r Ref, f *heap.Field) Float {
	return math.Float64frombits(m.Heap.Word(r, f.Index))
}

// SetFloat writes a float field of r.
func (m *Machine) SetFloat(r Ref, f *heap.Field, v Float) {
	m.Heap.SetWord(r, f.Index, math.Float64bits(v))
}

// GetRef reads a reference field of r.
func (m *Machine) GetRef(r Ref, f *heap.Field) Ref { return m.Heap.Word(r, f.Index) }

// SetRef writes a reference field of r.
func (m *Machine) SetRef(r Ref, f *heap.Field, v Ref) { m.Heap.SetWord(r, f.Index, v) }

// Len returns the length of the array r, of class c.
func (m *Machine) Len(r Ref, c *heap.Class) Int { return m.Heap.Len(r) }

// GetItem reads item i of the array r, of class c.
func (m *Machine) GetItem(r Ref, c *heap.Class, i Int) Ref { return m.Heap.Word(r, int(i)) }

// SetItem writes item i of the array r, of class c.
func (m *Machine) SetItem(r Ref, c *heap.Class, i Int, v Ref) { m.Heap.SetWord(r, int(i), v) }
