package amd64_test

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/arch/x86/x86asm"

	"metatrace/chapters/05-backend/amd64"
)

// TestGolden has bytes that GNU as made (binutils 2.40, Intel syntax), for what the
// decoder could misunderstand as this package does.
func TestGolden(t *testing.T) {
	for _, c := range []struct {
		want string
		put  func(a *amd64.Assembler)
	}{
		{"49 03 c1", func(a *amd64.Assembler) { a.RR(amd64.ADD, amd64.RAX, amd64.R9) }},
		{"49 8b 04 24", func(a *amd64.Assembler) { a.RM(amd64.MOV, amd64.RAX, amd64.At(amd64.R12, 0)) }},
		{"49 8b 44 cd 00", func(a *amd64.Assembler) {
			a.RM(amd64.MOV, amd64.RAX, amd64.Mem{Base: amd64.R13, Index: amd64.RCX, Scale: 8})
		}},
		{"0f 94 c0", func(a *amd64.Assembler) { a.Set(amd64.E, amd64.RAX) }},
		{"40 0f 94 c6", func(a *amd64.Assembler) { a.Set(amd64.E, amd64.RSI) }},
		{"f2 49 0f 2a c4", func(a *amd64.Assembler) { a.RR(amd64.CVTSI2SD, amd64.X0, amd64.R12) }},
		{"66 49 0f 7e c0", func(a *amd64.Assembler) { a.RR(amd64.MOVQR, amd64.R8, amd64.X0) }},
		{"48 99", func(a *amd64.Assembler) { a.Plain(amd64.CQO) }},
		{"49 ba f0 de bc 9a 78 56 34 12", func(a *amd64.Assembler) { a.MovI(amd64.R10, 0x123456789ABCDEF0) }},
		{"41 ba ff ff ff ff", func(a *amd64.Assembler) { a.MovI(amd64.R10, 1<<32-1) }},
		{"49 c7 c2 ff ff ff ff", func(a *amd64.Assembler) { a.MovI(amd64.R10, 1<<64-1) }},
		{"49 81 7e 10 de fa ff ff", func(a *amd64.Assembler) { a.MI(amd64.CMP, amd64.At(amd64.R14, 16), -1314) }},
	} {
		a := newAssembler()
		c.put(a)
		if got := fmt.Sprintf("% x", a.Code); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
}

// TestMovI decodes constants of all sizes in all registers.
func TestMovI(t *testing.T) {
	for r := amd64.RAX; r <= amd64.R15; r++ {
		for _, v := range []uint64{0, 1, 1<<31 - 1, 1 << 31, 1<<32 - 1, 1 << 32, 1 << 63, ^uint64(0), 0xFFFFFFFF_80000000, 0xFFFFFFFF_7FFFFFFF} {
			a := newAssembler()
			a.MovI(r, v)
			inst := decode(t, a.Code)
			n := uint64(inst.Args[1].(x86asm.Imm))
			kind := "r64"
			if len(a.Code) <= 6 {
				kind, n = "r32", uint64(uint32(n))
			}
			if inst.Op != x86asm.MOV || inst.Args[0] != register(kind, r) || n != v {
				t.Errorf("register %d, %#x: %v", r, v, inst)
			}
		}
	}
}

// TestJumps jumps over all distances around the limit of short jumps, both ways.
func TestJumps(t *testing.T) {
	for _, gap := range []int{0, 1, 100, 124, 125, 126, 127, 128, 129, 1000} {
		for cc := amd64.O; cc <= amd64.G+1; cc++ {
			jump := func(a *amd64.Assembler, l amd64.Label) {
				if cc > amd64.G {
					a.Jmp(l)
				} else {
					a.Jcc(cc, l)
				}
			}
			a := newAssembler()
			back, ahead := a.NewLabel(), a.NewLabel()
			jump(a, ahead)
			first := len(a.Code)
			a.Bind(back)
			a.Code = append(a.Code, make([]byte, gap)...)
			a.Bind(ahead)
			at := len(a.Code)
			jump(a, back)
			code := a.Finish()
			forward, backward := decode(t, code[:first]), decode(t, code[at:])
			if got := int(forward.Args[0].(x86asm.Rel)); got != gap {
				t.Errorf("forward over %d: %d", gap, got)
			}
			if got := int(backward.Args[0].(x86asm.Rel)); got != -gap-backward.Len {
				t.Errorf("back over %d: %d", gap, got)
			}
			if isShort := backward.Len == 2; isShort != (gap <= 126) {
				t.Errorf("back over %d: %d bytes", gap, backward.Len)
			}
			if name := forward.Op.String(); cc <= amd64.G && name != "J"+cc.String() || cc > amd64.G && name != "JMP" {
				t.Errorf("%v is %s", cc, name)
			}
		}
	}
}

func TestShortJump(t *testing.T) {
	a := newAssembler()
	over := a.JccShort(amd64.P)
	a.Plain(amd64.RET)
	a.EndShort(over)
	a.JmpNext()
	if got := hex.EncodeToString(a.Finish()); got != "7a01c3e900000000" {
		t.Error(got)
	}
}

// TestPool finds each constant once, where the instruction says, and 16 bytes aligned.
func TestPool(t *testing.T) {
	a := newAssembler()
	var ends []int
	uses := []struct {
		twice bool
		bits  uint64
	}{{false, 5}, {true, 1 << 63}, {false, 5}, {false, 7}, {true, 1 << 63}, {true, 5}}
	for i, u := range uses {
		r := amd64.Reg(3 * i)
		if u.twice {
			a.RC2(amd64.XORPS, r, u.bits)
		} else {
			a.RC(amd64.ADDSD, r, u.bits)
		}
		ends = append(ends, len(a.Code))
	}
	length := len(a.Code)
	code := a.Finish()
	if want := (length+15)&^15 + 2*16 + 2*8; len(code) != want {
		t.Errorf("%d bytes, want %d", len(code), want)
	}
	begin := 0
	for i, u := range uses {
		inst := decode(t, code[begin:ends[i]])
		m := inst.Args[1].(x86asm.Mem)
		if m.Base != x86asm.RIP || inst.Args[0] != register("xmm", amd64.Reg(3*i)) {
			t.Errorf("%v", inst)
		}
		at := ends[i] + int(int32(m.Disp))
		if got := binary.LittleEndian.Uint64(code[at:]); got != u.bits {
			t.Errorf("use %d: %#x", i, got)
		}
		if u.twice && (at%16 != 0 || binary.LittleEndian.Uint64(code[at+8:]) != u.bits) {
			t.Errorf("use %d is at %d", i, at)
		}
		begin = ends[i]
	}
}

func TestLeaLabel(t *testing.T) {
	for r := amd64.RAX; r <= amd64.R15; r++ {
		a := newAssembler()
		l := a.NewLabel()
		a.LeaLabel(r, l)
		a.Plain(amd64.RET)
		a.Bind(l)
		inst := decode(t, a.Finish()[:7])
		if inst.Op != x86asm.LEA || inst.Args[0] != register("r64", r) || inst.Args[1] != (x86asm.Mem{Base: x86asm.RIP, Disp: 1}) {
			t.Errorf("%v", inst)
		}
	}
}

// TestAlign decodes what fills gaps.
func TestAlign(t *testing.T) {
	for n := range 64 {
		a := newAssembler()
		for range n {
			a.Plain(amd64.NOP)
		}
		a.Align(64)
		if len(a.Code)%64 != 0 {
			t.Fatalf("%d bytes", len(a.Code))
		}
		for rest := a.Code; len(rest) > 0; {
			inst, err := x86asm.Decode(rest, 64)
			if err != nil || inst.Op != x86asm.NOP {
				t.Fatalf("%d: %v %v", n, inst, err)
			}
			rest = rest[inst.Len:]
		}
	}
}

// TestBrokenRules has what the Assembler refuses.
func TestBrokenRules(t *testing.T) {
	for want, f := range map[string]func(a *amd64.Assembler){
		"RSP can't be an index": func(a *amd64.Assembler) {
			a.RM(amd64.MOV, amd64.RAX, amd64.Mem{Base: amd64.RAX, Index: amd64.RSP, Scale: 1})
		},
		"a label is bound twice":        func(a *amd64.Assembler) { l := a.NewLabel(); a.Bind(l); a.Bind(l) },
		"a label is used but not bound": func(a *amd64.Assembler) { a.Jmp(a.NewLabel()); a.Finish() },
		"a label is not bound":          func(a *amd64.Assembler) { a.Where(a.NewLabel()) },
		"Table has no form":             func(a *amd64.Assembler) { a.R(amd64.ADD, amd64.RAX) },
		"a short jump is too long":      func(a *amd64.Assembler) { j := a.JccShort(amd64.E); a.Align(256); a.EndShort(j) },
	} {
		func() {
			defer func() {
				if got := fmt.Sprint(recover()); !strings.Contains(got, want) {
					t.Errorf("panic %q, want %q", got, want)
				}
			}()
			f(newAssembler())
		}()
	}
}

func BenchmarkInstruction(b *testing.B) {
	a := newAssembler()
	for b.Loop() {
		a.Code = a.Code[:0]
		a.RR(amd64.ADD, amd64.RAX, amd64.R9)
		a.RM(amd64.MOV, amd64.RAX, amd64.Mem{Base: amd64.R13, Index: amd64.RCX, Scale: 8})
		a.RI(amd64.CMP, amd64.RBX, 1000)
		a.RR(amd64.ADDSD, amd64.X9, amd64.X1)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(4*b.N), "ns/instruction")
}
