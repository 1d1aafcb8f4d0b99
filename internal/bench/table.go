package bench

import (
	"fmt"
	"io"
	"strings"

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

// nanoseconds returns the time of an iteration, in the unit that fits.
func nanoseconds(m *Measurement) string {
	switch {
	case m == nil:
		return "-"
	case m.Nanoseconds < 1e4:
		return fmt.Sprintf("%.2f ns", m.Nanoseconds)
	case m.Nanoseconds < 1e6:
		return fmt.Sprintf("%.1f µs", m.Nanoseconds/1e3)
	}
	return fmt.Sprintf("%.2f ms", m.Nanoseconds/1e6)
}

func speedup(m *Measurement) string {
	if m == nil {
		return "-"
	}
	return fmt.Sprintf("%.1fx", m.Speedup)
}

func timesGo(m *Measurement) string {
	if m == nil || m.TimesGo == 0 {
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

// A Table writes results as lines.
type Table struct {
	out      io.Writer
	markdown bool // as a README has it
	name     int  // how wide the column of names is
}

// NewTable writes what stands above the table, and returns it. names are the programs
// that are to come.
func NewTable(w io.Writer, names []string, markdown bool) *Table {
	t := &Table{w, markdown, 14}
	for _, name := range names {
		t.name = max(t.name, len(name)+1)
	}
	var titles, below []string
	for _, c := range columns {
		titles, below = append(titles, c.title), append(below, "---:")
	}
	t.line("program", titles)
	if markdown {
		t.line("---", below)
	}
	return t
}

// Row writes r.
func (t *Table) Row(r *Result) {
	var cells []string
	for _, c := range columns {
		cells = append(cells, c.cell(r))
	}
	t.line(r.Program, cells)
}

func (t *Table) line(first string, cells []string) {
	if t.markdown {
		fmt.Fprintf(t.out, "| %s | %s |\n", first, strings.Join(cells, " | "))
		return
	}
	fmt.Fprintf(t.out, "%-*s", t.name, first)
	for i, cell := range cells {
		fmt.Fprintf(t.out, "%*s", columns[i].width, cell)
	}
	fmt.Fprintln(t.out)
}

// WriteSlower says which programs are slower than they may be.
func WriteSlower(w io.Writer, results []*Result) {
	var list []string
	for _, r := range results {
		if m := r.Slower(); m != nil {
			list = append(list, fmt.Sprintf("%s (%.2fx)", r.Program, 1/m.Speedup))
		}
	}
	if len(list) == 0 {
		fmt.Fprintf(w, "\nNone takes more than %.1f times the interpreter's time.\n", TooSlow)
		return
	}
	fmt.Fprintf(w, "\nMore than %.1f times the interpreter's time: %s.\n", TooSlow, strings.Join(list, ", "))
}

// Legend says what stands in the columns.
const Legend = `
The first four: nanoseconds for an iteration, the best of all runs. Then how many
times as fast as the interpreter, and native as a multiple of the time of the same
loop with the same checks in Go. outside: the part of the native run in which no
trace was executed.
`
