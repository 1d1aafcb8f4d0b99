package cli

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"time"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	backend "metatrace/chapters/05-backend"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// runText is the text of run -h, but for the defaults of the engine, such as {ops}.
const runText = `
usage: metatrace run [flags] PROGRAM

Runs a program of the mini language (chapters/02-guards/tiny/LANGUAGE.md). A loop
that gets hot is recorded as a trace, optimized, and executed in place of the
interpreter. What the program prints is the same whatever the flags are. They may
stand before or behind PROGRAM; - is standard input.

  $ metatrace run chapters/02-guards/testdata/sum.tiny -stats

  -jit MODE           what executes a hot loop. auto (default): native, where that
                      is possible, or else portable. native: machine code made of
                      its trace. portable: a loop in Go that goes through the
                      trace. off: the interpreter, so that one sees what traces
                      bring
  -threshold N        a loop is hot at its Nth iteration (default 1039). Try
                      -threshold=2 to see nearly everything compiled.
  -function-threshold N
                      a function is hot at its Nth call (default {function}): then it is
                      compiled from its entry on, and others call that
  -trace-eagerness N  a guard that failed N times gets a trace of its own, a bridge
                      (default {eagerness})
  -bridges N          the most bridges that hang together with one loop or function
                      (default {bridges}). -bridges=off: only loops are compiled, without
                      bridges, and no functions: the driver of chapter 2
  -limits LIST        the engine's other limits, as NAME=VALUE,... such as
                      -limits=ops=500,versions=1. Most values can be none
                        ops: operations that are recorded for one trace (default {ops})
                        inline: calls in one another that become part of a trace
                        (default {inline}, which is the most)
                        recursion: of these, calls of a function in itself (default {recursion})
                        cheap: bridges that one loop or function gets before each
                        further one takes more failures (default {cheap})
                        versions: of the code of a loop or function, by which of its
                        variables are objects that need not exist (default {versions})
                        aborts: tries to compile something until nobody tries any
                        more; each comes later than the one before (default {aborts})
                        cases: bridges of one guard_value, by the value (default {cases})
                        window: entries into compiled code until the engine looks
                        whether they pay (default {window})
                        age: loops and functions compiled meanwhile, until one that
                        nobody entered is freed (default {age})
                        code: bytes of machine code, such as 64k; beyond, what was
                        not entered for the longest time is freed (default {code}m)
  -passes LIST        the optimizer's passes, as for opt: -passes=none
  -timeout D          stop the program after this time: -timeout=10s
                      (default 0: never)
  -heap SIZE          the most memory for its objects: 65536, 64k, 512m, 1g
                      (default 512m)
  -boxes KIND         what an int of the program is: heap: an object (default).
                      tagged: a word that holds 63 bits of it, where that is
                      enough, so that no memory is needed (chapter 4)
  -heap-stress        collect garbage at every allocation; slow, finds mistakes
  -stats[=FORMAT]     when it is done, print counters and times to standard
                      error: as text, or with -stats=json as one JSON object
                        loops, functions, versions, bridges: compiled. Versions
                        are of a loop or function, for objects that need not exist
                        freed, invalidated: loops and functions whose code was
                        freed with all its bridges; of these, since something that
                        they took for constant was redefined
                        paused: times that to enter compiled code did not pay, so
                        that it was left alone for a while
                        blacklisted: places in the program, and guards, that the
                        engine does not try to compile any more
                        aborts: recordings given up, a count for each reason
                        ops_recorded, ops_optimized, ops_loop: operations of the
                        compiled loops and functions as recorded, as optimized,
                        and of these what every iteration executes (behind the
                        label, if there is one); the same for the guards and the
                        allocations among them, guards_recorded,
                        guards_optimized, guards_loop, allocs_recorded,
                        allocs_optimized, allocs_loop
                        ops_bridges: operations recorded for bridges and versions
                        entries, iterations, guard_failures: times that compiled
                        code was entered from the interpreter, came to the end of
                        an iteration, was left for the interpreter by a guard that
                        failed. (Machine code counts iterations for -stats only:
                        that takes an instruction in each.)
                        objects_interpreter, objects_recording, objects_traces,
                        objects_exits: objects allocated, by who did; exits make
                        those that a trace got by without and that are needed
                        where it is left
                        heap_objects, heap_bytes, heap_collections: in all
                        ns_interpreting, ns_recording, ns_optimizing,
                        ns_compiling, ns_executing: nanoseconds; ns_collecting
                        is part of them
                        ns_lowering, ns_allocating, ns_emitting, ns_placing:
                        parts of ns_compiling, when it makes machine code: from
                        operations to instructions, registers for the values,
                        the code, and where it can be executed. As text: µs for
                        each operation recorded, ns_optimizing included
                        code_bytes: how much machine code there is
  -log[=asm]          print each trace to standard error: its place in the
                      source, as recorded, as optimized; with -log=asm also side
                      by side with its machine code (metatrace asm -h explains)
  -log=FILE           write what the engine does to a file, whose name has a / or a .
                      in it: a JSON object on each line, with "event" (started,
                      aborted, blacklisted, compiled, attached, entered, left,
                      limited, paused, freed), "ns" since the start, and what there is
                      to say about it. Each entry into compiled code is an event, so
                      the file can get long. It is there when the program is done
  -explain            when it is done, print a page to standard error: what was hot,
                      what was compiled, what was not and why, which guards failed
                      most and on which values, where the time went
  -perf               write the names of compiled traces to /tmp/perf-PID.map,
                      where Linux's perf looks for them:
                        perf record metatrace run -perf PROGRAM; perf report
  -mine               run the functions that you wrote, where you wrote them

Exit status: 0 done, 1 the program failed: the message is FILE:LINE:COLUMN: what
is wrong, 2 the command line is wrong, or the program can't be read or compiled,
70 a mistake of metatrace, 130 you pressed Ctrl-C (a second one ends it at once).
`

// runOptions are what a command line says about the running of a program.
type runOptions struct {
	file, source string // the program: what to call it, and its text
	jit          string // one of course.Engines, or auto
	threshold    int    // a loop is hot at this iteration; at least 1
	engineFlags
	timeout time.Duration // 0: none
	heap    heap.Options
	boxes   string // "heap" or "tagged"
	kits    *course.Kits
	mine    bool     // some functions of kits are the reader's
	chain   ir.Chain // the optimizer, passes selected
	stats   string   // "", "text" or "json"
	log     string   // "", logTraces or logAsm
	events  string   // the file of -log=FILE, or ""
	explain bool
	perf    bool
}

// The values of -log.
const (
	logTraces = "traces" // without a value
	logAsm    = "asm"
)

func runCommand(e *env, args []string) error {
	fs := flagSet("run")
	o := runOptions{jit: auto, boxes: "heap", threshold: guards.DefaultThreshold}
	passes, mine := runFlags(fs, &o)
	rest, done, err := parse(e, fs, runHelp(), args)
	if done || err != nil {
		return err
	}
	switch {
	case len(rest) != 1:
		return usagef("metatrace run: %d programs, expected one (metatrace run -h explains)", len(rest))
	case o.timeout < 0:
		return usagef("metatrace run: the timeout %s is negative, expected one such as 10s", o.timeout)
	case o.loopsOnly && o.explain:
		return usagef("metatrace run: -explain needs the engine that makes bridges, expected no -bridges=off with it")
	case o.loopsOnly && o.events != "":
		return usagef("metatrace run: -log=FILE needs the engine that makes bridges, expected no -bridges=off with it")
	}
	kits, all, err := kitsAndChain(*mine, (*course.Kits).EngineChain)
	if err != nil {
		return fmt.Errorf("metatrace run: %w", err)
	}
	o.kits, o.mine = kits, *mine
	if o.chain, err = all.Select(*passes); err != nil {
		return usagef("metatrace run: %w", err)
	}
	if o.source, o.file, err = readText(e, rest[0]); err != nil {
		return err
	}
	return runProgram(e, o)
}

// runFlags declares the flags of run. It returns those that are no options yet:
// the list of passes, and whether the reader's functions shall run.
func runFlags(fs *flag.FlagSet, o *runOptions) (passes *string, mine *bool) {
	fs.Var(choice{&o.jit, []string{auto, course.Native, course.Portable, course.Off}}, "jit", "")
	fs.Var(atLeast{&o.threshold, 1}, "threshold", "")
	fs.Var(atLeast{&o.limits.Function, 1}, "function-threshold", "")
	fs.Var(atLeast{&o.limits.Eagerness, 1}, "trace-eagerness", "")
	fs.Var(bridgesFlag{&o.engineFlags}, "bridges", "")
	fs.Var(limitsFlag{&o.engineFlags}, "limits", "")
	fs.DurationVar(&o.timeout, "timeout", 0, "")
	fs.Var(sizeFlag{&o.heap.Limit}, "heap", "")
	boxesFlag(fs, &o.boxes)
	fs.BoolVar(&o.heap.Stress, "heap-stress", false, "")
	fs.Var(formatFlag{&o.stats, "stats", []string{"text", "json"}}, "stats", "")
	fs.Var(logFlag{&o.log, &o.events}, "log", "")
	fs.BoolVar(&o.explain, "explain", false, "")
	fs.BoolVar(&o.perf, "perf", false, "")
	return fs.String("passes", "all", ""), fs.Bool("mine", false, "")
}

// runProgram runs a program. A program that fails is an error, which says so in
// one line.
func runProgram(e *env, o runOptions) error {
	viewer, err := newCodeViewer(e, o)
	if err != nil {
		return err
	}
	opt, err := o.options(e, viewer)
	if err != nil {
		return errors.Join(err, viewer.close())
	}
	watch, err := newWatcher(&o)
	if err != nil {
		return errors.Join(err, viewer.close())
	}
	if !o.loopsOnly {
		listen := watch.listen()
		opt = o.kits.Bridged(opt, bridges.Options{Limits: o.limits, Listen: listen, Often: listen != nil})
	}
	p, err := guest.LoadBoxed(boxesOf(o.boxes), o.file, o.source, o.heap, opt, e.stdout)
	if err != nil {
		watch.discard()
		return errors.Join(usagef("%w", err), viewer.close())
	}
	defer p.Close()
	defer func() { _ = watch.closeLog() }() // after a panic it shows how far it got
	err = execute(e, p, o, watch)
	if closed := viewer.close(); err == nil {
		err = closed
	}
	return err
}

// options returns what the flags say, but for the engine of chapter 6.
func (o *runOptions) options(e *env, viewer *codeViewer) (guards.Options, error) {
	engine, err := o.engine()
	if err != nil {
		return guards.Options{}, err
	}
	opt, err := o.kits.Options(engine, o.chain)
	if err != nil {
		return opt, fmt.Errorf("metatrace run: %w", err)
	}
	opt.Threshold, opt.Count, opt.Time = o.threshold, o.stats != "", o.explain
	if o.log != "" {
		opt.Log = logWriter{e}
	}
	opt.Compiled = viewer.compiled
	if opt.Executor != nil {
		opt.Executor = o.native()
	}
	return opt, nil
}

// execute runs a program that is loaded, and reports what it did.
func execute(e *env, p *guest.Program, o runOptions, watch *watcher) error {
	done := onInterrupt(p.Stop)
	err := p.Run(o.timeout)
	done()
	if errors.Is(err, ir.ErrMalformed) || errors.Is(err, backend.ErrFault) {
		err = status{exitInternal, fmt.Errorf("%s: internal error: %w", o.file, whereItFaults(err, o.mine))}
	}
	if flushed := e.stdout.flush(); err == nil {
		err = flushed
	}
	switch o.stats {
	case "text":
		p.Stats().WriteText(e.stderr)
	case "json":
		json.NewEncoder(e.stderr).Encode(p.Stats())
	}
	watch.explain(e, p.Stats())
	if logged := watch.closeLog(); err == nil {
		err = logged
	}
	return err
}

// logWriter writes to standard error what belongs behind what the program has
// printed so far.
type logWriter struct{ e *env }

func (w logWriter) Write(p []byte) (int, error) {
	_ = w.e.stdout.flush() // an error stays, and is reported at the end
	return w.e.stderr.Write(p)
}
