package recorder

import (
	"fmt"

	ir "metatrace/chapters/01-ir"
	"metatrace/chapters/02-guards/machine"
	"metatrace/internal/heap"
)

// index returns which of r.slots stands beside slot i of the running frame.
func (r *Recorder) index(i int) int {
	return r.running().Base - r.base + i
}

// setTop puts op beside the slot on top of the stack, and forgets what stood
// beside slots above it, which are not in use any more.
func (r *Recorder) setTop(op *ir.Op) {
	r.slots = append(r.slots[:r.index(r.running().SP-1)], op)
}

// Local returns slot i of the running frame.
func (r *Recorder) Local(i int32) Ref { return Ref{r.Machine.Local(i), r.slots[r.index(int(i))]} }

// SetLocal changes slot i of the running frame.
func (r *Recorder) SetLocal(i int32, v Ref) {
	r.change("setting a local")
	r.Machine.SetLocal(i, v.V)
	r.slots[r.index(int(i))] = v.Op
}

// Peek returns the value that stands i below the top of the stack.
func (r *Recorder) Peek(i int) Ref {
	return Ref{r.Machine.Peek(i), r.slots[r.index(r.running().SP-1-i)]}
}

// Push puts v on the stack.
func (r *Recorder) Push(v Ref) {
	r.change("a push")
	r.Machine.Push(v.V)
	r.setTop(v.Op)
}

// Drop takes n values off the stack.
func (r *Recorder) Drop(n int) {
	r.change("a pop")
	r.Machine.Drop(n)
	r.slots = r.slots[:r.index(r.running().SP)]
}

// Replace takes n values off the stack and puts v on it.
func (r *Recorder) Replace(n int, v Ref) {
	r.change("a push")
	r.Machine.Replace(n, v.V)
	r.setTop(v.Op)
}

// Enter starts a call of code: its bytecodes become part of the trace.
func (r *Recorder) Enter(code *machine.Code, n, pc int) bool {
	if limit := r.policy.maxInline(); len(r.Frames())-r.depth > limit {
		r.Abort(TooDeep, fmt.Sprintf("a call of %s, %d calls deep", code.Name, limit))
	}
	r.change("a call")
	if !r.Machine.Enter(code, n, pc) {
		return false
	}
	r.Deepest = max(r.Deepest, len(r.Frames())-1-r.depth)
	for range code.Locals - n {
		r.slots = append(r.slots, ir.Null)
	}
	return true
}

// Entered is called when Enter has started a call of code, which is part of the trace.
func (r *Recorder) Entered(code *machine.Code) bool { return false }

// Residual is the Func of the Symbol that names the callee of a residual call.
type Residual struct {
	*machine.Func
	Depth int // calls that were inlined around this one
}

// Leave ends the running frame with the result v. The recording can't follow out
// of the frame where it started: what is below is not in its inputs.
func (r *Recorder) Leave(v Ref) (*machine.Code, int) {
	r.change("a return")
	if len(r.Frames())-1 == r.depth {
		if r.policy.Open {
			r.end(ir.Finish, v.Op)
			r.returned = true
		} else {
			r.Abort(LeftLoop, "returned from "+r.running().Code.Name)
		}
		return r.Machine.Leave(v.V)
	}
	code, pc := r.Machine.Leave(v.V)
	r.setTop(v.Op)
	return code, pc
}

// Call records a residual call of fn with the n values on top of the stack, and
// does it.
func (r *Recorder) Call(fn *machine.Func, n int) (Ref, error) {
	callee := &Residual{Func: fn, Depth: len(r.Frames()) - 1 - r.depth}
	r.Deepest = max(r.Deepest, callee.Depth+1)
	types, args := make([]ir.Type, n), []*ir.Op{ir.ConstClass(&ir.Symbol{Name: fn.Name, Func: callee})}
	for i := n - 1; i >= 0; i-- {
		args = append(args, r.Peek(i).Op)
		types[i] = ir.Ref
	}
	r.change("a call of " + fn.Name)
	op := r.b.Op(ir.CallR, r.function(&ir.Call{Name: fn.Name, Args: types, Result: ir.Ref}), args...)
	v, err := r.Machine.Call(fn, n)
	r.checkDepends()
	return Ref{v, op}, err
}

// function returns the declaration of a called function, and notes it the first
// time. Different numbers of arguments are different declarations.
func (r *Recorder) function(c *ir.Call) *ir.Call {
	for _, known := range r.decls.Calls {
		if known.Name == c.Name && len(known.Args) == len(c.Args) {
			return known
		}
		if known.Name == c.Name {
			c.Name = fmt.Sprintf("%s_%d", c.Name, len(c.Args))
			return r.function(c)
		}
	}
	r.decls.Calls = append(r.decls.Calls, c)
	return c
}

// ClassIs decides whether v is an object of exactly the class c. The guard says
// which class it is, or that it is null, whatever the question was.
func (r *Recorder) ClassIs(v Ref, c *heap.Class) bool { return r.ClassOf(v) == c }

// ClassOf makes the class of v green; it is nil for null.
func (r *Recorder) ClassOf(v Ref) *heap.Class {
	if v.V == 0 {
		r.IsNull(v)
		return nil
	}
	c := r.Heap.Class(v.V)
	if !v.Op.IsConst() {
		r.Guard(ir.GuardNonnullClass, v.Op, r.class(c))
	}
	return c
}

// class returns the class c as an argument.
func (r *Recorder) class(c *heap.Class) *ir.Op {
	return ir.ConstClass(&ir.Symbol{Name: c.Vtable, Class: c})
}

// IsNull decides whether v is null.
func (r *Recorder) IsNull(v Ref) bool {
	if !v.Op.IsConst() {
		if v.V == 0 {
			r.Guard(ir.GuardIsnull, v.Op)
		} else {
			r.Guard(ir.GuardNonnull, v.Op)
		}
	}
	return v.V == 0
}

// If turns a red truth value into a green one: a guard.
func (r *Recorder) If(b Bool) bool { return r.kit.Decide(r, b) }

// Promote turns a red integer into a green one: guard_value.
func (r *Recorder) Promote(a Int) int64 { return r.kit.Promote(r, a) }
