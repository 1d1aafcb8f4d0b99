package guards_test

import (
	"strings"
	"testing"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	irsolution "metatrace/solutions/01-ir"
	guardssolution "metatrace/solutions/02-guards"
)

// A recording is a recorder that stands at a loop header whose frame has three
// slots: a box of 7, the same box again, and a box of 8.
type recording struct {
	*recorder.Recorder
	value *heap.Field // of a box
}

func record(t exercise.TB, kit *guards.Kit) recording {
	t.Helper()
	classes := &heap.Classes{}
	box, err := classes.Struct("BOX", "box_vtable", nil, heap.Field{Name: "value", Kind: heap.KindInt})
	if err != nil {
		t.Fatal(err)
	}
	h, err := heap.New(classes, heap.Options{Limit: 1 << 20})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close() })
	m := machine.New(h, 10)
	m.PushFrame(&machine.Code{Name: "main", Locals: 3, Slots: 3}, 0, 3)
	seven, eight := m.New(box), m.New(box)
	m.SetInt(seven, box.Fields[0], 7)
	m.SetInt(eight, box.Fields[0], 8)
	for i, r := range []heap.Ref{seven, seven, eight} {
		m.SetSlot(i, r)
	}
	return recording{recorder.Start(m, kit.Recorder(), classes), box.Fields[0]}
}

// requireTrace compares what was recorded, an operation a line.
func (r recording) requireTrace(t exercise.TB, rule, want string) {
	t.Helper()
	got := tracetest.Lines(r.Trace())
	if diff := tracetest.Diff(strings.Split(strings.TrimSpace("[p0, p1, p2]\n"+want), "\n"), got); diff != "" {
		t.Errorf("rule: %s\nwhat was recorded (- wanted, + got):\n%s", rule, tracetest.Indent(diff))
	}
}

type decide = func(*recorder.Recorder, recorder.Bool) bool

func TestExercise2_1_Decide(t *testing.T) {
	exercise.Run(t, ex("2.1"), guards.Yours.Decide, guardssolution.Decide, checkDecide,
		exercise.Wrong[decide]("wrong-polarity", func(r *recorder.Recorder, c recorder.Bool) bool {
			guardssolution.Decide(r, recorder.Bool{V: !c.V, Op: c.Op})
			return c.V
		}),
		exercise.Wrong[decide]("guards-constants", func(r *recorder.Recorder, c recorder.Bool) bool {
			code := ir.GuardFalse
			if c.V {
				code = ir.GuardTrue
			}
			r.Guard(code, c.Op)
			return c.V
		}),
		exercise.Wrong[decide]("always-guard_true", func(r *recorder.Recorder, c recorder.Bool) bool {
			if !c.Op.IsConst() {
				r.Guard(ir.GuardTrue, c.Op)
			}
			return c.V
		}),
		exercise.Wrong[decide]("no-guard", func(_ *recorder.Recorder, c recorder.Bool) bool { return c.V }),
		exercise.Wrong[decide]("goes-the-other-way", func(r *recorder.Recorder, c recorder.Bool) bool {
			return !guardssolution.Decide(r, c)
		}),
	)
}

func checkDecide(t exercise.TB, f decide) {
	kit := with(func(k *guards.Kit) { k.Decide = f })
	for _, c := range []struct {
		rule string
		cond func(r recording) recorder.Bool
		want bool
		text string
	}{
		{"a condition that is true now is guarded by guard_true",
			func(r recording) recorder.Bool { return r.PtrEq(r.Local(0), r.Local(1)) }, true,
			"i3 = ptr_eq(p0, p1)\nguard_true(i3) [p0, p1, p2]"},
		{"a condition that is false now is guarded by guard_false",
			func(r recording) recorder.Bool { return r.PtrEq(r.Local(0), r.Local(2)) }, false,
			"i3 = ptr_eq(p0, p2)\nguard_false(i3) [p0, p1, p2]"},
		{"a constant needs no guard: it is what it is in every run",
			func(r recording) recorder.Bool { return r.IntEq(r.IntConst(3), r.IntConst(3)) }, true, ""},
		{"a constant needs no guard: it is what it is in every run",
			func(r recording) recorder.Bool { return r.IntEq(r.IntConst(3), r.IntConst(4)) }, false, ""},
	} {
		r := record(t, kit)
		if got := f(r.Recorder, c.cond(r)); got != c.want {
			t.Errorf("rule: Decide returns the way that the program goes now\nwanted %t, got %t", c.want, got)
		}
		r.requireTrace(t, c.rule, c.text)
	}
	if !t.Failed() {
		checkPrograms(t, kit)
	}
}

type promote = func(*recorder.Recorder, recorder.Int) int64

func TestExercise2_2_Promote(t *testing.T) {
	exercise.Run(t, ex("2.2"), guards.Yours.Promote, guardssolution.Promote, checkPromote,
		exercise.Wrong[promote]("no-guard", func(_ *recorder.Recorder, a recorder.Int) int64 { return a.V }),
		exercise.Wrong[promote]("guards-constants", func(r *recorder.Recorder, a recorder.Int) int64 {
			r.Guard(ir.GuardValue, a.Op, ir.ConstInt(a.V))
			return a.V
		}),
		exercise.Wrong[promote]("arguments-swapped", func(r *recorder.Recorder, a recorder.Int) int64 {
			if !a.Op.IsConst() {
				r.Guard(ir.GuardValue, ir.ConstInt(a.V), a.Op)
			}
			return a.V
		}),
		exercise.Wrong[promote]("takes-the-bits-of-the-operation", func(r *recorder.Recorder, a recorder.Int) int64 {
			if !a.Op.IsConst() {
				r.Guard(ir.GuardValue, a.Op, ir.ConstInt(int64(a.Op.Bits)))
			}
			return a.V
		}),
	)
}

func checkPromote(t exercise.TB, f promote) {
	kit := with(func(k *guards.Kit) { k.Promote = f })
	for _, c := range []struct {
		rule string
		of   func(r recording) recorder.Int
		want int64
		text string
	}{
		{"a promoted value is guarded by guard_value(the operation, what it is now)",
			func(r recording) recorder.Int { return r.GetInt(r.Local(0), r.value) }, 7,
			"i3 = getfield_gc_i(p0, descr=BOX.value)\nguard_value(i3, 7) [p0, p1, p2]"},
		{"a promoted value is guarded by guard_value(the operation, what it is now)",
			func(r recording) recorder.Int { return r.GetInt(r.Local(2), r.value) }, 8,
			"i3 = getfield_gc_i(p2, descr=BOX.value)\nguard_value(i3, 8) [p0, p1, p2]"},
		{"what is constant is green already",
			func(r recording) recorder.Int { return r.IntAdd(r.IntConst(3), r.IntConst(4)) }, 7, ""},
	} {
		r := record(t, kit)
		if got := f(r.Recorder, c.of(r)); got != c.want {
			t.Errorf("rule: Promote returns the value that the program has now\nwanted %d, got %d", c.want, got)
		}
		r.requireTrace(t, c.rule, c.text)
	}
	if t.Failed() {
		return
	}
	// In a run where the value is another one, the trace must be left.
	r := record(t, kit)
	f(r.Recorder, r.GetInt(r.Local(0), r.value))
	e := &ir.Evaluator{Kit: &irsolution.Kit, Heap: r.Heap}
	slots := r.Slots()
	for _, input := range []uint64{slots[0], slots[2]} {
		out, err := e.Run(r.Trace(), []uint64{input, input, input})
		if left := out.Op != nil; err != nil || left != (input == slots[2]) {
			t.Errorf("rule: the trace is good for one value only\n%swas recorded with 7, and run with %d: left by the guard: %t, error: %v",
				tracetest.Indent(r.Trace().Body()), r.Heap.Word(input, 0), left, err)
		}
	}
}
