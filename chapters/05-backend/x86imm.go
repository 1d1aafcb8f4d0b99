package backend

import "math/bits"

// Immediate implements Machine. Integers may be sign-extended immediates of 32 bits,
// floats memory operands in the pool behind the code.
func (m *AMD64) Immediate(in *Inst, arg int, bits uint64) bool {
	n := int64(bits)
	switch in.Code {
	case Add, Sub, Mul, Or, Xor, AddOvf, SubOvf, MulOvf, Set, Guard:
		if in.Code == Set || in.Code == Guard {
			if in.Cond == AnyBit || in.Cond == NoBit {
				return arg == 1 && testable(bits)
			}
		}
		return arg == 1 && fits32(n)
	case And:
		return arg == 1 && (fits32(n) || bits>>32 == 0)
	case Shl, Sar, Shr:
		return arg == 1
	case Div, Mod:
		return arg == 1 && n != 0
	case FloatAdd, FloatSub, FloatMul, FloatDiv:
		return arg == 1
	case FloatSet, FloatGuard:
		// The instruction has its second operand in memory; for these two conditions
		// that is a: see FloatJumps.
		if in.Cond == Less || in.Cond == LessEqual {
			return arg == 0
		}
		return arg == 1
	case Store:
		return arg == 1 && fits32(n)
	case LoadIndex:
		return arg == 1 && indexFits(in.Imm, n)
	case StoreIndex:
		return arg == 1 && indexFits(in.Imm, n) || arg == 2 && fits32(n)
	case New, Return:
		return true
	case NewArray:
		return arg == 0 && n >= 0 && n <= maxArrayImm
	}
	return false
}

// maxArrayImm is the length of arrays up to which their size fits into an immediate.
const maxArrayImm = 1 << 24

// indexFits reports whether disp + 8*index is a displacement.
func indexFits(disp, index int64) bool {
	return fits32(disp) && fits32(index) && fits32(disp+8*index)
}

// testable reports whether an instruction can ask for the bits of mask without a
// register: TEST with 32 bits of them, sign-extended or not, or BT for a single one.
func testable(mask uint64) bool {
	return fits32(int64(mask)) || mask>>32 == 0 || bits.OnesCount64(mask) == 1
}
