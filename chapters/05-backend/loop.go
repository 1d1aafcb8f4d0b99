package backend

import (
	"cmp"
	"slices"
)

// label decides what is where when an iteration begins, and brings it there.
func (a *allocator) label(in *Inst) {
	a.from = a.now
	for _, v := range in.List { // their second life
		if s := &a.values[v]; len(a.ranges[v]) > 0 {
			s.end = a.ranges[v][0].To
		}
	}
	chosen := a.residents(in)
	for busy := a.registers &^ a.free; busy != 0; busy &= busy - 1 {
		r := first(busy)
		if s := &a.values[a.holds[r]]; s.end <= a.now {
			a.drop(r)
		} else if !s.stays {
			a.evict(r)
		}
	}
	for _, c := range chosen {
		s := &a.values[c.value]
		if !s.arg {
			s.start, s.end = a.next(&s.use, a.now+1), int32(len(a.steps))
		}
		if s.reg == nowhere {
			a.load(c.value)
		}
		s.hint = s.reg
	}
	for _, v := range in.List {
		s, place := &a.values[v], Loc{}
		if s.stays {
			s.made, s.stored = s.reg, false
		}
		if s.end > a.now {
			place = a.where(v)
		}
		s.def = a.now
		a.targets = append(a.targets, place)
	}
	if last := &a.Insts[len(a.Insts)-1]; last.Code == Jump {
		a.looping, a.homes = true, a.holds
		a.claim(in.List, last.List)
	}
}

// resident is a value that may be in a register at the label.
type resident struct {
	value Value
	next  int64 // how far away the loop's first use in a register is, for constants twice that
}

// residents chooses the values that are in registers at the label: those that the loop
// needs first, and then, if there is room, arguments that only exits want.
func (a *allocator) residents(in *Inst) []resident {
	end := int32(len(a.steps))
	if last := &a.Insts[end-1]; last.Code == Jump {
		for i, v := range in.List {
			s := &a.values[v]
			s.idle = last.List[i] == v && a.next(&s.use, a.now+1) == end-1
		}
	}
	var list []resident
	for v := range a.values {
		s := &a.values[v]
		at := a.next(&s.use, a.now+1)
		used := at >= 0 && (a.Values[v].Const || s.end == end)
		if s.arg {
			used = s.end > a.now && !s.idle
		}
		if s.def > a.now || !used {
			continue
		}
		next := int64(at - a.now)
		if at < 0 {
			next = int64(Never)
		} else if a.Values[v].Const { // cheap to make
			next *= 2
		}
		list = append(list, resident{Value(v), next})
	}
	slices.SortStableFunc(list, func(x, y resident) int { return cmp.Compare(x.next, y.next) })
	room, chosen := [2]int{len(a.order[Int]), len(a.order[Float])}, list[:0]
	for _, c := range list {
		if class := a.Values[c.value].Class; room[class] > 0 {
			room[class]--
			a.values[c.value].stays = true
			chosen = append(chosen, c)
		}
	}
	return chosen
}

// claim notes for each value of the loop that the jump makes an argument of the
// label where it would best be from the start.
func (a *allocator) claim(args, next []Value) {
	for i, v := range next {
		s := &a.values[v]
		if s.def <= a.now { // constants, too
			continue
		}
		r, ok := registerAt(a.targets[i])
		switch {
		case ok && s.hint == nowhere:
			s.hint = r
			a.reserved[r] = s.def
		case a.targets[i].Kind == InSlot && a.values[args[i]].end <= s.def && s.goal < 0:
			s.goal = a.targets[i].N
		}
	}
	a.hintSources(int(a.now) + 1)
}

// hint notes that r would be the best place for v.
func (a *allocator) hint(v Value, r register) {
	if s := &a.values[v]; s.hint == nowhere {
		s.hint = r
	}
}

// hintSources goes from the end back to instruction from: what a value is computed
// from that has a hint had best be there, too, if it dies of it.
func (a *allocator) hintSources(from int) {
	for i := len(a.Insts) - 2; i >= from; i-- {
		in := &a.Insts[i]
		if in.Dst == None || a.values[in.Dst].hint == nowhere {
			continue
		}
		for k, v := range in.Args[:2] {
			if v == None || k == 1 && !commutes[in.Code] || a.Values[v].Class != a.Values[in.Dst].Class {
				continue
			}
			if s := &a.values[v]; s.def >= int32(from) && s.end == int32(i) && s.hint == nowhere {
				s.hint = a.values[in.Dst].hint
				break
			}
		}
	}
}

// jump brings everything to where it is at the label.
func (a *allocator) jump(in *Inst) {
	var moves, late [2][]Move // constants are late: they need scratch registers
	add := func(class Class, dst, src Loc) {
		if src.Kind == IsConst {
			late[class] = append(late[class], Move{dst, src})
		} else if src != dst {
			moves[class] = append(moves[class], Move{dst, src})
		}
	}
	for i, v := range in.List {
		dst, s := a.targets[i], &a.values[v]
		if dst.Kind == Nowhere || dst.Kind == InSlot && s.stored && s.slot == dst.N {
			continue
		}
		add(a.Values[v].Class, dst, a.where(v))
	}
	live := RegSet(0)
	for r, v := range a.homes {
		if v == None {
			continue
		}
		live |= 1 << r
		if !a.values[v].arg {
			add(a.Values[v].Class, register(r).loc(), a.where(v))
		}
	}
	for class, list := range moves {
		if len(list) > 0 {
			a.moves = append(a.moves, a.kit.ParallelMoves(list, a.temp(Class(class), list))...)
		}
		a.moves = append(a.moves, late[class]...)
	}
	if in.Exit != nil {
		a.locate(in.Exit)
		in.Exit.Live = live
	}
}

// jumpOut brings the arguments of a jump to where the other trace wants them.
func (a *allocator) jumpOut(in *Inst) {
	var moves, late []Move
	live := RegSet(0)
	for i, v := range in.List {
		dst, s := in.To.Inputs[i], &a.values[v]
		if r, ok := registerAt(dst); ok {
			live |= r.set()
		} else {
			a.slots = max(a.slots, dst.N+1)
		}
		switch src := a.where(v); {
		case src.Kind == IsConst:
			late = append(late, Move{dst, src})
		case src != dst && (dst.Kind != InSlot || !s.stored || s.slot != dst.N):
			moves = append(moves, Move{dst, src})
		}
	}
	if len(moves) > 0 { // of both classes at once: a slot may be wanted for the other one
		a.moves = append(a.moves, a.kit.ParallelMoves(moves, a.temp(Int, moves))...)
	}
	a.moves = append(a.moves, late...)
	if in.Exit != nil {
		a.locate(in.Exit)
		in.Exit.Live = live
	}
}

// temp returns the register that a cycle of moves may go through. A move from slot to
// slot needs the float scratch register.
func (a *allocator) temp(class Class, moves []Move) Loc {
	ints, floats := a.machine.Scratch()
	if class == Float && !slices.ContainsFunc(moves, func(m Move) bool { return m.Dst.Kind == InSlot && m.Src.Kind == InSlot }) {
		return Loc{InFloat, int32(floats)}
	}
	return Loc{InReg, int32(ints)}
}
