package guards

import (
	"errors"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// anExecutor numbers the registers of an exit as they come, as one would that has
// only the words which the exit needs.
type anExecutor struct {
	ops  []*ir.Op // what is in each register; nil: Leave sets it
	regs []uint64
}

func (x *anExecutor) reg(s *stage) func(a *ir.Op) int32 {
	return func(a *ir.Op) int32 {
		if a.Code == ir.OpVirtual {
			a = nil
		} else if at := slices.Index(x.ops, a); at >= 0 {
			return int32(at)
		}
		word := uint64(0)
		switch {
		case a == nil:
		case a.IsConst():
			word = ConstWord(a)
		default: // the traces of this file compute nothing
			word = s.inputs[a.ID]
		}
		x.ops, x.regs = append(x.ops, a), append(x.regs, word)
		return int32(len(x.ops) - 1)
	}
}

// TestAnyRegistersWillDo leaves exits of all kinds with registers that another
// executor has numbered, and compares with the evaluator.
func TestAnyRegistersWillDo(t *testing.T) {
	for _, text := range []string{
		"[i0, p1]; guard_always_fails() [p1, i0, 7, 0.5, NULL, ConstPtr(first), i0]",
		"[i0, p1]; finish(p1, i0, 7, 0.5, NULL, ConstPtr(first), i0)",
		"[i0, p1]; guard_always_fails() [v1:NODE{value=i0, next=v2:NODE{value=3, next=v1}}, REFS{p1, v2, ConstPtr(first), NULL}, INTS{}, v1]",
		"[i0, p1]; guard_always_fails() [v1:W_Int{value=i0}, v1, W_Int{value=-3}, NODE{value=i0, next=v1}, NODE{value=1, next=W_Int{value=5}}]",
		"[i0, p1]; guard_always_fails() [i0] {setfield_gc(p1, v1:NODE{value=i0, next=v1}, descr=NODE.next), " +
			"setarrayitem_gc(ConstPtr(items), i0, v1, descr=REFS), setfield_gc(v1, W_Int{value=i0}, descr=NODE.next), setfield_gc(p1, i0, descr=NODE.value)}",
	} {
		for _, mem := range []heap.Options{{}, {Stress: true}} {
			inputs := []uint64{1, object}
			want := newStage(t, text, inputs, mem).evaluate(t, nil)

			s, x := newStage(t, text, inputs, mem), &anExecutor{}
			e := DecodeExit(s.t.Ops[0], x.reg(s))
			l := NewLeaver(s.heap, makeObjects)
			require.NoError(t, l.Check(e))
			values, err := l.Leave(e, x.regs, nil)
			require.NoError(t, err)
			require.Equal(t, want, s.show(e.Op, values), text)
			l.Close()
		}
	}
}

// TestLeavingKeepsItsRegisters wants that nobody else has to show the collector what
// the exit needs.
func TestLeavingKeepsItsRegisters(t *testing.T) {
	s := newStage(t, "[p0, i1]; guard_always_fails() [NODE{value=i1, next=NODE{value=2, next=p0}}]", []uint64{0, 5}, heap.Options{Stress: true})
	x := &anExecutor{}
	e := DecodeExit(s.t.Ops[0], x.reg(s))
	l := NewLeaver(s.heap, makeObjects)
	r := s.heap.New(s.t.Decls.Classes.Named("NODE"))
	s.heap.SetWord(r, 0, 77)
	x.regs[slices.Index(x.ops, s.t.Inputs[0])] = r
	values, err := l.Leave(e, x.regs, nil)
	require.NoError(t, err)
	require.Equal(t, uint64(77), s.heap.Word(s.heap.Word(s.heap.Word(values[0], 1), 1), 0))
	require.EqualValues(t, 2, l.Objects())
}

// TestManyObjectsInOneExit has a list of objects that no iteration makes: an exit
// takes time in proportion to what it makes, in whatever order that is done.
func TestManyObjectsInOneExit(t *testing.T) {
	const n = 50_000
	text := "[i0]; guard_always_fails() [NODE{value=i0, next=NULL}]"
	backwards := func(alloc allocFunc, set setFunc, plan []Blueprint, regs []uint64) []heap.Ref {
		made := make([]heap.Ref, len(plan))
		for i := range plan {
			made[len(plan)-1-i] = alloc(plan[0].Class, 2)
		}
		for i, b := range plan {
			set(made[i], 0, regs[b.Words[0]])
			if b.Words[1] < 0 {
				set(made[i], 1, made[^b.Words[1]])
			}
		}
		return made
	}
	for _, f := range []Materializer{makeObjects, backwards} {
		s := newStage(t, text, []uint64{7}, heap.Options{})
		node := s.t.Ops[0].Exit.Failargs[0]
		for range n - 1 {
			node = &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: node.Descr, Args: []*ir.Op{s.t.Inputs[0], node}}
		}
		s.t.Ops[0].Exit.Failargs[0] = node
		opt := options(nil)
		opt.Materialize = f
		p, err := newPortable(s.heap, opt).load(s.t, LoadOptions{})
		require.NoError(t, err)
		_, values, err := p.Run(machine.New(s.heap, 10), s.inputs)
		require.NoError(t, err)
		length := 0
		for r := values[0]; r != 0; r = s.heap.Word(r, 1) {
			require.Equal(t, uint64(7), s.heap.Word(r, 0))
			length++
		}
		require.Equal(t, n, length)
	}
}

// TestCallee calls for a trace.
func TestCallee(t *testing.T) {
	h := newStage(t, "[]; finish()", nil, heap.Options{}).heap
	m := machine.New(h, 10)
	residual := &recorder.Residual{Depth: 3, Func: &machine.Func{Name: "f", Do: func(args []heap.Ref) (heap.Ref, error) {
		require.Equal(t, 3, m.Inlined)
		if args[0] == 0 {
			return 0, errors.New("zero")
		}
		return args[0] + args[1], nil
	}}}
	call := func(fn any) *ir.Op {
		return &ir.Op{Code: ir.CallI, Args: []*ir.Op{ir.ConstClass(&ir.Symbol{Name: "f", Func: fn})}}
	}
	_, err := CalleeOf(call(nil))
	require.EqualError(t, err, "the executor can't call f")
	c, err := CalleeOf(call(residual))
	require.NoError(t, err)
	v, err := c.Do(m, []uint64{4, 5}, 0)
	require.NoError(t, err)
	require.Equal(t, uint64(9), v)
	require.Zero(t, m.Inlined)
	_, err = c.Do(m, []uint64{0, 5}, 0)
	require.EqualError(t, err, "zero")

	div, err := CalleeOf(call(recorder.ElidableNamed("int_div")))
	require.NoError(t, err)
	m.Stop(errors.New("stopped"))
	v, err = div.Do(m, []uint64{^uint64(8), 2}, 0)
	require.NoError(t, err, "it takes no time")
	require.Equal(t, int64(-4), int64(v))
	_, err = c.Do(m, []uint64{4, 5}, 0)
	require.EqualError(t, err, "stopped")
}

// TestExecutorRefuses wants to be told, and not to run into nothing.
func TestExecutorRefuses(t *testing.T) {
	for text, want := range map[string]string{
		"[i0]; i1 = int_add(i0, 1)":                                                             "the trace has no end: expected a jump or finish",
		"[i0]; escape_n(i0); finish()":                                                          "the executor has no escape_n",
		"[p0]; guard_class(p0, ConstClass(strange)) []; finish()":                               "the executor knows no class with the vtable strange",
		"call f args=i result=v effect=any; [i0]; call_n(ConstClass(f), i0, descr=f); finish()": "the executor can't call f",
	} {
		s := newStage(t, text, nil, heap.Options{})
		x, err := NewPortable(s.heap, options(nil))
		require.NoError(t, err)
		_, err = x.Load(s.t, LoadOptions{})
		require.EqualError(t, err, want)
	}
}
