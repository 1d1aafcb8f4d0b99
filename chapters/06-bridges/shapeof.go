package bridges

import (
	"fmt"
	"strings"

	ir "metatrace/chapters/01-ir"
)

// maxShape bounds the inputs of a shape that has more of them than slots, maxDepth how
// deep objects in it are nested. What goes beyond that grows without end mostly: a
// list that gets longer with each iteration.
const maxShape, maxDepth = 24, 4

// Generic returns the shape of n slots of which nothing is taken for granted.
func Generic(n int) *Shape {
	s := &Shape{}
	for range n {
		s.Slots = append(s.Slots, s.input(ir.Ref))
	}
	return s
}

// input adds an input.
func (s *Shape) input(t ir.Type) *ir.Op {
	in := &ir.Op{Code: ir.OpInput, Type: t, ID: int32(len(s.Inputs))}
	s.Inputs = append(s.Inputs, in)
	return in
}

// Begin begins a trace that starts with slots of the shape s: it adds the inputs, and
// the operations that make the virtual objects, which the optimizer takes out again. It
// returns what stands in each slot.
func (k *Kit) Begin(b *ir.Builder, s *Shape) []*ir.Op {
	return k.Recreate(b, &ir.Exit{Failargs: s.Slots})
}

// ShapeOf returns a shape that state fits: its virtual objects stay virtual, all
// else is an input, since the next time it may be another value. An object that is
// too big or nested too deep becomes a plain reference, and so does what can be reached
// from it: allocating it allocates that.
func ShapeOf(state *State) *Shape {
	b := shapeBuilder{plain: map[*ir.Op]bool{}}
	for !b.build(state.Described) {
	}
	return b.shape
}

// shapeBuilder builds a shape.
type shapeBuilder struct {
	shape *Shape
	plain map[*ir.Op]bool   // virtual objects that are to be plain references
	made  map[*ir.Op]*ir.Op // what the shape has for a virtual object
}

// build makes the shape of slots. It returns false if it has to begin again, with
// more objects that are plain.
func (b *shapeBuilder) build(slots []*ir.Op) bool {
	b.shape, b.made = &Shape{}, map[*ir.Op]*ir.Op{}
	left := max(maxShape, len(slots)) // inputs
	for i, v := range slots {
		slot := b.of(v, 0)
		if slot == nil || len(b.shape.Inputs) > left-(len(slots)-i-1) {
			b.allocated(v)
			return false
		}
		b.shape.Slots = append(b.shape.Slots, slot)
	}
	return true
}

// of returns what the shape has for v; nil if objects are nested too deep.
func (b *shapeBuilder) of(v *ir.Op, depth int) *ir.Op {
	switch {
	case v.Code != ir.OpVirtual || b.plain[v]:
		return b.shape.input(v.Type)
	case b.made[v] != nil:
		return b.made[v]
	case IsImmediate(v): // who holds it twice may hold two the next time
	case depth == maxDepth:
		return nil
	}
	c := &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: v.Descr}
	if !IsImmediate(v) {
		b.made[v] = c // before its words: it may be among them
	}
	for _, word := range v.Args {
		w := b.of(word, depth+1)
		if w == nil {
			return nil
		}
		c.Args = append(c.Args, w)
	}
	return c
}

// allocated notes that v is to be a plain reference.
func (b *shapeBuilder) allocated(v *ir.Op) {
	if v.Code != ir.OpVirtual || b.plain[v] || IsImmediate(v) {
		return
	}
	b.plain[v] = true
	for _, word := range v.Args {
		b.allocated(word)
	}
}

// Key returns a text that is the same for two shapes if they are.
func (s *Shape) Key() string {
	k := keyWriter{number: map[*ir.Op]int{}}
	k.list(s.Slots)
	return k.String()
}

type keyWriter struct {
	strings.Builder
	number map[*ir.Op]int // of inputs and objects, in the order in which they come up
}

func (k *keyWriter) list(list []*ir.Op) {
	for i, v := range list {
		if i > 0 {
			k.WriteString(" ")
		}
		k.value(v)
	}
}

func (k *keyWriter) value(v *ir.Op) {
	if v.IsConst() {
		k.WriteString(v.String())
		return
	}
	if n, ok := k.number[v]; ok {
		fmt.Fprintf(k, "=%d", n)
		return
	}
	k.number[v] = len(k.number)
	if v.Code != ir.OpVirtual {
		k.WriteString([...]string{ir.Int: "i", ir.Float: "f", ir.Ref: "p"}[v.Type])
		return
	}
	fmt.Fprintf(k, "%v{", v.Descr)
	k.list(v.Args)
	k.WriteString("}")
}
