package recorder

import (
	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
)

// An Elidable is a function that traces call instead of an operation which the IR
// does not have. It is the Func of the Symbol that names the callee, and an
// ir.Folder: the optimizer calls it for constants. All of them divide (ir.Divider).
type Elidable struct {
	Name string
	// Do computes it. A guard before the call has excluded that b is 0.
	Do func(m *machine.Machine, a, b int64) int64
}

var (
	intDiv = &Elidable{"int_div", (*machine.Machine).IntDiv}
	intMod = &Elidable{"int_mod", (*machine.Machine).IntMod}
)

// ElidableNamed returns the elidable function called name, or nil.
func ElidableNamed(name string) *Elidable {
	for _, e := range []*Elidable{intDiv, intMod} {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Remainder implements ir.Divider: both functions divide.
func (e *Elidable) Remainder() bool { return e == intMod }

// Fold implements ir.Folder. A call that divides by 0 has no result: no run gets
// to it.
func (e *Elidable) Fold(args []*ir.Op) *ir.Op {
	a, b := args[0].Int(), args[1].Int()
	if b == 0 {
		return nil
	}
	return ir.ConstInt(e.Do(nil, a, b)) // pure: it looks at no machine
}

// elidable records a call of e and does it.
func (r *Recorder) elidable(e *Elidable, a, b Int) Int {
	v := e.Do(r.Machine, a.V, b.V)
	if constants(a.Op, b.Op) {
		return r.IntConst(v)
	}
	call := r.function(&ir.Call{
		Name: e.Name, Args: []ir.Type{ir.Int, ir.Int}, Result: ir.Int, Effect: ir.EffectElidable,
	})
	fn := ir.ConstClass(&ir.Symbol{Name: e.Name, Func: e})
	return Int{v, r.b.Op(ir.CallI, call, fn, a.Op, b.Op)}
}
