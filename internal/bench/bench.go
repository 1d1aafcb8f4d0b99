// Package bench compares what executes a program: the interpreter, the portable
// executor, machine code, and the same loop written by hand in Go.
//
//	programs/sum.tiny ──┬─ interpreter ─┐
//	                    ├─ portable ────┤ by turns,     best time
//	                    ├─ native ──────┤ several times ───────────▶ ratios
//	sumTwin, in Go ─────┴─ Go ──────────┘
//
// On a busy machine a time says little, but a ratio of two that were measured by
// turns says much. Where the system tells it, the time is that on a processor, without
// waiting for one; what Go's collector does on other threads is not in it. Each run has
// its own heap, and compiles its traces anew; what that costs is part of the time, so
// runs have to be long enough (Options.Time).
// Whoever prints something else than the twin is an error, not a result.
package bench

import (
	"fmt"
	"runtime"
	"strings"
	"time"

	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/chapters/02-guards/tiny/space"
	"metatrace/internal/course"
	"metatrace/internal/heap"
)

// Options say how to measure.
type Options struct {
	Kits  *course.Kits
	Boxes space.Boxes
	Time  time.Duration // how long one run takes, about
	Count int           // runs of each engine; the best one counts
}

// A Result is what was measured of one program.
type Result struct {
	Program    string        `json:"program"`
	Turn       string        `json:"iteration"`            // what an iteration is
	Iterations int64         `json:"iterations_per_round"` //
	Engines    []Measurement `json:"engines"`              // those that there are on this machine
}

// A Measurement is the best run of one engine.
type Measurement struct {
	Engine      string  `json:"engine"` // Interpreter, course.Portable, course.Native or Go
	Nanoseconds float64 `json:"ns"`     // for an iteration
	Rounds      int64   `json:"rounds"` // that this run did
	// Outside is the part of the time in which no trace was executed, from 0 to 1:
	// warming up, leaving traces and entering them. Of Go it is 0.
	Outside float64 `json:"outside_traces"`
	Speedup float64 `json:"times_interpreter"` // how many times as fast as the interpreter
	TimesGo float64 `json:"times_go"`          // how many times the time of Go
}

// The names of the engines here, beside course.Portable and course.Native.
const (
	Interpreter = "interpreter" // course.Off
	Go          = "go"          // the twins
)

// Of returns the measurement of an engine, or nil.
func (r *Result) Of(engine string) *Measurement {
	for i := range r.Engines {
		if r.Engines[i].Engine == engine {
			return &r.Engines[i]
		}
	}
	return nil
}

// Measure measures p.
func Measure(p *Program, opt Options) (*Result, error) {
	runners, err := newRunners(p, opt)
	if err != nil {
		return nil, err
	}
	for _, r := range runners {
		if err := r.calibrate(opt.Time); err != nil {
			return nil, err
		}
	}
	for range opt.Count {
		for _, r := range runners {
			if err := r.measure(); err != nil {
				return nil, err
			}
		}
	}
	result := &Result{Program: p.Name, Turn: p.Turn, Iterations: p.Iterations}
	for _, r := range runners {
		result.Engines = append(result.Engines, r.best)
	}
	result.compare()
	return result, nil
}

// compare fills in the ratios.
func (r *Result) compare() {
	for i := range r.Engines {
		m := &r.Engines[i]
		m.Speedup = r.Of(Interpreter).Nanoseconds / m.Nanoseconds
		m.TimesGo = m.Nanoseconds / r.Of(Go).Nanoseconds
	}
}

// A runner runs a program on one engine.
type runner struct {
	program *Program
	engine  string
	want    string // what the program prints
	run     func(n int64) (run, error)
	n       int64 // rounds of a run
	best    Measurement
}

// run is one run.
type run struct {
	out             string
	time            time.Duration // on a processor
	wall, executing time.Duration // by the clock
}

// newRunners returns a runner for each engine that there is, Go the last.
func newRunners(p *Program, opt Options) ([]*runner, error) {
	var list []*runner
	want := p.Go(1)
	chain, err := opt.Kits.EngineChain()
	if err != nil {
		return nil, err
	}
	for _, engine := range course.Engines() {
		options, err := opt.Kits.Options(engine, chain)
		if err != nil {
			return nil, err
		}
		if engine == course.Off {
			engine = Interpreter
		}
		guest := guestRun{p, opt.Boxes, options}
		list = append(list, &runner{program: p, engine: engine, want: want, run: guest.run})
	}
	return append(list, &runner{program: p, engine: Go, want: want, run: p.runGo}), nil
}

// calibrate finds out how many rounds take as long as atLeast, about.
func (r *runner) calibrate(atLeast time.Duration) error {
	for r.n = 1; ; {
		last, err := r.try()
		if err != nil {
			return err
		}
		missing := float64(atLeast) / float64(last.time+1)
		if missing <= 1.2 {
			return nil
		}
		// The first rounds warm up, and say little of those to come.
		r.n = max(r.n+1, int64(float64(r.n)*min(missing, 20)))
	}
}

// measure does one run, and keeps it if it is the best.
func (r *runner) measure() error {
	last, err := r.try()
	if err != nil {
		return err
	}
	ns := float64(last.time) / float64(r.n*r.program.Iterations)
	if r.best.Engine != "" && r.best.Nanoseconds <= ns {
		return nil
	}
	r.best = Measurement{Engine: r.engine, Nanoseconds: ns, Rounds: r.n}
	if r.engine != Go {
		r.best.Outside = 1 - float64(last.executing)/float64(last.wall)
	}
	return nil
}

// try does one run, and looks at what it printed.
func (r *runner) try() (run, error) {
	runtime.GC() // nobody pays for what the one before left behind
	last, err := r.run(r.n)
	if err != nil {
		return last, fmt.Errorf("%s, %s: %w", r.program.Name, r.engine, err)
	}
	if last.out != r.want {
		return last, fmt.Errorf("%s, %s: it printed %q, and the same in Go %q", r.program.Name, r.engine, last.out, r.want)
	}
	return last, nil
}

// guestRun runs a program as a guest.
type guestRun struct {
	program *Program
	boxes   space.Boxes
	options guards.Options
}

func (g guestRun) run(n int64) (run, error) {
	source, err := g.program.Source(n)
	if err != nil {
		return run{}, err
	}
	var out strings.Builder
	p, err := guest.LoadBoxed(g.boxes, g.program.File(), source, heap.Options{}, g.options, &out)
	if err != nil {
		return run{}, err
	}
	defer p.Close()
	processor, wall := took(func() { err = p.Run(0) })
	return run{out.String(), processor, wall, p.Stats().Executing}, err
}

func (p *Program) runGo(n int64) (run, error) {
	var out string
	processor, wall := took(func() { out = p.Go(n) })
	return run{out: out, time: processor, wall: wall}, nil
}
