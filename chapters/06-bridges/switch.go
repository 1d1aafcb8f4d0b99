package bridges

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/internal/exercise"
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
func Switch(cases []Case) *guards.Switch {
	panic(exercise.TODO)
}
