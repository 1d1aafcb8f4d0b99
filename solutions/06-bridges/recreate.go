package bridgessolution

import (
	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
	bridges "metatrace/chapters/06-bridges"
)

// Recreate begins a trace that goes on where a guard with this exit has failed. It
// adds an input for each of exit.Leaves(), in that order and of the same type, then
// operations that make the virtual objects of the exit (Fresh makes an empty one, Fill
// what writes a word), and then the pending stores, in their order. It returns, for
// each failarg, what stands for it in the new trace: an input, a constant, or an object
// that was made.
//
// An object that stands in the exit twice is made once. It may be part of itself, or of
// one that is part of it, so keep in mind what is made before you go on into its words.
// Others may be made before it is filled; only that of an immediate class (IsImmediate),
// which has one integer in it, must be filled at once. A fresh object holds zeros
// (virtuals.IsZero), which are not written.
//
// For example, of the exit [i0, NODE{value=i0, next=NULL}] come the input i0, then
// p1 = new_with_vtable(descr=NODE), setfield_gc(p1, i0, descr=NODE.value), and the
// result is [i0, p1].
func Recreate(b *ir.Builder, exit *ir.Exit) []*ir.Op {
	r := recreation{b: b, made: map[*ir.Op]*ir.Op{}}
	for _, v := range exit.Leaves() {
		r.made[v] = b.Input(v.Type)
	}
	r.allocate(exit.Values())
	for _, v := range r.objects {
		r.fill(v)
	}
	for _, store := range exit.Pending {
		b.Op(store.Code, store.Descr, r.all(store.Args)...)
	}
	return r.all(exit.Failargs)
}

type recreation struct {
	b       *ir.Builder
	made    map[*ir.Op]*ir.Op // by what stands in the exit
	objects []*ir.Op          // the virtual ones that are not filled yet
}

// allocate makes the virtual objects in list, and those in them.
func (r *recreation) allocate(list []*ir.Op) {
	for _, v := range list {
		if v.Code != ir.OpVirtual || r.made[v] != nil {
			continue
		}
		r.made[v] = bridges.Fresh(r.b, v)
		if bridges.IsImmediate(v) {
			r.fill(v)
			continue
		}
		r.objects = append(r.objects, v)
		r.allocate(v.Args)
	}
}

// fill writes the words of the virtual object v.
func (r *recreation) fill(v *ir.Op) {
	for i, word := range v.Args {
		if !virtuals.IsZero(word) {
			bridges.Fill(r.b, r.made[v], i, r.of(word))
		}
	}
}

func (r *recreation) of(v *ir.Op) *ir.Op {
	if v.IsConst() {
		return v
	}
	return r.made[v]
}

func (r *recreation) all(list []*ir.Op) []*ir.Op {
	all := make([]*ir.Op, len(list))
	for i, v := range list {
		all[i] = r.of(v)
	}
	return all
}
