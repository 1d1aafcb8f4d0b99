package cli

import (
	"fmt"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

const evalHelp = `
usage: metatrace eval [flags] FILE [INPUT...]

Executes a trace by the evaluator, the slow and obvious one: what it does is what
the trace means. Each INPUT is the value of an input of the trace, in order: an
integer, a float, NULL, or the name of an object that the trace declares.

  $ cat double.trace
  [i0]
  i1 = int_add(i0, i0)
  escape_n(i1)
  i2 = int_lt(i1, 100)
  guard_true(i2) [i0, i1]
  jump(i1)
  $ metatrace eval double.trace 3
  escape_n(6)
  jump(6)

It prints each escape and each call when it happens (they give 0 or NULL), and at
the end how the trace was left: finish(3), jump(6), or a guard that fails with
its failargs: guard_true in line 5 fails: [100, 200]. Objects are written as in
failargs, NODE{value=3, next=NULL}. One that the trace declares has its name in
front; any other that stands in a line twice, or in itself, is called v1, v2, ...

  -loop N  a jump goes back to the inputs, up to N times: -loop=10. A trace with
           a label needs no such flag: there a jump always goes back to it.
  -mine    run the functions that you wrote, where you wrote them.

Exit status: 0 it was left, 1 the trace did what a trace may not do (read a field
of NULL, for example), 2 the command line or an input is wrong, or the trace is
malformed, 70 a mistake of metatrace.
`

func evalCommand(e *env, args []string) error {
	fs := flagSet("eval")
	loops := 0
	fs.Var(atLeast{&loops, 0}, "loop", "")
	mine := fs.Bool("mine", false, "")
	rest, done, err := parse(e, fs, evalHelp, args)
	if done || err != nil {
		return err
	}
	if len(rest) == 0 {
		return usagef("metatrace eval: no file, expected FILE and a value for each input of the trace (metatrace eval -h explains)")
	}
	kits, _, err := kitsAndChain(*mine, (*course.Kits).Chain)
	if err != nil {
		return fmt.Errorf("metatrace eval: %w", err)
	}
	text, name, err := readText(e, rest[0])
	if err != nil {
		return err
	}
	t, err := ir.Parse(name, text)
	if err == nil && loops > 0 {
		err = t.CheckLoop()
	}
	if err != nil {
		return status{exitUsage, err}
	}
	h, err := heap.New(t.Decls.Classes, heap.Options{})
	if err != nil {
		return fmt.Errorf("metatrace eval: %w", err)
	}
	defer h.Close()
	ev := &evaluation{out: e.stdout, name: name, trace: t}
	ev.Evaluator = ir.Evaluator{Kit: &kits.IR, Heap: h, Escape: ev.escape, Call: ev.call}
	return ev.run(rest[1:], loops)
}

// An evaluation is one run of `eval`.
type evaluation struct {
	ir.Evaluator
	out   *output
	name  string // of the trace
	trace *ir.Trace
	named map[heap.Ref]string // the objects that the trace names
}

func (ev *evaluation) run(inputs []string, loops int) error {
	// An empty trace with the same declarations puts the objects on the heap, so
	// that inputs can name them.
	if _, err := ev.Run(&ir.Trace{Decls: ev.trace.Decls}, nil); err != nil {
		return fmt.Errorf("%s: %w", ev.name, err)
	}
	ev.nameObjects()
	words, err := ev.inputs(inputs)
	if err != nil {
		return err
	}
	for {
		o, err := ev.Run(ev.trace, words)
		if err != nil {
			return fmt.Errorf("%s: %w", ev.name, err)
		}
		if loops == 0 || o.Op == nil || o.Op.Code != ir.Jump {
			ev.printOutcome(o)
			return nil
		}
		loops--
		words = o.Values
	}
}

// inputs reads a value for each input of the trace.
func (ev *evaluation) inputs(texts []string) ([]uint64, error) {
	t := ev.trace
	if len(texts) != len(t.Inputs) {
		inputs, _, _ := strings.Cut(t.Body(), "\n")
		return nil, usagef("metatrace eval: %s has %s %s, got %s", ev.name,
			plural(len(t.Inputs), "input"), inputs, plural(len(texts), "value"))
	}
	words := make([]uint64, len(texts))
	for i, text := range texts {
		var err error
		if words[i], err = ev.input(t.Inputs[i].Type, text); err != nil {
			return nil, usagef("metatrace eval: input %d is %q, expected %w", i+1, text, err)
		}
	}
	return words, nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// input reads one value. Its error says what is expected.
func (ev *evaluation) input(t ir.Type, text string) (uint64, error) {
	if t != ir.Ref {
		return parseWord(t, text)
	}
	if text == "NULL" {
		return 0, nil
	}
	names := []string{"NULL"}
	for _, s := range ev.trace.Decls.Objects {
		if s.Name == text || "ConstPtr("+s.Name+")" == text {
			return ev.Address(s), nil
		}
		names = append(names, s.Name)
	}
	if len(names) == 1 {
		return 0, fmt.Errorf("NULL (the trace declares no objects)")
	}
	return 0, fmt.Errorf("%s", strings.Join(names, " or "))
}

func (ev *evaluation) escape(op *ir.Op, args []uint64) (uint64, error) {
	p := ev.printer()
	ev.out.printf("%s(%s)\n", op.Code, p.list(op.Args, args))
	return 0, nil
}

func (ev *evaluation) call(op *ir.Op, fn string, args []uint64) (uint64, error) {
	p := ev.printer()
	ev.out.printf("%s(%s)\n", op.Code, p.list(op.Args[1:], args, fn))
	return 0, nil
}

func (ev *evaluation) printOutcome(o ir.Outcome) {
	p := ev.printer()
	switch {
	case o.Op == nil:
		ev.out.printf("the trace ends here\n")
	case o.Op.Code.Has(ir.Guard):
		ev.out.printf("%s in line %d fails: [%s]\n", o.Op.Code, o.Op.Line, p.list(o.Op.Exit.Failargs, o.Values))
	default:
		ev.out.printf("%s(%s)\n", o.Op.Code, p.list(o.Op.Args, o.Values))
	}
}
