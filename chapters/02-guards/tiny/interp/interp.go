// Package interp executes tiny's bytecode. It is written once and compiled
// twice: in package interp against the machine, and, copied by go generate with
// another package clause, in package traced against the recorder. The types
// Machine, Int, Float, Ref and Bool are those of the one or the other.
//
// Every bytecode keeps the rule of package machine: first look and decide, then
// act. Its operands stay on the stack until it is done.
package interp

import (
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/space"
)

//go:generate go run ../../cmd/copyinterp

// Run executes the running frame of m, from the position where it goes on, until
// the program ends (true), or the machine says at a merge point or a loop header
// that it shall stop (false). An error is one of the guest program, or what a
// residual call returned; the frames are then left as they are.
func Run(m *Machine, s *space.Space) (ended bool, err error) {
	top, pc := m.Top()
	code := top.Guest.(*space.Code)
	ops := code.Ops
	for {
		if m.MergePoint(pc) {
			m.SetPC(pc)
			return false, nil
		}
		in := ops[pc]
		fault, operands := space.NoFault, 2
		switch in.Op {
		case tiny.OpConst:
			m.Push(m.RefConst(s.Consts[in.A]))
		case tiny.OpNil:
			m.Push(m.Null())
		case tiny.OpLocal:
			m.Push(m.Local(in.A))
		case tiny.OpSetLocal:
			v := m.Peek(0)
			m.Drop(1)
			m.SetLocal(in.A, v)
		case tiny.OpPop:
			m.Drop(1)

		case tiny.OpAdd, tiny.OpSub, tiny.OpMul:
			fault = arithmetic(m, s, in.Op)
		case tiny.OpLt, tiny.OpLe, tiny.OpGt, tiny.OpGe:
			fault = order(m, s, in.Op)
		case tiny.OpEq, tiny.OpNe:
			pushBool(m, s, 2, equal(m, s) == (in.Op == tiny.OpEq))
		case tiny.OpDiv, tiny.OpMod:
			fault = divide(m, s, in.Op)
		case tiny.OpAnd, tiny.OpOr, tiny.OpXor, tiny.OpShl, tiny.OpShr, tiny.OpUshr:
			fault = bits(m, s, in.Op)
		case tiny.OpNeg, tiny.OpNot, tiny.OpToFloat, tiny.OpToInt:
			fault, operands = unary(m, s, in.Op), 1
		case tiny.OpPromote:
			fault = promote(m, s)
		case tiny.OpIsNil:
			pushBool(m, s, 1, m.IsNull(m.Peek(0)))

		case tiny.OpJump:
			pc = int(in.A)
			continue
		case tiny.OpJumpNil:
			isNil := m.IsNull(m.Peek(0))
			m.Drop(1)
			if isNil {
				pc = int(in.A)
				continue
			}
		case tiny.OpJumpOr:
			if !m.IsNull(m.Peek(0)) {
				pc = int(in.A)
				continue
			}
			m.Drop(1)
		case tiny.OpLoop:
			pc = int(in.A)
			if m.Loop(code.Machine, in.B, pc) {
				return false, m.Stopped()
			}
			continue
		case tiny.OpCall:
			callee := s.Funcs[in.A]
			if cell := s.Cells[in.A]; cell != nil {
				m.Depend(cell)
			}
			if done, err := m.CallApart(callee.Machine, int(in.B), pc+1); err != nil {
				return false, err
			} else if done {
				break
			}
			if m.Enter(callee.Machine, int(in.B), pc+1) {
				if m.Entered(callee.Machine) {
					return false, m.Stopped()
				}
				code, ops, pc = callee, callee.Ops, 0
				continue
			}
			fault, operands = space.BadDepth, 0
		case tiny.OpReturn:
			back, at := m.Leave(m.Peek(0))
			if back == nil {
				return true, nil
			}
			code, pc = back.Guest.(*space.Code), at
			ops = code.Ops
			continue
		case tiny.OpOpaque:
			if m.DepthLeft() <= 0 {
				fault, operands = space.BadDepth, 0
			} else if err := residual(m, s.Opaque[in.A], int(in.B)); err != nil {
				return false, err
			}
		case tiny.OpPrint:
			if _, err := m.Call(s.Prints, int(in.B)); err != nil {
				return false, err
			}
			m.Drop(int(in.B))
		case tiny.OpRedefine:
			if _, err := m.Call(s.Redefine[space.Pair{in.A, in.B}], 0); err != nil {
				return false, err
			}

		case tiny.OpNew:
			newObject(m, s, in)
		case tiny.OpGetField:
			fault, operands = getField(m, s, in), 1
		case tiny.OpSetField:
			fault = setField(m, s, in)
		case tiny.OpNewArray:
			fault, operands = newArray(m, s), 1
		case tiny.OpInitArray:
			if fault = length(m, s, 1); fault == space.NoFault {
				if err := residual(m, s.Fill, 2); err != nil {
					return false, err
				}
			}
		case tiny.OpAt:
			fault = at(m, s)
		case tiny.OpSetAt:
			fault, operands = setAt(m, s), 3
		case tiny.OpLen:
			fault, operands = arrayLen(m, s), 1
		}
		if fault != space.NoFault {
			return false, code.ErrorAt(pc, explain(m, s, fault, in, operands))
		}
		pc++
	}
}

// explain returns the message for a fault of an instruction whose operands are
// still on the stack.
func explain(m *Machine, s *space.Space, fault space.Fault, in tiny.Instr, operands int) string {
	var values []uint64
	for i := operands - 1; i >= 0; i-- {
		values = append(values, m.Value(m.Peek(i)))
	}
	return s.Error(fault, in, values...)
}
