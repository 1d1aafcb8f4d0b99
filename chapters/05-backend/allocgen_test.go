package backend_test

import (
	"math/rand/v2"
	"slices"

	backend "metatrace/chapters/05-backend"
)

// fakeMachine is a machine with few registers. It makes no code.
type fakeMachine struct{ ints, floats int }

func (m fakeMachine) Name() string                                        { return "fake" }
func (m fakeMachine) Ints() []backend.Reg                                 { return firstRegs(m.ints) }
func (m fakeMachine) Floats() []backend.Reg                               { return firstRegs(m.floats) }
func (m fakeMachine) Scratch() (backend.Reg, backend.Reg)                 { return 30, 31 }
func (m fakeMachine) Disassemble([]byte, uint64) (string, int)            { return "", 1 }
func (m fakeMachine) Emit(*backend.Allocation) (*backend.Assembly, error) { return nil, nil }
func (m fakeMachine) Jump([]byte, uintptr, uintptr)                       {}
func (m fakeMachine) Select(backend.Loc, *backend.Cases, *backend.Start) (*backend.Assembly, error) {
	return nil, nil
}

func (m fakeMachine) Immediate(in *backend.Inst, arg int, bits uint64) bool {
	return arg == 1 && bits < 16
}

// Clobbers: division and high products take two registers, an array one of each kind.
func (m fakeMachine) Clobbers(in *backend.Inst) backend.RegSet {
	switch in.Code {
	case backend.Div, backend.Mod, backend.MulHigh:
		return 0b11
	case backend.NewArray:
		return 1<<2 | 1<<32
	case backend.MulOvf:
		return 0b10
	}
	return 0
}

func firstRegs(n int) []backend.Reg {
	list := make([]backend.Reg, n)
	for i := range list {
		list[i] = backend.Reg(i)
	}
	return list
}

// allocGenerator makes lowered traces that make no sense as programs, but as sequences
// of instructions.
type allocGenerator struct {
	*rand.Rand
	l     *backend.Lowered
	m     backend.Machine
	known []backend.Value // that may be used
	near  int             // how many of the last known ones are used mostly
	exits int             // how many values an exit has at most
}

// randomLowered makes one of about size instructions, for the registers of m.
func randomLowered(r *rand.Rand, size int, m backend.Machine) *backend.Lowered {
	g := &allocGenerator{Rand: r, m: m, l: &backend.Lowered{Label: -1}, near: 2 + r.IntN(30), exits: 1 + r.IntN(12)}
	for range 1 + g.IntN(12) {
		v := g.value(g.class())
		g.l.Inputs = append(g.l.Inputs, v)
		g.known = append(g.known, v)
	}
	if g.IntN(2) == 0 {
		g.l.Places = g.places(g.l.Inputs)
	}
	for range 1 + g.IntN(8) {
		g.l.Values = append(g.l.Values, backend.Info{Class: g.class(), Const: true, Bits: g.Uint64N(64)})
		g.known = append(g.known, backend.Value(len(g.l.Values)-1))
	}
	g.pick(backend.Int) // there has to be one of each
	g.pick(backend.Float)
	if g.IntN(4) == 0 { // without a loop
		g.body(size)
		if g.IntN(2) == 0 {
			g.jumpOut()
			return g.l
		}
		g.add(backend.Inst{Code: backend.Leave, Dst: backend.None, Exit: g.exit(backend.ExitFinish)})
		return g.l
	}
	if g.IntN(3) > 0 {
		g.body(g.IntN(size))
	}
	var args []backend.Value
	for _, i := range g.Perm(len(g.known)) {
		if v := g.known[i]; !g.l.Values[v].Const && len(args) < 10 && g.IntN(2) == 0 {
			args = append(args, v)
		}
	}
	g.l.Label = len(g.l.Insts)
	g.add(backend.Inst{Code: backend.LabelHere, Dst: backend.None, List: args})
	g.body(g.IntN(size))
	if g.IntN(10) == 0 { // a label that nobody goes to
		if g.IntN(2) == 0 {
			g.jumpOut()
			return g.l
		}
		g.add(backend.Inst{Code: backend.Leave, Dst: backend.None, Exit: g.exit(backend.ExitFinish)})
		return g.l
	}
	next := g.next(args)
	jump := backend.Inst{Code: backend.Jump, Dst: backend.None, List: next}
	if g.IntN(4) > 0 {
		jump.Exit = g.exit(backend.ExitPoll)
		jump.Exit.Values = nil
	}
	g.add(jump)
	return g.l
}

// places returns random places for values: few registers, and slots with gaps.
func (g *allocGenerator) places(values []backend.Value) []backend.Loc {
	ints, floats, slots := g.shuffled(g.m.Ints()), g.shuffled(g.m.Floats()), g.Perm(2*len(values))
	list := make([]backend.Loc, len(values))
	for i, v := range values {
		switch class := g.l.Values[v].Class; {
		case g.IntN(3) > 0 && class == backend.Int && len(ints) > 0:
			list[i], ints = backend.Loc{Kind: backend.InReg, N: int32(ints[0])}, ints[1:]
		case g.IntN(3) > 0 && class == backend.Float && len(floats) > 0:
			list[i], floats = backend.Loc{Kind: backend.InFloat, N: int32(floats[0])}, floats[1:]
		default:
			list[i], slots = slotAt(slots[0]), slots[1:]
		}
	}
	return list
}

func (g *allocGenerator) shuffled(regs []backend.Reg) []backend.Reg {
	list := slices.Clone(regs)
	g.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// jumpOut ends the trace with a jump to another one, where a value may be wanted twice.
func (g *allocGenerator) jumpOut() {
	var list []backend.Value
	for range g.IntN(10) {
		list = append(list, g.pick(g.class()))
	}
	jump := backend.Inst{Code: backend.JumpOut, Dst: backend.None, List: list, To: &backend.Start{Inputs: g.places(list)}}
	if g.IntN(4) > 0 {
		jump.Exit = g.exit(backend.ExitPoll)
		jump.Exit.Values = nil
	}
	g.add(jump)
}

// next returns what the jump gives the arguments of the label: sometimes they change
// places only, sometimes some are passed on as they are.
func (g *allocGenerator) next(args []backend.Value) []backend.Value {
	same := func(v backend.Value) (list []backend.Value) {
		for _, w := range args {
			if g.l.Values[w].Class == g.l.Values[v].Class {
				list = append(list, w)
			}
		}
		return list
	}
	next, mostly := make([]backend.Value, len(args)), g.IntN(4)
	for i, v := range args {
		switch choice := g.IntN(5); {
		case choice == 0:
			next[i] = v
		case choice == 1 || mostly == 0:
			list := same(v)
			next[i] = list[g.IntN(len(list))]
		default:
			next[i] = g.pick(g.l.Values[v].Class)
		}
	}
	if mostly == 1 { // everything one place on
		for i, v := range args {
			list := same(v)
			next[i] = list[(slices.Index(list, v)+1)%len(list)]
		}
	}
	return next
}

func (g *allocGenerator) class() backend.Class { return backend.Class(g.IntN(4) / 3) }

func (g *allocGenerator) value(class backend.Class) backend.Value {
	g.l.Values = append(g.l.Values, backend.Info{Class: class})
	return backend.Value(len(g.l.Values) - 1)
}

// pick returns a value of the class.
func (g *allocGenerator) pick(class backend.Class) backend.Value {
	for range 40 {
		n := len(g.known)
		from := 0
		if g.IntN(4) > 0 {
			from = max(0, n-g.near)
		}
		if v := g.known[from+g.IntN(n-from)]; g.l.Values[v].Class == class {
			return v
		}
	}
	g.l.Values = append(g.l.Values, backend.Info{Class: class, Const: true, Bits: g.Uint64N(64)})
	v := backend.Value(len(g.l.Values) - 1)
	g.known = append(g.known, v)
	return v
}

func (g *allocGenerator) exit(kind backend.ExitKind) *backend.Exit {
	x := &backend.Exit{Number: len(g.l.Exits), Kind: kind}
	g.l.Exits = append(g.l.Exits, x)
	for range g.IntN(g.exits) {
		x.Values = append(x.Values, g.pick(g.class()))
	}
	return x
}

func (g *allocGenerator) add(in backend.Inst, args ...backend.Value) {
	in.Args = [3]backend.Value{backend.None, backend.None, backend.None}
	copy(in.Args[:], args)
	g.l.Insts = append(g.l.Insts, in)
}

// result makes the result of in known. The exit of a checked operation may want it.
func (g *allocGenerator) result(in backend.Inst, class backend.Class, args ...backend.Value) {
	in.Dst = g.value(class)
	if in.Exit != nil && in.Exit.Kind == backend.ExitGuard && g.IntN(2) == 0 {
		in.Exit.Values = append(in.Exit.Values, in.Dst)
	}
	g.add(in, args...)
	g.known = append(g.known, in.Dst)
}

func (g *allocGenerator) body(size int) {
	for range size {
		g.instruction()
	}
}

func (g *allocGenerator) instruction() {
	const i, f = backend.Int, backend.Float
	pick := g.pick
	effect := func(in backend.Inst, args ...backend.Value) {
		in.Dst = backend.None
		g.add(in, args...)
	}
	switch g.IntN(24) {
	default:
		code := []backend.Opcode{backend.Add, backend.Sub, backend.And, backend.Mul}[g.IntN(4)]
		g.result(backend.Inst{Code: code}, i, pick(i), pick(i))
	case 0:
		code := []backend.Opcode{backend.Div, backend.Mod, backend.MulHigh, backend.Shl}[g.IntN(4)]
		g.result(backend.Inst{Code: code}, i, pick(i), pick(i))
	case 1, 2:
		code := []backend.Opcode{backend.AddOvf, backend.SubOvf, backend.MulOvf}[g.IntN(3)]
		g.result(backend.Inst{Code: code, Exit: g.exit(backend.ExitGuard)}, i, pick(i), pick(i))
	case 3, 4, 5:
		code := []backend.Opcode{backend.FloatAdd, backend.FloatDiv}[g.IntN(2)]
		g.result(backend.Inst{Code: code}, f, pick(f), pick(f))
	case 6:
		g.result(backend.Inst{Code: backend.FloatToInt}, i, pick(f))
	case 7:
		g.result(backend.Inst{Code: backend.IntToFloat}, f, pick(i))
	case 8:
		g.result(backend.Inst{Code: backend.LoadIndex}, g.class(), pick(i), pick(i))
	case 9:
		effect(backend.Inst{Code: backend.StoreIndex}, pick(i), pick(i), pick(g.class()))
	case 10, 11, 12, 13:
		effect(backend.Inst{Code: backend.Guard, Exit: g.exit(backend.ExitGuard)}, pick(i), pick(i))
		if last := g.l.Insts[len(g.l.Insts)-1].Exit; g.IntN(4) == 0 {
			ask := g.exit(backend.ExitAsk)
			if ask.Then = last; g.IntN(2) == 0 {
				ask.Then = g.exit(backend.ExitGuard)
			}
			effect(backend.Inst{Code: backend.Ask, Exit: ask})
		}
	case 14:
		effect(backend.Inst{Code: backend.FloatGuard, Exit: g.exit(backend.ExitGuard)}, pick(f), pick(f))
	case 15:
		x := g.exit(backend.ExitAlloc)
		x.Values = nil
		g.result(backend.Inst{Code: backend.New, Exit: x}, i, backend.None, g.constant())
	case 16:
		x := g.exit(backend.ExitAlloc)
		x.Values = []backend.Value{pick(i)}
		g.result(backend.Inst{Code: backend.NewArray, Exit: x}, i, x.Values[0])
	case 17:
		if g.IntN(3) > 0 {
			return
		}
		in := backend.Inst{Code: backend.Call, Exit: g.exit(backend.ExitCall)}
		if g.IntN(2) == 0 {
			in = g.invoke()
		}
		if g.IntN(2) == 0 {
			effect(in)
			return
		}
		g.result(in, g.class())
	}
}

// constant returns a constant for the header of an object.
func (g *allocGenerator) constant() backend.Value {
	for _, v := range g.known {
		if info := g.l.Values[v]; info.Const && info.Class == backend.Int {
			return v
		}
	}
	g.l.Values = append(g.l.Values, backend.Info{Const: true, Bits: g.Uint64N(64)})
	g.known = append(g.known, backend.Value(len(g.l.Values)-1))
	return backend.Value(len(g.l.Values) - 1)
}
