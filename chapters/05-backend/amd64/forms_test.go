package amd64_test

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"metatrace/chapters/05-backend/amd64"
	solution "metatrace/solutions/05-backend"
)

func newAssembler() *amd64.Assembler {
	return amd64.New(amd64.Kit{ModRM: solution.ModRM, REX: solution.REX, AppendMem: solution.AppendMem}, 64)
}

// decode decodes code, which must be one instruction.
func decode(t testing.TB, code []byte) x86asm.Inst {
	t.Helper()
	inst, err := x86asm.Decode(code, 64)
	if err != nil || inst.Op == 0 || inst.Len != len(code) {
		t.Fatalf("% x: %v, %v of %d bytes", code, err, inst, inst.Len)
	}
	return inst
}

// banks are the decoder's first registers of each kind of operand.
var banks = map[string]x86asm.Reg{
	"r64": x86asm.RAX, "r32": x86asm.EAX, "r16": x86asm.AX, "xmm": x86asm.X0,
}

// register returns the decoder's name of register r of a kind.
func register(kind string, r amd64.Reg) x86asm.Arg {
	if kind != "r8" {
		return banks[kind] + x86asm.Reg(r)
	}
	switch {
	case r < 4:
		return x86asm.AL + x86asm.Reg(r)
	case r < 8:
		return x86asm.SPB + x86asm.Reg(r-4)
	}
	return x86asm.R8B + x86asm.Reg(r-8)
}

// memory returns the decoder's view of a memory operand.
func memory(m amd64.Mem) x86asm.Arg {
	x := x86asm.Mem{Base: x86asm.RAX + x86asm.Reg(m.Base), Disp: int64(m.Disp)}
	if m.Scale != 0 {
		x.Index, x.Scale = x86asm.RAX+x86asm.Reg(m.Index), m.Scale
	}
	return x
}

// allPlaces are the memory operands to be tried: all bases with all indices, scales
// and classes of displacements.
var allPlaces = makePlaces()

func makePlaces() (list []amd64.Mem) {
	for base := amd64.RAX; base <= amd64.R15; base++ {
		for _, disp := range []int32{0, 1, 127, 128, -1, -128, -129, 1<<31 - 1, -1 << 31} {
			list = append(list, amd64.At(base, disp))
			for index := amd64.RAX; index <= amd64.R15; index++ {
				if index == amd64.RSP {
					continue
				}
				for _, scale := range []uint8{1, 2, 4, 8} {
					list = append(list, amd64.Mem{Base: base, Index: index, Scale: scale, Disp: disp})
				}
			}
		}
	}
	return list
}

var immediates = map[string][]int32{
	"imm8":  {0, 1, 63, 127, -1, -128},
	"imm32": {128, -129, 1 << 20, 1<<31 - 1, -1 << 31},
}

// shift8 are what an instruction takes that has imm8 only.
var shift8 = []int32{0, 1, 31, 63}

// operand is a candidate for one operand: how the decoder shows it, and what it is.
type operand struct {
	arg x86asm.Arg
	reg amd64.Reg
	mem *amd64.Mem
	imm int32
}

// candidates returns what to try for an operand as the manual writes it.
func candidates(kind string, op amd64.Op, places []amd64.Mem) (list []operand) {
	if imms, ok := immediates[kind]; ok {
		if op == amd64.SHL || op == amd64.SHR || op == amd64.SAR || op == amd64.BT {
			imms = shift8
		}
		for _, n := range imms {
			list = append(list, operand{arg: x86asm.Imm(n), imm: n})
		}
		return list
	}
	kinds := strings.Split(kind, "/")
	if k := kinds[0]; k[0] != 'm' {
		if k == "r" {
			k += strings.TrimPrefix(kinds[1], "m")
		}
		for r := amd64.RAX; r <= amd64.R15; r++ {
			list = append(list, operand{arg: register(k, r), reg: r})
		}
	}
	if last := kinds[len(kinds)-1]; last[0] == 'm' {
		for _, m := range places {
			list = append(list, operand{arg: memory(m), mem: &m})
		}
	}
	return list
}

// put makes the instruction of a form with operands.
func put(a *amd64.Assembler, f amd64.Form, cc amd64.CC, ops []operand) {
	inMemory := func(i int) bool { return len(ops) > i && ops[i].mem != nil }
	hasImm := strings.Contains(f.Operands, "imm")
	switch {
	case f.Op == amd64.SETCC && inMemory(0):
		a.SetM(cc, *ops[0].mem)
	case f.Op == amd64.SETCC:
		a.Set(cc, ops[0].reg)
	case f.Op == amd64.CMOVCC && inMemory(1):
		a.CMovM(cc, ops[0].reg, *ops[1].mem)
	case f.Op == amd64.CMOVCC:
		a.CMov(cc, ops[0].reg, ops[1].reg)
	case strings.HasSuffix(f.Operands, "CL") && inMemory(0):
		a.MCL(f.Op, *ops[0].mem)
	case strings.HasSuffix(f.Operands, "CL"):
		a.RCL(f.Op, ops[0].reg)
	case len(ops) == 0:
		a.Plain(f.Op)
	case len(ops) == 1 && inMemory(0):
		a.M(f.Op, *ops[0].mem)
	case len(ops) == 1:
		a.R(f.Op, ops[0].reg)
	case len(ops) == 3 && inMemory(1):
		a.RMI(f.Op, ops[0].reg, *ops[1].mem, ops[2].imm)
	case len(ops) == 3:
		a.RRI(f.Op, ops[0].reg, ops[1].reg, ops[2].imm)
	case hasImm && inMemory(0):
		a.MI(f.Op, *ops[0].mem, ops[1].imm)
	case hasImm:
		a.RI(f.Op, ops[0].reg, ops[1].imm)
	case inMemory(0):
		a.MR(f.Op, *ops[0].mem, ops[1].reg)
	case inMemory(1):
		a.RM(f.Op, ops[0].reg, *ops[1].mem)
	default:
		a.RR(f.Op, ops[0].reg, ops[1].reg)
	}
}

// ccs are the decoder's suffixes, by number; it has its own spelling for some.
var ccs = [...]string{"O", "NO", "B", "AE", "E", "NE", "BE", "A", "S", "NS", "P", "NP", "L", "GE", "LE", "G"}

func TestCCString(t *testing.T) {
	for i, want := range ccs {
		if got := amd64.CC(i).String(); got != want {
			t.Errorf("CC %d is %q, not %q", i, got, want)
		}
	}
}

// opName returns the decoder's name of a form's instruction.
func opName(f amd64.Form, cc amd64.CC) string {
	name := strings.TrimSuffix(f.Name, "cc")
	if name != f.Name {
		return name + ccs[cc]
	}
	if name == "MOVSD" {
		return "MOVSD_XMM"
	}
	return name
}

// TestForms makes every form of Table with every register, with every memory operand
// and with immediates at the limits, decodes it and compares the operands.
func TestForms(t *testing.T) {
	for _, f := range amd64.Table {
		t.Run(fmt.Sprintf("%s %s", f.Name, f.Operands), func(t *testing.T) {
			t.Parallel()
			if f.Name == "Jcc" || strings.HasPrefix(f.Operands, "rel") || f.Operands == "r32, imm32" || f.Operands == "r64, imm64" {
				t.Skip("has a test of its own")
			}
			conditions := amd64.CC(1)
			if strings.HasSuffix(f.Name, "cc") {
				conditions = 16
			}
			for cc := range conditions {
				n := checkForm(t, f, cc)
				if testing.Verbose() && cc == 0 {
					t.Logf("%d combinations", n)
				}
			}
		})
	}
}

// checkForm tries all combinations of the operands of a form.
func checkForm(t *testing.T, f amd64.Form, cc amd64.CC) (count int) {
	a := newAssembler()
	check := func(ops ...operand) {
		a.Code = a.Code[:0]
		put(a, f, cc, ops)
		inst := decode(t, a.Code)
		count++
		if got, want := inst.Op.String(), opName(f, cc); got != want {
			t.Fatalf("% x is %s, not %s", a.Code, got, want)
		}
		for i, o := range ops {
			if !sameArg(inst.Args[i], o.arg) {
				t.Fatalf("% x, %v: operand %d is %#v, not %#v", a.Code, inst, i, inst.Args[i], o.arg)
			}
		}
		if strings.HasSuffix(f.Operands, "CL") && inst.Args[1] != x86asm.CL {
			t.Fatalf("% x: shifts by %v", a.Code, inst.Args[1])
		}
	}
	var kinds []string
	if f.Operands != "" {
		kinds = strings.Split(strings.TrimSuffix(f.Operands, ", CL"), ", ")
	}
	places := allPlaces
	if cc > 0 {
		places = places[:61] // all conditions go the same way
	}
	lists := make([][]operand, len(kinds))
	for i, k := range kinds {
		lists[i] = candidates(k, f.Op, places)
	}
	combine(lists, check)
	return count
}

// combine calls check with combinations of up to three operands: all, but of those
// with memory some.
func combine(lists [][]operand, check func(ops ...operand)) {
	every := 5 // each place with some registers, each register with many places
	if testing.Short() {
		every = 61
	}
	skip := func(x, y operand, n int) bool { return (x.mem != nil || y.mem != nil) && n%every != 0 }
	switch len(lists) {
	case 0:
		check()
	case 1:
		for _, x := range lists[0] {
			check(x)
		}
	case 2:
		for i, x := range lists[0] {
			for j, y := range lists[1] {
				if !skip(x, y, i+j) {
					check(x, y)
				}
			}
		}
	case 3:
		for i, x := range lists[0] {
			for j, y := range lists[1] {
				for k, z := range lists[2] {
					if !skip(x, y, i+j+k) {
						check(x, y, z)
					}
				}
			}
		}
	}
}

// sameArg compares operands. The decoder reports some numbers of 32 bits as unsigned,
// and a scale without an index.
func sameArg(got, want x86asm.Arg) bool {
	if m, ok := got.(x86asm.Mem); ok {
		m.Disp = int64(int32(m.Disp))
		if m.Index == 0 {
			m.Scale = 0
		}
		return m == want
	}
	g, ok := got.(x86asm.Imm)
	w, ok2 := want.(x86asm.Imm)
	if ok && ok2 {
		return int32(g) == int32(w)
	}
	return got == want
}
