package exectest

import (
	"cmp"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/heap"
)

// A scene is an executor with traces that are connected. They are texts, each behind a
// header:
//
//	== loop                     a trace; jump(..., descr=loop) goes to its start
//	== odd of loop 3            the bridge that starts at operation 3 of loop
//	== ten of loop 3 for 10     the same for one value
//
// call_assembler_i(ConstClass(loop), ...) calls a trace.
type scene struct {
	*testing.T
	heap      *heap.Heap
	exec      guards.Executor
	m         *machine.Machine
	decls     *ir.Decls
	pieces    map[string]*piece
	functions map[string]*recorder.Function
	calls     map[string]func(args []uint64) (uint64, error)
	force     func(guard *ir.Op) bool
	names     map[*ir.Op]string
	left      *ir.Op     // by which the last run was left
	told      []string   // the suspended callers that it gave up
	keep      []heap.Ref // roots
	keepAll   bool       // what suspended callers have, too
	frames    int        // of each of them
}

// piece is a loaded trace.
type piece struct {
	*ir.Trace
	guards.Program
	cases map[*ir.Op]*guards.Switch // attached to it
}

// sceneDecls stand before every trace of a scene.
const sceneDecls = `
struct NODE vtable=node_vtable value:i next:r
struct POINT vtable=point_vtable x:f y:f
array INTS i
call note args=i result=i effect=any
call depth args= result=i effect=any
call make args=i result=r effect=any
`

// newScene returns a scene without traces.
func newScene(t *testing.T, c *Comparison, maxDepth int) *scene {
	s := &scene{T: t, pieces: map[string]*piece{}, functions: map[string]*recorder.Function{}, names: map[*ir.Op]string{}, frames: 1}
	first, err := ir.Parse("declarations", sceneDecls+"[]\nfinish()")
	require.NoError(t, err)
	s.decls = first.Decls
	s.heap, err = heap.New(s.decls.Classes, heap.Options{Limit: 1 << 20, Stress: c.Stress})
	require.NoError(t, err)
	s.heap.AddRoots(func(v *heap.Visitor) {
		for _, r := range s.keep {
			v.Ref(r)
		}
	})
	opt := guards.Options{Chain: ir.Chain{Kit: c.Kit}, Materialize: c.Materialize, Count: c.Count, Suspended: s.suspended}
	opt.ForceFail = func(guard *ir.Op) bool { return s.force != nil && s.force(guard) }
	s.exec, err = c.executor()(s.heap, opt)
	require.NoError(t, err)
	s.m = machine.New(s.heap, maxDepth)
	s.calls = map[string]func(args []uint64) (uint64, error){
		"note": func(args []uint64) (uint64, error) { s.heap.Collect(); return args[0] + 1, nil },
		"depth": func(args []uint64) (uint64, error) {
			return uint64(s.m.Inlined), nil
		},
		"make": func(args []uint64) (uint64, error) { return s.node(args[0]), nil },
	}
	patience := cmp.Or(c.Patience, defaultPatience)
	timer := time.AfterFunc(patience, func() { s.m.Stop(guards.Timeout(patience)) })
	t.Cleanup(func() {
		timer.Stop()
		for _, p := range s.pieces {
			p.Free()
		}
		require.NoError(t, s.exec.Close())
		s.heap.Close()
	})
	return s
}

// suspended is Options.Suspended.
func (s *scene) suspended(m *machine.Machine, guard *ir.Op, values []uint64) error {
	require.Equal(s, s.m, m)
	s.told = append(s.told, s.text(guard, values))
	for i, a := range guard.Exit.Failargs {
		if s.keepAll && a.Type == ir.Ref {
			s.keep = append(s.keep, values[i])
		}
	}
	s.heap.Collect()
	return nil
}

// node makes an object.
func (s *scene) node(value uint64) heap.Ref {
	r := s.heap.New(s.decls.Classes.Named("NODE"))
	s.heap.SetWord(r, 0, value)
	return r
}

// text describes how a trace was left.
func (s *scene) text(op *ir.Op, values []uint64) string {
	of := op.Args
	if op.Exit != nil {
		of = op.Exit.Failargs
	}
	if op.Code.IsTraceCall() {
		of = append(append([]*ir.Op(nil), s.behind(op).Exit.Failargs...), op.Args[1:]...)
	}
	require.Len(s, values, len(of), s.names[op])
	text := s.names[op] + ":"
	for i, a := range of {
		text += " " + s.word(a.Type, values[i], 0)
	}
	return text
}

// behind returns the guard_not_forced of a call.
func (s *scene) behind(call *ir.Op) *ir.Op {
	for _, p := range s.pieces {
		for i, op := range p.Ops {
			if op == call {
				return p.Ops[i+1]
			}
		}
	}
	return nil
}

func (s *scene) word(t ir.Type, w uint64, level int) string {
	switch {
	case t == ir.Float:
		return strconv.FormatFloat(ir.ConstBits(ir.Float, w).Float(), 'g', -1, 64)
	case t != ir.Ref:
		return strconv.FormatInt(int64(w), 10)
	case w == 0:
		return "NULL"
	case level > 3:
		return "..."
	}
	class := s.heap.Class(w)
	var list []string
	for i := range s.heap.Words(w) {
		kind := ir.Ref
		switch class.Slot(i).Kind {
		case heap.KindInt:
			kind = ir.Int
		case heap.KindFloat:
			kind = ir.Float
		}
		list = append(list, s.word(kind, s.heap.Word(w, i), level+1))
	}
	return class.Name + "{" + strings.Join(list, " ") + "}"
}

var (
	headerLine  = regexp.MustCompile(`^(\w+)(?: of (\w+) (\d+)(?: for (-?\d+))?)?$`)
	targetDescr = regexp.MustCompile(`(?:, )?descr=(\w+)\)$`)
)

// load loads all traces of text, and attaches the bridges.
func (s *scene) load(text string) {
	for _, part := range strings.Split(text, "\n== ")[1:] {
		header, body, _ := strings.Cut(part, "\n")
		h := headerLine.FindStringSubmatch(header)
		require.NotNil(s, h, header)
		s.loadOne(h[1], strings.TrimSpace(body), s.from(h[2], h[3]))
		if h[2] != "" {
			s.attach(s.pieces[h[1]], s.from(h[2], h[3]), h[4])
		}
	}
}

// from returns an exit.
func (s *scene) from(name, number string) *guards.ExitOf {
	if name == "" {
		return nil
	}
	n, err := strconv.Atoi(number)
	require.NoError(s, err)
	return &guards.ExitOf{Program: s.pieces[name].Program, Guard: s.pieces[name].Ops[n]}
}

// attach attaches a bridge: to all values, or to one of them, above or below those
// that have come before.
func (s *scene) attach(bridge *piece, from *guards.ExitOf, value string) {
	owner := s.owner(from.Guard)
	if value == "" {
		owner.cases[from.Guard] = &guards.Switch{Bridge: bridge.Program}
	} else {
		n, err := strconv.ParseInt(value, 10, 64)
		require.NoError(s, err)
		root := owner.cases[from.Guard]
		at := &root
		for *at != nil {
			if uint64(n) < (*at).Value {
				at = &(*at).Below
			} else {
				at = &(*at).Above
			}
		}
		*at = &guards.Switch{Value: uint64(n), Equal: bridge.Program}
		owner.cases[from.Guard] = root
	}
	require.NoError(s, owner.Attach(from.Guard, owner.cases[from.Guard]))
}

func (s *scene) owner(op *ir.Op) *piece {
	name, _, _ := strings.Cut(s.names[op], " ")
	return s.pieces[name]
}

// loadOne loads a trace.
func (s *scene) loadOne(name, text string, from *guards.ExitOf) {
	out := ""
	if m := targetDescr.FindStringSubmatch(text); m != nil && strings.Contains(text[strings.LastIndex(text, "\n")+1:], "jump(") {
		text, out = strings.TrimSuffix(text, m[0])+")", m[1]
	}
	t, err := ir.Parse(name, sceneDecls+text)
	require.NoError(s, err, name)
	adopt(t, s.decls)
	for i, op := range t.Ops {
		s.names[op] = fmt.Sprintf("%s %d", name, i)
		switch {
		case op.Code.IsCall():
			do := s.calls[op.Args[0].Name.Name]
			callee := residual(op.Args[0].Name.Name, func(args []uint64) (uint64, error) { return do(args) })
			callee.Name.Func.(*recorder.Residual).Depth = 1
			op.Args[0] = callee
		case op.Code.IsTraceCall():
			name := op.Args[0].Name.Name
			op.Args[0] = ir.ConstClass(&ir.Symbol{Name: name, Func: s.function(name)})
		case op.Code == ir.GuardNotForced:
			op.Exit.Resume = &recorder.TraceCall{State: &machine.Snapshot{Frames: make([]machine.FrameShape, s.frames)}}
		}
	}
	f := s.function(name)
	opt := guards.LoadOptions{From: from, Returns: true}
	if from == nil {
		f.Target = &ir.Target{Name: name}
		for _, in := range t.Inputs {
			f.Target.Inputs = append(f.Target.Inputs, in.Type)
		}
		opt.Target = f.Target
	}
	if out != "" {
		t.Ops[len(t.Ops)-1].Descr = s.function(out).Target
	}
	require.NoError(s, ir.Verify(t), name)
	p, err := s.exec.Load(t, opt)
	require.NoError(s, err, name)
	s.pieces[name] = &piece{t, p, map[*ir.Op]*guards.Switch{}}
	s.exec.Link(f)
}

func (s *scene) function(name string) *recorder.Function {
	if s.functions[name] == nil {
		s.functions[name] = &recorder.Function{Name: name}
	}
	return s.functions[name]
}

// run runs a trace on inputs: a reference is NULL for 0, else a new NODE with that
// value. It returns how it was left, behind the callers that were given up.
func (s *scene) run(name string, inputs ...float64) (string, error) {
	p := s.pieces[name]
	require.Len(s, inputs, len(p.Inputs), name)
	words := make([]uint64, len(inputs))
	for i, in := range p.Inputs {
		switch in.Type {
		case ir.Int:
			words[i] = uint64(int64(inputs[i]))
		case ir.Float:
			words[i] = ir.ConstFloat(inputs[i]).Bits
		case ir.Ref:
			if inputs[i] != 0 {
				words[i] = s.node(uint64(int64(inputs[i])))
				s.keep = append(s.keep, words[i])
			}
		}
	}
	s.told = nil
	left, values, err := p.Run(s.m, words)
	if s.left = left; err != nil {
		return "", err
	}
	return strings.Join(append(s.told, s.text(left, values)), "; "), nil
}

// refused reports whether the last run was left by a call. That may be since somebody
// wanted the processor: the next time it goes through.
func (s *scene) refused() bool { return s.left != nil && s.left.Code.IsTraceCall() }

// patient is how many runs may be left by a call that should be done.
const patient = 20

// check wants that a run is left as want says.
func (s *scene) check(want, name string, inputs ...float64) {
	s.Helper()
	got, err := s.run(name, inputs...)
	for n := 0; n < patient && got != want && s.refused(); n++ {
		got, err = s.run(name, inputs...)
	}
	require.NoError(s, err)
	require.Equal(s, want, got)
}

// adopt makes t a trace with the declarations of d, which has the same ones.
func adopt(t *ir.Trace, d *ir.Decls) {
	seen := map[*ir.Op]bool{}
	var visit func(list []*ir.Op)
	visit = func(list []*ir.Op) {
		for _, op := range list {
			if seen[op] {
				continue
			}
			seen[op] = true
			switch descr := op.Descr.(type) {
			case *heap.Field:
				op.Descr = d.Classes.Named(descr.Owner.Name).Fields[descr.Index]
			case *heap.Class:
				op.Descr = d.Classes.Named(descr.Name)
			}
			if op.Code == ir.OpConstClass && op.Name.Class != nil {
				op.Name.Class = d.Classes.Named(op.Name.Class.Name)
			}
			visit(op.Args)
			if op.Exit != nil {
				visit(op.Exit.Failargs)
				visit(op.Exit.Pending)
			}
		}
	}
	visit(t.Ops)
	t.Decls = d
}
