package ir_test

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

func ex(id string) exercise.Exercise { return exercise.ByID(ir.Exercises, id) }

func TestExercise1_1_EvalShift(t *testing.T) {
	exercise.Run(t, ex("1.1"), ir.Yours.EvalShift, irsolution.Kit.EvalShift, checkShift,
		exercise.Wrong("arithmetic-for-logical", func(code ir.Opcode, a, n int64) int64 {
			if code == ir.IntLshift {
				return a << n
			}
			return a >> n
		}),
		exercise.Wrong("logical-for-arithmetic", func(code ir.Opcode, a, n int64) int64 {
			if code == ir.IntLshift {
				return a << n
			}
			return int64(uint64(a) >> n)
		}),
		exercise.Wrong("shifts-32-bits", func(code ir.Opcode, a, n int64) int64 {
			return irsolution.EvalShift(code, a, n&31)
		}),
		exercise.Wrong("left-for-all", func(_ ir.Opcode, a, n int64) int64 { return a << n }),
	)
}

func checkShift(t exercise.TB, shift func(ir.Opcode, int64, int64) int64) {
	for _, tt := range []struct {
		code       ir.Opcode
		a, n, want int64
		rule       string
	}{
		{ir.IntLshift, 1, 4, 16, "int_lshift multiplies by 2, n times"},
		{ir.IntLshift, 3, 63, math.MinInt64, "what int_lshift pushes out at the left is lost"},
		{ir.IntLshift, -1, 1, -2, "int_lshift brings in zeros from the right"},
		{ir.IntLshift, 7, 0, 7, "a shift by 0 changes nothing"},
		{ir.IntRshift, 16, 4, 1, "int_rshift divides by 2, n times"},
		{ir.IntRshift, -8, 1, -4, "int_rshift brings in copies of the sign bit"},
		{ir.IntRshift, -1, 63, -1, "int_rshift brings in copies of the sign bit"},
		{ir.IntRshift, math.MinInt64, 40, -1 << 23, "shift counts above 31 are shift counts"},
		{ir.UintRshift, 16, 4, 1, "uint_rshift divides by 2, n times"},
		{ir.UintRshift, -8, 1, 9223372036854775804, "uint_rshift brings in zeros from the left"},
		{ir.UintRshift, -1, 63, 1, "uint_rshift brings in zeros from the left"},
		{ir.UintRshift, -5, 0, -5, "a shift by 0 changes nothing"},
	} {
		if got := shift(tt.code, tt.a, tt.n); got != tt.want {
			t.Errorf("%s(%d, %d) is %d, want %d\nrule: %s", tt.code, tt.a, tt.n, got, tt.want, tt.rule)
		}
	}
	if t.Failed() {
		return
	}
	// The same by arithmetic on numbers of any size.
	for _, a := range telling() {
		for n := range int64(64) {
			two := new(big.Int).Lsh(big.NewInt(1), uint(n))
			for code, want := range map[ir.Opcode]*big.Int{
				ir.IntLshift:  new(big.Int).Mul(big.NewInt(a), two),
				ir.IntRshift:  new(big.Int).Div(big.NewInt(a), two), // rounds down
				ir.UintRshift: new(big.Int).Div(new(big.Int).SetUint64(uint64(a)), two),
			} {
				if got := shift(code, a, n); got != low(want) {
					t.Fatalf("%s(%d, %d) is %d, want %d", code, a, n, got, low(want))
				}
			}
		}
	}
}

func TestExercise1_2_EvalChecked(t *testing.T) {
	exercise.Run(t, ex("1.2"), ir.Yours.EvalChecked, irsolution.Kit.EvalChecked, checkChecked,
		exercise.Wrong("never-overflows", func(code ir.Opcode, a, b int64) (int64, bool) {
			r, _ := irsolution.EvalChecked(code, a, b)
			return r, false
		}),
		exercise.Wrong("divides-to-test-a-product", func(code ir.Opcode, a, b int64) (int64, bool) {
			if code != ir.IntMulOvf || a == 0 {
				return irsolution.EvalChecked(code, a, b)
			}
			return a * b, a*b/a != b // MinInt64 / -1 wraps as well
		}),
		exercise.Wrong("sub-is-add-of-the-negative", func(code ir.Opcode, a, b int64) (int64, bool) {
			if code == ir.IntSubOvf {
				return irsolution.EvalChecked(ir.IntAddOvf, a, -b) // there is no -MinInt64
			}
			return irsolution.EvalChecked(code, a, b)
		}),
		exercise.Wrong("gives-zero-on-overflow", func(code ir.Opcode, a, b int64) (int64, bool) {
			r, overflow := irsolution.EvalChecked(code, a, b)
			if overflow {
				r = 0
			}
			return r, overflow
		}),
		exercise.Wrong("unsigned-carry", func(code ir.Opcode, a, b int64) (int64, bool) {
			if code == ir.IntAddOvf {
				return a + b, uint64(a+b) < uint64(a)
			}
			return irsolution.EvalChecked(code, a, b)
		}),
	)
}

func checkChecked(t exercise.TB, eval func(ir.Opcode, int64, int64) (int64, bool)) {
	for _, tt := range []struct {
		code     ir.Opcode
		a, b     int64
		want     int64
		overflow bool
	}{
		{ir.IntAddOvf, 2, 3, 5, false},
		{ir.IntAddOvf, math.MaxInt64, 1, math.MinInt64, true},
		{ir.IntAddOvf, math.MaxInt64, -1, math.MaxInt64 - 1, false},
		{ir.IntAddOvf, math.MinInt64, -1, math.MaxInt64, true},
		{ir.IntAddOvf, -1, 1, 0, false},
		{ir.IntSubOvf, 2, 3, -1, false},
		{ir.IntSubOvf, math.MinInt64, 1, math.MaxInt64, true},
		{ir.IntSubOvf, 0, math.MinInt64, math.MinInt64, true},
		{ir.IntSubOvf, -1, math.MinInt64, math.MaxInt64, false},
		{ir.IntMulOvf, -3, 5, -15, false},
		{ir.IntMulOvf, 1 << 32, 1 << 31, math.MinInt64, true},
		{ir.IntMulOvf, 1 << 32, -1 << 31, math.MinInt64, false},
		{ir.IntMulOvf, -1, math.MinInt64, math.MinInt64, true},
		{ir.IntMulOvf, math.MinInt64, -1, math.MinInt64, true},
		{ir.IntMulOvf, 1 << 33, 1 << 33, 0, true},
	} {
		requireChecked(t, eval, tt.code, tt.a, tt.b, tt.want, tt.overflow)
	}
	if t.Failed() {
		return
	}
	for _, a := range telling() {
		for _, b := range telling() {
			x, y := big.NewInt(a), big.NewInt(b)
			for code, exact := range map[ir.Opcode]*big.Int{
				ir.IntAddOvf: new(big.Int).Add(x, y),
				ir.IntSubOvf: new(big.Int).Sub(x, y),
				ir.IntMulOvf: new(big.Int).Mul(x, y),
			} {
				requireChecked(t, eval, code, a, b, low(exact), !exact.IsInt64())
				if t.Failed() {
					return
				}
			}
		}
	}
}

func requireChecked(t exercise.TB, eval func(ir.Opcode, int64, int64) (int64, bool), code ir.Opcode, a, b, want int64, overflow bool) {
	t.Helper()
	got, gotOverflow := eval(code, a, b)
	if got != want {
		t.Errorf("%s(%d, %d) is %d, want %d\nrule: the result is the low 64 bits of the exact one, also when it overflows", code, a, b, got, want)
	}
	if gotOverflow != overflow {
		t.Errorf("%s(%d, %d) overflows: %v, want %v\nrule: it overflows exactly if the exact result is no signed 64-bit integer", code, a, b, gotOverflow, overflow)
	}
}

// low returns the low 64 bits of x as a signed integer.
func low(x *big.Int) int64 {
	mask := new(big.Int).SetUint64(math.MaxUint64)
	return int64(new(big.Int).And(x, mask).Uint64())
}

// telling returns integers on which arithmetic goes wrong.
func telling() []int64 {
	list := []int64{0, 3, 5, -7, 10, 0x5555555555555555, 3037000499, 3037000500}
	for bit := 0; bit < 64; bit += 3 {
		x := int64(1) << bit
		list = append(list, x, -x, x-1, 1-x)
	}
	r := rand.New(rand.NewPCG(5, 6))
	for range 20 {
		list = append(list, int64(r.Uint64())>>r.IntN(64))
	}
	return append(list, math.MaxInt64, math.MinInt64)
}
