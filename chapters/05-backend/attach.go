package backend

import (
	"errors"
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/05-backend/native"
)

// What changes in the code of a program that is loaded: where its exits lead.

// Attach implements guards.Program. A guard may have more exits than one. What can go wrong
// is done for all of them before the first is changed: who gets an error frees the bridge.
func (p *program) Attach(guard *ir.Op, to *guards.Switch) error {
	exits, err := p.exitsOf(guard)
	if err != nil {
		return err
	}
	starts, regions := make([]*Start, len(exits)), make([]native.Region, len(exits))
	for i, e := range exits {
		if starts[i], regions[i], err = p.way(e, to); err != nil {
			for _, region := range regions[:i] {
				if region.Size > 0 {
					err = errors.Join(err, p.exec.memory.Free(region))
				}
			}
			return err
		}
	}
	for i, e := range exits {
		if err := p.attach(e, starts[i], regions[i]); err != nil {
			return err
		}
	}
	return nil
}

// attach makes the exit e go on at start. region has the code that chooses, if it is that.
func (p *program) attach(e *Exit, start *Start, region native.Region) error {
	if err := p.divert(p.assembly.Stubs[e.Number], start.Addr); err != nil {
		return err
	}
	old, switched := p.switches[e]
	if delete(p.switches, e); region.Size > 0 {
		if p.switches == nil {
			p.switches = map[*Exit]native.Region{}
		}
		p.switches[e] = region
	}
	if switched {
		return p.exec.memory.Free(old)
	}
	return nil
}

// way returns where e is to go on. If code is needed that chooses, region has it.
func (p *program) way(e *Exit, to *guards.Switch) (start *Start, region native.Region, err error) {
	interpreter := p.saving(e)
	if to == nil {
		return interpreter, region, nil
	}
	if to.Bridge != nil {
		start, err = p.startOf(to.Bridge)
		return start, region, err
	}
	at, err := p.tested(e)
	if err != nil {
		return nil, region, err
	}
	cases, err := p.cases(to)
	if err != nil {
		return nil, region, err
	}
	if at.Kind == IsConst {
		return cases.choose(at.Bits, interpreter), region, nil
	}
	code, err := p.exec.machine.Select(at.Loc, cases, interpreter)
	if err != nil {
		return nil, region, err
	}
	start = &Start{}
	region, err = p.exec.place(code, start)
	return start, region, err
}

// saving returns the part of a stub that leads to the interpreter.
func (p *program) saving(e *Exit) *Start {
	stub := p.assembly.Stubs[e.Number]
	_, jump := p.exec.machine.Disassemble(p.assembly.Code[stub:], 0)
	return &Start{Addr: p.region.Addr + uintptr(stub+jump)}
}

// startOf returns where a bridge of this executor starts.
func (p *program) startOf(bridge guards.Program) (*Start, error) {
	b, ok := bridge.(*program)
	if !ok || b.exec != p.exec || !b.bridge {
		return nil, errors.New("what is attached is no bridge of this executor")
	}
	return b.start, nil
}

// tested returns where the word is that the guard of e looks at.
func (p *program) tested(e *Exit) (Arrival, error) {
	v := e.tested
	switch {
	case v == None:
	case p.values[v].Const:
		return Arrival{Loc{Kind: IsConst}, p.values[v].Bits}, nil
	case slices.Contains(e.Values, v):
		return Arrival{Loc: e.Locs[slices.Index(e.Values, v)]}, nil
	default: // the guard has it in a register, and has destroyed nothing
		for i := range p.allocation.Steps {
			s := &p.allocation.Steps[i]
			if k := slices.Index(s.Inst.Args[:], v); s.Inst.Exit == e && k >= 0 {
				return Arrival{Loc: s.Args[k]}, nil
			}
		}
	}
	return Arrival{}, fmt.Errorf("%s looks at nothing that could decide", e.Op.Code)
}

// cases translates a Switch.
func (p *program) cases(to *guards.Switch) (*Cases, error) {
	if to == nil {
		return nil, nil
	}
	equal, err := p.startOf(to.Equal)
	if err != nil {
		return nil, err
	}
	below, err := p.cases(to.Below)
	if err != nil {
		return nil, err
	}
	above, err := p.cases(to.Above)
	return &Cases{to.Value, equal, below, above}, err
}

// choose returns where to go on for a word.
func (c *Cases) choose(word uint64, other *Start) *Start {
	for c != nil {
		switch {
		case word == c.Value:
			return c.Equal
		case word < c.Value:
			c = c.Below
		default:
			c = c.Above
		}
	}
	return other
}

// divert makes the instruction at an offset of the code of p a jump to an address.
func (p *program) divert(offset int, to uintptr) error {
	_, size := p.exec.machine.Disassemble(p.assembly.Code[offset:], 0)
	code := slices.Clone(p.assembly.Code[offset : offset+size])
	p.exec.machine.Jump(code, p.region.Addr+uintptr(offset), to)
	return p.exec.memory.Patch(p.region, offset, code)
}

// Invalidate implements guards.Program.
func (p *program) Invalidate() error {
	for _, place := range p.assembly.Patches {
		stub := p.region.Addr + uintptr(p.assembly.Stubs[place.Exit.Number])
		if err := p.divert(place.At, stub); err != nil {
			return err
		}
	}
	return nil
}

// Free implements guards.Program. While any run is active, one may be in the code.
func (p *program) Free() {
	if p.exec.freed = append(p.exec.freed, p); p.exec.active == 0 {
		p.exec.collect()
	}
}

// collect gives back what programs hold that were freed.
func (x *executor) collect() {
	for _, p := range x.freed {
		x.disconnect(p)
		p.unnumber()
		for _, region := range p.switches {
			x.memory.Free(region)
		}
		x.memory.Free(p.region)
	}
	x.freed = x.freed[:0]
}
