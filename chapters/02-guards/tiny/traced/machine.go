// Package traced is the copy of tiny's interpreter that records what it does.
// See package interp; this file is all that was written by hand.
package traced

import "metatrace/chapters/02-guards/recorder"

// The machine that this copy of the interpreter runs on.
type (
	Machine = recorder.Recorder
	Int     = recorder.Int
	Float   = recorder.Float
	Ref     = recorder.Ref
	Bool    = recorder.Bool
)
