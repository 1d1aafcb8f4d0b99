package backend_test

import (
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	solution "metatrace/solutions/05-backend"
)

// arm64 for texts: the emitter needs no machine that runs what it makes.
func armLab(t testing.TB, guardOffset int) *lab {
	return &lab{t: t, m: backend.NewARM64(&solution.Kit, guardOffset)}
}

func reg(n int) backend.Loc { return registerLoc(n) }
func fp(n int) backend.Loc  { return registerLoc(32 + n) }

// emitted returns the text of one step, its instructions separated by semicolons.
func emitted(t *testing.T, in backend.Inst, dst backend.Loc, args []backend.Loc, consts ...uint64) string {
	t.Helper()
	s := armLab(t, 16).snippet()
	for _, c := range consts {
		args = append(args, s.constant(c))
	}
	switch in.Code {
	case backend.Guard, backend.FloatGuard, backend.GuardClass, backend.AddOvf, backend.SubOvf, backend.MulOvf:
		in.Exit = s.exit(backend.ExitGuard)
	case backend.New, backend.NewArray:
		in.Exit = s.exit(backend.ExitAlloc)
	}
	s.step(in, dst, args...)
	s.finish()
	asm, err := s.lab.m.Emit(&s.a)
	require.NoError(t, err)
	return disassembled(s.lab.m, asm, asm.Starts[0], asm.Starts[1])
}

func disassembled(m backend.Machine, asm *backend.Assembly, from, to int) string {
	var lines []string
	for from < to {
		text, n := m.Disassemble(asm.Code[from:], uint64(from))
		lines = append(lines, text)
		from += n
	}
	return strings.Join(lines, "; ")
}

// What is selected for an instruction: registers, and constants behind them.
func TestARM64Selects(t *testing.T) {
	two, three := []backend.Loc{reg(1), reg(2)}, []backend.Loc{reg(1), reg(2), reg(3)}
	one, flt := []backend.Loc{reg(1)}, []backend.Loc{fp(1), fp(2)}
	type inst = backend.Inst
	for _, c := range []struct {
		want   string
		in     inst
		dst    backend.Loc
		args   []backend.Loc
		consts []uint64
	}{
		{"add x0, x1, x2", inst{Code: backend.Add}, reg(0), two, nil},
		{"add x0, x1, #0x1", inst{Code: backend.Add}, reg(0), one, []uint64{1}},
		{"sub x0, x1, #0x1", inst{Code: backend.Add}, reg(0), one, []uint64{math.MaxUint64}},
		{"add x0, x1, #0x5, lsl #12", inst{Code: backend.Add}, reg(0), one, []uint64{0x5000}},
		{"neg x0, x1", inst{Code: backend.Neg}, reg(0), one, nil},
		{"and x0, x1, #0xff", inst{Code: backend.And}, reg(0), one, []uint64{0xff}},
		{"mov x0, x1", inst{Code: backend.Or}, reg(0), one, []uint64{0}},
		{"", inst{Code: backend.Or}, reg(1), one, []uint64{0}},
		{"lsl x0, x1, #3", inst{Code: backend.Mul}, reg(0), one, []uint64{8}},
		{"add x0, x1, x1, lsl #1", inst{Code: backend.Mul}, reg(0), one, []uint64{3}},
		{"asr x0, x1, #63", inst{Code: backend.Sar}, reg(0), one, []uint64{63}},
		{"sdiv x16, x1, x2; msub x0, x16, x2, x1", inst{Code: backend.Mod}, reg(0), two, nil},
		{"bic x0, x1, x1, asr #63", inst{Code: backend.Max0}, reg(0), one, nil},
		{"sxth x0, w1", inst{Code: backend.Signext, Imm: 2}, reg(0), one, nil},
		{"adds x0, x1, #0x1; b.vs 0xc", inst{Code: backend.AddOvf}, reg(0), one, []uint64{1}},
		{"smulh x16, x1, x2; mul x0, x1, x2; cmp x16, x0, asr #63; b.ne 0x14", inst{Code: backend.MulOvf}, reg(0), two, nil},
		{"cmp x1, x2; cset x0, lt", inst{Code: backend.Set, Cond: backend.Less}, reg(0), two, nil},
		{"lsr x0, x1, #63", inst{Code: backend.Set, Cond: backend.Less}, reg(0), one, []uint64{0}},
		{"cmp x1, x2; b.ge 0xc", inst{Code: backend.Guard, Cond: backend.Less}, backend.Loc{}, two, nil},
		{"cmn x1, #0x5; b.ne 0xc", inst{Code: backend.Guard, Cond: backend.Equal}, backend.Loc{}, one, []uint64{math.MaxUint64 - 4}},
		{"cbnz x1, 0x8", inst{Code: backend.Guard, Cond: backend.Equal}, backend.Loc{}, one, []uint64{0}},
		{"tbz w1, #0, 0x8", inst{Code: backend.Guard, Cond: backend.AnyBit}, backend.Loc{}, one, []uint64{1}},
		{"tbnz x1, #63, 0x8", inst{Code: backend.Guard, Cond: backend.GreaterEqual}, backend.Loc{}, one, []uint64{0}},
		{"tst x1, #0x7; b.ne 0xc", inst{Code: backend.Guard, Cond: backend.NoBit}, backend.Loc{}, one, []uint64{7}},
		{"fcmp d1, d2; b.pl 0xc", inst{Code: backend.FloatGuard, Cond: backend.Less}, backend.Loc{}, flt, nil},
		{"fcmp d1, d2; b.mi 0xc", inst{Code: backend.FloatGuard, Cond: backend.Less, Not: true}, backend.Loc{}, flt, nil},
		{"fcmp d1, #0; cset x0, ls", inst{Code: backend.FloatSet, Cond: backend.LessEqual}, reg(0), flt[:1], []uint64{0}},
		{"ldr x0, [x1,#16]", inst{Code: backend.Load, Imm: 16}, reg(0), one, nil},
		{"ldr d0, [x1,#16]", inst{Code: backend.Load, Imm: 16}, fp(0), one, nil},
		{"ldr w0, [x1,#4]", inst{Code: backend.LoadLength, Imm: 4}, reg(0), one, nil},
		{"ldr x0, [x1,x2,lsl #3]", inst{Code: backend.LoadIndex}, reg(0), two, nil},
		{"add x16, x1, #0x8; ldr x0, [x16,x2,lsl #3]", inst{Code: backend.LoadIndex, Imm: 8}, reg(0), two, nil},
		{"add x16, x1, #0x8; str x3, [x16,x2,lsl #3]", inst{Code: backend.StoreIndex, Imm: 8}, backend.Loc{}, three, nil},
		{"str xzr, [x1,#8]", inst{Code: backend.Store, Imm: 8}, backend.Loc{}, one, []uint64{0}},
		{"ldr w16, [x1]; cmp x16, #0x9; b.ne 0x10", inst{Code: backend.GuardClass, Imm: 9}, backend.Loc{}, one, nil},
		{
			"ldp x16, x17, [x26,#24]; add x27, x16, #0x18; cmp x27, x17; b.hi 0x2c; str x27, [x26,#24]; " +
				"ldr x17, [x26,#40]; add x17, x17, #0x1; str x17, [x26,#40]; mov x17, #0x9; str x17, [x16]; mov x0, x16",
			inst{Code: backend.New, Imm: 24}, reg(0), []backend.Loc{{}}, []uint64{9},
		},
	} {
		// Behind the step is the stub of finish, and then that of the guard.
		got := emitted(t, c.in, c.dst, c.args, c.consts...)
		require.Equal(t, withoutTargets(c.want), withoutTargets(got), "%v", c.in.Code)
	}
}

// withoutTargets replaces the targets of branches.
func withoutTargets(text string) string {
	lines := strings.Split(text, "; ")
	for i, line := range lines {
		if at := strings.LastIndex(line, " "); strings.HasPrefix(line, "b.") || strings.HasPrefix(line, "cb") || strings.HasPrefix(line, "tb") {
			lines[i] = line[:at] + " exit"
		}
	}
	return strings.Join(lines, "; ")
}

// A loop polls at its end, and a stub stores two neighbours at once.
func TestARM64LoopAndStub(t *testing.T) {
	for offset, want := range map[int]string{
		16: "ldr x16, [x28,#16]; cmn x16, #0x522; b.ne 0x0",
		-1: "ldr x16, [x26,#48]; subs x16, x16, #0x1; str x16, [x26,#48]; b.pl 0x0",
	} {
		s := armLab(t, offset).snippet()
		s.step(backend.Inst{Code: backend.LabelHere}, backend.Loc{})
		x := s.exit(backend.ExitGuard)
		x.Locs = []backend.Loc{reg(3), reg(1), fp(7), reg(2), slotAt(9), fp(8), reg(3), fp(30), fp(29)}
		s.step(backend.Inst{Code: backend.Guard, Exit: x}, backend.Loc{}, reg(1), reg(2))
		poll := s.exit(backend.ExitPoll)
		poll.Live = 1<<1 | 1<<2
		s.step(backend.Inst{Code: backend.Jump, Exit: poll}, backend.Loc{})
		asm, err := s.lab.m.Emit(&s.a)
		require.NoError(t, err)
		require.Equal(t, want, disassembled(s.lab.m, asm, asm.Starts[2], asm.Starts[3]))
		require.Equal(t, asm.Starts[3], asm.Stubs[1], "the loop runs into the stub of its poll")
		text := disassembled(s.lab.m, asm, asm.Stubs[1], asm.Stubs[0])
		require.Regexp(t, `^stp x1, x2, \[x26,#136\]; mov x16, #0x1; adr x17, 0x..; stp x16, x17, \[x26\]; ret; ldp x1, x2, \[x26,#136\]; b 0x0$`, text)
		text = disassembled(s.lab.m, asm, asm.Stubs[0], len(asm.Code))
		require.Regexp(t, `^b 0x..; stp x1, x2, \[x26,#136\]; str x3, \[x26,#152\]; stp d7, d8, \[x26,#440\]; str d29, \[x26,#616\]; `+
			`str d30, \[x26,#624\]; mov x16, #0x0; str x16, \[x26\]; ret$`, text)
	}
}

// The time to encode is a small part of the time to compile: well below 1 µs an
// instruction.
func BenchmarkEmit(b *testing.B) {
	for _, m := range machines(16) {
		b.Run(m.Name(), func(b *testing.B) {
			l := &lab{t: b, m: m}
			s := l.snippet()
			for i := range 300 {
				r := func(k int) backend.Loc { return registerLoc(int(m.Ints()[(i+k)%9])) }
				x := s.exit(backend.ExitGuard)
				x.Locs = []backend.Loc{r(0), r(1), r(2), r(3), slotAt(i)}
				s.step(backend.Inst{Code: backend.AddOvf, Exit: x}, r(0), r(1), r(2))
				s.step(backend.Inst{Code: backend.LoadIndex, Imm: 8}, r(1), r(2), r(3))
				s.step(backend.Inst{Code: backend.And}, r(2), r(2), s.constant(0xff00))
			}
			s.finish()
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				asm, err := m.Emit(&s.a)
				if err != nil {
					b.Fatal(err)
				}
				n = len(asm.Code)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/901, "ns/step")
			b.ReportMetric(float64(n), "bytes")
		})
	}
}
