// Package guest puts tiny together: the front end, the object space and the two
// copies of the interpreter, as a guest program that a driver can run.
package guest

import (
	"errors"
	"fmt"
	"io"
	"time"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
	"metatrace/chapters/02-guards/tiny"
	"metatrace/chapters/02-guards/tiny/interp"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/chapters/02-guards/tiny/traced"
	"metatrace/internal/heap"
)

// Program is a loaded tiny program. It runs once.
type Program struct {
	space    *space.Space
	runner   guards.Runner
	codes    []*machine.Code
	main     *machine.Machine   // the first of machines, for other goroutines
	machines []*machine.Machine // one for each opaque call that is active, and main's
	level    int
}

// Load compiles the source and makes a program that is ready to run, whose
// numbers are objects. file names the source in messages. Errors in the source
// are *tiny.Error.
func Load(file, src string, mem heap.Options, opt guards.Options, out io.Writer) (*Program, error) {
	return LoadBoxed(space.HeapBoxes, file, src, mem, opt, out)
}

// LoadBoxed does as Load, for numbers in boxes of a kind.
func LoadBoxed(boxes space.Boxes, file, src string, mem heap.Options, opt guards.Options, out io.Writer) (*Program, error) {
	compiled, err := tiny.Compile(file, src)
	if err != nil {
		return nil, err
	}
	p := &Program{}
	if p.space, err = space.Load(compiled, boxes, mem, out, p.Call); err != nil {
		return nil, explain(file, err)
	}
	p.codes = append(p.codes, p.space.Main.Machine)
	for _, f := range p.space.Funcs {
		p.codes = append(p.codes, f.Machine)
	}
	if p.runner, err = guards.NewRunner(p, p.space.Heap, opt); err != nil {
		return nil, errors.Join(err, p.space.Heap.Close())
	}
	p.main = p.newMachine(tiny.MaxDepth)
	p.runner.Attach(p.main, p.codes)
	return p, nil
}

func (p *Program) newMachine(depth int) *machine.Machine {
	m := machine.New(p.space.Heap, depth)
	p.machines = append(p.machines, m)
	return m
}

// Run executes the program. timeout, if it is not 0, bounds its time. It is an
// error of the program if its heap gets full.
func (p *Program) Run(timeout time.Duration) error {
	m := p.main
	if timeout > 0 {
		timer := time.AfterFunc(timeout, func() { p.Stop(guards.Timeout(timeout)) })
		defer timer.Stop()
	}
	main := p.space.Main
	m.PushFrame(main.Machine, 0, main.Locals)
	return explain(p.space.Program.File, p.runner.Execute(m))
}

// Stop makes Run return err soon. Any goroutine may call it.
func (p *Program) Stop(err error) { p.main.Stop(err) }

// explain says of which program the memory is out. Other errors know.
func explain(file string, err error) error {
	if errors.Is(err, machine.ErrOutOfMemory) {
		return fmt.Errorf("%s: %s (-heap sets the limit)", file, tiny.OutOfMemory)
	}
	return err
}

// Stats returns what the runner did.
func (p *Program) Stats() guards.Stats { return p.runner.Stats() }

// Close frees the program's memory.
func (p *Program) Close() error { return errors.Join(p.runner.Close(), p.space.Heap.Close()) }

// Call implements guards.Guest: it executes a call on a machine of its own, so that
// nobody who looks at the frames of the caller sees it.
func (p *Program) Call(code *machine.Code, args []heap.Ref) (heap.Ref, error) {
	caller := p.machines[p.level]
	p.level++
	defer func() { p.level-- }()
	if p.level == len(p.machines) {
		p.newMachine(0).Hot = caller.Hot
	}
	m := p.machines[p.level]
	m.ShareStop(caller)
	m.MaxDepth = caller.DepthLeft() - 1
	m.PushFrame(code, 0, code.Locals)
	for i, a := range args {
		m.SetSlot(i, a)
	}
	if err := p.runner.Execute(m); err != nil {
		return 0, err
	}
	return m.Result(), nil
}

// Interpret implements guards.Guest.
func (p *Program) Interpret(m *machine.Machine) (bool, error) { return interp.Run(m, p.space) }

// Record implements guards.Guest.
func (p *Program) Record(r *recorder.Recorder) (bool, error) { return traced.Run(r, p.space) }

// Classes implements guards.Guest.
func (p *Program) Classes() *heap.Classes { return p.space.Classes }

// Position implements guards.Guest: FILE:LINE, and the function if it is not
// the main program.
func (p *Program) Position(code *machine.Code, pc int) string {
	c := code.Guest.(*space.Code)
	at := fmt.Sprintf("%s:%d", p.space.Program.File, c.Pos[pc].Line)
	if c != p.space.Main {
		at += " in " + c.Name
	}
	return at
}

// Operands returns the operands of the instruction at which the running frame of m stands,
// as print shows them: what an engine may say of an exit.
func (p *Program) Operands(m *machine.Machine) []string {
	code, pc := m.Top()
	operands := make([]string, code.Guest.(*space.Code).Ops[pc].Pops())
	for i := range operands {
		operands[i] = p.space.Format(m.Peek(len(operands) - 1 - i))
	}
	return operands
}

var _ guards.Guest = (*Program)(nil)
