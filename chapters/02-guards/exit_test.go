package guards

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

const twoNodes = "[i0]; guard_always_fails() [v1:NODE{value=i0, next=NODE{value=25, next=v1}}, i0]"

func TestPlanOfAnExit(t *testing.T) {
	s := newStage(t, twoNodes, []uint64{7}, heap.Options{})
	p, err := decode(s.t, nil)
	require.NoError(t, err)
	e := p.code[0].exit
	node := s.t.Decls.Classes.Named("NODE")
	constant := Source(s.t.NumIDs()) // the first register behind those of the trace
	require.Equal(t, []Blueprint{{node, []Source{0, ^1}}, {node, []Source{constant, ^0}}}, e.objects)
	require.Equal(t, []Source{^0, 0}, e.values)
}

// TestExitsTagWords looks at objects of an immediate class: no Materializer hears
// of them.
func TestExitsTagWords(t *testing.T) {
	s := newStage(t, "[i0]; guard_always_fails() [v1:W_Int{value=i0}, v1, W_Int{value=i0}, W_Int{value=-1}, W_Int{value=-1}]", []uint64{7}, heap.Options{})
	opt := options(nil)
	opt.Materialize = nil
	x := newPortable(s.heap, opt)
	p, err := x.load(s.t, LoadOptions{})
	require.NoError(t, err)
	require.Empty(t, p.code[0].exit.objects)
	_, values, err := p.Run(machine.New(s.heap, 10), s.inputs)
	require.NoError(t, err)
	require.Equal(t, []uint64{15, 15, 15, 1<<64 - 1, 1<<64 - 1}, values)
}

// TestExecutorRefusesImmediateObjects wants to be told, and not to read memory.
func TestExecutorRefusesImmediateObjects(t *testing.T) {
	for text, want := range map[string]string{
		"[p0]; i1 = getfield_gc_i(p0, descr=W_Int.value); jump(p0)": "the executor has no getfield_gc_i of the immediate class W_Int",
		"[]; p0 = new_with_vtable(descr=W_Int); jump()":             "the executor has no new_with_vtable of the immediate class W_Int",
	} {
		_, err := decode(newStage(t, text, []uint64{15}, heap.Options{}).t, nil)
		require.EqualError(t, err, want)
	}
}

func TestExitAfterExit(t *testing.T) {
	s := newStage(t, twoNodes, []uint64{7}, heap.Options{Stress: true})
	x := newPortable(s.heap, options(nil))
	p, err := x.load(s.t, LoadOptions{})
	require.NoError(t, err)
	for i := range 3 {
		s.inputs[0] = uint64(i)
		guard, values, err := p.Run(machine.New(s.heap, 10), s.inputs)
		require.NoError(t, err)
		first := fmt.Sprintf("operation 1: #0:NODE{ %d #1:NODE{ 25 #0 } } %d %d", i, i, i)
		require.Contains(t, s.show(guard, values), first)
	}
	require.EqualValues(t, 6, x.Counts().Objects)
}

func TestExitWithoutMemory(t *testing.T) {
	s := newStage(t, "[]; guard_always_fails() [NODE{value=1, next=NULL}]", nil, heap.Options{Limit: 1})
	x := newPortable(s.heap, options(nil))
	p, err := x.load(s.t, LoadOptions{})
	require.NoError(t, err)
	node, list := s.t.Decls.Classes.Named("NODE"), heap.Ref(0)
	s.heap.AddRoots(func(v *heap.Visitor) { v.Ref(list) })
	for r := s.heap.New(node); r != 0; r = s.heap.New(node) {
		s.heap.SetWord(r, 1, list)
		list = r
	}
	_, _, err = p.Run(machine.New(s.heap, 10), s.inputs)
	require.Equal(t, machine.ErrOutOfMemory, err)
}

func TestVirtualObjectsNeedAMaterializer(t *testing.T) {
	opt := options(nil)
	opt.Materialize = nil
	for text, wrong := range map[string]bool{
		twoNodes: true,
		"[p0]; guard_always_fails() [] {setfield_gc(p0, NODE{value=1, next=NULL}, descr=NODE.next)}": true,
		"[p0]; guard_always_fails() [] {setfield_gc(p0, p0, descr=NODE.next)}":                       false,
	} {
		s := newStage(t, text, []uint64{object}, heap.Options{})
		_, err := newPortable(s.heap, opt).load(s.t, LoadOptions{})
		if wrong {
			require.EqualError(t, err, "the executor can't allocate virtual objects yet", text)
		} else {
			require.NoError(t, err, text)
		}
	}
}

type (
	allocFunc = func(c *heap.Class, words int) heap.Ref
	setFunc   = func(r heap.Ref, word int, v uint64)
)

// TestWrongMaterializer wants a message where a reader's function goes wrong in
// a way that would hurt other objects.
func TestWrongMaterializer(t *testing.T) {
	run := func(f Materializer) error {
		s := newStage(t, twoNodes, []uint64{7}, heap.Options{})
		opt := options(nil)
		opt.Materialize = f
		x := newPortable(s.heap, opt)
		p, err := x.load(s.t, LoadOptions{})
		require.NoError(t, err)
		_, _, err = p.Run(machine.New(s.heap, 10), s.inputs)
		return err
	}
	returning := func(list func(a, b heap.Ref) []heap.Ref) Materializer {
		return func(alloc allocFunc, _ setFunc, plan []Blueprint, _ []uint64) []heap.Ref {
			return list(alloc(plan[0].Class, 2), alloc(plan[1].Class, 2))
		}
	}
	for message, list := range map[string]func(a, b heap.Ref) []heap.Ref{
		"Materialize returned 1 objects, expected 2":                            func(a, b heap.Ref) []heap.Ref { return []heap.Ref{a} },
		"Materialize returned as object 1 an address that alloc did not return": func(a, b heap.Ref) []heap.Ref { return []heap.Ref{a, 0} },
		"Materialize returned one address twice, the second time as object 1":   func(a, b heap.Ref) []heap.Ref { return []heap.Ref{a, a} },
	} {
		assert.PanicsWithValue(t, message, func() { run(returning(list)) })
	}
	assert.PanicsWithValue(t, "Materialize sets a word of an address that alloc did not return", func() {
		run(func(_ allocFunc, set setFunc, _ []Blueprint, _ []uint64) []heap.Ref { set(4096, 0, 1); return nil })
	})
	assert.PanicsWithValue(t, "Materialize sets a word of null", func() {
		run(func(_ allocFunc, set setFunc, _ []Blueprint, _ []uint64) []heap.Ref { set(0, 0, 1); return nil })
	})
	assert.PanicsWithValue(t, "Materialize sets word 2 of a NODE, which has 2", func() {
		run(func(alloc allocFunc, set setFunc, plan []Blueprint, _ []uint64) []heap.Ref {
			set(alloc(plan[0].Class, 2), 2, 1)
			return nil
		})
	})
}

// TestExitsDoNotAllocate holds exits without virtual objects to what they cost:
// programs take them millions of times.
func TestExitsDoNotAllocate(t *testing.T) {
	s := newStage(t, "[i0]; i1 = int_add(i0, 1); label(i1); i2 = int_lt(i1, 9); guard_true(i2) [i0, i1]; i3 = int_add(i1, 1); jump(i3)",
		[]uint64{7}, heap.Options{})
	x := newPortable(s.heap, options(nil))
	p, err := x.load(s.t, LoadOptions{})
	require.NoError(t, err)
	m := machine.New(s.heap, 10)
	require.Zero(t, testing.AllocsPerRun(100, func() { p.Run(m, s.inputs) }))
	require.EqualValues(t, 101*2, x.steps, "the preamble is an iteration")
}
