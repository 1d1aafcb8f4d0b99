package ir

import (
	"fmt"

	"metatrace/internal/heap"
)

// tagged returns the object of the immediate class c that holds value.
func tagged(c *heap.Class, value int64) (heap.Ref, error) {
	if f := c.Fields[0]; value < f.Lo || value > f.Hi {
		return 0, fmt.Errorf("%d does not fit into %s, expected %d to %d", value, f, f.Lo, f.Hi)
	}
	return c.Immediate.Word(value), nil
}

// castRef executes a cast between references and their bits. Not every number is
// a reference: only those that a cast gave before, and the words of the immediate
// class.
func (e *Evaluator) castRef(c Opcode, word uint64) (uint64, error) {
	if c == CastPtrToInt {
		if e.cast == nil {
			e.cast = map[heap.Ref]bool{}
		}
		e.cast[word] = true
		return word, nil
	}
	if word == 0 || e.cast[word] {
		return word, nil
	}
	if class := e.Heap.Classes().Immediate(); class != nil {
		t := class.Immediate
		if r, err := tagged(class, t.Value(word)); err == nil && r == word {
			return word, nil
		}
	}
	return 0, fmt.Errorf("%d is no reference", int64(word))
}
