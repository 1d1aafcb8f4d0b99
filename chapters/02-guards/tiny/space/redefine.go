package space

import (
	"slices"

	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/internal/heap"
)

// redefinitions makes a function for each (redefine f g) of the program, and a cell for
// each f. Whoever compiles a call of f depends on its cell; nobody depends on what
// never changes.
func (s *Space) redefinitions() {
	s.Cells = make([]*machine.Cell, len(s.Funcs))
	s.Redefine = map[Pair]*machine.Func{}
	declared := slices.Clone(s.Funcs)
	for _, c := range append(slices.Clone(s.Program.Funcs), s.Program.Main) {
		for _, in := range c.Ops {
			pair := Pair{in.A, in.B}
			if in.Op == tiny.OpRedefine && s.Redefine[pair] == nil {
				s.Redefine[pair] = s.redefinition(in.A, declared[in.B])
			}
		}
	}
}

// redefinition returns a function that no recorder looks into: a trace that redefines
// has to do so when it runs.
func (s *Space) redefinition(f int32, to *Code) *machine.Func {
	name := s.Program.Funcs[f].Name
	if s.Cells[f] == nil {
		s.Cells[f] = &machine.Cell{Name: name}
	}
	return &machine.Func{
		Name: "redefine_" + identifier(name) + "_" + identifier(to.Name),
		Do: func([]heap.Ref) (heap.Ref, error) {
			if s.Funcs[f] != to {
				s.Funcs[f] = to
				s.Cells[f].Change()
			}
			return 0, nil
		},
	}
}
