package cli

import (
	"errors"
	"fmt"
	"strings"

	ir "metatrace/chapters/01-ir"
	"metatrace/internal/course"
)

const optHelp = `
usage: metatrace opt [flags] [FILE|-]

Reads a trace and prints the optimized trace. Without FILE, or with -, it reads
standard input.

  $ printf '[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n' | metatrace opt
  [i0]
  finish(i0)

  -passes LIST  run these passes only, separated by commas: -passes=fold,dce.
                A - before a name leaves a pass out: -passes=-cse. The words all
                and none do what they say. The order is always the one below.
  -peel         take the trace for a loop: its jump must agree with the inputs.
                The output is the first iteration, label, and the loop.
  -why          print behind the trace, in lines that begin with #, why it is as
                it is: for each operation that is gone or changed which pass did
                it, by which rule, and what it relied on; for each guard that
                stays what would have to be known. The trace has the names of the
                input then; of what a loop has twice, the second is called i7_2.
  -batch        read many traces, a JSON object a line:
                {"id": "a", "trace": "[i0]\nfinish(i0)", "peel": false}
                and print a line for each as soon as it is done: {"id", "trace"}
                or {"id", "error", "exit"}. An object may have "passes", too.
  -mine         run the functions that you wrote, where you wrote them.

The passes:
%s
Exit status: 0 done, 1 the output can't be written or your rules can't be read,
2 the command line is wrong, or the trace can't be read or is malformed: the
message is FILE:LINE:COLUMN: what is wrong, 3 the trace is impossible: no run
gets to its end, 70 a mistake in the optimizer. With -batch it is 0 whatever the
answers are, if all were given; each error has its "exit".
`

// passesHelp lists the passes with what they do.
func passesHelp() string {
	chain, err := course.Solved().Chain()
	if err != nil {
		return ""
	}
	var b strings.Builder
	for _, p := range chain.Passes {
		fmt.Fprintf(&b, "  %-8s %s\n", p.Name, p.What)
	}
	fmt.Fprintf(&b, "  %-8s %s\n", ir.DeadCode, "remove what nobody uses, backward")
	fmt.Fprintf(&b, "  %-8s %s\n", ir.PeelLoops, "do once what is the same in all iterations; for opt: -peel")
	return b.String()
}

func optCommand(e *env, args []string) error {
	fs := flagSet("opt")
	passes := fs.String("passes", "all", "")
	peel := fs.Bool("peel", false, "")
	batch := fs.Bool("batch", false, "")
	mine := fs.Bool("mine", false, "")
	why := fs.Bool("why", false, "")
	rest, done, err := parse(e, fs, fmt.Sprintf(optHelp, passesHelp()), args)
	if done || err != nil {
		return err
	}
	if len(rest) > 1 {
		return usagef("metatrace opt: %d files, expected one at most", len(rest))
	}
	if *why && *batch {
		return usagef("metatrace opt: -why explains one trace, and -batch reads many: use one of them")
	}
	_, all, err := kitsAndChain(*mine, (*course.Kits).Chain)
	if err != nil {
		return fmt.Errorf("metatrace opt: %w", err)
	}
	o := &optimizer{all: all, peel: *peel, why: *why, passes: *passes}
	if _, err := o.all.Select(o.passes); err != nil {
		return usagef("metatrace opt: %w", err)
	}
	name := append(rest, "-")[0]
	if *batch {
		return o.batch(e, name)
	}
	text, name, err := readText(e, name)
	if err != nil {
		return err
	}
	out, err := o.optimize(name, text, o.passes, o.peel)
	if err == nil {
		e.stdout.printf("%s", out)
	}
	return err
}

// kitsAndChain returns the Kits of the course and the optimizer that build makes
// of them: the solutions, or with mine, the reader's functions where they are
// written.
func kitsAndChain(mine bool, build func(*course.Kits) (ir.Chain, error)) (*course.Kits, ir.Chain, error) {
	kits := course.Solved()
	if mine {
		kits = course.Mine()
	}
	chain, err := build(kits)
	if err != nil && mine {
		err = fmt.Errorf("your rules can't be read: %w", err)
	}
	return kits, chain, err
}

// An optimizer is what `opt` does to each trace.
type optimizer struct {
	all    ir.Chain
	passes string // a list for Chain.Select
	peel   bool
	why    bool // the text says why, too
}

// optimize returns the text of the optimized trace. Errors carry their exit
// status.
func (o *optimizer) optimize(name, text, passes string, peel bool) (string, error) {
	out, j, err := o.trace(name, text, passes, peel)
	if err != nil {
		return "", err
	}
	if j != nil {
		return out.Decls.String() + out.Format(j.Name) + j.Explain(), nil
	}
	return out.String(), nil
}

// trace returns the optimized trace, and with o.why what there is to say about it.
func (o *optimizer) trace(name, text, passes string, peel bool) (*ir.Trace, *ir.Journal, error) {
	chain, err := o.all.Select(passes)
	if err != nil {
		return nil, nil, usagef("%s: %w", name, err)
	}
	t, err := ir.Parse(name, text)
	if err == nil && peel {
		err = t.CheckLoop()
	}
	if err != nil {
		return nil, nil, status{exitUsage, err}
	}
	if o.why {
		chain.Journal = &ir.Journal{}
	}
	optimize := chain.Optimize
	if chain.Peel = o.all.Peel; peel {
		optimize = chain.OptimizeLoop
	}
	out, err := optimize(t)
	switch {
	case errors.Is(err, ir.ErrImpossible):
		return nil, nil, status{exitImpossible, fmt.Errorf("%s: %w", name, err)}
	case err == nil:
		// What a pass makes is checked before anybody relies on it, and the message
		// is what the reader of chapter 1 needs most.
		if err = ir.Verify(out); err != nil {
			err = fmt.Errorf("%w: %w", ir.ErrMalformed, err)
		}
	}
	if errors.Is(err, ir.ErrMalformed) {
		return nil, nil, status{exitInternal, fmt.Errorf("%s: internal error: %w", name, err)}
	}
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return out, chain.Journal, nil
}
