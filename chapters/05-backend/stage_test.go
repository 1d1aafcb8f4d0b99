package backend_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	backend "metatrace/chapters/05-backend"
	"metatrace/internal/heap"
	virtualssolution "metatrace/solutions/03-virtuals"
	backendsolution "metatrace/solutions/05-backend"
)

// A stage has traces that call each other, in one executor.
type stage struct {
	t         testing.TB
	heap      *heap.Heap
	exec      guards.Executor
	machine   *machine.Machine
	classes   *heap.Classes
	functions map[string]*recorder.Function
	suspended []string              // the callers that were given up
	look      func(values []uint64) // if not nil, is shown their values
}

// callsDecls stand before the traces of a stage.
const callsDecls = `
struct P x:i y:r
`

// callExecutors has both kinds.
var callExecutors = map[string]func(h *heap.Heap, opt guards.Options) (guards.Executor, error){
	"native":   backendsolution.Kit.Native(1 << 20),
	"portable": guards.NewPortable,
}

// eachExecutor runs a test of traces that call each other.
func eachExecutor(t *testing.T, opt heap.Options, test func(t *testing.T, s *stage)) {
	for name, make := range callExecutors {
		t.Run(name, func(t *testing.T) {
			if err := backend.Available(); err != nil && name == "native" {
				t.Skip(err)
			}
			test(t, newStage(t, opt, make))
		})
	}
}

// newStage returns a stage without traces.
func newStage(t testing.TB, opt heap.Options, exec func(h *heap.Heap, opt guards.Options) (guards.Executor, error)) *stage {
	trace, err := ir.Parse("", callsDecls+"[]\nfinish()")
	require.NoError(t, err)
	s := &stage{t: t, classes: trace.Decls.Classes, functions: map[string]*recorder.Function{}}
	s.heap, err = heap.New(s.classes, opt)
	require.NoError(t, err)
	s.machine = machine.New(s.heap, 1000)
	s.exec, err = exec(s.heap, guards.Options{
		Materialize: virtualssolution.Kit.Materialize,
		Suspended:   s.suspend,
	})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.exec.Close())
		require.NoError(t, s.heap.Close())
	})
	return s
}

// suspend is Options.Suspended.
func (s *stage) suspend(m *machine.Machine, guard *ir.Op, values []uint64) error {
	s.suspended = append(s.suspended, fmt.Sprint(values))
	if s.look != nil {
		s.look(values)
	}
	return nil
}

func floatBits(f float64) uint64 { return math.Float64bits(f) }

// function returns the function of a name.
func (s *stage) function(name string) *recorder.Function {
	if s.functions[name] == nil {
		s.functions[name] = &recorder.Function{Name: name}
	}
	return s.functions[name]
}

// parse reads a trace, whose calls wait with frames frames.
func (s *stage) parse(name, text string, frames int) *ir.Trace {
	s.t.Helper()
	trace, err := ir.Parse(name, callsDecls+text)
	require.NoError(s.t, err)
	for _, op := range trace.Ops {
		if op.Code.IsTraceCall() {
			op.Args[0].Name.Func = s.function(op.Args[0].Name.Name)
		}
		if op.Code == ir.GuardNotForced {
			op.Exit.Resume = &recorder.TraceCall{State: &machine.Snapshot{Frames: make([]machine.FrameShape, frames)}}
		}
		if c, ok := op.Descr.(*heap.Class); ok {
			op.Descr = s.classes.Named(c.Name)
		}
		if f, ok := op.Descr.(*heap.Field); ok {
			op.Descr = s.classes.Named(f.Owner.Name).Field(f.Name)
		}
		if op.Exit != nil {
			for _, a := range op.Exit.Failargs {
				s.rebind(a)
			}
		}
	}
	return trace
}

// rebind makes a virtual object one of the classes of the stage.
func (s *stage) rebind(a *ir.Op) {
	if a.Code == ir.OpVirtual {
		a.Descr = s.classes.Named(a.Descr.(*heap.Class).Name)
		for _, w := range a.Args {
			s.rebind(w)
		}
	}
}

// load loads the trace of the function name, and links it.
func (s *stage) load(name, text string, frames int) guards.Program {
	s.t.Helper()
	target := &ir.Target{Name: name}
	p, err := s.exec.Load(s.parse(name, text, frames), guards.LoadOptions{Target: target, Returns: true})
	require.NoError(s.t, err)
	f := s.function(name)
	f.Target = target
	s.exec.Link(f)
	return p
}

// expect runs a program, and says how it has to be left.
func (s *stage) expect(want string, p guards.Program, inputs ...uint64) {
	s.t.Helper()
	left, values := s.run(p, inputs...)
	assert.Equal(s.t, want, strings.Join(append(s.suspended, fmt.Sprint(left.Code, " ", values)), " "))
}

// run runs a program.
func (s *stage) run(p guards.Program, inputs ...uint64) (left *ir.Op, values []uint64) {
	s.t.Helper()
	s.suspended = nil
	left, values, err := p.Run(s.machine, inputs)
	require.NoError(s.t, err)
	return left, values
}

// loadFib loads fib, with a bridge for small numbers.
func (s *stage) loadFib() guards.Program {
	trace, target := s.parse("fib", fibText, 1), &ir.Target{Name: "fib"}
	p, err := s.exec.Load(trace, guards.LoadOptions{Target: target, Returns: true})
	require.NoError(s.t, err)
	guard := trace.Ops[1]
	bridge, err := s.exec.Load(s.parse("base", "[i0]\nfinish(i0)", 1),
		guards.LoadOptions{From: &guards.ExitOf{Program: p, Guard: guard}, Returns: true})
	require.NoError(s.t, err)
	require.NoError(s.t, p.Attach(guard, &guards.Switch{Bridge: bridge}))
	s.function("fib").Target = target
	s.exec.Link(s.function("fib"))
	return p
}
