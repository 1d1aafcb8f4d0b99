package backend_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
	solution "metatrace/solutions/05-backend"
)

// The tests of the emitters run steps that are made by hand, on the machine that the
// test runs on. Every register has a value of its own before, and nothing but the
// result may have another one after.

// A lab is a place to run steps in.
type lab struct {
	t       testing.TB
	m       backend.Machine
	memory  *native.Memory
	context *native.Context
	all     []int // the registers that values may have, as bits of a RegSet
}

func newLab(t testing.TB) *lab {
	t.Helper()
	m, err := solution.Kit.Host()
	if err != nil {
		t.Skip(err)
	}
	return newLabOf(t, m)
}

func newLabOf(t testing.TB, m backend.Machine) *lab {
	t.Helper()
	memory, err := native.New(64 << 20)
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	context, err := native.NewContext()
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, context.Close())
		require.NoError(t, memory.Close())
	})
	l := &lab{t: t, m: m, memory: memory, context: context}
	for _, r := range m.Ints() {
		l.all = append(l.all, int(r))
	}
	for _, r := range m.Floats() {
		l.all = append(l.all, 32+int(r))
	}
	return l
}

// registers are the words of all registers, by their bit in a RegSet.
type registers [64]uint64

// registerLoc returns the place that is register r, a bit of a RegSet.
func registerLoc(r int) backend.Loc {
	if r < 32 {
		return backend.Loc{Kind: backend.InReg, N: int32(r)}
	}
	return backend.Loc{Kind: backend.InFloat, N: int32(r - 32)}
}

func slotAt(n int) backend.Loc { return backend.Loc{Kind: backend.InSlot, N: int32(n)} }

// everything returns the places of all registers.
func (l *lab) everything() (locs []backend.Loc) {
	for _, r := range l.all {
		locs = append(locs, registerLoc(r))
	}
	return locs
}

// everySet returns all registers.
func (l *lab) everySet() (set backend.RegSet) {
	for _, r := range l.all {
		set |= 1 << r
	}
	return set
}

// A snippet is a lowered trace that is made by hand.
type snippet struct {
	lab *lab
	a   backend.Allocation
}

// snippet returns one that begins with loading all registers from slots: register r
// from slot r.
func (l *lab) snippet() *snippet {
	return &snippet{l, backend.Allocation{Lowered: &backend.Lowered{Label: -1}, Slots: 64}}
}

// constant returns the place of a new constant.
func (s *snippet) constant(bits uint64) backend.Loc {
	s.a.Values = append(s.a.Values, backend.Info{Const: true, Bits: bits})
	return backend.Loc{Kind: backend.IsConst, N: int32(len(s.a.Values) - 1)}
}

// exit returns a new exit, at which all registers are wanted.
func (s *snippet) exit(kind backend.ExitKind) *backend.Exit {
	n := len(s.a.Exits)
	x := &backend.Exit{Number: n, ID: n, Kind: kind, Locs: s.lab.everything()}
	if kind >= backend.ExitCall {
		x.Live, x.Locs = s.lab.everySet(), nil
	}
	s.a.Exits = append(s.a.Exits, x)
	return x
}

// step adds a step. Its instruction needs no arguments: the emitter looks at places.
func (s *snippet) step(in backend.Inst, dst backend.Loc, args ...backend.Loc) *backend.Step {
	in.Dst, in.Args = backend.None, [3]backend.Value{backend.None, backend.None, backend.None}
	step := backend.Step{Inst: &in, Dst: dst}
	copy(step.Args[:], args)
	if len(s.a.Steps) == 0 {
		for _, r := range s.lab.all {
			step.Before = append(step.Before, backend.Move{Dst: registerLoc(r), Src: slotAt(r)})
		}
	}
	s.a.Insts = append(s.a.Insts, in)
	s.a.Steps = append(s.a.Steps, step)
	return &s.a.Steps[len(s.a.Steps)-1]
}

// finish adds the end, and returns the exit there.
func (s *snippet) finish() *backend.Exit {
	x := s.exit(backend.ExitFinish)
	s.step(backend.Inst{Code: backend.Leave, Exit: x}, backend.Loc{})
	return x
}

// code is a snippet that can be run.
type code struct {
	lab    *lab
	region native.Region
	asm    *backend.Assembly
}

func (s *snippet) compile() *code {
	s.lab.t.Helper()
	asm, err := s.lab.m.Emit(&s.a)
	require.NoError(s.lab.t, err)
	require.Len(s.lab.t, asm.Starts, len(s.a.Steps)+1)
	require.Len(s.lab.t, asm.Stubs, len(s.a.Exits))
	region, err := s.lab.memory.Add(asm.Code)
	require.NoError(s.lab.t, err)
	return &code{s.lab, region, asm}
}

func (c *code) free() { require.NoError(c.lab.t, c.lab.memory.Free(c.region)) }

// run runs the code with the registers in, and returns the exit that was taken with
// what it saved.
func (c *code) run(in *registers) (exit int, out registers) {
	for _, r := range c.lab.all {
		c.lab.context.SetSlot(r, in[r])
	}
	return c.enter(c.region.Addr + uintptr(c.asm.Entry))
}

func (c *code) enter(at uintptr) (exit int, out registers) {
	x := c.lab.context
	for _, r := range c.lab.all {
		x.SetWord(native.SaveAt+8*r, 0xdead0000+uint64(r))
	}
	native.Enter(at, x.Addr())
	for _, r := range c.lab.all {
		out[r] = x.Saved(r)
	}
	return int(x.Exit()), out
}

// resume goes on after an exit.
func (c *code) resume() (exit int, out registers) { return c.enter(c.lab.context.Resume()) }

// patterns returns words that differ from register to register.
func (l *lab) patterns() *registers {
	var in registers
	for _, r := range l.all {
		in[r] = 0x5a5a_0101_0000_0000 + uint64(r)<<8
	}
	return &in
}

// text returns the instructions of the code, for messages.
func (c *code) text() (lines []string) {
	for at := 0; at < c.asm.Starts[len(c.asm.Starts)-1]; {
		text, n := c.lab.m.Disassemble(c.asm.Code[at:], uint64(at))
		lines = append(lines, text)
		at += n
	}
	return lines
}

// machines returns all machines, with their polls at guardOffset.
func machines(guardOffset int) []backend.Machine {
	return []backend.Machine{backend.NewAMD64(&solution.Kit, guardOffset), backend.NewARM64(&solution.Kit, guardOffset)}
}
