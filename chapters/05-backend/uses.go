package backend

// use is an entry of a list of instructions, in their order.
type use struct {
	at   int32 // the instruction
	next int32 // index of the next entry, or -1
}

// findUses walks backward over the trace and makes a list of the uses of each value
// that need it in a register, and of what destroys each register. Exits find their
// values anywhere. It also finds where values are made.
func (a *allocator) findUses() {
	a.uses = make([]use, 0, 2*len(a.Insts))
	push := func(list *int32, i int) {
		a.uses = append(a.uses, use{int32(i), *list})
		*list = int32(len(a.uses) - 1)
	}
	for i := len(a.Insts) - 1; i >= 0; i-- {
		in := &a.Insts[i]
		if in.Dst != None {
			s := &a.values[in.Dst]
			if s.def = int32(i); s.end < 0 { // nobody uses it
				s.end = int32(i)
			}
		}
		for k, v := range in.Args {
			if v != None && !a.immediate(in, k, v) {
				push(&a.values[v].use, i)
				if s := &a.values[v]; a.Values[v].Const && s.end < 0 {
					s.end = int32(i)
				}
			}
		}
		switch in.Code {
		case Jump:
			for _, v := range in.List {
				if !a.Values[v].Const {
					push(&a.values[v].use, i)
				}
			}
		case JumpOut, Invoke:
			for k, v := range in.List {
				if r, ok := registerAt(in.To.Inputs[k]); ok && !a.Values[v].Const {
					push(&a.values[v].use, i)
					a.hint(v, r)
				}
			}
			if in.Code == Invoke {
				push(&a.calls, i)
			}
		case Return:
			if v := in.Args[0]; v != None && !a.Values[v].Const {
				r, _ := registerAt(resultOf(a.machine, a.Values[v].Class))
				a.hint(v, r)
			}
		case LabelHere:
			for _, v := range in.List { // their first life ends here
				a.values[v].arg, a.values[v].end = true, int32(i)
			}
		case Call:
			push(&a.calls, i)
		default:
			for set := a.machine.Clobbers(in) & a.registers; set != 0; set &= set - 1 {
				push(&a.clobbers[first(set)], i)
			}
		}
	}
}

// immediate reports whether argument k of in, v, needs no register.
func (a *allocator) immediate(in *Inst, k int, v Value) bool {
	info := &a.Values[v]
	return info.Const && a.machine.Immediate(in, k, info.Bits)
}

// next drops what stands before instruction i from a list, and returns the
// instruction that is first then, or -1.
func (a *allocator) next(list *int32, i int32) int32 {
	for *list >= 0 && a.uses[*list].at < i {
		*list = a.uses[*list].next
	}
	if *list < 0 {
		return -1
	}
	return a.uses[*list].at
}

// nextClobber returns the next instruction that destroys r, or -1.
func (a *allocator) nextClobber(r register) int32 { return a.next(&a.clobbers[r], a.from) }

// nextCall returns the next instruction that destroys everything, or the number of
// instructions.
func (a *allocator) nextCall() int32 {
	if at := a.next(&a.calls, a.from); at >= 0 {
		return at
	}
	return int32(len(a.steps))
}

// distance returns how many instructions away the next use of v in a register is,
// behind this instruction, or Never. What is in a register at the label is used again
// in the next iteration.
func (a *allocator) distance(v Value) int32 {
	s := &a.values[v]
	if at := a.next(&s.use, a.now+1); at >= 0 {
		return at - a.now
	}
	if s.stays && !s.arg {
		return int32(len(a.steps)) - a.now + s.start - int32(a.Label)
	}
	return Never
}
