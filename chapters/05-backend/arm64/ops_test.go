package arm64_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"metatrace/chapters/05-backend/arm64"
)

// name is the mnemonic of op, without the manual's addition in parentheses.
func name(op arm64.Op) string { return strings.Fields(op.String())[0] }

func TestShifted(t *testing.T) {
	shifts := []string{"LSL", "LSR", "ASR", "ROR"}
	for op := arm64.ADD; op <= arm64.BICS; op++ {
		eachReg(3, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.RRR(op, r[0], r[1], r[2]) },
				"%s %s, %s, %s", name(op), x(r[0]), x(r[1]), x(r[2]))
		})
		for shift, text := range shifts {
			for n := range uint(64) {
				f := func(a *arm64.Assembler) { a.Shifted(op, 1, 2, 3, arm64.Shift(shift), n) }
				if text == "ROR" && op <= arm64.SUBS {
					refused(t, f)
				} else if n != 0 || shift != 0 {
					same(t, f, "%s X1, X2, X3, %s #%d", name(op), text, n)
				}
			}
		}
	}
}

func TestThreeRegisters(t *testing.T) {
	for op := arm64.UDIV; op <= arm64.UMULH; op++ {
		eachReg(3, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.RRR(op, r[0], r[1], r[2]) },
				"%s %s, %s, %s", name(op), x(r[0]), x(r[1]), x(r[2]))
		})
	}
	for op := arm64.FADD; op <= arm64.FDIV; op++ {
		eachReg(3, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.RRR(op, r[0], r[1], r[2]) },
				"%s %s, %s, %s", name(op), d(r[0]), d(r[1]), d(r[2]))
		})
	}
	for _, op := range []arm64.Op{arm64.MADD, arm64.MSUB} {
		eachReg(4, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.RRRR(op, r[0], r[1], r[2], r[3]) },
				"%v %s, %s, %s, %s", op, x(r[0]), x(r[1]), x(r[2]), x(r[3]))
		})
	}
}

func TestTwoRegisters(t *testing.T) {
	type namer = func(arm64.Reg) string
	names := map[arm64.Op][2]namer{
		arm64.FMOV: {d, d}, arm64.FABS: {d, d}, arm64.FNEG: {d, d}, arm64.FMOVfromX: {d, x},
		arm64.FMOVtoX: {x, d}, arm64.SCVTF: {d, x}, arm64.FCVTZS: {x, d},
	}
	for op, n := range names {
		eachReg(2, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.RR(op, r[0], r[1]) }, "%s %s, %s", name(op), n[0](r[0]), n[1](r[1]))
		})
	}
	eachReg(2, func(r []arm64.Reg) {
		same(t, func(a *arm64.Assembler) { a.Fcmp(r[0], r[1]) }, "FCMP %s, %s", d(r[0]), d(r[1]))
		same(t, func(a *arm64.Assembler) { a.FcmpZero(r[0]) }, "FCMP %s, #0", d(r[0]))
	})
}

func TestAddImmediate(t *testing.T) {
	for op := arm64.ADDimm; op <= arm64.SUBSimm; op++ {
		to := xsp
		if op == arm64.ADDSimm || op == arm64.SUBSimm {
			to = x
		}
		eachReg(2, func(r []arm64.Reg) {
			for _, n := range []uint64{0, 1, 4095} {
				same(t, func(a *arm64.Assembler) { a.AddImm(op, r[0], r[1], n) },
					"%s %s, %s, #%#x", name(op), to(r[0]), xsp(r[1]), n)
			}
		})
		for n := range uint64(4096) {
			same(t, func(a *arm64.Assembler) { a.AddImm(op, 1, 2, n) }, "%s X1, X2, #%#x", name(op), n)
			if n > 0 {
				same(t, func(a *arm64.Assembler) { a.AddImm(op, 1, 2, n<<12) }, "%s X1, X2, #%#x, LSL #12", name(op), n)
			}
		}
		for _, n := range []uint64{4097, 0xfff001, 1 << 24, math.MaxUint64} {
			refused(t, func(a *arm64.Assembler) { a.AddImm(op, 1, 2, n) })
		}
	}
}

func TestWide(t *testing.T) {
	for op := arm64.MOVN; op <= arm64.MOVK; op++ {
		eachReg(1, func(r []arm64.Reg) {
			for shift := uint(0); shift < 64; shift += 16 {
				for _, n := range []uint16{1, 0x8000, 0x1234, 0xffff} {
					same(t, func(a *arm64.Assembler) { a.Wide(op, r[0], n, shift) }, "%v %s, %s", op, x(r[0]), wide(n, shift))
				}
			}
			same(t, func(a *arm64.Assembler) { a.Wide(op, r[0], 0, 0) }, "%v %s, #0x0", op, x(r[0]))
		})
		for _, shift := range []uint{1, 8, 64, 1 << 40} {
			refused(t, func(a *arm64.Assembler) { a.Wide(op, 0, 1, shift) })
		}
	}
}

func TestBitfield(t *testing.T) {
	for _, op := range []arm64.Op{arm64.SBFM, arm64.UBFM} {
		eachReg(2, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.Bitfield(op, r[0], r[1], 5, 9) }, "%v %s, %s, #5, #9", op, x(r[0]), x(r[1]))
		})
		for immr := range uint(64) {
			for imms := range uint(64) {
				same(t, func(a *arm64.Assembler) { a.Bitfield(op, 1, 2, immr, imms) }, "%v X1, X2, #%d, #%d", op, immr, imms)
			}
		}
		refused(t, func(a *arm64.Assembler) { a.Bitfield(op, 1, 2, 64, 0) })
		refused(t, func(a *arm64.Assembler) { a.Bitfield(op, 1, 2, 0, 64) })
	}
}

func TestSelect(t *testing.T) {
	for op := arm64.CSEL; op <= arm64.CSNEG; op++ {
		for c, cond := range conds {
			eachReg(3, func(r []arm64.Reg) {
				same(t, func(a *arm64.Assembler) { a.Select(op, r[0], r[1], r[2], arm64.Cond(c)) },
					"%v %s, %s, %s, %s", op, x(r[0]), x(r[1]), x(r[2]), cond)
			})
		}
		refused(t, func(a *arm64.Assembler) { a.Select(op, 1, 2, 3, 14) })
	}
}

func TestAliases(t *testing.T) {
	same(t, func(a *arm64.Assembler) { a.Mov(1, 2) }, "ORR X1, XZR, X2")
	same(t, func(a *arm64.Assembler) { a.Neg(1, 2) }, "SUB X1, XZR, X2")
	same(t, func(a *arm64.Assembler) { a.Mvn(1, 2) }, "ORN X1, XZR, X2")
	same(t, func(a *arm64.Assembler) { a.Mul(1, 2, 3) }, "MADD X1, X2, X3, XZR")
	same(t, func(a *arm64.Assembler) { a.Cmp(1, 2) }, "SUBS XZR, X1, X2")
	same(t, func(a *arm64.Assembler) { a.Tst(1, 2) }, "ANDS XZR, X1, X2")
	same(t, func(a *arm64.Assembler) { a.Cset(1, arm64.LT) }, "CSINC X1, XZR, XZR, GE")
	for n := range uint(64) {
		same(t, func(a *arm64.Assembler) { a.Lsl(1, 2, n) }, "UBFM X1, X2, #%d, #%d", (64-n)%64, 63-n)
		same(t, func(a *arm64.Assembler) { a.Lsr(1, 2, n) }, "UBFM X1, X2, #%d, #63", n)
		same(t, func(a *arm64.Assembler) { a.Asr(1, 2, n) }, "SBFM X1, X2, #%d, #63", n)
	}
	for _, size := range []uint{1, 2, 4} {
		same(t, func(a *arm64.Assembler) { a.SignExtend(1, 2, size) }, "SBFM X1, X2, #0, #%d", 8*size-1)
	}
	refused(t, func(a *arm64.Assembler) { a.Lsl(1, 2, 64) })
	refused(t, func(a *arm64.Assembler) { a.SignExtend(1, 2, 3) })
}

func TestFloatImmediate(t *testing.T) {
	count := 0
	for e := -3; e <= 4; e++ {
		for n := 16; n < 32; n++ {
			for _, sign := range []float64{1, -1} {
				f := sign * math.Ldexp(float64(n)/16, e)
				eachReg(1, func(r []arm64.Reg) {
					same(t, func(a *arm64.Assembler) { a.FmovImm(r[0], math.Float64bits(f)) }, "FMOV %s, #%.18e", d(r[0]), f)
				})
				count++
			}
		}
	}
	require.Equal(t, 256, count)
	for _, f := range []float64{0, math.Copysign(0, -1), 0.1, 32, 0.0625, 1.03125, math.Inf(1), math.NaN(), 5e-324} {
		refused(t, func(a *arm64.Assembler) { a.FmovImm(1, math.Float64bits(f)) })
	}
}

// refused asserts that what f appends is an error.
func refused(t *testing.T, f func(a *arm64.Assembler)) {
	t.Helper()
	_, err := assemble(f)
	require.Error(t, err)
}

func TestNoSuchRegister(t *testing.T) {
	for _, f := range []func(a *arm64.Assembler, r arm64.Reg){
		func(a *arm64.Assembler, r arm64.Reg) { a.RRR(arm64.ADD, r, 0, 0) },
		func(a *arm64.Assembler, r arm64.Reg) { a.RRR(arm64.SDIV, 0, r, 0) },
		func(a *arm64.Assembler, r arm64.Reg) { a.RRR(arm64.FADD, 0, 0, r) },
		func(a *arm64.Assembler, r arm64.Reg) { a.Mem(arm64.LDR, 0, r, 0) },
		func(a *arm64.Assembler, r arm64.Reg) { a.CompareJump(arm64.CBZ, r, a.NewLabel()) },
	} {
		for _, r := range []arm64.Reg{32, 33, 255} {
			refused(t, func(a *arm64.Assembler) { f(a, r) })
		}
	}
}

func TestOtherForm(t *testing.T) {
	refused(t, func(a *arm64.Assembler) { a.RRR(arm64.MADD, 1, 2, 3) })
	refused(t, func(a *arm64.Assembler) { a.RR(arm64.ADD, 1, 2) })
	refused(t, func(a *arm64.Assembler) { a.Mem(arm64.LDUR, 1, 2, 0) })
	refused(t, func(a *arm64.Assembler) { a.RRR(arm64.Op(255), 1, 2, 3) })
	require.Equal(t, "no instruction", fmt.Sprint(arm64.Op(255)))
}
