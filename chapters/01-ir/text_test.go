package ir_test

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// This file reads cases that are small texts, and says what is wrong with what a
// reader's function makes of them.

// A traceCase is a trace before and after. An operation a line; where lines are
// short, "; " separates them too. The inputs stand first.
type traceCase struct {
	rule   string // in one sentence, what is tested
	before string
	after  string // or "impossible"
	passes string // to be selected; "": those of the test
}

// declarations stand before every case.
const declarations = `
struct NODE vtable=node_vtable value:i next:r
struct PAIR left:r right:r
struct POINT vtable=point_vtable x:f y:f
array INTS i
array FLOATS f
array REFS r
call pure args=i result=i effect=elidable
call look args=r result=i effect=readonly
call act args=i result=i effect=any
call flo result=f effect=any
call ref result=r effect=any
call non result=v effect=any
object first NODE value=1
object second NODE value=2
`

func read(t exercise.TB, text string) *ir.Trace {
	t.Helper()
	trace, err := ir.Parse("case", declarations+strings.ReplaceAll(text, "; ", "\n"))
	if err != nil {
		t.Fatalf("the test case can't be read: %v\n%s", err, text)
	}
	return trace
}

// checkCases optimizes each case and compares texts and behaviour. It gives up
// after some failures: the first ones tell most.
func checkCases(t exercise.TB, kit *ir.Kit, passes string, cases []traceCase) {
	t.Helper()
	failed := map[string]bool{} // by rule: one case of each is enough
	for _, c := range cases {
		if failed[c.rule] {
			continue
		}
		if c.passes == "" {
			c.passes = passes
		}
		if !checkCase(t, chainFor(t, kit, c.passes), c) {
			failed[c.rule] = true
		}
		if len(failed) == 3 {
			t.Errorf("(the other cases are not tried until these pass)")
			return
		}
	}
}

// chainFor returns the selected passes of this chapter.
func chainFor(t exercise.TB, kit *ir.Kit, passes string) ir.Chain {
	t.Helper()
	fold, cse, err := kit.Passes()
	if err != nil {
		t.Fatalf("%v", err)
	}
	chain, err := ir.Chain{Kit: kit, Passes: []ir.NamedPass{fold, cse}, Dead: true}.Select(passes)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return chain
}

func checkCase(t exercise.TB, chain ir.Chain, c traceCase) (ok bool) {
	t.Helper()
	before := read(t, c.before)
	returned := false
	defer func() {
		if !returned { // a panic: say with which trace, and let it pass
			fail(t, c.rule, before, "", "optimizing it panics")
		}
	}()
	after, err := chain.Optimize(before)
	returned = true
	diff, wrong := "", ""
	switch {
	case errors.Is(err, ir.ErrImpossible):
		if c.after != "impossible" {
			wrong = "the trace was called impossible: " + err.Error()
		}
	case err != nil:
		wrong = err.Error()
	case c.after == "impossible":
		wrong = "no run gets to the end, so this should be called impossible, but it became\n" + after.Body()
	default:
		diff, wrong = compare(t, before, read(t, c.after), after)
	}
	if diff+wrong != "" {
		fail(t, c.rule, before, diff, wrong)
	}
	return diff+wrong == ""
}

// compare returns how got differs from want, or what else is wrong with it.
func compare(t exercise.TB, before, want, got *ir.Trace) (diff, wrong string) {
	t.Helper()
	if err := ir.Verify(got); err != nil {
		return "", "what came out is no well-formed trace: " + err.Error() + "\n" + got.Body()
	}
	if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
		return diff, ""
	}
	if err := tracegen.AgreeOn(&irsolution.Kit, before, got, 40); err != nil {
		return "", err.Error()
	}
	return "", ""
}

func lines(t *ir.Trace) []string { return strings.Split(strings.TrimSpace(t.Body()), "\n") }

// fail reports a broken rule: the trace that went in, then either how what came
// out differs from what was wanted, or what else is wrong.
func fail(t exercise.TB, rule string, before *ir.Trace, diff, wrong string) {
	t.Helper()
	text := "rule: " + rule + "\nthe trace that went in:\n" + indent(before.Body())
	if diff != "" {
		text += "what came out (- wanted, + got):\n" + indent(diff)
	}
	if wrong != "" {
		text += wrong + "\n"
	}
	t.Errorf("%s", text)
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}

// with returns the solution's Kit after edit: a reader's function is tested
// among finished ones, so that one mistake shows in one test.
func with(edit func(*ir.Kit)) *ir.Kit {
	kit := irsolution.Kit
	edit(&kit)
	return &kit
}

func noRules() []ir.Rule { return nil }

// expressions makes a traceCase of a list of operations without names, of which
// the last one is the result: "int_neg(i0); int_neg(i2)". inputs are two values,
// so that the first operation has the number 2. result is what the last
// operation becomes: a value, or a list of the same kind.
func expressions(rule, inputs, ops, result string) traceCase {
	return traceCase{rule: rule, before: named(inputs, ops), after: named(inputs, result)}
}

func named(inputs, ops string) string {
	text, result := inputs, ops
	if strings.Contains(ops, "(") {
		for i, op := range strings.Split(ops, "; ") {
			opname, _, _ := strings.Cut(op, "(")
			letter := "i"
			if ir.Lookup(opname).Info().Result == ir.Float {
				letter = "f"
			}
			result = letter + strconv.Itoa(i+2)
			text += "; " + result + " = " + op
			if ir.Lookup(opname).Has(ir.Checked) {
				text += "; guard_no_overflow() []"
			}
		}
	}
	return text + "; finish(" + result + ")"
}

// agreeOnGenerated optimizes random traces and compares them with the evaluator.
func agreeOnGenerated(t exercise.TB, kit *ir.Kit, passes string) {
	t.Helper()
	chain := chainFor(t, kit, passes)
	r := rand.New(rand.NewPCG(8, 9))
	for range 60 {
		data := make([]byte, 100)
		for i := range data {
			data[i] = byte(r.Uint32())
		}
		before := tracegen.Generate(&irsolution.Kit, data)
		after, err := chain.Optimize(before)
		switch {
		case errors.Is(err, ir.ErrImpossible):
			if err := tracegen.NeverEnds(&irsolution.Kit, before, 4); err != nil {
				fail(t, "only a trace whose guards can't all hold is impossible", before, "", err.Error())
				return
			}
			continue
		case err == nil:
			err = ir.Verify(after)
		}
		if err == nil {
			err = tracegen.AgreeOn(&irsolution.Kit, before, after, 4)
		}
		if err != nil {
			fail(t, "an optimized trace does the same as before, on every input (this one was made at random)", before, "", err.Error())
			return
		}
	}
}
