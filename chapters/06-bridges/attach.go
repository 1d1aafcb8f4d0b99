package bridges

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/internal/exercise"
)

// Attach makes the exit x go on in one more bridge. choose makes of all bridges of an
// exit what the executor wants to be told (x.Fragment.Program.Attach of x.Guard). If one
// of x.Cases is for the same value as bridge, or both are for Any, the new one stands in
// its place; otherwise it is added behind them. (The Value of a Case for Any says
// nothing.)
//
// If the executor refuses, its error is returned, and x.Cases is as it was. The old slice
// must not be written to in any case: somebody may hold it.
//
// For example, with Cases for 1 and 2, attaching a bridge for 2 leaves two Cases, and
// attaching one for 7 makes three.
func Attach(x *Exit, bridge Case, choose func(cases []Case) *guards.Switch) error {
	panic(exercise.TODO)
}
