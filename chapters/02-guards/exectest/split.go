package exectest

import (
	"math/rand/v2"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
)

// A splitter makes many connected traces of one, which together do what that one does.
// At some places it puts a guard whose bridge does the rest of the trace, as what
// stands behind the guard does: it does not matter whether the guard fails. Or it puts a
// call of the rest. The loop becomes a trace of its own, and some guards of the trace get
// bridges that leave with what the guards leave with.
//
//	a b c d   ──▶   a b guard c d      c' d'      (or: a b call finish,  c d)
//	                      '─────bridge─▶
type splitter struct {
	*copied
	random *rand.Rand
	label  int       // where the loop begins; < 0: there is none
	vars   []*ir.Op  // what the loop's trace gets
	loop   *fragment // the loop's trace
	main   *fragment
	parts  []*fragment          // in the order in which they can be loaded
	of     map[*ir.Op]int       // of guards and finish: their index in the trace, or inserted
	left   map[*ir.Op]int       // the same, but for what a bridge leaves by it is that of the guard
	noted  map[*ir.Op][]uint64  // what the failargs of a guard_not_forced will be
	callee map[*ir.Op]*fragment // of calls
	broken error                // they were not that
}

// fragment is one of the traces.
type fragment struct {
	*ir.Trace
	env     map[*ir.Op]*ir.Op // its values for those of the whole trace
	target  *ir.Target
	fn      *recorder.Function // of a trace that is called
	from    *fragment          // bridges: where it starts
	guard   *ir.Op
	equal   int64 // of the guard's argument, unless any
	any     bool
	late    bool // it is attached while the trace runs
	invalid int  // its guard_not_invalidated fail: 1 from the start, 2 from some call on
	calls   bool // it may call: it is in no loop, which would call deeper each time
	where   int  // where it begins
	end     int
}

// inserted is the index of guards that the whole trace has not.
const inserted = -1

// split makes of t the traces that the executor runs: t alone, or many.
func (c *Comparison) split(t *copied) *splitter {
	s := &splitter{copied: t, label: -1, of: map[*ir.Op]int{}, left: map[*ir.Op]int{}, noted: map[*ir.Op][]uint64{}, callee: map[*ir.Op]*fragment{}}
	if c.Split == 0 {
		s.main, s.of, s.left = &fragment{Trace: t.Trace}, t.index, t.index
		s.parts = []*fragment{s.main}
		return s
	}
	t.loopByLabel()
	s.random = rand.New(rand.NewPCG(c.Split, uint64(len(t.Ops))))
	s.divide()
	return s
}

// divide makes many traces of one that ends in a jump to a label, or in finish.
func (s *splitter) divide() {
	end := len(s.Ops)
	if s.Loops() {
		s.label = s.LabelAt()
		s.vars = s.live(s.label, end, nil)
		for _, a := range s.Ops[s.label].Args {
			if !slices.Contains(s.vars, a) {
				s.vars = append(s.vars, a)
			}
		}
		s.loop = s.fragment(s.label, end, s.vars)
		s.loop.target = target("loop", s.vars)
		s.fill(s.loop, 2)
		end = s.label
	}
	s.main = s.fragment(0, end, s.Inputs)
	s.main.calls = true
	s.fill(s.main, 3)
}

// withOneResult returns t with a finish that a called trace may have.
func withOneResult(t *ir.Trace) *ir.Trace {
	n := len(t.Ops) - 1
	if n < 0 || t.Ops[n].Code != ir.Finish || len(t.Ops[n].Args) < 2 {
		return t
	}
	now, finish := *t, *t.Ops[n]
	finish.Args = finish.Args[:1]
	now.Ops = append(slices.Clone(t.Ops[:n]), &finish)
	return &now
}

func target(name string, inputs []*ir.Op) *ir.Target {
	t := &ir.Target{Name: name}
	for _, in := range inputs {
		t.Inputs = append(t.Inputs, in.Type)
	}
	return t
}

// fragment begins a trace for the operations from where to end, with inputs for values
// of the whole trace.
func (s *splitter) fragment(where, end int, inputs []*ir.Op) *fragment {
	f := &fragment{Trace: &ir.Trace{Decls: s.Decls}, env: map[*ir.Op]*ir.Op{}, any: true, where: where, end: end}
	for i, in := range inputs {
		now := &ir.Op{Code: ir.OpInput, Type: in.Type, ID: int32(i)}
		f.Inputs, f.env[in] = append(f.Inputs, now), now
	}
	s.parts = append(s.parts, f)
	return f
}

// live returns what the operations from where to end need of what is before, and more.
func (s *splitter) live(where, end int, more []*ir.Op) []*ir.Op {
	own, seen := map[*ir.Op]bool{}, map[*ir.Op]bool{}
	var list []*ir.Op
	var visit func(args []*ir.Op)
	visit = func(args []*ir.Op) {
		for _, a := range args {
			if seen[a] || own[a] {
				continue
			}
			seen[a] = true
			switch {
			case a.Code == ir.OpVirtual:
				visit(a.Args)
			case a.Code == ir.OpInput || s.isOp(a):
				list = append(list, a)
			}
		}
	}
	for _, op := range s.Ops[where:end] {
		if op.Code != ir.Label {
			visit(op.Args)
		}
		if op.Exit != nil {
			visit(op.Exit.Values())
		}
		own[op] = true
	}
	visit(more)
	return list
}

func (s *splitter) isOp(a *ir.Op) bool { _, ok := s.index[a]; return ok }

// value returns what stands for a in f.
func (f *fragment) value(a *ir.Op) *ir.Op {
	if now := f.env[a]; now != nil {
		return now
	}
	if a.Code != ir.OpVirtual {
		return a // a constant
	}
	now := *a
	f.env[a] = &now
	now.Args = f.list(a.Args)
	return &now
}

func (f *fragment) list(of []*ir.Op) []*ir.Op {
	var list []*ir.Op
	for _, a := range of {
		list = append(list, f.value(a))
	}
	return list
}

// add adds an operation to f.
func (f *fragment) add(code ir.Opcode, descr any, args ...*ir.Op) *ir.Op {
	op := &ir.Op{Code: code, Type: code.Info().Result, Descr: descr, Args: args}
	f.Ops = append(f.Ops, op)
	return op
}

// exit returns what stands for x in f.
func (f *fragment) exit(x *ir.Exit) *ir.Exit {
	now := &ir.Exit{Failargs: f.list(x.Failargs), Resume: x.Resume}
	for _, store := range x.Pending {
		op := *store
		op.Args = f.list(store.Args)
		now.Pending = append(now.Pending, &op)
	}
	return now
}

// copy adds to f what op is in the whole trace.
func (s *splitter) copy(f *fragment, op *ir.Op) *ir.Op {
	now := f.add(op.Code, op.Descr, f.list(op.Args)...)
	now.Name, now.Line = op.Name, op.Line
	f.env[op] = now
	if op.Code == ir.Label {
		return now
	}
	if op.Exit != nil {
		now.Exit = f.exit(op.Exit)
	}
	s.of[now], s.left[now] = s.index[op], s.index[op]
	return now
}

// fill adds to f what it consists of. It splits it in turn, at most so deep.
func (s *splitter) fill(f *fragment, deep int) {
	defer f.Renumber()
	cuts := 0
	for i := f.where; i < f.end; i++ {
		op := s.Ops[i]
		fused := i > 0 && s.Ops[i-1].Code.Has(ir.Checked) && op.Code.Has(ir.Guard)
		if deep > 0 && cuts < 3 && !fused && op.Code != ir.Label && s.random.IntN(1+(f.end-f.where)/3) == 0 {
			cuts++
			if s.cut(f, i, deep-1) {
				return
			}
		}
		if op.Code == ir.Jump {
			if f == s.loop && s.random.IntN(4) > 0 {
				s.copy(f, op)
			} else {
				f.add(ir.Jump, s.loop.target, f.list(s.next(op))...)
			}
			return
		}
		now := s.copy(f, op)
		if op.Exit != nil && s.random.IntN(4) == 0 {
			s.exitBridge(f, now)
		}
	}
	if f.end != s.label || deep > 0 && s.random.IntN(2) == 0 && s.cut(f, f.end, deep-1) {
		return
	}
	f.add(ir.Jump, s.loop.target, f.list(s.vars)...)
}

// next returns what the loop's trace gets for its next iteration.
func (s *splitter) next(jump *ir.Op) []*ir.Op {
	next := slices.Clone(s.vars)
	for i, a := range s.Ops[s.label].Args {
		next[slices.Index(s.vars, a)] = jump.Args[i]
	}
	return next
}

// rest returns the values that a trace for the rest of f, from i on, needs.
func (s *splitter) rest(f *fragment, i int) []*ir.Op {
	var more []*ir.Op
	end := f.end
	switch {
	case end == s.label:
		more = s.vars
	case s.label >= 0:
		end--
		more = s.next(s.Ops[end])
	}
	live := s.live(i, end, more)
	s.random.Shuffle(len(live), func(i, j int) { live[i], live[j] = live[j], live[i] })
	return live
}
