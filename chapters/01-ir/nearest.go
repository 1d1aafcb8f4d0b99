package ir

import (
	"maps"
	"math"
	"slices"

	"metatrace/internal/nearest"
)

// nearestKnown returns the known name that is nearest to name, for a message:
// ", nearest known: int_add". It is "" if none is known.
func nearestKnown(name string, known []string) string {
	best, _ := nearest.Name(name, math.MaxInt32, known)
	if best == "" {
		return ""
	}
	return ", nearest known: " + best
}

// sortedKeys returns the keys of m in an order that does not vary.
func sortedKeys[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }

// opcodeNames returns the names of all operations.
func opcodeNames() []string {
	var names []string
	for c := IntAdd; c < numOpcodes; c++ {
		names = append(names, c.String())
	}
	return names
}
