package bridges

import (
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/recorder"
	virtuals "metatrace/chapters/03-virtuals"
	"metatrace/internal/heap"
)

// Options say how an Engine works. In guards.Options are those that it has in common with
// the Driver; their Chain is the optimizer, whose Peel may be nil.
type Options struct {
	Kit      *Kit
	Virtuals *virtuals.Kit // that Chain was made of
	Limits   Limits
	// Listen is told of all that happens; nil: nobody wants to know. It must not call
	// the engine.
	Listen func(Event)
	// Often asks for Entered and Left as well, of which there may be millions.
	Often bool
}

// Limits are where the engine stops, or begins. 0 is the default, -1 none at all.
type Limits struct {
	Eagerness int // failures of a guard until a bridge is recorded
	Function  int // calls of a function until its entry is hot
	Ops       int // operations of a recording
	Inline    int // calls inlined in one another
	Recursion int // of these, calls of a function in itself
	Bridges   int // of the fragments of one header
	Cheap     int // of these, after which each further one takes more failures
	Versions  int // of a header's code, by what is virtual there
	Aborts    int // tries of a header or an exit until nobody tries again
	Cases     int // bridges of one guard_value
	Window    int // entries of a header until the engine looks whether they pay
	Age       int // compiled headers until one that nobody ran is freed
}

// The defaults. RPython has the same for the first four, and allows a recursion of 7.
var defaults = Limits{
	Eagerness: 200,
	Function:  1619,
	Ops:       recorder.MaxOps,
	Inline:    recorder.MaxInline,
	Recursion: 2,
	Bridges:   200,
	Cheap:     4,
	Versions:  4,
	Aborts:    6,
	Cases:     16,
	Window:    300,
	Age:       1000,
}

// Defaults returns the limits that an Engine has if nobody says otherwise.
func Defaults() Limits { return defaults }

// MaxBackoff is the longest that the engine waits before it tries again, in visits of a
// header or failures of an exit.
const MaxBackoff = 1 << 24

// orDefaults returns l with the defaults in the place of zeros.
func (l Limits) orDefaults() Limits {
	for _, f := range []struct{ value, or *int }{
		{&l.Eagerness, &defaults.Eagerness}, {&l.Function, &defaults.Function}, {&l.Ops, &defaults.Ops},
		{&l.Inline, &defaults.Inline}, {&l.Recursion, &defaults.Recursion}, {&l.Bridges, &defaults.Bridges},
		{&l.Versions, &defaults.Versions}, {&l.Aborts, &defaults.Aborts}, {&l.Cases, &defaults.Cases}, {&l.Age, &defaults.Age},
		{&l.Window, &defaults.Window}, {&l.Cheap, &defaults.Cheap},
	} {
		switch *f.value {
		case 0:
			*f.value = *f.or
		case -1:
			*f.value = guards.Never
		}
	}
	l.Inline = min(l.Inline, recorder.MaxInline) // what the executors rely on
	return l
}

// Runner returns what guards.Options.Runner wants: it makes an Engine.
func Runner(opt Options) func(guest guards.Guest, h *heap.Heap, g guards.Options) (guards.Runner, error) {
	return func(guest guards.Guest, h *heap.Heap, g guards.Options) (guards.Runner, error) {
		return NewEngine(guest, h, g, opt), nil
	}
}
