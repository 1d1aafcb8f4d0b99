package virtualssolution

import (
	"slices"

	ir "metatrace/chapters/01-ir"
	virtuals "metatrace/chapters/03-virtuals"
)

// Carry returns the variables of the loop l: label has the values of the preamble
// that the loop needs and that change, in the order of their IDs, and jump has,
// for each, what the loop computes for the next iteration (l.Next, l.Force).
//
// The loop needs what its operations use (l.Uses), beginning with those that do
// something besides making a value (ir.Droppable says which do not). If a needed
// value is made in the loop, what makes it is needed. If it comes from the
// preamble (l.InPreamble), then unless l.Next says that it does not change, it is a
// variable, and its next value is needed as well. l.Force, called for that value,
// may add operations to l.Ops: they are needed, too. (It returns the value that it
// was given.)
//
// For example, if the preamble has i1 = int_add(i0, 1), and the loop i2 =
// int_add(i1, 1) and escape_n(i2), where l.Next(i1) is i2, then label is [i1] and
// jump is [i2].
func Carry(l *virtuals.Loop) (label, jump []*ir.Op) {
	next := map[*ir.Op]*ir.Op{}
	seen := make(map[*ir.Op]bool, 2*len(l.Ops()))
	var todo []*ir.Op
	for scanned := 0; ; {
		// What does something is needed; forcing adds to it.
		for ; scanned < len(l.Ops()); scanned++ {
			if op := l.Ops()[scanned]; !ir.Droppable(op) {
				todo = append(todo, l.Uses(op)...)
			}
		}
		if len(todo) == 0 {
			break
		}
		v := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[v] {
			continue
		}
		seen[v] = true
		if !l.InPreamble(v) {
			todo = append(todo, l.Uses(v)...)
			continue
		}
		if n := l.Next(v); n != v {
			next[v] = l.Force(n)
			label = append(label, v)
			if !n.IsConst() {
				todo = append(todo, n)
			}
		}
	}
	slices.SortFunc(label, func(a, b *ir.Op) int { return int(a.ID - b.ID) })
	for _, v := range label {
		jump = append(jump, next[v])
	}
	return label, jump
}
