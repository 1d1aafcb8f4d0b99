package exectest

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
)

// changes are cases in which something changes between runs, or while one goes on.
var changes = map[string]func(t *testing.T, c *Comparison){
	"calls end where they are too deep": checkDepth,
	"a function gets a trace later":     checkLink,
	"what is attached can be detached":  checkDetach,
	"guards fail in a bridge's favour":  checkForced,
	"a trace is invalid from now on":    checkInvalidate,
	"a bridge comes while a run waits":  checkAttachInside,
	"a run comes back to freed traces":  checkFree,
	"a run inside a run":                checkNested,
	"every way round can be stopped":    checkStopped,
	"memory ends while frames are made": checkMemory,
	"iterations are counted":            checkIterations,
}

func checkDepth(t *testing.T, c *Comparison) {
	for _, frames := range []int{1, 3} {
		s := newScene(t, c, 60)
		s.frames = frames
		s.load(factorial)
		n, parts := (s.m.DepthLeft()-(recorder.MaxInline+2))/frames, []string(nil)
		for try := 0; try < patient && len(parts) != n+1; try++ {
			got, err := s.run("main", 1000)
			require.NoError(t, err)
			parts = strings.Split(got, "; ")
		}
		require.Len(t, parts, n+1)
		require.Regexp(t, `^main 4: 1000 NODE\{999 `, parts[0])
		require.Regexp(t, fmt.Sprintf(`^main 3: %d NODE\{%d .* %d$`, 1000-n, 999-n, 999-n), parts[n])
	}
}

func checkLink(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.load("\n== main\n[i0]\ni1 = call_assembler_i(ConstClass(later), i0)\nguard_not_forced() [i0]\nfinish(i1)")
	s.check("main 0: 4 4", "main", 4)
	s.load("\n== later\n[i0]\ni1 = int_add(i0, 5)\nfinish(i1)")
	s.check("main 2: 9", "main", 4)
	f := s.functions["later"]
	first := s.pieces["later"]
	s.load("\n== later\n[i0]\ni1 = int_add(i0, 6)\nfinish(i1)")
	first.Free()
	s.check("main 2: 10", "main", 4)
	f.Target = nil
	s.exec.Link(f)
	s.check("main 0: 4 4", "main", 4)
}

func checkDetach(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.load("\n== main\n[i0]\nguard_value(i0, 3) [i0]\nfinish()\n== first of main 0\n[i0]\nfinish(i0, 1)")
	s.check("first 0: 4 1", "main", 4)
	s.load("\n== second of main 0\n[i0]\nfinish(i0, 2)")
	s.check("second 0: 4 2", "main", 4)
	main := s.pieces["main"]
	require.NoError(t, main.Attach(main.Ops[0], nil))
	s.check("main 0: 4", "main", 4)
	s.attach(s.pieces["first"], s.from("main", "0"), "")
	s.check("first 0: 4 1", "main", 4)
}

func checkForced(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.load(`
== main
[i0]
i1 = int_add_ovf(i0, 1)
guard_no_overflow() [i1]
guard_value(i0, 5) [i0]
finish(i0)
== first of main 1
[i0]
i1 = int_is_true(i0)
guard_true(i1) [i0]
finish(i0)
== five of main 2 for 5
[i0]
finish(i0)`)
	s.check("main 3: 5", "main", 5)
	for n, want := range map[int]string{1: "first 2: 6", 2: "five 0: 5"} {
		s.force = func(guard *ir.Op) bool { return guard == s.pieces["main"].Ops[n] }
		s.check(want, "main", 5)
	}
	s.force = func(guard *ir.Op) bool { return guard.Code != ir.GuardValue }
	s.check("first 1: 6", "main", 5)
}

func checkInvalidate(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	invalid := 10
	s.calls["note"] = func(args []uint64) (uint64, error) {
		if int(args[0]) == invalid {
			return args[0], s.pieces["main"].Invalidate()
		}
		return args[0], nil
	}
	s.load(`
== main
[i0]
label(i0)
i1 = call_i(ConstClass(note), i0, descr=note)
guard_not_invalidated() [i0]
i2 = int_add(i1, 1)
guard_not_invalidated() [i0, i2]
guard_value(i2, 500) [i2]
finish()
== again of main 5
[i0]
jump(i0, descr=main)`)
	s.check("main 2: 10", "main", 0)
	s.check("main 2: 3", "main", 3)
	s.load("\n== other of main 2\n[i0]\ni1 = int_add(i0, 100)\nfinish(i1)")
	s.check("other 1: 103", "main", 3)
}

func checkAttachInside(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.calls["note"] = func(args []uint64) (uint64, error) {
		if args[0] == 3 {
			s.load("\n== bridge of main 4\n[i0]\ni1 = int_neg(i0)\nfinish(i1)")
		}
		return args[0], nil
	}
	s.load(`
== main
[i0]
label(i0)
i1 = call_i(ConstClass(note), i0, descr=note)
i2 = int_add(i1, 1)
i3 = int_lt(i2, 4)
guard_true(i3) [i2]
jump(i2)`)
	s.check("bridge 1: -4", "main", 0)
}

func checkFree(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	const text = `
== inner
[i0]
i1 = call_i(ConstClass(note), i0, descr=note)
guard_value(i1, 1) [i1, i0]
i2 = int_add(i1, i0)
finish(i2)
== main
[i0, p1]
i2 = call_assembler_i(ConstClass(inner), i0)
guard_not_forced() [p1]
finish(i2, p1)`
	s.calls["note"] = func(args []uint64) (uint64, error) {
		freed := s.pieces
		s.pieces = map[string]*piece{}
		for _, p := range freed {
			p.Free()
		}
		for range 5 {
			s.load(text) // where the others were, if their memory is gone
		}
		for name, p := range freed {
			for i, op := range p.Ops {
				s.names[op] = fmt.Sprintf("freed %s %d", name, i)
			}
		}
		return args[0], nil
	}
	s.load(text)
	s.check("freed main 2: 2 NODE{5 NULL}", "main", 1, 5)
	s.check("freed main 1: NODE{5 NULL}; freed inner 1: 2 2", "main", 2, 5)
}

func checkNested(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.calls["note"] = func(args []uint64) (uint64, error) {
		if args[0] == 0 {
			return 1, nil
		}
		told, m := s.told, s.m
		s.m = machine.New(s.heap, 100)
		text, err := s.run("main", float64(args[0]-1))
		for s.refused() {
			text, err = s.run("main", float64(args[0]-1))
		}
		s.told, s.m = told, m
		return uint64(len(text)), err
	}
	s.load(`
== inner
[i0]
i1 = call_i(ConstClass(note), i0, descr=note)
guard_value(i0, 0) [i1, i0]
finish(i1)
== main
[i0]
p1 = call_r(ConstClass(make), i0, descr=make)
i2 = call_assembler_i(ConstClass(inner), i0)
guard_not_forced() [p1, i0]
finish(i2, p1)`)
	s.check("main 3: 1 NODE{0 NULL}", "main", 0)
	s.check("main 2: NODE{1 NULL} 1; inner 1: 22 1", "main", 1)
	s.check("main 2: NODE{2 NULL} 2; inner 1: 37 2", "main", 2)
}

func checkStopped(t *testing.T, c *Comparison) {
	stop := errors.New("that is enough")
	for _, text := range []string{
		"\n== main\n[i0]\nlabel(i0)\njump(i0)",
		"\n== main\n[i0]\njump(i0, descr=main)",
		"\n== other\n[i0]\nguard_value(i0, 1) [i0]\nfinish()\n== main\n[i0]\njump(i0, descr=other)\n== back of other 0\n[i0]\njump(i0, descr=main)",
		"\n== main\n[i0]\nlabel(i0)\nguard_value(i0, 1) [i0]\njump(i0)\n== back of main 1\n[i0]\njump(i0, descr=main)",
		// It calls no deeper than 20, and never ends.
		`
== main
[i0]
i1 = int_lt(i0, 20)
guard_true(i1) []
i2 = int_add(i0, 1)
i3 = call_assembler_i(ConstClass(main), i2)
guard_not_forced() []
i4 = call_assembler_i(ConstClass(main), i2)
guard_not_forced() []
jump(i0, descr=main)
== end of main 1
[]
finish(0)`,
	} {
		s := newScene(t, c, 100)
		s.load(text)
		timer := time.AfterFunc(20*time.Millisecond, func() { s.m.Stop(stop) })
		_, err := s.run("main", 0)
		for s.refused() {
			_, err = s.run("main", 0)
		}
		timer.Stop()
		require.Equal(t, stop, err, text)
		s.m = machine.New(s.heap, 10)
		s.load("\n== fine\n[i0]\nfinish(i0)")
		s.check("fine 0: 5", "fine", 5)
	}
}

func checkMemory(t *testing.T, c *Comparison) {
	s := newScene(t, c, 600)
	list := "INTS{" + strings.TrimSuffix(strings.Repeat("i0, ", 300), ", ") + "}"
	s.load(strings.Replace(factorial, "v1:NODE{value=i2, next=v1}", list, 1))
	s.keepAll = true
	_, err := s.run("main", 580)
	for s.refused() {
		s.keep = nil
		_, err = s.run("main", 580)
	}
	require.Equal(t, machine.ErrOutOfMemory, err)
	s.keepAll, s.keep = false, nil
	_, err = s.run("main", 3)
	require.NoError(t, err)
}

// checkIterations counts jumps back, in the loop and from its bridges.
func checkIterations(t *testing.T, c *Comparison) {
	s := newScene(t, c, 100)
	s.load(jumpCases[2].traces)
	for _, tt := range []struct {
		input float64
		want  string
		n     int64
	}{{0, "main 2: 0 0", 0}, {1, "main 2: 0 0", 1}, {10, "main 2: 2030 20", 10}} {
		before := s.exec.Counts().Iterations
		s.check(tt.want, "main", tt.input, 0, 0)
		if c.Count || c.Executor == nil {
			require.Equal(t, tt.n, s.exec.Counts().Iterations-before, "main(%g)", tt.input)
		}
	}
}
