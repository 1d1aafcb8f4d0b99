package guards

import (
	"fmt"
	"math"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// portable is the Executor that works everywhere. Runs may be nested: a residual
// call may come back here.
type portable struct {
	heap   *heap.Heap
	force  func(guard *ir.Op) bool // if not nil: shall this guard fail although it holds
	runs   []*run                  // active ones
	steps  int64                   // iterations, over all runs
	pure   ir.PureFunc
	leaver *Leaver
	remove func() // ends its part in collections
}

// NewPortable returns the executor that is a loop in Go. Of opt it wants Chain.Kit,
// ForceFail and Materialize. There is never an error.
func NewPortable(h *heap.Heap, opt Options) (Executor, error) { return newPortable(h, opt), nil }

func newPortable(h *heap.Heap, opt Options) *portable {
	x := &portable{heap: h, force: opt.ForceFail, pure: opt.Chain.Kit.EvalPure, leaver: NewLeaver(h, opt.Materialize)}
	x.remove = h.AddRoots(x.roots)
	return x
}

// Load implements Executor: it decodes a trace.
func (x *portable) Load(t *ir.Trace) (Program, error) {
	p, err := x.load(t)
	if err != nil {
		return nil, err // and not a Program that is a nil pointer
	}
	return p, nil
}

func (x *portable) load(t *ir.Trace) (*program, error) {
	p, err := decode(t)
	if err != nil {
		return nil, err
	}
	for _, e := range p.exits {
		if err := x.leaver.Check(e); err != nil {
			return nil, err
		}
	}
	p.exec = x
	return p, nil
}

// Counts implements Executor.
func (x *portable) Counts() Counts { return Counts{Iterations: x.steps, Objects: x.leaver.Objects()} }

// Close implements Executor.
func (x *portable) Close() error {
	x.remove()
	x.leaver.Close()
	return nil
}

// run is one execution of a program, from entering it to leaving it.
type run struct {
	p      *program
	regs   []uint64
	moving []uint64 // the arguments of a jump: all are read before one is written
	args   []uint64 // of a call
	values []uint64 // the failargs of the exit
}

// roots shows the collector the references in the registers of active runs. A
// register that is not used any more keeps an object a little longer.
func (x *portable) roots(v *heap.Visitor) {
	for _, r := range x.runs {
		for _, reg := range r.p.refs {
			v.Ref(r.regs[reg])
		}
	}
}

// Run implements Program.
func (p *program) Run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error) {
	if len(inputs) != p.inputs {
		panic(fmt.Sprintf("a trace with %d inputs runs on %d words", p.inputs, len(inputs)))
	}
	x, r := p.exec, p.idle
	if p.idle = nil; r == nil {
		r = &run{p: p, regs: make([]uint64, len(p.init))}
	}
	copy(r.regs, p.init)
	copy(r.regs, inputs)
	x.runs = append(x.runs, r)
	defer func() {
		x.runs = x.runs[:len(x.runs)-1]
		p.idle = r
	}()
	e, err := x.loop(r, m)
	if err != nil {
		return nil, nil, err
	}
	values, err = x.leaver.Leave(e, r.regs, r.values)
	if err != nil {
		return nil, nil, err
	}
	r.values = values
	return e.Op, values, nil
}

// Free implements Program: Go's collector frees all there is.
func (p *program) Free() {}

// move does the moves of a jump. All values are read before one is written.
func (r *run) move(j *jump) {
	r.moving = pick(r.regs, j.from, r.moving[:0])
	for i, to := range j.to {
		r.regs[to] = r.moving[i]
	}
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

// loop runs the code round and round until a guard fails, whose exit it returns.
// Pure operations that are rare go the long way through x.pure.
func (x *portable) loop(r *run, m *machine.Machine) (*Exit, error) {
	regs, code := r.regs, r.p.code
	for pc := 0; ; pc++ {
		in := &code[pc]
		switch in.code {
		case ir.IntAdd:
			regs[in.dst] = regs[in.a] + regs[in.b]
		case ir.IntAddOvf:
			sum, fits := m.IntAddOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(sum)
			if fits != in.fits || x.forced(in) {
				return in.exit, nil
			}
		case ir.IntSubOvf:
			diff, fits := m.IntSubOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(diff)
			if fits != in.fits || x.forced(in) {
				return in.exit, nil
			}
		case ir.IntMulOvf:
			product, fits := m.IntMulOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(product)
			if fits != in.fits || x.forced(in) {
				return in.exit, nil
			}
		case ir.IntAnd:
			regs[in.dst] = regs[in.a] & regs[in.b]
		case ir.IntOr:
			regs[in.dst] = regs[in.a] | regs[in.b]
		case ir.IntXor:
			regs[in.dst] = regs[in.a] ^ regs[in.b]
		case ir.IntLshift:
			regs[in.dst] = regs[in.a] << (regs[in.b] & 63)
		case ir.IntRshift:
			regs[in.dst] = uint64(int64(regs[in.a]) >> (regs[in.b] & 63))
		case ir.CastPtrToInt, ir.CastIntToPtr:
			regs[in.dst] = regs[in.a]
		case ir.FloatAdd:
			regs[in.dst] = math.Float64bits(math.Float64frombits(regs[in.a]) + math.Float64frombits(regs[in.b]))
		case ir.FloatSub:
			regs[in.dst] = math.Float64bits(math.Float64frombits(regs[in.a]) - math.Float64frombits(regs[in.b]))
		case ir.FloatMul:
			regs[in.dst] = math.Float64bits(math.Float64frombits(regs[in.a]) * math.Float64frombits(regs[in.b]))
		case ir.CastIntToFloat:
			regs[in.dst] = math.Float64bits(float64(int64(regs[in.a])))
		case ir.IntEq, ir.PtrEq, ir.InstancePtrEq:
			regs[in.dst] = truth(regs[in.a] == regs[in.b])
		case ir.IntNe, ir.PtrNe, ir.InstancePtrNe:
			regs[in.dst] = truth(regs[in.a] != regs[in.b])
		case ir.IntLt:
			regs[in.dst] = truth(int64(regs[in.a]) < int64(regs[in.b]))
		case ir.IntLe:
			regs[in.dst] = truth(int64(regs[in.a]) <= int64(regs[in.b]))
		case ir.IntGt:
			regs[in.dst] = truth(int64(regs[in.a]) > int64(regs[in.b]))
		case ir.IntGe:
			regs[in.dst] = truth(int64(regs[in.a]) >= int64(regs[in.b]))
		case ir.UintGe:
			regs[in.dst] = truth(regs[in.a] >= regs[in.b])
		case ir.IntIsZero:
			regs[in.dst] = truth(regs[in.a] == 0)
		case ir.IntIsTrue:
			regs[in.dst] = truth(regs[in.a] != 0)

		case ir.GuardTrue:
			if regs[in.a] != 1 || x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardFalse, ir.GuardIsnull:
			if regs[in.a] != 0 || x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardNonnull:
			if regs[in.a] == 0 || x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardValue:
			if regs[in.a] != regs[in.b] || x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardClass, ir.GuardNonnullClass:
			if !x.heap.Is(regs[in.a], in.class) || x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardNoException, ir.GuardNotInvalidated: // neither exists here yet
			if x.forced(in) {
				return in.exit, nil
			}
		case ir.GuardAlwaysFails, ir.Finish:
			return in.exit, nil

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
			r.args = pick(regs, in.call.args, r.args[:0])
			v, err := in.call.Do(m, r.args)
			if err != nil {
				return nil, err
			}
			regs[in.dst] = v

		case ir.Jump:
			x.steps++
			j := in.jump
			if j.inOrder {
				for i, to := range j.to {
					regs[to] = regs[j.from[i]]
				}
			} else {
				r.move(j)
			}
			if x.steps%stopEvery == 0 {
				if err := m.Stopped(); err != nil {
					return nil, err
				}
			}
			pc = j.pc
		case ir.Label: // the preamble was an iteration, too
			x.steps++
		default:
			v, ok := x.pure(in.code, regs[in.a], regs[in.b])
			if !ok {
				return nil, fmt.Errorf("%s is not defined for its arguments", in.code)
			}
			regs[in.dst] = v
		}
	}
}

// truth returns what a comparison gives.
func truth(holds bool) uint64 {
	if holds {
		return 1
	}
	return 0
}

// forced reports whether a guard that holds shall fail.
func (x *portable) forced(in *instr) bool { return x.force != nil && x.force(in.exit.Op) }
