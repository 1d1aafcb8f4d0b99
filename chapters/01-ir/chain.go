package ir

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// DeadCode is the name of the walk backward in lists of passes. It is no link
// of the chain: it runs when the walk forward is done.
const DeadCode = "dce"

// PeelLoops is the name of peeling in lists of passes. It is no link of the
// chain either: it walks the chain more than once.
const PeelLoops = "peel"

// Chain is an optimizer: the passes forward, in order, and whether the walk
// backward follows. Later chapters put their passes in. Call Optimize, or for a
// loop OptimizeLoop; Start, Finish and the methods of the Optimizer between them are
// for who writes a Peel.
type Chain struct {
	Kit    *Kit
	Passes []NamedPass
	Dead   bool
	// Verify makes a malformed output an error, that of the walk forward and that
	// of the walk backward: for passes that call functions which may be wrong.
	Verify bool
	// Peel optimizes a trace that is a loop. nil: like straight-line code, which
	// is right for each iteration. (Chapter 3 has one.)
	Peel func(c Chain, t *Trace) (*Trace, error)
	// Witness makes each guard of the output note what was known where it stands
	// (Exit.Facts), for who compiles what comes after its exit. (Chapter 6 does.)
	Witness bool
	// Journal is told what becomes of each operation, and why; nil: nobody asks.
	Journal *Journal
}

// OptimizeLoop returns an optimized copy of t, a loop: its jump sets its inputs.
// The copy may have a label. Errors are those of Optimize.
func (c Chain) OptimizeLoop(t *Trace) (*Trace, error) {
	if c.Peel == nil {
		return c.Optimize(t)
	}
	return c.Peel(c, t)
}

// ErrMalformed is wrapped by the error for what passes have made that is no trace;
// see Chain.Verify.
var ErrMalformed = errors.New("the optimized trace is malformed")

// Finish ends the optimization of t, the output of a walk: it removes dead code,
// if c shall.
func (c Chain) Finish(t *Trace) (*Trace, error) {
	t.Renumber()
	err := c.verify(t)
	if err == nil && c.Dead {
		t.Ops = c.Kit.RemoveDead(t)
		t.Renumber()
		err = c.verify(t)
	}
	if c.Journal != nil {
		c.Journal.finish(t.Ops)
	}
	return t, err
}

func (c Chain) verify(t *Trace) error {
	if !c.Verify {
		return nil
	}
	if err := Verify(t); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}

// Names returns the names of the passes in order, then dce, then peel.
func (c Chain) Names() []string {
	var names []string
	for _, p := range c.Passes {
		names = append(names, p.Name)
	}
	if c.Dead {
		names = append(names, DeadCode)
	}
	if c.Peel != nil {
		names = append(names, PeelLoops)
	}
	return names
}

// Select returns the chain of those passes of c that list names, separated by
// commas, in the order of c, whatever the order of list. "all" is all of them,
// "none" and "" are none; a name that starts with - takes a pass out, and a list
// of only such starts from all. What is Needed stays. An unknown name is an error.
func (c Chain) Select(list string) (Chain, error) {
	want := map[string]bool{}
	if list == "all" || strings.HasPrefix(list, "-") {
		for _, name := range c.Names() {
			want[name] = true
		}
	}
	if list != "all" && list != "none" && list != "" {
		for name := range strings.SplitSeq(list, ",") {
			name, out := strings.CutPrefix(strings.TrimSpace(name), "-")
			if !slices.Contains(c.Names(), name) {
				return c, fmt.Errorf("unknown pass %q, expected some of %s", name, strings.Join(c.Names(), ","))
			}
			want[name] = !out
		}
	}
	selected := Chain{Kit: c.Kit, Dead: want[DeadCode], Verify: c.Verify, Witness: c.Witness, Journal: c.Journal}
	if want[PeelLoops] {
		selected.Peel = c.Peel
	}
	for _, p := range c.Passes {
		if want[p.Name] || p.Needed {
			selected.Passes = append(selected.Passes, p)
		}
	}
	return selected, nil
}
