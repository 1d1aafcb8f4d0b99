package ir

import "fmt"

// A Target is a place in compiled code that traces can go on at: the descr of a
// jump that leaves its trace for good. (RPython calls it a target token.)
//
//	jump(i1, p2, descr=loop3)
type Target struct {
	Name   string // for the text
	Inputs []Type // of the arguments of a jump to it
	// Entry is the executor's: where the place is, once it is loaded. This package
	// does not look at it.
	Entry any
}

// String returns the name of t.
func (t *Target) String() string { return t.Name }

// mismatch returns why a jump with args can't go to t, or "".
func (t *Target) mismatch(args []*Op) string {
	if len(args) != len(t.Inputs) {
		return fmt.Sprintf("it has %s, expected %d as %s has", count(len(args)), len(t.Inputs), t.Name)
	}
	for i, a := range args {
		if a.Type != t.Inputs[i] {
			return fmt.Sprintf("argument %d is %s, expected %s as in %s", i+1, describe(a), typeNames[t.Inputs[i]], t.Name)
		}
	}
	return ""
}

// Leaves returns those of the exit of op, a guard; or the values that finish returns.
func (op *Op) Leaves() []*Op {
	if op.Exit == nil {
		return (&Exit{Failargs: op.Args}).Leaves()
	}
	return op.Exit.Leaves()
}

// Leaves returns the values that the interpreter's state at x is made of, which are
// neither constants nor virtual objects, but may stand in those: each once, in the
// order in which they come up. They are the inputs of a trace that starts at x.
func (x *Exit) Leaves() []*Op {
	var leaves []*Op
	seen := map[*Op]bool{}
	var visit func(list []*Op)
	visit = func(list []*Op) {
		for _, a := range list {
			switch {
			case a.IsConst() || seen[a]:
				continue
			case a.Code == OpVirtual:
				seen[a] = true
				visit(a.Args)
			default:
				seen[a] = true
				leaves = append(leaves, a)
			}
		}
	}
	visit(x.Values())
	return leaves
}
