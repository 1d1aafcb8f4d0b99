package backend_test

import (
	"strings"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	solution "metatrace/solutions/05-backend"
)

// x86Emit emits one instruction and returns its text. Its exit comes right behind it.
func x86Emit(t *testing.T, in backend.Inst, s backend.Step, consts ...uint64) string {
	t.Helper()
	m := backend.NewAMD64(&solution.Kit, 16)
	in.Exit = &backend.Exit{Kind: backend.ExitGuard}
	s.Inst = &in
	low := &backend.Lowered{Exits: []*backend.Exit{in.Exit}}
	for _, k := range consts {
		low.Values = append(low.Values, backend.Info{Const: true, Bits: k})
	}
	out, err := m.Emit(&backend.Allocation{Lowered: low, Steps: []backend.Step{s}})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for at := out.Starts[0]; at < out.Starts[1]; {
		text, n := m.Disassemble(out.Code[at:], uint64(at))
		lines = append(lines, text)
		at += n
	}
	return strings.Join(lines, "; ")
}

func TestX86Text(t *testing.T) {
	reg := func(r amd64.Reg) backend.Loc { return backend.Loc{Kind: backend.InReg, N: int32(r)} }
	float := func(r int32) backend.Loc { return backend.Loc{Kind: backend.InFloat, N: r} }
	k := backend.Loc{Kind: backend.IsConst}
	a, b, d := reg(amd64.RBX), reg(amd64.RSI), reg(amd64.RDI)
	for _, c := range []struct {
		in   backend.Inst
		dst  backend.Loc
		args [3]backend.Loc
		k    uint64
		want string
	}{
		{backend.Inst{Code: backend.Add}, d, [3]backend.Loc{a, b}, 0, "lea rdi, [rbx+rsi]"},
		{backend.Inst{Code: backend.Add}, a, [3]backend.Loc{a, k}, 1, "inc rbx"},
		{backend.Inst{Code: backend.Sub}, d, [3]backend.Loc{a, k}, 8, "lea rdi, [rbx-0x8]"},
		{backend.Inst{Code: backend.And}, a, [3]backend.Loc{a, k}, 255, "movzx ebx, bl"},
		{backend.Inst{Code: backend.Or}, a, [3]backend.Loc{a, k}, 0, ""},
		{backend.Inst{Code: backend.AddOvf}, a, [3]backend.Loc{a, b}, 0, "add rbx, rsi; jo 0x9"},
		{backend.Inst{Code: backend.Guard, Cond: backend.Less}, backend.Loc{}, [3]backend.Loc{a, b}, 0, "cmp rbx, rsi; jnl 0x9"},
		{backend.Inst{Code: backend.Guard, Cond: backend.Equal}, backend.Loc{}, [3]backend.Loc{a, k}, 0, "test rbx, rbx; jnz 0x9"},
		{backend.Inst{Code: backend.Guard, Cond: backend.NoBit}, backend.Loc{}, [3]backend.Loc{a, k}, 1 << 40, "bt rbx, 0x28; jb 0xb"},
		{backend.Inst{Code: backend.Set, Cond: backend.Less}, d, [3]backend.Loc{a, b}, 0, "xor edi, edi; cmp rbx, rsi; setl dil"},
		{backend.Inst{Code: backend.LoadIndex, Imm: 8}, d, [3]backend.Loc{a, b}, 0, "mov rdi, qword [rbx+8*rsi+0x8]"},
		{backend.Inst{Code: backend.Store, Imm: 16}, backend.Loc{}, [3]backend.Loc{a, k}, 7, "mov qword [rbx+0x10], 0x7"},
		{backend.Inst{Code: backend.Load, Imm: 16}, float(9), [3]backend.Loc{a}, 0, "movsd xmm9, qword [rbx+0x10]"},
		{backend.Inst{Code: backend.FloatGuard, Cond: backend.Less}, backend.Loc{}, [3]backend.Loc{float(1), float(2)}, 0, "ucomisd xmm2, xmm1; jbe 0xa"},
		{backend.Inst{Code: backend.FloatGuard, Cond: backend.Equal}, backend.Loc{}, [3]backend.Loc{float(1), float(2)}, 0, "ucomisd xmm1, xmm2; jnz 0x10; jp 0x10"},
		{backend.Inst{Code: backend.FloatGuard, Cond: backend.Equal, Not: true}, backend.Loc{}, [3]backend.Loc{float(1), float(2)}, 0, "ucomisd xmm1, xmm2; jp 0xc; jz 0xc"},
		{backend.Inst{Code: backend.IntToFloat}, float(1), [3]backend.Loc{a}, 0, "xorps xmm1, xmm1; cvtsi2sd xmm1, rbx"},
		{backend.Inst{Code: backend.GuardClass, Imm: 12}, backend.Loc{}, [3]backend.Loc{a}, 0, "cmp dword [rbx], 0xc; jnz 0x9"},
	} {
		if got := x86Emit(t, c.in, backend.Step{Dst: c.dst, Args: c.args}, c.k); got != c.want {
			t.Errorf("code %d: %s\nwant     %s", c.in.Code, got, c.want)
		}
	}
}
