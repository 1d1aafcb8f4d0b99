package cli

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"metatrace/internal/heap"
	"metatrace/internal/nearest"
)

// flagSet returns an empty set of flags for a command. It prints nothing itself:
// parse says what is wrong in one line, and -h prints a text of ours.
func flagSet(name string) *flag.FlagSet {
	fs := flag.NewFlagSet(name, flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	return fs
}

// parse reads the flags in args, wherever they stand, and returns the other
// arguments. help is true if the user asked for the text instead, which has been
// printed.
func parse(e *env, fs *flag.FlagSet, text string, args []string) (rest []string, help bool, err error) {
	flags, rest := split(fs, args)
	switch err := fs.Parse(flags); {
	case errors.Is(err, flag.ErrHelp):
		e.stdout.printf("%s", strings.TrimLeft(text, "\n"))
		return nil, true, nil
	case err != nil:
		return nil, false, usagef("metatrace %s: %s (metatrace %s -h explains the flags)", fs.Name(), reword(fs, err), fs.Name())
	}
	return rest, false, nil
}

// split takes the flags and their values out of args. The flag package stops at
// the first argument that is no flag, but we want `run PROGRAM -stats` to work.
// What stands behind -- is no flag, and neither is a negative number.
func split(fs *flag.FlagSet, args []string) (flags, rest []string) {
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return flags, append(rest, args[i+1:]...)
		}
		if arg == "-" || !strings.HasPrefix(arg, "-") || isNegative(arg) {
			rest = append(rest, arg)
			continue
		}
		flags = append(flags, arg)
		name := strings.TrimPrefix(arg[1:], "-")
		if f := fs.Lookup(name); f != nil && !isBool(f) && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	return flags, rest
}

func isNegative(arg string) bool {
	s := strings.TrimPrefix(arg, "-")
	return s != "" && (s[0] == '.' || '0' <= s[0] && s[0] <= '9') || s == "inf" || s == "nan"
}

func isBool(f *flag.Flag) bool {
	b, ok := f.Value.(interface{ IsBoolFlag() bool })
	return ok && b.IsBoolFlag()
}

// reword says what the flag package says with the nearest known flag.
func reword(fs *flag.FlagSet, err error) string {
	name, unknown := strings.CutPrefix(err.Error(), "flag provided but not defined: -")
	if !unknown {
		msg := err.Error()
		if strings.Contains(msg, " for -stats: ") || strings.Contains(msg, " for -log: ") {
			// They may stand without a value, which makes them boolean to the package.
			msg = strings.Replace(msg, "invalid boolean value", "invalid value", 1)
		}
		return msg
	}
	var names []string
	fs.VisitAll(func(f *flag.Flag) { names = append(names, f.Name) })
	near := suggest(name, names)
	return fmt.Sprintf("unknown flag -%s%s", name, strings.Replace(near, "mean ", "mean -", 1))
}

// suggest returns the known name that is nearest to what was typed, as the end
// of a message; "" if none is near.
func suggest(typed string, names []string) string {
	best, _ := nearest.Name(typed, min(1+len(typed)/3, 3), names) // further away is another word
	if best == "" {
		return ""
	}
	return ", did you mean " + best + "?"
}

// choice is a flag with a few values.
type choice struct {
	value   *string
	allowed []string // two or more
}

func (c choice) String() string { return "" }

func (c choice) Set(s string) error {
	for _, a := range c.allowed {
		if s == a {
			*c.value = s
			return nil
		}
	}
	return fmt.Errorf("expected %s", alternatives(c.allowed))
}

// formatFlag is a flag that may have a value: -stats, -stats=text, -stats=json. The
// first of its values is that of the flag alone.
type formatFlag struct {
	value   *string
	name    string
	allowed []string
}

func (formatFlag) IsBoolFlag() bool { return true }
func (formatFlag) String() string   { return "" }

func (f formatFlag) Set(s string) error {
	switch {
	case s == "true":
		*f.value = f.allowed[0]
	case s == "false":
		*f.value = ""
	case slices.Contains(f.allowed, s):
		*f.value = s
	default:
		texts := []string{"-" + f.name}
		for _, a := range f.allowed {
			texts = append(texts, "-"+f.name+"="+a)
		}
		return fmt.Errorf("expected %s", alternatives(texts))
	}
	return nil
}

// atLeast is a flag for an int with a least value.
type atLeast struct {
	value *int
	least int
}

func (atLeast) String() string { return "" }

func (f atLeast) Set(s string) error {
	n, err := parseInt(s)
	switch {
	case err != nil || n < int64(f.least):
		return fmt.Errorf("expected a number of %d or more", f.least)
	case n > math.MaxInt32:
		return fmt.Errorf("expected a number of %d or less", math.MaxInt32)
	}
	*f.value = int(n)
	return nil
}

// sizeFlag is a flag for a number of bytes: 65536, 64k, 512m, 1g.
type sizeFlag struct{ bytes *int64 }

func (sizeFlag) String() string { return "" }

func (f sizeFlag) Set(s string) error {
	n, err := heap.ParseSize(s)
	if err == nil {
		*f.bytes = n
	}
	return err
}
