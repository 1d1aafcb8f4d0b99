package backend

import (
	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/05-backend/native"
)

// MachineCode returns the machine code of p, which an executor of Native has made of
// t, and where it is. Of other programs ok is false.
func MachineCode(p guards.Program, t *ir.Trace) (l Listing, at native.Region, ok bool) {
	own, ok := p.(*program)
	if !ok {
		return Listing{}, native.Region{}, false
	}
	l = Listing{Machine: own.exec.machine, Trace: t, Allocation: own.allocation, Assembly: own.assembly}
	return l, own.region, true
}
