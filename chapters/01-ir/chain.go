package ir

import (
	"fmt"
	"slices"
	"strings"
)

// DeadCode is the name of the walk backward in lists of passes. It is no link
// of the chain: it runs when the walk forward is done.
const DeadCode = "dce"

// Chain is an optimizer: the passes forward, in order, and whether the walk
// backward follows. Later chapters put their passes in.
type Chain struct {
	Kit    *Kit
	Passes []NamedPass
	Dead   bool
}

// Names returns the names of the passes in order, dce last.
func (c Chain) Names() []string {
	var names []string
	for _, p := range c.Passes {
		names = append(names, p.Name)
	}
	if c.Dead {
		names = append(names, DeadCode)
	}
	return names
}

// Select returns the chain of those passes of c that list names, separated by
// commas, in the order of c, whatever the order of list. "all" is all of them,
// "none" and "" are none; a name that starts with - takes a pass out, and a list
// of only such starts from all. An unknown name is an error.
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
	selected := Chain{Kit: c.Kit, Dead: want[DeadCode]}
	for _, p := range c.Passes {
		if want[p.Name] {
			selected.Passes = append(selected.Passes, p)
		}
	}
	return selected, nil
}
