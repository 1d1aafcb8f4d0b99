package guards

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 2, in the order in which its README
// comes to them.
var Exercises = []exercise.Exercise{
	{
		ID: "2.1", Title: "Decide", Field: "Decide", File: "chapters/02-guards/decide.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"Three cases, and one result for all of them. In which of the three does the trace have to say anything?",
			"cond.V is the truth of this run, cond.Op is the operation that computes it in every run. The first decides which guard, the second is what the guard looks at.",
			"switch { case cond.Op.IsConst(): nothing; case cond.V: r.Guard(ir.GuardTrue, cond.Op); default: r.Guard(ir.GuardFalse, cond.Op) }, then return cond.V.",
		},
	},
	{
		ID: "2.2", Title: "Promote", Field: "Promote", File: "chapters/02-guards/decide.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"It is Decide for a value with more than two possibilities.",
			"The guard has two arguments: the operation, and the value that it has now, as a constant operation (ir.ConstInt).",
		},
	},
	{
		ID: "2.3", Title: "Take a snapshot", Field: "TakeSnapshot", File: "chapters/02-guards/snapshot.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"One loop over the frames makes both results: a FrameShape for each frame, and its part of slots.",
			"Where does the part of frame f begin? Base counts from the bottom of the machine's stack, but slots begins at the first frame of the recording, which may have others below it.",
			"start := f.Base - frames[0].Base; failargs = append(failargs, slots[start:start+f.SP]...). Appending copies; keeping slots[:n] itself would not.",
		},
	},
	{
		ID: "2.4", Title: "Rebuild frames", Field: "Rebuild", File: "chapters/02-guards/snapshot.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"When a guard fails, the frame that entered the trace is still there. The snapshot describes it as well, newer.",
			"PopFrame once. Then, for each frame from the outermost in: PushFrame, and SetSlot for slots 0 to SP-1. SetSlot always means the frame that was pushed last.",
			"Take the first f.SP of values for a frame, then go on with values = values[f.SP:].",
		},
	},
	{
		ID: "2.5", Title: "Hot counter", Field: "Rearm", File: "chapters/02-guards/counter.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"Two ways out: closed, or one more abort. Handle the first and return.",
			"Count the abort before you compute the next wait: the first abort leads to twice the threshold, not to the threshold again.",
			"threshold << c.Aborts doubles once for each abort. From MaxAborts on it is Never.",
		},
	},
	{
		ID: "2.6", Title: "Drop guards that can't fail", Field: "Implied", File: "chapters/02-guards/implied.go",
		Stars: 2, Minutes: 25,
		Hints: []string{
			"Ask of each kind of guard: what would I have to know of its argument to be sure? Not knowing is the usual case, and its answer is Unknown.",
			"A helper that turns a bool into Holds or Fails makes each case two lines: is it known (if not, Unknown), and does it come out the way the guard wants?",
			"For the class guards: known if x.IsNull() or o.Facts(x).Class != \"\"; holds if that class is guard.Args[1].Name.Name. Nonnull alone says nothing about the class. Compare constants with ir.SameConst: pointers have no Bits.",
		},
	},
	{
		ID: "2.7", Title: "Facts from guards", Field: "Learn", File: "chapters/02-guards/learn.go",
		Stars: 2, Minutes: 30,
		Hints: []string{
			"Start with the guards that speak of their argument itself; each is one line, Replace or MakeFacts. guard_true and guard_false speak of a condition, and that of its own arguments.",
			"Write a function for \"the condition c came out as holds\". It replaces c by 1 or 0, then looks at c.Code. int_ne that does not hold says the same as int_eq that holds: one helper with a bool for both.",
			"Equal: o.Replace(a, b). Not equal: only for references, and only against NULL, it says that the other one is Nonnull. For two references that differ it says nothing: either of them may be NULL. int_is_true that holds says only that the argument is not 0.",
		},
	},
	{
		ID: "2.8", Title: "Comparisons that are decided", Field: "Decided", File: "chapters/02-guards/order.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Draw the three bits Less, Equal, Greater twice: once for what is possible, once for where the comparison holds. When are you sure that it holds? When are you sure that it does not?",
			"It holds if possible is a subset of Where(c). It does not if they have no member in common.",
			"possible &^ where is what is possible and makes it false: if that is 0, the result is 1.",
		},
	},
	{
		ID: "2.9", Title: "Merge guards", Field: "Merge", File: "chapters/02-guards/merge.go",
		Stars: 3, Minutes: 30,
		Hints: []string{
			"For each row of the table ask: does the stronger guard still check everything that the two together did?",
			"guard_value(x, c) knows nothing about classes. It stands in for a class check if c itself is known to be of the class, and for guard_nonnull if c is known not to be NULL: o.Facts(c). It moves up to earlier, so c must exist there: a constant.",
			"All that changes in earlier is Code and Args; Args are those of later. Exit stays: the values in later's failargs may not be computed yet where earlier stands.",
		},
	},
}
