package guards

import (
	ir "metatrace/chapters/01-ir"
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

// An Exit is a decoded ir.Exit: what leaving a trace by one operation does. Where it
// says register, it means an index of the words that Leaver.Leave is given.
type Exit struct {
	Op      *ir.Op      // the guard, or finish
	tagged  []tagged    // done first: words that others are made of
	values  []Source    // the failargs, or the arguments
	objects []Blueprint // made when the trace is left
	stores  []store     // done then, in this order
	refs    []int32     // the registers that hold references
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

// DecodeExit decodes the exit of a guard, or finish. reg returns the register where
// the word of a will be: a is an input, an operation, or a constant (ConstWord says
// which word that is). Or it is a virtual object of an immediate class: then the
// register is one that nothing else uses, and Leave sets it. reg may be asked for the
// same value more than once.
func DecodeExit(op *ir.Op, reg func(a *ir.Op) int32) *Exit {
	x := exitDecoder{reg: reg, exit: &Exit{Op: op}}
	if op.Exit == nil {
		x.exit.values = x.sources(op.Args)
		return x.exit
	}
	x.exit.values = x.sources(op.Exit.Failargs)
	for _, op := range op.Exit.Pending {
		x.exit.stores = append(x.exit.stores, x.store(op))
	}
	return x.exit
}

// ConstWord returns the word of a constant. A prebuilt object is where it is now.
func ConstWord(a *ir.Op) uint64 {
	if a.Code == ir.OpConstPtr && a.Name != nil {
		return a.Name.Addr
	}
	return a.Bits
}

// exitDecoder is the state of DecodeExit.
type exitDecoder struct {
	reg  func(a *ir.Op) int32
	exit *Exit
	made map[*ir.Op]Source // the virtual objects that have a number
}

func (x *exitDecoder) sources(list []*ir.Op) []Source {
	sources := make([]Source, len(list))
	for i, a := range list {
		sources[i] = x.source(a)
	}
	return sources
}

// source returns where the value a comes from. A virtual object is numbered
// before its words are looked at: they may lead back to it.
func (x *exitDecoder) source(a *ir.Op) Source {
	if a.Code != ir.OpVirtual {
		return Source(x.register(a))
	}
	if s, ok := x.made[a]; ok {
		return s
	}
	if x.made == nil {
		x.made = map[*ir.Op]Source{}
	}
	class := a.Descr.(*heap.Class)
	if class.Immediate != nil {
		x.made[a] = x.tagged(class, a)
		return x.made[a]
	}
	n := len(x.exit.objects)
	x.made[a] = Source(^n)
	words := make([]Source, len(a.Args))
	x.exit.objects = append(x.exit.objects, Blueprint{class, words})
	for i, word := range a.Args {
		words[i] = x.source(word)
	}
	return Source(^n)
}

// register asks for the register of a, and notes it for the collector.
func (x *exitDecoder) register(a *ir.Op) int32 {
	reg := x.reg(a)
	if a.Type == ir.Ref {
		x.exit.refs = append(x.exit.refs, reg)
	}
	return reg
}

// tagged returns where the virtual object a of an immediate class comes from: a
// register of its own, unless it is constant.
func (x *exitDecoder) tagged(class *heap.Class, a *ir.Op) Source {
	value := a.Args[0]
	if value.IsConst() {
		return Source(x.register(ir.ConstBits(ir.Int, class.Immediate.Word(value.Int()))))
	}
	t := tagged{class, x.register(value), x.register(a)}
	x.exit.tagged = append(x.exit.tagged, t)
	return Source(t.to)
}

// store decodes a pending store. A field is a word with a constant index.
func (x *exitDecoder) store(op *ir.Op) store {
	s := store{object: x.source(op.Args[0]), value: x.source(op.Args[len(op.Args)-1])}
	switch descr := op.Descr.(type) {
	case *heap.Field:
		s.index = Source(x.register(ir.ConstInt(int64(descr.Index))))
	case *heap.Class:
		s.index = x.source(op.Args[1])
	}
	return s
}
