package backend

// Calls of compiled functions destroy all registers, and the callee has spill slots of
// its own, with the same numbers. What is needed behind the call, or by its exit, is
// in slots by then. It is noted in Exit.Frame which.

// invoke notes what the call keeps, and brings its arguments where the callee wants
// them. Nothing has been destroyed yet.
func (a *allocator) invoke(in *Inst, step *Step) {
	x := in.Exit
	for _, v := range x.Values[:x.Own] {
		a.values[v].marked = a.now
	}
	if x.Then != nil {
		x.Then.Live = a.registers &^ a.free
	}
	n := len(x.Values)
	x.Locs, a.locs = a.locs[:n:n], a.locs[n:]
	var moves, late []Move // constants are late: they need scratch registers
	for i, v := range in.List {
		src, dst := a.where(v), in.To.Inputs[i]
		x.Locs[x.Own+i] = src
		if dst.Kind == InSlot {
			a.slots = max(a.slots, dst.N+1)
		}
		if src.Kind == IsConst {
			late = append(late, Move{dst, src})
		} else if src != dst {
			moves = append(moves, Move{dst, src})
		}
	}
	if len(moves) > 0 {
		moves = a.kit.ParallelMoves(moves, a.temp(Int, moves))
	}
	step.Inside = append(moves, late...)
	var from [len(a.holds)]Value
	copy(from[:], a.holds[:])
	a.vacate(a.registers)
	for busy := a.registers &^ a.free; busy != 0; busy &= busy - 1 {
		a.drop(first(busy)) // nobody wants it any more
	}
	for i, v := range x.Values[:x.Own] {
		x.Locs[i] = a.places(v)
	}
	a.keep(x, from[:])
}

// keep fills in x.Frame. holds is what was in the registers.
func (a *allocator) keep(x *Exit, holds []Value) {
	at := map[Value]Loc{}
	for r, v := range holds {
		if v != None {
			at[v] = register(r).loc()
		}
	}
	a.dropUnstored()
	for _, wanted := range []bool{true, false} {
		for _, v := range a.inSlots {
			s := &a.values[v]
			if s.end > a.now != wanted || !wanted && s.marked != a.now {
				continue
			}
			kept := Kept{Slot: s.slot, From: Loc{InSlot, s.slot}}
			if loc, ok := at[v]; ok {
				kept.From = loc
			}
			x.Frame = append(x.Frame, kept)
		}
		if wanted {
			x.Back = len(x.Frame)
		}
	}
}

// list notes that v is in its slot.
func (a *allocator) list(v Value) {
	if s := &a.values[v]; !s.listed {
		s.listed = true
		a.inSlots = append(a.inSlots, v)
	}
}

// dropUnstored takes values from the list of those in slots that are not any more.
func (a *allocator) dropUnstored() {
	list := a.inSlots[:0]
	for _, v := range a.inSlots {
		if s := &a.values[v]; s.stored {
			list = append(list, v)
		} else {
			s.listed = false
		}
	}
	a.inSlots = list
}

// returns says that the exit of a Return finds the result where callers do.
func (a *allocator) returns(in *Inst) {
	for i, v := range in.Exit.Values {
		if !a.Values[v].Const {
			in.Exit.Locs[i] = resultOf(a.machine, a.Values[v].Class)
		}
	}
}

// resultOf returns where a function returns a result of a class.
func resultOf(m Machine, class Class) Loc {
	if class == Float {
		return Loc{InFloat, int32(m.Floats()[0])}
	}
	return Loc{InReg, int32(m.Ints()[0])}
}
