package bridges_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
	"metatrace/internal/exercise"
	"metatrace/internal/heap"
)

// This file runs small programs on engines, and notes what those say.

// engineRun is how a program is run.
type engineRun struct {
	kit       *bridges.Kit // nil: solved
	threshold int
	limits    bridges.Limits
	often     bool
	native    bool
	codeLimit int // of native
	mem       heap.Options
	forceFail func(guard *ir.Op) bool
}

// engineResult is what was seen of a run.
type engineResult struct {
	out    string // with the error of the program behind it
	stats  guards.Stats
	events []bridges.Event
	log    string
}

// seen returns the events of a type, in order.
func seen[E bridges.Event](r engineResult) (list []E) {
	for _, event := range r.events {
		if e, ok := event.(E); ok {
			list = append(list, e)
		}
	}
	return list
}

// options returns what makes the engine, which tells result what happens.
func (r engineRun) options(t exercise.TB, result *engineResult) guards.Options {
	t.Helper()
	kits := course.Solved()
	if r.kit != nil {
		kits.Bridges = *r.kit
	}
	chain, err := kits.EngineChain()
	require.NoError(t, err)
	chain.Verify = true
	name := course.Portable
	if r.native {
		name = course.Native
	}
	opt, err := kits.Options(name, chain)
	require.NoError(t, err)
	if r.native {
		limit := 4 << 20 // thousands of the default size are too much for qemu-user
		if r.codeLimit > 0 {
			limit = r.codeLimit
		}
		opt.Executor = kits.Backend.Native(limit)
	}
	opt.Threshold, opt.Count, opt.ForceFail = r.threshold, true, r.forceFail
	return kits.Bridged(opt, bridges.Options{Limits: r.limits, Often: r.often,
		Listen: func(e bridges.Event) { result.events = append(result.events, e) }})
}

// run runs a program with an engine.
func (r engineRun) run(t exercise.TB, source string) engineResult {
	t.Helper()
	var result engineResult
	var out, log strings.Builder
	opt := r.options(t, &result)
	opt.Log = &log
	result.out, result.stats = execute(t, source, r.mem, opt, &out)
	result.log = log.String()
	return result
}

// execute runs a program, and returns what it printed and, behind that, its error.
func execute(t exercise.TB, source string, mem heap.Options, opt guards.Options, out *strings.Builder) (string, guards.Stats) {
	t.Helper()
	if mem.Limit == 0 {
		mem.Limit = 16 << 20
	}
	p, err := guest.Load("t.tiny", source, mem, opt, out)
	require.NoError(t, err)
	err = p.Run(20 * time.Second)
	stats := p.Stats()
	require.NoError(t, p.Close())
	if err != nil {
		fmt.Fprintf(out, "error: %v\n", err)
	}
	return out.String(), stats
}

// interpreted returns what a program prints without an engine.
func interpreted(t exercise.TB, source string) string {
	t.Helper()
	kits := course.Solved()
	opt, err := kits.Options(course.Off, ir.Chain{})
	require.NoError(t, err)
	out, _ := execute(t, source, heap.Options{}, opt, &strings.Builder{})
	return out
}

// names returns the names of events, in order.
func names(events []bridges.Event) (list []string) {
	for _, e := range events {
		list = append(list, e.Name())
	}
	return list
}
