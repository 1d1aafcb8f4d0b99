package guards

import (
	"strings"

	ir "metatrace/chapters/01-ir"
)

// This file says why. Its functions write into the Journal of o what the pass does and
// relies on, and do nothing if there is none.

// An orderKey is a key of the Journal, for the guards that said something about the
// order of a pair of values.
type orderKey struct {
	pair
	unsigned bool
}

// noteOrder notes that the guard that is being sent says something about an order.
func noteOrder(o *ir.Optimizer, key orderKey) {
	if j := o.Journal(); j != nil {
		j.Note(key, j.Sent())
	}
}

// sayDecided says why a comparison is decided: see orderOf.
func (p *guardPass) sayDecided(o *ir.Optimizer, op *ir.Op, possible Order, i int) {
	if j := o.Journal(); j != nil {
		j.Because("%s", p.orderOf(o, op, possible, i))
	}
}

// orderOf returns which orders are possible for the arguments of a comparison, by
// table number i, and which guards said so. There is a Journal.
func (p *guardPass) orderOf(o *ir.Optimizer, op *ir.Op, possible Order, i int) string {
	j := o.Journal()
	pair, _ := p.key(o, op)
	key := orderKey{pair, i == 1}
	text := j.Say("%s %s %s", o.Find(op.Args[0]), signOf[possible], o.Find(op.Args[1]))
	var guards []string
	if key.unsigned && (possible == Less || possible == Greater) {
		text += " as unsigned numbers"
	}
	for _, guard := range j.AllNoted(key) {
		guards = append(guards, j.From(guard))
	}
	return text + " by " + strings.Join(guards, " and ")
}

var signOf = [...]string{
	Less: "<", Less | Equal: "<=", Equal: "=", Greater | Equal: ">=", Greater: ">", Less | Greater: "!=",
	AnyOrder: "<=>",
}

// sayHolds says why a guard can't fail. Of what its argument is known to equal the
// Journal knows already.
func sayHolds(o *ir.Optimizer, op *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
	switch x := op.Args[0]; {
	case x.IsNull():
	case op.Code == ir.GuardNonnull:
		j.Because("%s", j.Nonnull(o, x))
	case op.Code == ir.GuardClass || op.Code == ir.GuardNonnullClass:
		j.Because("%s", j.Class(o, x))
	}
}

// sayValid says why a guard_not_invalidated is not needed.
func sayValid(o *ir.Optimizer) {
	if j := o.Journal(); j != nil {
		j.Because("nothing that could change what the trace relies on happened since the one before")
	}
}

// sayMerged says that the guard earlier has taken over what the guard op asks.
func sayMerged(o *ir.Optimizer, earlier, op *ir.Op) {
	if j := o.Journal(); j != nil {
		j.Because("%s asks for it, too", j.From(earlier))
		j.BecauseOf(earlier, "it asks for what %s does", j.Where(op))
	}
}

// sayDiffer says why two references are not equal.
func sayDiffer(o *ir.Optimizer, a, b *ir.Op) {
	j := o.Journal()
	if j == nil {
		return
	}
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
		for i, orders := range p.tables(o, x) {
			if possible, known := orders[key]; known && possible != AnyOrder {
				if swapped {
					possible = possible.swap()
				}
				return "only " + p.orderOf(o, x, possible, i)
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
