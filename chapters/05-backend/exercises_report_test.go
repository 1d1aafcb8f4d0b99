package backend_test

import (
	"encoding/json"
	"fmt"
	"strings"

	"metatrace/internal/child"
)

// nativeReport says what was wrong in the child, or nothing.
func nativeReport(r child.Result) string {
	const rule = "rule: machine code does what the evaluator does, and comes back"
	if r.Crash == nil {
		if len(r.Output) == 0 {
			return ""
		}
		return fmt.Sprintf("machine code made with this function does something else than the evaluator: %s\n%s", r.Output, rule)
	}
	var now running
	if err := json.Unmarshal([]byte(r.Step), &now); err != nil {
		return fmt.Sprintf("the process that was to run machine code ended before it began: %v\n%s", r.Crash, firstLines(r.Crash.Text, 20))
	}
	var b strings.Builder
	what := "machine code made with this function"
	if now.Code == nil {
		what = "the compiler, with this function,"
	}
	fmt.Fprintf(&b, "%s ended its process (this one goes on): %v\n", what, r.Crash)
	if i := now.instruction(r.Crash.Offset); i >= 0 {
		now.around(&b, i)
	} else {
		fmt.Fprintf(&b, "\n%s\n", firstLines(r.Crash.Text, 16))
	}
	fmt.Fprintf(&b, "\ntrace (%s), with the inputs %d:\n%s%s", now.Name, now.Inputs, now.Trace, rule)
	return b.String()
}

// instruction returns the index in Code of the instruction that has byte offset, or -1.
func (now running) instruction(offset int) int {
	for i, p := range now.Code {
		if p.At <= offset && offset < p.At+p.Size {
			return i
		}
	}
	return -1
}

// around writes instruction i and its neighbours, and what it was made for.
func (now running) around(b *strings.Builder, i int) {
	const before, behind = 4, 3
	fmt.Fprintf(b, "It was made for:  %s\n\n", now.Code[i].For)
	for k := max(0, i-before); k < min(len(now.Code), i+behind+1); k++ {
		mark := "  "
		if k == i {
			mark = "▶ "
		}
		made := now.Code[k].For
		if k > max(0, i-before) && made == now.Code[k-1].For {
			made = "" // as above
		}
		line := fmt.Sprintf("  %s%04x  %-40s %s", mark, now.Code[k].At, now.Code[k].Text, made)
		fmt.Fprintln(b, strings.TrimRight(line, " "))
	}
}

// firstLines returns at most n lines of text.
func firstLines(text string, n int) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) > n {
		lines = append(lines[:n], "…")
	}
	return "  " + strings.Join(lines, "\n  ")
}
