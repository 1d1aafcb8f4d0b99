package bridges

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// An Explainer listens to an Engine, and says afterwards in a page what it did and why:
//
//	events ──Event──▶ what was entered, compiled, given up, left ──WriteText──▶ a page
//
// For guards that fail it needs Options.Often.
type Explainer struct {
	source  []string // the lines of the guest program
	headers map[int]*explained
	roots   map[int]*branch // the first fragment of each header, by number of the header
	traces  map[int]*branch // all fragments
	refused map[trouble]*refusal
	order   []*refusal // as they came
	guards  map[guardKey]*failing
	running []entry // the headers whose code runs, the innermost last
	now     func() time.Duration
}

// explained is a header.
type explained struct {
	number  int
	name    string // "loop3"
	where   string
	kind    Kind // of its first fragment
	entries int64
	time    time.Duration // in its code, and in what that goes on in
	traces  int
	bytes   int
	freed   string // why, or ""
}

// entry is a run of the code of a header.
type entry struct {
	header *explained
	since  time.Duration
	inner  time.Duration // of that, in runs inside
}

// branch is a fragment in the tree of its header. A loop that was peeled is one, though it
// has two fragments.
type branch struct {
	Compiled
	body     *Compiled // what is behind the label
	branches []*branch
}

// trouble is what a refusal is about. Those that are the same are counted.
type trouble struct {
	where, what string
	guard       guardKey // or none
}

type refusal struct {
	trouble
	detail string // of the last one
	times  int
	retry  int // after how many visits or failures; 0: never
	final  bool
}

// guardKey names an exit.
type guardKey struct{ fragment, guard int }

// failing is a guard that failed.
type failing struct {
	from   From
	times  int64
	values map[string]int64 // how often it failed on each
	bridge int              // the trace that goes on there since, or 0
}

// maxValues is of how many different values of a guard there is a count.
const maxValues = 1000

// NewExplainer returns an Explainer. source is the text of the guest program.
func NewExplainer(source string) *Explainer {
	start := time.Now()
	return &Explainer{source: lines(source), headers: map[int]*explained{}, roots: map[int]*branch{}, traces: map[int]*branch{},
		refused: map[trouble]*refusal{}, guards: map[guardKey]*failing{},
		now: func() time.Duration { return time.Since(start) }}
}

// Event notes an event: what Options.Listen may be.
func (x *Explainer) Event(event Event) {
	switch event := event.(type) {
	case Compiled:
		x.compiled(event)
	case Entered:
		h := x.header(event.Place)
		h.entries++
		x.running = append(x.running, entry{header: h, since: x.now()})
	case Left:
		x.left(event)
	case Attached:
		x.failing(event.From).bridge = event.Fragment
	case Aborted:
		x.refuse(event.Where, string(event.Why), event.Detail, event.From, event.Retry)
	case Limited:
		x.refuse(event.Where, fmt.Sprintf("the limit of %s (%d) is reached", event.Limit, event.Value), "", nil, 0).final = true
	case Paused:
		x.refuse(event.Where, "to enter the code did not pay: it was left too soon", "", nil, event.Retry)
	case Freed:
		x.header(event.Place).freed = event.Why
	}
}

// header returns what is known of the header at a place.
func (x *Explainer) header(at Place) *explained {
	h := x.headers[at.Header]
	if h == nil {
		h = &explained{number: at.Header, name: headerName(at.Header), where: at.Where}
		x.headers[at.Header] = h
	}
	return h
}

// compiled notes a fragment.
func (x *Explainer) compiled(c Compiled) {
	b := x.traces[c.Fragment]
	if b == nil {
		b = &branch{}
		x.traces[c.Fragment] = b
		x.hang(b, c)
	}
	if c.Kind == KindBody {
		b.body = &c
	} else {
		b.Compiled = c
	}
	x.header(c.Place).bytes += c.Bytes
}

// hang hangs a new fragment into the tree of its header: a bridge below the fragment that
// it starts from, anything else below the first one.
func (x *Explainer) hang(b *branch, c Compiled) {
	h := x.header(c.Place)
	h.traces++
	var above *branch
	if c.From != nil {
		above = x.traces[c.From.Fragment]
	}
	if above == nil {
		above = x.roots[c.Header]
	}
	if above == nil {
		h.where, h.kind, x.roots[c.Header] = c.Where, c.Kind, b
		if c.Kind == KindBody {
			h.kind = KindLoop
		}
		return
	}
	above.branches = append(above.branches, b)
}

// left notes that a run is over, and by which guard.
func (x *Explainer) left(event Left) {
	if n := len(x.running) - 1; n >= 0 {
		e := x.running[n]
		x.running = x.running[:n]
		spent := x.now() - e.since
		e.header.time += spent - e.inner
		if n > 0 {
			x.running[n-1].inner += spent
		}
	}
	if event.From == nil || event.Finished || event.Refused {
		return
	}
	g := x.failing(*event.From)
	g.times++
	if values := valuesText(event.Values); values != "" && (g.values[values] > 0 || len(g.values) < maxValues) {
		g.values[values]++
	}
}

// failing returns what is known of an exit.
func (x *Explainer) failing(from From) *failing {
	key := guardKey{from.Fragment, from.Guard}
	g := x.guards[key]
	if g == nil {
		g = &failing{from: from, values: map[string]int64{}}
		x.guards[key] = g
	}
	return g
}

// refuse notes that something was not compiled.
func (x *Explainer) refuse(where, what, detail string, from *From, retry int) *refusal {
	t := trouble{where: where, what: what}
	if from != nil {
		t.guard = guardKey{from.Fragment, from.Guard}
	}
	r := x.refused[t]
	if r == nil {
		r = &refusal{trouble: t}
		x.refused[t] = r
		x.order = append(x.order, r)
	}
	r.times++
	r.detail, r.retry = detail, retry
	return r
}

// hottest returns the headers that cost the most time, n at most, in the order in which
// they were compiled.
func (x *Explainer) hottest(n int) []*explained {
	list := slices.SortedFunc(maps.Values(x.headers), func(a, b *explained) int {
		return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(a.number, b.number))
	})
	list = list[:min(n, len(list))]
	slices.SortFunc(list, func(a, b *explained) int { return cmp.Compare(a.number, b.number) })
	return list
}

// failed returns the guards that failed, those that did most first.
func (x *Explainer) failed() []*failing {
	return slices.SortedFunc(maps.Values(x.guards), func(a, b *failing) int {
		return cmp.Or(cmp.Compare(b.times, a.times), cmp.Compare(a.from.Fragment, b.from.Fragment), cmp.Compare(a.from.Guard, b.from.Guard))
	})
}
