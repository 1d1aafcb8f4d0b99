package bridges

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/recorder"
)

// lazy is an executor that is made when the first trace is: a program that ends before
// does not pay for memory for code.
type lazy struct {
	make func() (guards.Executor, error)
	exec guards.Executor // nil until then
}

// noExecutor says that there is no executor. The program can't go on: who asked for one
// would not notice.
type noExecutor struct{ err error }

func (e noExecutor) Error() string { return fmt.Sprintf("nothing can be compiled: %v", e.err) }
func (e noExecutor) Unwrap() error { return e.err }

// Load implements guards.Executor.
func (l *lazy) Load(t *ir.Trace, opt guards.LoadOptions) (guards.Program, error) {
	if l.exec == nil {
		exec, err := l.make()
		if err != nil {
			return nil, noExecutor{err}
		}
		l.exec = exec
	}
	return l.exec.Load(t, opt)
}

// Link implements guards.Executor. Before anything is loaded nobody calls f.
func (l *lazy) Link(f *recorder.Function) {
	if l.exec != nil {
		l.exec.Link(f)
	}
}

// Counts implements guards.Executor.
func (l *lazy) Counts() guards.Counts {
	if l.exec == nil {
		return guards.Counts{}
	}
	return l.exec.Counts()
}

// Close implements guards.Executor.
func (l *lazy) Close() error {
	if l.exec == nil {
		return nil
	}
	return l.exec.Close()
}
