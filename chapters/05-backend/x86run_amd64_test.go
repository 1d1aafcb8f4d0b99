package backend_test

import (
	"fmt"
	"math/bits"
	"slices"
	"testing"

	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/amd64"
	"metatrace/chapters/05-backend/native"
	solution "metatrace/solutions/05-backend"
)

// These tests run single instructions with all registers full, and look at all of
// them afterwards: the result is right, and nothing else has changed.

// x86Runner runs allocations made by hand.
type x86Runner struct {
	t       testing.TB
	machine *backend.AMD64
	memory  *native.Memory
	context *native.Context
}

func x86NewRunner(t testing.TB) *x86Runner {
	if err := native.Supported(); err != nil {
		t.Skip(err)
	}
	memory, err := native.New(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	context, err := native.NewContext()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := context.Close(); err != nil {
			t.Error(err)
		}
		if err := memory.Close(); err != nil {
			t.Error(err)
		}
	})
	return &x86Runner{t, backend.NewAMD64(&solution.Kit, native.GuardOffset()), memory, context}
}

// load makes code of an allocation; done frees it.
func (r *x86Runner) load(a *backend.Allocation) (entry uintptr, done func()) {
	r.t.Helper()
	out, err := r.machine.Emit(a)
	if err != nil {
		r.t.Fatal(err)
	}
	region, err := r.memory.Add(out.Code)
	if err != nil {
		r.t.Fatal(err)
	}
	return region.Addr + uintptr(out.Entry), func() {
		if err := r.memory.Free(region); err != nil {
			r.t.Fatal(err)
		}
	}
}

// x86State has the words of all registers, by their bit in a RegSet.
type x86State [64]uint64

func (r *x86Runner) setSlots(s *x86State) {
	for i, w := range s[:48] {
		r.context.SetSlot(i, w)
	}
}

// x86One returns an allocation with one instruction: all registers are loaded from the
// slots, then it is executed, and all registers are saved by exit 0, which it leaves
// through, or by exit 1.
func x86One(m backend.Machine, in backend.Inst, s backend.Step, consts ...uint64) *backend.Allocation {
	var all []backend.Loc
	load := func(l backend.Loc, slot int) {
		all = append(all, l)
		s.Before = append(s.Before, backend.Move{Dst: l, Src: backend.Loc{Kind: backend.InSlot, N: int32(slot)}})
	}
	for _, x := range m.Ints() {
		load(backend.Loc{Kind: backend.InReg, N: int32(x)}, int(x))
	}
	for _, x := range m.Floats() {
		load(backend.Loc{Kind: backend.InFloat, N: int32(x)}, 32+int(x))
	}
	exits := []*backend.Exit{
		{Number: 0, Kind: backend.ExitGuard, Locs: all},
		{Number: 1, Kind: backend.ExitFinish, Locs: all},
	}
	in.Exit = exits[0]
	s.Inst = &in
	low := &backend.Lowered{Insts: []backend.Inst{in, {Code: backend.Leave, Exit: exits[1]}}, Exits: exits, Label: -1}
	for _, c := range consts {
		low.Values = append(low.Values, backend.Info{Const: true, Bits: c})
	}
	return &backend.Allocation{Lowered: low, Slots: 48, Steps: []backend.Step{s, {Inst: &low.Insts[1]}}}
}

func x86InReg(r backend.Reg) backend.Loc   { return backend.Loc{Kind: backend.InReg, N: int32(r)} }
func x86InFloat(r backend.Reg) backend.Loc { return backend.Loc{Kind: backend.InFloat, N: int32(r)} }

func x86RegBit(l backend.Loc) int {
	if l.Kind == backend.InFloat {
		return 32 + int(l.N)
	}
	return int(l.N)
}

// check runs code and compares all registers with want; those of ignore may differ.
func (r *x86Runner) check(what string, entry uintptr, before *x86State, want *x86State, ignore backend.RegSet, exit uint64) {
	r.t.Helper()
	r.setSlots(before)
	native.Enter(entry, r.context.Addr())
	if got := r.context.Exit(); got != exit {
		r.t.Fatalf("%s: left through exit %d, want %d", what, got, exit)
	}
	for _, set := range [][]backend.Reg{r.machine.Ints(), r.machine.Floats()} {
		for _, x := range set {
			n := int(x)
			if len(set) == len(r.machine.Floats()) {
				n += 32
			}
			if ignore>>n&1 == 0 && r.context.Saved(n) != want[n] {
				r.t.Fatalf("%s: register %d is %#x, want %#x", what, n, r.context.Saved(n), want[n])
			}
		}
	}
}

// x86Sentinel returns a state in which every register is something else.
func x86Sentinel() *x86State {
	s := new(x86State)
	for i := range s {
		s[i] = 0xABCD_0000_5555_0000 + uint64(i)
	}
	return s
}

var x86IntCases = []uint64{
	0, 1, 2, 3, 5, 7, 9, 10, 63, 64, 100, 127, 128, 255, 256, 0xFFFF, 1 << 31, 1<<31 - 1, 1 << 32, 1<<32 - 1, 1<<32 + 3,
	1<<62 + 1, 1 << 62, 1<<63 - 1, 1 << 63, 1<<63 + 1, 0xFFFFFFFF_80000000, 0xFFFFFFFF_7FFFFFFF, 0x1234_5678_9ABC_DEF0,
	0xFEDC_BA98_7654_3210, ^uint64(0), ^uint64(1), ^uint64(2), ^uint64(4), ^uint64(6), ^uint64(9), ^uint64(99), ^uint64(127), ^uint64(128),
}

// x86OpCase is an instruction and what it does.
type x86OpCase struct {
	in   backend.Inst
	eval func(a, b uint64) (dst uint64, leaves bool)
	bad  func(a, b uint64) bool // arguments that may not occur
}

func x86Value(f func(a, b uint64) uint64) func(a, b uint64) (uint64, bool) {
	return func(a, b uint64) (uint64, bool) { return f(a, b), false }
}

func x86ByZero(_, b uint64) bool   { return b == 0 }
func x86TooLarge(_, b uint64) bool { return b > 63 }

var x86BinaryCases = []x86OpCase{
	{in: backend.Inst{Code: backend.Add}, eval: x86Value(func(a, b uint64) uint64 { return a + b })},
	{in: backend.Inst{Code: backend.Sub}, eval: x86Value(func(a, b uint64) uint64 { return a - b })},
	{in: backend.Inst{Code: backend.Mul}, eval: x86Value(func(a, b uint64) uint64 { return a * b })},
	{in: backend.Inst{Code: backend.And}, eval: x86Value(func(a, b uint64) uint64 { return a & b })},
	{in: backend.Inst{Code: backend.Or}, eval: x86Value(func(a, b uint64) uint64 { return a | b })},
	{in: backend.Inst{Code: backend.Xor}, eval: x86Value(func(a, b uint64) uint64 { return a ^ b })},
	{in: backend.Inst{Code: backend.Shl}, eval: x86Value(func(a, b uint64) uint64 { return a << b }), bad: x86TooLarge},
	{in: backend.Inst{Code: backend.Sar}, eval: x86Value(func(a, b uint64) uint64 { return uint64(int64(a) >> b) }), bad: x86TooLarge},
	{in: backend.Inst{Code: backend.Shr}, eval: x86Value(func(a, b uint64) uint64 { return a >> b }), bad: x86TooLarge},
	{in: backend.Inst{Code: backend.MulHigh}, eval: x86Value(func(a, b uint64) uint64 { hi, _ := bits.Mul64(a, b); return hi })},
	{in: backend.Inst{Code: backend.Div}, eval: x86Value(func(a, b uint64) uint64 { return uint64(int64(a) / int64(b)) }), bad: x86ByZero},
	{in: backend.Inst{Code: backend.Mod}, eval: x86Value(func(a, b uint64) uint64 { return uint64(int64(a) % int64(b)) }), bad: x86ByZero},
}

var x86UnaryCases = []x86OpCase{
	{in: backend.Inst{Code: backend.Neg}, eval: x86Value(func(a, _ uint64) uint64 { return -a })},
	{in: backend.Inst{Code: backend.Not}, eval: x86Value(func(a, _ uint64) uint64 { return ^a })},
	{in: backend.Inst{Code: backend.Signext, Imm: 1}, eval: x86Value(func(a, _ uint64) uint64 { return uint64(int8(a)) })},
	{in: backend.Inst{Code: backend.Signext, Imm: 2}, eval: x86Value(func(a, _ uint64) uint64 { return uint64(int16(a)) })},
	{in: backend.Inst{Code: backend.Signext, Imm: 4}, eval: x86Value(func(a, _ uint64) uint64 { return uint64(int32(a)) })},
	{in: backend.Inst{Code: backend.Max0}, eval: x86Value(func(a, _ uint64) uint64 { return uint64(max(int64(a), 0)) })},
}

func x86AddOvf(a, b uint64) (uint64, bool) {
	c := a + b
	return c, int64((a^c)&(b^c)) < 0
}

func x86SubOvf(a, b uint64) (uint64, bool) {
	c := a - b
	return c, int64((a^b)&(a^c)) < 0
}

func x86MulOvf(a, b uint64) (uint64, bool) {
	hi, lo := bits.Mul64(a, b)
	if int64(a) < 0 {
		hi -= b
	}
	if int64(b) < 0 {
		hi -= a
	}
	return lo, hi != uint64(int64(lo)>>63)
}

func x86Negate(f func(a, b uint64) (uint64, bool)) func(a, b uint64) (uint64, bool) {
	return func(a, b uint64) (uint64, bool) {
		d, leaves := f(a, b)
		return d, !leaves
	}
}

func x86Number(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// x86ConditionCases are the comparisons of one class.
func x86ConditionCases(set, guard backend.Opcode, n backend.Cond, holds func(c backend.Cond, a, b uint64) bool) (list []x86OpCase) {
	for c := range n {
		for _, not := range []bool{false, true} {
			if guard == backend.FloatGuard || !not {
				list = append(list, x86OpCase{in: backend.Inst{Code: set, Cond: c, Not: not},
					eval: x86Value(func(a, b uint64) uint64 { return x86Number(holds(c, a, b) != not) })})
			}
			list = append(list, x86OpCase{in: backend.Inst{Code: guard, Cond: c, Not: not, Dst: backend.None},
				eval: func(a, b uint64) (uint64, bool) { return 0, holds(c, a, b) == not }})
		}
	}
	return list
}

func TestX86Integers(t *testing.T) {
	cases := slices.Concat(x86BinaryCases, x86ConditionCases(backend.Set, backend.Guard, 12, x86Holds))
	for _, ovf := range []x86OpCase{
		{in: backend.Inst{Code: backend.AddOvf}, eval: x86AddOvf},
		{in: backend.Inst{Code: backend.SubOvf}, eval: x86SubOvf},
		{in: backend.Inst{Code: backend.MulOvf}, eval: x86MulOvf},
	} {
		cases = append(cases, ovf)
		ovf.in.Not, ovf.eval = true, x86Negate(ovf.eval)
		cases = append(cases, ovf)
	}
	for _, c := range cases {
		t.Run(x86CaseName(c.in), func(t *testing.T) {
			r := x86NewRunner(t)
			r.binary(c, x86TestRegs(), x86InReg, x86InReg, x86IntCases)
			r.constants(c, x86TestRegs(), x86InReg, x86InReg, x86IntCases)
		})
	}
	for _, c := range x86UnaryCases {
		t.Run(x86CaseName(c.in), func(t *testing.T) {
			x86NewRunner(t).unary(c, x86TestRegs(), x86TestRegs(), x86InReg, x86InReg, x86IntCases)
		})
	}
}

func x86CaseName(in backend.Inst) string {
	return fmt.Sprintf("code%d,cond%d,%v,%d", in.Code, in.Cond, in.Not, in.Imm)
}

// x86TestRegs are the integer registers with something special: RAX and RDX belong to
// divisions, RSI needs REX as a byte, R12 SIB, R13 a displacement.
func x86TestRegs() []backend.Reg {
	return []backend.Reg{backend.Reg(amd64.RAX), backend.Reg(amd64.RDX), backend.Reg(amd64.RBX), backend.Reg(amd64.RSI),
		backend.Reg(amd64.R8), backend.Reg(amd64.R12), backend.Reg(amd64.R13)}
}

type x86Where func(backend.Reg) backend.Loc

// x86Destinations are where the result of in may go: everywhere, and to nowhere.
func x86Destinations(in backend.Inst, regs []backend.Reg, dst x86Where) (list []backend.Loc) {
	if in.Dst != backend.None {
		for _, d := range regs {
			list = append(list, dst(d))
		}
	}
	return append(list, backend.Loc{})
}

// binary runs an instruction with all destinations and arguments in registers. With
// each assignment it tries every thirteenth pair of words, each time others.
func (r *x86Runner) binary(c x86OpCase, regs []backend.Reg, dst, arg x86Where, words []uint64) {
	const every = 13
	turn := 0
	for _, d := range x86Destinations(c.in, regs, dst) {
		for _, ra := range regs {
			for _, rb := range regs {
				a, b := arg(ra), arg(rb)
				turn++
				entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: d, Args: [3]backend.Loc{a, b}}))
				for i, x := range words {
					for j, y := range words {
						if ra == rb && x != y || ra != rb && (i*len(words)+j+turn)%every != 0 || c.bad != nil && c.bad(x, y) {
							continue
						}
						r.try(c, entry, d, a, b, x, y)
					}
				}
				done()
			}
		}
	}
}

// try runs code with the arguments x in a and y in b.
func (r *x86Runner) try(c x86OpCase, entry uintptr, d, a, b backend.Loc, x, y uint64) {
	r.t.Helper()
	before := x86Sentinel()
	before[x86RegBit(a)] = x
	if b.Kind != backend.IsConst && b.Kind != backend.Nowhere {
		before[x86RegBit(b)] = y
	}
	want, exit := *before, uint64(1)
	result, leaves := c.eval(x, y)
	if leaves {
		exit = 0
	}
	ignore := r.machine.Clobbers(&c.in)
	if d.Kind != backend.Nowhere {
		want[x86RegBit(d)] = result
		ignore &^= 1 << x86RegBit(d)
	}
	r.check(fmt.Sprintf("%s: %v = %v (%#x), %v (%#x)", x86CaseName(c.in), d, a, x, b, y), entry, before, &want, ignore, exit)
}

// constants runs an instruction with all immediates that it takes.
func (r *x86Runner) constants(c x86OpCase, regs []backend.Reg, dst, arg x86Where, words []uint64) {
	for argument := range 2 {
		for _, k := range words {
			if !r.machine.Immediate(&c.in, argument, k) {
				continue
			}
			for _, d := range x86Destinations(c.in, regs, dst) {
				for _, ra := range regs {
					args := [3]backend.Loc{{Kind: backend.IsConst}, {Kind: backend.IsConst}}
					args[1-argument] = arg(ra)
					entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: d, Args: args}, k))
					for _, x := range words {
						if c.bad != nil && c.bad(x, k) {
							continue
						}
						swapped := c
						if argument == 0 {
							swapped.eval = func(a, b uint64) (uint64, bool) { return c.eval(b, a) }
						}
						r.try(swapped, entry, d, arg(ra), backend.Loc{Kind: backend.IsConst}, x, k)
					}
					done()
				}
			}
		}
	}
}

// unary runs an instruction with one argument.
func (r *x86Runner) unary(c x86OpCase, dsts, args []backend.Reg, dst, arg x86Where, words []uint64) {
	for _, d := range x86Destinations(c.in, dsts, dst) {
		for _, ra := range args {
			entry, done := r.load(x86One(r.machine, c.in, backend.Step{Dst: d, Args: [3]backend.Loc{arg(ra)}}))
			for _, x := range words {
				if c.bad == nil || !c.bad(x, 0) {
					r.try(c, entry, d, arg(ra), backend.Loc{}, x, 0)
				}
			}
			done()
		}
	}
}
