package guards

import (
	"fmt"
	"slices"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// A Source says where a word of an exit comes from: not negative, from the
// register with that number; negative, it is the address of the object ^s, a
// number in the exit's list of objects.
type Source int32

// A Blueprint is an object that an exit makes: its class, and where its words
// come from, the fields or the items in order. Words may name the object itself,
// and objects that stand before or behind it in the list.
type Blueprint struct {
	Class *heap.Class
	Words []Source
}

// A Materializer makes the objects of plan, which the trace has not allocated
// because it got by without them, and returns their addresses, in the order of
// plan. regs are the registers of the trace as it is left.
//
// alloc makes an object of class c with so many words, all 0. The collector may
// run in it; what it returned in this exit before is safe. If memory is out it
// returns 0, and then it does not matter what the Materializer returns. set
// stores v as word number word of r; for an r of 0 that alloc returned it does
// nothing.
//
// For example, of the plan [{NODE, [4 ^1]} {NODE, [5 ^0]}] (^1 is the Source -2,
// ^0 is -1) come two objects that refer to each other, with the values that are
// in the registers 4 and 5.
type Materializer func(
	alloc func(c *heap.Class, words int) heap.Ref,
	set func(r heap.Ref, word int, v uint64),
	plan []Blueprint, regs []uint64) []heap.Ref

// exit is a decoded ir.Exit: what leaving through its guard does.
type exit struct {
	guard   *ir.Op
	tagged  []tagged    // done first: words that others are made of
	values  []Source    // the failargs
	objects []Blueprint // made when the guard fails
	stores  []store     // done then, in this order
}

// store is a store that the trace has put off: word number index of object is
// set to value.
type store struct{ object, index, value Source }

// tagged is an object of an immediate class that an exit makes: of the value in
// one register, in another one.
type tagged struct {
	class     *heap.Class
	value, to int32
}

// exit decodes the exit of a guard.
func (d *decoder) exit(guard *ir.Op) *exit {
	x := exitDecoder{d, &exit{guard: guard}, nil}
	for _, a := range guard.Exit.Failargs {
		x.exit.values = append(x.exit.values, x.source(a))
	}
	for _, op := range guard.Exit.Pending {
		x.exit.stores = append(x.exit.stores, x.store(op))
	}
	return x.exit
}

// exitDecoder is the state of decoding one exit.
type exitDecoder struct {
	*decoder
	exit *exit
	made map[*ir.Op]Source // the virtual objects that have a number
}

// source returns where the value a comes from. A virtual object is numbered
// before its words are looked at: they may lead back to it.
func (x *exitDecoder) source(a *ir.Op) Source {
	if a.Code != ir.OpVirtual {
		return Source(x.reg(a))
	}
	if s, ok := x.made[a]; ok {
		return s
	}
	if x.made == nil {
		x.made = map[*ir.Op]Source{}
	}
	if class := a.Descr.(*heap.Class); class.Immediate != nil {
		x.made[a] = x.tagged(class, a.Args[0])
		return x.made[a]
	}
	n := len(x.exit.objects)
	x.made[a] = Source(^n)
	x.p.virtual = true
	words := make([]Source, len(a.Args))
	x.exit.objects = append(x.exit.objects, Blueprint{a.Descr.(*heap.Class), words})
	for i, word := range a.Args {
		words[i] = x.source(word)
	}
	return Source(^n)
}

// tagged returns where the object of an immediate class with that value comes
// from: a register of its own, which is set when the exit is taken.
func (x *exitDecoder) tagged(class *heap.Class, value *ir.Op) Source {
	if value.IsConst() {
		return Source(x.constant(class.Immediate.Word(value.Int())))
	}
	to := int32(len(x.p.init))
	x.p.init = append(x.p.init, 0)
	x.exit.tagged = append(x.exit.tagged, tagged{class, x.reg(value), to})
	return Source(to)
}

// store decodes a pending store. A field is a word with a constant index.
func (x *exitDecoder) store(op *ir.Op) store {
	s := store{object: x.source(op.Args[0]), value: x.source(op.Args[len(op.Args)-1])}
	switch descr := op.Descr.(type) {
	case *heap.Field:
		s.index = Source(x.constant(uint64(descr.Index)))
	case *heap.Class:
		s.index = x.source(op.Args[1])
	}
	return s
}

// leave does what leaving r through e does, and returns the values of the
// failargs. They are good until r runs again.
func (x *executor) leave(r *run, e *exit) ([]uint64, error) {
	regs, values := r.regs, r.values[:0]
	for _, t := range e.tagged {
		regs[t.to] = t.class.Immediate.Word(int64(regs[t.value]))
	}
	if len(e.objects) == 0 && len(e.stores) == 0 {
		for _, s := range e.values {
			values = append(values, regs[s])
		}
		r.values = values
		return values, nil
	}
	objects, err := x.makeObjects(e.objects, regs)
	if err != nil {
		return nil, err
	}
	value := func(s Source) uint64 {
		if s < 0 {
			return objects[^s]
		}
		return regs[s]
	}
	for _, s := range e.values {
		values = append(values, value(s))
	}
	for _, s := range e.stores {
		x.heap.SetWord(value(s.object), int(value(s.index)), value(s.value))
	}
	r.values = values
	return values, nil
}

// makeObjects allocates the objects of an exit. Nothing is allocated between the
// end of this and when they are in a frame, so only until then the collector has
// to be shown them.
func (x *executor) makeObjects(plan []Blueprint, regs []uint64) ([]heap.Ref, error) {
	if len(plan) == 0 {
		return nil, nil
	}
	x.full, x.made = false, x.made[:0]
	objects := x.materialize(x.alloc, x.set, plan, regs)
	made := x.made
	x.made = x.made[:0]
	if x.full {
		return nil, machine.ErrOutOfMemory
	}
	x.checkObjects(objects, plan, made)
	return objects, nil
}

// checkObjects panics unless objects are those of plan, each one of made. The
// interpreter takes what it gets for objects: a wrong address ends the process.
func (x *executor) checkObjects(objects []heap.Ref, plan []Blueprint, made []heap.Ref) {
	if len(objects) != len(plan) {
		panic(fmt.Sprintf("Materialize returned %d objects, expected %d", len(objects), len(plan)))
	}
	for i, r := range objects {
		switch {
		case !slices.Contains(made, r):
			panic(fmt.Sprintf("Materialize returned as object %d an address that alloc did not return", i))
		case x.heap.Class(r) != plan[i].Class || x.heap.Words(r) != len(plan[i].Words):
			panic(fmt.Sprintf("Materialize returned as object %d a %s with %d words, expected a %s with %d",
				i, x.heap.Class(r), x.heap.Words(r), plan[i].Class, len(plan[i].Words)))
		case slices.Contains(objects[:i], r):
			panic(fmt.Sprintf("Materialize returned one address twice, the second time as object %d", i))
		}
	}
}

// allocate is what a Materializer gets as alloc.
func (x *executor) allocate(c *heap.Class, words int) heap.Ref {
	r := x.heap.Make(c, int64(words))
	if r == 0 {
		x.full = true
		return 0
	}
	x.made = append(x.made, r)
	x.objects++
	return r
}

// setWord is what a Materializer gets as set. A wrong address or number would
// overwrite some other object, so it is checked here, as nowhere else.
func (x *executor) setWord(r heap.Ref, word int, v uint64) {
	if r == 0 && x.full {
		return
	}
	if r == 0 {
		panic("Materialize sets a word of null")
	}
	if !slices.Contains(x.made, r) {
		panic("Materialize sets a word of an address that alloc did not return")
	}
	if n := x.heap.Words(r); word < 0 || word >= n {
		panic(fmt.Sprintf("Materialize sets word %d of a %s, which has %d", word, x.heap.Class(r), n))
	}
	x.heap.SetWord(r, word, v)
}
