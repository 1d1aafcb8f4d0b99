package guest_test

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
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// program is a source text with the name that its error messages have.
type program struct{ name, src string }

// outcome is all that can be seen of a run.
type outcome struct{ Out, Err string }

// programs returns those of testdata, with errors and without.
func programs(t testing.TB) []program {
	t.Helper()
	return append(folderPrograms(t, "../../testdata/"), folderPrograms(t, "../../testdata/errors/")...)
}

func folderPrograms(t testing.TB, folder string) []program {
	t.Helper()
	files, err := filepath.Glob(folder + "*.tiny")
	require.NoError(t, err)
	require.Greater(t, len(files), 10)
	var list []program
	for _, file := range files {
		list = append(list, program{filepath.Base(file), read(t, file)})
	}
	return list
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

// small returns p with fewer iterations: its counts without two digits, for
// tests that run a program many times or in a slow way. What it prints is not
// what the file says, but the interpreter tells.
func (p program) small() program {
	return program{p.name, counts.ReplaceAllStringFunc(p.src, func(n string) string { return n[:len(n)-2] })}
}

var kits = course.Solved()

// passes returns the optimizer with the passes of a list.
func passes(t testing.TB, list string) ir.Chain {
	t.Helper()
	all, err := kits.EngineChain()
	require.NoError(t, err)
	chain, err := all.Select(list)
	require.NoError(t, err)
	return chain
}

// jit returns Options for loops that are hot at a threshold; 0: only interpret.
func jit(t testing.TB, threshold int) guards.Options {
	return guards.Options{
		Kit: &kits.Guards, Chain: passes(t, "all"), Materialize: kits.Virtuals.Materialize,
		JIT: threshold > 0, Threshold: threshold,
	}
}

// run runs p. A program that runs for a minute is taken for one that hangs.
func (p program) run(t testing.TB, mem heap.Options, opt guards.Options) (outcome, guards.Stats) {
	return p.runFor(t, time.Minute, mem, opt)
}

func (p program) runFor(t testing.TB, limit time.Duration, mem heap.Options, opt guards.Options) (outcome, guards.Stats) {
	t.Helper()
	return p.runBoxed(t, space.HeapBoxes, limit, mem, opt)
}

// kinds are the kinds of boxes. A program does the same with all of them.
var kinds = []space.Boxes{space.HeapBoxes, space.TaggedBoxes}

// runWith runs p with numbers in boxes of a kind.
func (p program) runWith(t testing.TB, boxes space.Boxes, mem heap.Options, opt guards.Options) (outcome, guards.Stats) {
	t.Helper()
	return p.runBoxed(t, boxes, time.Minute, mem, opt)
}

func (p program) runBoxed(t testing.TB, boxes space.Boxes, limit time.Duration, mem heap.Options, opt guards.Options) (outcome, guards.Stats) {
	t.Helper()
	var out strings.Builder
	g, err := guest.LoadBoxed(boxes, p.name, p.src, mem, opt, &out)
	require.NoError(t, err)
	defer func() { require.NoError(t, g.Close()) }()
	o := outcome{}
	if err := g.Run(limit); err != nil {
		o.Err = err.Error()
	}
	o.Out = out.String()
	return o, g.Stats()
}

// each runs f as a parallel subtest for each program.
func each(t *testing.T, list []program, f func(t *testing.T, p program)) {
	for _, p := range list {
		t.Run(strings.TrimSuffix(p.name, ".tiny"), func(t *testing.T) {
			t.Parallel()
			f(t, p)
		})
	}
}
