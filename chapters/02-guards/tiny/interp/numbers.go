package interp

import (
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// pushInt replaces the n operands on top of the stack by a box of v. With tagged
// boxes it decides which kind, so that nothing may have been changed before.
func pushInt(m *Machine, s *space.Space, n int, v Int) space.Fault {
	if s.Long != nil {
		return pushTagged(m, s, n, v)
	}
	box := m.New(s.Int)
	m.SetInt(box, s.IntValue, v)
	m.Replace(n, box)
	return space.NoFault
}

// pushTagged does as pushInt with tagged boxes. v+v overflows if v needs all 64 bits.
func pushTagged(m *Machine, s *space.Space, n int, v Int) space.Fault {
	if _, fits := m.IntAddOvf(v, v); fits {
		m.Replace(n, m.Tag(s.Int, v))
		return space.NoFault
	}
	box := m.New(s.Long)
	m.SetInt(box, s.LongValue, v)
	m.Replace(n, box)
	return space.NoFault
}

func pushFloat(m *Machine, s *space.Space, n int, v Float) space.Fault {
	box := m.New(s.Float)
	m.SetFloat(box, s.FloatValue, v)
	m.Replace(n, box)
	return space.NoFault
}

// pushBool replaces the n operands on top of the stack by 1 or nil. holds is
// green: the decision is made, and the result is one of two constants.
func pushBool(m *Machine, s *space.Space, n int, holds bool) {
	if holds {
		m.Replace(n, m.RefConst(s.One))
	} else {
		m.Replace(n, m.Null())
	}
}

// intField decides whether v is an integer, and returns the field that holds its
// value, or nil.
func intField(m *Machine, s *space.Space, v Ref) *heap.Field {
	if m.ClassIs(v, s.Int) {
		return s.IntValue
	}
	if s.Long != nil && m.ClassIs(v, s.Long) {
		return s.LongValue
	}
	return nil
}

// ints returns the two operands if both are integers.
func ints(m *Machine, s *space.Space) (a, b Int, ok bool) {
	x, y := m.Peek(1), m.Peek(0)
	if m.ClassIs(x, s.Int) && m.ClassIs(y, s.Int) {
		return m.GetInt(x, s.IntValue), m.GetInt(y, s.IntValue), true
	}
	if s.Long != nil {
		return longs(m, s, x, y)
	}
	return a, b, false
}

// longs does as ints where there are two classes of integers.
func longs(m *Machine, s *space.Space, x, y Ref) (a, b Int, ok bool) {
	if f := intField(m, s, x); f != nil {
		if g := intField(m, s, y); g != nil {
			return m.GetInt(x, f), m.GetInt(y, g), true
		}
	}
	return a, b, false
}

// toFloat returns v as a float if it is a number.
func toFloat(m *Machine, s *space.Space, v Ref) (f Float, ok bool) {
	if m.ClassIs(v, s.Float) {
		return m.GetFloat(v, s.FloatValue), true
	}
	if field := intField(m, s, v); field != nil {
		return m.CastIntToFloat(m.GetInt(v, field)), true
	}
	return f, false
}

// floats returns the two operands as floats if both are numbers.
func floats(m *Machine, s *space.Space) (a, b Float, ok bool) {
	if a, ok = toFloat(m, s, m.Peek(1)); !ok {
		return a, b, false
	}
	b, ok = toFloat(m, s, m.Peek(0))
	return a, b, ok
}

// arithmetic adds, subtracts or multiplies: integers as integers, and as floats
// if the result does not fit; everything else as floats.
func arithmetic(m *Machine, s *space.Space, op tiny.Op) space.Fault {
	if a, b, ok := ints(m, s); ok {
		var v Int
		var fits bool
		switch op {
		case tiny.OpAdd:
			v, fits = m.IntAddOvf(a, b)
		case tiny.OpSub:
			v, fits = m.IntSubOvf(a, b)
		default:
			v, fits = m.IntMulOvf(a, b)
		}
		if fits {
			return pushInt(m, s, 2, v)
		}
	}
	a, b, ok := floats(m, s)
	if !ok {
		return space.BadType
	}
	switch op {
	case tiny.OpAdd:
		return pushFloat(m, s, 2, m.FloatAdd(a, b))
	case tiny.OpSub:
		return pushFloat(m, s, 2, m.FloatSub(a, b))
	}
	return pushFloat(m, s, 2, m.FloatMul(a, b))
}

// divide truncates integers. -1 is a divisor of its own: of all quotients only
// that of the smallest integer by -1 does not fit, and negation finds out.
func divide(m *Machine, s *space.Space, op tiny.Op) space.Fault {
	a, b, ok := ints(m, s)
	switch {
	case !ok && op == tiny.OpMod:
		return space.BadType
	case ok && m.If(m.IntEq(b, m.IntConst(0))):
		return space.BadDivisor
	case ok && op == tiny.OpMod:
		return pushInt(m, s, 2, m.IntMod(a, b))
	case ok && !m.If(m.IntEq(b, m.IntConst(-1))):
		return pushInt(m, s, 2, m.IntDiv(a, b))
	case ok:
		if v, fits := m.IntSubOvf(m.IntConst(0), a); fits {
			return pushInt(m, s, 2, v)
		}
	}
	x, y, ok := floats(m, s)
	if !ok {
		return space.BadType
	}
	return pushFloat(m, s, 2, m.FloatTruediv(x, y))
}

// order compares two numbers. x > y is y < x, so two comparisons are enough.
func order(m *Machine, s *space.Space, op tiny.Op) space.Fault {
	if a, b, ok := ints(m, s); ok {
		if op == tiny.OpGt || op == tiny.OpGe {
			a, b = b, a
		}
		holds := m.IntLt(a, b)
		if op == tiny.OpLe || op == tiny.OpGe {
			holds = m.IntLe(a, b)
		}
		pushBool(m, s, 2, m.If(holds))
		return space.NoFault
	}
	a, b, ok := floats(m, s)
	if !ok {
		return space.BadType
	}
	if op == tiny.OpGt || op == tiny.OpGe {
		a, b = b, a
	}
	holds := m.FloatLt(a, b)
	if op == tiny.OpLe || op == tiny.OpGe {
		holds = m.FloatLe(a, b)
	}
	pushBool(m, s, 2, m.If(holds))
	return space.NoFault
}

// equal compares numbers by value and everything else by identity.
func equal(m *Machine, s *space.Space) bool {
	if a, b, ok := ints(m, s); ok {
		return m.If(m.IntEq(a, b))
	}
	if a, b, ok := floats(m, s); ok {
		return m.If(m.FloatEq(a, b))
	}
	return m.If(m.PtrEq(m.Peek(1), m.Peek(0)))
}

// bits does the operations on the bits of two integers.
func bits(m *Machine, s *space.Space, op tiny.Op) space.Fault {
	a, b, ok := ints(m, s)
	if !ok {
		return space.BadType
	}
	switch op {
	case tiny.OpAnd:
		return pushInt(m, s, 2, m.IntAnd(a, b))
	case tiny.OpOr:
		return pushInt(m, s, 2, m.IntOr(a, b))
	case tiny.OpXor:
		return pushInt(m, s, 2, m.IntXor(a, b))
	}
	if m.If(m.UintGe(b, m.IntConst(64))) {
		return space.BadShift
	}
	switch op {
	case tiny.OpShl:
		return pushInt(m, s, 2, m.IntLshift(a, b))
	case tiny.OpShr:
		return pushInt(m, s, 2, m.IntRshift(a, b))
	}
	return pushInt(m, s, 2, m.UintRshift(a, b))
}

// promote makes the value of an integer a constant of the trace. The box is another
// one then, which nobody can tell.
func promote(m *Machine, s *space.Space) space.Fault {
	v := m.Peek(0)
	if field := intField(m, s, v); field != nil {
		return pushInt(m, s, 1, m.IntConst(m.Promote(m.GetInt(v, field))))
	}
	return space.NoFault
}

// unary does the operations on one number.
func unary(m *Machine, s *space.Space, op tiny.Op) space.Fault {
	v := m.Peek(0)
	field := intField(m, s, v)
	if op == tiny.OpNot {
		if field == nil {
			return space.BadType
		}
		return pushInt(m, s, 1, m.IntInvert(m.GetInt(v, field)))
	}
	if field != nil {
		a := m.GetInt(v, field)
		if op == tiny.OpToInt {
			return pushInt(m, s, 1, a)
		}
		if op == tiny.OpNeg {
			if neg, fits := m.IntSubOvf(m.IntConst(0), a); fits {
				return pushInt(m, s, 1, neg)
			}
		}
	}
	f, ok := toFloat(m, s, v)
	switch {
	case !ok:
		return space.BadType
	case op == tiny.OpNeg:
		return pushFloat(m, s, 1, m.FloatNeg(f))
	case op == tiny.OpToFloat:
		return pushFloat(m, s, 1, f)
	case !m.If(m.FloatLe(m.FloatConst(-1<<63), f)) || !m.If(m.FloatLt(f, m.FloatConst(1<<63))):
		return space.BadCast
	}
	return pushInt(m, s, 1, m.CastFloatToInt(f))
}
