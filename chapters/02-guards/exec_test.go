package guards

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
)

// This file runs traces on the executor and on the evaluator, which have to
// leave them through the same guard, with the same values, and with equal
// objects on the heap.

// makeObjects is a Materializer.
func makeObjects(alloc func(c *heap.Class, words int) heap.Ref, set func(r heap.Ref, word int, v uint64),
	plan []Blueprint, regs []uint64) []heap.Ref {
	made := make([]heap.Ref, len(plan))
	for i, b := range plan {
		if made[i] = alloc(b.Class, len(b.Words)); made[i] == 0 {
			return nil
		}
	}
	for i, b := range plan {
		for word, s := range b.Words {
			if s < 0 {
				set(made[i], word, made[^s])
			} else {
				set(made[i], word, regs[s])
			}
		}
	}
	return made
}

// loopDeclarations stand before every case.
const loopDeclarations = `
struct NODE vtable=node_vtable value:i next:r
struct POINT vtable=point_vtable x:f y:f
struct W_Int vtable=W_Int_vtable immediate=1:1 value:i[-4611686018427387904,4611686018427387903]!
array INTS i
array REFS r
object first NODE value=1 next=NULL
object items REFS NULL first
`

var loopCases = []struct {
	rule   string
	trace  string
	inputs []uint64
}{
	{"a jump without a label sets the inputs", `
[i0, i1]
i2 = int_lt(i1, 5)
guard_true(i2) [i0, i1]
i3 = int_add(i0, i1)
i4 = int_add(i1, 1)
jump(i3, i4)`, []uint64{0, 0}},
	{"inputs and operations may be a label's arguments", `
[i0, i1]
i2 = int_add(i0, 10)
label(i2, i1)
i3 = int_lt(i1, 5)
guard_true(i3) [i0, i1, i2]
i4 = int_add(i1, 1)
i5 = int_add(i2, i1)
guard_true(i3) [i0, i1, i2, i4, i5]
jump(i5, i4)`, []uint64{3, 0}},
	{"all arguments are read before one is set", `
[i0, i1, i2]
label(i0, i1, i2)
i3 = int_lt(i2, 5)
guard_true(i3) [i0, i1, i2]
i4 = int_add(i2, 1)
jump(i1, i0, i4)`, []uint64{7, 8, 0}},
	{"an argument may jump to itself and to another, and a constant to any", `
[i0, i1, i2]
i3 = int_add(i0, 1)
label(i3, i0, i1, i2)
i4 = int_lt(i2, 4)
guard_true(i4) [i0, i1, i2, i3]
i5 = int_add(i2, 1)
jump(i3, i3, 42, i5)`, []uint64{7, 8, 0}},
	{"what was computed before the label is still there behind it", `
[i0]
i1 = int_mul(i0, i0)
guard_true(1) [i1]
label(i0)
i2 = int_lt(i0, i1)
guard_true(i2) [i0, i1]
i3 = int_add(i0, 1)
jump(i3)`, []uint64{3}},
	{"a label without arguments", `
[p0]
i1 = getfield_gc_i(p0, descr=NODE.value)
label()
i2 = getfield_gc_i(p0, descr=NODE.value)
i3 = int_lt(i2, 5)
guard_true(i3) [i1, i2, p0]
i4 = int_add(i2, 1)
setfield_gc(p0, i4, descr=NODE.value)
jump()`, []uint64{object}},
	{"objects are loop variables", `
[p0]
p1 = new_with_vtable(descr=NODE)
setfield_gc(p1, p0, descr=NODE.next)
label(p1, p0)
i2 = getfield_gc_i(p1, descr=NODE.value)
i3 = int_lt(i2, 5)
guard_true(i3) [p0, p1]
i4 = int_add(i2, 1)
p5 = new_with_vtable(descr=NODE)
setfield_gc(p5, i4, descr=NODE.value)
setfield_gc(p5, p1, descr=NODE.next)
jump(p5, p1)`, []uint64{object}},
	{"a virtual object is made where the trace is left", `
[i0]
label(i0)
i1 = int_lt(i0, 5)
guard_true(i1) [i0, NODE{value=i0, next=NULL}]
i2 = int_add(i0, 1)
guard_true(i1) [NODE{value=i2, next=ConstPtr(first)}, i2]
jump(i2)`, []uint64{0}},
	{"inside each other, and one of them twice", `
[i0, p1]
label(i0)
i2 = int_lt(i0, 3)
guard_true(i2) [NODE{value=i0, next=v1:NODE{value=i2, next=p1}}, v1, NODE{value=7, next=v1}]
i3 = int_add(i0, 1)
jump(i3)`, []uint64{0, object}},
	{"cycles", `
[i0, f1]
label(i0)
i2 = int_lt(i0, 3)
guard_true(i2) [v1:NODE{value=i0, next=v1}, v2:NODE{value=1, next=v3:NODE{value=2, next=v2}}, v3, v1]
i3 = int_add(i0, 1)
guard_true(i2) [POINT{x=f1, y=0.5}, f1]
jump(i3)`, []uint64{0, math.Float64bits(2.5)}},
	{"arrays", `
[i0, p1]
label(i0)
i2 = int_lt(i0, 3)
guard_true(i2) [INTS{i0, 7, i0}, v1:REFS{p1, v1, NODE{value=i0, next=v1}, NULL}, INTS{}, p1]
i3 = int_add(i0, 1)
jump(i3)`, []uint64{0, object}},
	{"pending stores are done, in order", `
[i0, p1]
label(i0)
i2 = int_lt(i0, 3)
i3 = int_and(i0, 1)
guard_true(i2) [i0, p1] {setfield_gc(p1, i0, descr=NODE.value), setfield_gc(p1, v1:NODE{value=5, next=p1}, descr=NODE.next), setarrayitem_gc(ConstPtr(items), i3, v1, descr=REFS), setfield_gc(p1, 9, descr=NODE.value)}
i4 = int_add(i0, 1)
guard_true(i2) [] {setfield_gc(ConstPtr(first), i4, descr=NODE.value)}
jump(i4)`, []uint64{0, object}},
	{"pending stores share objects with the failargs, and may be stores into them", `
[i0, p1]
label(i0)
i2 = int_lt(i0, 3)
guard_true(i2) [v1:NODE{value=i0, next=NULL}] {setfield_gc(v1, v2:NODE{value=2, next=v1}, descr=NODE.next), setfield_gc(p1, v2, descr=NODE.next)}
i4 = int_add(i0, 1)
jump(i4)`, []uint64{0, object}},
	{"objects of an immediate class are words", `
[p0, p1]
guard_nonnull_class(p0, ConstClass(W_Int_vtable)) [p0]
guard_class(p1, ConstClass(node_vtable)) [p1]
i2 = cast_ptr_to_int(p0)
i3 = int_rshift(i2, 1)
label(i3)
i4 = int_lt(i3, 40)
guard_true(i4) [p0, v1:W_Int{value=i3}, NODE{value=i3, next=v1}, v1, W_Int{value=-8}] {setfield_gc(p1, v1, descr=NODE.next)}
i5 = int_add(i3, 1)
i6 = int_lshift(i5, 1)
i7 = int_or(i6, 1)
p8 = cast_int_to_ptr(i7)
setfield_gc(p1, p8, descr=NODE.next)
guard_class(p8, ConstClass(node_vtable)) [p1, p8, W_Int{value=i5}]
jump(i5)`, []uint64{37<<1 | 1, object}},
	{"finish leaves with its arguments", `
[i0, p1]
i2 = int_add(i0, 1)
guard_no_exception() [i0]
p3 = new_with_vtable(descr=NODE)
setfield_gc(p3, i2, descr=NODE.value)
guard_not_invalidated() [i2]
finish(p3, i2, 7, 0.5, p1, NULL, ConstPtr(first), p3)`, []uint64{7, object}},
	{"finish without arguments", `
[i0]
finish()`, []uint64{7}},
}

// object stands for a NODE among the inputs of a case.
const object = math.MaxUint64

// stage is a heap with a trace on it.
type stage struct {
	t      *ir.Trace
	heap   *heap.Heap
	inputs []uint64
}

// newStage reads a trace, whose lines may be separated by ; too, and makes its
// objects.
func newStage(t *testing.T, text string, inputs []uint64, opt heap.Options) *stage {
	t.Helper()
	text = strings.ReplaceAll(strings.TrimPrefix(text, "\n"), "; ", "\n")
	trace, err := ir.Parse("test", loopDeclarations+text)
	require.NoError(t, err)
	h, err := heap.New(trace.Decls.Classes, opt)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, h.Close()) })
	s := &stage{trace, h, nil}
	h.AddRoots(func(v *heap.Visitor) {
		for _, o := range trace.Decls.Objects {
			v.Ref(o.Addr)
		}
		for i, in := range s.inputs {
			if trace.Inputs[i].Type == ir.Ref {
				v.Ref(in)
			}
		}
	})
	for _, o := range trace.Decls.Objects {
		o.Addr = h.Make(o.Class, int64(len(o.Values)))
		for i, v := range o.Values {
			w := v.Bits
			if v.Code == ir.OpConstPtr && v.Name != nil {
				w = v.Name.Addr
			}
			h.SetWord(o.Addr, i, w)
		}
	}
	for _, in := range inputs {
		if in == object {
			in = h.New(trace.Decls.Classes.Named("NODE"))
		}
		s.inputs = append(s.inputs, in)
	}
	return s
}

// failAt makes the guard that is executed as number n fail, counted from 0.
func failAt(n int) func(*ir.Op) bool {
	return func(*ir.Op) bool { n--; return n == -1 }
}

// evaluate runs the trace on the evaluator until it is left through a guard.
func (s *stage) evaluate(t *testing.T, force func(*ir.Op) bool) string {
	e := ir.Evaluator{Kit: &irsolution.Kit, Heap: s.heap, ForceFail: force}
	inputs := s.inputs
	for {
		o, err := e.Run(s.t, inputs)
		require.NoError(t, err)
		if inputs = o.Values; o.Op.Code != ir.Jump {
			return s.show(o.Op, o.Values)
		}
	}
}

// options are those of an executor with the objects of this file.
func options(force func(*ir.Op) bool) Options {
	return Options{Chain: ir.Chain{Kit: &irsolution.Kit}, Materialize: makeObjects, ForceFail: force}
}

// execute runs the trace on the executor.
func (s *stage) execute(t *testing.T, force func(*ir.Op) bool) string {
	x := newPortable(s.heap, options(force))
	p, err := x.load(s.t, LoadOptions{})
	require.NoError(t, err)
	left, values, err := p.Run(machine.New(s.heap, 10), s.inputs)
	require.NoError(t, err)
	require.Empty(t, x.runs)
	return s.show(left, values)
}

// show describes how the trace was left, and all objects that can be reached.
func (s *stage) show(left *ir.Op, values []uint64) string {
	p := printer{heap: s.heap, number: map[heap.Ref]int{}}
	fmt.Fprintf(&p.text, "operation %d:", left.ID)
	of := left.Args
	if left.Exit != nil {
		of = left.Exit.Failargs
	}
	for i, v := range values {
		p.word(of[i].Type, v)
	}
	for i, in := range s.inputs {
		p.word(s.t.Inputs[i].Type, in)
	}
	for _, o := range s.t.Decls.Objects {
		p.word(ir.Ref, o.Addr)
	}
	return p.text.String()
}

// printer prints objects; each once, later its number.
type printer struct {
	heap   *heap.Heap
	number map[heap.Ref]int
	text   strings.Builder
}

func (p *printer) word(typ ir.Type, v uint64) {
	if typ != ir.Ref || v == 0 {
		fmt.Fprintf(&p.text, " %d", int64(v))
		return
	}
	if n, ok := p.number[v]; ok {
		fmt.Fprintf(&p.text, " #%d", n)
		return
	}
	p.number[v] = len(p.number)
	c := p.heap.Class(v)
	fmt.Fprintf(&p.text, " #%d:%s{", p.number[v], c)
	for i, f := range c.Fields {
		p.word(f.Kind, p.heap.Load(v, i))
	}
	if c.IsArray() {
		for i := range int(p.heap.Len(v)) {
			p.word(c.Item.Kind, p.heap.Word(v, i))
		}
	}
	p.text.WriteString(" }")
}

func TestExecutorAgreesWithTheEvaluator(t *testing.T) {
	t.Parallel()
	for _, c := range loopCases {
		t.Run(strings.ReplaceAll(c.rule, " ", "_"), func(t *testing.T) {
			for _, mem := range []heap.Options{{}, {Stress: true}} {
				for n := range 12 {
					want := newStage(t, c.trace, c.inputs, mem).evaluate(t, failAt(n))
					got := newStage(t, c.trace, c.inputs, mem).execute(t, failAt(n))
					require.Equal(t, want, got, "%s: guard %d forced\n%s", c.rule, n, c.trace)
				}
			}
		})
	}
}
