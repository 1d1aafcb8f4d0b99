package ir

import (
	"iter"
	"maps"
	"math"
	"slices"

	"metatrace/internal/nearest"
)

// nearestKnown returns the candidate that is nearest to name, for a message:
// ", nearest known: int_add". It is "" if there are no candidates.
func nearestKnown(name string, candidates iter.Seq[string]) string {
	best, _ := nearest.Name(name, math.MaxInt32, slices.Collect(candidates))
	if best == "" {
		return ""
	}
	return ", nearest known: " + best
}

// sortedKeys gives the keys of m in an order that does not vary.
func sortedKeys[T any](m map[string]T) iter.Seq[string] {
	return slices.Values(slices.Sorted(maps.Keys(m)))
}

// opcodeNames gives the names of all operations.
func opcodeNames(yield func(string) bool) {
	for c := IntAdd; c < numOpcodes; c++ {
		if !yield(c.String()) {
			return
		}
	}
}
