package exercise

import (
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"time"
)

// probeLimit is how long a function that is probed may take. A stub panics at
// once, so whatever is still busy then has been written.
const probeLimit = time.Second

// IsStub reports whether the function fn is still to be written. It calls fn
// with zero arguments: fn is a stub if fn itself panics with TODO. Any other
// panic, and a TODO from a function that fn calls, is from written code. A nil
// function is a stub.
func IsStub(fn any) bool {
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func {
		panic(fmt.Sprintf("exercise: IsStub of a %T, which is no function", fn))
	}
	if v.IsNil() {
		return true
	}
	stub := make(chan bool, 1)
	// A goroutine of its own, because written code given nonsense may also
	// loop or end its goroutine.
	go func() {
		found := false
		defer func() { stub <- found }()
		defer func() { found = recover() == TODO && panickedIn(v) }()
		v.Call(zeroArgs(v.Type()))
	}()
	select {
	case is := <-stub:
		return is
	case <-time.After(probeLimit):
		return false
	}
}

// zeroArgs returns a zero value for each parameter that must be given.
func zeroArgs(t reflect.Type) []reflect.Value {
	n := t.NumIn()
	if t.IsVariadic() {
		n--
	}
	args := make([]reflect.Value, n)
	for i := range args {
		args[i] = reflect.Zero(t.In(i))
	}
	return args
}

// panickedIn reports whether the panic that is being recovered from was raised
// by fn itself. It must be called from the deferred function.
func panickedIn(fn reflect.Value) bool {
	// Of a method value, the function is a wrapper whose name ends in -fm.
	name := strings.TrimSuffix(runtime.FuncForPC(fn.Pointer()).Name(), "-fm")
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.gopanic" {
			frame, _ = frames.Next()
			return frame.Function == name
		}
		if !more {
			return false
		}
	}
}

// Pick returns a Kit that has each function from the reader where it is
// written, and from the solution where it is still a stub.
func Pick[K any](yours, solution K) K {
	picked := solution
	from, to := reflect.ValueOf(yours), reflect.ValueOf(&picked).Elem()
	if to.Kind() != reflect.Struct {
		panic(fmt.Sprintf("exercise: Pick of a %T, which is no Kit", yours))
	}
	for i := range to.NumField() {
		if f := from.Field(i); f.Kind() == reflect.Func && !IsStub(f.Interface()) {
			to.Field(i).Set(f)
		}
	}
	return picked
}

// field returns the function that a Kit has in the named field.
func field(kit any, name string) (any, error) {
	v := reflect.ValueOf(kit)
	if v.Kind() != reflect.Struct {
		return nil, fmt.Errorf("a %T is no Kit: not a struct", kit)
	}
	f := v.FieldByName(name)
	if !f.IsValid() || f.Kind() != reflect.Func {
		return nil, fmt.Errorf("%T has no function field %s", kit, name)
	}
	return f.Interface(), nil
}
