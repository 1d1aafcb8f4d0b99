package bridges

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
)

// To leave compiled code and to enter it again takes some hundred nanoseconds. That is
// nothing where a loop goes round a thousand times; but a trace that is left half-way
// every time, or a function of three bytecodes, is better interpreted. So the engine keeps
// an account for each header: what an entry has saved, at least, against what it cost,
// both in recorded operations (the interpreter takes about 2.5 ns for each).

// entryCost is what an entry costs, in recorded operations.
const entryCost = 200

// callWorth is what an entry has saved if the trace called others: who knows how much they
// did.
const callWorth = 10 * entryCost

// progress returns how many recorded operations stand before each snapshot of t, on top
// of base. A snapshot, Exit.Resume, is what is left of the recorded trace in an optimized
// one: passes move, copy and merge guards, but each keeps the Resume of the place where
// it goes back to. So this is how to find out how far an optimized guard had got.
func progress(t *ir.Trace, base int) map[any]int {
	m := map[any]int{}
	for i, op := range t.Ops {
		if op.Exit == nil || op.Exit.Resume == nil {
			continue
		}
		if _, known := m[op.Exit.Resume]; !known {
			m[op.Exit.Resume] = base + i
		}
	}
	return m
}

// progressOf returns what progress says for the exits of a new fragment.
func (p *piece) progressOf() (m map[any]int, base int) {
	switch p.kind {
	case KindBridge:
		return progress(p.recorded, p.from.progress), 0
	case KindBody: // the preamble was a round, too
		return progress(p.recorded, 0), len(p.recorded.Ops)
	case KindVersion:
		return p.header.progress, 0
	}
	p.header.progress = progress(p.recorded, 0)
	return p.header.progress, 0
}

// affords reports whether x has failed often enough for a bridge. The first bridges of a
// header are cheap, since what does not pay yet may soon. Beyond those it takes more and
// more: a program with a thousand paths would do nothing but compile. And long bridges
// take long to make.
func (e *Engine) affords(x *Exit) bool {
	h := x.Fragment.header
	times := h.bridges / e.opt.Limits.Cheap
	times = max(times*times, h.length/longBridge)
	missing := int64(e.opt.Limits.Eagerness)*int64(times) - x.Failures
	if x.waits != nil || missing <= 0 || e.opt.Limits.Cheap == guards.Never {
		return true
	}
	x.Left = int(missing)
	return false
}

// longBridge is how many recorded operations a bridge may take for the failures that
// Limits.Eagerness says. A bridge is about as long as what its header recorded.
const longBridge = 64

// learning is how many entries of a header are not in its account because they ended at
// an exit that may soon have a bridge. (Of a recursive function there are more: its tree
// grows slowly, and in the end is entered once for a million calls.)
const learning = 600

// pays does the account for an entry into h that has ended by left: the exit x, a call
// that was refused, or a return, after so many rounds as were counted. Where entries do
// not pay, the interpreter executes the next visits itself; the more often that happens,
// the more.
func (e *Engine) pays(h *Header, x *Exit, left *ir.Op, callers, rounds int) {
	if h.freed {
		return
	}
	eagerness := e.opt.Limits.Eagerness
	if x != nil && eagerness != guards.Never && x.Failures < int64(eagerness) && (h.lessons < learning || e.recursive[h.code]) {
		h.lessons++
		h.recent++
		return // a bridge may come
	}
	saved := h.length
	switch {
	case left.Code.IsTraceCall():
		saved = e.traceCalls[left].progress
	case x != nil:
		saved = x.progress
	}
	saved += rounds * h.length
	if callers > 0 || left.Code == ir.Finish && h.calls {
		saved += callWorth
	}
	h.entries++
	h.balance += saved - entryCost
	window := e.opt.Limits.Window
	if h.pauses > 0 {
		window /= 4 // to see whether anything has changed since
	}
	if h.entries >= window {
		e.settle(h, x)
	}
}

// settle closes the account of h, whose last entry has ended by x, and opens a new one.
func (e *Engine) settle(h *Header, x *Exit) {
	switch {
	case h.balance >= 0:
		h.pauses = 0
	case 8*h.recent > h.entries: // it is about to change
	case allCounted(h, map[*Header]bool{}):
		h.pauses++
		e.pause(h)
	case x != nil && x.Left > MaxBackoff && !h.counted(): // it will have no bridge
		e.recount(h)
	}
	h.entries, h.balance, h.recent = 0, 0, 0
}

// pauseLength is how long the first pause is at least, in windows.
const pauseLength = 4

// pause leaves the visits of h to the interpreter for a while.
func (e *Engine) pause(h *Header) {
	h.counter.Left = e.opt.Kit.Backoff(h.pauses, pauseLength*e.opt.Limits.Window)
	e.stats.Paused++
	e.tell(Paused{h.place(), h.entries, h.counter.Left})
}

// grown notes that h has one more bridge: while those are cheap, the account begins anew.
func (e *Engine) grown(h *Header) {
	h.bridges++
	if h.bridges <= e.opt.Limits.Cheap {
		h.entries, h.balance, h.pauses, h.recent = 0, 0, 0, 0
	}
}

// countFrom is how many recorded operations a loop has to have for its rounds to be
// counted: in a smaller one counting would take a good part of the time.
const countFrom = 64

// counted reports whether the rounds of h are counted. A function has none.
func (h *Header) counted() bool { return h.length >= countFrom || h.recounted }

// recount gives the code of a small loop up, so that it is compiled once more with its
// rounds counted. It is left again and again by an exit that will have no bridge, and if it
// does not go round often in between, the interpreter does better.
func (e *Engine) recount(h *Header) {
	e.toCount[h.counter] = true
	e.free(h, "to count its rounds")
}

// allCounted reports whether the rounds of all loops that h leads to are counted. If not,
// nobody knows what an entry has saved.
func allCounted(h *Header, seen map[*Header]bool) bool {
	if h == nil || seen[h] {
		return true
	}
	seen[h] = true
	if h.n != machine.FunctionEntry && !h.counted() {
		return false
	}
	for _, f := range h.fragments {
		if !allCounted(f.goes, seen) {
			return false
		}
	}
	return true
}
