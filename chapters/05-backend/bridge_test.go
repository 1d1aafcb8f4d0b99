package backend_test

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/exectest"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
	"metatrace/internal/course"
	"metatrace/internal/heap"
	backendsolution "metatrace/solutions/05-backend"
)

// TestCutTraces runs generated traces that were cut to pieces.
func TestCutTraces(t *testing.T) {
	t.Parallel()
	engine, err := course.Solved().EngineChain()
	require.NoError(t, err)
	random, n, step := rand.New(rand.NewPCG(7, 6)), 3*8*len(exectest.Kinds), 1
	if testing.Short() {
		step = 7
	}
	for i := 0; i < n; i += step {
		c := machineCode(t)
		c.Executor = cutting(c.Executor, uint64(i))
		checkGenerated(t, c, &engine, tracetest.Random(random, 10+random.IntN(300)), uint16(i))
	}
}

// A net is an executor with traces that are connected by hand.
type net struct {
	t *testing.T
	guards.Executor
	m *machine.Machine
}

// newNet makes one for code of limit bytes.
func newNet(t *testing.T, limit int, opt guards.Options) *net {
	t.Helper()
	if err := backend.Available(); err != nil {
		t.Skip(err)
	}
	h, err := heap.New(&heap.Classes{}, heap.Options{Stress: true})
	require.NoError(t, err)
	x, err := backendsolution.Kit.Native(limit)(h, opt)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, x.Close())
		require.NoError(t, h.Close())
	})
	return &net{t, x, machine.New(h, 100)}
}

// trace parses a text, in which ; ends lines, and makes its last jump one to a target
// if there is one. Calls call call.
func (n *net) trace(text string, to *ir.Target, call func() error) *ir.Trace {
	n.t.Helper()
	t, err := ir.Parse("case", strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(n.t, err)
	if to != nil {
		t.Ops[len(t.Ops)-1].Descr = to
	}
	for _, op := range t.Ops {
		if op.Code.IsCall() {
			op.Args[0].Name.Func = &recorder.Residual{Func: &machine.Func{Do: func([]heap.Ref) (heap.Ref, error) { return 0, call() }}}
		}
	}
	return t
}

func (n *net) load(t *ir.Trace, opt guards.LoadOptions) guards.Program {
	n.t.Helper()
	p, err := n.Load(t, opt)
	require.NoError(n.t, err)
	return p
}

// bridge loads one from the first guard of t, the trace of p.
func (n *net) bridge(p guards.Program, t *ir.Trace, text string) guards.Program {
	n.t.Helper()
	return n.load(n.trace(text, nil, nil), guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guardOf(t)}})
}

func guardOf(t *ir.Trace) *ir.Op {
	return t.Ops[slices.IndexFunc(t.Ops, func(op *ir.Op) bool { return op.Code.Has(ir.Guard) })]
}

// run runs p, and says by which operation it is left, with which values.
func (n *net) run(p guards.Program, inputs ...uint64) string {
	n.t.Helper()
	left, values, err := p.Run(n.m, inputs)
	require.NoError(n.t, err)
	return fmt.Sprintf("%v%d", left.Code, values)
}

func TestAttachAndDetach(t *testing.T) {
	n := newNet(t, 1<<16, guards.Options{})
	trace := n.trace("[i0, f1]; i2 = int_add(i0, 3); i3 = int_lt(i0, 10); guard_true(i3) [i2, i3, f1]; finish(i0)", nil, nil)
	p := n.load(trace, guards.LoadOptions{})
	one := math.Float64bits(1)
	for range 2 {
		require.Equal(t, fmt.Sprintf("guard_true[15 0 %d]", one), n.run(p, 12, one))
		b := n.bridge(p, trace, "[i2, i3, f1]; i4 = int_mul(i2, 2); f5 = float_add(f1, f1); i6 = cast_float_to_int(f5); i7 = int_is_zero(i3); finish(i4, i6, i7)")
		require.NoError(t, p.Attach(guardOf(trace), &guards.Switch{Bridge: b}))
		require.Equal(t, "finish[30 2 1]", n.run(p, 12, one))
		require.Equal(t, "finish[1]", n.run(p, 1, one))
		_, _, err := b.Run(n.m, nil)
		require.ErrorContains(t, err, "alone")
		require.NoError(t, p.Attach(guardOf(trace), nil))
		b.Free()
	}
	require.ErrorContains(t, p.Attach(trace.Ops[0], nil), "no exit")
	require.ErrorContains(t, p.Attach(guardOf(trace), &guards.Switch{Bridge: p}), "no bridge")
	require.ErrorContains(t, p.Attach(guardOf(trace), &guards.Switch{Equal: p}), "nothing that could decide")
}

func TestSwitches(t *testing.T) {
	values := []uint64{3, 5, 1 << 20, math.MaxInt32, math.MaxInt32 + 1, math.MaxInt64, 1 << 63, math.MaxUint64 - 1, math.MaxUint64}
	for name, c := range map[string]struct {
		trace string
		opt   guards.Options
	}{
		"an integer":                {trace: "[i0, i1]; guard_value(i0, 4) [i1]; finish(i1)"},
		"that the exit wants":       {trace: "[i0, i1]; i2 = int_or(i0, 0); guard_value(i2, 4) [i1]; finish(i1, i2)"},
		"that is asked for":         {trace: "[i0, i1]; guard_value(i0, 4) [i1]; finish(i1)", opt: guards.Options{ForceFail: func(*ir.Op) bool { return false }}},
		"in a slot":                 {trace: "call f args=i result=v; [i0, i1]; call_n(ConstClass(f), i0, descr=f); guard_value(i0, 4) [i1]; finish(i0)"},
		"compared with a large one": {trace: "[i0, i1]; guard_value(i0, 1311768467463790320) [i1]; finish(i1)"},
		"the bits of a float":       {trace: "[i0, i1]; f2 = convert_longlong_bytes_to_float(i0); guard_value(f2, 4.0) [i1]; finish(i1)"},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNet(t, 1<<16, c.opt)
			trace := n.trace(c.trace, nil, func() error { return nil })
			p := n.load(trace, guards.LoadOptions{})
			bytes, _ := backend.UsageOf(n.Executor)
			programs := map[uint64]guards.Program{}
			for k, v := range values {
				programs[v] = n.bridge(p, trace, fmt.Sprintf("[i1]; i2 = int_add(i1, %d); finish(i2)", k))
			}
			for from := range values {
				require.NoError(t, p.Attach(guardOf(trace), tree(values[from:], programs)))
				for k, v := range values {
					want := "guard_value[100]"
					if k >= from {
						want = fmt.Sprintf("finish[%d]", 100+k)
					}
					assert.Equal(t, want, n.run(p, v, 100), "%d", v)
					assert.Equal(t, "guard_value[100]", n.run(p, v^64, 100), "%d", v^64)
				}
			}
			require.NoError(t, p.Attach(guardOf(trace), &guards.Switch{Bridge: programs[5]}))
			assert.Equal(t, "finish[101]", n.run(p, 77, 100))
			require.NoError(t, p.Attach(guardOf(trace), nil))
			assert.Equal(t, "guard_value[100]", n.run(p, 5, 100))
			for _, b := range programs {
				b.Free()
			}
			now, _ := backend.UsageOf(n.Executor)
			assert.Equal(t, bytes, now)
		})
	}
}

// tree returns a search tree of values in their order.
func tree(values []uint64, programs map[uint64]guards.Program) *guards.Switch {
	if len(values) == 0 {
		return nil
	}
	k := len(values) / 2
	return &guards.Switch{Value: values[k], Equal: programs[values[k]], Below: tree(values[:k], programs), Above: tree(values[k+1:], programs)}
}

func TestInvalidate(t *testing.T) {
	n := newNet(t, 1<<16, guards.Options{})
	var p guards.Program
	now := false
	trace := n.trace("call f result=v; [i0]; guard_not_invalidated() [i0]; call_n(ConstClass(f), descr=f); i1 = int_add(i0, 1); guard_not_invalidated() [i1]; i2 = int_add(i1, 1); finish(i2)", nil,
		func() error {
			if now {
				return p.Invalidate()
			}
			return nil
		})
	p = n.load(trace, guards.LoadOptions{})
	require.Equal(t, "finish[7]", n.run(p, 5))
	now = true
	require.Equal(t, "guard_not_invalidated[6]", n.run(p, 5), "behind the call")
	require.Equal(t, "guard_not_invalidated[5]", n.run(p, 5), "before the call")
	b := n.bridge(p, trace, "[i0]; i1 = int_mul(i0, 2); finish(i1)")
	require.NoError(t, p.Attach(guardOf(trace), &guards.Switch{Bridge: b}))
	require.Equal(t, "finish[10]", n.run(p, 5))
}

// countdown connects traces to a loop without a back edge in any of them:
//
//	entry ─jump─▶ body ─guard─▶ bridge ─jump─▶ body
func (n *net) countdown() guards.Program {
	loop := &ir.Target{Name: "loop"}
	body := n.trace("[i0, i1]; i2 = int_sub(i0, 1); i3 = int_add(i1, i2); i4 = int_lt(i2, 1); guard_true(i4) [i3, i2]; finish(i2, i3)", nil, nil)
	p := n.load(body, guards.LoadOptions{Target: loop})
	b := n.load(n.trace("[i0, i1]; jump(i1, i0)", loop, nil), guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guardOf(body)}})
	require.NoError(n.t, p.Attach(guardOf(body), &guards.Switch{Bridge: b}))
	require.Equal(n.t, "finish[0 10]", n.run(p, 5, 0), "entered by Go")
	return n.load(n.trace("[i0]; jump(i0, 100)", loop, nil), guards.LoadOptions{})
}

func TestJumps(t *testing.T) {
	for _, counted := range []bool{false, true} {
		n := newNet(t, 1<<16, guards.Options{Count: true})
		if counted {
			backendsolution.Kit.CountPolls(n.Executor)
		}
		p := n.countdown()
		before := n.Counts().Iterations
		require.Equal(t, "finish[0 4999950100]", n.run(p, 100_000))
		require.EqualValues(t, 100_000, n.Counts().Iterations-before, "jumps are iterations")
	}
}

// Of one trace the iterations can be counted though those of others are not.
func TestCountOfOneTrace(t *testing.T) {
	for _, count := range []bool{false, true} {
		n := newNet(t, 1<<16, guards.Options{})
		loop := n.trace("[i0, i1]; label(i0, i1); i2 = int_sub(i0, 1); i3 = int_lt(i2, 1); guard_false(i3) [i1]; jump(i2, i1)", nil, nil)
		p := n.load(loop, guards.LoadOptions{Count: count})
		n.run(p, 1000, 0)
		require.EqualValues(t, map[bool]int{true: 999}[count], n.Counts().Iterations)
	}
}

// A loop of several traces can be stopped.
func TestJumpsPoll(t *testing.T) {
	for _, counted := range []bool{false, true} {
		n := newNet(t, 1<<16, guards.Options{})
		if counted {
			backendsolution.Kit.CountPolls(n.Executor)
		}
		p, stop := n.countdown(), errors.New("stop")
		timer := time.AfterFunc(30*time.Millisecond, func() { n.m.Stop(stop) })
		_, _, err := p.Run(n.m, []uint64{math.MaxInt64})
		require.ErrorIs(t, err, stop)
		timer.Stop()
	}
}

// What is freed while a run may come back to it, stays until the run is over.
func TestFreeWhileSuspended(t *testing.T) {
	n := newNet(t, 1<<16, guards.Options{})
	var p, b guards.Program
	free := func() error {
		b.Free()
		p.Free()
		n.load(n.trace("[i0]; finish(i0)", nil, nil), guards.LoadOptions{}) // would be where they were
		return nil
	}
	trace := n.trace("[i0]; guard_always_fails() [i0]", nil, nil)
	p = n.load(trace, guards.LoadOptions{})
	b = n.load(n.trace("call f result=v; [i0]; call_n(ConstClass(f), descr=f); i1 = int_add(i0, 1); guard_true(i1) [i1]; finish(i1)", nil, free),
		guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guardOf(trace)}})
	require.NoError(t, p.Attach(guardOf(trace), &guards.Switch{Bridge: b}))
	require.Equal(t, "finish[8]", n.run(p, 7))
	bytes, exits := backend.UsageOf(n.Executor)
	assert.Less(t, bytes, 100)
	assert.Equal(t, 1, exits)
}

// When there is no room for more code, what was tried leaves nothing.
func TestFull(t *testing.T) {
	n := newNet(t, 4096, guards.Options{})
	text := "[i0, i1]; i2 = int_sub(i0, 1); guard_true(i2) [i1]; jump(i1, i2)"
	var all []guards.Program
	target := &ir.Target{Name: "start"}
	for {
		target.Entry = nil
		p, err := n.Load(n.trace(text, target, nil), guards.LoadOptions{Target: target})
		if err != nil {
			require.ErrorIs(t, err, native.ErrFull)
			require.Nil(t, target.Entry)
			break
		}
		all = append(all, p)
	}
	bytes, exits := backend.UsageOf(n.Executor)
	require.Equal(t, 2*len(all), exits)
	require.Greater(t, bytes, 3000)
	for _, p := range all {
		p.Free()
	}
	bytes, exits = backend.UsageOf(n.Executor)
	require.Zero(t, bytes)
	require.Zero(t, exits)
}

// A guard that is asked about has two exits. There may be room for the choice of one only:
// then neither leads anywhere.
func TestAttachedIsAllOrNothing(t *testing.T) {
	forced := false
	n := newNet(t, 8192, guards.Options{ForceFail: func(*ir.Op) bool { return forced }})
	trace := n.trace("[i0]; guard_value(i0, 1) [i0]; finish(i0)", nil, nil)
	p := n.load(trace, guards.LoadOptions{})
	b := n.bridge(p, trace, "[i0]; finish(i0)")
	filler := n.trace("[i0]; finish(i0)", nil, nil)
	var fillers []guards.Program
	for {
		f, err := n.Load(filler, guards.LoadOptions{})
		if err != nil {
			break
		}
		fillers = append(fillers, f)
	}
	for _, f := range fillers[len(fillers)-6:] {
		f.Free()
	}
	refused := 0
	var to *guards.Switch
	for value := uint64(40); value > 10; value-- {
		to = &guards.Switch{Value: value, Equal: b, Above: to}
		before, _ := backend.UsageOf(n.Executor)
		err := p.Attach(trace.Ops[0], to)
		want := "finish[40]"
		if err != nil {
			require.ErrorIs(t, err, native.ErrFull)
			refused++
			want = "guard_value[40]"
		}
		for _, forced = range []bool{false, true} {
			require.Equal(t, want, n.run(p, 40))
		}
		require.NoError(t, p.Attach(trace.Ops[0], nil))
		after, _ := backend.UsageOf(n.Executor)
		require.Equal(t, before, after)
	}
	require.Positive(t, refused)
	require.Less(t, refused, 30)
}

func TestLoadRefuses(t *testing.T) {
	n := newNet(t, 1<<16, guards.Options{})
	trace := n.trace("[i0]; guard_true(i0) [i0]; finish(i0)", nil, nil)
	p := n.load(trace, guards.LoadOptions{})
	at := guards.ExitOf{Program: p, Guard: guardOf(trace)}
	loop := &ir.Target{Name: "loop", Inputs: []ir.Type{ir.Int}}
	for want, c := range map[string]struct {
		text string
		to   *ir.Target
		opt  guards.LoadOptions
	}{
		"jump: there is no machine code of loop to jump to":     {"[i0]; jump(i0)", loop, guards.LoadOptions{}},
		"a bridge can't be the target of jumps":                 {"[i0]; finish(i0)", nil, guards.LoadOptions{From: &at, Target: loop}},
		"a bridge with 2 inputs from an exit with 1 values":     {"[i0, i1]; finish(i0)", nil, guards.LoadOptions{From: &at}},
		"input 0 of a bridge is of another type than the value": {"[f0]; finish(f0)", nil, guards.LoadOptions{From: &at}},
		"the program has no exit finish":                        {"[i0]; finish(i0)", nil, guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: &ir.Op{Code: ir.Finish}}}},
		"a bridge from a program of another executor":           {"[i0]; finish(i0)", nil, guards.LoadOptions{From: &guards.ExitOf{}}},
	} {
		_, err := n.Load(n.trace(c.text, c.to, nil), c.opt)
		assert.ErrorContains(t, err, want)
	}
}

// The listing shows what comes from other traces, and what goes there.
func TestListingOfConnectedTraces(t *testing.T) {
	n := newNet(t, 1<<16, guards.Options{})
	loop := &ir.Target{Name: "loop2"}
	body := n.trace("[i0, f1]; guard_not_invalidated() [i0]; i2 = int_is_true(i0); guard_true(i2) [i0, i2, f1]; finish(i0)", nil, nil)
	p := n.load(body, guards.LoadOptions{Target: loop})
	trace := n.trace("call f result=v; [i0, i2, f1]; call_n(ConstClass(f), descr=f); jump(i2, f1)", loop, nil)
	b := n.load(trace, guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: body.Ops[2]}})
	text := func(p guards.Program, t *ir.Trace) string {
		l, _, ok := backend.MachineCode(p, t)
		require.True(n.t, ok)
		var b strings.Builder
		require.NoError(n.t, l.Write(&b))
		return b.String()
	}
	require.Regexp(t, `(?s)arrives: i0 in (rbx|x0), f1 in (xmm0|d0)\n    from Go:\n.* i0 +f1\n.*nop ; jmp exit 0, once invalid`, text(p, body))
	require.Regexp(t, `(?s)arrives: i0 in (rbx|x0), f2 in (xmm0|d0)\n  spill f2: (xmm0|d0) → slot 0 .*jump\(i1, f2, descr=loop2\).* (jnz|b) loop2\n`, text(b, trace))
}
