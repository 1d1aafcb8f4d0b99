package tracegen

import (
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

var (
	errUnknownCall = errors.New("tracegen: a call without a declaration")
	errDivision    = errors.New("tracegen: a division by 0")
)

// A World is what surrounds one run: the objects that it may be given, and what
// it was seen to do. It does the same in every run with the same inputs, whoever
// executes the trace: it is exported for tests of backends.
type World struct {
	heap   *heap.Heap
	pool   []heap.Ref
	number map[heap.Ref]int // of the objects seen from outside, in order
	seen   []heap.Ref       // the same objects
	shown  []string         // what they held when the log last said
	log    []string
	calls  uint64
}

// NewWorld makes a world on h, with the objects that inputs refer to: two of each of
// the declared classes.
func NewWorld(h *heap.Heap) *World {
	w := &World{heap: h, number: map[heap.Ref]int{}}
	w.populate(h.Classes())
	return w
}

// Input returns what an input of type t gets, for the word that Inputs and its like
// say: a reference for the number of an object.
func (w *World) Input(t ir.Type, word uint64) uint64 {
	if t == ir.Ref {
		return w.object(word)
	}
	return word
}

func (w *World) populate(classes *heap.Classes) {
	w.heap.AddRoots(func(v *heap.Visitor) {
		for _, r := range append(w.pool, w.seen...) {
			v.Ref(r)
		}
	})
	for n := range 2 {
		for _, c := range declared(classes) {
			if c.Immediate != nil {
				f := c.Fields[0]
				w.pool = append(w.pool, c.Immediate.Word(min(max(f.Lo, int64(3+2*n)), f.Hi)))
				continue
			}
			w.pool = append(w.pool, w.heap.Make(c, 3))
		}
	}
	for n, r := range w.pool {
		if heap.IsTagged(r) {
			continue
		}
		for i := range w.heap.Words(r) {
			w.heap.SetWord(r, i, w.content(w.slot(r, i), uint64(n+i)))
		}
	}
}

func (w *World) content(f *heap.Field, n uint64) uint64 {
	switch f.Kind {
	case heap.KindRef:
		return w.object(n % 4)
	case heap.KindFloat:
		return math.Float64bits(float64(n) + 0.5)
	}
	if f.Lo != math.MinInt64 {
		return uint64(f.Lo + int64(n%2))
	}
	return n % 5
}

func (w *World) object(n uint64) heap.Ref {
	if n == 0 || len(w.pool) == 0 {
		return 0
	}
	return w.pool[(n-1)%uint64(len(w.pool))]
}

// classOfObject returns the class of the object that has the number n in the
// pool of every run, or nil for NULL.
func classOfObject(classes *heap.Classes, n uint64) *heap.Class {
	all := declared(classes)
	if n == 0 || len(all) == 0 {
		return nil
	}
	return all[(n-1)%uint64(len(all))]
}

// declared leaves out the class of undeclared objects, which the evaluator adds
// when it meets one: the second run has to be like the first.
func declared(classes *heap.Classes) []*heap.Class {
	all := classes.All()
	for i, c := range all {
		if c.Name == "undeclared" {
			return slices.Delete(slices.Clone(all), i, i+1)
		}
	}
	return all
}

func (w *World) slot(r heap.Ref, i int) *heap.Field { return w.heap.Class(r).Slot(i) }

// note adds to the log that something was given these values, and what all
// objects that can be seen then hold.
func (w *World) note(what string, args []*ir.Op, words []uint64) {
	var b strings.Builder
	b.WriteString(what)
	for i, a := range args {
		b.WriteString(" " + w.text(a.Type, words[i]))
	}
	// Whatever was shown once can be looked at for ever.
	for n := 0; n < len(w.seen); n++ {
		text := w.contents(n)
		if n == len(w.shown) {
			w.shown = append(w.shown, "")
		}
		if text != w.shown[n] {
			w.shown[n] = text
			b.WriteString(text)
		}
	}
	w.log = append(w.log, b.String())
}

// contents returns what the n-th object that was seen holds.
func (w *World) contents(n int) string {
	var b strings.Builder
	r := w.seen[n]
	fmt.Fprintf(&b, "; #%d is a %s{", n, w.heap.Class(r))
	for i := range w.heap.Words(r) {
		b.WriteString(" " + w.text(w.slot(r, i).Kind, w.heap.Word(r, i)))
	}
	b.WriteString(" }")
	return b.String()
}

// Show makes the objects seen that are there before the trace runs: everybody
// can reach them. prebuilt are the declared ones.
func (w *World) Show(prebuilt []heap.Ref) {
	for _, r := range slices.Concat(w.pool, prebuilt) {
		w.text(ir.Ref, r)
	}
	w.note("start", nil, nil)
	w.log = nil
}

// Exit notes that the trace was left by op, with these values.
func (w *World) Exit(op *ir.Op, values []uint64) {
	var of []*ir.Op
	if op != nil {
		if of = op.Args; op.Exit != nil {
			of = op.Exit.Failargs
		}
	}
	w.note("exit", of, values)
}

// Log returns what was seen so far, in order: each act with what it was given, and
// what has changed since, in all objects that can be seen. All NaNs look the same.
func (w *World) Log() []string { return w.log }

func (w *World) text(t ir.Type, word uint64) string {
	switch {
	case t != ir.Ref:
		return ir.ConstBits(t, word).String()
	case word == 0:
		return "NULL"
	case heap.IsTagged(word):
		return fmt.Sprintf("%s{%d}", w.heap.Class(word), int64(w.heap.Load(word, 0)))
	}
	n, ok := w.number[word]
	if !ok {
		n = len(w.seen)
		w.number[word] = n
		w.seen = append(w.seen, word)
	}
	return "#" + strconv.Itoa(n)
}

// Escape answers an escape operation: it looks at everything it can see, and
// changes some of it.
func (w *World) Escape(op *ir.Op, words []uint64) (uint64, error) {
	return w.act(op.Code.String(), op.Type, op.Args, words), nil
}

func (w *World) act(what string, result ir.Type, args []*ir.Op, words []uint64) uint64 {
	w.note(what, args, words)
	w.calls++
	for n, r := range w.seen {
		for i := range w.heap.Words(r) {
			if f := w.slot(r, i); !f.Immutable && (uint64(n)+w.calls)%3 == 0 {
				w.heap.SetWord(r, i, w.changed(f, w.heap.Word(r, i)))
			}
		}
	}
	switch result {
	case ir.Ref:
		return w.object(w.calls)
	case ir.Float:
		return math.Float64bits(float64(w.calls) / 4)
	}
	return w.calls
}

// changed returns what an act puts into a slot that held word.
func (w *World) changed(f *heap.Field, word uint64) uint64 {
	switch {
	case f.Kind == heap.KindInt && f.Lo == math.MinInt64:
		return word + w.calls
	case f.Kind == heap.KindFloat:
		return math.Float64bits(float64(w.calls) + 0.25)
	case f.Kind == heap.KindRef && word != 0 && w.calls%4 == 0:
		// Another object of the same class, so that the trace can go on.
		for _, r := range w.pool {
			if r != word && w.heap.Class(r) == w.heap.Class(word) {
				return r
			}
		}
	}
	return word
}

// picture returns all that a function which reads the heap can see.
func (w *World) picture(args []*ir.Op, words []uint64) string {
	look := &World{heap: w.heap, number: maps.Clone(w.number), seen: slices.Clone(w.seen)}
	look.note("", args, words)
	return look.log[0]
}

// Call does a residual call. Only of one with any effect can it be told whether it
// happened. The result of the others depends on their arguments only, and for a
// readonly one also on what it can see. int_div and int_mod divide.
func (w *World) Call(op *ir.Op, fn string, words []uint64) (uint64, error) {
	c, ok := op.Descr.(*ir.Call)
	switch {
	case !ok:
		return 0, errUnknownCall
	case fn == "int_div" || fn == "int_mod":
		return divide(fn, int64(words[0]), int64(words[1]))
	}
	if c.Effect == ir.EffectAny {
		return w.act(fn, c.Result, op.Args[1:], words), nil
	}
	hash := fnv.New64a()
	fmt.Fprint(hash, fn)
	if c.Effect == ir.EffectReadonly {
		fmt.Fprint(hash, w.picture(op.Args[1:], words))
	}
	for i, a := range op.Args[1:] {
		switch {
		case a.Type == ir.Ref && heap.IsTagged(words[i]):
			fmt.Fprint(hash, " ", w.text(a.Type, words[i]))
		case a.Type == ir.Ref && words[i] != 0:
			fmt.Fprint(hash, " ", w.heap.Class(words[i]))
		default:
			fmt.Fprint(hash, " ", ir.ConstBits(a.Type, words[i])) // a NaN is a NaN
		}
	}
	switch c.Result {
	case ir.Ref:
		return w.object(hash.Sum64() % 8), nil
	case ir.Float:
		return math.Float64bits(float64(hash.Sum64() % 1000)), nil
	}
	return hash.Sum64(), nil
}

func divide(fn string, a, b int64) (uint64, error) {
	switch {
	case b == 0:
		return 0, errDivision
	case fn == "int_mod":
		return uint64(a % b), nil
	}
	return uint64(a / b), nil
}
