package ir_test

import (
	"strconv"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/01-ir/tracegen"
	"metatrace/chapters/01-ir/tracetest"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

// This file says how the cases of this chapter are read and checked.

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

// A traceCase is a trace before and after.
type traceCase = tracetest.Case

var suite = tracetest.Suite{
	Declarations: declarations,
	Kit:          &irsolution.Kit,
	Agree: func(before, after *ir.Trace) error {
		return tracegen.AgreeOn(&irsolution.Kit, before, after, 40)
	},
}

func read(t exercise.TB, text string) *ir.Trace {
	t.Helper()
	return suite.Read(t, text)
}

// checkCases optimizes each case with the selected passes.
func checkCases(t exercise.TB, kit *ir.Kit, passes string, cases []traceCase) {
	t.Helper()
	suite.Check(t, chainFor(t, kit, passes), cases...)
}

// agreeOnGenerated does the same with random traces.
func agreeOnGenerated(t exercise.TB, kit *ir.Kit, passes string) {
	t.Helper()
	suite.CheckGenerated(t, chainFor(t, kit, passes), 60)
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
	return traceCase{Rule: rule, Before: named(inputs, ops), After: named(inputs, result)}
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
