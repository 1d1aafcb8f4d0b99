package backend_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
)

func TestEmitMoves(t *testing.T) {
	l := newLab(t)
	last := native.MaxSlots - 1
	places := []backend.Loc{slotAt(100), slotAt(last), slotAt(last - 1)}
	for _, r := range append(l.some(integer), l.some(float)...) {
		places = append(places, registerLoc(r))
	}
	scratch, _ := l.m.Scratch()
	for _, src := range append(places, backend.Loc{Kind: backend.IsConst}) {
		for _, dst := range places {
			for _, bits := range constants {
				if src.Kind != backend.IsConst && bits != constants[0] {
					continue
				}
				s, in := l.snippet(), l.patterns()
				if src.Kind == backend.IsConst {
					src = s.constant(bits)
				}
				step := s.step(backend.Inst{Code: backend.LabelHere}, backend.Loc{})
				// The integer scratch register may be in the middle of a cycle.
				held := registerLoc(int(l.m.Ints()[3]))
				step.After = []backend.Move{
					{Dst: registerLoc(int(scratch)), Src: held}, {Dst: dst, Src: src}, {Dst: held, Src: registerLoc(int(scratch))},
				}
				if src.Kind == backend.InSlot && dst.Kind == backend.InSlot {
					step.After = step.After[1:2]
				}
				s.finish()
				l.moves(s.compile(), src, dst, bits, in)
			}
		}
	}
}

// moves tests a move from src to dst.
func (l *lab) moves(c *code, src, dst backend.Loc, bits uint64, in *registers) {
	l.t.Helper()
	defer c.free()
	for i, place := range []int{100, native.MaxSlots - 1, native.MaxSlots - 2} {
		l.context.SetSlot(place, uint64(0xabc0+i))
	}
	word := bits
	switch src.Kind {
	case backend.InSlot:
		word = l.context.Slot(int(src.N))
	case backend.InReg:
		word = in[src.N]
	case backend.InFloat:
		word = in[32+src.N]
	}
	_, out := c.run(in)
	want := *in
	switch dst.Kind {
	case backend.InSlot:
		require.Equal(l.t, word, l.context.Slot(int(dst.N)))
	case backend.InReg:
		want[dst.N] = word
	case backend.InFloat:
		want[32+dst.N] = word
	}
	l.equal(c, fmt.Sprint(src, " to ", dst), &want, &out)
}

func TestEmitCall(t *testing.T) {
	l := newLab(t)
	for _, dst := range append(l.some(integer), l.some(float)...) {
		s, in := l.snippet(), l.patterns()
		call := s.exit(backend.ExitCall)
		call.Live = 0
		call.Locs = []backend.Loc{registerLoc(dst), s.constant(7), slotAt(3), registerLoc(int(l.m.Ints()[2]))}
		s.step(backend.Inst{Code: backend.Call, Exit: call}, registerLoc(dst))
		s.finish().Locs = []backend.Loc{registerLoc(dst)}
		c := s.compile()
		exit, out := c.run(in)
		require.Equal(t, call.Number, exit)
		require.Equal(t, in[dst], out[dst])
		require.Equal(t, in[l.m.Ints()[2]], out[l.m.Ints()[2]])
		l.context.SetResult(0x7777)
		exit, out = c.resume()
		require.Equal(t, 1, exit)
		require.Equal(t, uint64(0x7777), out[dst])
	}
	s := l.snippet()
	call := s.exit(backend.ExitCall)
	s.step(backend.Inst{Code: backend.Call, Exit: call}, backend.Loc{}) // without a result
	s.finish()
	c := s.compile()
	exit, _ := c.run(l.patterns())
	require.Equal(t, call.Number, exit)
	exit, _ = c.resume()
	require.Equal(t, 1, exit)
}

// reenter goes on after an exit with the saved registers as they are.
func (c *code) reenter() (exit int, out registers) {
	x := c.lab.context
	native.Enter(x.Resume(), x.Addr())
	for _, r := range c.lab.all {
		out[r] = x.Saved(r)
	}
	return int(x.Exit()), out
}

func TestEmitAsk(t *testing.T) {
	l := newLab(t)
	s := l.snippet()
	ask := s.exit(backend.ExitAsk)
	ask.Then = s.exit(backend.ExitGuard)
	s.step(backend.Inst{Code: backend.Ask, Exit: ask}, backend.Loc{})
	finish := s.finish()
	c := s.compile()
	for answer, want := range map[uint64]int{0: finish.Number, 1: ask.Then.Number, 1 << 63: ask.Then.Number} {
		in := l.patterns()
		exit, _ := c.run(in)
		require.Equal(t, ask.Number, exit)
		l.context.SetResult(answer)
		exit, out := c.reenter()
		require.Equal(t, want, exit)
		l.equal(c, "asked", in, &out)
	}
}

// countdown returns a loop that counts the register n down to 0.
func (l *lab) countdown(n int) *code {
	s := l.snippet()
	label := s.step(backend.Inst{Code: backend.LabelHere}, backend.Loc{})
	label.After = []backend.Move{{Dst: slotAt(100), Src: registerLoc(n)}} // in each round
	s.a.Label = 0
	s.step(backend.Inst{Code: backend.Sub}, registerLoc(n), registerLoc(n), s.constant(1))
	exit := s.exit(backend.ExitGuard)
	s.step(backend.Inst{Code: backend.Guard, Cond: backend.NotEqual, Exit: exit}, backend.Loc{}, registerLoc(n), s.constant(0))
	s.step(backend.Inst{Code: backend.Jump, Exit: s.exit(backend.ExitPoll)}, backend.Loc{})
	return s.compile()
}

// A loop runs until its guard fails. On the way the runtime may want the processor.
func TestEmitLoop(t *testing.T) {
	l := newLab(t)
	n := int(l.m.Ints()[1])
	c, in := l.countdown(n), l.patterns()
	in[n] = 3_000_000
	exit, out := c.run(in)
	for exit == 1 {
		exit, out = c.reenter()
	}
	require.Equal(t, 0, exit)
	require.Equal(t, uint64(1), l.context.Slot(100))
	in[n] = 0
	l.equal(c, "loop", in, &out)
}

// Where the runtime's mark is not to be found, loops count.
func TestEmitBudget(t *testing.T) {
	host := newLab(t)
	l := newLabOf(t, withoutGuard(host.m.Name()))
	n := int(l.m.Ints()[1])
	c, in := l.countdown(n), l.patterns()
	in[n] = 25
	l.context.SetWord(native.BudgetAt, 9)
	exit, out := c.run(in)
	left := []uint64{out[n]}
	for exit == 1 {
		l.context.SetWord(native.BudgetAt, 9)
		exit, out = c.reenter()
		left = append(left, out[n])
	}
	require.Equal(t, 0, exit)
	require.Equal(t, []uint64{15, 5, 0}, left)
}

// Branches reach their exits, however long the code is. Each exit has many registers
// to save.
func TestEmitFarExits(t *testing.T) {
	l := newLab(t)
	s := l.snippet()
	const guards = 12_000
	ints := l.m.Ints()
	left, flags, zero := registerLoc(int(ints[0])), registerLoc(int(ints[1])), registerLoc(int(ints[2]))
	one := s.constant(1)
	for i := range guards {
		x := s.exit(backend.ExitGuard)
		in, args := backend.Inst{Code: backend.Guard, Cond: backend.NoBit, Exit: x}, []backend.Loc{flags, s.constant(1 << (i % 64))}
		if i%2 == 1 {
			in.Cond, args = backend.GreaterEqual, []backend.Loc{left, zero}
		}
		s.step(in, backend.Loc{}, args...)
		s.step(backend.Inst{Code: backend.Sub}, left, left, one)
	}
	finish := s.finish()
	c, in := s.compile(), l.patterns()
	require.Greater(t, len(c.asm.Code), 1<<20)
	in[ints[2]] = 0
	for i := 1; i <= guards; i += 1499 { // behind so many steps, left is 0
		in[ints[0]], in[ints[1]] = uint64(i), 0
		exit, out := c.run(in)
		want := i + 1
		if want%2 == 0 {
			want++
		}
		if want > guards {
			want = finish.Number
		}
		require.Equal(t, want, exit)
		require.Equal(t, uint64(i-want), out[ints[0]])
	}
	for bit := 0; bit < 64; bit += 2 {
		in[ints[0]], in[ints[1]] = 1<<40, 1<<bit
		exit, _ := c.run(in)
		require.Equal(t, bit, exit)
	}
}

// The jump at the beginning of a guard's stub can get another target.
func TestEmitStubsCanBePatched(t *testing.T) {
	l := newLab(t)
	s := l.snippet()
	n := registerLoc(int(l.m.Ints()[0]))
	x := s.exit(backend.ExitGuard)
	s.step(backend.Inst{Code: backend.Guard, Cond: backend.Equal, Exit: x}, backend.Loc{}, n, s.constant(0))
	finish := s.finish()
	c := s.compile()
	at, to := c.asm.Stubs[x.Number], c.asm.Stubs[finish.Number]
	exit, _ := c.run(l.patterns())
	require.Equal(t, x.Number, exit)
	var patch []byte
	if l.m.Name() == "amd64" {
		require.Equal(t, []byte{0xe9, 0, 0, 0, 0}, c.asm.Code[at:at+5])
		d := uint32(to - at - 5)
		patch = []byte{0xe9, byte(d), byte(d >> 8), byte(d >> 16), byte(d >> 24)}
	} else {
		require.Equal(t, []byte{1, 0, 0, 0x14}, c.asm.Code[at:at+4])
		d := uint32(to-at) / 4 & (1<<26 - 1)
		patch = []byte{byte(d), byte(d >> 8), byte(d >> 16), 0x14 | byte(d>>24)}
	}
	require.NoError(t, l.memory.Patch(c.region, at, patch))
	exit, _ = c.run(l.patterns())
	require.Equal(t, finish.Number, exit)
}

func withoutGuard(machine string) backend.Machine {
	for _, m := range machines(-1) {
		if m.Name() == machine {
			return m
		}
	}
	return nil
}
