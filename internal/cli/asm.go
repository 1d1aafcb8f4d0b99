package cli

import (
	"fmt"
	"runtime"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/recorder"
	backend "metatrace/chapters/05-backend"
	"metatrace/internal/course"
)

const asmHelp = `
usage: metatrace asm [flags] [FILE|-]

Reads a trace, optimizes it as metatrace opt does, and prints it with its machine
code side by side: each operation, the instructions made for it, and in which
register which value is, from where to where. Behind the trace are its exits: how
the registers are saved for the interpreter when a guard fails. Without FILE, or
with -, it reads standard input. Machine code of both kinds is made on any machine.

  $ printf '[i0]\ni1 = int_add(i0, 2)\nfinish(i1)\n' | metatrace asm -arch amd64

  -arch NAME    amd64 or arm64 (default: what this machine has, or amd64)
  -peel         take the trace for a loop, as opt -peel does
  -passes LIST  the optimizer's passes, as for opt; -passes=none leaves the trace
                as it is
  -mine         run the functions that you wrote, where you wrote them

How to read it:
  slot 3        word 3 of the context, memory that belongs to this activation. The
                inputs arrive in slots; a value for which there is no register is
                in one (spill i7: rbx → slot 3)
  i7: slot 3 → rbx
                a move that stands before the instruction, or behind it
  guard → exit 2
                the jump that leaves the trace if the guard fails goes to exit 2
  ; cursor      the instruction accesses that word of the context
Addresses of objects are made up: a trace in a file is not running.
A running program shows its traces with metatrace run -log=asm.

Exit status: 0 done, 1 there is no machine code for this trace, 2 the command line
is wrong, or the trace can't be read or is malformed: the message is
FILE:LINE:COLUMN: what is wrong, 3 the trace is impossible, 70 a mistake of
metatrace.
`

func asmCommand(e *env, args []string) error {
	fs := flagSet("asm")
	arch := "amd64"
	if runtime.GOARCH == "arm64" {
		arch = "arm64"
	}
	fs.Var(choice{&arch, []string{"amd64", "arm64"}}, "arch", "")
	passes := fs.String("passes", "all", "")
	peel := fs.Bool("peel", false, "")
	mine := fs.Bool("mine", false, "")
	rest, done, err := parse(e, fs, asmHelp, args)
	if done || err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("metatrace asm: %d files, expected one at most", len(rest))
	}
	kits, all, err := kitsAndChain(*mine, (*course.Kits).Chain)
	if err != nil {
		return fmt.Errorf("metatrace asm: %w", err)
	}
	if _, err := all.Select(*passes); err != nil {
		return usagef("metatrace asm: %w", err)
	}
	text, name, err := readText(e, append(rest, "-")[0])
	if err != nil {
		return err
	}
	t, _, err := (&optimizer{all: all}).trace(name, text, *passes, *peel)
	if err != nil {
		return err
	}
	listing, err := assemble(machineOf(&kits.Backend, arch), &kits.Backend, t)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return listing.Write(e.stdout)
}

// stackGuard is where Go's runtime says that a goroutine shall stop, in bytes from
// g. native.GuardOffset looks for it; a listing shall be the same on all machines.
const stackGuard = 16

func machineOf(kit *backend.Kit, arch string) backend.Machine {
	if arch == "arm64" {
		return backend.NewARM64(kit, stackGuard)
	}
	return backend.NewAMD64(kit, stackGuard)
}

// assemble makes machine code of a trace that nobody recorded.
func assemble(m backend.Machine, kit *backend.Kit, t *ir.Trace) (*backend.Listing, error) {
	// A running program's objects are somewhere, and its functions are known.
	for i, o := range t.Decls.Objects {
		o.Addr = 0xc000100000 + 64*uint64(i)
	}
	for _, op := range t.Ops {
		if op.Code.IsCall() && op.Args[0].Name != nil && op.Args[0].Name.Func == nil {
			op.Args[0].Name.Func = function(op.Args[0].Name.Name)
		}
	}
	lowered, err := backend.Lower(t, backend.LowerOptions{Classes: t.Decls.Classes, Escapes: true})
	if err != nil {
		return nil, err
	}
	allocation, err := kit.Allocate(m, lowered)
	if err != nil {
		return nil, err
	}
	assembly, err := m.Emit(allocation)
	if err != nil {
		return nil, err
	}
	return &backend.Listing{Machine: m, Trace: t, Allocation: allocation, Assembly: assembly}, nil
}

// function returns what a call in a trace calls: one of the functions that divide,
// or something that is never called here.
func function(name string) any {
	if e := recorder.ElidableNamed(name); e != nil {
		return e
	}
	return &recorder.Residual{}
}
