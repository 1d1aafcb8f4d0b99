package backend_test

import (
	"math"
	"testing"

	backend "metatrace/chapters/05-backend"
)

var x86FloatCases = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -2.75, 1e10, -1e300, 1e308, math.MaxFloat64, math.SmallestNonzeroFloat64,
	math.Inf(1), math.Inf(-1), math.NaN(), 9007199254740993, -9223372036854775808,
}

func x86FloatWords() (list []uint64) {
	for _, f := range x86FloatCases {
		list = append(list, math.Float64bits(f))
	}
	return list
}

// x86FloatOp makes a function of x86FloatCases one of bits.
func x86FloatOp(f func(a, b float64) float64) func(a, b uint64) (uint64, bool) {
	return func(a, b uint64) (uint64, bool) {
		return math.Float64bits(f(math.Float64frombits(a), math.Float64frombits(b))), false
	}
}

func TestX86Floats(t *testing.T) {
	regs := []backend.Reg{0, 1, 7, 8, 14}
	// Where the result is NaN, the processor and Go may have different ones.
	nan := func(f func(a, b float64) float64) func(a, b uint64) bool {
		return func(a, b uint64) bool { return math.IsNaN(f(math.Float64frombits(a), math.Float64frombits(b))) }
	}
	var cases []x86OpCase
	for code, f := range map[backend.Opcode]func(a, b float64) float64{
		backend.FloatAdd: func(a, b float64) float64 { return a + b },
		backend.FloatSub: func(a, b float64) float64 { return a - b },
		backend.FloatMul: func(a, b float64) float64 { return a * b },
		backend.FloatDiv: func(a, b float64) float64 { return a / b },
	} {
		cases = append(cases, x86OpCase{in: backend.Inst{Code: code}, eval: x86FloatOp(f), bad: nan(f)})
	}
	for _, c := range cases {
		t.Run(x86CaseName(c.in), func(t *testing.T) {
			r := x86NewRunner(t)
			r.binary(c, regs, x86InFloat, x86InFloat, x86FloatWords())
			r.constants(c, regs, x86InFloat, x86InFloat, x86FloatWords())
		})
	}
	for _, c := range x86ConditionCases(backend.FloatSet, backend.FloatGuard, 6, x86FloatHolds) {
		t.Run(x86CaseName(c.in), func(t *testing.T) {
			r := x86NewRunner(t)
			r.binary(c, regs, x86InReg, x86InFloat, x86FloatWords())
			r.constants(c, regs, x86InReg, x86InFloat, x86FloatWords())
		})
	}
	for _, c := range []x86OpCase{
		{in: backend.Inst{Code: backend.FloatNeg}, eval: x86Value(func(a, _ uint64) uint64 { return a ^ 1<<63 })},
		{in: backend.Inst{Code: backend.FloatAbs}, eval: x86Value(func(a, _ uint64) uint64 { return a &^ (1 << 63) })},
	} {
		t.Run(x86CaseName(c.in), func(t *testing.T) { x86NewRunner(t).unary(c, regs, regs, x86InFloat, x86InFloat, x86FloatWords()) })
	}
}

func TestX86Conversions(t *testing.T) {
	regs := []backend.Reg{0, 7, 8, 14}
	r := x86NewRunner(t)
	same := x86Value(func(a, _ uint64) uint64 { return a })
	r.unary(x86OpCase{in: backend.Inst{Code: backend.BitsOfFloat}, eval: same}, x86TestRegs(), regs, x86InReg, x86InFloat, x86FloatWords())
	r.unary(x86OpCase{in: backend.Inst{Code: backend.FloatOfBits}, eval: same}, regs, x86TestRegs(), x86InFloat, x86InReg, x86IntCases)
	r.unary(x86OpCase{in: backend.Inst{Code: backend.IntToFloat},
		eval: x86Value(func(a, _ uint64) uint64 { return math.Float64bits(float64(int64(a))) })}, regs, x86TestRegs(), x86InFloat, x86InReg, x86IntCases)
	r.unary(x86OpCase{in: backend.Inst{Code: backend.FloatToInt},
		eval: x86Value(func(a, _ uint64) uint64 { return uint64(int64(math.Float64frombits(a))) }),
		bad: func(a, _ uint64) bool {
			f := math.Float64frombits(a)
			return !(f >= -9223372036854775808 && f < 9223372036854775808)
		}}, x86TestRegs(), regs, x86InReg, x86InFloat, x86FloatWords())
}
