package guards

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// parse returns a trace without declarations.
func parse(t *testing.T, text string) *ir.Trace {
	trace, err := ir.Parse("test", strings.ReplaceAll(text, "; ", "\n"))
	require.NoError(t, err)
	return trace
}

// TestConnectionsThatAreRefused wants to be told where traces do not fit.
func TestConnectionsThatAreRefused(t *testing.T) {
	s := newStage(t, "[i0]; i1 = int_lt(i0, 3); guard_true(i1) [i0]; guard_value(i0, 1) [i0, i1]; finish(i0)", []uint64{0}, heap.Options{})
	x := newPortable(s.heap, options(nil))
	p, err := x.Load(s.t, LoadOptions{})
	require.NoError(t, err)
	isTrue, isOne := s.t.Ops[1], s.t.Ops[2]
	load := func(text string, opt LoadOptions) Program {
		p, err := x.Load(parse(t, text), opt)
		require.NoError(t, err)
		return p
	}
	bridge := load("[i0]; finish(i0)", LoadOptions{From: &ExitOf{p, isTrue}})
	two := load("[i0, i1]; finish(i0)", LoadOptions{From: &ExitOf{p, isOne}})

	for text, want := range map[string]string{
		"[]; finish()":       "the bridge has 0 inputs, expected 1 as guard_true needs",
		"[p0]; finish()":     "input 0 of the bridge has another type than what guard_true needs",
		"[i0, i1]; finish()": "the bridge has 2 inputs, expected 1 as guard_true needs",
	} {
		_, err := x.Load(parse(t, text), LoadOptions{From: &ExitOf{p, isTrue}})
		require.EqualError(t, err, want)
	}
	_, err = x.Load(parse(t, "[i0]; finish()"), LoadOptions{From: &ExitOf{p, s.t.Ops[0]}})
	require.EqualError(t, err, "int_lt is no exit of the program")
	_, err = newPortable(s.heap, options(nil)).Load(parse(t, "[i0]; finish()"), LoadOptions{From: &ExitOf{p, isTrue}})
	require.EqualError(t, err, "the bridge starts in a program of another executor")

	for want, err := range map[string]error{
		"int_lt is no exit of the program":                      p.Attach(s.t.Ops[0], nil),
		"what is attached to guard_value was not loaded for it": p.Attach(isOne, &Switch{Bridge: bridge}),
		"what is attached to guard_true was not loaded for it":  p.Attach(isTrue, &Switch{Bridge: p}),
		"guard_true has no values to choose a bridge by":        p.Attach(isTrue, &Switch{Value: 1, Equal: bridge}),
		"a Switch says nothing of its value":                    p.Attach(isOne, &Switch{Value: 1, Equal: two, Above: &Switch{Value: 2}}),
	} {
		require.EqualError(t, err, want)
	}
	require.NoError(t, p.Attach(isOne, &Switch{Value: 5, Equal: two, Below: &Switch{Value: 2, Equal: two}}))

	jump := parse(t, "[i0]; jump(i0)")
	jump.Ops[0].Descr = &ir.Target{Name: "nowhere", Inputs: []ir.Type{ir.Int}}
	_, err = x.Load(jump, LoadOptions{})
	require.EqualError(t, err, "the trace jumps to nowhere, which is not loaded")
}

// TestCallsThatAreRefused does it for call_assembler.
func TestCallsThatAreRefused(t *testing.T) {
	fn := &recorder.Function{Name: "f"}
	state := &recorder.TraceCall{State: &machine.Snapshot{}}
	for _, tt := range []struct {
		text, want string
		resume     any
	}{
		{"[i0]; i1 = call_assembler_i(ConstClass(f), i0); finish(i1)", "finish stands behind a call, expected guard_not_forced", state},
		{"[i0]; i1 = call_assembler_i(ConstClass(f), i0); guard_not_forced() []; finish(i1)", "guard_not_forced does not say what state it goes back to", nil},
		{"[i0]; i1 = int_neg(i0); guard_not_forced() []; finish(i1)", "no call stands before guard_not_forced", state},
		{"[i0]; i1 = call_assembler_i(ConstClass(f), i0); guard_not_forced() []; finish(i1)", "the executor can't give up a trace that calls another", state},
	} {
		s := newStage(t, tt.text, nil, heap.Options{})
		for _, op := range s.t.Ops {
			if op.Code.IsTraceCall() {
				op.Args[0] = ir.ConstClass(&ir.Symbol{Name: "f", Func: fn})
			}
			if op.Code == ir.GuardNotForced {
				op.Exit.Resume = tt.resume
			}
		}
		_, err := newPortable(s.heap, options(nil)).Load(s.t, LoadOptions{})
		require.EqualError(t, err, tt.want)
	}
}

// TestSwitchingAllocatesNothing goes to a bridge and back, and into a call, ten thousand
// times.
func TestSwitchingAllocatesNothing(t *testing.T) {
	s := newStage(t, `
[i0]
label(i0)
i1 = int_gt(i0, 0)
guard_true(i1) [i0]
i2 = int_sub(i0, 1)
guard_value(i2, 7) [i2]
jump(i2)`, []uint64{10_000}, heap.Options{})
	opt := options(nil)
	opt.Suspended = func(*machine.Machine, *ir.Op, []uint64) error { return nil }
	x := newPortable(s.heap, opt)
	loop, f := &ir.Target{Name: "loop"}, &recorder.Function{Name: "f", Target: &ir.Target{Name: "f"}}
	p, err := x.Load(s.t, LoadOptions{Target: loop})
	require.NoError(t, err)
	_, err = x.Load(parse(t, "[i0]; i1 = int_add(i0, 0); finish(i1)"), LoadOptions{Target: f.Target})
	require.NoError(t, err)
	back := parse(t, "[i0]; i1 = call_assembler_i(ConstClass(f), i0); guard_not_forced() []; jump(i1)")
	back.Ops[0].Args[0].Name.Func = f
	back.Ops[1].Exit.Resume = &recorder.TraceCall{State: &machine.Snapshot{}}
	back.Ops[2].Descr = loop
	guard := s.t.Ops[4]
	bridge, err := x.Load(back, LoadOptions{From: &ExitOf{p, guard}})
	require.NoError(t, err)
	require.NoError(t, p.Attach(guard, &Switch{Bridge: bridge}))

	m := machine.New(s.heap, 100)
	allocations := testing.AllocsPerRun(3, func() {
		left, values, err := p.Run(m, s.inputs)
		if err != nil || left != s.t.Ops[2] || values[0] != 0 {
			panic("it should have counted down")
		}
	})
	require.Less(t, allocations, 5.0)
}
