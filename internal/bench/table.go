package bench

import (
	"fmt"
	"io"

	"metatrace/internal/course"
)

// columns are the columns of the table: what stands above them, how wide they are,
// and what stands in them, "" if that engine is not there.
var columns = []struct {
	title string
	width int
	cell  func(r *Result) string
}{
	{"interpreter", 13, func(r *Result) string { return nanoseconds(r.Of(Interpreter)) }},
	{"portable", 11, func(r *Result) string { return nanoseconds(r.Of(course.Portable)) }},
	{"native", 11, func(r *Result) string { return nanoseconds(r.Of(course.Native)) }},
	{"Go", 11, func(r *Result) string { return nanoseconds(r.Of(Go)) }},
	{"portable", 11, func(r *Result) string { return speedup(r.Of(course.Portable)) }},
	{"native", 10, func(r *Result) string { return speedup(r.Of(course.Native)) }},
	{"native/Go", 12, func(r *Result) string { return timesGo(r.Of(course.Native)) }},
	{"outside", 9, func(r *Result) string { return outside(r.Of(course.Native)) }},
}

func nanoseconds(m *Measurement) string {
	if m == nil {
		return "-"
	}
	return fmt.Sprintf("%.2f ns", m.Nanoseconds)
}

func speedup(m *Measurement) string {
	if m == nil {
		return "-"
	}
	return fmt.Sprintf("%.1fx", m.Speedup)
}

func timesGo(m *Measurement) string {
	if m == nil {
		return "-"
	}
	return fmt.Sprintf("%.2fx", m.TimesGo)
}

func outside(m *Measurement) string {
	if m == nil {
		return "-"
	}
	return fmt.Sprintf("%.1f %%", 100*m.Outside)
}

// WriteHeader writes the line above the table.
func WriteHeader(w io.Writer) {
	fmt.Fprintf(w, "%-14s", "program")
	for _, c := range columns {
		fmt.Fprintf(w, "%*s", c.width, c.title)
	}
	fmt.Fprintln(w)
}

// WriteRow writes r as a line of the table.
func (r *Result) WriteRow(w io.Writer) {
	fmt.Fprintf(w, "%-14s", r.Program)
	for _, c := range columns {
		fmt.Fprintf(w, "%*s", c.width, c.cell(r))
	}
	fmt.Fprintln(w)
}

// Legend says what stands in the columns.
const Legend = `
The first four: nanoseconds for an iteration, the best of all runs. Then how many
times as fast as the interpreter, and native as a multiple of the time of the same
loop with the same checks in Go. outside: the part of the native run in which no
trace was executed.
`
