package guards

import (
	"fmt"
	"math"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// The executor runs optimized traces. It decodes a trace once: every value gets
// a register, every argument becomes the number of one, constants included, so
// that executing an operation is reading two registers and writing one.
// (Chapter 5 puts machine code in its place.)

// instr is a decoded operation: dst = code(a, b).
type instr struct {
	code      ir.Opcode
	dst, a, b int32
	c         int32       // third argument of setarrayitem_gc
	word      int32       // field: which word of the object
	class     *heap.Class // allocations, class guards
	op        *ir.Op      // what was decoded: says where a guard that fails goes on
	args      []int32     // calls and jumps; guards: their failargs
	to        []int32     // jumps: the inputs that get the args; the others stay as they are

	elidable elidable // calls: what is called, one of the two
	residual *recorder.Residual
}

// elidable is a function that traces call instead of an operation which the IR
// does not have.
type elidable func(m *machine.Machine, a, b int64) int64

// elidables are those that the recorder knows, by name. A guard before the call
// has excluded that b is 0.
var elidables = map[string]elidable{
	"int_div": (*machine.Machine).IntDiv,
	"int_mod": (*machine.Machine).IntMod,
}

// program is a decoded trace.
type program struct {
	code   []instr
	inputs int
	init   []uint64 // registers at the start: 0 for inputs and operations, then the constants
	refs   []int32  // registers that hold references, for the collector
	idle   *run     // the last run, if it is over: its memory can be used again
}

// decode translates a trace. An operation that no trace of a recorder has is an
// error.
func decode(t *ir.Trace) (*program, error) {
	d := &decoder{p: &program{inputs: len(t.Inputs), init: make([]uint64, t.NumIDs())},
		consts: map[uint64]int32{}}
	for _, in := range t.Inputs {
		d.define(in)
	}
	for _, op := range t.Ops {
		d.define(op)
		if op.Code == ir.DebugMergePoint {
			continue
		}
		in := instr{code: op.Code, dst: op.ID, op: op}
		d.operands(&in, op)
		d.p.code = append(d.p.code, in)
	}
	return d.p, d.err
}

// decoder is the state of decode.
type decoder struct {
	p      *program
	consts map[uint64]int32
	err    error
}

// define notes an input or operation. Its register is its ID.
func (d *decoder) define(op *ir.Op) {
	if op.Type == ir.Ref {
		d.p.refs = append(d.p.refs, op.ID)
	}
}

// operands decodes what op works on into in.
func (d *decoder) operands(in *instr, op *ir.Op) {
	args := op.Args
	switch c := op.Code; {
	case c == ir.Jump:
		for i, a := range args {
			if reg := d.reg(a); reg != int32(i) {
				in.args, in.to = append(in.args, reg), append(in.to, int32(i))
			}
		}
		return
	case c.Has(ir.Guard):
		in.args = d.regs(op.Exit.Failargs)
	case c >= ir.CallI && c <= ir.CallN:
		d.call(in, args[0].Name)
		in.args = d.regs(args[1:])
		args = nil
	case c > ir.ArraylenGc: // call_assembler, escape, label, finish
		d.err = fmt.Errorf("the executor has no %s", c)
		return
	}
	switch descr := op.Descr.(type) {
	case *heap.Field:
		in.word = int32(descr.Index)
	case *heap.Class:
		in.class = descr
	}
	for i, reg := range []*int32{&in.a, &in.b, &in.c}[:len(args)] {
		if args[i].Code == ir.OpConstClass {
			in.class = args[i].Name.Class
			continue
		}
		*reg = d.reg(args[i])
	}
}

// call decodes which function is called.
func (d *decoder) call(in *instr, fn *ir.Symbol) {
	in.residual, _ = fn.Func.(*recorder.Residual)
	in.elidable = elidables[fn.Name]
	if in.residual == nil && in.elidable == nil {
		d.err = fmt.Errorf("the executor can't call %s", fn.Name)
	}
}

func (d *decoder) regs(list []*ir.Op) []int32 {
	regs := make([]int32, len(list))
	for i, a := range list {
		regs[i] = d.reg(a)
	}
	return regs
}

// reg returns the register of a value. Equal constants share one; it is behind
// those of the operations.
func (d *decoder) reg(a *ir.Op) int32 {
	bits := a.Bits
	switch {
	case a.Code == ir.OpVirtual:
		d.err = fmt.Errorf("the executor can't allocate virtual objects yet")
		return 0
	case a.Code == ir.OpConstPtr && a.Name != nil:
		bits = a.Name.Addr
	case !a.IsConst():
		return a.ID
	}
	reg, ok := d.consts[bits]
	if !ok {
		reg = int32(len(d.p.init))
		d.p.init = append(d.p.init, bits)
		d.consts[bits] = reg
	}
	return reg
}

// executor runs programs on a machine's heap. Runs may be nested: a residual
// call may come back here.
type executor struct {
	heap  *heap.Heap
	force func(guard *ir.Op) bool // if not nil: shall this guard fail although it holds
	runs  []*run                  // active ones
	steps int64                   // iterations, over all runs
	pure  ir.PureFunc
}

// run is one execution of a program, from entering it to leaving it.
type run struct {
	p    *program
	regs []uint64
}

// roots shows the collector the references in the registers of active runs.
func (x *executor) roots(v *heap.Visitor) {
	for _, r := range x.runs {
		for _, reg := range r.p.refs {
			v.Ref(r.regs[reg])
		}
	}
}

// exit is how a run ended: at a guard, with the values of its failargs.
type exit struct {
	guard  *ir.Op
	values []uint64
}

// run executes p on the slots of m's running frame until a guard fails.
func (x *executor) run(p *program, m *machine.Machine) (exit, error) {
	r := p.idle
	if p.idle = nil; r == nil {
		r = &run{p: p, regs: make([]uint64, len(p.init))}
	}
	copy(r.regs, p.init)
	frames := m.Frames()
	base := frames[len(frames)-1].Base
	copy(r.regs, m.Slots()[base:base+p.inputs])
	x.runs = append(x.runs, r)
	defer func() {
		x.runs = x.runs[:len(x.runs)-1]
		p.idle = r
	}()
	guard, err := x.loop(r, m)
	if err != nil {
		return exit{}, err
	}
	return exit{guard.op, pick(r.regs, guard.args, nil)}, nil
}

// pick appends the values of registers to list.
func pick(regs []uint64, which []int32, list []uint64) []uint64 {
	for _, reg := range which {
		list = append(list, regs[reg])
	}
	return list
}

// stopEvery is after how many iterations a loop looks whether the program shall
// stop; a power of two.
const stopEvery = 1024

// loop runs the code round and round until a guard fails, which it returns. Pure
// operations that are rare go the long way through x.pure.
func (x *executor) loop(r *run, m *machine.Machine) (*instr, error) {
	regs, code := r.regs, r.p.code
	var overflow bool
	var jump []uint64 // the arguments of a jump: all are read before one is written
	for pc := 0; ; pc++ {
		in := &code[pc]
		switch in.code {
		case ir.IntAdd:
			regs[in.dst] = regs[in.a] + regs[in.b]
		case ir.IntAddOvf:
			sum, fits := m.IntAddOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst], overflow = uint64(sum), !fits
		case ir.IntSubOvf:
			diff, fits := m.IntSubOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst], overflow = uint64(diff), !fits
		case ir.IntMulOvf:
			product, fits := m.IntMulOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst], overflow = uint64(product), !fits
		case ir.IntAnd:
			regs[in.dst] = regs[in.a] & regs[in.b]
		case ir.FloatAdd:
			regs[in.dst] = math.Float64bits(math.Float64frombits(regs[in.a]) + math.Float64frombits(regs[in.b]))
		case ir.FloatMul:
			regs[in.dst] = math.Float64bits(math.Float64frombits(regs[in.a]) * math.Float64frombits(regs[in.b]))
		case ir.CastIntToFloat:
			regs[in.dst] = math.Float64bits(float64(int64(regs[in.a])))
		case ir.IntEq:
			regs[in.dst] = 0
			if regs[in.a] == regs[in.b] {
				regs[in.dst] = 1
			}
		case ir.IntLt:
			regs[in.dst] = 0
			if int64(regs[in.a]) < int64(regs[in.b]) {
				regs[in.dst] = 1
			}

		case ir.GuardTrue:
			if regs[in.a] != 1 || x.forced(in) {
				return in, nil
			}
		case ir.GuardFalse, ir.GuardIsnull:
			if regs[in.a] != 0 || x.forced(in) {
				return in, nil
			}
		case ir.GuardNonnull:
			if regs[in.a] == 0 || x.forced(in) {
				return in, nil
			}
		case ir.GuardValue:
			if regs[in.a] != regs[in.b] || x.forced(in) {
				return in, nil
			}
		case ir.GuardClass, ir.GuardNonnullClass:
			if !x.heap.Is(regs[in.a], in.class) || x.forced(in) {
				return in, nil
			}
		case ir.GuardNoOverflow:
			if overflow || x.forced(in) {
				return in, nil
			}
		case ir.GuardOverflow:
			if !overflow || x.forced(in) {
				return in, nil
			}
		case ir.GuardAlwaysFails:
			return in, nil

		case ir.GetfieldGcI, ir.GetfieldGcF, ir.GetfieldGcR:
			regs[in.dst] = x.heap.Word(regs[in.a], int(in.word))
		case ir.SetfieldGc:
			x.heap.SetWord(regs[in.a], int(in.word), regs[in.b])
		case ir.GetarrayitemGcI, ir.GetarrayitemGcF, ir.GetarrayitemGcR:
			regs[in.dst] = x.heap.Word(regs[in.a], int(regs[in.b]))
		case ir.SetarrayitemGc:
			x.heap.SetWord(regs[in.a], int(regs[in.b]), regs[in.c])
		case ir.ArraylenGc:
			regs[in.dst] = uint64(x.heap.Len(regs[in.a]))
		case ir.New, ir.NewWithVtable:
			if regs[in.dst] = x.heap.New(in.class); regs[in.dst] == 0 {
				return nil, machine.ErrOutOfMemory
			}
		case ir.NewArray, ir.NewArrayClear:
			if regs[in.dst] = x.heap.NewArray(in.class, int64(regs[in.a])); regs[in.dst] == 0 {
				return nil, machine.ErrOutOfMemory
			}
		case ir.CallI, ir.CallF, ir.CallR, ir.CallN:
			v, err := x.call(in, regs, m)
			if err != nil {
				return nil, err
			}
			regs[in.dst] = v

		case ir.Jump:
			x.steps++
			jump = pick(regs, in.args, jump[:0])
			for i, to := range in.to {
				regs[to] = jump[i]
			}
			if x.steps%stopEvery == 0 {
				if err := m.Stopped(); err != nil {
					return nil, err
				}
			}
			pc = -1
		default:
			v, ok := x.pure(in.code, regs[in.a], regs[in.b])
			if !ok {
				return nil, fmt.Errorf("%s is not defined for its arguments", in.code)
			}
			regs[in.dst] = v
		}
	}
}

// forced reports whether a guard that holds shall fail.
func (x *executor) forced(in *instr) bool { return x.force != nil && x.force(in.op) }

// call calls a function.
func (x *executor) call(in *instr, regs []uint64, m *machine.Machine) (uint64, error) {
	if in.elidable != nil {
		return uint64(in.elidable(m, int64(regs[in.args[0]]), int64(regs[in.args[1]]))), nil
	}
	m.Inlined = in.residual.Depth
	defer func() { m.Inlined = 0 }()
	v, err := in.residual.Do(pick(regs, in.args, nil))
	if err == nil {
		err = m.Stopped() // it may have taken long
	}
	return v, err
}
