package cli

import (
	"errors"
	"fmt"
	"io"

	guards "metatrace/chapters/02-guards"
	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// auto is the value of -jit that means the quickest engine that there is.
const auto = "auto"

// engine returns the engine that the flags ask for. It is an error if this machine
// does not have it, or if it makes no machine code that -perf or -log=asm could show.
func (o *runOptions) engine() (string, error) {
	engine := o.jit
	if engine == auto {
		engine = course.Best()
	}
	missing := course.NativeAvailable()
	for _, f := range []struct {
		asked bool
		flag  string
	}{{o.perf, "-perf"}, {o.log == logAsm, "-log=asm"}} {
		switch {
		case !f.asked || engine == course.Native:
		case missing != nil && o.jit == auto:
			return "", usagef("metatrace run: %s shows machine code, and there is none here: %w", f.flag, missing)
		default:
			return "", usagef("metatrace run: %s shows machine code, expected -jit=native with it", f.flag)
		}
	}
	if engine == course.Native && missing != nil {
		return "", usagef("metatrace run: -jit=native is not possible here: %w (-jit=auto takes what there is)", missing)
	}
	return engine, nil
}

// native returns what makes the executor of machine code that the flags ask for.
func (o *runOptions) native() newExecutor {
	limit := backend.DefaultCodeLimit
	if o.code > 0 {
		limit = int(o.code)
	}
	switch {
	case o.perf:
		return o.kits.Backend.NativeIn(func() (*native.Memory, error) { return perfMemory(limit) })
	case o.jit == auto && o.log != logAsm:
		return elsePortable(o.kits.Backend.Native(limit))
	}
	return o.kits.Backend.Native(limit)
}

// elsePortable makes an executor as native does, and where that fails, for want of
// memory for code, the portable one.
func elsePortable(native newExecutor) newExecutor {
	return func(h *heap.Heap, opt guards.Options) (guards.Executor, error) {
		if x, err := native(h, opt); err == nil {
			return x, nil
		}
		return guards.NewPortable(h, opt)
	}
}

type newExecutor = func(h *heap.Heap, opt guards.Options) (guards.Executor, error)

// whereItFaults adds to an error of machine code how the reader finds out which of
// the functions is wrong, if some of them are theirs. Other errors stay as they are.
func whereItFaults(err error, mine bool) error {
	if mine && errors.Is(err, backend.ErrFault) {
		return fmt.Errorf("%w (go test -run Exercise5_ ./chapters/05-backend shows where)", err)
	}
	return err
}

// A codeViewer shows the machine code of each trace that was compiled.
type codeViewer struct {
	log  io.Writer        // listings go here, if it is not nil
	perf *native.PerfMap  // names go here, if it is not nil
	body *guards.Compiled // waits for what stands before it
	err  error            // the first thing that went wrong
}

// newCodeViewer returns what -log=asm and -perf ask for. Close it.
func newCodeViewer(e *env, o runOptions) (*codeViewer, error) {
	v := &codeViewer{}
	if o.log == logAsm {
		v.log = logWriter{e}
	}
	if o.perf {
		var err error
		if v.perf, err = native.CreatePerfMap(); err != nil {
			return nil, fmt.Errorf("metatrace run: no map for perf: %w", err)
		}
	}
	return v, nil
}

// perfMemory is memory for machine code that perf looks up in our map.
func perfMemory(limit int) (*native.Memory, error) {
	return native.NewMode(limit, native.ModeProtect)
}

// compiled shows c. What is behind the label of a loop is compiled first, but shown where
// it belongs.
func (v *codeViewer) compiled(c guards.Compiled) {
	if c.Kind == string(bridges.KindBody) {
		v.body = &c
		return
	}
	v.show(c)
	if v.body != nil && v.body.Number == c.Number {
		v.show(*v.body)
	}
	v.body = nil
}

func (v *codeViewer) show(c guards.Compiled) {
	listing, at, ok := backend.MachineCode(c.Program, c.Trace)
	if !ok {
		return
	}
	if v.log != nil {
		fmt.Fprintf(v.log, "# trace %d: %s at %s, machine code at %#x\n", c.Number, c.Kind, c.Where, at.Addr)
		v.note(listing.Write(v.log))
		fmt.Fprintln(v.log)
	}
	if v.perf != nil {
		v.note(v.perf.Add(at, fmt.Sprintf("metatrace: trace %d, %s at %s", c.Number, c.Kind, c.Where)))
	}
}

func (v *codeViewer) note(err error) {
	if v.err == nil && err != nil {
		v.err = fmt.Errorf("metatrace run: can't show machine code: %w", err)
	}
}

// close returns the first thing that went wrong.
func (v *codeViewer) close() error {
	if v.perf != nil {
		v.note(v.perf.Close())
	}
	return v.err
}
