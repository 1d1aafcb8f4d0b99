package virtuals

import (
	"maps"
	"slices"

	ir "metatrace/chapters/01-ir"
)

// descriptions are those of the virtual objects in one exit, or in one jump. Most
// have none, so the maps are made when there is a first one.
type descriptions struct {
	pass   *virtualPass
	seen   map[*Object]*ir.Op
	walked map[*ir.Op]bool // those that an earlier walk has made
}

// describe replaces the virtual objects in list by descriptions of them, those
// inside the virtual objects of an earlier walk included.
func (d *descriptions) describe(o *ir.Optimizer, list []*ir.Op) {
	for i, a := range list {
		switch {
		case a.Code != ir.OpVirtual:
			list[i] = d.of(o, a)
		case !d.walked[a]:
			if d.walked == nil {
				d.walked = map[*ir.Op]bool{}
			}
			d.walked[a] = true
			d.describe(o, a.Args)
		}
	}
}

// of returns the description of v, if v is a virtual object, else v: the Kit knows
// which allocations are virtual.
func (d *descriptions) of(o *ir.Optimizer, v *ir.Op) *ir.Op {
	if !v.Code.IsAllocation() {
		return v
	}
	if d.seen == nil {
		d.seen = map[*Object]*ir.Op{}
	}
	described := d.pass.kit.Describe(o, d.pass.objects, v, d.seen)
	d.check(v, described)
	return described
}

// maxExit is how many words the virtual objects of an exit may have before they
// are forced. Each exit describes all that it reaches: where a list grows that
// nobody reads, the exits would get longer and longer.
const maxExit = 64

// words returns how many words the described objects have.
func (d *descriptions) words() (n int) {
	for obj := range d.seen {
		n += len(obj.Words)
	}
	return n
}

// objects returns the described objects, in the order in which they were made.
func (d *descriptions) objects() []*Object {
	return slices.SortedFunc(maps.Keys(d.seen), func(a, b *Object) int { return int(a.Op.ID - b.Op.ID) })
}

// disperse forces the objects of an exit that had too many, for those to come.
// (Not right there: nothing may come between a checked operation and its guard.)
func (p *virtualPass) disperse(o *ir.Optimizer) {
	crowd := p.crowd
	p.crowd = nil
	for _, obj := range crowd {
		if !obj.Forced {
			p.force(o, obj)
		}
	}
}

// StartLoop implements ir.LoopStarter: the loop has virtual objects of its own.
func (p *virtualPass) StartLoop(*ir.Optimizer) { p.crowd = nil }
