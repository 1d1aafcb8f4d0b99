package guards

import (
	"errors"
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
	idle   []*run                  // that are over
	steps  int64                   // iterations, over all runs
	pure   ir.PureFunc
	leaver *Leaver
	// suspended is Options.Suspended.
	suspended func(m *machine.Machine, guard *ir.Op, values []uint64) error
	remove    func() // ends its part in collections
}

// NewPortable returns the executor that is a loop in Go. Of opt it wants Chain.Kit,
// ForceFail, Materialize and Suspended. There is never an error.
func NewPortable(h *heap.Heap, opt Options) (Executor, error) { return newPortable(h, opt), nil }

func newPortable(h *heap.Heap, opt Options) *portable {
	x := &portable{heap: h, force: opt.ForceFail, pure: opt.Chain.Kit.EvalPure,
		leaver: NewLeaver(h, opt.Materialize), suspended: opt.Suspended}
	x.remove = h.AddRoots(x.roots)
	return x
}

// Load implements Executor: it decodes a trace.
func (x *portable) Load(t *ir.Trace, opt LoadOptions) (Program, error) {
	p, err := x.load(t, opt)
	if err != nil {
		return nil, err // and not a Program that is a nil pointer
	}
	return p, nil
}

func (x *portable) load(t *ir.Trace, opt LoadOptions) (*program, error) {
	p, err := decode(t, opt.Target)
	if err != nil {
		return nil, err
	}
	for _, w := range p.exits {
		if err := x.leaver.Check(w.Exit); err != nil {
			return nil, err
		}
		if w.Op.Code == ir.GuardNotForced && x.suspended == nil {
			return nil, errors.New("the executor can't give up a trace that calls another")
		}
	}
	p.exec = x
	if opt.From != nil {
		if err := x.checkBridge(t, opt.From); err != nil {
			return nil, err
		}
		p.from = *opt.From
	}
	if opt.Target != nil {
		opt.Target.Entry, opt.Target.Inputs = p, nil
		for _, in := range t.Inputs {
			opt.Target.Inputs = append(opt.Target.Inputs, in.Type)
		}
	}
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

// Run implements Program.
func (p *program) Run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error) {
	x := p.exec
	r := x.start(m)
	defer x.end(r)
	left, values, err = r.execute(p, inputs, p.values)
	if err != nil {
		return nil, nil, err
	}
	p.values = values
	return left, values, nil
}

// move does the moves of a jump. All values are read before one is written.
func (r *run) move(regs []uint64, j *jump) {
	r.moving = pick(regs, j.from, r.moving[:0])
	for i, to := range j.to {
		regs[to] = r.moving[i]
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
// stop, and after how many traces a run does; a power of two.
const stopEvery = 1024

// loop runs the code of p from pc on, round and round until a guard fails or p goes on
// somewhere else: it returns the place of the instruction that ends it. Pure operations
// that are rare go the long way through x.pure.
func (x *portable) loop(r *run, p *program, regs []uint64, pc int) (int, error) {
	code := p.code
	for ; ; pc++ {
		in := &code[pc]
		switch in.code {
		case ir.IntAdd:
			regs[in.dst] = regs[in.a] + regs[in.b]
		case ir.IntAddOvf:
			sum, fits := r.m.IntAddOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(sum)
			if fits != in.fits || x.forced(in) {
				return pc, nil
			}
		case ir.IntSubOvf:
			diff, fits := r.m.IntSubOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(diff)
			if fits != in.fits || x.forced(in) {
				return pc, nil
			}
		case ir.IntMulOvf:
			product, fits := r.m.IntMulOvf(int64(regs[in.a]), int64(regs[in.b]))
			regs[in.dst] = uint64(product)
			if fits != in.fits || x.forced(in) {
				return pc, nil
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
				return pc, nil
			}
		case ir.GuardFalse, ir.GuardIsnull:
			if regs[in.a] != 0 || x.forced(in) {
				return pc, nil
			}
		case ir.GuardNonnull:
			if regs[in.a] == 0 || x.forced(in) {
				return pc, nil
			}
		case ir.GuardValue:
			if regs[in.a] != regs[in.b] || x.forced(in) {
				return pc, nil
			}
		case ir.GuardClass, ir.GuardNonnullClass:
			if !x.heap.Is(regs[in.a], in.class) || x.forced(in) {
				return pc, nil
			}
		case ir.GuardNotInvalidated:
			if p.invalid || x.forced(in) {
				return pc, nil
			}
		case ir.GuardNoException: // there are none here
			if x.forced(in) {
				return pc, nil
			}
		case ir.GuardAlwaysFails, ir.Finish:
			return pc, nil

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
				return pc, machine.ErrOutOfMemory
			}
		case ir.NewArray, ir.NewArrayClear:
			if regs[in.dst] = x.heap.NewArray(in.class, int64(regs[in.a])); regs[in.dst] == 0 {
				return pc, machine.ErrOutOfMemory
			}
		case ir.CallI, ir.CallF, ir.CallR, ir.CallN:
			r.args = pick(regs, in.call.args, r.args[:0])
			v, err := in.call.Do(r.m, r.args, r.below)
			if err != nil {
				return pc, err
			}
			regs[in.dst] = v

		case ir.Jump:
			x.steps++
			j := in.jump
			if j.out != nil {
				return pc, nil
			}
			if j.inOrder {
				for i, to := range j.to {
					regs[to] = regs[j.from[i]]
				}
			} else {
				r.move(regs, j)
			}
			if x.steps%stopEvery == 0 {
				if err := r.m.Stopped(); err != nil {
					return pc, err
				}
			}
			pc = j.pc
		case ir.Label: // the preamble was an iteration, too
			x.steps++
		default:
			if in.code.IsTraceCall() {
				return pc, nil
			}
			v, ok := x.pure(in.code, regs[in.a], regs[in.b])
			if !ok {
				return pc, fmt.Errorf("%s is not defined for its arguments", in.code)
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
