package backend

import (
	"fmt"
	"sort"
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
	history map[Loc][]change // what registers and slots hold, and since when
	live    []RegSet         // each step: the registers that are wanted when it begins; at the end, none
}

// change says that a place holds value when step begins, and from there on.
type change struct {
	step  int
	value Value
}

// newChart follows the steps of a.
func newChart(m Machine, a *Allocation) *chart {
	c := &chart{machine: m, columns: map[Loc]int{}, history: map[Loc][]change{}, label: a.Label}
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

func (c *chart) used(loc Loc) bool { return len(c.history[loc]) > 0 }

// before returns what loc holds when a step begins, if that is known.
func (c *chart) before(step int, loc Loc) (v Value, known bool) {
	list := c.history[loc]
	n := sort.Search(len(list), func(i int) bool { return list[i].step > step })
	if n == 0 {
		return None, false
	}
	return list[n-1].value, true
}

// follow finds out what is where before each step, and at the end.
func (c *chart) follow(a *Allocation) {
	for i, v := range a.Inputs {
		c.set(0, a.Place(i), v)
	}
	c.move(0, a.Enter)
	for i := range a.Steps {
		s := &a.Steps[i]
		c.move(i+1, s.Before)
		for k, loc := range s.Args {
			if loc.Kind == InReg || loc.Kind == InFloat {
				c.set(i+1, loc, s.Inst.Args[k])
			}
		}
		if s.Dst.Kind != Nowhere {
			c.set(i+1, s.Dst, s.Inst.Dst)
		}
		c.move(i+1, s.After)
	}
}

// set notes that loc holds v when step begins.
func (c *chart) set(step int, loc Loc, v Value) {
	list := c.history[loc]
	if n := len(list); n > 0 && list[n-1].step == step {
		list = list[:n-1]
	}
	c.history[loc] = append(list, change{step, v})
}

// move notes what is where after moves, which belong to the step before the given one.
func (c *chart) move(step int, moves []Move) {
	for _, m := range moves {
		if m.Src.Kind == IsConst {
			c.set(step, m.Dst, Value(m.Src.N))
		} else if v, ok := c.before(step, m.Src); ok {
			c.set(step, m.Dst, v)
		}
	}
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
		for _, now := range c.history[r] {
			c.cell = max(c.cell, min(len(name(now.value)), 6)+1)
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

// arrival returns the line in front of the first step, with the names of what arrives
// in registers if it is the first one.
func (c *chart) arrival(first bool, name func(Value) string) string {
	return c.cells(func(r Loc) string {
		v, known := c.before(0, r)
		switch {
		case c.live[0]&regBit(r) == 0:
			return ""
		case first && known:
			return short(name(v))
		}
		return "│"
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
		v, known := c.before(i+1, r)
		old, before := c.before(i, r)
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
