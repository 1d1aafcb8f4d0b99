package recorder_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
	guardssolution "metatrace/solutions/02-guards"
)

// A scene is a machine whose frames are those of a guest without an interpreter: the
// test calls what an interpreter would.
type scene struct {
	*machine.Machine
	classes   *heap.Classes
	main, fun *machine.Code
}

func newScene(t *testing.T) *scene {
	classes := &heap.Classes{}
	_, err := classes.Struct("BOX", "box_vtable", nil, heap.Field{Name: "value", Kind: heap.KindInt, Immutable: true})
	require.NoError(t, err)
	h, err := heap.New(classes, heap.Options{Limit: 1 << 20})
	require.NoError(t, err)
	t.Cleanup(func() { h.Close() })
	s := &scene{machine.New(h, 10), classes,
		&machine.Code{Name: "main", Locals: 2, Slots: 4, Loops: make([]machine.Counter, 2)},
		&machine.Code{Name: "fun", Params: 1, Locals: 2, Slots: 4, Loops: make([]machine.Counter, 1)}}
	s.PushFrame(s.main, 5, 2)
	s.SetSlot(0, h.New(classes.Named("BOX")))
	return s
}

func (s *scene) start(p recorder.Policy, c *machine.Counter) *recorder.Recorder {
	return recorder.StartWith(s.Machine, guardssolution.Kit.Recorder(), s.classes, p, c)
}

// requireTrace compares what was recorded, an operation a line.
func requireTrace(t *testing.T, r *recorder.Recorder, want string) {
	t.Helper()
	require.Equal(t, strings.Split(want, "; "), tracetest.Lines(r.Trace()))
	require.True(t, r.Closed())
	why, detail := r.Aborted()
	require.Empty(t, why, detail)
}

// shape is the frames of a snapshot, as position and size.
func shape(s *machine.Snapshot) [][2]int {
	var list [][2]int
	for _, f := range s.Frames {
		list = append(list, [2]int{f.PC, f.SP})
	}
	return list
}

func TestLinkedHeader(t *testing.T) {
	s := newScene(t)
	other := &s.main.Loops[1]
	r := s.start(recorder.Policy{Linked: func(c *machine.Counter) bool { return c == other }}, &s.main.Loops[0])
	require.False(t, r.MergePoint(5))
	r.SetLocal(1, r.Local(0))
	require.True(t, r.Loop(s.main, 1, 8))
	requireTrace(t, r, "[p0, p1]; jump(p0, p0)")
	require.Equal(t, other, r.Reached())
	_, pc := s.Top()
	require.Equal(t, 8, pc)
}

func TestOwnHeader(t *testing.T) {
	s := newScene(t)
	r := s.start(recorder.Policy{Open: true}, &s.main.Loops[0])
	r.MergePoint(5)
	require.True(t, r.Loop(s.main, 0, 5))
	requireTrace(t, r, "[p0, p1]; jump(p0, p1)")
	require.Equal(t, &s.main.Loops[0], r.Reached())
}

func TestOpenEndsAtAHeader(t *testing.T) {
	s := newScene(t)
	r := s.start(recorder.Policy{Open: true}, &s.main.Loops[0])
	r.MergePoint(5)
	r.SetLocal(1, r.Local(0))
	require.True(t, r.Loop(s.main, 1, 8), "the bytecode has changed nothing but its position")
	requireTrace(t, r, "[p0, p1]; guard_always_fails() [p0, p0]")
	require.Nil(t, r.Reached())
	require.Equal(t, [][2]int{{8, 2}}, shape(r.Trace().Ops[0].Exit.Resume.(*machine.Snapshot)))
}

func TestOpenEndsAtAReturn(t *testing.T) {
	s := newScene(t)
	s.Push(s.Local(0))
	s.Enter(s.fun, 1, 9)
	r := s.start(recorder.Policy{Open: true}, &s.fun.Entry)
	r.MergePoint(0)
	r.Push(r.Local(1))
	back, pc := r.Leave(r.Local(0))
	require.Equal(t, s.main, back)
	require.Equal(t, 9, pc)
	require.True(t, r.MergePoint(pc), "the interpreter stops")
	requireTrace(t, r, "[p0]; finish(p0)")
	require.True(t, r.Returned())
	require.Len(t, s.Frames(), 1)
	require.Equal(t, s.Local(0), s.Peek(0), "the program has gone on")
}

func TestOutermostReturn(t *testing.T) {
	s := newScene(t)
	r := s.start(recorder.Policy{Open: true}, &s.main.Loops[0])
	r.MergePoint(5)
	back, _ := r.Leave(r.Local(0))
	require.Nil(t, back)
	requireTrace(t, r, "[p0, p1]; finish(p0)")
}

func TestBridgeFromAnInlinedCall(t *testing.T) {
	s := newScene(t)
	s.Push(s.Local(0))
	s.Enter(s.fun, 1, 9)
	s.SetPC(3)
	r := recorder.StartBridge(s.Machine, guardssolution.Kit.Recorder(), s.classes, recorder.Policy{Open: true}, 0,
		func(b *ir.Builder) []*ir.Op {
			in := b.Input(ir.Ref)
			return []*ir.Op{in, ir.Null, in, b.Op(ir.NewWithVtable, s.classes.Named("BOX"))}
		})
	require.Equal(t, 1, r.Deepest)
	r.MergePoint(3)
	r.IsNull(r.Local(0))
	_, pc := r.Leave(r.Local(1))
	r.MergePoint(pc)
	r.IsNull(r.Local(0))
	r.Drop(1)
	require.True(t, r.Loop(s.main, 0, 5))
	requireTrace(t, r, "[p0]; p1 = new_with_vtable(descr=BOX); guard_nonnull(p0) [p0, NULL, p0, p1]; guard_nonnull(p0) [p0, NULL, p1]; guard_always_fails() [p0, NULL]")
	require.Equal(t, [][2]int{{9, 2}, {3, 2}}, shape(r.Trace().Ops[1].Exit.Resume.(*machine.Snapshot)))
}

func TestCallApart(t *testing.T) {
	s := newScene(t)
	fn, result := &recorder.Function{Name: "fun", Code: s.fun}, s.Local(0)
	var gone error
	var called []heap.Ref
	policy := recorder.Policy{Open: true,
		Apart: func(code *machine.Code, frames []machine.Frame) *recorder.Function {
			if len(frames) == 1 {
				return nil
			}
			return fn
		},
		Call: func(code *machine.Code, args []heap.Ref) (heap.Ref, error) {
			called = args
			return result, gone
		}}
	r := s.start(policy, &s.main.Loops[0])
	r.MergePoint(5)
	r.Push(r.Local(0))
	r.MergePoint(6)
	done, err := r.CallApart(s.fun, 1, 7)
	require.NoError(t, err)
	require.False(t, done, "the first call is inside")
	require.True(t, r.Enter(s.fun, 1, 7))
	require.False(t, r.Entered(s.fun))

	r.MergePoint(0)
	r.Push(r.Local(1))
	r.MergePoint(1)
	done, err = r.CallApart(s.fun, 1, 2)
	require.NoError(t, err)
	require.True(t, done)
	require.Equal(t, []heap.Ref{0}, called)
	require.Equal(t, result, s.Peek(0))

	r.MergePoint(2)
	done, err = r.CallApart(s.fun, 0, 3) // an argument is missing
	require.NoError(t, err)
	require.True(t, done)
	r.MergePoint(3)
	_, pc := r.Leave(r.Peek(0))
	r.MergePoint(pc)
	r.Leave(r.Peek(0))
	requireTrace(t, r, "[p0, p1]; p2 = call_assembler_r(ConstClass(fun), NULL); guard_not_forced() [p0, p1, p0, NULL]; "+
		"p3 = call_assembler_r(ConstClass(fun), NULL); guard_not_forced() [p0, p1, p0, NULL, p2]; finish(p3)")
	for i, want := range [][][2]int{{{7, 2}, {2, 2}}, {{7, 2}, {3, 3}}} {
		call := r.Trace().Ops[2*i+1].Exit.Resume.(*recorder.TraceCall)
		require.Equal(t, want, shape(call.State))
		require.Equal(t, i+1, call.PC)
	}
	require.Same(t, fn, r.Trace().Ops[0].Args[0].Name.Func)
}

func TestCallApartFails(t *testing.T) {
	s, gone := newScene(t), errors.New("gone")
	r := s.start(recorder.Policy{
		Apart: func(*machine.Code, []machine.Frame) *recorder.Function { return &recorder.Function{Name: "fun"} },
		Call:  func(*machine.Code, []heap.Ref) (heap.Ref, error) { return 0, gone },
	}, &s.main.Loops[0])
	r.MergePoint(5)
	_, err := r.CallApart(s.fun, 0, 6)
	require.Equal(t, gone, err)
	s.MaxDepth = 0
	done, err := r.CallApart(s.fun, 0, 6)
	require.NoError(t, err)
	require.False(t, done, "Enter says that this is too deep")
}

func TestDepend(t *testing.T) {
	s, c, d := newScene(t), &machine.Cell{Name: "c"}, &machine.Cell{Name: "d"}
	r := s.start(recorder.Policy{Watched: true}, &s.main.Loops[0])
	r.MergePoint(5)
	r.Depend(c)
	r.Depend(d)
	r.MergePoint(6)
	r.Depend(c)
	r.Loop(s.main, 0, 5)
	guard := "guard_not_invalidated() [p0, p1]; "
	requireTrace(t, r, "[p0, p1]; "+guard+guard+guard+"jump(p0, p1)")
	require.Equal(t, []*machine.Cell{c, d}, r.Depends)
}

func TestWhatChangesWhileRecording(t *testing.T) {
	s, c := newScene(t), &machine.Cell{Name: "c"}
	change := &machine.Func{Name: "change", Do: func([]heap.Ref) (heap.Ref, error) {
		c.Change()
		return 0, nil
	}}
	r := s.start(recorder.Policy{Watched: true}, &s.main.Loops[0])
	r.MergePoint(5)
	_, err := r.Call(change, 0)
	require.NoError(t, err)
	r.MergePoint(6)
	r.Depend(c)
	require.False(t, r.MergePoint(7), "that was before")
	_, err = r.Call(change, 0)
	require.NoError(t, err)
	require.True(t, r.MergePoint(8))
	why, detail := r.Aborted()
	require.Equal(t, recorder.Changed, why)
	require.Equal(t, "c has changed meanwhile", detail)

	r = s.start(recorder.Policy{}, &s.main.Loops[0])
	r.Depend(c)
	require.True(t, r.MergePoint(5), "nobody watches the cell")
}

func TestLimitsOfAPolicy(t *testing.T) {
	s := newScene(t)
	r := s.start(recorder.Policy{MaxOps: 2, MaxInline: 1}, &s.main.Loops[0])
	for range 3 {
		require.False(t, r.MergePoint(5))
		r.New(s.classes.Named("BOX"))
	}
	require.True(t, r.MergePoint(5))
	why, _ := r.Aborted()
	require.Equal(t, recorder.TooLong, why)

	r = s.start(recorder.Policy{MaxOps: 2, MaxInline: 1}, &s.main.Loops[0])
	r.Enter(s.fun, 0, 6)
	require.False(t, r.MergePoint(0))
	r.Enter(s.fun, 0, 1)
	require.True(t, r.MergePoint(0))
	why, _ = r.Aborted()
	require.Equal(t, recorder.TooDeep, why)
}

func TestSharedSymbols(t *testing.T) {
	s, symbols := newScene(t), map[heap.Ref]*ir.Symbol{}
	one, two := s.Local(0), s.New(s.classes.Named("BOX"))
	names := func(list ...heap.Ref) (names []*ir.Symbol) {
		r := s.start(recorder.Policy{Symbols: symbols}, &s.main.Loops[0])
		for _, x := range list {
			names = append(names, r.RefConst(x).Op.Name)
		}
		require.Len(t, r.Trace().Decls.Objects, len(list))
		return names
	}
	a, b := names(one, two), names(two)
	require.Same(t, a[1], b[0])
	require.NotEqual(t, a[0].Name, a[1].Name)
}
