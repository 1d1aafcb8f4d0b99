package bridges

import (
	"time"

	"metatrace/chapters/02-guards/recorder"
)

// An Event is something that the engine did or decided. Hooks (Options.Listen), the log
// and run -explain all read this one stream, and Stats counts the same things.
type Event interface {
	// Name is what the log calls it: "compiled".
	Name() string
}

// Place is where an Event happened in the guest program.
type Place struct {
	Where  string `json:"where"`            // FILE:LINE, and the function
	Header int    `json:"header,omitempty"` // number of the header, once it has code
}

// Started says that a recording has begun: at a header, or behind an exit.
type Started struct {
	Place
	From *From `json:"from,omitempty"` // nil: at the header
}

// From names a side exit.
type From struct {
	Fragment int    `json:"fragment"` // that it leaves
	Guard    int    `json:"guard"`    // which guard of it, from 0
	Where    string `json:"at"`       // where in the program the interpreter goes on
	Text     string `json:"text"`     // of the guard: "guard_true(i5)"
	Expects  string `json:"expects"`  // the same in words: "int_lt(i3, 20) to hold"
	Failures int64  `json:"failures"` // so far
}

// Aborted says that a recording, or the compiling of it, came to nothing.
type Aborted struct {
	Place
	From   *From           `json:"from,omitempty"`
	Why    recorder.Reason `json:"why"`
	Detail string          `json:"detail"`
	Ops    int             `json:"ops"` // recorded until then
	// Retry is after how many more visits or failures it will be tried again; 0: never.
	Retry int `json:"retry"`
}

// Blacklisted says that the engine leaves a header or an exit alone, since more than one
// recording has come to nothing: for Retry visits or failures, and in the end, with
// Retry 0, for good. (Stats.Blacklisted counts only the latter.)
type Blacklisted struct {
	Place
	From   *From           `json:"from,omitempty"`
	Why    recorder.Reason `json:"why"`
	Aborts int             `json:"aborts"`
	Retry  int             `json:"retry"` // 0: never again
}

// Compiled says that there is a new fragment.
type Compiled struct {
	Place
	Fragment int           `json:"fragment"`
	Kind     Kind          `json:"kind"`
	From     *From         `json:"from,omitempty"`    // of a bridge
	Target   string        `json:"target,omitempty"`  // what others call it that go on there: "loop3"
	Goes     string        `json:"goes"`              // where it ends: "loop 3", "finish"
	Recorded int           `json:"recorded"`          // operations
	Ops      int           `json:"ops"`               // as optimized
	Guards   int           `json:"guards"`            //
	Bytes    int           `json:"bytes"`             // of machine code
	Optimize time.Duration `json:"ns_optimizing"`     //
	Compile  time.Duration `json:"ns_compiling"`      //
	Shape    string        `json:"shape,omitempty"`   // of an entry version
	Inlined  int           `json:"inlined,omitempty"` // how many calls deep it gets
}

// Entered says that compiled code was entered from the interpreter.
type Entered struct {
	Place
}

// Left says that it was left. Guard is nil where it came to its end.
type Left struct {
	Place
	From *From `json:"from,omitempty"`
	// Finished: the frame that was entered has returned. Refused: a call of compiled
	// code that could not be done.
	Finished bool `json:"finished,omitempty"`
	Refused  bool `json:"refused,omitempty"`
	Callers  int  `json:"callers,omitempty"` // that were given up as well
	// Values are what the instruction works on at which the interpreter goes on, as the
	// guest writes them, if it says so: see Operands.
	Values []string `json:"values,omitempty"`
}

// Attached says that an exit goes on in a bridge from now on.
type Attached struct {
	Place
	From     From   `json:"from"`
	Fragment int    `json:"fragment"`
	Value    *int64 `json:"value,omitempty"` // of the guard's argument, if that decides
}

// Freed says that the code of a header is gone, with all that led to it.
type Freed struct {
	Place
	Why       string `json:"why"` // "code memory is full", "not run any more", "NAME was redefined"
	Fragments int    `json:"fragments"`
	Bytes     int    `json:"bytes"` // of machine code
}

// Limited says that a limit has kept the engine from compiling something.
type Limited struct {
	Place
	Limit string `json:"limit"` // "bridges", "versions"
	Value int    `json:"value"`
}

// Paused says that entering a header's code did not pay, so that the interpreter executes
// the next visits.
type Paused struct {
	Place
	Entries int `json:"entries"` // that were looked at
	Retry   int `json:"retry"`   // visits until it is entered again
}

// Name implements Event.
func (Started) Name() string     { return "started" }
func (Aborted) Name() string     { return "aborted" }
func (Blacklisted) Name() string { return "blacklisted" }
func (Compiled) Name() string    { return "compiled" }
func (Entered) Name() string     { return "entered" }
func (Left) Name() string        { return "left" }
func (Attached) Name() string    { return "attached" }
func (Freed) Name() string       { return "freed" }
func (Limited) Name() string     { return "limited" }
func (Paused) Name() string      { return "paused" }
