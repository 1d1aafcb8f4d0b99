package backend

import (
	"fmt"
	"math"
	"math/bits"
)

// A FreeRegister is a register in which no value is.
type FreeRegister struct {
	Reg Reg
	// Until is the instruction at which somebody else needs the register: one that
	// destroys it, or one that makes a value which has to be there. A value that is
	// used there for the last time does not mind.
	Until int32
}

// A Candidate is a value in a register, which might have to leave it.
type Candidate struct {
	// Next is how many instructions away its next use in a register is, or Never.
	Next   int32
	Const  bool // it is a constant: never stored, and made anew instead of loaded
	Stored bool // it is in its slot already, or will be without a store in the loop
}

// Never is the Next of a value that no instruction needs in a register again.
const Never int32 = math.MaxInt32

// register is the number of a register's bit in a RegSet.
type register int8

const nowhere register = -1

func (r register) set() RegSet { return 1 << r }
func (r register) number() Reg { return Reg(r & 31) }

func (r register) loc() Loc {
	switch {
	case r == nowhere:
		return Loc{}
	case r < 32:
		return Loc{InReg, int32(r)}
	}
	return Loc{InFloat, int32(r - 32)}
}

// registerAt returns the register that loc is, if it is one.
func registerAt(loc Loc) (register, bool) {
	switch loc.Kind {
	case InReg:
		return register(loc.N), true
	case InFloat:
		return register(loc.N + 32), true
	}
	return nowhere, false
}

func first(s RegSet) register { return register(bits.TrailingZeros64(uint64(s))) }

// allocator is the state of Allocate at instruction now.
type allocator struct {
	*Lowered
	kit     *Kit
	machine Machine
	err     error
	ranges  []LiveRange
	steps   []Step
	values  []state
	now     int32
	from    int32 // what is clobbered from here on matters: now or now+1

	order     [2][]Reg // the registers of each class, the best first
	class     [2]RegSet
	registers RegSet // all of them
	free      RegSet // those in which nothing is
	pinned    RegSet // those that the instruction reads
	holds     [64]Value

	uses     []use     // lists of uses, see uses.go
	clobbers [64]int32 // next use that destroys the register
	calls    int32     // next use that destroys all

	enter     []Move  // stores of inputs that arrive in registers
	inSlots   []Value // those that are stored, and maybe some that are not any more
	slots     int32
	freeSlots []freeSlot // in the order in which they became free

	// In the loop:
	homes    [64]Value // what is in each register at the label
	reserved [64]int32 // where the value is made that goes there at the jump
	targets  []Loc     // the places of the label's arguments
	looping  bool

	// Memory for parts of steps and exits, and to be used again.
	moves, stores []Move
	locs          []Loc
	hints         []Reg
	open          []FreeRegister
	candidates    []Candidate
	occupied      []register
	serial        []Move
}

// state is what is known of a value at instruction now.
type state struct {
	reg    register // where it is, or nowhere
	made   register // where it was when it was made
	hint   register // where it would like to be, because the jump wants it there
	stored bool     // it is in its slot, all its life
	arg    bool     // it is an argument of the label
	stays  bool     // it is in a register at the label
	idle   bool     // of the label's arguments: the jump passes it on as it is, and nobody needs it in a register
	listed bool     // it is in inSlots
	shared bool     // the slot belongs to an argument of the label
	slot   int32    // or -1
	goal   int32    // slot of the label's argument as whom the jump makes it, or -1
	def    int32    // the step that makes it
	end    int32    // the step that uses it last; the number of steps if the loop keeps it
	use    int32    // the next use in a register, in uses, or -1
	start  int32    // the step of the loop that uses it first in a register
	marked int32    // the last step whose exit wanted it
}

type freeSlot struct{ slot, since int32 }

func newAllocator(k *Kit, m Machine, l *Lowered, ranges []LiveRange) *allocator {
	a := &allocator{
		Lowered: l, kit: k, machine: m, ranges: ranges,
		steps: make([]Step, len(l.Insts)), values: make([]state, len(l.Values)),
		order: [2][]Reg{m.Ints(), m.Floats()}, calls: -1,
		moves: make([]Move, 0, len(l.Insts)/4+8),
	}
	for class, regs := range a.order {
		for _, r := range regs {
			a.class[class] |= 1 << (r + Reg(32*class))
		}
	}
	a.registers = a.class[Int] | a.class[Float]
	a.free = a.registers
	for r := range a.holds {
		a.holds[r], a.homes[r], a.clobbers[r] = None, None, -1
	}
	for v := range a.values {
		s := state{reg: nowhere, made: nowhere, hint: nowhere, slot: -1, goal: -1, use: -1, def: -1, end: -1, marked: -1}
		if n := len(ranges[v]); n > 0 {
			s.end = ranges[v][n-1].To
		}
		a.values[v] = s
	}
	words := 0
	for _, x := range l.Exits {
		x.Locs, x.Live = nil, 0
		words += len(x.Values)
	}
	a.locs = make([]Loc, words)
	a.findUses()
	a.hintSources(0)
	a.arrive()
	return a
}

// arrive puts the inputs where they are at the start.
func (a *allocator) arrive() {
	a.now = -1
	var taken map[int32]bool // slots
	if a.Places != nil {
		taken = map[int32]bool{}
	}
	for i, v := range a.Inputs {
		s, at := &a.values[v], a.Place(i)
		if r, ok := registerAt(at); ok {
			a.bind(v, r)
			s.made = r
			continue
		}
		s.slot, s.stored = at.N, true
		a.list(v)
		if a.slots = max(a.slots, at.N+1); taken != nil {
			taken[at.N] = true
		}
	}
	for slot := range a.slots {
		if taken != nil && !taken[slot] {
			a.freeSlots = append(a.freeSlots, freeSlot{slot, a.now})
		}
	}
	for _, v := range a.Inputs {
		a.release(v)
	}
}

// fail notes an error. The walk ends at the next instruction.
func (a *allocator) fail(format string, args ...any) {
	if a.err == nil {
		a.err = fmt.Errorf(format, args...)
	}
}

// where returns a place of v, a register if it is in one.
func (a *allocator) where(v Value) Loc {
	switch s := &a.values[v]; {
	case s.reg != nowhere:
		return s.reg.loc()
	case a.Values[v].Const:
		return Loc{IsConst, int32(v)}
	case s.stored:
		return Loc{InSlot, s.slot}
	}
	a.fail("value %d is wanted, but it is nowhere: it is not made before, or was held to be dead", v)
	return Loc{}
}

func (a *allocator) bind(v Value, r register) {
	a.holds[r], a.values[v].reg = v, r
	a.free &^= r.set()
}

func (a *allocator) drop(r register) {
	a.values[a.holds[r]].reg = nowhere
	a.holds[r] = None
	a.free |= r.set()
}

// evict makes r free for somebody else.
func (a *allocator) evict(r register) {
	v := a.holds[r]
	if !a.Values[v].Const {
		a.store(v)
	}
	a.drop(r)
}

// store sees to it that v is in its slot, from its definition on.
func (a *allocator) store(v Value) {
	s := &a.values[v]
	if s.stored {
		return
	}
	if s.slot < 0 {
		s.slot, s.shared = a.slot(s)
	}
	s.stored = true
	a.list(v)
	m := Move{Loc{InSlot, s.slot}, s.made.loc()}
	if s.def < 0 {
		a.enter = append(a.enter, m)
		return
	}
	step := &a.steps[s.def]
	if n := len(a.stores); step.After == nil {
		a.stores = append(a.stores, m)
		step.After = a.stores[n : n+1 : n+1]
	} else {
		step.After = append(step.After, m)
	}
}

// slot returns a slot for a value. It must not have had anything else in it that was
// needed after the value was made, since that is when the store will be.
func (a *allocator) slot(s *state) (slot int32, shared bool) {
	if s.goal >= 0 {
		return s.goal, true
	}
	if len(a.freeSlots) > 0 && a.freeSlots[0].since <= s.def {
		slot = a.freeSlots[0].slot
		a.freeSlots = a.freeSlots[1:]
		return slot, false
	}
	a.slots++
	return a.slots - 1, false
}

// release takes the places of v away if nobody needs it after this instruction.
func (a *allocator) release(v Value) {
	if v == None {
		return
	}
	s := &a.values[v]
	if s.end > a.now {
		return
	}
	if s.reg != nowhere {
		a.drop(s.reg)
	}
	if s.slot >= 0 && !s.arg && !s.shared {
		a.freeSlots = append(a.freeSlots, freeSlot{s.slot, a.now})
		s.slot, s.stored = -1, false
	}
}

// wish appends the register to hints in which the jump wants v, if there is one.
func (a *allocator) wish(v Value, hints []Reg) []Reg {
	if h := a.values[v].hint; h != nowhere {
		hints = append(hints, h.number())
	}
	return hints
}

// take finds a register for v, one of avoid only if it has to. It does not put v there.
// a.hints are registers that would suit.
func (a *allocator) take(v Value, avoid RegSet) register {
	class := a.Values[v].Class
	free := a.free & a.class[class]
	if free == 0 {
		return a.displace(class)
	}
	if free&^avoid != 0 {
		free &^= avoid
	}
	base := register(32 * class)
	a.open = a.open[:0]
	for _, reg := range a.order[class] {
		if r := base + register(reg); free&r.set() != 0 {
			a.open = append(a.open, FreeRegister{reg, a.until(v, r)})
		}
	}
	end := min(a.values[v].end, a.nextCall())
	reg := a.kit.ChooseRegister(a.open, end, a.hints)
	if free&(base+register(reg)).set() == 0 {
		a.fail("ChooseRegister: register %d is not free", reg)
		return base + register(a.open[0].Reg)
	}
	return base + register(reg)
}

// until returns where r is needed for something else than v.
func (a *allocator) until(v Value, r register) int32 {
	until := int32(len(a.steps))
	if at := a.nextClobber(r); at >= 0 {
		until = at
	}
	if home := a.homes[r]; home == None || r == a.values[v].hint || home == v {
		return until // whoever wants it
	}
	// Once the value is made that goes there at the jump, and elsewhere, only the
	// jump needs it. What stays until the jump would be in its way, though.
	claim := int32(len(a.steps)) - 2
	if at := a.reserved[r]; at > a.now {
		claim = at
	}
	return min(until, claim)
}

// displace evicts a value of the class and returns its register.
func (a *allocator) displace(class Class) register {
	a.candidates, a.occupied = a.candidates[:0], a.occupied[:0]
	for _, reg := range a.order[class] {
		r := register(32*class) + register(reg)
		if a.pinned&r.set() != 0 {
			continue
		}
		v := a.holds[r]
		s := &a.values[v]
		a.occupied = append(a.occupied, r)
		a.candidates = append(a.candidates, Candidate{
			Next: a.distance(v), Const: a.Values[v].Const,
			Stored: s.stored || a.looping && int(s.def) < a.Label,
		})
	}
	i := a.kit.Victim(a.candidates)
	if i < 0 || i >= len(a.occupied) {
		a.fail("Victim: %d is none of the %d candidates", i, len(a.occupied))
		i = 0
	}
	a.evict(a.occupied[i])
	return a.occupied[i]
}
