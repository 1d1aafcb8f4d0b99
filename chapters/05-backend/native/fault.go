package native

import (
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

// A Fault is what machine code did that the machine refuses: it is an error.
type Fault struct {
	Text string // what Go's runtime says of it
	// Addr is the address that could not be accessed: 0 for faults of another kind,
	// and for addresses below 4096, which the runtime does not tell apart, and for those
	// that the machine finds malformed.
	Addr uintptr
}

func (f *Fault) Error() string {
	if f.Addr != 0 {
		return fmt.Sprintf("native: machine code faulted at address %#x: %s", f.Addr, f.Text)
	}
	return "native: machine code faulted: " + f.Text
}

// Protect calls f, and returns the fault if machine code that f entered accesses
// memory that is not there, or divides by zero; nil if f returns. Any other panic
// goes on. What is no instruction ends the process all the same: see package child.
func Protect(f func()) (fault *Fault) {
	// Otherwise only addresses near 0 make a panic.
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		r := recover()
		if r == nil {
			return
		}
		err, ok := r.(runtime.Error)
		if !ok || !raisedInCode() {
			panic(r)
		}
		fault = &Fault{Text: err.Error()}
		if at, ok := r.(interface{ Addr() uintptr }); ok {
			fault.Addr = at.Addr()
		}
	}()
	f()
	return nil
}

// enterName is what tracebacks call Enter, but for the ending of assembly functions.
var enterName = runtime.FuncForPC(reflect.ValueOf(Enter).Pointer()).Name()

// raisedInCode reports whether the panic that is being recovered from was raised by
// a signal in code that Enter called. It must be called from the deferred function.
func raisedInCode() bool {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.sigpanic" {
			frame, _ = frames.Next()
			return strings.TrimSuffix(frame.Function, ".abi0") == enterName
		}
		if !more {
			return false
		}
	}
}
