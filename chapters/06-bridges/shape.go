package bridges

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
)

// A State is what stands in the slots of a frame where a trace gets to a header: what
// virtuals.OptimizeJump hands to Choose.
type State struct {
	// Values are the values of the optimized trace: of a virtual object, the allocation
	// that was not done.
	Values []*ir.Op
	// Described are the same, but with an OpVirtual for each virtual object, as in
	// the exit of a guard.
	Described []*ir.Op
}

// A Shape is what a version of a header's code takes for granted about the slots: which
// of them are virtual objects.
type Shape struct {
	// Inputs are the inputs of this version, in the order in which they stand in Slots,
	// each once. Their IDs are their places in the list.
	Inputs []*ir.Op
	// Slots are made of them: each an input (of any reference), NULL, or an OpVirtual
	// whose words are inputs, constants or such objects in turn. One OpVirtual in two
	// places is one object.
	Slots []*ir.Op
}

// A Case is one of the bridges of an exit.
type Case struct {
	Any    bool   // for whatever the guard looks at
	Value  uint64 // of the first argument of a guard_value, unless Any
	Bridge guards.Program
}
