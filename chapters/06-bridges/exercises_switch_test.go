package bridges_test

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/exercise"
	bridgessolution "metatrace/solutions/06-bridges"
)

type switchFunc = func(cases []bridges.Case) *guards.Switch

func TestExercise6_7_Switch(t *testing.T) {
	t.Parallel()
	solution := bridgessolution.Switch
	type list = []bridges.Case
	only := func(cases list, any bool) list {
		return slices.DeleteFunc(slices.Clone(cases), func(c bridges.Case) bool { return c.Any != any })
	}
	exercise.Run(t, ex("6.7"), bridges.Yours.Switch, solution, checkSwitch,
		exercise.Wrong[switchFunc]("forgets-any", func(cases list) *guards.Switch { return solution(only(cases, false)) }),
		exercise.Wrong[switchFunc]("any-takes-all", func(cases list) *guards.Switch {
			if any := only(cases, true); len(any) > 0 {
				return solution(any)
			}
			return solution(cases)
		}),
		exercise.Wrong[switchFunc]("one-after-the-other", func(cases list) *guards.Switch {
			rest := solution(only(cases, true))
			for _, c := range only(cases, false) {
				rest = &guards.Switch{Value: c.Value, Equal: c.Bridge, Below: rest, Above: rest}
			}
			return rest
		}),
		exercise.Wrong[switchFunc]("with-a-sign", signedSwitch),
		exercise.Wrong[switchFunc]("changes-its-argument", func(cases list) *guards.Switch {
			slices.SortFunc(cases, func(a, b bridges.Case) int { return bits.Len64(a.Value) - bits.Len64(b.Value) })
			return solution(cases)
		}),
		exercise.Wrong[switchFunc]("not-sorted", func(cases list) *guards.Switch { return halves(cases, only(cases, true)) }),
		exercise.Wrong[switchFunc]("any-above-only", func(cases list) *guards.Switch {
			rest := solution(only(cases, true))
			s := solution(cases)
			for at := s; at != nil && rest != nil && at.Bridge == nil; at = at.Below {
				if at.Below != nil && at.Below.Bridge != nil {
					at.Below = nil
				}
			}
			return s
		}),
		exercise.Wrong[switchFunc]("loses-the-smallest", func(cases list) *guards.Switch {
			s := solution(cases)
			for at := s; at != nil; at = at.Below {
				if at.Below != nil && at.Below.Below == nil {
					at.Below = nil
				}
			}
			return s
		}),
	)
}

// signedSwitch sorts with a sign.
func signedSwitch(cases []bridges.Case) *guards.Switch {
	flipped := slices.Clone(cases)
	for i := range flipped {
		flipped[i].Value ^= 1 << 63
	}
	s := bridgessolution.Switch(flipped)
	var back func(s *guards.Switch)
	back = func(s *guards.Switch) {
		if s == nil || s.Bridge != nil {
			return
		}
		s.Value ^= 1 << 63
		back(s.Below)
		back(s.Above)
	}
	back(s)
	return s
}

// halves makes a tree of cases as they lie.
func halves(cases, rest []bridges.Case) *guards.Switch {
	cases = slices.DeleteFunc(slices.Clone(cases), func(c bridges.Case) bool { return c.Any })
	if len(cases) == 0 {
		return bridgessolution.Switch(rest)
	}
	m := len(cases) / 2
	return &guards.Switch{Value: cases[m].Value, Equal: cases[m].Bridge, Below: halves(cases[:m], rest), Above: halves(cases[m+1:], rest)}
}

func checkSwitch(t exercise.TB, f switchFunc) {
	bridge := func(name string) guards.Program { return &stand{name: name} }
	of := func(any bool, values ...uint64) (cases []bridges.Case) {
		for _, v := range values {
			cases = append(cases, bridges.Case{Value: v, Bridge: bridge(fmt.Sprintf("bridge%d", v))})
		}
		if any {
			cases = slices.Insert(cases, len(cases)/2, bridges.Case{Any: true, Bridge: bridge("rest")})
		}
		return cases
	}
	for _, any := range []bool{false, true} {
		for _, values := range [][]uint64{
			{5}, {10, 20, 30}, {30, 10, 20}, {1, 2}, {2, 1}, {0}, {0, math.MaxUint64}, {1, 1 << 63, math.MaxUint64, 2},
			{1 << 63, 5, math.MaxUint64 - 6}, {9, 8, 7, 6, 5, 4, 3, 2, 1},
		} {
			checkDispatch(t, f, of(any, values...))
		}
	}
	checkDispatch(t, f, of(true))
	r := rand.New(rand.NewPCG(6, 7))
	for n := range 200 {
		values := map[uint64]bool{}
		for range 1 + r.IntN(20) {
			values[r.Uint64()>>r.IntN(64)] = true
		}
		var list []uint64
		for v := range values {
			list = append(list, v)
		}
		slices.Sort(list)
		r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		checkDispatch(t, f, of(n%2 == 0, list...))
	}
	checkEngine(t, with(func(k *bridges.Kit) { k.Switch = f }))
}

// checkDispatch goes through the Switch for cases with each of their values, and with
// their neighbours.
func checkDispatch(t exercise.TB, f switchFunc, cases []bridges.Case) {
	t.Helper()
	given := fmt.Sprintf("Switch([%s])", strings.Join(casesText(cases), ", "))
	before := slices.Clone(cases)
	var got *guards.Switch
	exercise.ComesBack(t, func() string { return given }, func() { got = f(cases) })
	if !slices.Equal(before, cases) {
		t.Fatalf("rule: the list that is given belongs to somebody else\n%s has changed it to [%s]", given, strings.Join(casesText(cases), ", "))
	}
	wanted := map[uint64]string{}
	rest, n := "the interpreter", 0
	for _, c := range cases {
		if c.Any {
			rest = c.Bridge.(*stand).name
			continue
		}
		n++
		wanted[c.Value] = c.Bridge.(*stand).name
	}
	most := bits.Len(uint(n))
	for _, c := range cases {
		for _, v := range []uint64{c.Value, c.Value - 1, c.Value + 1, ^c.Value, 0} {
			want, ok := wanted[v]
			if !ok {
				want = rest
			}
			switch name, compared := dispatch(got, v, 2*len(cases)+2); {
			case compared > most:
				t.Fatalf("rule: each comparison halves what is left: of %d values, nobody compares more than %d times\n"+
					"%s compares %d times or more to find out about %d:\n%s", n, most, given, compared, v, switchText(got, "  ", most+2))
			case name != want:
				t.Fatalf("rule: a value goes to its own bridge; others to that for Any, or else to the interpreter; the comparisons have no sign\n"+
					"%s sends %d to %s, want %s:\n%s", given, v, name, want, switchText(got, "  ", most+2))
			}
		}
	}
	if diff := cmp.Diff(switchText(bridgessolution.Switch(cases), "", 99), switchText(got, "", most+2)); diff != "" {
		t.Fatalf("rule: in the middle stands the upper of two values, and what is smaller is Below\n%s (- want, + got):\n%s", given, diff)
	}
}

// dispatch returns where s sends v, and how often it compared for that, at most limit.
func dispatch(s *guards.Switch, v uint64, limit int) (to string, compared int) {
	for ; s != nil && s.Bridge == nil && compared < limit; compared++ {
		switch {
		case v == s.Value:
			return programName(s.Equal), compared + 1
		case v < s.Value:
			s = s.Below
		default:
			s = s.Above
		}
	}
	if s == nil {
		return "the interpreter", compared
	}
	return programName(s.Bridge), compared
}

func programName(p guards.Program) string {
	if s, ok := p.(*stand); ok {
		return s.name
	}
	return "no bridge"
}

// switchText shows a Switch, a line for each part, down to a depth.
func switchText(s *guards.Switch, indent string, depth int) string {
	switch {
	case s == nil:
		return indent + "the interpreter\n"
	case depth == 0:
		return indent + "…\n"
	case s.Bridge != nil:
		return indent + "all → " + programName(s.Bridge) + "\n"
	}
	text := fmt.Sprintf("%s%d → %s\n", indent, s.Value, programName(s.Equal))
	if s.Below == nil && s.Above == nil {
		return text
	}
	return text + indent + "below:\n" + switchText(s.Below, indent+"  ", depth-1) + indent + "above:\n" + switchText(s.Above, indent+"  ", depth-1)
}
