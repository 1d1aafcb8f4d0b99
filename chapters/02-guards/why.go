package guards

import (
	"strings"

	ir "metatrace/chapters/01-ir"
)

// This file says why: what the pass writes into a Journal, if there is one.

// A cause is a key of the Journal, for the guard number n of those that said
// something about the order of a pair of values.
type cause struct {
	key      pair
	unsigned bool
	n        int
}

// isUnsigned reports whether table number i of those that p.tables(c) returns is
// the one of unsigned numbers.
func isUnsigned(c ir.Opcode, i int) bool { return i == 1 || c >= ir.UintLt && c <= ir.UintGe }

// noteOrder notes that the guard that is being sent is one more cause.
func noteOrder(j *ir.Journal, c cause) {
	for j.Noted(c) != nil {
		c.n++
	}
	j.Note(c, j.Sent())
}

// sayOrder says which orders are possible for the arguments of a comparison, by
// table number i, and which guards said so.
func (p *guardPass) sayOrder(o *ir.Optimizer, j *ir.Journal, op *ir.Op, possible Order, i int) string {
	key, _ := p.key(o, op)
	text := j.Say("%s %s %s", o.Find(op.Args[0]), signOf[possible], o.Find(op.Args[1]))
	var guards []string
	c := cause{key, isUnsigned(op.Code, i), 0}
	if c.unsigned && (possible == Less || possible == Greater) {
		text += " as unsigned numbers"
	}
	for guard := j.Noted(c); guard != nil; guard = j.Noted(c) {
		guards = append(guards, j.From(guard))
		c.n++
	}
	return text + " by " + strings.Join(guards, " and ")
}

var signOf = [...]string{
	Less: "<", Less | Equal: "<=", Equal: "=", Greater | Equal: ">=", Greater: ">", Less | Greater: "!=",
	AnyOrder: "<=>",
}

// sayHolds says why a guard can't fail. Of what its argument is known to equal the
// Journal knows already.
func (p *guardPass) sayHolds(o *ir.Optimizer, j *ir.Journal, op *ir.Op) {
	switch x := op.Args[0]; {
	case x.IsNull():
	case op.Code == ir.GuardNonnull:
		j.Because("%s", j.Nonnull(o, x))
	case op.Code == ir.GuardClass || op.Code == ir.GuardNonnullClass:
		j.Because("%s", j.Class(o, x))
	}
}

// sayDiffer says why two references are not equal.
func sayDiffer(o *ir.Optimizer, j *ir.Journal, a, b *ir.Op) {
	switch {
	case a.IsNull():
		j.Because("%s", j.Nonnull(o, b))
	case b.IsNull():
		j.Because("%s", j.Nonnull(o, a))
	default:
		j.Because("%s", j.Class(o, a))
		j.Because("%s", j.Class(o, b))
	}
}

// Doubt implements ir.Doubter.
func (p *guardPass) Doubt(o *ir.Optimizer, guard, _ *ir.Op) string {
	j := o.Journal()
	switch guard.Code {
	case ir.GuardTrue, ir.GuardFalse:
		x := guard.Args[0]
		if Where(x.Code) == 0 {
			return ""
		}
		key, swapped := p.key(o, x)
		for i, orders := range p.tables(x.Code) {
			if possible, known := orders[key]; known && possible != AnyOrder {
				if swapped {
					possible = possible.swap()
				}
				return "only " + p.sayOrder(o, j, x, possible, i)
			}
		}
	case ir.GuardClass, ir.GuardNonnullClass, ir.GuardValue:
		if text := j.Class(o, guard.Args[0]); text != "" {
			return "only that " + text
		}
		if text := j.Nonnull(o, guard.Args[0]); text != "" {
			return "only that " + text
		}
	}
	return ""
}
