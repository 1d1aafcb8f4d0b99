package backend_test

import (
	"fmt"
	"maps"
	"slices"

	backend "metatrace/chapters/05-backend"
)

// allocChecker executes an allocation with names instead of numbers: of every register and
// slot it knows which values are in it. Whatever is read has to hold the value that
// the instruction names, and whatever may be destroyed is believed to be. The loop
// is executed until what is known at the label stays the same.
type allocChecker struct {
	a        *backend.Allocation
	m        backend.Machine
	at       int
	contents map[backend.Loc][]backend.Value
}

// checkAllocation returns what is wrong with a, or nil.
func checkAllocation(m backend.Machine, a *backend.Allocation) (err error) {
	c := &allocChecker{a: a, m: m, contents: map[backend.Loc][]backend.Value{}}
	defer func() {
		if r := recover(); r != nil {
			wrong, ok := r.(wrongAllocation)
			if !ok {
				panic(r)
			}
			err = fmt.Errorf("step %d (%s): %s", c.at, stepText(a, c.at), wrong)
		}
	}()
	if len(a.Steps) != len(a.Insts) {
		return fmt.Errorf("%d steps for %d instructions", len(a.Steps), len(a.Insts))
	}
	for i, v := range a.Inputs {
		c.contents[a.Place(i)] = []backend.Value{v}
	}
	for _, m := range a.Enter {
		c.move(m)
	}
	if a.Label < 0 {
		c.run(0, len(a.Steps))
		return nil
	}
	c.run(0, a.Label)
	c.at = a.Label
	c.instruction(true)
	for {
		entry := cloned(c.contents)
		c.at = a.Label
		c.afterMoves()
		c.run(a.Label+1, len(a.Steps))
		if last := &a.Insts[len(a.Insts)-1]; last.Code != backend.Jump {
			return nil
		}
		c.rename()
		meet(c.contents, entry)
		if maps.EqualFunc(c.contents, entry, slices.Equal) {
			return nil
		}
	}
}

type wrongAllocation string

func (c *allocChecker) failf(format string, args ...any) {
	panic(wrongAllocation(fmt.Sprintf(format, args...)))
}

func cloned(m map[backend.Loc][]backend.Value) map[backend.Loc][]backend.Value {
	n := maps.Clone(m)
	for loc, list := range n {
		n[loc] = slices.Clone(list)
	}
	return n
}

// meet keeps in m what is in n, too.
func meet(m, n map[backend.Loc][]backend.Value) {
	for loc, list := range m {
		list = slices.DeleteFunc(list, func(v backend.Value) bool { return !slices.Contains(n[loc], v) })
		if slices.Sort(list); len(list) == 0 {
			delete(m, loc)
		} else {
			m[loc] = list
		}
	}
	for loc, list := range n {
		slices.Sort(list)
		n[loc] = list
	}
}

// rename gives everything the name that it has in the next iteration.
func (c *allocChecker) rename() {
	label, jump := c.a.Insts[c.a.Label].List, c.a.Insts[len(c.a.Insts)-1].List
	before := map[backend.Value]bool{}
	for _, v := range c.a.Inputs {
		before[v] = true
	}
	for i := range c.a.Insts[:c.a.Label] {
		before[c.a.Insts[i].Dst] = true
	}
	for v := range c.a.Values {
		before[backend.Value(v)] = before[backend.Value(v)] || c.a.Values[v].Const
	}
	for loc, list := range c.contents {
		var names []backend.Value
		for _, v := range list {
			if before[v] && !slices.Contains(label, v) {
				names = append(names, v)
			}
			for i, next := range jump {
				if next == v {
					names = append(names, label[i])
				}
			}
		}
		c.contents[loc] = names
	}
}

func (c *allocChecker) run(from, to int) {
	for c.at = from; c.at < to; c.at++ {
		c.instruction(false)
		c.afterMoves()
	}
}

func isRegister(loc backend.Loc) bool {
	return loc.Kind == backend.InReg || loc.Kind == backend.InFloat
}

// bit is the place of a register in a RegSet.
func bit(loc backend.Loc) backend.RegSet {
	switch loc.Kind {
	case backend.InReg:
		return 1 << loc.N
	case backend.InFloat:
		return 1 << (32 + loc.N)
	}
	return 0
}

// allocatable are the registers that values may be in.
func allocatable(m backend.Machine) (set backend.RegSet) {
	for _, r := range m.Ints() {
		set |= 1 << r
	}
	for _, r := range m.Floats() {
		set |= 1 << (32 + r)
	}
	return set
}

// keep forgets what is in all registers but those of set.
func (c *allocChecker) keep(set backend.RegSet) {
	for loc := range c.contents {
		if isRegister(loc) && bit(loc)&set == 0 {
			delete(c.contents, loc)
		}
	}
}

// scratch returns the scratch registers.
func (c *allocChecker) scratch() (ints, floats backend.Loc) {
	i, f := c.m.Scratch()
	return backend.Loc{Kind: backend.InReg, N: int32(i)}, backend.Loc{Kind: backend.InFloat, N: int32(f)}
}

func (c *allocChecker) move(m backend.Move) {
	ints, floats := c.scratch()
	if m.Dst == m.Src {
		c.failf("the move %v goes nowhere", m)
	}
	if m.Dst.Kind == backend.InSlot && (m.Dst.N < 0 || int(m.Dst.N) >= c.a.Slots) {
		c.failf("the slot of move %v is not below %d", m, c.a.Slots)
	}
	if isRegister(m.Dst) && bit(m.Dst)&(allocatable(c.m)|bit(ints)|bit(floats)) == 0 {
		c.failf("the register of move %v is not for values", m)
	}
	var what []backend.Value
	switch m.Src.Kind {
	case backend.IsConst:
		what = []backend.Value{backend.Value(m.Src.N)}
		if !c.a.Values[m.Src.N].Const {
			c.failf("move %v from a constant that is none", m)
		}
		delete(c.contents, ints) // constants may need both
		delete(c.contents, floats)
	default:
		if what = c.contents[m.Src]; len(what) == 0 {
			c.failf("move %v from where nothing is", m)
		}
		if m.Src.Kind == backend.InSlot && m.Dst.Kind == backend.InSlot {
			delete(c.contents, floats)
		}
	}
	c.contents[m.Dst] = slices.Clone(what)
}

func (c *allocChecker) expect(what string, loc backend.Loc, v backend.Value) {
	switch {
	case loc.Kind == backend.IsConst:
		if !c.a.Values[v].Const || loc.N != int32(v) {
			c.failf("%s: constant %d for value %d", what, loc.N, v)
		}
	case !slices.Contains(c.contents[loc], v):
		c.failf("%s: %v for value %d, but %v is there", what, loc, v, c.contents[loc])
	}
}

func (c *allocChecker) exit(x *backend.Exit) {
	if len(x.Locs) != len(x.Values) {
		c.failf("exit %d: %d places for %d values", x.Number, len(x.Locs), len(x.Values))
	}
	for i, v := range x.Values {
		c.expect(fmt.Sprintf("exit %d", x.Number), x.Locs[i], v)
	}
}

// instruction executes the moves before the instruction, and the instruction.
func (c *allocChecker) instruction(entering bool) {
	step, in := &c.a.Steps[c.at], &c.a.Insts[c.at]
	for _, m := range step.Before {
		c.move(m)
	}
	if step.Inst != in {
		c.failf("its Inst is another one")
	}
	for k, v := range in.Args {
		c.argument(in, k, v, step.Args[k])
	}
	x := in.Exit
	switch in.Code {
	case backend.LabelHere:
		if !entering {
			c.failf("the label is executed")
		}
	case backend.Jump:
		if x != nil {
			c.keep(x.Live)
		}
	case backend.JumpOut:
		for i, v := range in.List {
			at := in.To.Inputs[i]
			if isRegister(at) && x != nil && bit(at)&x.Live == 0 {
				c.failf("%v is not kept while Go is asked", at)
			}
			c.expect(fmt.Sprintf("argument %d", i), at, v)
		}
	case backend.Call:
		c.exit(x)
		c.keep(0)
	case backend.Invoke:
		if c.exit(x); x.Then != nil {
			c.keep(x.Then.Live)
		}
		c.invoke(step)
	case backend.New, backend.NewArray:
		c.exit(x)
		c.clobber(in)
		delete(c.contents, step.Dst) // it is written before the exit
		c.exit(x)
		c.keep(x.Live)
	case backend.Ask:
		c.exit(x)
		c.keep(x.Live)
		c.exit(x.Then)
	default:
		c.clobber(in)
	}
	if in.Dst != backend.None {
		if c.a.Values[in.Dst].Class == backend.Int != (step.Dst.Kind == backend.InReg) || bit(step.Dst)&allocatable(c.m) == 0 {
			c.failf("its result is at %v", step.Dst)
		}
		c.contents[step.Dst] = []backend.Value{in.Dst}
	} else if step.Dst != (backend.Loc{}) {
		c.failf("it has no result, but a place for it")
	}
	if x != nil && (x.Kind == backend.ExitGuard || x.Kind == backend.ExitFinish) {
		c.exit(x)
	}
	ints, floats := c.scratch()
	delete(c.contents, ints)
	delete(c.contents, floats)
}

func (c *allocChecker) argument(in *backend.Inst, k int, v backend.Value, loc backend.Loc) {
	if v == backend.None {
		if loc != (backend.Loc{}) {
			c.failf("there is no argument %d, but a place for it", k)
		}
		return
	}
	info := c.a.Values[v]
	switch {
	case loc.Kind == backend.IsConst:
		if !c.m.Immediate(in, k, info.Bits) {
			c.failf("argument %d is no immediate", k)
		}
	case info.Class == backend.Int != (loc.Kind == backend.InReg) || bit(loc)&allocatable(c.m) == 0:
		c.failf("argument %d, value %d, is at %v", k, v, loc)
	}
	c.expect(fmt.Sprintf("argument %d", k), loc, v)
}

func (c *allocChecker) clobber(in *backend.Inst) {
	set := c.m.Clobbers(in)
	for loc := range c.contents {
		if bit(loc)&set != 0 {
			delete(c.contents, loc)
		}
	}
}

func (c *allocChecker) afterMoves() {
	for _, m := range c.a.Steps[c.at].After {
		c.move(m)
	}
}
