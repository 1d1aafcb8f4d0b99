package backend_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
)

// x86Cell is the number of a slot that the tests of memory use as memory.
const x86Cell = 1000

// addr returns the address of a slot.
func (r *x86Runner) addr(slot int) uint64 {
	return uint64(r.context.Addr()) + native.SlotsAt + 8*uint64(slot)
}

// x86Displacements have all lengths that an instruction knows, and too large ones.
var x86Displacements = []int64{0, 8, -8, 127, 128, -128, -129, 1<<31 - 1, -1 << 31, 1 << 31, 1 << 40, -1 << 62}

func TestX86Loads(t *testing.T) {
	r := x86NewRunner(t)
	const word = 0x8123_4567_89AB_CDEF
	r.context.SetSlot(x86Cell, word)
	for _, disp := range x86Displacements {
		for _, ra := range x86TestRegs() {
			address := func(a, _ uint64) (uint64, bool) { return word, false }
			for _, d := range append(x86TestRegs(), 20) {
				for _, code := range []backend.Opcode{backend.Load, backend.LoadLength} {
					dst, want := x86InReg(d), uint64(word)
					if d == 20 {
						dst = x86InFloat(9)
					}
					if code == backend.LoadLength {
						if d == 20 {
							continue
						}
						want &= 1<<32 - 1
					}
					c := x86OpCase{in: backend.Inst{Code: code, Imm: disp}, eval: func(a, b uint64) (uint64, bool) { _, l := address(a, b); return want, l }}
					entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: dst, Args: [3]backend.Loc{x86InReg(ra)}}))
					r.try(c, entry, dst, x86InReg(ra), backend.Loc{}, r.addr(x86Cell)-uint64(disp), 0)
					done()
				}
				r.loadIndex(disp, ra, d, word)
			}
		}
	}
}

// loadIndex tests LoadIndex with each index register, and a constant index.
func (r *x86Runner) loadIndex(disp int64, ra, d backend.Reg, word uint64) {
	const index = 5
	dst := x86InReg(d)
	if d == 20 {
		dst = x86InFloat(14)
	}
	c := x86OpCase{in: backend.Inst{Code: backend.LoadIndex, Imm: disp}, eval: func(_, _ uint64) (uint64, bool) { return word, false }}
	base := r.addr(x86Cell) - uint64(disp) - 8*index
	for _, rb := range x86TestRegs() {
		if rb == ra {
			continue
		}
		entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: dst, Args: [3]backend.Loc{x86InReg(ra), x86InReg(rb)}}))
		r.try(c, entry, dst, x86InReg(ra), x86InReg(rb), base, index)
		done()
	}
	if k := backend.Loc(backend.Loc{Kind: backend.IsConst}); r.machine.Immediate(&c.in, 1, index) {
		entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: dst, Args: [3]backend.Loc{x86InReg(ra), k}}, index))
		r.try(c, entry, dst, x86InReg(ra), k, base, index)
		done()
	}
}

func TestX86Stores(t *testing.T) {
	r := x86NewRunner(t)
	const index, word = 3, 0x8123_4567_89AB_CDEF
	values := []backend.Loc{x86InFloat(0), x86InFloat(14), {Kind: backend.IsConst}}
	for _, v := range x86TestRegs() {
		values = append(values, x86InReg(v))
	}
	for _, disp := range x86Displacements {
		for _, ra := range x86TestRegs() {
			for _, v := range values {
				for _, rb := range append(x86TestRegs(), 20) { // 20: without an index
					if v == x86InReg(ra) || rb == ra || v == x86InReg(rb) {
						continue
					}
					in := backend.Inst{Code: backend.StoreIndex, Imm: disp, Dst: backend.None}
					args := [3]backend.Loc{x86InReg(ra), x86InReg(rb), v}
					before := x86Sentinel()
					before[ra] = r.addr(x86Cell) - uint64(disp) - 8*index
					if rb == 20 {
						in.Code, args = backend.Store, [3]backend.Loc{x86InReg(ra), v}
						before[ra] += 8 * index
					}
					before[rb] = index
					want, k := uint64(word), int64(-3)
					if v.Kind == backend.IsConst {
						want = uint64(k)
					} else {
						before[x86RegBit(v)] = word
					}
					r.context.SetSlot(x86Cell, 0)
					entry, done := r.load(x86One(r.machine, in, backend.Step{Args: args}, uint64(k)))
					r.check(fmt.Sprintf("store %v %v %v", disp, ra, v), entry, before, before, 0, 1)
					done()
					if got := r.context.Slot(x86Cell); got != want {
						t.Fatalf("displacement %d, %v: stored %#x", disp, args, got)
					}
				}
			}
		}
	}
}

func TestX86GuardClass(t *testing.T) {
	r := x86NewRunner(t)
	for _, class := range []uint64{0, 1, 127, 128, 1 << 20, 1<<31 + 5} {
		for _, ra := range x86TestRegs() {
			c := x86OpCase{in: backend.Inst{Code: backend.GuardClass, Imm: int64(class), Dst: backend.None}}
			entry, done := r.load(x86One(r.machine, c.in, backend.Step{Args: [3]backend.Loc{x86InReg(ra)}}))
			for _, is := range []uint64{class, class + 1} {
				r.context.SetSlot(x86Cell, is|77<<32)
				c.eval = func(_, _ uint64) (uint64, bool) { return 0, is != class }
				r.try(c, entry, backend.Loc{}, x86InReg(ra), backend.Loc{}, r.addr(x86Cell), 0)
			}
			done()
		}
	}
}

// allocate runs an allocation twice: with just enough room and with 8 bytes less.
func (r *x86Runner) allocate(in backend.Inst, d, a backend.Loc, n, size, header uint64) {
	r.t.Helper()
	in.Dst = 0
	what := fmt.Sprintf("%s: %v = new %v (%d)", x86CaseName(in), d, a, n)
	step := backend.Step{Dst: d, Args: [3]backend.Loc{a}}
	if in.Code == backend.New {
		step.Args = [3]backend.Loc{{}, a}
	}
	x := x86One(r.machine, in, step, header)
	if in.Code == backend.NewArray {
		x.Values[0].Bits = n
	}
	exit := &backend.Exit{Number: 2, Kind: backend.ExitAlloc, Live: x86AllOf(r.machine)}
	if d.Kind == backend.InReg {
		exit.Live &^= 1 << x86RegBit(d)
	}
	if a.Kind == backend.InReg {
		exit.Locs = []backend.Loc{a}
	}
	x.Exits = append(x.Exits, exit)
	x.Steps[0].Inst.Exit = exit
	entry, done := r.load(x)
	defer done()

	before := x86Sentinel()
	if a.Kind == backend.InReg {
		before[x86RegBit(a)] = n
	}
	r.setSlots(before)
	want := *before
	if d.Kind == backend.InReg {
		want[x86RegBit(d)] = r.addr(x86Cell)
	}
	for i := range 4 {
		r.context.SetSlot(x86Cell+i, 0)
	}
	r.context.SetWord(native.CursorAt, r.addr(x86Cell))
	r.context.SetWord(native.LimitAt, r.addr(x86Cell)+size)
	r.context.SetWord(native.ObjectsAt, 6)
	r.check(what, entry, before, &want, 0, 1)
	cursor, objects := r.context.Word(native.CursorAt), r.context.Word(native.ObjectsAt)
	if cursor != r.addr(x86Cell)+size || objects != 7 || r.context.Slot(x86Cell) != header {
		r.t.Fatalf("%s: cursor +%d, %d objects, header %#x, want %#x", what, cursor-r.addr(x86Cell), objects, r.context.Slot(x86Cell), header)
	}

	r.context.SetWord(native.CursorAt, r.addr(x86Cell)+8)
	native.Enter(entry, r.context.Addr())
	r.refused(what, a, n)
	r.context.SetResult(r.addr(x86Cell))
	r.check(what+", resumed", r.context.Resume(), before, &want, 0, 1)
}

// refused checks that an allocation left, and changed nothing.
func (r *x86Runner) refused(what string, a backend.Loc, n uint64) {
	r.t.Helper()
	if r.context.Exit() != 2 || r.context.Word(native.ObjectsAt) != 7 || r.context.Word(native.CursorAt) != r.addr(x86Cell)+8 {
		r.t.Fatalf("%s: no exit where there is no room", what)
	}
	if a.Kind == backend.InReg && r.context.Saved(x86RegBit(a)) != n {
		r.t.Fatalf("%s: the exit has %d items", what, r.context.Saved(x86RegBit(a)))
	}
}

// x86AllOf returns all registers that values may have.
func x86AllOf(m backend.Machine) (set backend.RegSet) {
	for _, x := range m.Ints() {
		set |= 1 << x
	}
	for _, x := range m.Floats() {
		set |= 1 << (32 + x)
	}
	return set
}

func TestX86Allocations(t *testing.T) {
	r := x86NewRunner(t)
	k := backend.Loc{Kind: backend.IsConst}
	for _, d := range x86Destinations(backend.Inst{}, x86TestRegs(), x86InReg) {
		for _, header := range []uint64{3, 1 << 31, 5<<32 | 7, 1<<63 | 1<<31} {
			for _, size := range []uint64{8, 16, 128, 4096} {
				r.allocate(backend.Inst{Code: backend.New, Imm: int64(size)}, d, k, 0, size, header)
			}
		}
		for _, n := range []uint64{0, 1, 2, 100} {
			for _, class := range []uint64{9, 1 << 31} {
				in := backend.Inst{Code: backend.NewArray, Imm: int64(class)}
				r.allocate(in, d, k, n, 8+8*n, n<<32|class)
				for _, a := range x86TestRegs() {
					r.allocate(in, d, x86InReg(a), n, 8+8*n, n<<32|class)
				}
			}
		}
	}
}

// TestX86ArrayTooLong asks for lengths that do not fit into a header.
func TestX86ArrayTooLong(t *testing.T) {
	r := x86NewRunner(t)
	in := backend.Inst{Code: backend.NewArray}
	x := x86One(r.machine, in, backend.Step{Dst: x86InReg(backend.Reg(amd64.RBX)), Args: [3]backend.Loc{x86InReg(backend.Reg(amd64.RSI))}})
	exit := &backend.Exit{Number: 2, Kind: backend.ExitAlloc, Locs: []backend.Loc{x86InReg(backend.Reg(amd64.RSI))}}
	x.Exits = append(x.Exits, exit)
	x.Steps[0].Inst.Exit = exit
	entry, _ := r.load(x)
	for _, n := range []uint64{1 << 28, 1 << 31, 1 << 60, 1 << 61, 1<<61 - 1, 1 << 63, ^uint64(0), ^uint64(1)} {
		before := x86Sentinel()
		before[amd64.RSI] = n
		r.setSlots(before)
		r.context.SetWord(native.CursorAt, r.addr(x86Cell)+8)
		r.context.SetWord(native.LimitAt, r.addr(x86Cell)+64)
		r.context.SetWord(native.ObjectsAt, 7)
		native.Enter(entry, r.context.Addr())
		r.refused("too long", x86InReg(backend.Reg(amd64.RSI)), n)
	}
}

// TestX86DivisionByConstants divides random x86IntCases by random x86IntCases of all sizes.
func TestX86DivisionByConstants(t *testing.T) {
	r := x86NewRunner(t)
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() uint64 { return uint64(int64(rng.Uint64()) >> rng.IntN(64)) }
	for range 1000 {
		k := random()
		if k == 0 {
			continue
		}
		for _, c := range x86BinaryCases[len(x86BinaryCases)-2:] {
			regs := x86TestRegs()
			d, a := x86InReg(regs[rng.IntN(len(regs))]), x86InReg(regs[rng.IntN(len(regs))])
			entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: d, Args: [3]backend.Loc{a, {Kind: backend.IsConst}}}, k))
			for range 50 {
				x := random()
				if rng.IntN(2) == 0 { // near a multiple
					x = x*k + uint64(rng.IntN(3)) - 1
				}
				r.try(c, entry, d, a, backend.Loc{Kind: backend.IsConst}, x, k)
			}
			done()
		}
	}
}
