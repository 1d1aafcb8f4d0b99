package arm64_test

import (
	"encoding/binary"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/arch/arm64/arm64asm"

	"metatrace/chapters/05-backend/arm64"
)

// jumps has each branch that has a label, how it is decoded in front of that, what its
// inverse is, and how many instructions it goes to and fro.
var jumps = []struct {
	f             func(a *arm64.Assembler, l arm64.Label)
	text, inverse string
	reach         int
}{
	{func(a *arm64.Assembler, l arm64.Label) { a.Jump(arm64.B, l) }, "B ", "", 1 << 25},
	{func(a *arm64.Assembler, l arm64.Label) { a.Branch(arm64.LT, l) }, "B LT, ", "B GE, ", 1 << 18},
	{func(a *arm64.Assembler, l arm64.Label) { a.CompareJump(arm64.CBZ, 5, l) }, "CBZ X5, ", "CBNZ X5, ", 1 << 18},
	{func(a *arm64.Assembler, l arm64.Label) { a.CompareJump(arm64.CBNZ, 5, l) }, "CBNZ X5, ", "CBZ X5, ", 1 << 18},
	{func(a *arm64.Assembler, l arm64.Label) { a.TestJump(arm64.TBZ, 5, 3, l) }, "TBZ W5, #3, ", "TBNZ W5, #3, ", 1 << 13},
	{func(a *arm64.Assembler, l arm64.Label) { a.TestJump(arm64.TBNZ, 5, 63, l) }, "TBNZ X5, #63, ", "TBZ X5, #63, ", 1 << 13},
	{func(a *arm64.Assembler, l arm64.Label) { a.Adr(5, l) }, "ADR X5, ", "", 1 << 18},
}

func nops(a *arm64.Assembler, n int) {
	for range n {
		a.Nop()
	}
}

// target returns where the instruction at an offset of code goes to, and its text in
// front of that.
func target(t *testing.T, code []byte, at int) (to int, text string) {
	t.Helper()
	in, err := arm64asm.Decode(code[at:])
	require.NoError(t, err)
	text = in.Op.String() + " "
	for _, arg := range in.Args {
		if rel, ok := arg.(arm64asm.PCRel); ok {
			return at + int(rel), text
		}
		text += arg.String() + ", "
	}
	t.Fatalf("%v goes nowhere", in)
	return 0, ""
}

// With all distances around what an instruction reaches, it gets where it has to,
// itself or through a B behind its inverse.
func TestJumpReaches(t *testing.T) {
	for _, j := range jumps {
		if j.reach > 1<<18 {
			continue
		}
		for _, forward := range []int{1, 2, j.reach - 1, j.reach, j.reach + 100} {
			code, l, err := jumpForward(j.f, forward)
			checkJump(t, code, 0, l, j.text, j.inverse, forward < j.reach, err)
		}
		for _, back := range []int{0, 1, j.reach, j.reach + 1, j.reach + 100} {
			a := arm64.New(kit)
			l := a.NewLabel()
			a.Bind(l)
			nops(a, back)
			j.f(a, l)
			code, err := a.Finish()
			checkJump(t, code, 4*back, 0, j.text, j.inverse, back <= j.reach, err)
		}
	}
}

func jumpForward(f func(a *arm64.Assembler, l arm64.Label), distance int) ([]byte, int, error) {
	a := arm64.New(kit)
	l := a.NewLabel()
	f(a, l)
	nops(a, distance-1)
	a.Bind(l)
	a.Brk(7)
	code, err := a.Finish()
	if err != nil {
		return nil, 0, err
	}
	return code, a.Offset(l), nil
}

func checkJump(t *testing.T, code []byte, at, l int, text, inverse string, reaches bool, err error) {
	t.Helper()
	if !reaches && inverse == "" {
		require.ErrorIs(t, err, arm64.ErrTooFar)
		return
	}
	require.NoError(t, err)
	to, got := target(t, code, at)
	if !reaches {
		require.Equal(t, inverse, got)
		require.Equal(t, at+8, to)
		to, got = target(t, code, at+4)
		text = "B "
	}
	require.Equal(t, text, got)
	require.Equal(t, l, to)
	if l > at { // it is where the BRK is
		require.Equal(t, "BRK #0x7", decode(t, code[l:]))
	}
}

// When branches grow, others that only just reached have to grow, and every label
// moves with its instruction.
func TestJumpsPushEachOther(t *testing.T) {
	const n = 3000
	a := arm64.New(kit)
	var labels [n]arm64.Label
	for i := range labels {
		labels[i] = a.NewLabel()
		a.TestJump(arm64.TBZ, arm64.Reg(i%31), uint(i%64), labels[i])
		a.Literal(arm64.LDRlit, 1, uint64(i%50)<<20)
		a.Brk(uint16(i)) // is the mark of jump i
	}
	nops(a, 1<<13-3*n+1000)
	for i, l := range labels {
		a.Bind(l)
		a.Brk(uint16(n + i))
	}
	code, err := a.Finish()
	require.NoError(t, err)
	grown := 0
	for i, at := 0, 0; i < n; i++ {
		to, text := target(t, code, at)
		if text[:4] == "TBNZ" {
			require.Equal(t, at+8, to)
			at += 4
			grown++
			to, _ = target(t, code, at)
		}
		require.Equal(t, a.Offset(labels[i]), to)
		require.Equal(t, uint32(0xd4200000|(n+i)<<5), binary.LittleEndian.Uint32(code[to:]))
		constant, _ := target(t, code, at+4)
		require.Equal(t, uint64(i%50)<<20, binary.LittleEndian.Uint64(code[constant:]))
		require.Equal(t, uint32(0xd4200000|i<<5), binary.LittleEndian.Uint32(code[at+8:]))
		at += 12
	}
	require.Greater(t, grown, 100)
	require.Less(t, grown, n)
}

// 128 MiB are much for a test: the label alone is that far.
func TestJumpTooFar(t *testing.T) {
	for _, at := range []int32{1<<25 - 1, 1 << 25} {
		a := arm64.New(kit)
		l := a.NewLabel()
		a.Jump(arm64.B, l)
		nops(a, 1<<13)
		a.BindAt(l, at)
		code, err := a.Finish()
		if at >= 1<<25 {
			require.ErrorIs(t, err, arm64.ErrTooFar)
			continue
		}
		require.NoError(t, err)
		to, _ := target(t, code, 0)
		require.Equal(t, 4*int(at), to)
	}
}

func TestJumpRegisters(t *testing.T) {
	eachReg(1, func(r []arm64.Reg) {
		same(t, func(a *arm64.Assembler) { a.Register(arm64.BR, r[0]) }, "BR %s", x(r[0]))
		same(t, func(a *arm64.Assembler) { a.Register(arm64.RET, r[0]) }, "RET %s", x(r[0]))
		here := func(f func(a *arm64.Assembler, l arm64.Label)) func(a *arm64.Assembler) {
			return func(a *arm64.Assembler) {
				l := a.NewLabel()
				a.Bind(l)
				f(a, l)
			}
		}
		for _, op := range []arm64.Op{arm64.CBZ, arm64.CBNZ} {
			same(t, here(func(a *arm64.Assembler, l arm64.Label) { a.CompareJump(op, r[0], l) }), "%v %s, .+0x0", op, x(r[0]))
		}
		for _, op := range []arm64.Op{arm64.TBZ, arm64.TBNZ} {
			for bit := range uint(64) {
				reg := w // the decoder's name for the half that has the bit
				if bit > 31 {
					reg = x
				}
				same(t, here(func(a *arm64.Assembler, l arm64.Label) { a.TestJump(op, r[0], bit, l) }),
					"%v %s, #%d, .+0x0", op, reg(r[0]), bit)
			}
		}
		same(t, here(func(a *arm64.Assembler, l arm64.Label) { a.Adr(r[0], l) }), "ADR %s, .+0x0", x(r[0]))
		for op, reg := range map[arm64.Op]func(arm64.Reg) string{arm64.LDRlit: x, arm64.LDRDlit: d} {
			code, err := assemble(func(a *arm64.Assembler) { a.Literal(op, r[0], 12345) })
			require.NoError(t, err)
			require.Equal(t, name(op)+" "+reg(r[0])+", .+0x8", decode(t, code))
		}
	})
	for c, text := range conds {
		same(t, func(a *arm64.Assembler) {
			l := a.NewLabel()
			a.Bind(l)
			a.Branch(arm64.Cond(c), l)
		}, "B %s, .+0x0", text)
	}
	refused(t, func(a *arm64.Assembler) { a.Branch(14, a.NewLabel()) })
	refused(t, func(a *arm64.Assembler) { a.TestJump(arm64.TBZ, 1, 64, a.NewLabel()) })
	for _, n := range []uint16{0, 1, 0x1234, 0xffff} {
		same(t, func(a *arm64.Assembler) { a.Brk(n) }, "BRK #%#x", n)
	}
	same(t, (*arm64.Assembler).Nop, "NOP ")
}

func TestLabels(t *testing.T) {
	refused(t, func(a *arm64.Assembler) { a.Jump(arm64.B, a.NewLabel()) }) // not bound
	refused(t, func(a *arm64.Assembler) {
		l := a.NewLabel()
		a.Bind(l)
		a.Bind(l)
	})
}

func TestPoolHasEachConstantOnce(t *testing.T) {
	code, err := assemble(func(a *arm64.Assembler) {
		for range 3 {
			a.Literal(arm64.LDRlit, 1, 7)
			a.Literal(arm64.LDRDlit, 1, 8)
		}
		a.Pool()
		a.Literal(arm64.LDRlit, 1, 7) // from the next one
	})
	require.NoError(t, err)
	require.Len(t, code, 6*4+2*8+4+4+8)
	for at, want := range map[int]int{0: 24, 4: 32, 8: 24, 12: 32, 16: 24, 20: 32, 40: 48} {
		to, _ := target(t, code, at)
		require.Equal(t, want, to)
	}
}

func BenchmarkAssemble(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		a := arm64.New(kit)
		l := a.NewLabel()
		a.Bind(l)
		for range 250 {
			a.RRR(arm64.ADD, 1, 2, 3)
			a.Mem(arm64.LDR, 1, 2, 40)
			a.Logical(arm64.ANDimm, 1, 2, 0xff00)
			a.Branch(arm64.LT, l)
		}
		if _, err := a.Finish(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/instruction")
}
