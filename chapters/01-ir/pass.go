package ir

// What a pass is to the optimizer: it sees each operation (Pass), and may want to be
// told of more.

// Verdict is what a pass decided about an operation.
type Verdict uint8

// The verdicts.
const (
	Next  Verdict = iota // the next pass shall see the operation
	Done                 // it goes no further: it was replaced, dropped or delayed
	Again                // it was changed: the chain shall begin anew with it
)

// A Pass is one link of the chain. It is made for one trace and may keep state.
type Pass interface {
	Visit(o *Optimizer, op *Op) Verdict
}

// An Emitter is a pass that also looks at what is about to be put in the output,
// and may put other operations before it.
type Emitter interface {
	Emit(o *Optimizer, op *Op)
}

// A Flusher is a pass that delays operations.
type Flusher interface {
	// Flush puts those in the output that the end of a trace needs.
	Flush(o *Optimizer)
}

// A LoopStarter is a pass that wants to know that the preamble is over. What is
// emitted from here on is executed in every iteration, on values that may be others
// each time; what was emitted before, once. So nothing that the loop needs may be
// left to an operation of the preamble by changing that one.
type LoopStarter interface {
	StartLoop(o *Optimizer)
}

// A Joiner is a pass that knows things about values on its own.
type Joiner interface {
	// Join is called when the value op was found equal to v: what is known of op
	// is known of v from here on. v is what Find gives for both.
	Join(o *Optimizer, op, v *Op)
}

// A Separator is a pass that can tell integers apart.
type Separator interface {
	// Differ reports whether the integers a and b are known to differ.
	Differ(o *Optimizer, a, b *Op) bool
	// SameSign reports whether a and b are known to be both negative, or both not:
	// then signed and unsigned comparisons of the two agree.
	SameSign(o *Optimizer, a, b *Op) bool
}

// A Sharer is a pass that knows what was computed before.
type Sharer interface {
	// Shared returns a value that equals op, an operation that is not in the output
	// and may be about to get another form, or nil. It takes in that op has this form.
	Shared(o *Optimizer, op *Op) *Op
}

// NamedPass says how a pass is made, and what it is called on the command line.
type NamedPass struct {
	Name string
	What string // one line for -h
	Make func() Pass
	// Needed passes can't be left out: nothing executes what they take away.
	Needed bool
}

// add puts pass at the end of the chain.
func (o *Optimizer) add(pass Pass) {
	o.passes = append(o.passes, pass)
	if e, ok := pass.(Emitter); ok {
		o.emitters = append(o.emitters, e)
	}
	if j, ok := pass.(Joiner); ok {
		o.joiners = append(o.joiners, j)
	}
	if s, ok := pass.(Separator); ok {
		o.separate = append(o.separate, s)
	}
	if s, ok := pass.(Sharer); ok {
		o.sharers = append(o.sharers, s)
	}
	if w, ok := pass.(Witness); ok {
		o.testimony.witnesses = append(o.testimony.witnesses, w)
	}
}
