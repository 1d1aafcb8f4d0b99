package bridges

import (
	"slices"
	"time"

	ir "metatrace/chapters/01-ir"
	guards "metatrace/chapters/02-guards"
	"metatrace/chapters/02-guards/machine"
	"metatrace/chapters/02-guards/recorder"
)

// A Header is a loop header, or the entry of a function, that has compiled code. All that
// hangs together by bridges is one tree, and is freed as one:
//
//	interpreter ──▶ generic version ──▶ loop body ◀─┐
//	               (the preamble)          │ exit   │
//	                                       ▼        │
//	                                    bridge ──▶ version for what
//	                                               is virtual there
type Header struct {
	number  int
	where   string
	code    *machine.Code
	n, pc   int // which header of code it is, and at what position
	counter *machine.Counter

	// template is what versions are made of: a recorded trace, or of a loop that was
	// peeled the optimized preamble, which ends in a jump to loop.
	template *ir.Trace
	next     *machine.Counter // of the header that template's jump, without a descr, goes to
	versions []*version       // the generic one first
	function *recorder.Function

	body    *version        // what versions of a loop that was peeled lead to, or nil
	bridged map[*ir.Op]bool // the guards of body that have a bridge
	shared  int             // versions that are entries of body

	fragments []*Fragment
	bridges   int                    // how many of them are
	limited   bool                   // that there can't be more was said
	cells     map[*machine.Cell]bool // that its code depends on
	used      int                    // the engine's generation when it was last entered
	freed     bool

	// The account, see worth.go:
	progress  map[any]int // recorded operations before each snapshot of template
	length    int         // and in all
	calls     bool        // some fragment calls others
	recounted bool        // rounds are counted though it is small
	lessons   int         // entries that ended where a bridge may come
	recent    int         // of these, since the account was closed last
	entries   int         // since the account was closed last
	balance   int         // what they have saved, and not cost
	pauses    int         // how often in a row they did not pay
}

// A version is code that starts at a header, for one Shape of the slots.
type version struct {
	shape    *Shape
	target   *ir.Target
	fragment *Fragment // nil while it is being compiled
	// args, if not nil, says that fragment is the loop's body, and what that is entered
	// with: for each of its inputs, an input of the shape or a constant.
	args []*ir.Op
}

// Kind is what a Fragment is.
type Kind string

// The kinds.
const (
	KindLoop     Kind = "loop"     // from a loop header back to it, or the part before its label
	KindBody     Kind = "body"     // what is behind the label
	KindFunction Kind = "function" // from the entry of a function
	KindVersion  Kind = "version"  // starts at a header as well, with virtual objects
	KindBridge   Kind = "bridge"   // starts at an exit
)

// A Fragment is one compiled trace.
type Fragment struct {
	Number  int
	Kind    Kind
	Program guards.Program
	Trace   *ir.Trace // optimized
	From    *Exit     // of a bridge

	header *Header
	goes   *Header // whose code it jumps to, or nil
	calls  []*recorder.Function
	bytes  int
	freed  bool
	exits  int // guards seen so far, while they are numbered
}

// An Exit is a guard of a Fragment, seen from outside.
type Exit struct {
	Fragment *Fragment
	Guard    *ir.Op
	Number   int    // which guard of the Fragment
	Failures int64  // that came back to Go
	Left     int    // failures until the next try to make a bridge
	Aborts   int    // tries that came to nothing
	Cases    []Case // its bridges

	where    string
	text     string           // of the guard, and what it expects, once somebody asked
	words    string           //
	progress int              // recorded operations that were done, at least, when it is taken
	waits    *machine.Counter // guard_always_fails: the header where there was no code to go on with
}

// closed reports whether x goes on in a bridge whatever the guard looks at.
func (x *Exit) closed() bool {
	return slices.ContainsFunc(x.Cases, func(c Case) bool { return c.Any })
}

// from describes x for events.
func (x *Exit) from() *From {
	if x.text == "" {
		x.text, x.words = textOf(x.Guard), expects(x.Guard)
	}
	return &From{Fragment: x.Fragment.Number, Guard: x.Number, Where: x.where, Text: x.text, Expects: x.words, Failures: x.Failures}
}

// took is what the making of a fragment took.
type took struct{ optimize, compile time.Duration }
