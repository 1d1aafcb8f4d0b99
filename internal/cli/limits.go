package cli

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"metatrace/chapters/02-guards/recorder"
	backend "metatrace/chapters/05-backend"
	"metatrace/chapters/05-backend/native"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/heap"
)

// engineFlags are what a command line says about the engine of chapter 6.
type engineFlags struct {
	limits    bridges.Limits
	loopsOnly bool  // -bridges=off: the driver of chapter 2 in its place
	code      int64 // the most bytes of machine code; 0: backend.DefaultCodeLimit
}

// limitsFlag is the flag -limits: NAME=VALUE,... It may come more than once.
type limitsFlag struct{ to *engineFlags }

func (limitsFlag) String() string { return "" }

// names returns the names of all limits, and where those that are numbers are kept.
func (f limitsFlag) names() (names []string, of map[string]*int) {
	l := &f.to.limits
	return []string{"ops", "inline", "recursion", "cheap", "versions", "aborts", "cases", "window", "age", "code"},
		map[string]*int{"ops": &l.Ops, "inline": &l.Inline, "recursion": &l.Recursion, "versions": &l.Versions,
			"aborts": &l.Aborts, "cases": &l.Cases, "window": &l.Window, "cheap": &l.Cheap, "age": &l.Age}
}

func (f limitsFlag) Set(s string) error {
	for _, part := range strings.Split(s, ",") {
		name, value, ok := strings.Cut(part, "=")
		if !ok {
			return fmt.Errorf("%q: expected NAME=VALUE,... such as ops=500,versions=2", part)
		}
		if err := f.set(name, value); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// set sets one limit.
func (f limitsFlag) set(name, value string) error {
	names, of := f.names()
	to := of[name]
	switch {
	case name == "code":
		return f.setCode(value)
	case to == nil:
		if near := suggest(name, names); near != "" {
			return fmt.Errorf("unknown limit%s", near)
		}
		return fmt.Errorf("unknown limit, expected %s", alternatives(names))
	case value == "none" && name != "inline":
		*to = -1
		return nil
	}
	n, err := parseInt(value)
	switch {
	case name == "inline" && (err != nil || n < 1 || n > recorder.MaxInline):
		return fmt.Errorf("expected a number from 1 to %d", recorder.MaxInline)
	case err != nil || n < 1 || n > math.MaxInt32:
		return fmt.Errorf("expected a number from 1 to %d, or none", math.MaxInt32)
	}
	*to = int(n)
	return nil
}

func (f limitsFlag) setCode(value string) error {
	n, err := heap.ParseSize(value)
	if err != nil {
		return err
	}
	if n > native.MaxMemory {
		return fmt.Errorf("expected %d bytes or less", native.MaxMemory)
	}
	f.to.code = n
	return nil
}

// runHelp returns the text of run -h.
func runHelp() string {
	flags := engineFlags{limits: bridges.Defaults()}
	l := &flags.limits
	text := []string{"{function}", strconv.Itoa(l.Function), "{eagerness}", strconv.Itoa(l.Eagerness), "{bridges}", strconv.Itoa(l.Bridges),
		"{code}", strconv.Itoa(backend.DefaultCodeLimit >> 20)}
	_, of := limitsFlag{&flags}.names()
	for name, value := range of {
		text = append(text, "{"+name+"}", strconv.Itoa(*value))
	}
	return strings.NewReplacer(text...).Replace(runText)
}

// bridgesFlag is the flag -bridges: a number, or off.
type bridgesFlag struct{ to *engineFlags }

func (bridgesFlag) String() string { return "" }

func (f bridgesFlag) Set(s string) error {
	if f.to.loopsOnly = s == "off"; f.to.loopsOnly {
		return nil
	}
	if err := (atLeast{&f.to.limits.Bridges, 1}).Set(s); err != nil {
		return fmt.Errorf("%w, or off", err)
	}
	return nil
}

// logFlag is the flag -log: alone or with a word for what is shown, or with a FILE.
type logFlag struct {
	format *string // "", logTraces or logAsm
	file   *string // for events
}

func (logFlag) IsBoolFlag() bool { return true }
func (logFlag) String() string   { return "" }

func (f logFlag) Set(s string) error {
	if strings.ContainsAny(s, "/.") {
		*f.file = s
		return nil
	}
	if (formatFlag{f.format, "log", []string{logTraces, logAsm}}).Set(s) != nil {
		return errors.New("expected -log, -log=traces, -log=asm or -log=FILE, where FILE has a / or a . in it")
	}
	return nil
}
