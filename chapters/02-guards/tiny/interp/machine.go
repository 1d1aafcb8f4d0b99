package interp

import "metatrace/chapters/02-guards/machine"

// The machine that this copy of the interpreter runs on.
type (
	Machine = machine.Machine
	Int     = machine.Int
	Float   = machine.Float
	Ref     = machine.Ref
	Bool    = machine.Bool
)
