package bridgessolution

import (
	"cmp"
	"slices"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
)

// Switch returns how the machine code of an exit finds out which of cases it is, one or
// more. A case for Any takes all values that no other takes. Of the others, no two are
// for the same value.
//
// The Switch is a binary search tree over the values, as unsigned numbers: in the middle
// one of the values that are left (of an even number, the upper one of the two), Below
// what is smaller, and Above what is larger. Where no value is left stands nil, or the
// bridge for Any, if there is one.
//
// For example, the values 10, 20, 30 make a Switch of 20 with those of 10 and 30 Below
// and Above: nobody compares more than twice.
func Switch(cases []bridges.Case) *guards.Switch {
	var rest *guards.Switch
	var values []bridges.Case
	for _, c := range cases {
		if c.Any {
			rest = &guards.Switch{Bridge: c.Bridge}
		} else {
			values = append(values, c)
		}
	}
	slices.SortFunc(values, func(a, b bridges.Case) int { return cmp.Compare(a.Value, b.Value) })
	return search(values, rest)
}

// search returns the tree for values, which are in order.
func search(values []bridges.Case, rest *guards.Switch) *guards.Switch {
	if len(values) == 0 {
		return rest
	}
	middle := len(values) / 2
	return &guards.Switch{
		Value: values[middle].Value, Equal: values[middle].Bridge,
		Below: search(values[:middle], rest), Above: search(values[middle+1:], rest),
	}
}
