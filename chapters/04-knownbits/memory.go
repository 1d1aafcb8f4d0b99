package knownbits

import (
	"math"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// What memory says of integers: a field or an item is in the range that is declared
// for it, a length is not negative, and what has been used as an index lies inside the
// array.

// length notes that the length of an array is not negative, nor above what memory
// has room for.
func (p *boundsPass) length(op *ir.Op) {
	array := p.o.Find(op.Args[0])
	p.limit(array, p.kit.inRange(Range{0, heap.MaxLen}))
	p.learn(op, p.of(array), p.stated("as all lengths are", nil))
	p.lengths[array] = op
}

// limit notes that the length of array is one of k.
func (p *boundsPass) limit(array *ir.Op, k Known) {
	array = p.o.Find(array)
	old := p.of(array)
	now, ok := p.kit.Meet(old, k)
	if !ok {
		p.o.Impossible(p.at, "no length is left for an array")
		return
	}
	if now == old || array.ID < 0 {
		return
	}
	p.learn(array, now, nil)
	if op := p.lengths[array]; op != nil {
		p.narrow(op, now, nil)
	}
}

// access notes what an access to an object says: of what it reads, that it is in
// the range that the field has; of an index, that it is below the length.
func (p *boundsPass) access(op *ir.Op) {
	switch d := op.Descr.(type) {
	case *heap.Field:
		if op.Type == ir.Int {
			p.learn(op, p.declared(d), p.stated("as %s is declared", d))
		}
	case *heap.Class:
		if op.Code.IsAllocation() {
			if d.IsArray() {
				p.learn(op, p.of(op.Args[0]), nil)
			}
			return
		}
		if op.Type == ir.Int {
			p.learn(op, p.declared(d.Item), p.stated("as %s is declared", d))
		}
		p.index(op)
	}
}

// declared returns what the declaration of a field says. A new object has 0 there,
// even if nobody may write that.
func (p *boundsPass) declared(f *heap.Field) Known {
	return p.kit.inRange(Range{f.Lo, f.Hi}).Join(Exactly(0))
}

// index notes that the index of an access lies inside the array.
func (p *boundsPass) index(op *ir.Op) {
	array, i := op.Args[0], op.Args[1]
	n := p.of(array)
	from := p.indexed(op)
	if inside, ok := p.kit.meetRange(p.of(i), Range{0, max(n.Hi, 1) - 1}); ok {
		p.narrow(i, inside, from)
		if least := inside.Lo; least < math.MaxInt64 {
			p.limit(array, p.kit.inRange(Range{least + 1, math.MaxInt64}))
		}
	} else {
		p.o.Impossible(op, "the index is outside the array")
	}
}
