// Package cli has the subcommands of metatrace. It owns flags, files and exit
// statuses, and nothing that a chapter teaches:
//
//	arguments --> command --> flags, input --> chapters --> stdout
//	                                              |
//	                                            error ----> stderr, exit status
//
// Results go to standard output, and what there is to say about them to standard
// error, in one line.
package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
)

// The exit statuses. A shell script can tell them apart, and so can a grader.
const (
	exitOK          = 0
	exitFailed      = 1   // what was run failed: a guest program, a trace, a file that can't be written
	exitUsage       = 2   // a wrong command line, unreadable input, a malformed trace
	exitImpossible  = 3   // opt: no run gets to the end of the trace
	exitInternal    = 70  // a mistake of ours, or of the reader's functions
	exitInterrupted = 130 // Ctrl-C
)

// A status is an error together with the exit status that it means.
type status struct {
	code int
	err  error
}

func (s status) Error() string { return s.err.Error() }
func (s status) Unwrap() error { return s.err }

// usagef returns an error that is the caller's: it ends with exitUsage.
func usagef(format string, args ...any) error {
	return status{exitUsage, fmt.Errorf(format, args...)}
}

// statusOf returns the exit status that err means.
func statusOf(err error) int {
	var s status
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &s):
		return s.code
	}
	return exitFailed
}

// An env is where a command reads and writes.
type env struct {
	stdin  io.Reader
	stdout *output
	stderr io.Writer
}

// A command is one subcommand. run gets the arguments behind its name.
type command struct {
	name, args, what string
	run              func(e *env, args []string) error
}

func commands() []command {
	return []command{
		{"run", "[flags] PROGRAM", "run a program of the mini language", runCommand},
		{"opt", "[flags] [FILE|-]", "optimize a trace", optCommand},
		{"eval", "[flags] FILE [INPUT...]", "execute a trace step by step", evalCommand},
		{"bounds", "[flags] [FILE|-]", "say what is known of the result of an operation", boundsCommand},
		{"asm", "[flags] [FILE|-]", "show a trace with its machine code", asmCommand},
		{"bench", "[flags] [PROGRAM...]", "compare how fast programs run", benchCommand},
		{"progress", "[-json]", "show which exercises are done, and what is next", progressCommand},
		{"hint", "ID", "show one more hint for an exercise", hintCommand},
	}
}

// Main runs the command that args name, without the name of the program itself,
// and returns the exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) (code int) {
	out := &output{buf: bufio.NewWriterSize(stdout, 1<<16)}
	defer func() {
		if p := recover(); p != nil {
			_ = out.flush() // what was printed so far helps to find the mistake
			whose := "internal error"
			if slices.Contains(args, "-mine") {
				whose = "a panic, most likely in a function that you wrote"
			}
			fmt.Fprintf(stderr, "metatrace: %s: %v\n%s", whose, p, debug.Stack())
			code = exitInternal
		}
	}()
	err := dispatch(&env{stdin, out, stderr}, args)
	if werr := out.flush(); werr != nil {
		err = fmt.Errorf("metatrace: can't write the output: %w", werr)
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
	}
	return statusOf(err)
}

func dispatch(e *env, args []string) error {
	if len(args) == 0 {
		return usagef("metatrace: no command, expected %s (metatrace help explains them)", commandNames())
	}
	switch args[0] {
	case "help", "-h", "-help", "--help":
		return help(e, args[1:])
	}
	c, err := find(args[0])
	if err != nil {
		return err
	}
	return c.run(e, args[1:])
}

func find(name string) (command, error) {
	all := commands()
	var names []string
	for _, c := range all {
		if c.name == name {
			return c, nil
		}
		names = append(names, c.name)
	}
	if near := suggest(name, names); near != "" {
		return command{}, usagef("metatrace: unknown command %q%s (metatrace help lists all)", name, near)
	}
	return command{}, usagef("metatrace: unknown command %q, expected %s (metatrace help explains them)", name, commandNames())
}

func commandNames() string {
	var names []string
	for _, c := range commands() {
		names = append(names, c.name)
	}
	return alternatives(names)
}

// alternatives returns "a, b or c".
func alternatives(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// help prints what there is, or the help of one command.
func help(e *env, args []string) error {
	if len(args) > 1 {
		return usagef("metatrace help: %d arguments, expected one command at most", len(args))
	}
	if len(args) == 1 && !slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]) {
		c, err := find(args[0])
		if err != nil {
			return err
		}
		return c.run(e, []string{"-h"})
	}
	e.stdout.printf("Metatrace is a course: you build a JIT compiler that traces an interpreter.\n" +
		"This command shows what you have built, at every stage.\n\n")
	for _, c := range commands() {
		e.stdout.printf("  metatrace %-32s %s\n", c.name+" "+c.args, c.what)
	}
	e.stdout.printf("\nmetatrace COMMAND -h explains one of them. In a clone of the course, write\n" +
		"`go run . COMMAND` for `metatrace COMMAND`. Good to begin with:\n\n" +
		"  go run . run chapters/02-guards/testdata/sum.tiny -stats\n" +
		"  go run . progress\n")
	return nil
}

// An output is standard output. It keeps the first error, so that nobody has to
// look after each line.
type output struct {
	buf *bufio.Writer
	err error
}

func (o *output) Write(p []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	n, err := o.buf.Write(p)
	o.err = err
	return n, err
}

func (o *output) printf(format string, args ...any) { fmt.Fprintf(o, format, args...) }

func (o *output) flush() error {
	if o.err == nil {
		o.err = o.buf.Flush()
	}
	return o.err
}
