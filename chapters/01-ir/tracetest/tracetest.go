// Package tracetest checks optimizers by cases that are small texts: a trace as
// it goes in, a trace as it shall come out. It says what is wrong so that it can
// be read at a glance. The tests of all chapters use it.
package tracetest

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
)

// A Case is a trace before and after. An operation a line; where lines are
// short, "; " separates them too. The inputs stand first.
type Case struct {
	Rule   string // in one sentence, what is tested
	Before string
	After  string // "impossible"; or "same": as before
}

// A Suite is what the cases of a chapter have in common.
type Suite struct {
	Declarations string   // they stand before every case
	Short        []string // pairs: a short form in the texts, and what it stands for
	Kit          *ir.Kit  // solved; it evaluates generated traces
	// Agree returns how a case behaves differently once it is optimized, or nil.
	Agree func(before, after *ir.Trace) error
	Kind  *Kind // of the traces; nil: Straight
}

func (s *Suite) kind() *Kind {
	if s.Kind == nil {
		return &Straight
	}
	return s.Kind
}

// Read returns the trace that a text of a case stands for.
func (s *Suite) Read(t exercise.TB, text string) *ir.Trace {
	t.Helper()
	text = strings.NewReplacer(append([]string{"; ", "\n"}, s.Short...)...).Replace(text)
	trace, err := ir.Parse("case", s.Declarations+text)
	if err != nil {
		t.Fatalf("the test case can't be read: %v\n%s", err, text)
	}
	return trace
}

// Check optimizes each case and compares texts and behaviour. It gives up after
// some failures: the first ones tell most.
func (s *Suite) Check(t exercise.TB, chain ir.Chain, cases ...Case) {
	t.Helper()
	failed := map[string]bool{} // by rule: one case of each is enough
	for _, c := range cases {
		if failed[c.Rule] {
			continue
		}
		if !s.check(t, chain, c) {
			failed[c.Rule] = true
		}
		if len(failed) == 3 {
			t.Errorf("(the other cases are not tried until these pass)")
			return
		}
	}
}

func (s *Suite) check(t exercise.TB, chain ir.Chain, c Case) (ok bool) {
	t.Helper()
	before := s.Read(t, c.Before)
	returned := false
	defer func() {
		if !returned { // a panic: say with which trace, and let it pass
			fail(t, c.Rule, before, "", "optimizing it panics")
		}
	}()
	after, err := s.kind().Optimize(chain, before)
	returned = true
	diff, wrong := "", ""
	switch {
	case errors.Is(err, ir.ErrImpossible):
		if c.After != "impossible" {
			wrong = "the trace was called impossible: " + strings.TrimPrefix(s.place(err), ir.ErrImpossible.Error()+": ")
		}
	case err != nil:
		wrong = err.Error()
	case c.After == "impossible":
		wrong = "no run gets to the end, so this should be called impossible, but it became\n" + after.Body()
	default:
		if c.After == "same" {
			c.After = c.Before
		}
		diff, wrong = s.compare(before, s.Read(t, c.After), after)
	}
	if diff+wrong != "" {
		fail(t, c.Rule, before, diff, wrong)
	}
	return diff+wrong == ""
}

// place returns the message of err, with the lines counted as fail shows them:
// the inputs are line 1, what is declared before them is not shown.
func (s *Suite) place(err error) string {
	return inLine.ReplaceAllStringFunc(err.Error(), func(at string) string {
		n, _ := strconv.Atoi(strings.TrimPrefix(at, "in line "))
		return "in line " + strconv.Itoa(n-strings.Count(s.Declarations, "\n"))
	})
}

var inLine = regexp.MustCompile(`in line \d+`)

// compare returns how got differs from want, or what else is wrong with it.
func (s *Suite) compare(before, want, got *ir.Trace) (diff, wrong string) {
	if op := twice(got); op != nil {
		return "", "in what came out, one and the same operation stands twice: " + op.String()
	}
	if err := ir.Verify(got); err != nil {
		return "", "what came out is no well-formed trace: " + err.Error() + "\nit is this, with its values numbered anew:\n" + Indent(got.Body())
	}
	if diff := Diff(Lines(want), Lines(got)); diff != "" {
		return diff, ""
	}
	if err := s.Agree(before, got); err != nil {
		return "", err.Error()
	}
	return "", ""
}

// twice returns an operation that stands twice in t, or nil.
func twice(t *ir.Trace) *ir.Op {
	seen := map[*ir.Op]bool{}
	for _, op := range t.Ops {
		if seen[op] {
			return op
		}
		seen[op] = true
	}
	return nil
}

// fail reports a broken rule: the trace that went in, then either how what came
// out differs from what was wanted, or what else is wrong.
func fail(t exercise.TB, rule string, before *ir.Trace, diff, wrong string) {
	t.Helper()
	text := "rule: " + rule + "\nthe trace that went in:\n" + Indent(before.Body())
	if diff != "" {
		text += "what came out (- wanted, + got):\n" + Indent(diff)
	}
	if wrong != "" {
		text += wrong + "\n"
	}
	t.Errorf("%s", text)
}

// Lines returns the inputs and the operations of a trace, a line each.
func Lines(t *ir.Trace) []string { return strings.Split(strings.TrimSpace(t.Body()), "\n") }

// Diff returns how two lists of lines differ; "" if they don't. A line that
// differs is shown whole.
func Diff(want, got []string) string {
	return cmp.Diff(want, got, cmp.Comparer(func(a, b string) bool { return a == b }))
}

// Indent sets text, below a sentence that announces it, off from what follows.
func Indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
