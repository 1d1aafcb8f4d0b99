package bridges

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	guards "metatrace/chapters/02-guards"
)

// How much of each there is on the page of an Explainer.
const (
	maxHot      = 10 // headers
	maxTree     = 20 // fragments
	maxRefusals = 10
	maxGuards   = 5
	maxShown    = 4 // values of a guard
)

// WriteText writes the page. s are the engine's statistics.
func (x *Explainer) WriteText(w io.Writer, s guards.Stats) error {
	p := &page{}
	x.writeHot(p)
	x.writeTrees(p)
	x.writeRefusals(p)
	x.writeGuards(p)
	writeTimes(p, s)
	_, err := io.WriteString(w, p.String())
	return err
}

// page is text that is being written.
type page struct{ strings.Builder }

// line adds a line, indented by so many steps.
func (p *page) line(indent int, format string, args ...any) {
	p.WriteString(strings.Repeat("  ", indent))
	fmt.Fprintf(p, format, args...)
	p.WriteByte('\n')
}

// more says how much there is beyond what was shown.
func (p *page) more(all, shown int, what string) {
	if all > shown {
		p.line(1, "… and %s more", count(all-shown, what))
	}
}

// count returns "1 guard", "2 guards".
func count[T int | int64](n T, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		return fmt.Sprintf("%d %sies", n, strings.TrimSuffix(what, "y"))
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (x *Explainer) writeHot(p *page) {
	p.line(0, "What was hot")
	if len(x.headers) == 0 {
		p.line(1, "nothing that could be compiled")
	}
	for _, h := range x.hottest(maxHot) {
		text := fmt.Sprintf("%s, %s at %s: entered %s, %v in its code, %s", h.name, h.kind, line(h.where), times(h.entries), brief(h.time), count(h.traces, "trace"))
		if h.bytes > 0 {
			text += ", " + count(h.bytes, "byte")
		}
		if h.freed != "" {
			text += "; freed: " + h.freed
		}
		p.line(1, "%s", text)
	}
	p.more(len(x.headers), maxHot, "header")
}

// times returns "once", "2 times".
func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// brief rounds d to what a reader wants to know.
func brief(d time.Duration) time.Duration {
	if d < time.Millisecond {
		return d.Round(time.Microsecond)
	}
	return d.Round(10 * time.Microsecond)
}

func (x *Explainer) writeTrees(p *page) {
	p.line(0, "What was compiled (operations as recorded → as optimized)")
	if len(x.roots) == 0 {
		p.line(1, "nothing")
	}
	left := maxTree
	for _, n := range slices.Sorted(maps.Keys(x.roots)) {
		left = x.writeTree(p, x.roots[n], 1, left)
	}
	p.more(len(x.traces), maxTree, "trace")
}

// writeTree writes a fragment, and what hangs below it, as long as there are lines left.
func (x *Explainer) writeTree(p *page, b *branch, indent, left int) int {
	if left == 0 {
		return 0
	}
	ops, guards, bytes, goes := strconv.Itoa(b.Ops), b.Guards, b.Bytes, b.Goes
	if b.body != nil {
		ops = fmt.Sprintf("%d before the loop, %d in it", b.Ops, b.body.Ops)
		guards, bytes, goes = guards+b.body.Guards, bytes+b.body.Bytes, "the loop"
	}
	text := fmt.Sprintf("trace %d, %s %s at %s", b.Fragment, b.Kind, b.Target, line(b.Where))
	if b.From != nil {
		text = fmt.Sprintf("trace %d, bridge at %s, from guard %d", b.Fragment, line(b.Where), b.From.Guard)
	}
	text += fmt.Sprintf(": %d → %s, %s", b.Recorded, ops, count(guards, "guard"))
	if bytes > 0 {
		text += ", " + count(bytes, "byte")
	}
	if goes != "returns" {
		goes = "goes on in " + goes
	}
	p.line(indent, "%s; %s", text, goes)
	left--
	for _, below := range b.branches {
		left = x.writeTree(p, below, indent+1, left)
	}
	return left
}

func (x *Explainer) writeRefusals(p *page) {
	p.line(0, "What was not, and why")
	if len(x.order) == 0 {
		p.line(1, "nothing was refused")
	}
	for _, r := range x.order[:min(maxRefusals, len(x.order))] {
		text := fmt.Sprintf("%s: %s", line(r.where), r.what)
		if r.guard.fragment > 0 {
			text = fmt.Sprintf("%s, behind guard %d of trace %d: %s", line(r.where), r.guard.guard, r.guard.fragment, r.what)
		}
		if r.detail != "" {
			text += " (" + r.detail + ")"
		}
		if r.times > 1 {
			text += ", " + times(int64(r.times))
		}
		switch {
		case r.final:
		case r.retry == 0:
			text += "; given up for good"
		case r.guard.fragment > 0:
			text += fmt.Sprintf("; tried again after %s", count(r.retry, "failure"))
		default:
			text += fmt.Sprintf("; tried again after %s", count(r.retry, "visit"))
		}
		p.line(1, "%s", text)
	}
	p.more(len(x.order), maxRefusals, "reason")
}

func (x *Explainer) writeGuards(p *page) {
	p.line(0, "Which guards failed most (back to the interpreter; those that go on in a bridge are not counted)")
	list := x.failed()
	if len(list) == 0 {
		p.line(1, "none")
	}
	for _, g := range list[:min(maxGuards, len(list))] {
		text := fmt.Sprintf("%s: guard %d of trace %d, at %s", times(g.times), g.from.Guard, g.from.Fragment, line(g.from.Where))
		if g.bridge > 0 {
			text += fmt.Sprintf("; then trace %d was made for it", g.bridge)
		}
		p.line(1, "%s", text)
		if source := x.lineOf(g.from.Where); source != "" {
			p.line(3, "%s", source)
		}
		p.line(2, "%s expects %s", name(g.from.Text), g.from.Expects)
		if len(g.values) > 0 {
			p.line(2, "on %s", g.valuesText())
		}
	}
	p.more(len(list), maxGuards, "guard")
}

// name returns the name of the operation that text begins with.
func name(text string) string {
	operation, _, _ := strings.Cut(text, "(")
	return operation
}

// line returns a place FILE:LINE in FUNCTION without the file, which is the same for all.
func line(where string) string {
	place, function, _ := strings.Cut(where, " in ")
	text := "line " + place[strings.LastIndexByte(place, ':')+1:]
	if function != "" {
		text += " in " + function
	}
	return text
}

// lineOf returns the source line of a place.
func (x *Explainer) lineOf(where string) string {
	number, _, _ := strings.Cut(strings.TrimPrefix(line(where), "line "), " ")
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(x.source) {
		return ""
	}
	return strings.TrimSpace(x.source[n-1])
}

// lines returns the lines of a text.
func lines(text string) []string { return strings.Split(text, "\n") }

// longest is how much of a value is shown, in runes.
const longest = 40

// valuesText returns the operands of an instruction as text: "3 and 20".
func valuesText(values []string) string {
	var list []string
	for _, v := range values {
		if r := []rune(v); len(r) > longest {
			v = string(r[:longest]) + "…"
		}
		list = append(list, v)
	}
	return strings.Join(list, " and ")
}

// valuesText returns the values that g failed on, those first that it did most on.
func (g *failing) valuesText() string {
	list := slices.SortedFunc(maps.Keys(g.values), func(a, b string) int {
		return cmp.Or(cmp.Compare(g.values[b], g.values[a]), cmp.Compare(a, b))
	})
	var texts []string
	for _, v := range list[:min(maxShown, len(list))] {
		texts = append(texts, fmt.Sprintf("%s (%s)", v, times(g.values[v])))
	}
	text := strings.Join(texts, ", ")
	if n := len(list) - maxShown; n > 0 {
		text += ", … and " + strconv.Itoa(n) + " more"
	}
	return text
}

// writeTimes writes what each phase took.
func writeTimes(p *page, s guards.Stats) {
	p.line(0, "Where the time went")
	phases := []struct {
		name string
		time time.Duration
	}{
		{"interpreting", s.Interpreting}, {"recording", s.Recording}, {"optimizing", s.Optimizing},
		{"compiling", s.Compiling}, {"executing", s.Executing},
	}
	all := time.Duration(1)
	for _, phase := range phases {
		all += phase.time
	}
	for _, phase := range phases {
		p.line(1, "%-13s%10v%5.0f %%", phase.name, brief(phase.time), 100*float64(phase.time)/float64(all))
	}
	if s.Collecting > 0 {
		p.line(1, "of all that, %v went into collecting garbage", brief(s.Collecting))
	}
}
