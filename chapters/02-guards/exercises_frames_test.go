package guards_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracetest"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
	guardssolution "metatrace/solutions/02-guards"
)

type snapshot = func([]machine.Frame, []*ir.Op) (*machine.Snapshot, []*ir.Op)

func TestExercise2_3_TakeSnapshot(t *testing.T) {
	exercise.Run(t, ex("2.3"), guards.Yours.TakeSnapshot, guardssolution.TakeSnapshot, checkSnapshot,
		exercise.Wrong[snapshot]("hands-out-slots-itself", func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
			s, failargs := guardssolution.TakeSnapshot(frames, slots)
			return s, slots[:len(failargs)]
		}),
		exercise.Wrong[snapshot]("innermost-first", func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
			s := &machine.Snapshot{}
			var failargs []*ir.Op
			for i := len(frames) - 1; i >= 0; i-- {
				one, args := guardssolution.TakeSnapshot(frames[i:i+1], slots[frames[i].Base-frames[0].Base:])
				s.Frames, failargs = append(s.Frames, one.Frames...), append(failargs, args...)
			}
			return s, failargs
		}),
		exercise.Wrong[snapshot]("arguments-count-for-the-caller-too", func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
			s, failargs := guardssolution.TakeSnapshot(frames, slots)
			for i := range s.Frames[1:] {
				s.Frames[i].SP++
			}
			return s, failargs
		}),
		exercise.Wrong[snapshot]("only-the-running-frame", func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
			last := len(frames) - 1
			return guardssolution.TakeSnapshot(frames[last:], slots[frames[last].Base-frames[0].Base:])
		}),
		exercise.Wrong[snapshot]("all-slots-used-or-not", func(frames []machine.Frame, slots []*ir.Op) (*machine.Snapshot, []*ir.Op) {
			s, _ := guardssolution.TakeSnapshot(frames, slots)
			return s, append([]*ir.Op(nil), slots...)
		}),
	)
}

func checkSnapshot(t exercise.TB, f snapshot) {
	outer, inner := &machine.Code{Name: "outer"}, &machine.Code{Name: "inner"}
	var ops []*ir.Op
	for i := range 8 {
		ops = append(ops, &ir.Op{Code: ir.OpInput, Type: ir.Ref, ID: int32(i)})
	}
	for _, c := range []struct {
		rule     string
		frames   []machine.Frame
		want     []machine.FrameShape
		failargs []*ir.Op
	}{
		{"a frame gives one shape and the operations of its slots",
			[]machine.Frame{{Code: outer, PC: 5, Base: 0, SP: 3}}, []machine.FrameShape{{Code: outer, PC: 5, SP: 3}}, ops[:3]},
		{"slots above SP are not in use",
			[]machine.Frame{{Code: outer, PC: 5, Base: 0, SP: 1}}, []machine.FrameShape{{Code: outer, PC: 5, SP: 1}}, ops[:1]},
		{"Base counts from the bottom of the stack, slots begins with the first frame",
			[]machine.Frame{{Code: outer, PC: 9, Base: 100, SP: 2}, {Code: inner, PC: 1, Base: 102, SP: 1}},
			[]machine.FrameShape{{Code: outer, PC: 9, SP: 2}, {Code: inner, PC: 1, SP: 1}}, ops[:3]},
		{"the outermost frame comes first, in the shapes and in the failargs",
			[]machine.Frame{{Code: outer, PC: 3, Base: 4, SP: 1}, {Code: inner, PC: 7, Base: 5, SP: 4}, {Code: inner, PC: 2, Base: 9, SP: 2}},
			[]machine.FrameShape{{Code: outer, PC: 3, SP: 1}, {Code: inner, PC: 7, SP: 4}, {Code: inner, PC: 2, SP: 2}}, ops[:7]},
		{"a frame without slots is a frame as well",
			[]machine.Frame{{Code: outer, PC: 3, Base: 0, SP: 0}, {Code: inner, PC: 0, Base: 0, SP: 1}},
			[]machine.FrameShape{{Code: outer, PC: 3, SP: 0}, {Code: inner, PC: 0, SP: 1}}, ops[:1]},
	} {
		slots := append([]*ir.Op(nil), ops...)
		s, failargs := snapshotOrSay(t, f, c.rule, c.frames, slots)
		diff := tracetest.Diff(shapes(c.want), shapes(s.Frames))
		what := "the shapes"
		if diff == "" {
			diff, what = tracetest.Diff(opNames(c.failargs), opNames(failargs)), "the failargs"
		}
		if diff == "" {
			clear(slots)
			diff, what = tracetest.Diff(opNames(c.failargs), opNames(failargs)), "the failargs after slots has changed"
			c.rule = "the failargs are a list of their own: slots goes on changing"
		}
		if diff != "" {
			t.Errorf("rule: %s\nframes: %s\nslots:  %v\n%s (- wanted, + got):\n%s",
				c.rule, strings.Join(bases(c.frames), "; "), opNames(ops), what, tracetest.Indent(diff))
			return
		}
	}
	checkPrograms(t, with(func(k *guards.Kit) { k.TakeSnapshot = f }))
}

// snapshotOrSay calls f. If that panics, it says with which frames.
func snapshotOrSay(t exercise.TB, f snapshot, rule string, frames []machine.Frame, slots []*ir.Op) (s *machine.Snapshot, failargs []*ir.Op) {
	t.Helper()
	returned := false
	defer func() {
		if !returned {
			t.Errorf("rule: %s\nframes: %s\nslots:  %v\nTakeSnapshot panics",
				rule, strings.Join(bases(frames), "; "), opNames(slots))
		}
	}()
	s, failargs = f(frames, slots)
	returned = true
	return s, failargs
}

type rebuild = func(*machine.Machine, *machine.Snapshot, []uint64)

func TestExercise2_4_Rebuild(t *testing.T) {
	exercise.Run(t, ex("2.4"), guards.Yours.Rebuild, guardssolution.Rebuild, checkRebuild,
		exercise.Wrong[rebuild]("does-not-pop", func(m *machine.Machine, s *machine.Snapshot, values []uint64) {
			for _, f := range s.Frames {
				m.PushFrame(f.Code, f.PC, f.SP)
				for i := range f.SP {
					m.SetSlot(i, values[i])
				}
				values = values[f.SP:]
			}
		}),
		exercise.Wrong[rebuild]("the-same-values-for-all", func(m *machine.Machine, s *machine.Snapshot, values []uint64) {
			m.PopFrame()
			for _, f := range s.Frames {
				m.PushFrame(f.Code, f.PC, f.SP)
				for i := range f.SP {
					m.SetSlot(i, values[i])
				}
			}
		}),
		exercise.Wrong[rebuild]("pops-one-for-each-frame", func(m *machine.Machine, s *machine.Snapshot, values []uint64) {
			for range s.Frames[1:] {
				m.PopFrame()
			}
			guardssolution.Rebuild(m, s, values)
		}),
		exercise.Wrong[rebuild]("all-frames-first-then-the-slots", func(m *machine.Machine, s *machine.Snapshot, values []uint64) {
			m.PopFrame()
			for _, f := range s.Frames {
				m.PushFrame(f.Code, f.PC, f.SP)
			}
			for _, f := range s.Frames {
				for i, v := range values[:f.SP] {
					m.SetSlot(i, v)
				}
				values = values[f.SP:]
			}
		}),
		exercise.Wrong[rebuild]("keeps-the-old-position", func(m *machine.Machine, s *machine.Snapshot, values []uint64) {
			_, pc := m.Top()
			guardssolution.Rebuild(m, s, values)
			m.SetPC(pc)
		}),
	)
}

func checkRebuild(t exercise.TB, f rebuild) {
	outer, inner := &machine.Code{Name: "outer", Slots: 4}, &machine.Code{Name: "inner", Slots: 3}
	for _, c := range []struct {
		rule   string
		shapes []machine.FrameShape
		values []uint64
	}{
		{"the running frame gives way to the one of the snapshot",
			[]machine.FrameShape{{Code: outer, PC: 7, SP: 2}}, []uint64{11, 12}},
		{"each frame takes as many values as its SP says; the running frame is the last one",
			[]machine.FrameShape{{Code: outer, PC: 7, SP: 2}, {Code: inner, PC: 1, SP: 1}}, []uint64{11, 12, 13}},
		{"each frame takes as many values as its SP says; the running frame is the last one",
			[]machine.FrameShape{{Code: outer, PC: 7, SP: 0}, {Code: inner, PC: 1, SP: 3}, {Code: inner, PC: 2, SP: 2}}, []uint64{11, 12, 13, 14, 15}},
	} {
		h, err := heap.New(&heap.Classes{}, heap.Options{Limit: 1 << 20})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { h.Close() })
		m := machine.New(h, 10)
		m.PushFrame(&machine.Code{Name: "bottom", Slots: 2}, 3, 1)
		m.SetSlot(0, 99)
		m.PushFrame(outer, 5, 4) // this one entered the trace
		f(m, &machine.Snapshot{Frames: c.shapes}, c.values)

		want := append([]machine.FrameShape{{Code: &machine.Code{Name: "bottom"}, PC: 3, SP: 1}}, c.shapes...)
		var got []machine.FrameShape
		used := 0
		for _, f := range m.Frames() {
			got = append(got, machine.FrameShape{Code: f.Code, PC: f.PC, SP: f.SP})
			used = f.Base + f.SP
		}
		if diff := tracetest.Diff(shapes(want), shapes(got)); diff != "" {
			t.Errorf("rule: %s\nthe frames (- wanted, + got):\n%s", c.rule, tracetest.Indent(diff))
		} else if diff := cmp.Diff(append([]uint64{99}, c.values...), m.Slots()[:used]); diff != "" {
			t.Errorf("rule: %s\nthe frames, which are right: %s\ntheir slots, one behind the other (- wanted, + got):\n%s", c.rule, strings.Join(shapes(got), "; "), tracetest.Indent(diff))
		}
		if t.Failed() {
			return
		}
	}
	checkPrograms(t, with(func(k *guards.Kit) { k.Rebuild = f }))
}

type rearm = func(*machine.Counter, int, bool)

func TestExercise2_5_Rearm(t *testing.T) {
	exercise.Run(t, ex("2.5"), guards.Yours.Rearm, guardssolution.Rearm, checkRearm,
		exercise.Wrong[rearm]("does-not-double", func(c *machine.Counter, threshold int, closed bool) {
			guardssolution.Rearm(c, threshold, closed)
			if c.Left > 1 && c.Left != guards.Never {
				c.Left = threshold
			}
		}),
		exercise.Wrong[rearm]("counts-afterwards", func(c *machine.Counter, threshold int, closed bool) {
			if closed {
				c.Left = 1
				return
			}
			c.Left = threshold << c.Aborts
			if c.Aborts++; c.Aborts >= guards.MaxAborts {
				c.Left = guards.Never
			}
		}),
		exercise.Wrong[rearm]("never-gives-up", func(c *machine.Counter, threshold int, closed bool) {
			if c.Left = 1; !closed {
				c.Aborts++
				c.Left = threshold << c.Aborts
			}
		}),
		exercise.Wrong[rearm]("waits-for-the-trace-it-has", func(c *machine.Counter, threshold int, closed bool) {
			guardssolution.Rearm(c, threshold, closed)
			if closed {
				c.Left = threshold
			}
		}),
		exercise.Wrong[rearm]("adds-instead", func(c *machine.Counter, threshold int, closed bool) {
			guardssolution.Rearm(c, threshold, closed)
			if !closed && c.Left != guards.Never {
				c.Left = threshold * (c.Aborts + 1)
			}
		}),
	)
}

func checkRearm(t exercise.TB, f rearm) {
	for _, c := range []struct {
		rule        string
		aborts      int // before
		closed      bool
		left, after int
	}{
		{"the first abort doubles the wait", 0, false, 200, 1},
		{"each abort doubles it again", 1, false, 400, 2},
		{"each abort doubles it again", 2, false, 800, 3},
		{"after MaxAborts nobody tries again", 3, false, guards.Never, guards.MaxAborts},
		{"a trace is entered at every visit", 0, true, 1, 0},
		{"a trace is entered at every visit, whatever came before", 3, true, 1, 3},
	} {
		counter := machine.Counter{Aborts: c.aborts}
		f(&counter, 100, c.closed)
		if diff := cmp.Diff(machine.Counter{Left: c.left, Aborts: c.after}, counter); diff != "" {
			t.Errorf("rule: %s\nthreshold 100, %d aborts before, closed %t (- wanted, + got):\n%s", c.rule, c.aborts, c.closed, tracetest.Indent(diff))
		}
	}
	if t.Failed() {
		return
	}
	kit := with(func(k *guards.Kit) { k.Rearm = f })
	last := programs[len(programs)-1]
	_, stats := outcome(t, last.source, guards.Options{Kit: kit, Chain: chainFor(t, kit, "all"), JIT: true, Threshold: 2})
	if got := stats.Aborts[string(recorder.InnerLoop)]; got != guards.MaxAborts {
		t.Errorf("rule: a loop that can't be recorded is tried %d times in all\nthis program:%s\nwas tried %d times", guards.MaxAborts, last.source, got)
	}
	checkPrograms(t, kit)
}
