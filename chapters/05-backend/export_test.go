package backend

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/05-backend/native"
)

// Unprotected makes a fault of machine code end the process.
func Unprotected() {
	protect = func(f func()) *native.Fault {
		f()
		return nil
	}
}

// CountPolls makes the loops that x loads from here on, an executor of Native, count
// their iterations.
func (k *Kit) CountPolls(x guards.Executor) {
	e := x.(*executor)
	if e.machine.Name() == "arm64" {
		e.machine = NewARM64(k, -1)
	} else {
		e.machine = NewAMD64(k, -1)
	}
}

// BudgetOf returns how many iterations were left in the last run of x.
func BudgetOf(x guards.Executor) int64 {
	return int64(x.(*executor).runs[0].context.Word(native.BudgetAt))
}

// UsageOf returns how many bytes of code x holds, and how many exits.
func UsageOf(x guards.Executor) (bytes, exits int) {
	e := x.(*executor)
	return e.memory.Used(), len(e.exits) - len(e.unused)
}
