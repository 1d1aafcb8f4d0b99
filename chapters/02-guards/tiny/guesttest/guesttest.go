// Package guesttest tests whatever executes the traces of tiny programs: what a
// program prints, and how it fails, is the same for everybody.
//
//	testdata ───┐            ┌─▶ interpreter, or a walk over the tree ─┐
//	lists here ─┼─▶ program ─┤                                         ├─▶ the same Outcome
//	generated ──┘            └─▶ traces, by Suite.Options.Executor ────┘
//
// Runs differ in when loops get hot, in the passes, in what an int is, in how often
// garbage is collected, and in the guards that fail although they hold. With -short,
// which is for slow machines, or in a Suite that is Light, a test takes some of them only.
package guesttest

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/heap"
)

// A Suite tests one executor. Its methods are tests.
type Suite struct {
	Testdata string // the folder of that name in chapter 2
	More     string // another folder of such programs, seen from Testdata; "": none
	// Options are what all runs have in common: solved Kit, Chain with all passes,
	// Materialize, Executor.
	Options guards.Options
	// Engine, if not nil, turns the Options of a run whose loops are hot at a threshold
	// into those of another Runner than the Driver.
	Engine func(opt guards.Options, threshold int) guards.Options
	// Light runs only what -short does: for an executor or a Runner that another suite
	// tests as well.
	Light bool
}

// JIT returns Options for loops that are hot at a threshold; 0: only interpret.
func (s *Suite) JIT(threshold int) guards.Options {
	opt := s.Options
	opt.JIT, opt.Threshold = threshold > 0, threshold
	if s.Engine != nil && threshold > 0 {
		opt = s.Engine(opt, threshold)
	}
	return opt
}

// Passes returns the optimizer with the passes of a list.
func (s *Suite) Passes(t testing.TB, list string) ir.Chain {
	t.Helper()
	chain, err := s.Options.Chain.Select(list)
	require.NoError(t, err)
	return chain
}

// A Program is a source text with the name that its error messages have.
type Program struct{ Name, Src string }

// Programs returns those of testdata, with errors and without.
func (s *Suite) Programs(t testing.TB) []Program {
	t.Helper()
	var list []Program
	for _, name := range s.folders() {
		list = append(list, s.folder(t, name)...)
	}
	return list
}

// folders returns the names of all folders with programs.
func (s *Suite) folders() []string {
	if s.More == "" {
		return []string{".", "errors"}
	}
	return []string{".", "errors", s.More}
}

// folder returns the programs of a folder in testdata.
func (s *Suite) folder(t testing.TB, name string) []Program {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(s.Testdata, name, "*.tiny"))
	require.NoError(t, err)
	require.Greater(t, len(files), 5)
	var list []Program
	for _, file := range files {
		list = append(list, Program{filepath.Base(file), read(t, file)})
	}
	return list
}

// Named returns a program of testdata that has no errors.
func (s *Suite) Named(t testing.TB, name string) Program {
	t.Helper()
	return Program{name, read(t, filepath.Join(s.Testdata, name+".tiny"))}
}

func read(t testing.TB, file string) string {
	t.Helper()
	src, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) && !strings.HasSuffix(file, ".tiny") {
		return "" // no .out: prints nothing; no .err: does not fail
	}
	require.NoError(t, err)
	return string(src)
}

// counts are the numbers that say how often something is done.
var counts = regexp.MustCompile(`\b\d{4,6}\b`)

// Small returns p with fewer iterations: its counts without two digits, for
// tests that run a program many times or in a slow way. What it prints is not
// what the file says, but the interpreter tells.
func (p Program) Small() Program {
	return Program{p.Name, counts.ReplaceAllStringFunc(p.Src, func(n string) string { return n[:len(n)-2] })}
}

// Large returns p with more iterations: its counts with a digit more, so that
// recording and compiling do not count.
func (p Program) Large() Program {
	return Program{p.Name, counts.ReplaceAllString(p.Src, "${0}0")}
}

// A Setup says how a program is run. Programs do the same in all of them, as long
// as there is memory and time.
type Setup struct {
	Opt   guards.Options
	Boxes space.Boxes
	Mem   heap.Options
	Limit time.Duration // 0: two minutes. A program that runs longer is taken for one that hangs
}

// enough is memory for all of the programs. qemu-user keeps tables of every page that
// was ever reserved, so that thousands of heaps of the default size fill its memory.
const enough = 16 << 20

// kinds are the kinds of boxes.
var kinds = []space.Boxes{space.HeapBoxes, space.TaggedBoxes}

// An Outcome is all that can be seen of a run.
type Outcome struct{ Out, Err string }

// Run runs p.
func (p Program) Run(t testing.TB, s Setup) (Outcome, guards.Stats) {
	t.Helper()
	if s.Limit == 0 {
		s.Limit = 2 * time.Minute
	}
	if s.Mem.Limit == 0 {
		s.Mem.Limit = enough
	}
	var out strings.Builder
	g, err := guest.LoadBoxed(s.Boxes, p.Name, p.Src, s.Mem, s.Opt, &out)
	require.NoError(t, err)
	defer func() { require.NoError(t, g.Close()) }()
	o := Outcome{}
	if err := g.Run(s.Limit); err != nil {
		o.Err = err.Error()
	}
	o.Out = out.String()
	return o, g.Stats()
}

// interpret returns what the interpreter makes of p.
func (s *Suite) interpret(t testing.TB, p Program) Outcome {
	t.Helper()
	o, _ := p.Run(t, Setup{Opt: s.JIT(0)})
	return o
}

// Each runs f as a parallel subtest for each program.
func Each(t *testing.T, list []Program, f func(t *testing.T, p Program)) {
	for _, p := range list {
		t.Run(strings.TrimSuffix(p.Name, ".tiny"), func(t *testing.T) {
			t.Parallel()
			f(t, p)
		})
	}
}

// light reports whether to run less.
func (s *Suite) light() bool { return s.Light || testing.Short() }

// some returns list, or if s is light, its first n.
func some[T any](s *Suite, n int, list ...T) []T {
	if s.light() {
		return list[:n]
	}
	return list
}
