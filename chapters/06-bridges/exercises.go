package bridges

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 6, in the order in which its README comes to
// them.
var Exercises = []exercise.Exercise{
	{
		ID: "6.1", Title: "Count failures", Field: "Count", File: "chapters/06-bridges/count.go",
		Stars: 1, Minutes: 2,
		Hints: []string{
			"Two counters: one goes up and is for the statistics, the other goes down and decides. Does the failure of this moment count?",
			"x.Failures++, x.Left--, and return x.Left <= 0: count first, then ask.",
		},
	},
	{
		ID: "6.2", Title: "Give up, but not at once", Field: "Backoff", File: "chapters/06-bridges/backoff.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"Double wait once for each abort. When is it too late to compare with MaxBackoff?",
			"Before each doubling, look whether wait is above MaxBackoff/2: then the answer is MaxBackoff. wait << aborts is 0 for 64 aborts, and negative for some numbers before that.",
		},
	},
	{
		ID: "6.3", Title: "Start from an exit", Field: "Recreate", File: "chapters/06-bridges/recreate.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Keep a map from what stands in the exit to what stands for it in the new trace. Leaves fill it first, with inputs; then the virtual objects; then you can translate whatever you meet. A constant stands for itself.",
			"An object may be part of itself, so enter it in the map before you go on into its words. One way is to make all objects before you fill one: walk over exit.Values() (these are the failargs and what the pending stores mention), and into the Args of each OpVirtual that has no entry in the map yet: Fresh, enter it, go on into its Args. In a second loop, Fill each word that is not virtuals.IsZero.",
			"Only the object of an immediate class (IsImmediate) is filled right behind its Fresh: its one word is an integer, which is there already. At the end repeat each store of exit.Pending with b.Op(store.Code, store.Descr, args...), args translated, and return the failargs translated.",
		},
	},
	{
		ID: "6.4", Title: "Attach a bridge", Field: "Attach", File: "chapters/06-bridges/attach.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"First make the new list, then ask the executor, then keep the list. What does a list share with its clone, and with what append gives?",
			"cases := slices.Clone(x.Cases). Look for the index of a Case with the same Any and, unless Any, the same Value: there, or behind all, goes bridge. Then x.Fragment.Program.Attach(x.Guard, choose(cases)), and only if that gives no error, x.Cases = cases.",
		},
	},
	{
		ID: "6.5", Title: "Pass on what is known", Field: "Assume", File: "chapters/06-bridges/assume.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"The facts speak of values of the old trace, the optimizer knows those of the new one. Which two lists say what stands for what?",
			"A map from leaves[i] to inputs[i]. For each fact: exchange Value, and the Value of each of its Contents, unless that is a constant; then o.Believe.",
			"f is a copy of the fact, but f.Contents is the same slice as that in the exit: clone it before you write to it (slices.Clone). The exit may get another bridge later.",
		},
	},
	{
		ID: "6.6", Title: "Into the right entry", Field: "Fits", File: "chapters/06-bridges/fits.go",
		Stars: 3, Minutes: 45,
		Hints: []string{
			"Walk over Slots and Described side by side, with a function for one pair: a constant, an input, an object. An object is right if its class is, and if its words are, in turn: the same function again.",
			"Keep what each OpVirtual of the shape has taken: met again, it must meet the same (ir.Same). Enter it before you look at its words, since it may be among them. Keep the virtual objects that were taken as well: another OpVirtual must not take one of them. Skip both for IsImmediate.",
			"At the end look at each of inputs: if a virtual object that was taken can be reached from there, it would be in memory, and virtual, at once: no. Remember where you were, an object may be part of itself.",
		},
	},
	{
		ID: "6.7", Title: "Dispatch on a value", Field: "Switch", File: "chapters/06-bridges/switch.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Take the Case for Any out, sort the others, and cut in the middle; each half is a Switch in turn. What stands where a half is empty?",
			"sort a copy (the Values are unsigned), middle := len(values)/2, Below is made of values[:middle], Above of values[middle+1:]. Of no values: &guards.Switch{Bridge: any.Bridge} if there is a Case for Any, else nil.",
		},
	},
}
