package bridges_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	bridgessolution "metatrace/solutions/06-bridges"
)

type (
	chooseFunc = func(cases []bridges.Case) *guards.Switch
	attachFunc = func(x *bridges.Exit, bridge bridges.Case, choose chooseFunc) error
)

// A stand is a Program that only notes what is attached to it.
type stand struct {
	guards.Program
	name   string
	refuse error
	guard  *ir.Op
	to     *guards.Switch
	calls  int
}

func (s *stand) Attach(guard *ir.Op, to *guards.Switch) error {
	s.guard, s.to = guard, to
	s.calls++
	return s.refuse
}

func caseText(c bridges.Case) string {
	name := "no bridge"
	if s, ok := c.Bridge.(*stand); ok {
		name = s.name
	}
	if c.Any {
		return "any → " + name
	}
	return fmt.Sprintf("%d → %s", c.Value, name)
}

func casesText(cases []bridges.Case) []string {
	list := []string{}
	for _, c := range cases {
		list = append(list, caseText(c))
	}
	return list
}

func TestExercise6_4_Attach(t *testing.T) {
	t.Parallel()
	solution := bridgessolution.Attach
	same := func(a, b bridges.Case) bool { return a.Any == b.Any && (a.Any || a.Value == b.Value) }
	attach := func(x *bridges.Exit, cases []bridges.Case, choose chooseFunc) error {
		if err := x.Fragment.Program.Attach(x.Guard, choose(cases)); err != nil {
			return err
		}
		x.Cases = cases
		return nil
	}
	exercise.Run(t, ex("6.4"), bridges.Yours.Attach, solution, checkAttach,
		exercise.Wrong[attachFunc]("keeps-both", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			return attach(x, append(slices.Clone(x.Cases), b), choose)
		}),
		exercise.Wrong[attachFunc]("writes-to-the-old-list", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			cases := slices.DeleteFunc(x.Cases, func(c bridges.Case) bool { return same(c, b) })
			return attach(x, append(cases, b), choose)
		}),
		exercise.Wrong[attachFunc]("appends-to-the-old-list", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			if i := slices.IndexFunc(x.Cases, func(c bridges.Case) bool { return same(c, b) }); i < 0 {
				return attach(x, append(x.Cases, b), choose)
			}
			return solution(x, b, choose)
		}),
		exercise.Wrong[attachFunc]("keeps-what-was-refused", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			joined := &bridges.Exit{Fragment: &bridges.Fragment{Program: &stand{}}, Cases: x.Cases}
			_ = solution(joined, b, func([]bridges.Case) *guards.Switch { return nil })
			x.Cases = joined.Cases
			return x.Fragment.Program.Attach(x.Guard, choose(x.Cases))
		}),
		exercise.Wrong[attachFunc]("hides-the-error", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			_ = solution(x, b, choose)
			return nil
		}),
		exercise.Wrong[attachFunc]("attaches-the-new-one-only", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			return solution(x, b, func([]bridges.Case) *guards.Switch { return choose([]bridges.Case{b}) })
		}),
		exercise.Wrong[attachFunc]("takes-any-for-a-value", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			cases := slices.Clone(x.Cases)
			if i := slices.IndexFunc(cases, func(c bridges.Case) bool { return c.Value == b.Value }); i >= 0 {
				cases[i] = b
				return attach(x, cases, choose)
			}
			return attach(x, append(cases, b), choose)
		}),
		exercise.Wrong[attachFunc]("any-replaces-all", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			if b.Any {
				return attach(x, []bridges.Case{b}, choose)
			}
			return solution(x, b, choose)
		}),
		exercise.Wrong[attachFunc]("tells-nobody", func(x *bridges.Exit, b bridges.Case, choose chooseFunc) error {
			program := x.Fragment
			x.Fragment = &bridges.Fragment{Program: &stand{}}
			err := solution(x, b, choose)
			x.Fragment = program
			return err
		}),
	)
}

func checkAttach(t exercise.TB, f attachFunc) {
	n := 0
	made := func(any bool, value uint64) bridges.Case {
		n++
		return bridges.Case{Any: any, Value: value, Bridge: &stand{name: fmt.Sprintf("bridge%d", n)}}
	}
	a, b, any := made(false, 1), made(false, 2), made(true, 0)
	type list = []bridges.Case
	for _, c := range []struct {
		before list
		bridge bridges.Case
		at     int // where it stands in the end
	}{
		{nil, made(true, 0), 0}, {nil, made(false, 7), 0}, {list{a, b}, made(false, 7), 2}, {list{a, b}, made(false, 2), 1},
		{list{a, b}, made(false, 1), 0}, {list{a, b}, made(true, 2), 2}, {list{any}, made(false, 0), 1},
		{list{any}, made(true, 5), 0}, {list{a, any, b}, made(true, 0), 1}, {list{a, any, b}, made(false, 0), 3},
		{list{any, made(false, math.MaxUint64)}, made(false, math.MaxUint64), 1},
	} {
		want := slices.Clone(c.before)
		if c.at == len(want) {
			want = append(want, bridges.Case{})
		}
		want[c.at] = c.bridge
		for _, refuse := range []error{nil, errors.New("code memory is full")} {
			checkAttached(t, f, c.before, c.bridge, want, refuse)
		}
	}
	checkEngine(t, with(func(k *bridges.Kit) { k.Attach = f }))
}

// checkAttached attaches bridge to an exit with the cases before.
func checkAttached(t exercise.TB, f attachFunc, before []bridges.Case, bridge bridges.Case, want []bridges.Case, refuse error) {
	t.Helper()
	program, guard := &stand{refuse: refuse}, &ir.Op{Code: ir.GuardValue}
	room := append(slices.Clone(before), bridges.Case{}, bridges.Case{}) // a list may have room behind it
	x := &bridges.Exit{Fragment: &bridges.Fragment{Program: program}, Guard: guard, Cases: room[:len(before)]}
	given := fmt.Sprintf("Attach of %s to an exit with the cases [%s]", caseText(bridge), strings.Join(casesText(before), ", "))
	if refuse != nil {
		given += " (which the executor refuses)"
	}
	tree := &guards.Switch{Value: 1}
	var asked []bridges.Case
	choices := 0
	var err error
	during(t, "the new list is made, the executor is told, the list is kept", given, func() {
		err = f(x, bridge, func(cases []bridges.Case) *guards.Switch {
			asked = slices.Clone(cases)
			choices++
			return tree
		})
	})
	say := func(rule, format string, args ...any) {
		t.Helper()
		t.Fatalf("rule: %s\n%s: %s", rule, given, fmt.Sprintf(format, args...))
	}
	if !errors.Is(err, refuse) || err != nil && refuse == nil {
		say("the error is the executor's", "the error is %v, want %v", err, refuse)
	}
	if program.calls != 1 || program.guard != guard || program.to != tree || choices != 1 {
		say("the executor is told once, of x.Guard, what choose makes of the cases",
			"choose was called %d times, and the executor was told %d times, of the guard %v", choices, program.calls, program.guard)
	}
	if diff := cmp.Diff(casesText(want), casesText(asked)); diff != "" {
		say("choose gets all the bridges, where of two for the same only the new one is left", "what choose got (- want, + got):\n%s", diff)
	}
	kept, rule := want, "the new list is kept if the executor takes it"
	if refuse != nil {
		kept, rule = before, "x.Cases stays if the executor refuses"
	}
	if diff := cmp.Diff(casesText(kept), casesText(x.Cases)); diff != "" {
		say(rule, "x.Cases (- want, + got):\n%s", diff)
	}
	if diff := cmp.Diff(append(casesText(before), "any → x", "any → x")[:len(before)], casesText(room[:len(before)])); diff != "" {
		say("nobody writes to the old list", "it has become (- want, + got):\n%s", diff)
	}
	if room[len(before)] != (bridges.Case{}) {
		say("nobody writes to the old list", "the new case was written behind it, into memory that others may use: append to a clone")
	}
}
