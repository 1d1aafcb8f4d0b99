package backend

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
)

// exit adds the way out of op, a guard or finish.
func (l *lowerer) exit(kind ExitKind, op *ir.Op) *Exit {
	x := l.resumable(kind, op)
	if kind == ExitGuard {
		x.tested = l.tested
	}
	l.exits++
	known := l.known(op)
	x.fused, x.known = l.fused, known
	x.plan = guards.DecodeExit(op, func(a *ir.Op) int32 {
		if a.Code == ir.OpVirtual { // a place for a word that Go computes
			x.Values = append(x.Values, l.int(0))
			return int32(len(x.Values) - 1)
		}
		v := known
		if a.IsConst() || a != l.fused {
			v = l.of(a)
		}
		return l.place(x, v)
	})
	return x
}

// place returns the place of v in x.Values, where it has one.
func (l *lowerer) place(x *Exit, v Value) int32 {
	for len(l.places) <= int(v) {
		l.places = append(l.places, place{exit: -1})
	}
	if p := &l.places[v]; p.exit != x.Number {
		*p = place{x.Number, int32(len(x.Values))}
		x.Values = append(x.Values, v)
	}
	return l.places[v].index
}

// place is where a value stands in the Values of the last exit that wanted it.
type place struct {
	exit  int
	index int32
}

// known returns the value that the fused condition of guard has when it fails.
func (l *lowerer) known(guard *ir.Op) Value {
	if guard.Code == ir.GuardFalse {
		return l.int(1)
	}
	return l.int(0)
}

// leaves calls visit with the values that leaving through the exit of op needs, those
// in virtual objects included. One that is needed twice is visited twice.
func (l *lowerer) leaves(op *ir.Op, visit func(a *ir.Op)) {
	l.exits++
	l.visitAll(op.Exit.Values(), visit)
}

func (l *lowerer) visitAll(list []*ir.Op, visit func(a *ir.Op)) {
	for _, a := range list {
		if a.Code != ir.OpVirtual {
			visit(a)
			continue
		}
		if l.visited == nil {
			l.visited = map[*ir.Op]int{}
		}
		if l.visited[a] != l.exits { // not in this exit yet
			l.visited[a] = l.exits
			l.visitAll(a.Args, visit)
		}
	}
}
