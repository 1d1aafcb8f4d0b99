package cli

import (
	"errors"
	"math"
	"strconv"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

func parseInt(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

// parseWord reads an int or a float. Its error says what is expected.
func parseWord(t ir.Type, text string) (uint64, error) {
	if t == ir.Int {
		n, err := parseInt(text)
		if err != nil {
			return 0, errors.New("an integer of 64 bits, such as -7")
		}
		return uint64(n), nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, errors.New("a float, such as 1.5")
	}
	return math.Float64bits(x), nil
}

// maxShown is how many objects are written out in one line, and maxItems how
// many items of an array; the others are "...".
const (
	maxShown = 32
	maxItems = 32
)

// A printer writes the values of one line. An object that was written out before
// is a name from then on.
type printer struct {
	b     strings.Builder
	heap  *heap.Heap
	named map[heap.Ref]string // the objects that the trace names
	seen  map[heap.Ref]int    // how often the line reaches an object
	label map[heap.Ref]string // of the objects that are written
	next  int
}

// printer returns a printer for one line.
func (ev *evaluation) printer() *printer {
	return &printer{heap: ev.Heap, named: ev.named, seen: map[heap.Ref]int{}, label: map[heap.Ref]string{}}
}

// nameObjects notes where the objects are that the trace names.
func (ev *evaluation) nameObjects() {
	ev.named = map[heap.Ref]string{}
	name := func(list []*ir.Op) {
		for _, a := range list {
			if a.Code == ir.OpConstPtr && a.Name != nil {
				ev.named[ev.Address(a.Name)] = a.Name.Name
			}
		}
	}
	for _, s := range ev.trace.Decls.Objects {
		name([]*ir.Op{ir.ConstPtr(s)})
		name(s.Values)
	}
	for _, op := range ev.trace.Ops {
		name(op.Args)
		if op.Exit != nil {
			name(op.Exit.Values())
		}
	}
}

// list returns the text of the values of args, behind what stands first.
func (p *printer) list(args []*ir.Op, words []uint64, first ...string) string {
	for i, w := range words {
		if args[i].Type == ir.Ref {
			p.visit(w)
		}
	}
	p.b.WriteString(strings.Join(first, ", "))
	for i, w := range words {
		if i > 0 || len(first) > 0 {
			p.b.WriteString(", ")
		}
		p.word(args[i].Type, w)
	}
	return p.b.String()
}

// visit counts how often the line reaches each object. It uses a list and not
// the stack: a guest's list may be longer than that is deep.
func (p *printer) visit(r heap.Ref) {
	todo := []heap.Ref{r}
	for len(todo) > 0 && len(p.seen) <= maxShown {
		r := todo[0]
		todo = todo[1:]
		if r == 0 {
			continue
		}
		if p.seen[r]++; p.seen[r] > 1 {
			continue
		}
		p.slots(r, func(i int, f *heap.Field) {
			if f.Kind == heap.KindRef {
				todo = append(todo, p.heap.Word(r, i))
			}
		})
	}
}

// slots calls visit for each field of r, or for each item up to maxItems.
func (p *printer) slots(r heap.Ref, visit func(i int, f *heap.Field)) {
	c := p.heap.Class(r)
	if c.IsArray() {
		for i := range int(min(p.heap.Len(r), maxItems)) {
			visit(i, c.Item)
		}
		return
	}
	for i, f := range c.Fields {
		visit(i, f)
	}
}

func (p *printer) word(t ir.Type, w uint64) {
	switch {
	case t != ir.Ref:
		p.b.WriteString(ir.ConstBits(t, w).String())
	case w == 0:
		p.b.WriteString("NULL")
	case p.label[w] != "":
		p.b.WriteString(p.label[w])
	case len(p.label) >= maxShown:
		p.b.WriteString("...")
	default:
		p.object(w)
	}
}

func (p *printer) object(r heap.Ref) {
	c := p.heap.Class(r)
	name := p.named[r]
	if name == "" && p.seen[r] > 1 {
		p.next++
		name = "v" + strconv.Itoa(p.next)
	}
	p.label[r] = name
	if name != "" {
		p.b.WriteString(name)
		if !c.IsArray() && len(c.Fields) == 0 && p.named[r] != "" {
			return // of an object that is not declared, there is no more to say
		}
		p.b.WriteString(":")
	}
	p.b.WriteString(c.Name + "{")
	p.slots(r, func(i int, f *heap.Field) {
		if i > 0 {
			p.b.WriteString(", ")
		}
		if !c.IsArray() {
			p.b.WriteString(f.Name + "=")
		}
		p.word(f.Kind, p.heap.Word(r, i))
	})
	if c.IsArray() && p.heap.Len(r) > maxItems {
		p.b.WriteString(", ...")
	}
	p.b.WriteString("}")
}
