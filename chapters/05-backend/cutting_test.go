package backend_test

import (
	"math/rand/v2"
	"slices"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// A cutter is an executor that cuts each trace to pieces, which it connects by bridges
// and jumps. Nobody shall be able to tell the difference.
//
//	ops...   ─▶  ops...  jump(live values, descr=target)             target: ops...
//	             ops...  guard_always_fails() [live values] ─attach─▶ bridge: ops...
//
// Many of the guards, too, get a bridge, which leaves with what it got.
type cutter struct {
	guards.Executor
	*rand.Rand
	origin map[*ir.Op]*ir.Op // what an operation of a piece is in the trace
}

// cutting returns what makes cutters of what newExecutor makes.
func cutting(newExecutor func(h *heap.Heap, opt guards.Options) (guards.Executor, error), seed uint64) func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
	return func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
		c := &cutter{Rand: rand.New(rand.NewPCG(seed, 6)), origin: map[*ir.Op]*ir.Op{}}
		if force := opt.ForceFail; force != nil {
			opt.ForceFail = func(op *ir.Op) bool { return force(c.origin[op]) }
		}
		var err error
		c.Executor, err = newExecutor(h, opt)
		return c, err
	}
}

// pieces are the programs that were made of a trace.
type pieces struct {
	guards.Program // the first
	cutter         *cutter
	all            []guards.Program
}

func (p *pieces) Run(m *machine.Machine, inputs []uint64) (*ir.Op, []uint64, error) {
	left, values, err := p.Program.Run(m, inputs)
	return p.cutter.origin[left], values, err
}

func (p *pieces) Free() {
	for _, program := range p.all {
		program.Free()
	}
}

// Load implements guards.Executor.
func (c *cutter) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	s := &saw{cutter: c, t: t, body: len(t.Ops) + 1, pieces: &pieces{cutter: c}}
	s.cut()
	var err error
	s.pieces.Program, err = s.load(0, nil)
	if err != nil {
		s.pieces.Free()
		return nil, err
	}
	return s.pieces, nil
}

// saw is the state of cutting one trace.
type saw struct {
	*cutter
	t       *ir.Trace
	body    int   // where the loop begins, if it is one
	cuts    []int // where pieces begin, and the end
	targets []*ir.Target
	pieces  *pieces
}

// cut decides where pieces begin.
func (s *saw) cut() {
	if s.t.Loops() {
		s.body = s.t.LabelAt() + 1
	}
	for i, op := range s.t.Ops {
		between := i == 0 || i == s.body
		if op.Code != ir.GuardNoOverflow && op.Code != ir.GuardOverflow && op.Code != ir.Label && op.Code != ir.DebugMergePoint && s.IntN(8) == 0 {
			between = true
		}
		if i > 0 && (s.t.Ops[i-1].Code.Has(ir.Checked) || s.t.Ops[i-1].Code == ir.DebugMergePoint) && i != s.body {
			between = false
		}
		if between {
			s.cuts = append(s.cuts, i)
		}
	}
	s.targets = make([]*ir.Target, len(s.cuts))
	s.cuts = append(s.cuts, len(s.t.Ops))
	for i, at := range s.cuts[:len(s.targets)] {
		inLoop := i > 0 && s.cuts[i-1] == s.body // it is a bridge, since it is not there before the loop
		if at == s.body || !inLoop && s.IntN(2) == 0 {
			s.targets[i] = &ir.Target{Name: "piece"}
		}
	}
}

// live returns the values that the operations from i on need of those before.
func (s *saw) live(i int) (list []*ir.Op) {
	seen := map[*ir.Op]bool{}
	use := func(a *ir.Op) {
		if !seen[a] && !a.IsConst() {
			seen[a] = true
			list = append(list, a)
		}
	}
	if i == s.body {
		for _, a := range s.t.Target() {
			use(a)
		}
	}
	visit := func(from int) {
		for _, op := range s.t.Ops[from:] {
			for _, a := range op.Args {
				use(a)
			}
			if op.Exit != nil {
				for _, a := range op.Exit.Leaves() {
					use(a)
				}
			}
		}
	}
	visit(i)
	before := map[*ir.Op]bool{}
	for _, a := range s.t.Inputs {
		before[a] = true
	}
	for _, op := range s.t.Ops[:i] {
		before[op] = true
	}
	if s.body < i { // what comes from before the loop is needed in the next iteration
		carried := s.t.Target()
		for _, a := range s.live(s.body) {
			if !slices.Contains(carried, a) {
				use(a)
			}
		}
	}
	return slices.DeleteFunc(list, func(a *ir.Op) bool { return !before[a] })
}

// load loads piece i, a bridge from an exit if from is not nil, and what it leads to.
func (s *saw) load(i int, from *guards.ExitOf) (guards.Program, error) {
	last := i+1 == len(s.targets)
	if !last && s.targets[i+1] != nil && s.targets[i+1].Entry == nil {
		if _, err := s.load(i+1, nil); err != nil {
			return nil, err
		}
	}
	b := s.piece()
	at := s.cuts[i]
	inputs := s.t.Inputs
	if i > 0 || at == s.body {
		inputs = s.live(at)
	}
	for _, in := range inputs {
		b.values[in] = b.Input(in.Type)
	}
	whole := last && at == s.body && s.IntN(2) == 0 // the loop stays a loop
	if whole {
		b.Op(ir.Label, nil, b.list(s.t.Target())...)
	}
	for _, op := range s.t.Ops[at:s.cuts[i+1]] {
		switch {
		case op.Code == ir.Label:
		case op.Code == ir.Jump && whole:
			b.Op(ir.Jump, nil, b.list(op.Args)...)
		case op.Code == ir.Jump:
			args := append([]*ir.Op{}, op.Args...)
			for _, a := range s.live(s.body)[len(op.Args):] {
				args = append(args, a)
			}
			b.Op(ir.Jump, s.targetOf(s.body), b.list(args)...)
		default:
			b.copy(op)
		}
	}
	var next *ir.Op
	if !last {
		live := s.live(s.cuts[i+1])
		if args := b.list(live); s.targets[i+1] != nil {
			b.Op(ir.Jump, s.targets[i+1], args...)
		} else {
			next = b.Guard(ir.GuardAlwaysFails, args)
		}
	}
	p, err := s.Executor.Load(b.Trace(), guards.LoadOptions{From: from, Target: s.targets[i]})
	if err != nil {
		return nil, err
	}
	s.pieces.all = append(s.pieces.all, p)
	if next != nil {
		bridge, err := s.load(i+1, &guards.ExitOf{Program: p, Guard: next})
		if err != nil {
			return nil, err
		}
		if err := p.Attach(next, &guards.Switch{Bridge: bridge}); err != nil {
			return nil, err
		}
	}
	return p, s.leaveByBridges(p, b.Trace(), next)
}

// targetOf returns the target of the piece that begins at operation at.
func (s *saw) targetOf(at int) *ir.Target { return s.targets[slices.Index(s.cuts, at)] }

// leaveByBridges gives bridges to some of the guards of a piece, but not to next.
func (s *saw) leaveByBridges(p guards.Program, t *ir.Trace, next *ir.Op) error {
	for _, guard := range t.Ops {
		if !guard.Code.Has(ir.Guard) || guard == next || s.IntN(2) == 0 {
			continue
		}
		b := s.piece()
		for _, leaf := range guard.Exit.Leaves() {
			b.values[leaf] = b.Input(leaf.Type)
		}
		end := b.Guard(ir.GuardAlwaysFails, b.list(guard.Exit.Failargs))
		end.Exit.Pending = b.pending(guard.Exit.Pending)
		s.origin[end] = s.origin[guard]
		bridge, err := s.Executor.Load(b.Trace(), guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guard}})
		if err != nil {
			return err
		}
		s.pieces.all = append(s.pieces.all, bridge)
		if err := p.Attach(guard, &guards.Switch{Bridge: bridge}); err != nil {
			return err
		}
		if s.IntN(8) == 0 { // or not
			if err := p.Attach(guard, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// piece is a piece in the making.
type piece struct {
	*ir.Builder
	saw    *saw
	values map[*ir.Op]*ir.Op // what a value of the trace is in the piece
}

func (s *saw) piece() *piece {
	return &piece{ir.NewBuilder(s.t.Decls), s, map[*ir.Op]*ir.Op{}}
}

func (b *piece) list(values []*ir.Op) []*ir.Op {
	list := make([]*ir.Op, len(values))
	for i, a := range values {
		list[i] = b.value(a)
	}
	return list
}

func (b *piece) value(a *ir.Op) *ir.Op {
	if now := b.values[a]; now != nil || a.IsConst() {
		if now == nil {
			return a
		}
		return now
	}
	if a.Code != ir.OpVirtual {
		panic("a value is used that the piece does not have")
	}
	now := *a
	b.values[a] = &now // before the arguments: they may lead back here
	now.Args = b.list(a.Args)
	return &now
}

// copy adds op.
func (b *piece) copy(op *ir.Op) {
	var now *ir.Op
	if op.Code.Has(ir.Guard) {
		now = b.Guard(op.Code, b.list(op.Exit.Failargs), b.list(op.Args)...)
		now.Exit.Resume, now.Exit.Pending = op.Exit.Resume, b.pending(op.Exit.Pending)
	} else {
		now = b.Op(op.Code, op.Descr, b.list(op.Args)...)
	}
	now.Type = op.Type
	b.values[op] = now
	b.saw.origin[now] = op
}

func (b *piece) pending(ops []*ir.Op) (list []*ir.Op) {
	for _, op := range ops {
		now := *op
		now.Args = b.list(op.Args)
		list = append(list, &now)
	}
	return list
}
