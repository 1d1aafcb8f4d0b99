package ir_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/exercise"
	irsolution "metatrace/solutions/01-ir"
)

func TestExercise1_3_Find(t *testing.T) {
	exercise.Run(t, ex("1.3"), ir.Yours.Find, irsolution.Kit.Find, checkFind,
		exercise.Wrong("one-step", func(op *ir.Op) *ir.Op {
			if op.Forward != nil {
				return op.Forward
			}
			return op
		}),
		exercise.Wrong("no-compression", func(op *ir.Op) *ir.Op {
			for op.Forward != nil {
				op = op.Forward
			}
			return op
		}),
		exercise.Wrong("compresses-only-the-first", func(op *ir.Op) *ir.Op {
			first := op
			for op.Forward != nil {
				op = op.Forward
			}
			if first != op {
				first.Forward = op
			}
			return op
		}),
		exercise.Wrong("end-forwards-to-itself", func(op *ir.Op) *ir.Op {
			root := irsolution.Find(op)
			root.Forward = root
			return root
		}),
		exercise.Wrong("nil-at-the-end", func(op *ir.Op) *ir.Op {
			if op.Forward == nil {
				return nil
			}
			return irsolution.Find(op)
		}),
	)
}

func checkFind(t exercise.TB, find func(*ir.Op) *ir.Op) {
	// A case says who forwards to whom: "b c -" is a to b, b to c, c to nobody.
	for _, tt := range []struct{ before, of, found, after, rule string }{
		{"-", "a", "a", "-", "a value that was never replaced stands for itself, and its Forward stays nil"},
		{"b -", "a", "b", "b -", "Find follows Forward to the end"},
		{"b c -", "a", "c", "c c -", "Find shortens the path: a forwards to the end as well"},
		{"b c d e -", "a", "e", "e e e e -", "every value on the path forwards to the end afterwards"},
		{"b c d e -", "c", "e", "b c e e -", "values that are not on the path stay as they are"},
		{"c c d - d", "b", "d", "c d d - d", "values that are not on the path stay as they are"},
	} {
		ops := forwards(tt.before)
		got := find(ops[tt.of[0]-'a'])
		if name(ops, got) != tt.found {
			t.Errorf("rule: %s\nchain: %s\nFind(%s) is %s, want %s", tt.rule, arrows(tt.before), tt.of, name(ops, got), tt.found)
			return
		}
		if diff := cmp.Diff(arrows(tt.after), arrows(forwarded(ops))); diff != "" {
			t.Errorf("rule: %s\nchain: %s\nafter Find(%s) (- wanted, + got):\n%s", tt.rule, arrows(tt.before), tt.of, diff)
			return
		}
	}
	// A chain of 100,000: quick, and not by recursion as deep as the chain.
	const n = 100_000
	ops := make([]ir.Op, n)
	for i := range n - 1 {
		ops[i].Forward = &ops[i+1]
	}
	for i := range ops {
		if find(&ops[i]) != &ops[n-1] {
			t.Fatalf("in a chain of %d values, Find of number %d is not the last", n, i)
		}
		if i < n-1 && ops[i].Forward != &ops[n-1] {
			t.Fatalf("in a chain of %d values, after Find of number %d it does not forward to the last", n, i)
		}
	}
	checkCases(t, with(func(k *ir.Kit) { k.Find = find }), "all", []traceCase{
		{Rule: "a value replaced twice is found by those that use it", Before: "[i0]; i1 = int_add(i0, 0); i2 = int_mul(i1, 1); i3 = int_or(i2, 0); finish(i3)", After: "[i0]; finish(i0)"},
	})
}

// forwards makes the ops a, b, c, ... of a text such as "b c -".
func forwards(text string) []*ir.Op {
	words := strings.Fields(text)
	ops := make([]*ir.Op, len(words))
	for i := range ops {
		ops[i] = &ir.Op{Code: ir.IntAdd, Type: ir.Int, ID: int32(i)}
	}
	for i, w := range words {
		if w != "-" {
			ops[i].Forward = ops[w[0]-'a']
		}
	}
	return ops
}

func forwarded(ops []*ir.Op) string {
	var words []string
	for _, op := range ops {
		words = append(words, name(ops, op.Forward))
	}
	return strings.Join(words, " ")
}

func name(ops []*ir.Op, op *ir.Op) string {
	for i, o := range ops {
		if o == op && op != nil {
			return string(rune('a' + i))
		}
	}
	if op == nil {
		return "-"
	}
	return "?"
}

// arrows writes "b c -" as "a->b b->c c->-".
func arrows(text string) string {
	var list []string
	for i, w := range strings.Fields(text) {
		list = append(list, fmt.Sprintf("%c->%s", 'a'+i, strings.ReplaceAll(w, "-", "nil")))
	}
	return strings.Join(list, ", ")
}
