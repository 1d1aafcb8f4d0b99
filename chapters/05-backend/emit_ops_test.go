package backend_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	backend "metatrace/chapters/05-backend"
)

// arithmetic is what an instruction does, as Go does it.
type arithmetic struct {
	code   backend.Opcode
	args   [2]kind // of its arguments
	result kind
	conds  []backend.Cond
	not    bool // its Not means something
	imms   []int64
	words  *[2][]uint64 // to be tried for each argument; nil: those in values
	// does returns the result, and whether the condition holds, for a checked one:
	// whether it overflows.
	does func(in *backend.Inst, a, b uint64) (result uint64, holds bool)
}

// kind is a kind of argument.
type kind int

const (
	none    kind = iota
	integer      // any
	count        // 0 to 63
	nonzero
	float
	fits // a float that an integer can have
)

func (k kind) class() backend.Class {
	if k >= float {
		return backend.Float
	}
	return backend.Int
}

// values are those that instructions are tested with.
var values = map[kind][]uint64{
	none: {0},
	integer: {
		0, 1, 2, 3, 5, 63, 64, math.MaxUint64, math.MaxUint64 - 1, 1 << 63, 1<<63 - 1, 1 << 31, 0xffffffff_80000000,
		1<<32 + 1, 0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 0x7fff, 0x80, 3_037_000_500,
	},
	count:   {0, 1, 2, 31, 32, 33, 62, 63},
	nonzero: {1, 2, 3, 10, math.MaxUint64, math.MaxUint64 - 1, 1 << 63, 1<<63 - 1, 0xffff},
	float: floats(0, math.Copysign(0, -1), 1, -1, 0.1, -2.5, math.Inf(1), math.Inf(-1), math.NaN(),
		-math.NaN(), math.MaxFloat64, 5e-324, -1e300, 1<<53+2),
	fits: floats(0, math.Copysign(0, -1), 0.9, -0.9, 1.5, -1.5, 1<<53, -1<<63, 1<<63-1024, 1e18),
}

func floats(list ...float64) (bits []uint64) {
	for _, f := range list {
		bits = append(bits, math.Float64bits(f))
	}
	return bits
}

// constants are those that take the place of an argument, where the machine allows it.
var constants = []uint64{
	0, 1, 2, 3, 7, 9, 10, 63, 255, 256, 4095, 4096, 4097, 0xfff000, 1 << 24, 0xff00, 1 << 31, 1 << 32, 1 << 62, 1 << 63, 1<<63 - 1,
	0x5555_5555_5555_5555, 0x1234_5678_9abc_def0, 0xffff_0000_ffff_0000,
	math.MaxUint64, math.MaxUint64 - 1, math.MaxUint64 - 4094, math.MaxUint64 - 4095, math.MaxUint64 - 4096, 0xffffffff_80000000,
}

var intConds = []backend.Cond{
	backend.Equal, backend.NotEqual, backend.Less, backend.LessEqual, backend.Greater, backend.GreaterEqual,
	backend.Below, backend.BelowEqual, backend.Above, backend.AboveEqual, backend.AnyBit, backend.NoBit,
}

var floatConds = intConds[:6]

func condHolds(c backend.Cond, a, b uint64) bool {
	x, y := int64(a), int64(b)
	return [...]bool{a == b, a != b, x < y, x <= y, x > y, x >= y, a < b, a <= b, a > b, a >= b, a&b != 0, a&b == 0}[c]
}

func floatsHold(c backend.Cond, x, y float64) bool {
	return [...]bool{x == y, x != y, x < y, x <= y, x > y, x >= y}[c]
}

func instHolds(in *backend.Inst, a, b uint64) bool {
	return floatsHold(in.Cond, math.Float64frombits(a), math.Float64frombits(b)) != in.Not
}

func word(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

// plain makes what an instruction does of a function.
func plain(f func(a, b uint64) uint64) func(*backend.Inst, uint64, uint64) (uint64, bool) {
	return func(_ *backend.Inst, a, b uint64) (uint64, bool) { return f(a, b), false }
}

func floatOp(f func(a, b float64) float64) func(*backend.Inst, uint64, uint64) (uint64, bool) {
	return plain(func(a, b uint64) uint64 {
		return math.Float64bits(f(math.Float64frombits(a), math.Float64frombits(b)))
	})
}

var ints, floatPair, oneInt, oneFloat = [2]kind{integer, integer}, [2]kind{float, float}, [2]kind{integer}, [2]kind{float}

var arithmetics = []arithmetic{
	{code: backend.Add, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a + b })},
	{code: backend.Sub, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a - b })},
	{code: backend.Mul, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a * b })},
	{code: backend.And, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a & b })},
	{code: backend.Or, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a | b })},
	{code: backend.Xor, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { return a ^ b })},
	{code: backend.Shl, args: [2]kind{integer, count}, result: integer, does: plain(func(a, b uint64) uint64 { return a << b })},
	{code: backend.Sar, args: [2]kind{integer, count}, result: integer, does: plain(func(a, b uint64) uint64 { return uint64(int64(a) >> b) })},
	{code: backend.Shr, args: [2]kind{integer, count}, result: integer, does: plain(func(a, b uint64) uint64 { return a >> b })},
	{code: backend.MulHigh, args: ints, result: integer, does: plain(func(a, b uint64) uint64 { high, _ := bits.Mul64(a, b); return high })},
	{code: backend.Div, args: [2]kind{integer, nonzero}, result: integer, does: plain(func(a, b uint64) uint64 { return uint64(int64(a) / int64(b)) })},
	{code: backend.Mod, args: [2]kind{integer, nonzero}, result: integer, does: plain(func(a, b uint64) uint64 { return uint64(int64(a) % int64(b)) })},
	{code: backend.Neg, args: oneInt, result: integer, does: plain(func(a, _ uint64) uint64 { return -a })},
	{code: backend.Not, args: oneInt, result: integer, does: plain(func(a, _ uint64) uint64 { return ^a })},
	{code: backend.Max0, args: oneInt, result: integer, does: plain(func(a, _ uint64) uint64 { return uint64(max(int64(a), 0)) })},
	{code: backend.Signext, args: oneInt, result: integer, imms: []int64{1, 2, 4}, does: func(in *backend.Inst, a, _ uint64) (uint64, bool) {
		unused := 64 - 8*in.Imm
		return uint64(int64(a<<unused) >> unused), false
	}},
	{code: backend.AddOvf, args: ints, result: integer, not: true, does: func(_ *backend.Inst, a, b uint64) (uint64, bool) {
		sum := a + b
		return sum, (a^sum)&(b^sum)>>63 != 0
	}},
	{code: backend.SubOvf, args: ints, result: integer, not: true, does: func(_ *backend.Inst, a, b uint64) (uint64, bool) {
		difference := a - b
		return difference, (a^b)&(a^difference)>>63 != 0
	}},
	{code: backend.MulOvf, args: ints, result: integer, not: true, does: func(_ *backend.Inst, a, b uint64) (uint64, bool) {
		p := a * b
		wrong := a != 0 && (int64(p)/int64(a) != int64(b) || a == math.MaxUint64 && b == 1<<63)
		return p, wrong
	}},
	{code: backend.Set, args: ints, result: integer, conds: intConds, does: func(in *backend.Inst, a, b uint64) (uint64, bool) {
		return word(condHolds(in.Cond, a, b)), false
	}},
	{code: backend.FloatSet, args: floatPair, result: integer, conds: floatConds, not: true, does: func(in *backend.Inst, a, b uint64) (uint64, bool) {
		return word(instHolds(in, a, b)), false
	}},
	{code: backend.Guard, args: ints, conds: intConds, does: func(in *backend.Inst, a, b uint64) (uint64, bool) {
		return 0, !condHolds(in.Cond, a, b)
	}},
	{code: backend.FloatGuard, args: floatPair, conds: floatConds, not: true, does: func(in *backend.Inst, a, b uint64) (uint64, bool) {
		return 0, !instHolds(in, a, b)
	}},
	{code: backend.FloatAdd, args: floatPair, result: float, does: floatOp(func(a, b float64) float64 { return a + b })},
	{code: backend.FloatSub, args: floatPair, result: float, does: floatOp(func(a, b float64) float64 { return a - b })},
	{code: backend.FloatMul, args: floatPair, result: float, does: floatOp(func(a, b float64) float64 { return a * b })},
	{code: backend.FloatDiv, args: floatPair, result: float, does: floatOp(func(a, b float64) float64 { return a / b })},
	{code: backend.FloatNeg, args: oneFloat, result: float, does: plain(func(a, _ uint64) uint64 { return a ^ 1<<63 })},
	{code: backend.FloatAbs, args: oneFloat, result: float, does: plain(func(a, _ uint64) uint64 { return a &^ (1 << 63) })},
	{code: backend.IntToFloat, args: oneInt, result: float, does: plain(func(a, _ uint64) uint64 { return math.Float64bits(float64(int64(a))) })},
	{code: backend.FloatToInt, args: [2]kind{fits}, result: integer, does: plain(func(a, _ uint64) uint64 { return uint64(int64(math.Float64frombits(a))) })},
	{code: backend.BitsOfFloat, args: oneFloat, result: integer, does: plain(func(a, _ uint64) uint64 { return a })},
	{code: backend.FloatOfBits, args: oneInt, result: float, does: plain(func(a, _ uint64) uint64 { return a })},
}

// insts returns the instruction with all its conditions and immediates.
func (ar *arithmetic) insts() (list []backend.Inst) {
	conds, imms, nots := ar.conds, ar.imms, []bool{false}
	if conds == nil {
		conds = []backend.Cond{0}
	}
	if imms == nil {
		imms = []int64{0}
	}
	if ar.not {
		nots = append(nots, true)
	}
	for _, cond := range conds {
		for _, imm := range imms {
			for _, not := range nots {
				list = append(list, backend.Inst{Code: ar.code, Cond: cond, Imm: imm, Not: not})
			}
		}
	}
	return list
}

// leaves reports whether the instruction may leave.
func (ar *arithmetic) leaves() bool {
	switch ar.code {
	case backend.AddOvf, backend.SubOvf, backend.MulOvf, backend.Guard, backend.FloatGuard:
		return true
	}
	return false
}

func TestEmitArithmetic(t *testing.T) {
	for i := range arithmetics {
		ar := &arithmetics[i]
		t.Run(fmt.Sprint(ar.code), func(t *testing.T) {
			l := newLab(t)
			for _, in := range ar.insts() {
				for _, dst := range l.some(ar.result) {
					for _, a := range l.some(ar.args[0]) {
						for _, b := range l.some(ar.args[1]) {
							l.arithmetic(ar, in, dst, [2]int{a, b}, [2]*uint64{})
						}
					}
				}
				l.withConstants(ar, in)
			}
		})
	}
}

// some returns registers for a value of kind k: as bits of a RegSet. Those of amd64 have
// something special: as a byte RSI needs REX, as a base R12 needs SIB and R13 a
// displacement, and divisions want RAX and RDX.
func (l *lab) some(k kind) []int {
	if k == none {
		return []int{-1}
	}
	list, base := l.m.Ints(), 0
	if k.class() == backend.Float {
		list, base = l.m.Floats(), 32
	}
	at := []int{1, 7, 8, len(list) - 2, len(list) - 1}
	if testing.Short() {
		at = at[2:4]
	}
	var regs []int
	for _, i := range at {
		regs = append(regs, base+int(list[i]))
	}
	return regs
}

// withConstants tests the instruction with constants instead of its arguments.
func (l *lab) withConstants(ar *arithmetic, in backend.Inst) {
	for _, dst := range l.some(ar.result) {
		for arg, k := range ar.args {
			if k == none {
				continue
			}
			for _, c := range constants {
				if k == count && c > 63 || k == nonzero && c == 0 || !l.m.Immediate(&in, arg, c) {
					continue
				}
				regs := [2]int{l.some(ar.args[0])[0], l.some(ar.args[1])[0]}
				consts := [2]*uint64{}
				consts[arg] = &c
				l.arithmetic(ar, in, dst, regs, consts)
			}
		}
		l.withTwoConstants(ar, in, dst)
	}
}

// withTwoConstants tests the instruction with nothing but constants. Nobody folds
// what lowering adds itself.
func (l *lab) withTwoConstants(ar *arithmetic, in backend.Inst, dst int) {
	few := []uint64{0, 1, 3, 4096, 0xff00, math.MaxUint64, 1 << 63}
	for _, a := range few {
		for _, b := range few {
			wrong := ar.args[1] == none || ar.args[1] == count && b > 63 || ar.args[1] == nonzero && b == 0
			if !wrong && l.m.Immediate(&in, 0, a) && l.m.Immediate(&in, 1, b) {
				l.arithmetic(ar, in, dst, [2]int{}, [2]*uint64{&a, &b})
			}
		}
	}
}

// arithmetic tests an instruction with its arguments in the given registers, or
// constants, and its result in dst, with all values.
func (l *lab) arithmetic(ar *arithmetic, in backend.Inst, dst int, args [2]int, consts [2]*uint64) {
	l.t.Helper()
	s := l.snippet()
	if ar.leaves() {
		in.Exit = s.exit(backend.ExitGuard)
	}
	places, lists := s.arguments(ar, args, consts)
	to := backend.Loc{}
	if dst >= 0 {
		to = registerLoc(dst)
	}
	s.step(in, to, places...)
	finish := s.finish()
	c := s.compile()
	defer c.free()
	clobbered := l.m.Clobbers(&in)
	registers := l.patterns()
	for _, a := range lists[0] {
		for _, b := range lists[1] {
			if args[0] == args[1] && consts == [2]*uint64{} && a != b {
				continue
			}
			for i, w := range [2]uint64{a, b} {
				if places[i].Kind == backend.InReg || places[i].Kind == backend.InFloat {
					registers[args[i]] = w
				}
			}
			exit, out := c.run(registers)
			result, leaves := ar.does(&in, a, b)
			if want := finish.Number; ar.leaves() {
				if leaves != (in.Not && ar.code < backend.Set) {
					want = in.Exit.Number
				}
				if exit != want {
					l.fail(c, &in, a, b, "exit %d, want %d", exit, want)
				}
			}
			for _, r := range l.all {
				want := registers[r]
				if r == dst {
					want = result
				} else if clobbered>>r&1 != 0 {
					continue
				}
				if out[r] != want && !(r == dst && r >= 32 && isNaN(out[r]) && isNaN(want)) {
					l.fail(c, &in, a, b, "register %v is %#x, want %#x", registerLoc(r), out[r], want)
				}
			}
		}
	}
}

// TestEmitDivisionByConstants divides by constants of all sizes, among others numbers
// near their multiples. (amd64 multiplies by a reciprocal then.)
func TestEmitDivisionByConstants(t *testing.T) {
	l := newLab(t)
	r := rand.New(rand.NewPCG(1, 2))
	random := func() uint64 { return uint64(int64(r.Uint64()) >> r.IntN(64)) }
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
	regs := l.some(integer)
	for range rounds {
		k := random()
		in := backend.Inst{Code: []backend.Opcode{backend.Div, backend.Mod}[r.IntN(2)]}
		if k == 0 || !l.m.Immediate(&in, 1, k) {
			continue
		}
		ar := arithmetics[slices.IndexFunc(arithmetics, func(ar arithmetic) bool { return ar.code == in.Code })]
		dividends := []uint64{k, -k}
		for range 40 {
			dividends = append(dividends, random(), random()*k+uint64(r.IntN(3))-1)
		}
		ar.words = &[2][]uint64{dividends, {k}}
		l.arithmetic(&ar, in, regs[r.IntN(len(regs))], [2]int{regs[r.IntN(len(regs))]}, [2]*uint64{nil, &k})
	}
}

// arguments returns where the arguments are, and what to try for each.
func (s *snippet) arguments(ar *arithmetic, args [2]int, consts [2]*uint64) (places []backend.Loc, lists [2][]uint64) {
	places = make([]backend.Loc, 2)
	for i, k := range ar.args {
		lists[i] = values[k]
		if ar.words != nil {
			lists[i] = ar.words[i]
		}
		switch {
		case k == none:
		case consts[i] != nil:
			lists[i] = []uint64{*consts[i]}
			places[i] = s.constant(*consts[i])
		default:
			places[i] = registerLoc(args[i])
		}
	}
	return places, lists
}

func isNaN(bits uint64) bool { return bits<<1 > 0x7ff<<53 }

func (l *lab) fail(c *code, in *backend.Inst, a, b uint64, format string, args ...any) {
	l.t.Helper()
	require.Fail(l.t, fmt.Sprintf(format, args...), "%v cond %d not %v imm %d of %#x, %#x:\n%q", in.Code, in.Cond, in.Not, in.Imm, a, b, c.text())
}
