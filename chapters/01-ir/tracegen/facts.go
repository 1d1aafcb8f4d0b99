package tracegen

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/heap"
)

// FactsHold runs t on inputs, and returns an error if something that a guard has noted
// (ir.Exit.Facts) is not so when the run gets there, whether it goes on or leaves. n is
// how many facts were looked at.
func FactsHold(kit *ir.Kit, t *ir.Trace, inputs []uint64) (n int, err error) {
	s, err := newSession(kit, t, inputs)
	if err != nil {
		return 0, err
	}
	defer s.heap.Close()
	s.eval.Steps = maxLoopSteps
	at := func(guard *ir.Op, memory bool) {
		for i := range guard.Exit.Facts {
			f := &guard.Exit.Facts[i]
			n++
			if wrong := s.disproves(f, memory); wrong != "" && err == nil {
				err = fmt.Errorf("with %s, %s notes a fact about %s: %s", show(t, inputs), guard, f.Value.Code, wrong)
			}
		}
	}
	s.eval.ForceFail = func(guard *ir.Op) bool {
		at(guard, true)
		return false
	}
	out, failed := s.eval.Run(t, s.inputs)
	if failed == nil && out.Op != nil && out.Op.Exit != nil {
		at(out.Op, len(out.Op.Exit.Pending) == 0)
	}
	return n, err
}

// disproves returns what shows that f does not hold now, or "". Without memory, what
// objects hold may have been changed since.
func (s *session) disproves(f *ir.Fact, memory bool) string {
	word := s.eval.Value(f.Value)
	if f.Value.Type == ir.Ref {
		return s.disprovesObject(f, word, memory)
	}
	return outside(f, int64(word))
}

// outside returns why x is not what f says of an integer, or "".
func outside(f *ir.Fact, x int64) string {
	switch {
	case x < f.Lo || x > f.Hi:
		return fmt.Sprintf("%d is outside [%d, %d]", x, f.Lo, f.Hi)
	case uint64(x)&f.Zeros != 0 || ^uint64(x)&f.Ones != 0:
		return fmt.Sprintf("%d has not the bits %x and not %x", x, f.Ones, f.Zeros)
	}
	return ""
}

func (s *session) disprovesObject(f *ir.Fact, r heap.Ref, memory bool) string {
	switch {
	case r == 0 && (f.Nonnull || f.Class != "" || len(f.Contents) > 0):
		return "it is NULL"
	case r == 0:
		return ""
	case f.Class != "" && s.heap.Class(r).Vtable != f.Class:
		return fmt.Sprintf("it is a %s, and not of class %s", s.heap.Class(r), f.Class)
	case !heap.IsTagged(r) && s.heap.Class(r).IsArray():
		if wrong := outside(f, s.heap.Len(r)); wrong != "" {
			return "of its length: " + wrong
		}
	}
	for _, c := range f.Contents {
		got, want := int64(s.contentOf(r, c)), int64(s.eval.Value(c.Value))
		if memory && got != want {
			return fmt.Sprintf("it holds %d at %v %d, and not %d", got, c.Descr, c.Index, want)
		}
	}
	return ""
}

// contentOf returns the word that c is about.
func (s *session) contentOf(r heap.Ref, c ir.Content) uint64 {
	switch d := c.Descr.(type) {
	case *heap.Field:
		return s.heap.Word(r, d.Index)
	case *heap.Class:
		return s.heap.Word(r, int(c.Index))
	}
	return uint64(s.heap.Len(r))
}
