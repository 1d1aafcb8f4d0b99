package backend

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// LowerOptions say how a trace is lowered.
type LowerOptions struct {
	// Classes are those of the guest. With an immediate class among them a
	// reference may be a tagged word, and class guards look for that first.
	Classes *heap.Classes
	// Count counts iterations in the context.
	Count bool
	// Ask makes every guard that holds ask Go whether it shall fail nevertheless.
	Ask bool
	// Returns makes finish return to who called the trace: Return instead of Leave.
	Returns bool
	// Callee returns what call_assembler has to know of a function that is called with
	// args: the address of the word that has the address of its code, and where that
	// wants its inputs. Without it there can be no call.
	Callee func(f *recorder.Function, args []*ir.Op) (cell uintptr, places []Arrival, err error)
	// Escapes makes calls of the opaque operations that tests have, which nobody can
	// do: such code is to be looked at, not to be run.
	Escapes bool
	// Places are where the inputs arrive, an Arrival for each. nil: input i in slot i.
	Places []Arrival
	// Loads makes a start for Go, which has the inputs in slots all the same.
	Loads bool
}

// An Arrival is where an input is at the start, or what it is. Two inputs may be the
// same value, in the same place.
type Arrival struct {
	Loc
	Bits uint64 // if Kind is IsConst, which has no N here
}

// Lower translates an optimized trace into instructions. An operation that no
// trace of a recorder has is an error.
//
// What one operation of the trace needs of another one is settled here, where it
// is still easy to see:
//
//	i3 = int_lt(i1, i2)              Guard i1 Less i2
//	guard_true(i3) [...]
//
//	i3 = int_add(i1, 1)              LoadIndex p2 i1 +16
//	i4 = getarrayitem_gc_i(p2, i3)
func Lower(t *ir.Trace, opt LowerOptions) (*Lowered, error) {
	out, _, err := lowerTrace(t, opt)
	return out, err
}

// lowerTrace is Lower, and returns the value of each operation, by ID.
func lowerTrace(t *ir.Trace, opt LowerOptions) (*Lowered, []Value, error) {
	l := &lowerer{
		out: &Lowered{Label: -1}, opt: opt, trace: t,
		vals: make([]Value, t.NumIDs()), uses: make([]int32, t.NumIDs()), at: make([]int32, t.NumIDs()),
		target: t.Target(), consts: map[constant]Value{}, tested: None,
	}
	l.look()
	l.inputs()
	if l.loops && t.LabelAt() < 0 {
		l.label(nil, t.Inputs)
	}
	for i, op := range t.Ops {
		if l.index = i; l.skip[i] {
			continue
		}
		l.lower(op)
		if l.err != nil {
			return nil, nil, fmt.Errorf("%s: %w", op.Code, l.err)
		}
	}
	if n := len(t.Ops); n == 0 || t.Ops[n-1].Code != ir.Jump && t.Ops[n-1].Code != ir.Finish && t.Ops[n-1].Code != ir.GuardAlwaysFails {
		return nil, nil, fmt.Errorf("the trace has no end: expected a jump or a finish")
	}
	return l.out, l.vals, nil
}

// constant is a constant with its class.
type constant struct {
	bits  uint64
	class Class
}

// lowerer is the state of Lower.
type lowerer struct {
	out    *Lowered
	opt    LowerOptions
	trace  *ir.Trace
	target []*ir.Op // what the jump sets
	loops  bool     // there is a jump
	index  int      // of the operation that is being lowered

	vals   []Value // by ID
	uses   []int32 // by ID: arguments and exits
	at     []int32 // by ID: index in trace.Ops, -1 of inputs
	skip   []bool  // by index: operations that another one does along with its own work
	carry  []bool  // by ID: the label's arguments, which the jump sets again
	consts map[constant]Value
	fused  *ir.Op // the condition of the guard that is being lowered, if it makes no value
	tested Value  // what the guard that is being lowered looks at, if it is a guard_value

	places  []place        // by Value
	exits   int            // looked at so far
	visited map[*ir.Op]int // virtual objects: the last exit that was looked at
	err     error
}

// look goes over the trace once to see how often values are used, and which
// operations need no instruction of their own.
func (l *lowerer) look() {
	t := l.trace
	l.skip, l.carry = make([]bool, len(t.Ops)), make([]bool, t.NumIDs())
	use := l.use
	for i := range t.Inputs {
		l.at[i] = -1
	}
	for i, op := range t.Ops {
		l.at[op.ID] = int32(i)
		for _, a := range op.Args {
			use(a)
		}
		if op.Exit != nil {
			l.leaves(op, use)
		}
	}
	l.loops = t.Loops()
	for _, a := range l.target {
		l.carry[a.ID] = l.loops
	}
	for i, op := range t.Ops {
		l.fuse(i, op)
	}
}

func (l *lowerer) use(a *ir.Op) {
	if a.ID >= 0 {
		l.uses[a.ID]++
	}
}

// value makes the value of an input or operation.
func (l *lowerer) value(op *ir.Op) Value {
	class := Int
	if op.Type == ir.Float {
		class = Float
	}
	return l.fresh(Info{Class: class, Op: op})
}

func (l *lowerer) fresh(info Info) Value {
	l.out.Values = append(l.out.Values, info)
	return Value(len(l.out.Values) - 1)
}

// of returns the value of an argument.
func (l *lowerer) of(a *ir.Op) Value {
	switch {
	case a.Code == ir.OpConstPtr && a.Name != nil:
		return l.int(int64(a.Name.Addr))
	case a.Code == ir.OpConstFloat:
		return l.constant(a.Bits, Float)
	case a.IsConst():
		return l.constant(a.Bits, Int)
	case a.Code == ir.OpVirtual:
		l.err = fmt.Errorf("a virtual object stands where a real one is needed")
		return 0
	}
	return l.vals[a.ID]
}

func (l *lowerer) int(n int64) Value { return l.constant(uint64(n), Int) }

func (l *lowerer) constant(bits uint64, class Class) Value {
	v, ok := l.consts[constant{bits, class}]
	if !ok {
		v = l.fresh(Info{Class: class, Const: true, Bits: bits})
		l.consts[constant{bits, class}] = v
	}
	return v
}

// emit adds an instruction.
func (l *lowerer) emit(in Inst, args ...Value) *Inst {
	in.Args = [3]Value{None, None, None}
	copy(in.Args[:], args)
	l.out.Insts = append(l.out.Insts, in)
	return &l.out.Insts[len(l.out.Insts)-1]
}

// define adds an instruction that makes the value of op.
func (l *lowerer) define(op *ir.Op, in Inst, args ...Value) *Inst {
	in.Op, in.Dst = op, l.value(op)
	l.vals[op.ID] = in.Dst
	return l.emit(in, args...)
}

// effect adds an instruction without a result.
func (l *lowerer) effect(op *ir.Op, in Inst, args ...Value) *Inst {
	in.Op, in.Dst = op, None
	return l.emit(in, args...)
}

// lower adds the instructions of op.
func (l *lowerer) lower(op *ir.Op) {
	if code, ok := plain[op.Code]; ok {
		args := make([]Value, len(op.Args), 3)
		for i, a := range op.Args {
			args[i] = l.of(a)
		}
		l.define(op, Inst{Code: code}, args...)
		return
	}
	switch c := op.Code; {
	case c == ir.DebugMergePoint:
	case c.Has(ir.Checked): // its guard is next
	case c.Has(ir.Guard):
		l.guard(op)
	case c == ir.Label:
		l.label(op, op.Args)
	case c == ir.Jump:
		l.jump(op)
	case c == ir.Finish:
		l.finish(op)
	case c.IsCall():
		l.call(op)
	case c.IsTraceCall():
		l.invoke(op)
	case l.opt.Escapes && c >= ir.EscapeI && c <= ir.EscapeN:
		l.residual(op, op.Args, guards.Callee{})
	case isCopy(c):
		l.copy(op)
	case c == ir.IntSignext:
		l.signext(op)
	case c.Has(ir.Pure) && c != ir.ArraylenGc:
		l.set(op)
	default:
		l.heap(op)
	}
}

// plain are the operations that become the instruction of the same meaning.
var plain = map[ir.Opcode]Opcode{
	ir.IntAdd: Add, ir.IntSub: Sub, ir.IntMul: Mul, ir.IntAnd: And, ir.IntOr: Or, ir.IntXor: Xor,
	ir.IntLshift: Shl, ir.IntRshift: Sar, ir.UintRshift: Shr, ir.UintMulHigh: MulHigh,
	ir.IntNeg: Neg, ir.IntInvert: Not, ir.IntForceGeZero: Max0,
	ir.FloatAdd: FloatAdd, ir.FloatSub: FloatSub, ir.FloatMul: FloatMul, ir.FloatTruediv: FloatDiv,
	ir.FloatNeg: FloatNeg, ir.FloatAbs: FloatAbs,
	ir.CastIntToFloat: IntToFloat, ir.CastFloatToInt: FloatToInt,
	ir.ConvertFloatBytesToLonglong: BitsOfFloat, ir.ConvertLonglongBytesToFloat: FloatOfBits,
}

func isCopy(c ir.Opcode) bool {
	switch c {
	case ir.SameAsI, ir.SameAsF, ir.SameAsR, ir.CastPtrToInt, ir.CastIntToPtr:
		return true
	}
	return false
}

// copy gives op the value of its argument. Only where one of the two changes when
// the loop goes round, they have to be two values.
func (l *lowerer) copy(op *ir.Op) {
	a := op.Args[0]
	if v := l.of(a); !l.carry[op.ID] && (a.IsConst() || !l.carry[a.ID]) {
		l.vals[op.ID] = v
	} else if op.Type == ir.Float {
		bits := l.fresh(Info{})
		l.emit(Inst{Code: BitsOfFloat, Op: op, Dst: bits}, v)
		l.define(op, Inst{Code: FloatOfBits}, bits)
	} else {
		l.define(op, Inst{Code: Or}, v, l.int(0))
	}
}

func (l *lowerer) signext(op *ir.Op) {
	a := l.of(op.Args[0])
	switch bytes := op.Args[1]; {
	case !bytes.IsConst() || bytes.Int() < 1 || bytes.Int() > 8:
		l.err = fmt.Errorf("the number of bytes is no constant from 1 to 8")
	case bytes.Int() == 8:
		l.define(op, Inst{Code: Or}, a, l.int(0))
	case bytes.Int() == 1 || bytes.Int() == 2 || bytes.Int() == 4:
		l.define(op, Inst{Code: Signext, Imm: bytes.Int()}, a)
	default: // no machine has it
		unused, high := l.int(64-8*bytes.Int()), l.fresh(Info{})
		l.emit(Inst{Code: Shl, Op: op, Dst: high}, a, unused)
		l.define(op, Inst{Code: Sar}, high, unused)
	}
}

// label begins the loop.
func (l *lowerer) label(op *ir.Op, args []*ir.Op) {
	if op != nil && l.trace.LabelAt() > 0 { // what stood before the label was an iteration, too
		l.tick(op)
	}
	list := l.list(args)
	l.out.Label = len(l.out.Insts)
	l.effect(op, Inst{Code: LabelHere, List: list})
}

// tick counts an iteration, if they are counted.
func (l *lowerer) tick(op *ir.Op) {
	if l.opt.Count {
		l.effect(op, Inst{Code: Tick})
	}
}

// jump ends the loop, or the trace.
func (l *lowerer) jump(op *ir.Op) {
	if target, ok := op.Descr.(*ir.Target); ok {
		l.jumpOut(op, target)
		return
	}
	if len(op.Args) != len(l.target) {
		l.err = fmt.Errorf("%d arguments, expected %d as what it jumps to has", len(op.Args), len(l.target))
		return
	}
	list := l.list(op.Args)
	l.tick(op)
	l.effect(op, Inst{Code: Jump, List: list, Exit: l.resumable(ExitPoll, op)})
}

func (l *lowerer) list(args []*ir.Op) []Value {
	list := make([]Value, len(args))
	for i, a := range args {
		list[i] = l.of(a)
	}
	return list
}

// call adds a residual call, or one of the two functions that divide.
func (l *lowerer) call(op *ir.Op) {
	args := op.Args[1:]
	if d, ok := op.Args[0].Name.Func.(ir.Divider); ok {
		code := Div
		if d.Remainder() {
			code = Mod
		}
		l.define(op, Inst{Code: code}, l.of(args[0]), l.of(args[1]))
		return
	}
	var callee guards.Callee
	if callee, l.err = guards.CalleeOf(op); l.err == nil {
		l.residual(op, args, callee)
	}
}

// residual adds a call.
func (l *lowerer) residual(op *ir.Op, args []*ir.Op, callee guards.Callee) {
	in := Inst{Code: Call, Exit: l.resumable(ExitCall, op, l.list(args)...)}
	in.Exit.callee = callee
	if op.Type == ir.Void {
		l.effect(op, in)
		return
	}
	l.define(op, in)
}

// resumable adds an exit. Go wants to have values.
func (l *lowerer) resumable(kind ExitKind, op *ir.Op, values ...Value) *Exit {
	x := &Exit{Number: len(l.out.Exits), ID: len(l.out.Exits), Kind: kind, Op: op, Values: values, tested: None}
	l.out.Exits = append(l.out.Exits, x)
	return x
}
