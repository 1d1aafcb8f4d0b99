package backend_test

import (
	"bytes"
	"fmt"
	"math/bits"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/internal/exercise"
	backendsolution "metatrace/solutions/05-backend"
)

type (
	modRM     = func(mod byte, reg, rm amd64.Reg) byte
	rexOf     = func(w bool, reg, index, base amd64.Reg) byte
	appendMem = func(code []byte, reg amd64.Reg, m amd64.Mem) []byte
)

// regNames are the names of the integer registers, by number.
var regNames = [16]string{"RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI", "R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"}

func TestExercise5_1_ModRM(t *testing.T) {
	exercise.Run(t, ex("5.1"), backend.Yours.ModRM, backendsolution.ModRM, checkModRM,
		exercise.Wrong[modRM]("exchanges-reg-and-rm", func(mod byte, reg, rm amd64.Reg) byte { return backendsolution.ModRM(mod, rm, reg) }),
		exercise.Wrong[modRM]("lets-the-fourth-bit-of-reg-in", func(mod byte, reg, rm amd64.Reg) byte {
			return mod<<6 | byte(reg)<<3 | byte(rm&7)
		}),
		exercise.Wrong[modRM]("lets-the-fourth-bit-of-rm-in", func(mod byte, reg, rm amd64.Reg) byte {
			return mod<<6 | byte(reg&7)<<3 | byte(rm)
		}),
		exercise.Wrong[modRM]("has-registers-only", func(_ byte, reg, rm amd64.Reg) byte { return backendsolution.ModRM(3, reg, rm) }),
		exercise.Wrong[modRM]("has-four-bits-for-reg", func(mod byte, reg, rm amd64.Reg) byte {
			return mod<<6 | byte(reg&7)<<4 | byte(rm&7)
		}),
		exercise.Wrong[modRM]("has-mod-at-the-lower-end", func(mod byte, reg, rm amd64.Reg) byte {
			return byte(reg&7)<<5 | byte(rm&7)<<2 | mod
		}),
	)
}

func checkModRM(t exercise.TB, f modRM) {
	const (
		places = "from the upper end: 2 bits mod, 3 bits reg, 3 bits rm"
		lower  = "only the lower three bits of a register's number stand in ModRM: R9, number 9 or 1001, is 001"
	)
	for _, c := range []struct {
		mod     byte
		reg, rm amd64.Reg
		want    byte
		rule    string
	}{
		{3, amd64.RAX, amd64.RAX, 0b11_000_000, places},
		{3, amd64.RAX, amd64.RBX, 0b11_000_011, places},
		{3, amd64.RDI, amd64.RAX, 0b11_111_000, places},
		{0, amd64.RCX, amd64.RBP, 0b00_001_101, places},
		{2, amd64.RDX, amd64.RSI, 0b10_010_110, places},
		{3, amd64.RAX, amd64.R9, 0b11_000_001, lower},
		{1, amd64.R15, amd64.R12, 0b01_111_100, lower},
	} {
		if sameModRM(t, c.mod, c.reg, c.rm, f, c.want, c.rule); t.Failed() {
			return
		}
	}
	for i := 0; i < 1024 && !t.Failed(); i++ {
		mod, reg, rm := i>>8, i>>4&15, i&15
		sameModRM(t, byte(mod), amd64.Reg(reg), amd64.Reg(rm), f, byte(mod*64+reg%8*8+rm%8), lower)
	}
	checkNative(t, with(func(k *backend.Kit) { k.ModRM = f }), "amd64")
}

func sameModRM(t exercise.TB, mod byte, reg, rm amd64.Reg, f modRM, want byte, rule string) {
	t.Helper()
	if got := f(mod, reg, rm); got != want {
		show := func(b byte) string { return fmt.Sprintf("%02b %03b %03b (%02X)", b>>6, b>>3&7, b&7, b) }
		t.Errorf("ModRM(%d, %s, %s) is %s, want %s\nrule: %s", mod, regNames[reg], regNames[rm], show(got), show(want), rule)
	}
}

func TestExercise5_2_REX(t *testing.T) {
	solution := backendsolution.REX
	exercise.Run(t, ex("5.2"), backend.Yours.REX, solution, checkREX,
		exercise.Wrong[rexOf]("exchanges-R-and-B", func(w bool, reg, index, base amd64.Reg) byte { return solution(w, base, index, reg) }),
		exercise.Wrong[rexOf]("exchanges-X-and-B", func(w bool, reg, index, base amd64.Reg) byte { return solution(w, reg, base, index) }),
		exercise.Wrong[rexOf]("forgets-X", func(w bool, reg, _, base amd64.Reg) byte { return solution(w, reg, 0, base) }),
		exercise.Wrong[rexOf]("forgets-R", func(w bool, _, index, base amd64.Reg) byte { return solution(w, 0, index, base) }),
		exercise.Wrong[rexOf]("is-always-there", func(w bool, reg, index, base amd64.Reg) byte { return solution(w, reg, index, base) | 0x40 }),
		exercise.Wrong[rexOf]("is-there-for-W-only", func(w bool, reg, index, base amd64.Reg) byte {
			if !w {
				return 0
			}
			return solution(w, reg, index, base)
		}),
		exercise.Wrong[rexOf]("forgets-0100", func(w bool, reg, index, base amd64.Reg) byte { return solution(w, reg, index, base) &^ 0x40 }),
		exercise.Wrong[rexOf]("has-W-always", func(_ bool, reg, index, base amd64.Reg) byte { return solution(true, reg, index, base) }),
		exercise.Wrong[rexOf]("has-W-at-the-lower-end", func(w bool, reg, index, base amd64.Reg) byte {
			rex := solution(w, reg, index, base)
			return rex&0xF0 | bits.Reverse8(rex)>>4
		}),
	)
}

func checkREX(t exercise.TB, f rexOf) {
	const (
		fixed   = "REX is 0100WRXB: its upper half is always 0100"
		none    = "if none of the four bits is set there is no REX, and 0 says so"
		letters = "from the upper end: W, then the fourth bit of reg (R), of index (X), and of base (B)"
	)
	for _, c := range []struct {
		w                bool
		reg, index, base amd64.Reg
		want             byte
		rule             string
	}{
		{true, amd64.RAX, 0, amd64.RDX, 0x48, fixed},
		{false, amd64.RAX, 0, amd64.RDX, 0, none},
		{false, amd64.RDI, amd64.RDI, amd64.RDI, 0, none},
		{true, amd64.RAX, 0, amd64.R9, 0x49, letters},
		{true, amd64.R9, 0, amd64.RAX, 0x4C, letters},
		{true, amd64.RAX, amd64.R9, amd64.RAX, 0x4A, letters},
		{false, amd64.R8, 0, amd64.RAX, 0x44, letters},
		{false, amd64.RAX, 0, amd64.R8, 0x41, letters},
		{true, amd64.R15, amd64.R15, amd64.R15, 0x4F, letters},
	} {
		if sameREX(t, c.w, c.reg, c.index, c.base, f, c.want, c.rule); t.Failed() {
			return
		}
	}
	for i := 0; i < 2<<12 && !t.Failed(); i++ {
		w, reg, index, base := i>>12, i>>8&15, i>>4&15, i&15
		want := byte(0x40 + w*8 + reg/8*4 + index/8*2 + base/8)
		if want == 0x40 {
			want = 0
		}
		sameREX(t, w == 1, amd64.Reg(reg), amd64.Reg(index), amd64.Reg(base), f, want, letters)
	}
	checkNative(t, with(func(k *backend.Kit) { k.REX = f }), "amd64")
}

func sameREX(t exercise.TB, w bool, reg, index, base amd64.Reg, f rexOf, want byte, rule string) {
	t.Helper()
	if got := f(w, reg, index, base); got != want {
		show := func(b byte) string { return fmt.Sprintf("%04b %04b (%02X)", b>>4, b&15, b) }
		x := regNames[index]
		if index == 0 {
			x = "0" // no index, or RAX: it is the same
		}
		t.Errorf("REX(%v, %s, %s, %s) is %s, want %s\nrule: %s", w, regNames[reg], x, regNames[base], show(got), show(want), rule)
	}
}

func TestExercise5_3_AppendMem(t *testing.T) {
	exercise.Run(t, ex("5.3"), backend.Yours.AppendMem, backendsolution.AppendMem, checkAppendMem,
		wrongMem("RSP-without-SIB", memRules{sib: func(m amd64.Mem) bool { return m.Scale != 0 }}),
		wrongMem("R12-without-SIB", memRules{sib: func(m amd64.Mem) bool { return m.Scale != 0 || m.Base == amd64.RSP }}),
		wrongMem("SIB-always", memRules{sib: func(amd64.Mem) bool { return true }}),
		wrongMem("RBP-without-disp8", memRules{bare: func(m amd64.Mem) bool { return m.Disp == 0 }}),
		wrongMem("R13-without-disp8", memRules{bare: func(m amd64.Mem) bool { return m.Disp == 0 && m.Base != amd64.RBP }}),
		wrongMem("disp8-without-sign", memRules{short: func(d int32) bool { return d >= 0 && d < 256 }}),
		wrongMem("disp8-too-far-down", memRules{short: func(d int32) bool { return d >= -129 && d < 128 }}),
		wrongMem("disp32-always", memRules{short: func(int32) bool { return false }}),
		wrongMem("most-significant-byte-first", memRules{disp: func(d uint32) uint32 { return bits.ReverseBytes32(d) }}),
		wrongMem("scale-is-not-its-logarithm", memRules{scale: func(s uint8) byte { return s & 3 }}),
		wrongMem("index-and-base-exchanged", memRules{swap: true}),
		wrongMem("no-index-is-0", memRules{noIndex: true}),
		exercise.Wrong[appendMem]("forgets-what-was-there", func(_ []byte, reg amd64.Reg, m amd64.Mem) []byte {
			return backendsolution.AppendMem(nil, reg, m)
		}),
		exercise.Wrong[appendMem]("forgets-the-register", func(code []byte, _ amd64.Reg, m amd64.Mem) []byte {
			return backendsolution.AppendMem(code, 0, m)
		}),
	)
}

// memRules are the decisions of AppendMem, for making wrong ones. nil is the right one.
type memRules struct {
	sib     func(m amd64.Mem) bool
	bare    func(m amd64.Mem) bool // no displacement
	short   func(d int32) bool     // one of 8 bits is enough
	disp    func(d uint32) uint32
	scale   func(s uint8) byte
	swap    bool // index and base
	noIndex bool // no index is written as 0
}

// wrongMem returns a mutant that goes by some wrong rules.
func wrongMem(name string, r memRules) exercise.Mutant[appendMem] {
	noIndex := amd64.RSP
	if r.noIndex {
		noIndex = amd64.RAX
	}
	if r.sib == nil {
		r.sib = func(m amd64.Mem) bool { return m.Scale != 0 || m.Base&7 == amd64.RSP }
	}
	if r.bare == nil {
		r.bare = func(m amd64.Mem) bool { return m.Disp == 0 && m.Base&7 != amd64.RBP }
	}
	if r.short == nil {
		r.short = func(d int32) bool { return d == int32(int8(d)) }
	}
	if r.disp == nil {
		r.disp = func(d uint32) uint32 { return d }
	}
	if r.scale == nil {
		r.scale = func(s uint8) byte { return byte(bits.TrailingZeros8(s)) }
	}
	return exercise.Wrong[appendMem](name, func(code []byte, reg amd64.Reg, m amd64.Mem) []byte {
		mod := byte(2)
		if r.bare(m) {
			mod = 0
		} else if r.short(m.Disp) {
			mod = 1
		}
		code = bytes.Clone(code)
		if r.sib(m) {
			scale, index, base := byte(0), noIndex, m.Base
			if m.Scale != 0 {
				scale, index = r.scale(m.Scale), m.Index
			}
			if r.swap {
				index, base = base, index
			}
			code = append(code, mod<<6|byte(reg&7)<<3|4, scale<<6|byte(index&7)<<3|byte(base&7))
		} else {
			code = append(code, mod<<6|byte(reg&7)<<3|byte(m.Base&7))
		}
		d := r.disp(uint32(m.Disp))
		return append(code, []byte{byte(d), byte(d >> 8), byte(d >> 16), byte(d >> 24)}[:[]int{0, 1, 4}[mod]]...)
	})
}

// memCase is an operand and its bytes.
type memCase struct {
	reg  amd64.Reg
	m    amd64.Mem
	want string
	rule string
}

// memCases are the operands at which the rules meet.
func memCases() []memCase {
	const (
		plain = "mod 0, and no more than ModRM, if there is neither displacement nor index"
		disp8 = "a displacement from -128 to 127 takes 8 bits, with mod 1; any other one 32 bits, with mod 2, the least byte first"
		sib   = "with an index rm is 4, and SIB follows: 2 bits scale, 3 bits index, 3 bits base"
		rsp   = "rm 4 says that SIB follows, so RSP and R12, whose three bits are 4, need one: with index 4, which is none"
		rbp   = "mod 0 with the base 5 means something else, so RBP and R13 have a displacement of 8 bits even if it is 0"
		rest  = "only the lower three bits of each number stand here"
	)
	at, by := amd64.At, func(base, index amd64.Reg, scale uint8, disp int32) amd64.Mem {
		return amd64.Mem{Base: base, Index: index, Scale: scale, Disp: disp}
	}
	return []memCase{
		{amd64.RAX, at(amd64.RBX, 0), "03", plain},
		{amd64.RDX, at(amd64.RDI, 0), "17", plain},
		{amd64.R9, at(amd64.R15, 0), "0f", rest},
		{amd64.RAX, at(amd64.RBX, 16), "43 10", disp8},
		{amd64.RAX, at(amd64.RBX, -1), "43 ff", disp8},
		{amd64.RAX, at(amd64.RBX, 127), "43 7f", disp8},
		{amd64.RAX, at(amd64.RBX, 128), "83 80 00 00 00", disp8},
		{amd64.RAX, at(amd64.RBX, -128), "43 80", disp8},
		{amd64.RAX, at(amd64.RBX, -129), "83 7f ff ff ff", disp8},
		{amd64.RCX, at(amd64.RSI, 0x12345678), "8e 78 56 34 12", disp8},
		{amd64.RDX, by(amd64.RBX, amd64.RCX, 8, 0), "14 cb", sib},
		{amd64.RDX, by(amd64.RBX, amd64.RCX, 1, 0), "14 0b", sib},
		{amd64.RAX, by(amd64.RDI, amd64.RSI, 2, 8), "44 77 08", sib},
		{amd64.RAX, by(amd64.RSP, amd64.RAX, 4, 0), "04 84", sib},
		{amd64.RAX, by(amd64.R8, amd64.R12, 8, 1<<20), "84 e0 00 00 10 00", sib},
		{amd64.RAX, at(amd64.RSP, 0), "04 24", rsp},
		{amd64.RAX, at(amd64.R12, 0), "04 24", rsp},
		{amd64.R15, at(amd64.R12, 8), "7c 24 08", rsp},
		{amd64.RAX, at(amd64.RBP, 0), "45 00", rbp},
		{amd64.RAX, at(amd64.R13, 0), "45 00", rbp},
		{amd64.RAX, by(amd64.R13, amd64.RCX, 8, 0), "44 cd 00", rbp},
		{amd64.RAX, by(amd64.RBP, amd64.RCX, 8, -128), "44 cd 80", rbp},
	}
}

func checkAppendMem(t exercise.TB, f appendMem) {
	for _, c := range memCases() {
		got := f(nil, c.reg, c.m)
		if fmt.Sprintf("% x", got) != c.want {
			t.Errorf("AppendMem(nil, %s, %s) is\n  % X, which says %s\nwant\n  %s\nrule: %s",
				regNames[c.reg], memText(c.m), got, saysMem(c.reg, c.m, got), hexBytes(c.want), c.rule)
			return
		}
	}
	// What was there stays there, and what is behind it may be written to.
	memory := []byte{1, 2, 3, 9, 9, 9, 9, 9, 9}
	if got := f(memory[:3], amd64.RAX, amd64.At(amd64.RBX, 16)); !bytes.Equal(got, []byte{1, 2, 3, 0x43, 0x10}) {
		t.Errorf("AppendMem(01 02 03, RAX, [RBX+0x10]) is % X, want 01 02 03 43 10\nrule: it appends to code", got)
	}
	checkAllMem(t, f)
	checkNative(t, with(func(k *backend.Kit) { k.AppendMem = f }), "amd64")
}

// checkAllMem decodes what f makes of all bases with all indices, scales and kinds of
// displacements, and looks at how long it is.
func checkAllMem(t exercise.TB, f appendMem) {
	for i := range 16 * 16 * 5 {
		m := amd64.Mem{Base: amd64.Reg(i & 15), Index: amd64.Reg(i >> 4 & 15), Scale: []uint8{0, 1, 2, 4, 8}[i>>8]}
		if m.Scale == 0 {
			m.Index = 0
		} else if m.Index == amd64.RSP {
			continue
		}
		for _, m.Disp = range []int32{0, 1, 127, 128, -1, -128, -129, 1<<31 - 1, -1 << 31} {
			reg := amd64.Reg(i * 7 & 15)
			got, want := f(nil, reg, m), backendsolution.AppendMem(nil, reg, m)
			switch {
			case !rightMem(reg, m, got):
				t.Errorf("AppendMem(nil, %s, %s) is % X, which says %s", regNames[reg], memText(m), got, saysMem(reg, m, got))
				return
			case len(got) != len(want):
				t.Errorf("AppendMem(nil, %s, %s) is % X, but these bytes say the same: % X\nrule: it takes as few bytes as possible",
					regNames[reg], memText(m), got, want)
				return
			}
		}
	}
}

// asMOV returns a MOV with an operand that was made by AppendMem.
func asMOV(reg amd64.Reg, m amd64.Mem, operand []byte) []byte {
	return append([]byte{backendsolution.REX(true, reg, m.Index, m.Base), 0x8B}, operand...)
}

// rightMem decodes an operand and reports whether it is reg and m.
func rightMem(reg amd64.Reg, m amd64.Mem, operand []byte) bool {
	code := asMOV(reg, m, operand)
	inst, err := x86asm.Decode(code, 64)
	got, ok := inst.Args[1].(x86asm.Mem)
	if err != nil || !ok || inst.Len != len(code) || inst.Args[0] != x86asm.RAX+x86asm.Reg(reg) {
		return false
	}
	want := x86asm.Mem{Base: x86asm.RAX + x86asm.Reg(m.Base), Disp: int64(m.Disp)}
	if m.Scale != 0 {
		want.Index, want.Scale = x86asm.RAX+x86asm.Reg(m.Index), m.Scale
	}
	got.Disp = int64(int32(got.Disp))
	if got.Index == 0 {
		got.Scale = 0
	}
	return got == want
}

// saysMem says what an operand means to the processor.
func saysMem(reg amd64.Reg, m amd64.Mem, operand []byte) string {
	code := asMOV(reg, m, operand)
	machine := backend.NewAMD64(&backendsolution.Kit, -1)
	// What comes next in the code, the processor takes for the rest.
	text, n := machine.Disassemble(append(code, 0x90, 0x90, 0x90, 0x90, 0x90, 0x90), 0)
	text = strings.ReplaceAll(strings.ToUpper(strings.TrimPrefix(text, "mov ")), "QWORD ", "")
	switch text = strings.ReplaceAll(text, "0X", "0x"); {
	case n < len(code):
		return text + " in its first bytes"
	case n > len(code):
		return text + " with the bytes behind it"
	}
	return text
}

// memText is a memory operand as the manual writes it.
func memText(m amd64.Mem) string {
	text := "[" + regNames[m.Base]
	if m.Scale != 0 {
		text += fmt.Sprintf("+%s*%d", regNames[m.Index], m.Scale)
	}
	if m.Disp != 0 {
		text += fmt.Sprintf("%+#x", m.Disp)
	}
	return text + "]"
}

// hexBytes returns the text of bytes in upper case.
func hexBytes(text string) string { return string(bytes.ToUpper([]byte(text))) }
