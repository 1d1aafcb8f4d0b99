package arm64_test

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/arch/arm64/arm64asm"

	"metatrace/chapters/05-backend/arm64"
)

// logicals returns all constants of the logical instructions: a run of ones, rotated,
// in elements of each size.
func logicals() map[uint64]bool {
	all := map[uint64]bool{}
	for size := 2; size <= 64; size *= 2 {
		for ones := 1; ones < size; ones++ {
			for r := range size {
				var x uint64
				for i := range 64 {
					if (i+r)%size < ones {
						x |= 1 << i
					}
				}
				all[x] = true
			}
		}
	}
	return all
}

func TestLogicalImmediates(t *testing.T) {
	all := logicals()
	require.Len(t, all, 5334)
	for op := arm64.ANDimm; op <= arm64.ANDSimm; op++ {
		for imm := range all {
			same(t, func(a *arm64.Assembler) { a.Logical(op, 1, 2, imm) }, "%s X1, X2, #%#x", name(op), imm)
		}
		eachReg(2, func(r []arm64.Reg) {
			to := xsp
			if op == arm64.ANDSimm {
				to = x
			}
			same(t, func(a *arm64.Assembler) { a.Logical(op, r[0], r[1], 0xff00) }, "%s %s, %s, #0xff00", name(op), to(r[0]), x(r[1]))
		})
	}
}

// The decoder takes encodings that the manual reserves, so that only this test says
// that there are none for other constants.
func TestNoLogicalImmediate(t *testing.T) {
	if testing.Short() {
		t.Skip("it is the same on every machine")
	}
	all := logicals()
	refuse := func(imm uint64) {
		if !all[imm] {
			require.False(t, kit.FitsLogical(imm), "%#x", imm)
			refused(t, func(a *arm64.Assembler) { a.Logical(arm64.ANDimm, 1, 2, imm) })
		}
	}
	for _, imm := range []uint64{0, math.MaxUint64, 5, 0x1_0000_0002, 0x12345678, 0xffffffff_fffffffa} {
		require.False(t, all[imm])
		refuse(imm)
	}
	for imm := range all { // one bit off
		for i := range 64 {
			refuse(imm ^ 1<<i)
		}
	}
	for imm := range uint64(1 << 16) {
		refuse(imm)
		refuse(imm * 0x0001_0001_0001_0001)
	}
}

// value returns what a sequence of MOVZ, MOVN, MOVK and ORR makes of a register.
func value(t *testing.T, code []byte) (x uint64) {
	t.Helper()
	for ; len(code) > 0; code = code[4:] {
		w := binary.LittleEndian.Uint32(code)
		in, err := arm64asm.Decode(code)
		require.NoError(t, err)
		require.Equal(t, "X7", in.Args[0].String())
		imm, shift := uint64(w>>5&0xffff), w>>21&3*16
		switch in.Op {
		case arm64asm.MOV:
			x = in.Args[1].(arm64asm.Imm64).Imm
		case arm64asm.MOVZ:
			x = imm << shift
		case arm64asm.MOVN:
			x = ^(imm << shift)
		case arm64asm.MOVK:
			x = x&^(0xffff<<shift) | imm<<shift
		case arm64asm.ORR:
			x = in.Args[2].(arm64asm.Imm64).Imm
		default:
			t.Fatalf("%v", in)
		}
	}
	return x
}

func TestConst(t *testing.T) {
	cases := map[uint64]int{ // with the instructions they take
		0: 1, 1: 1, 0xffff: 1, 0x1_0000: 1, 0xabcd_0000_0000: 1, math.MaxUint64: 1, math.MaxUint64 - 5: 1,
		0xffff_1234_ffff_ffff: 1, 0x0ff0_0ff0_0ff0_0ff0: 1, 0x0001_0001: 2, 0x1234_5678: 2, 1 << 63: 1,
		0xffff_ffff_1234_5678: 2, 0xffff_1234_ffff_5678: 2, 0x1234_0000_5678_0000: 2, 0xffff_0000_1234_5678: 3,
		0x1234_5678_9abc_def0: 4, 0x5555_5555_5555_5555: 1, 0x0000_ffff_ffff_ffff: 1, 0xffff_0001_0002_0003: 3,
	}
	for c, n := range cases {
		code, err := assemble(func(a *arm64.Assembler) { a.Const(7, c) })
		require.NoError(t, err)
		require.Equal(t, c, value(t, code))
		require.Len(t, code, 4*n, "%#x", c)
	}
	r := rand.New(rand.NewPCG(1, 2))
	pieces := []uint64{0, 0xffff, 1, 0x8000, 0x1234, 0xfffe}
	for range 20000 {
		var c uint64
		for range 4 {
			c = c<<16 | pieces[r.IntN(len(pieces))]
		}
		c = bits.RotateLeft64(c, r.IntN(3))
		code, err := assemble(func(a *arm64.Assembler) { a.Const(7, c) })
		require.NoError(t, err)
		require.Equal(t, c, value(t, code))
	}
	refused(t, func(a *arm64.Assembler) { a.Const(arm64.SP, 1) })
}

func TestFloatConst(t *testing.T) {
	for f, want := range map[float64]string{
		0: "FMOV D7, XZR", 1: "FMOV D7, #1.000000000000000000e+00", -0.5: "FMOV D7, #-5.000000000000000000e-01",
		0.1: "LDR D7, .+0x8", math.Inf(1): "LDR D7, .+0x8", math.Copysign(0, -1): "FMOV D7, XZR",
	} {
		if math.Signbit(f) && f == 0 {
			continue // the same key as 0
		}
		code, err := assemble(func(a *arm64.Assembler) { a.FloatConst(7, math.Float64bits(f)) })
		require.NoError(t, err)
		require.Equal(t, want, decode(t, code))
		if len(code) > 4 {
			require.Len(t, code, 16) // with one word before the constant, for its alignment
			require.Equal(t, math.Float64bits(f), binary.LittleEndian.Uint64(code[8:]))
		}
	}
	code, err := assemble(func(a *arm64.Assembler) { a.FloatConst(7, 1<<63) })
	require.NoError(t, err)
	require.Equal(t, uint64(1<<63), binary.LittleEndian.Uint64(code[8:]), "-0.0 is not 0")
}

func TestAccess(t *testing.T) {
	for i, m := range memory {
		op, text := m.op, fmt.Sprintf("%s %s, ", name(m.op), m.name(1))
		same(t, func(a *arm64.Assembler) { a.Access(op, 1, 2, 0, 3) }, "%s[X2]", text)
		same(t, func(a *arm64.Assembler) { a.Access(op, 1, 2, 4095<<m.size, 3) }, "%s[X2,#%d]", text, 4095<<m.size)
		same(t, func(a *arm64.Assembler) { a.Access(op, 1, 2, -8, 3) }, "%s %s, [X2,#-8]", name(arm64.LDUR+arm64.Op(i)), m.name(1))
		same(t, func(a *arm64.Assembler) { a.Access(op, 1, 2, 3, 3) }, "%s %s, [X2,#3]", name(arm64.LDUR+arm64.Op(i)), m.name(1))
		for _, far := range []int64{-264, 4096 << m.size, 257, -1 << 40} {
			code, err := assemble(func(a *arm64.Assembler) { a.Access(op, 1, 2, far, 7) })
			require.NoError(t, err)
			require.Equal(t, far, int64(value(t, code[:len(code)-4])))
			require.Equal(t, text+"[X2,X7]", decode(t, code[len(code)-4:]))
		}
		refused(t, func(a *arm64.Assembler) { a.Access(arm64.LDP, 1, 2, 0, 3) })
	}
}
