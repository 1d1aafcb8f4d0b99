package backend

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/05-backend/native"
)

// How programs of an executor are connected.
//
//   - A bridge starts where an exit of another program leaves off: its inputs are in the
//     registers and slots where that exit has them. Attach makes the first jump of the
//     exit's stub go to the bridge, and that is all.
//   - A target is a start whose inputs are at places that a convention says: whoever
//     jumps to it moves them there.
//
// All programs of a run share its context, with slots and all. Go learns from the ID of
// an exit which program was left: IDs are unique in an executor.

// freeInts is how many integer registers have no input at the start of a target:
// the code wants some for itself.
const freeInts, freeFloats = 3, 3

// arrivals returns where the inputs of t are at the start; nil: in slots.
func (x *executor) arrivals(t *ir.Trace, opt guards.LoadOptions) ([]Arrival, error) {
	switch {
	case opt.From != nil && opt.Target != nil:
		return nil, errors.New("a bridge can't be the target of jumps")
	case opt.From != nil:
		return x.atExit(t, opt.From)
	case opt.Target != nil:
		return x.byConvention(t.Inputs), nil
	}
	return nil, nil
}

// byConvention returns the places of inputs of a target: registers, as long as there are
// enough, and the slots in which Go has them.
func (x *executor) byConvention(inputs []*ir.Op) []Arrival {
	places := make([]Arrival, len(inputs))
	ints, floats := x.machine.Ints(), x.machine.Floats()
	ints, floats = ints[:len(ints)-freeInts], floats[:len(floats)-freeFloats]
	for i, in := range inputs {
		class := classOfType(in.Type)
		switch {
		case class == Int && len(ints) > 0:
			places[i].Loc, ints = Loc{InReg, int32(ints[0])}, ints[1:]
		case class == Float && len(floats) > 0:
			places[i].Loc, floats = Loc{InFloat, int32(floats[0])}, floats[1:]
		default:
			places[i].Loc = Loc{InSlot, int32(i)}
		}
	}
	return places
}

// aim makes target the start of p, whose inputs are at places.
func (p *program) aim(target *ir.Target, t *ir.Trace, places []Arrival) {
	target.Inputs, target.Entry = nil, p.start
	p.start.Name = target.Name
	for i, in := range t.Inputs {
		target.Inputs = append(target.Inputs, in.Type)
		p.start.Inputs = append(p.start.Inputs, places[i].Loc)
	}
}

// atExit returns where an exit has its leaves, which are the inputs of t.
func (x *executor) atExit(t *ir.Trace, from *guards.ExitOf) ([]Arrival, error) {
	parent, ok := from.Program.(*program)
	if !ok || parent.exec != x {
		return nil, errors.New("a bridge from a program of another executor")
	}
	exits, err := parent.exitsOf(from.Guard)
	if err != nil {
		return nil, err
	}
	leaves := from.Guard.Leaves()
	if len(leaves) != len(t.Inputs) {
		return nil, fmt.Errorf("a bridge with %d inputs from an exit with %d values", len(t.Inputs), len(leaves))
	}
	places := make([]Arrival, len(leaves))
	for i, leaf := range leaves {
		if t.Inputs[i].Type != leaf.Type {
			return nil, fmt.Errorf("input %d of a bridge is of another type than the value of the exit", i)
		}
		places[i], ok = parent.find(leaf, exits[0])
		for _, e := range exits[1:] { // a guard of several instructions has one for each
			at, found := parent.find(leaf, e)
			ok = ok && found && at == places[i]
		}
		if !ok {
			return nil, fmt.Errorf("input %d of a bridge is nowhere in the exit", i)
		}
	}
	return places, nil
}

// exitsOf returns the exits of a guard.
func (p *program) exitsOf(guard *ir.Op) (list []*Exit, err error) {
	for _, e := range p.allocation.Exits {
		if e.Op == guard && (e.Kind == ExitGuard || e.Kind == ExitFinish) {
			list = append(list, e)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("the program has no exit %s", guard.Code)
	}
	return list, nil
}

// find returns where op is at an exit of p.
func (p *program) find(op *ir.Op, e *Exit) (Arrival, bool) {
	v := p.vals[op.ID]
	if e.fused == op { // it makes no value, but the exit knows it
		v = e.known
	}
	if p.values[v].Const {
		return Arrival{Loc{Kind: IsConst}, p.values[v].Bits}, true
	}
	i := slices.Index(e.Values, v)
	if i < 0 {
		return Arrival{}, false
	}
	return Arrival{Loc: e.Locs[i]}, true
}

// place puts code where it can be executed, and makes its jumps go where they should. start is
// where it begins, which it may jump to itself.
func (x *executor) place(a *Assembly, start *Start) (native.Region, error) {
	region, err := x.memory.Alloc(len(a.Code))
	if err != nil {
		return region, err
	}
	start.Addr = region.Addr + uintptr(a.Start)
	code := a.Code // which listings show without addresses
	if len(a.Relocs) > 0 {
		code = slices.Clone(code)
	}
	for _, r := range a.Relocs {
		x.machine.Jump(code[r.At:], region.Addr+uintptr(r.At), r.To.Addr)
	}
	if err := x.memory.Patch(region, 0, code); err != nil {
		return region, errors.Join(err, x.memory.Free(region))
	}
	x.counts.Code.Bytes += len(code)
	return region, nil
}

// number gives the exits of p their IDs.
func (p *program) number() {
	x := p.exec
	for _, e := range p.allocation.Exits {
		e.owner = p
		if n := len(x.unused); n > 0 {
			e.ID, x.unused = x.unused[n-1], x.unused[:n-1]
			x.exits[e.ID] = e
			continue
		}
		e.ID = len(x.exits)
		x.exits = append(x.exits, e)
	}
}

// unnumber takes them away.
func (p *program) unnumber() {
	x := p.exec
	for _, e := range slices.Backward(p.allocation.Exits) {
		x.exits[e.ID] = nil
		x.unused = append(x.unused, e.ID)
	}
}
