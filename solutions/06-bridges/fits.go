package bridgessolution

import (
	ir "metatrace/chapters/01-ir"
	bridges "metatrace/chapters/06-bridges"
)

// Fits reports whether code for shape can go on from state, and with what: inputs has,
// for each of shape.Inputs (whose IDs are their places), what stands there in
// state.Described.
//
//	an input     takes any value of its type; a virtual object will be allocated
//	a constant   takes that constant
//	OpVirtual    takes a virtual object of the same class and size, if its words fit
//	             in turn; or a prebuilt object of that class (Contents has its words)
//
// An object must stay one object: an OpVirtual that stands in shape twice takes the
// same object there, and two of them do not take the same virtual object. Nor can an
// object stay virtual that is part of one that an input takes, and so will be in
// memory. (None of this holds for objects of an immediate class, see IsImmediate.)
//
// For example, the shape [NODE{value=i0, next=p1}] and the state [NODE{value=7,
// next=NULL}] give the inputs [7, NULL]; the state [p5] does not fit.
func Fits(shape *bridges.Shape, state *bridges.State) (inputs []*ir.Op, ok bool) {
	f := fitting{inputs: make([]*ir.Op, len(shape.Inputs)), object: map[*ir.Op]*ir.Op{}, taken: map[*ir.Op]bool{}}
	if !f.all(shape.Slots, state.Described) {
		return nil, false
	}
	for _, v := range f.inputs {
		if f.reaches(v, map[*ir.Op]bool{}) {
			return nil, false
		}
	}
	return f.inputs, true
}

type fitting struct {
	inputs []*ir.Op
	object map[*ir.Op]*ir.Op // what an OpVirtual of the shape has taken
	taken  map[*ir.Op]bool   // the virtual objects that were
}

func (f *fitting) all(slots, values []*ir.Op) bool {
	if len(slots) != len(values) {
		return false
	}
	for i, slot := range slots {
		if !f.one(slot, values[i]) {
			return false
		}
	}
	return true
}

// one reports whether slot can take v.
func (f *fitting) one(slot, v *ir.Op) bool {
	switch {
	case slot.IsConst():
		return ir.Same(slot, v)
	case slot.Code != ir.OpVirtual:
		f.inputs[slot.ID] = v
		return slot.Type == v.Type
	}
	if before := f.object[slot]; before != nil {
		return ir.Same(before, v)
	}
	words, ok := bridges.Contents(v)
	if !ok || bridges.ClassOf(v) != bridges.ClassOf(slot) {
		return false
	}
	if f.taken[v] {
		return false
	}
	if !bridges.IsImmediate(slot) {
		f.object[slot], f.taken[v] = v, v.Code == ir.OpVirtual
	}
	return f.all(slot.Args, words)
}

// reaches reports whether v is, or has in it, a virtual object that was taken. seen
// are those that were looked at.
func (f *fitting) reaches(v *ir.Op, seen map[*ir.Op]bool) bool {
	if v.Code != ir.OpVirtual || seen[v] {
		return false
	}
	seen[v] = true
	if f.taken[v] {
		return true
	}
	for _, word := range v.Args {
		if f.reaches(word, seen) {
			return true
		}
	}
	return false
}
