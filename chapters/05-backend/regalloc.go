package backend

import (
	"fmt"

	"metatrace/chapters/05-backend/native"
)

// Register allocation.
//
// Every value gets a register where an instruction reads or writes it, and is
// somewhere, register or spill slot, as long as anybody will want to know it. The
// trace is one straight line, so that a single walk over it is enough: linear scan,
// in the manner of Traub, Holloway, Smith, "Quality and Speed in Linear-Scan
// Register Allocation", PLDI 1998. At each instruction
//
//	arguments  that are in no register are loaded (a move of Step.Before)
//	clobbers   what is destroyed and still wanted moves away, or is spilled
//	death      arguments that are used here for the last time free their register
//	result     Dst takes a free register
//	exit       Locs says where the values are that the exit wants
//
// If no register is free, a value is evicted: the one whose next use in a register
// is furthest away (Belady 1966; Kit.Victim weighs a little). A walk backward has made
// a list of the uses of each value before, so that the next one is always at the head
// of its list. All of it takes time in proportion to the trace.
//
// # Spilling
//
// A value that is ever evicted is stored right behind the instruction that makes it
// (Step.After), even if the eviction comes much later. It costs the same as a store
// at the eviction, and often less: the definition may be before the loop, and the
// eviction in it. In return every invariant becomes simple:
//
//   - The slot of a value is valid all its life, or there is none. Evicting a second
//     time and leaving through an exit cost nothing.
//   - An exit takes the slot if there is one; its stub has less to save then.
//   - Constants are never stored. They are made anew where they are needed.
//   - Inputs are in slots from the start, and loaded when they are needed; or they
//     are in registers, if other code comes here by a jump (Lowered.Places). The
//     definition of such an input is the start: what is evicted later, is stored there
//     (Allocation.Enter).
//
// A store that is added later needs a slot that has been free since the value was
// made. The free slots are kept in the order in which they became free, so the first
// of them is the one to ask for.
//
// # The loop
//
// The label is the only place where two paths meet. What is where at the label, the
// walk decides when it arrives there: arguments of the label, values from before
// the loop, and constants get registers in the order in which the loop needs them,
// until registers are full; the rest is in slots. Mostly nothing has to move for it.
// The jump restores exactly this state, with moves that happen all at once
// (Kit.ParallelMoves). What is not touched in the loop is not moved: invariants stay
// in their registers.
//
// An argument of the label is one Value with two lives. The first ends at the label.
// The second begins there, in each iteration, and ends at its last use. From there
// to the jump is a hole in its live range, in which its register is free for others;
// but the value that the jump will put there has the better claim to it from its
// own definition on, since it needs no move then (state.hint, allocator.reserved).
//
// A store of an argument of the label that is evicted in the loop is in Step.After of
// the label. The jump goes to the place between the label's Before and its After.
//
// # Jumps to other traces
//
// A jump that leaves for another trace (JumpOut) finds the places already decided: there
// all moves happen at once, those of integers and floats together, since slots belong
// to both. What goes to a register had best be made there (state.hint).
//
// # Exits
//
// The exit of a checked operation sees what is there when the result is written.
// Its values therefore count as alive behind the instruction when Dst chooses a
// register, unless they are in a slot or constant.

// Allocate gives every value of l its places on m. It fills in Locs and Live of the
// exits of l. The time that it takes grows linearly with l. The error says which
// instruction is not as package backend defines it, which function of the Kit gave an
// answer that can't be, or that l needs more than native.MaxSlots slots.
func (k *Kit) Allocate(m Machine, l *Lowered) (*Allocation, error) {
	if err := checkLowered(m, l); err != nil {
		return nil, err
	}
	ranges := k.LiveRanges(l)
	if len(ranges) != len(l.Values) {
		return nil, fmt.Errorf("LiveRanges: %d ranges for %d values", len(ranges), len(l.Values))
	}
	a := newAllocator(k, m, l, ranges)
	for i := range l.Insts {
		a.now = int32(i)
		in, step, start := &l.Insts[i], &a.steps[i], len(a.moves)
		step.Inst = in
		switch in.Code {
		case LabelHere:
			a.label(in)
		case Jump:
			a.jump(in)
		case JumpOut:
			a.jumpOut(in)
		default:
			a.instruction(in, step)
		}
		step.Before = a.moves[start:len(a.moves):len(a.moves)]
		if a.err != nil {
			return nil, fmt.Errorf("instruction %d: %w", i, a.err)
		}
	}
	if a.slots > native.MaxSlots {
		return nil, fmt.Errorf("the trace needs %d spill slots, expected at most %d", a.slots, native.MaxSlots)
	}
	return &Allocation{Lowered: l, Enter: a.enter, Steps: a.steps, Slots: int(a.slots), Ranges: ranges}, nil
}

// checkLowered looks at what the walk relies on.
func checkLowered(m Machine, l *Lowered) error {
	if len(m.Ints()) < 3 || len(m.Floats()) < 2 {
		return fmt.Errorf("%s has %d integer and %d float registers, expected at least 3 and 2", m.Name(), len(m.Ints()), len(m.Floats()))
	}
	if l.Places != nil && len(l.Places) != len(l.Inputs) {
		return fmt.Errorf("%d places for %d inputs", len(l.Places), len(l.Inputs))
	}
	for i := range l.Insts {
		switch in := &l.Insts[i]; in.Code {
		case JumpOut:
			if i != len(l.Insts)-1 || in.To == nil || len(in.List) != len(in.To.Inputs) {
				return fmt.Errorf("instruction %d: expected the only jump at the end, with as many arguments as it wants where it goes to", i)
			}
		case LabelHere:
			if i != l.Label {
				return fmt.Errorf("instruction %d: a label, but that of the trace is at %d", i, l.Label)
			}
		case Jump:
			if i != len(l.Insts)-1 || l.Label < 0 || len(in.List) != len(l.Insts[l.Label].List) {
				return fmt.Errorf("instruction %d: expected the only jump at the end, with as many arguments as the label", i)
			}
			if in.Exit != nil && len(in.Exit.Values) > 0 {
				return fmt.Errorf("instruction %d: the exit of a poll wants values", i)
			}
		}
	}
	if l.Label >= len(l.Insts) || l.Label >= 0 && l.Insts[l.Label].Code != LabelHere {
		return fmt.Errorf("expected a label at instruction %d", l.Label)
	}
	return nil
}

// instruction allocates all instructions but the label and the jump.
func (a *allocator) instruction(in *Inst, step *Step) {
	a.arguments(in, step)
	a.from = a.now + 1 // what this instruction clobbers does no harm to its result
	if in.Code == Call {
		a.locate(in.Exit) // before everything is destroyed
		a.vacate(a.registers)
	} else if in.Code == Invoke {
		a.invoke(in, step)
	} else {
		a.mark(in.Exit)
		if set := a.machine.Clobbers(in) & a.registers; set != 0 {
			a.vacate(set)
		}
	}
	for _, v := range in.Args {
		a.lastRead(v)
	}
	a.pinned = 0
	if in.Dst != None {
		a.result(in, step)
	}
	a.exit(in)
	if in.Code == Return {
		a.returns(in)
	}
	for _, v := range in.Args {
		a.release(v)
	}
	a.release(in.Dst)
	a.live(in, step)
}

// arguments sees to it that the arguments are in registers.
func (a *allocator) arguments(in *Inst, step *Step) {
	a.from = a.now
	for k, v := range in.Args {
		if v == None {
			continue
		}
		if a.immediate(in, k, v) {
			step.Args[k] = Loc{IsConst, int32(v)}
		} else if r := a.values[v].reg; r != nowhere {
			a.pinned |= r.set()
			step.Args[k] = r.loc()
		}
	}
	for k, v := range in.Args {
		if v == None || step.Args[k].Kind != Nowhere {
			continue
		}
		r := a.values[v].reg
		if r == nowhere { // else it stands here twice
			r = a.load(v)
		}
		a.pinned |= r.set()
		step.Args[k] = r.loc()
	}
}

// load brings v into a register.
func (a *allocator) load(v Value) register {
	src := a.where(v)
	a.hints = a.wish(v, a.hints[:0])
	r := a.take(v, 0)
	a.moves = append(a.moves, Move{r.loc(), src})
	a.bind(v, r)
	return r
}

// mark notes that an exit wants values as they are behind the instruction.
func (a *allocator) mark(x *Exit) {
	for ; x != nil; x = x.Then {
		for _, v := range x.Values {
			a.values[v].marked = a.now
		}
	}
}

// vacate frees registers that the instruction destroys.
func (a *allocator) vacate(set RegSet) {
	for busy := set &^ a.free; busy != 0; busy &= busy - 1 {
		r := first(busy)
		v := a.holds[r]
		s := &a.values[v]
		if s.end <= a.now && s.marked != a.now {
			continue // read, and forgotten
		}
		refuge := a.free & a.class[r>>5] &^ set
		if refuge == 0 || (s.stored || a.Values[v].Const) && a.distance(v) == Never {
			a.evict(r)
			continue
		}
		free := a.free
		a.free, a.hints = refuge, a.hints[:0]
		to := a.take(v, 0)
		a.free = free
		a.moves = append(a.moves, Move{to.loc(), r.loc()})
		a.drop(r)
		a.bind(v, to)
	}
}

// lastRead takes v out of its register if nobody wants it there any more. Exits find
// it in its slot if it has one.
func (a *allocator) lastRead(v Value) {
	if v == None || a.values[v].reg == nowhere {
		return
	}
	s := &a.values[v]
	wanted := s.end > a.now || s.marked == a.now
	if s.stored || a.Values[v].Const {
		wanted = a.distance(v) != Never
	}
	if !wanted {
		a.drop(s.reg)
	}
}

// result gives Dst a register.
func (a *allocator) result(in *Inst, step *Step) {
	a.hints = a.wish(in.Dst, a.hints[:0])
	avoid := RegSet(0)
	class := a.Values[in.Dst].Class
	for k := range 2 { // machines with two addresses want Dst to be the first argument
		r, ok := registerAt(step.Args[k])
		switch {
		case !ok || a.free&r.set()&a.class[class] == 0:
		case k == 0 || commutes[in.Code]:
			a.hints = append(a.hints, r.number())
		case ordered[in.Code]:
			avoid |= r.set()
		}
	}
	if in.Code == Invoke {
		a.hints = append(a.hints, Reg(resultOf(a.machine, class).N))
	}
	r := a.take(in.Dst, avoid)
	a.bind(in.Dst, r)
	a.values[in.Dst].made = r
	step.Dst = r.loc()
}

// commutes are the instructions whose first two arguments may change places.
var commutes = [numOpcodes]bool{
	Add: true, Mul: true, And: true, Or: true, Xor: true, MulHigh: true, AddOvf: true, MulOvf: true,
	FloatAdd: true, FloatMul: true,
}

// ordered are those where they may not, and where it costs a move on machines with
// two addresses if Dst is the second.
var ordered = [numOpcodes]bool{
	Sub: true, Shl: true, Sar: true, Shr: true, SubOvf: true, Div: true, Mod: true, FloatSub: true, FloatDiv: true,
}

// exit fills in the places of the values that exits want, and lets go of them.
func (a *allocator) exit(in *Inst) {
	for x := in.Exit; x != nil; x = x.Then {
		if in.Code != Call && in.Code != Invoke {
			a.locate(x)
		}
	}
	for x := in.Exit; x != nil; x = x.Then {
		for _, v := range x.Values {
			a.release(v)
		}
	}
}

// locate fills in x.Locs. Two instructions may share an exit if nothing has moved
// between them.
func (a *allocator) locate(x *Exit) {
	filled := x.Locs != nil
	if !filled {
		n := len(x.Values)
		x.Locs, a.locs = a.locs[:n:n], a.locs[n:]
	}
	for i, v := range x.Values {
		at := a.places(v)
		if filled && x.Locs[i] != at && (x.Locs[i].Kind == InSlot || x.Locs[i] != a.values[v].reg.loc()) {
			a.fail("exit %d is shared, but value %d has moved since", x.Number, v)
		}
		if !filled {
			x.Locs[i] = at
		}
	}
}

// places returns where an exit finds v: best where nothing has to be saved.
func (a *allocator) places(v Value) Loc {
	if s := &a.values[v]; s.stored && !a.Values[v].Const {
		return Loc{InSlot, s.slot}
	} else if a.Values[v].Const {
		return Loc{IsConst, int32(v)}
	}
	return a.where(v)
}

// live fills in Live of an exit that resumes behind the instruction.
func (a *allocator) live(in *Inst, step *Step) {
	x := in.Exit
	if x == nil || x.Kind != ExitAlloc && x.Kind != ExitAsk {
		return
	}
	x.Live = a.registers &^ a.free
	if r, ok := registerAt(step.Dst); ok {
		x.Live &^= r.set()
	}
	if x.Then != nil { // whose stub runs after resuming
		for _, loc := range x.Then.Locs {
			if r, ok := registerAt(loc); ok {
				x.Live |= r.set()
			}
		}
	}
}
