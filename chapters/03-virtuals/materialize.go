package virtuals

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
)

// Materialize makes the objects of plan, which are virtual where a guard has
// failed, and returns their addresses, in the order of plan. alloc makes an object
// with so many words, all 0, and returns 0 if memory is out: then Materialize
// returns nil. set writes the word with the number word. A word's Source s is, if
// it is not negative, a register: regs[s] has the value. If it is negative, it is
// the address of object number ^s of plan, which may stand behind the one that
// refers to it, or be that one itself.
//
// For example, of the plan [{NODE, [4 ^1]} {NODE, [5 ^0]}] come two objects that
// refer to each other, with the values that are in the registers 4 and 5.
func Materialize(alloc func(c *heap.Class, words int) heap.Ref, set func(r heap.Ref, word int, v uint64), plan []guards.Blueprint, regs []uint64) []heap.Ref {
	panic(exercise.TODO)
}
