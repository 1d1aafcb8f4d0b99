package virtuals

import "metatrace/internal/exercise"

// Exercises is the manifest of chapter 3, in the order in which its README
// comes to them.
var Exercises = []exercise.Exercise{
	{
		ID: "3.1", Title: "Delay an allocation", Field: "Delay", File: "chapters/03-virtuals/delay.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"What does an object need to be tracked? A place for each of its words, and their number has to be known now, not when the trace runs.",
			"op.Descr is a *heap.Class. A struct has len(class.Fields) words. An array (class.IsArray()) has as many as op.Args[0] says, if that is an ir.OpConstInt.",
			"Return nil for n.Code != ir.OpConstInt, n.Int() < 0 and n.Int() > MaxItems; else &Object{Op: op, Class: class, Words: make([]*ir.Op, words)}.",
		},
	},
	{
		ID: "3.2", Title: "Read and write a virtual", Field: "Access", File: "chapters/03-virtuals/access.go",
		Stars: 1, Minutes: 10,
		Hints: []string{
			"You are the memory now. What does memory do at a store, and what at a load of what nobody has written?",
			"op.Code.Has(ir.Effect) tells a store from a load. The value of a store is its last argument, for fields and items alike.",
			"o.Replace(op, v) makes everybody who asks for op get v. For a nil word, v is o.Zero(obj.Kind(word)).",
		},
	},
	{
		ID: "3.3", Title: "Compare with a virtual", Field: "Compare", File: "chapters/03-virtuals/compare.go",
		Stars: 1, Minutes: 5,
		Hints: []string{
			"Who could have a second reference to an object that was never allocated?",
			"Same value: same object. Else, one virtual object among the two is enough to know that they differ.",
			"if a == b { return true, true }; return false, objects.Of(a) != nil || objects.Of(b) != nil",
		},
	},
	{
		ID: "3.4", Title: "Fill an object", Field: "Stores", File: "chapters/03-virtuals/force.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"Three kinds of words: never written, zero, anything else. Which of them need a store depends on what the allocation leaves in memory.",
			"A nil word never needs one. A zero needs one only if obj.Op.Code is ir.NewArray: that memory may hold anything.",
			"for i, v := range obj.Words: skip nil; skip IsZero(v) unless ir.NewArray; append obj.NewStore(o, i, v).",
		},
	},
	{
		ID: "3.5", Title: "Force", Field: "Force", File: "chapters/03-virtuals/force.go",
		Stars: 2, Minutes: 10,
		Hints: []string{
			"Three steps. Write down what happens if the object is its own first word, for each order of the three.",
			"o.Emit forces the virtual objects among an operation's arguments before it puts it in the output. When must this object have stopped being one?",
			"obj.Forced = true, then o.Emit(obj.Op), then o.Emit each of stores(o, obj). The allocation may not come after a store that needs it.",
		},
	},
	{
		ID: "3.6", Title: "A virtual in a snapshot", Field: "Describe", File: "chapters/03-virtuals/describe.go",
		Stars: 2, Minutes: 25,
		Hints: []string{
			"Draw the exit of a node whose next is itself. What does the second arrow point to, and when does that have to exist?",
			"Three answers: v itself if objects.Of(v) is nil; what is in seen; a new Op. The new one goes into seen before you look at its words.",
			"d := &ir.Op{Code: ir.OpVirtual, Type: ir.Ref, ID: -1, Descr: obj.Class}; seen[obj] = d; then append Describe of each word to d.Args, o.Zero(obj.Kind(i)) for a nil one.",
		},
	},
	{
		ID: "3.7", Title: "Rebuild it at the exit", Field: "Materialize", File: "chapters/03-virtuals/materialize.go",
		Stars: 2, Minutes: 15,
		Hints: []string{
			"The first object may refer to the last, and the last to the first. What do you have to know before you can write the first word?",
			"Two loops over plan: one allocates everything, the other one writes.",
			"In the second: s := b.Words[word]; the value is regs[s] if s >= 0, else made[^s]. If alloc returns 0, return nil at once.",
		},
	},
	{
		ID: "3.8", Title: "May they be the same?", Field: "MayAlias", File: "chapters/03-virtuals/alias.go",
		Stars: 2, Minutes: 25,
		Hints: []string{
			"Start with return true: that is always right. Then each rule of the list takes some pairs out.",
			"For the allocations write a helper with two parameters, and call it both ways round. o.Facts(p).Class is \"\" if the class is not known: two unknown classes are not two classes.",
			"q was there before p = new…: q.IsConst() || q.Code.IsAllocation() || q.ID < p.ID, where p != q. c.Length has a second result: both lengths have to be known.",
		},
	},
	{
		ID: "3.9", Title: "Forward a load", Field: "Load", File: "chapters/03-virtuals/memory.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"Three places can have the answer, from the newest to the oldest: a store that waits, what is known of memory, memory.",
			"A store that waits may be to the same object (it has the value), to another one that may be the same (do it first, then what is known is right again), or to one that is certainly another.",
			"Compare o.Find(at.Waiting.Args[0]) with p. The value is the last argument. After c.Flush(o, at), and if nothing waits, the answer is at.At(o, p).",
		},
	},
	{
		ID: "3.10", Title: "Drop a dead store", Field: "Store", File: "chapters/03-virtuals/memory.go",
		Stars: 2, Minutes: 20,
		Hints: []string{
			"When is a store dead? If another one to the same object comes before anybody has looked. And when is it not needed at all?",
			"First clear the place: c.Drop what waits for the same object, c.Flush what waits for another. Then ask at.At whether memory has the value already.",
			"Ask at.At last: c.Flush changes what is known. The store that is dropped need not be remembered: it never was in memory.",
		},
	},
	{
		ID: "3.11", Title: "Carry values around the loop", Field: "Carry", File: "chapters/03-virtuals/carry.go",
		Stars: 3, Minutes: 45,
		Hints: []string{
			"It is a search through a graph: from what the loop must do, back along l.Uses, to the values of the preamble that it starts from. Keep a list of values to look at, and a set of those you have seen.",
			"For a value of the preamble: n := l.Next(v). If n == v, leave it. Else it is a variable, l.Force(n) is its next value, and that one has to be looked at, too. For any other value: look at what l.Uses says.",
			"Forcing adds operations that nobody has looked at: begin again at the first new one of l.Ops() until there is none. Sort label by ID at the end, and make jump in the same order from a map.",
		},
	},
}
