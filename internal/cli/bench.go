package cli

import (
	"encoding/json"
	"flag"
	"fmt"
	"runtime"
	"strings"
	"time"

	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/bench"
	"metatrace/internal/course"
)

const benchHelp = `
usage: metatrace bench [flags] [PROGRAM...]

Compares how fast programs run: interpreted, as traces that a loop in Go executes
(portable), as machine code (native), and written by hand in Go with the same
checks. Without PROGRAM it takes all of these, two minutes or so:

%s
  $ metatrace bench sum pi

All of them run by turns, several times, and the best time counts; waiting for a
processor does not count (on Linux). On a busy machine the ratios still mean more
than the times. A run includes the warming up and compiling. Each has to print what
the others print. The programs are in
internal/bench/programs, where metatrace run can run them, too; what is written in
Go is beside them.

A PROGRAM with a / or a . in its name is a file. It is run as it stands, again and
again, and the times are for a whole run, from compiling the source on: so one sees
whether a program that ends soon pays for the compiling. There is no Go to compare
it with.

The last line says which programs take more than 1.1 times the interpreter's time,
with what -jit=auto takes.

  -time D      how long one run takes, about (default 100ms)
  -count N     runs of each (default 5)
  -boxes KIND  what an int of a program is, as for run: heap (default) or tagged
  -markdown    print the table as a README has it
  -json        print one JSON object: "goos", "goarch", "boxes", "native" (why there
               is no machine code, or ""), and "results", for each program the
               "engines" with "ns" for an iteration, "rounds" of "iterations_per_round",
               "outside_traces" (part of the time), "times_interpreter" (how many
               times as fast) and "times_go" (how many times the time); and
               "slower", the names of those that the last line of the table has
  -mine        run the functions that you wrote, where you wrote them

Exit status: 0 done, 1 an engine failed or printed something else, 2 the command
line is wrong, 70 a mistake of metatrace.
`

// programsHelp lists the programs of bench with what they do.
func programsHelp() string {
	var b strings.Builder
	for _, p := range bench.Programs {
		fmt.Fprintf(&b, "  %-14s %s; the times are for a %s\n", p.Name, p.What, p.Turn)
	}
	return b.String()
}

// benchReport is what bench -json prints.
type benchReport struct {
	OS      string          `json:"goos"`
	Arch    string          `json:"goarch"`
	Boxes   string          `json:"boxes"`
	Native  string          `json:"native"`
	Results []*bench.Result `json:"results"`
	Slower  []string        `json:"slower"`
}

func benchCommand(e *env, args []string) error {
	fs := flagSet("bench")
	opt := bench.Options{Count: 5}
	report := benchReport{OS: runtime.GOOS, Arch: runtime.GOARCH, Boxes: "heap", Slower: []string{}}
	fs.DurationVar(&opt.Time, "time", 100*time.Millisecond, "")
	fs.Var(atLeast{&opt.Count, 1}, "count", "")
	boxesFlag(fs, &report.Boxes)
	asJSON, markdown := fs.Bool("json", false, ""), fs.Bool("markdown", false, "")
	mine := fs.Bool("mine", false, "")
	rest, done, err := parse(e, fs, fmt.Sprintf(benchHelp, programsHelp()), args)
	if done || err != nil {
		return err
	}
	if opt.Time <= 0 {
		return usagef("metatrace bench: the time of a run is %s, expected one such as 100ms", opt.Time)
	}
	if *asJSON && *markdown {
		return usagef("metatrace bench: -json and -markdown, expected one of them at most")
	}
	programs, err := benchPrograms(e, rest)
	if err != nil {
		return err
	}
	if opt.Kits, _, err = kitsAndChain(*mine, (*course.Kits).EngineChain); err != nil {
		return fmt.Errorf("metatrace bench: %w", err)
	}
	opt.Boxes = boxesOf(report.Boxes)
	if err := course.NativeAvailable(); err != nil {
		report.Native = err.Error()
	}
	if *asJSON {
		return benchJSON(e, programs, opt, report)
	}
	return benchTable(e, programs, opt, report, *markdown)
}

// benchPrograms returns the programs with those names, or all of them.
func benchPrograms(e *env, names []string) (list []*bench.Program, err error) {
	var known []string
	for i := range bench.Programs {
		known = append(known, bench.Programs[i].Name)
	}
	if len(names) == 0 {
		names = known
	}
	for _, name := range names {
		if strings.ContainsAny(name, "/.") {
			text, file, err := readText(e, name)
			if err != nil {
				return nil, err
			}
			list = append(list, bench.FromFile(file, text))
			continue
		}
		p := bench.Find(name)
		if p == nil {
			return nil, usagef("metatrace bench: there is no program %q%s (metatrace bench -h lists all)", name, suggest(name, known))
		}
		list = append(list, p)
	}
	return list, nil
}

func benchJSON(e *env, programs []*bench.Program, opt bench.Options, report benchReport) error {
	for _, p := range programs {
		r, err := bench.Measure(p, opt)
		if err != nil {
			return fmt.Errorf("metatrace bench: %w", err)
		}
		report.Results = append(report.Results, r)
		if r.Slower() != nil {
			report.Slower = append(report.Slower, r.Program)
		}
	}
	enc := json.NewEncoder(e.stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(report)
}

// benchTable prints a line as soon as it is known.
func benchTable(e *env, programs []*bench.Program, opt bench.Options, report benchReport, markdown bool) error {
	var names []string
	for _, p := range programs {
		names = append(names, p.Name)
	}
	table := bench.NewTable(e.stdout, names, markdown)
	for _, p := range programs {
		_ = e.stdout.flush() // an error stays, and is reported at the end
		r, err := bench.Measure(p, opt)
		if err != nil {
			return fmt.Errorf("metatrace bench: %w", err)
		}
		table.Row(r)
		report.Results = append(report.Results, r)
	}
	e.stdout.printf("%s", bench.Legend)
	bench.WriteSlower(e.stdout, report.Results)
	if report.Native != "" {
		e.stdout.printf("There is no machine code here: %s.\n", report.Native)
	}
	return nil
}

func boxesFlag(fs *flag.FlagSet, boxes *string) {
	fs.Var(choice{boxes, []string{"heap", "tagged"}}, "boxes", "")
}

// boxesOf returns what a value of -boxes means.
func boxesOf(flag string) space.Boxes {
	if flag == "tagged" {
		return space.TaggedBoxes
	}
	return space.HeapBoxes
}
