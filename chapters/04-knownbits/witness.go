package knownbits

import ir "metatrace/chapters/01-ir"

// memory is what was known of values before the guard that is being sent.
type memory struct {
	guard   int // its number
	changed []change
}

// change is what was known of the value with this ID.
type change struct {
	id     int32
	before Known
}

// remember notes what is known of v, about which a guard is teaching more.
func (m *memory) remember(guard int, v *ir.Op, known Known) {
	if guard != m.guard {
		m.guard, m.changed = guard, m.changed[:0]
	}
	m.changed = append(m.changed, change{v.ID, known})
}

// before returns what was known of v before the guard; now is what is known.
func (m *memory) before(guard int, v *ir.Op, now Known) Known {
	if guard == m.guard {
		for _, c := range m.changed {
			if c.id == v.ID {
				return c.before // the first is the oldest
			}
		}
	}
	return now
}

// Testify implements ir.Witness.
func (p *boundsPass) Testify(o *ir.Optimizer, f *ir.Fact) {
	k := Any
	switch v := f.Value; {
	case v.Code == ir.OpConstInt:
		k = Exactly(v.Int())
	case v.Type != ir.Float:
		k = p.memory.before(o.Guarding(), v, p.noted(v))
	}
	f.Lo, f.Hi, f.Zeros, f.Ones = k.Lo, k.Hi, k.Zeros(), k.Ones
}

// Believe implements ir.Witness.
func (p *boundsPass) Believe(o *ir.Optimizer, f *ir.Fact) {
	p.begin(o)
	k, ok := p.kit.Reduce(Range{f.Lo, f.Hi}, Bits{f.Ones, ^(f.Ones | f.Zeros)})
	switch p.at = f.Value; {
	case !ok:
		p.impossible()
	case k == Any:
	case f.Value.Type == ir.Int:
		p.narrow(f.Value, k, p.stated("where the trace begins", nil))
	case f.Value.Type == ir.Ref:
		p.limit(f.Value, k)
	}
}
