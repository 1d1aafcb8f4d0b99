package interp

import (
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// residual replaces the n operands on top of the stack by what fn makes of them.
func residual(m *Machine, fn *machine.Func, n int) error {
	v, err := m.Call(fn, n)
	if err != nil {
		return err
	}
	m.Replace(n, v)
	return nil
}

func newObject(m *Machine, s *space.Space, in tiny.Instr) {
	class, n := s.User[in.A], int(in.B)
	object := m.New(class)
	for i := range n {
		m.SetRef(object, class.Fields[i], m.Peek(n-1-i))
	}
	m.Replace(n, object)
}

// fieldOf decides which class object is of, and returns the field of it that the
// instruction names.
func fieldOf(m *Machine, s *space.Space, object Ref, in tiny.Instr) (*heap.Field, space.Fault) {
	class := m.ClassOf(object)
	if class == nil || !s.IsObject(class) {
		return nil, space.BadType
	}
	if field := s.Field(class, in.A); field != nil {
		return field, space.NoFault
	}
	return nil, space.BadField
}

func getField(m *Machine, s *space.Space, in tiny.Instr) space.Fault {
	object := m.Peek(0)
	field, fault := fieldOf(m, s, object, in)
	if fault == space.NoFault {
		m.Replace(1, m.GetRef(object, field))
	}
	return fault
}

func setField(m *Machine, s *space.Space, in tiny.Instr) space.Fault {
	object := m.Peek(1)
	field, fault := fieldOf(m, s, object, in)
	if fault == space.NoFault {
		m.SetRef(object, field, m.Peek(0))
		m.Drop(2)
	}
	return fault
}

// length checks that the value i below the top can be an array's length.
func length(m *Machine, s *space.Space, i int) space.Fault {
	v := m.Peek(i)
	field := intField(m, s, v)
	if field == nil {
		return space.BadType
	}
	if m.If(m.UintGe(m.GetInt(v, field), m.IntConst(tiny.MaxArray+1))) {
		return space.BadLength
	}
	return space.NoFault
}

func newArray(m *Machine, s *space.Space) space.Fault {
	if fault := length(m, s, 0); fault != space.NoFault {
		return fault
	}
	n := m.GetInt(m.Peek(0), s.IntValue) // no length is too long for it
	items := m.NewArray(s.Refs, n)
	m.Replace(1, items) // where the collector finds them while the array is allocated
	array := m.New(s.Array)
	m.SetRef(array, s.Items, items)
	m.Replace(1, array)
	return space.NoFault
}

// item checks an array and an index, which stand i below the top of the stack.
func item(m *Machine, s *space.Space, i int) (items Ref, index Int, fault space.Fault) {
	array, n := m.Peek(i+1), m.Peek(i)
	if !m.ClassIs(array, s.Array) {
		return items, index, space.BadType
	}
	field := intField(m, s, n)
	if field == nil {
		return items, index, space.BadType
	}
	items, index = m.GetRef(array, s.Items), m.GetInt(n, field)
	if m.If(m.UintGe(index, m.Len(items, s.Refs))) {
		return items, index, space.BadIndex
	}
	return items, index, space.NoFault
}

func at(m *Machine, s *space.Space) space.Fault {
	items, index, fault := item(m, s, 0)
	if fault == space.NoFault {
		m.Replace(2, m.GetItem(items, s.Refs, index))
	}
	return fault
}

func setAt(m *Machine, s *space.Space) space.Fault {
	items, index, fault := item(m, s, 1)
	if fault == space.NoFault {
		m.SetItem(items, s.Refs, index, m.Peek(0))
		m.Drop(3)
	}
	return fault
}

func arrayLen(m *Machine, s *space.Space) space.Fault {
	array := m.Peek(0)
	if !m.ClassIs(array, s.Array) {
		return space.BadType
	}
	return pushInt(m, s, 1, m.Len(m.GetRef(array, s.Items), s.Refs))
}
