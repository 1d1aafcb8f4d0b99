package arm64_test

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/arch/arm64/arm64asm"

	"metatrace/chapters/05-backend/arm64"
	solution "metatrace/solutions/05-backend"
)

var kit = &arm64.Kit{LogicalImm: solution.LogicalImm}

// assemble returns the machine code of what f appends.
func assemble(f func(a *arm64.Assembler)) ([]byte, error) {
	a := arm64.New(kit)
	f(a)
	return a.Finish()
}

// decode returns the instruction in the first word of code with its arguments, in the
// form that has no aliases: CMP is SUBS with XZR.
func decode(t testing.TB, code []byte) string {
	t.Helper()
	in, err := arm64asm.Decode(code)
	require.NoError(t, err, "%#08x", binary.LittleEndian.Uint32(code))
	var args []string
	for _, arg := range in.Args {
		if arg != nil {
			args = append(args, arg.String())
		}
	}
	return unalias(in, args)
}

// aliases are the decoder's names with the instruction that they are, and where that
// has another operand: XZR, at this place.
var aliases = map[string]struct {
	op string
	at int
}{
	"CMP": {"SUBS", 0}, "CMN": {"ADDS", 0}, "TST": {"ANDS", 0},
	"NEG": {"SUB", 1}, "NEGS": {"SUBS", 1}, "MVN": {"ORN", 1},
	"MUL": {"MADD", 3}, "MNEG": {"MSUB", 3},
}

func unalias(in arm64asm.Inst, args []string) string {
	name, w := in.Op.String(), in.Enc
	if alias, ok := aliases[name]; ok {
		args = append(args[:alias.at], append([]string{"XZR"}, args[alias.at:]...)...)
		name = alias.op
	}
	switch name {
	case "LSL", "LSR", "ASR", "UBFX", "UBFIZ", "SBFX", "SBFIZ", "SXTB", "SXTH", "SXTW":
		if w>>24 == 0x9a {
			name += "V"
		} else {
			name, args = bitfield(in, args)
		}
	case "MOV":
		name, args = move(in, args)
	case "CINC", "CINV", "CNEG":
		name = strings.Replace(name, "C", "CS", 1)
		args = []string{args[0], args[1], args[1], inverse(args[2])}
	case "CSET":
		name, args = "CSINC", []string{args[0], "XZR", "XZR", inverse(args[1])}
	case "CSETM":
		name, args = "CSINV", []string{args[0], "XZR", "XZR", inverse(args[1])}
	}
	return name + " " + strings.Join(args, ", ")
}

func inverse(cond string) string {
	for c := arm64.EQ; c <= arm64.LE; c++ {
		if conds[c] == cond {
			return conds[c.Inverse()]
		}
	}
	return cond
}

// bitfield turns the decoder's reading of SBFM or UBFM back into their two numbers.
func bitfield(in arm64asm.Inst, args []string) (string, []string) {
	number := func(i int) (n int) {
		if _, err := fmt.Sscanf(args[i], "#%v", &n); err != nil {
			panic(err)
		}
		return n
	}
	immr, imms := 0, 0
	switch in.Op {
	case arm64asm.LSL:
		immr, imms = -number(2)&63, 63-number(2)
	case arm64asm.LSR, arm64asm.ASR:
		immr, imms = number(2), 63
	case arm64asm.UBFX, arm64asm.SBFX:
		immr, imms = number(2), number(2)+number(3)-1
	case arm64asm.UBFIZ, arm64asm.SBFIZ:
		immr, imms = -number(2)&63, number(3)-1
	case arm64asm.SXTB:
		imms = 7
	case arm64asm.SXTH:
		imms = 15
	case arm64asm.SXTW:
		imms = 31
	}
	name := "UBFM"
	if in.Enc>>29&3 == 0 {
		name = "SBFM"
	}
	from := strings.Replace(args[1], "W", "X", 1)
	return name, []string{args[0], from, fmt.Sprintf("#%d", immr), fmt.Sprintf("#%d", imms)}
}

// move tells the instructions apart that the decoder calls MOV.
func move(in arm64asm.Inst, args []string) (string, []string) {
	switch w := in.Enc; {
	case w>>24 == 0xaa:
		return "ORR", []string{args[0], "XZR", args[1]}
	case w>>24 == 0xb2:
		return "ORR", []string{args[0], "XZR", args[1]}
	case w>>24 == 0x91:
		return "ADD", []string{args[0], args[1], "#0x0"}
	case w>>23 == 0x92800000>>23, w>>23 == 0xd2800000>>23:
		x := uint64(in.Args[1].(arm64asm.Imm64).Imm)
		name := "MOVZ"
		if w>>29&3 == 0 {
			name, x = "MOVN", ^x
		}
		shift := bits.TrailingZeros64(x) / 16 * 16 % 64
		return name, []string{args[0], wide(uint16(x>>shift), uint(shift))}
	}
	return "MOV", args
}

var conds = []string{"EQ", "NE", "CS", "CC", "MI", "PL", "VS", "VC", "HI", "LS", "GE", "LT", "GT", "LE"}

func wide(x uint16, shift uint) string {
	if shift == 0 {
		return fmt.Sprintf("#%#x", x)
	}
	return fmt.Sprintf("#%#x, LSL #%d", x, shift)
}

// The names of registers.
func x(r arm64.Reg) string {
	if r == arm64.ZR {
		return "XZR"
	}
	return fmt.Sprintf("X%d", r)
}

func xsp(r arm64.Reg) string {
	if r == arm64.SP {
		return "SP"
	}
	return x(r)
}

func w(r arm64.Reg) string { return strings.Replace(x(r), "X", "W", 1) }
func d(r arm64.Reg) string { return fmt.Sprintf("D%d", r) }

// eachReg calls f with n registers, so that each register is at each place, beside
// others that vary.
func eachReg(n int, f func(r []arm64.Reg)) {
	r := make([]arm64.Reg, 4)
	for place := range n {
		for v := range arm64.Reg(32) {
			for i := range r {
				r[i] = (v*arm64.Reg(5+2*i) + arm64.Reg(7*i)) % 32
			}
			r[place] = v
			f(r)
		}
	}
	for _, v := range []arm64.Reg{0, 31} { // and the same one everywhere
		f([]arm64.Reg{v, v, v, v})
	}
}

// same asserts that what f appends is decoded as the wanted text, made from a format.
func same(t *testing.T, f func(a *arm64.Assembler), format string, args ...any) {
	t.Helper()
	code, err := assemble(f)
	require.NoError(t, err)
	require.Len(t, code, 4)
	require.Equal(t, fmt.Sprintf(format, args...), decode(t, code), "%#08x", binary.LittleEndian.Uint32(code))
}
