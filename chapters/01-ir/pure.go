package ir

import (
	"math"
	"math/bits"
)

// EvalPure computes a pure operation: the single place that says what integers
// and floats do. The evaluator runs traces with it and the optimizer folds with
// it, so that they can't disagree. It is a PureFunc.
func (k *Kit) EvalPure(code Opcode, a, b uint64) (uint64, bool) {
	switch code {
	case IntLshift, IntRshift, UintRshift:
		if b > 63 {
			return 0, false
		}
		return uint64(k.EvalShift(code, int64(a), int64(b))), true
	case IntSignext:
		if b < 1 || b > 8 {
			return 0, false
		}
		unused := 64 - 8*b
		return uint64(int64(a<<unused) >> unused), true
	case CastFloatToInt:
		x := math.Float64frombits(a)
		if !(x >= -1<<63 && x < 1<<63) {
			return 0, false
		}
		return uint64(int64(x)), true
	case CastIntToPtr:
		return 0, false // which references there are, only the run knows
	}
	if code >= FloatAdd && code <= SameAsF {
		return evalFloat(code, a, b)
	}
	return evalInt(code, a, b)
}

func evalInt(code Opcode, a, b uint64) (uint64, bool) {
	switch code {
	case IntAdd:
		return a + b, true
	case IntSub:
		return a - b, true
	case IntMul:
		return a * b, true
	case UintMulHigh:
		high, _ := bits.Mul64(a, b)
		return high, true
	case IntAnd:
		return a & b, true
	case IntOr:
		return a | b, true
	case IntXor:
		return a ^ b, true
	case IntNeg:
		return -a, true
	case IntInvert:
		return ^a, true
	case IntForceGeZero:
		return uint64(max(int64(a), 0)), true
	case SameAsI, SameAsR, CastPtrToInt:
		return a, true
	}
	return evalCompare(code, a, b)
}

func evalCompare(code Opcode, a, b uint64) (uint64, bool) {
	switch code {
	case IntLt:
		return truth(int64(a) < int64(b)), true
	case IntLe:
		return truth(int64(a) <= int64(b)), true
	case IntGt:
		return truth(int64(a) > int64(b)), true
	case IntGe:
		return truth(int64(a) >= int64(b)), true
	case IntEq, PtrEq, InstancePtrEq:
		return truth(a == b), true
	case IntNe, PtrNe, InstancePtrNe:
		return truth(a != b), true
	case UintLt:
		return truth(a < b), true
	case UintLe:
		return truth(a <= b), true
	case UintGt:
		return truth(a > b), true
	case UintGe:
		return truth(a >= b), true
	case IntIsTrue:
		return truth(a != 0), true
	case IntIsZero:
		return truth(a == 0), true
	}
	return 0, false
}

func evalFloat(code Opcode, a, b uint64) (uint64, bool) {
	x, y := math.Float64frombits(a), math.Float64frombits(b)
	switch code {
	case FloatAdd:
		return math.Float64bits(x + y), true
	case FloatSub:
		return math.Float64bits(x - y), true
	case FloatMul:
		return math.Float64bits(x * y), true
	case FloatTruediv:
		return math.Float64bits(x / y), true
	case FloatNeg:
		return a ^ 1<<63, true // not 0-x: that turns 0.0 into 0.0
	case FloatAbs:
		return a &^ (1 << 63), true
	case FloatLt:
		return truth(x < y), true
	case FloatLe:
		return truth(x <= y), true
	case FloatEq:
		return truth(x == y), true
	case FloatNe:
		return truth(x != y), true
	case FloatGt:
		return truth(x > y), true
	case FloatGe:
		return truth(x >= y), true
	case CastIntToFloat:
		return math.Float64bits(float64(int64(a))), true
	case ConvertFloatBytesToLonglong, ConvertLonglongBytesToFloat, SameAsF:
		return a, true
	}
	return 0, false
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}
