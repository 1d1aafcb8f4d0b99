package exectest

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// exitBridge makes the bridge of a guard of the trace, which is now in f. It leaves as
// the guard does: either what is virtual there is still virtual, or the bridge makes it.
func (s *splitter) exitBridge(f *fragment, guard *ir.Op) {
	b := s.fragment(0, 0, guard.Exit.Leaves())
	b.from, b.guard, b.late = f, guard, s.random.IntN(4) == 0
	exit := guard.Exit
	if s.random.IntN(3) > 0 && !tags(exit.Values(), nil) {
		b.recreate(exit.Values())
		for _, store := range exit.Pending {
			b.add(store.Code, store.Descr, b.list(store.Args)...)
		}
		exit = &ir.Exit{Failargs: exit.Failargs}
	}
	left := b.add(ir.GuardAlwaysFails, nil)
	left.Exit = b.exit(exit)
	s.of[left], s.left[left] = inserted, s.left[guard]
	b.Renumber()
}

// tags reports whether there is a virtual object of an immediate class among list.
// Executors make none.
func tags(list []*ir.Op, seen []*ir.Op) bool {
	for _, a := range list {
		if a.Code != ir.OpVirtual || slices.Contains(seen, a) {
			continue
		}
		if a.Descr.(*heap.Class).Immediate != nil || tags(a.Args, append(seen, a)) {
			return true
		}
	}
	return false
}

// recreate makes the virtual objects among list, and what they refer to.
func (f *fragment) recreate(list []*ir.Op) {
	for _, a := range list {
		if a.Code != ir.OpVirtual || f.env[a] != nil {
			continue
		}
		class := a.Descr.(*heap.Class)
		var made *ir.Op
		switch {
		case class.IsArray():
			made = f.add(ir.NewArrayClear, class, ir.ConstInt(int64(len(a.Args))))
		case class.Vtable != "":
			made = f.add(ir.NewWithVtable, class)
		default:
			made = f.add(ir.New, class)
		}
		f.env[a] = made // before what it refers to: that may lead back
		f.recreate(a.Args)
		for i, word := range a.Args {
			if class.IsArray() {
				f.add(ir.SetarrayitemGc, class, made, ir.ConstInt(int64(i)), f.value(word))
			} else {
				f.add(ir.SetfieldGc, class.Fields[i], made, f.value(word))
			}
		}
	}
}

// cut puts a guard, or a call, into f before operation i. It reports whether f ends
// there.
func (s *splitter) cut(f *fragment, i, deep int) bool {
	live := s.rest(f, i)
	if f.calls && s.random.IntN(3) == 0 {
		s.call(f, i, deep, live)
		return true
	}
	code, args := s.guard(f)
	guard := f.add(code, nil, args...)
	guard.Exit = &ir.Exit{Failargs: s.failargs(f, live)}
	s.of[guard] = inserted
	if code == ir.GuardNotInvalidated {
		f.invalid = max(f.invalid, s.random.IntN(3))
	}
	values := []int64{-1}
	if code == ir.GuardValue {
		values = []int64{0, 1}
		if s.random.IntN(2) == 0 {
			values = []int64{1, 0}
		}
	}
	for _, v := range values {
		b := s.fragment(i, f.end, live)
		b.from, b.guard, b.equal, b.any, b.calls = f, guard, v, code != ir.GuardValue, f.calls
		s.fill(b, deep)
	}
	return code == ir.GuardAlwaysFails
}

// failargs returns live as it is in f, in order, with others among them that no bridge
// gets, or gets already.
func (s *splitter) failargs(f *fragment, live []*ir.Op) []*ir.Op {
	var list []*ir.Op
	for _, a := range live {
		if s.random.IntN(5) == 0 {
			list = append(list, ir.ConstInt(int64(s.random.IntN(100))))
		}
		list = append(list, f.value(a))
		if s.random.IntN(5) == 0 {
			list = append(list, list[s.random.IntN(len(list))])
		}
	}
	return list
}

// guard returns a guard for f.
func (s *splitter) guard(f *fragment) (ir.Opcode, []*ir.Op) {
	a, b, p := s.pick(f, ir.Int), s.pick(f, ir.Int), s.pick(f, ir.Ref)
	switch s.random.IntN(8) {
	case 0:
		return ir.GuardTrue, []*ir.Op{f.add(ir.IntLt, nil, a, b)}
	case 1:
		return ir.GuardFalse, []*ir.Op{f.add(ir.IntEq, nil, a, ir.ConstInt(int64(s.random.IntN(5))))}
	case 2, 3:
		v := f.add(ir.IntGt, nil, a, b)
		return ir.GuardValue, []*ir.Op{v, ir.ConstInt(int64(s.random.IntN(3)))}
	case 4:
		if p != nil {
			return []ir.Opcode{ir.GuardNonnull, ir.GuardIsnull}[s.random.IntN(2)], []*ir.Op{p}
		}
	case 5:
		f.add([]ir.Opcode{ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf}[s.random.IntN(3)], nil, a, b)
		return []ir.Opcode{ir.GuardNoOverflow, ir.GuardOverflow}[s.random.IntN(2)], nil
	case 6:
		return ir.GuardAlwaysFails, nil
	}
	return ir.GuardNotInvalidated, nil
}

// pick returns a value of type t that f has. Of references there may be none: nil.
func (s *splitter) pick(f *fragment, t ir.Type) *ir.Op {
	var all []*ir.Op
	for _, list := range [][]*ir.Op{f.Inputs, f.Ops} {
		for _, a := range list {
			if a.Type == t {
				all = append(all, a)
			}
		}
	}
	switch {
	case len(all) > 0:
		return all[s.random.IntN(len(all))]
	case t == ir.Int:
		return ir.ConstInt(5)
	}
	return nil
}

// call ends f by a call of what there is from i on.
func (s *splitter) call(f *fragment, i, deep int, live []*ir.Op) {
	callee := s.fragment(i, f.end, live)
	callee.calls = true
	callee.target = target(fmt.Sprintf("rest%d", i), live)
	callee.fn = &recorder.Function{Name: callee.target.Name, Target: callee.target}
	s.fill(callee, deep)

	last := s.Ops[len(s.Ops)-1]
	code := ir.CallAssemblerN
	if last.Code == ir.Finish && len(last.Args) > 0 {
		code = map[ir.Type]ir.Opcode{ir.Int: ir.CallAssemblerI, ir.Float: ir.CallAssemblerF, ir.Ref: ir.CallAssemblerR}[last.Args[0].Type]
	}
	guard := &ir.Op{Code: ir.GuardNotForced, Exit: &ir.Exit{
		Failargs: s.failargs(f, live),
		Resume:   &recorder.TraceCall{State: &machine.Snapshot{Frames: make([]machine.FrameShape, 1+s.random.IntN(3))}},
	}}
	if s.random.IntN(2) == 0 { // as it is now, it will be then
		note := residual("note", func(args []uint64) (uint64, error) {
			s.noted[guard] = slices.Clone(args)
			return 0, nil
		})
		f.add(ir.CallN, &ir.Call{Name: "note"}, append([]*ir.Op{note}, guard.Exit.Failargs...)...)
	}
	result := f.add(code, nil, append([]*ir.Op{ir.ConstClass(&ir.Symbol{Name: callee.fn.Name, Func: callee.fn})}, f.list(live)...)...)
	f.Ops = append(f.Ops, guard)
	s.of[guard], s.callee[result] = inserted, callee
	var results []*ir.Op
	if code != ir.CallAssemblerN {
		results = []*ir.Op{result}
	}
	finish := f.add(ir.Finish, nil, results...)
	s.left[finish] = s.index[last]
}

// suspended is guards.Options.Suspended.
func (s *splitter) suspended(m *machine.Machine, guard *ir.Op, values []uint64) error {
	if noted := s.noted[guard]; noted != nil && !slices.Equal(values, noted) {
		s.broken = fmt.Errorf("a caller is given up with the values %d, before the call they were %d", values, noted)
	}
	return s.broken
}

// loaded is a splitter whose traces are loaded.
type loaded struct {
	*splitter
	programs map[*fragment]guards.Program
	switches map[*ir.Op]*guards.Switch
	calls    int // residual calls so far
}

// load loads all traces on x.
func (s *splitter) load(x guards.Executor) (*loaded, error) {
	l := &loaded{s, map[*fragment]guards.Program{}, map[*ir.Op]*guards.Switch{}, 0}
	for _, f := range s.parts {
		opt := guards.LoadOptions{Target: f.target}
		if f.from != nil {
			opt.From = &guards.ExitOf{Program: l.programs[f.from], Guard: f.guard}
		}
		if err := ir.Verify(f.Trace); err != nil {
			panic(fmt.Sprintf("exectest: a part is malformed: %v\n%s", err, f.Trace))
		}
		p, err := x.Load(f.Trace, opt)
		if err != nil {
			return nil, fmt.Errorf("not loaded: %w\n%s", err, f.Trace)
		}
		if l.programs[f] = p; f.fn != nil {
			x.Link(f.fn)
		}
	}
	return l, errors.Join(l.attach(false), l.invalidate(1))
}

// run runs the main trace. A call that is refused leaves it: then what was called goes on,
// since its callers do nothing any more but to return what it returns.
func (l *loaded) run(m *machine.Machine, inputs []uint64) (left *ir.Op, values []uint64, err error) {
	for f := l.main; f != nil; f = l.callee[left] {
		if left, values, err = l.programs[f].Run(m, inputs); err != nil {
			return nil, nil, err
		}
		if f := l.callee[left]; f != nil {
			inputs = slices.Clone(values[len(values)-len(f.Inputs):])
		}
	}
	if _, ok := l.left[left]; !ok {
		return nil, nil, fmt.Errorf("it is left by %s, which the trace has not", left)
	}
	return left, values, nil
}

// attach attaches the bridges that come late, or the others.
func (l *loaded) attach(late bool) error {
	for _, f := range l.parts {
		if f.from == nil || f.late != late {
			continue
		}
		to := l.switches[f.guard]
		if f.any {
			to = &guards.Switch{Bridge: l.programs[f]}
		} else if now := (&guards.Switch{Value: uint64(f.equal), Equal: l.programs[f]}); to == nil {
			to = now
		} else if now.Value < to.Value {
			to.Below = now
		} else {
			to.Above = now
		}
		l.switches[f.guard] = to
		if err := l.programs[f.from].Attach(f.guard, to); err != nil {
			return err
		}
	}
	return nil
}

// invalidate invalidates the traces for which it is time.
func (l *loaded) invalidate(time int) error {
	for _, f := range l.parts {
		if f.invalid == time {
			if err := l.programs[f].Invalidate(); err != nil {
				return err
			}
		}
	}
	return nil
}

// called is called in each residual call: the first ones change something.
func (l *loaded) called() error {
	l.calls++
	switch l.calls {
	case 1:
		return l.attach(true)
	case 2:
		return l.invalidate(2)
	}
	return nil
}

// free frees the traces, those that go to others first.
func (l *loaded) free() {
	for _, f := range slices.Backward(l.parts) {
		l.programs[f].Free()
	}
}
