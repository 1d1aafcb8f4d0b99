package backend

import (
	"fmt"
	"strings"
)

// A chart says which value is in which register, for listings. It looks only at what
// the steps do, so that it shows what is really there.
type chart struct {
	machine Machine
	regs    []Loc // those that are used, a column each
	columns map[Loc]int
	cell    int // width of a column
	label   int
	before  []holding // each step: what its registers and slots hold when it begins
	live    []RegSet  // each step: the registers that are wanted when it begins; at the end, none
}

// holding is what is where.
type holding map[Loc]Value

// newChart follows the steps of a.
func newChart(m Machine, a *Allocation) *chart {
	c := &chart{machine: m, columns: map[Loc]int{}, label: a.Label}
	c.follow(a)
	c.liveness(a)
	for _, kind := range []struct {
		kind LocKind
		regs []Reg
	}{{InReg, m.Ints()}, {InFloat, m.Floats()}} {
		for _, r := range kind.regs {
			if loc := (Loc{kind.kind, int32(r)}); c.used(loc) {
				c.columns[loc] = len(c.regs)
				c.regs = append(c.regs, loc)
			}
		}
	}
	return c
}

func (c *chart) used(loc Loc) bool {
	for _, s := range c.before {
		if _, ok := s[loc]; ok {
			return true
		}
	}
	return false
}

// follow finds out what is where before each step, and at the end.
func (c *chart) follow(a *Allocation) {
	now := holding{}
	for i, v := range a.Inputs {
		now[Loc{InSlot, int32(i)}] = v
	}
	for i := range a.Steps {
		s := &a.Steps[i]
		c.before = append(c.before, now)
		now = now.moved(s.Before)
		for k, loc := range s.Args {
			if loc.Kind == InReg || loc.Kind == InFloat {
				now[loc] = s.Inst.Args[k]
			}
		}
		if s.Dst.Kind != Nowhere {
			now[s.Dst] = s.Inst.Dst
		}
		now = now.moved(s.After)
	}
	c.before = append(c.before, now)
}

// moved returns what is where after moves.
func (s holding) moved(moves []Move) holding {
	next := make(holding, len(s)+len(moves))
	for loc, v := range s {
		next[loc] = v
	}
	for _, m := range moves {
		if m.Src.Kind == IsConst {
			next[m.Dst] = Value(m.Src.N)
		} else if v, ok := next[m.Src]; ok {
			next[m.Dst] = v
		}
	}
	return next
}

// liveness walks backward to find which registers are wanted. The jump wants what the
// label does, so that it takes a second round to know.
func (c *chart) liveness(a *Allocation) {
	c.live = make([]RegSet, len(a.Steps)+1)
	for range 2 {
		for i := len(a.Steps) - 1; i >= 0; i-- {
			live := c.live[i+1]
			if a.Steps[i].Inst.Code == Jump {
				live = c.live[a.Label]
			}
			c.live[i] = c.wantedBefore(&a.Steps[i], live)
		}
	}
}

// wantedBefore returns the registers that are wanted before s if live are behind it.
func (c *chart) wantedBefore(s *Step, live RegSet) RegSet {
	moves := func(list []Move) {
		for k := len(list) - 1; k >= 0; k-- {
			live = live&^regBit(list[k].Dst) | regBit(list[k].Src)
		}
	}
	moves(s.After)
	for x := s.Inst.Exit; x != nil; x = x.Then {
		live |= x.Live
		for _, loc := range x.Locs {
			live |= regBit(loc)
		}
	}
	live &^= regBit(s.Dst) | c.machine.Clobbers(s.Inst)
	for _, loc := range s.Args {
		live |= regBit(loc)
	}
	if x := s.Inst.Exit; s.Inst.Code == Call {
		for _, loc := range x.Locs {
			live |= regBit(loc)
		}
	}
	moves(s.Before)
	return live
}

// regBit returns the set of the register that loc is, or the empty one.
func regBit(loc Loc) RegSet {
	switch loc.Kind {
	case InReg:
		return 1 << loc.N
	case InFloat:
		return 1 << (32 + loc.N)
	}
	return 0
}

// x86Names are the integer registers of amd64, by number.
var x86Names = [...]string{"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi"}

// name returns what a place is called.
func (c *chart) name(loc Loc) string {
	intel := c.machine.Name() == "amd64"
	switch {
	case loc.Kind == InSlot:
		return fmt.Sprintf("slot %d", loc.N)
	case loc.Kind == InFloat && intel:
		return fmt.Sprintf("xmm%d", loc.N)
	case loc.Kind == InFloat:
		return fmt.Sprintf("d%d", loc.N)
	case loc.Kind == InReg && intel && int(loc.N) < len(x86Names):
		return x86Names[loc.N]
	case loc.Kind == InReg && intel:
		return fmt.Sprintf("r%d", loc.N)
	case loc.Kind == InReg:
		return fmt.Sprintf("x%d", loc.N)
	}
	return "nowhere"
}

// width returns how wide the chart is, and makes its columns as wide as the names of
// registers and values.
func (c *chart) width(name func(Value) string) int {
	c.cell = 4
	for _, r := range c.regs {
		c.cell = max(c.cell, len(c.name(r))+1)
		for _, s := range c.before {
			if v, ok := s[r]; ok {
				c.cell = max(c.cell, min(len(name(v)), 6)+1)
			}
		}
	}
	return c.cell * len(c.regs)
}

// title returns the line with the names of the registers.
func (c *chart) title() string {
	var b strings.Builder
	for _, r := range c.regs {
		fmt.Fprintf(&b, "%-*s", c.cell, c.name(r))
	}
	return b.String()
}

// between returns the line of something that is no step, and stands before step i.
func (c *chart) between(i int) string {
	return c.cells(func(r Loc) string {
		if i < len(c.live) && c.live[i]&regBit(r) != 0 {
			return "│"
		}
		return ""
	})
}

// row returns the line for step i; the last one of a step shows what has become of
// the registers.
func (c *chart) row(i int, last bool, name func(Value) string) string {
	if !last {
		return c.between(i)
	}
	return c.cells(func(r Loc) string {
		was, is := c.live[i]&regBit(r) != 0, c.live[i+1]&regBit(r) != 0
		if i == c.label {
			was = false // all begin anew
		}
		v, known := c.before[i+1][r]
		old, before := c.before[i][r]
		switch {
		case is && known && (!was || !before || v != old):
			return short(name(v))
		case is:
			return "│"
		case was:
			return "╵"
		}
		return ""
	})
}

// short cuts a name that does not fit into a column.
func short(name string) string {
	if len(name) > 6 {
		return name[:5] + "…"
	}
	return name
}

func (c *chart) cells(text func(r Loc) string) string {
	var b strings.Builder
	for _, r := range c.regs {
		fmt.Fprintf(&b, "%-*s", c.cell, text(r))
	}
	return b.String()
}
