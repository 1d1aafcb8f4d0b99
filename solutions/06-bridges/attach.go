package bridgessolution

import (
	"slices"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
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
func Attach(x *bridges.Exit, bridge bridges.Case, choose func(cases []bridges.Case) *guards.Switch) error {
	cases := slices.Clone(x.Cases)
	same := func(c bridges.Case) bool {
		return c.Any == bridge.Any && (c.Any || c.Value == bridge.Value)
	}
	if i := slices.IndexFunc(cases, same); i >= 0 {
		cases[i] = bridge
	} else {
		cases = append(cases, bridge)
	}
	if err := x.Fragment.Program.Attach(x.Guard, choose(cases)); err != nil {
		return err
	}
	x.Cases = cases
	return nil
}
