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
//
// A program from elsewhere (FromFile) is run as it stands, again and again, and has no
// twin. Then all that a run takes is part of the time, from compiling the source on: so
// one sees whether a program that ends soon pays for the engine.
package bench

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/tiny/guest"
	"metatrace/chapters/02-guards/tiny/space"
	bridges "metatrace/chapters/06-bridges"
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
	TimesGo float64 `json:"times_go"`          // how many times the time of Go; 0 without a twin
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
		if err := r.account(); err != nil {
			return nil, err
		}
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
		if twin := r.Of(Go); twin != nil {
			m.TimesGo = m.Nanoseconds / twin.Nanoseconds
		}
	}
}

// TooSlow is how many times the interpreter's time no program may take.
const TooSlow = 1.1

// Slower returns the measurement of the engine that metatrace run takes by itself, if
// that needs more than TooSlow times the interpreter's time; or nil.
func (r *Result) Slower() *Measurement {
	m := r.Of(course.Best())
	if m == nil || m.Speedup*TooSlow >= 1 {
		return nil
	}
	return m
}

// A runner runs a program on one engine.
type runner struct {
	program *Program
	engine  string
	want    string // what the program prints, if it does not print in each round
	run     func(n int64) (run, error)
	timed   func(n int64) (run, error) // the same, and knows of executing; or nil
	n       int64                      // rounds of a run
	best    Measurement
}

// run is one run.
type run struct {
	out             string
	time            time.Duration // on a processor
	wall, executing time.Duration // by the clock; executing traces, if that was asked for
}

// newRunners returns a runner for each engine that there is, Go the last.
func newRunners(p *Program, opt Options) ([]*runner, error) {
	var list []*runner
	want, err := p.prints(opt)
	if err != nil {
		return nil, err
	}
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
		guest := guestRun{p, opt.Boxes, opt.Kits.Bridged(options, bridges.Options{})}
		timed := guest
		timed.options.Time = true
		list = append(list, &runner{program: p, engine: engine, want: want, run: guest.run, timed: timed.run})
	}
	if p.Go == nil {
		return list, nil
	}
	return append(list, &runner{program: p, engine: Go, want: want, run: p.runGo}), nil
}

// prints returns what a round of p prints: the twin knows, or else the interpreter.
func (p *Program) prints(opt Options) (string, error) {
	if p.Go != nil {
		return p.Go(1), nil
	}
	options, err := opt.Kits.Options(course.Off, ir.Chain{})
	if err != nil {
		return "", err
	}
	r, err := guestRun{p, opt.Boxes, options}.run(1)
	return r.out, err
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
	return nil
}

// account finds out where the time goes, in one more run. (To look at the clock at each
// entry into a trace takes time, too.)
func (r *runner) account() error {
	if r.timed == nil {
		return nil
	}
	last, err := r.timed(r.n)
	r.best.Outside = 1 - float64(last.executing)/float64(last.wall)
	return err
}

// try does one run, and looks at what it printed.
func (r *runner) try() (run, error) {
	runtime.GC() // nobody pays for what the one before left behind
	last, err := r.run(r.n)
	if err != nil {
		return last, fmt.Errorf("%s, %s: %w", r.program.Name, r.engine, err)
	}
	want := r.want
	if r.program.Prints {
		want = r.program.Go(r.n)
	}
	if last.out != want {
		other := "the same in Go"
		if r.program.Go == nil {
			other = "the interpreter before"
		}
		return last, fmt.Errorf("%s, %s: it printed %.200q, and %s %.200q", r.program.Name, r.engine, last.out, other, want)
	}
	return last, nil
}

// guestRun runs a program as a guest.
type guestRun struct {
	program *Program
	boxes   space.Boxes
	options guards.Options
}

// run executes n rounds: in one run, or, of a program that does not know of rounds, in as
// many.
func (g guestRun) run(n int64) (run, error) {
	if g.program.Go == nil {
		return g.runs(n)
	}
	source, err := g.program.Source(n)
	if err != nil {
		return run{}, err
	}
	var out strings.Builder
	p, err := g.load(source, &out)
	if err != nil {
		return run{}, err
	}
	defer p.Close()
	processor, wall := took(func() { err = p.Run(0) })
	return run{out.String(), processor, wall, p.Stats().Executing}, err
}

func (g guestRun) load(source string, out io.Writer) (*guest.Program, error) {
	return guest.LoadBoxed(g.boxes, g.program.File(), source, heap.Options{}, g.options, out)
}

// runs executes the text of a program n times.
func (g guestRun) runs(n int64) (last run, err error) {
	for range n {
		var out strings.Builder
		processor, wall := took(func() {
			var p *guest.Program
			if p, err = g.load(g.program.text, &out); err != nil {
				return
			}
			err = p.Run(0)
			last.executing += p.Stats().Executing
			err = errors.Join(err, p.Close())
		})
		last.time, last.wall, last.out = last.time+processor, last.wall+wall, out.String()
		if err != nil {
			return last, err
		}
	}
	return last, nil
}

func (p *Program) runGo(n int64) (run, error) {
	var out string
	processor, wall := took(func() { out = p.Go(n) })
	return run{out: out, time: processor, wall: wall}, nil
}
