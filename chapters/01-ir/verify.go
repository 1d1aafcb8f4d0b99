package ir

import (
	"fmt"

	"metatrace/internal/heap"
)

// Verify returns what makes t no well-formed trace, or nil:
//   - inputs and operations are numbered densely, in order;
//   - an argument is a constant, an input or the result of an earlier operation
//     (SSA), and has the type that the table asks for;
//   - a descr is of the right kind, and holds what the operation reads or writes;
//   - guards, and only guards, have an exit, whose failargs and pending stores are
//     right as well;
//   - an overflow guard stands directly behind each checked operation, and
//     nowhere else;
//   - the value of an immediate object is written directly behind its allocation;
//   - there is at most one label, and a jump agrees with it;
//   - jump and finish are the last operation.
//
// The message names the operation by its index in t.Ops and by its text. It
// costs time linear in the size of t.
func Verify(t *Trace) error {
	v := &verifier{trace: t, all: make([]*Op, 0, t.NumIDs())}
	if err := v.inputs(); err != nil {
		return err
	}
	for i, op := range t.Ops {
		if op == nil || op.Code < IntAdd || op.Code >= numOpcodes {
			return fmt.Errorf("op %d is no operation", i)
		}
		if msg := v.operation(i, op); msg != "" {
			return fmt.Errorf("op %d, %s: %s", i, v.text(op), msg)
		}
		v.all = append(v.all, op)
	}
	return nil
}

type verifier struct {
	trace *Trace
	all   []*Op // the inputs and operations so far, by ID
	label *Op
	seen  map[*Op]bool // virtual objects in the exit that is being checked
}

func (v *verifier) inputs() error {
	for i, in := range v.trace.Inputs {
		if in == nil || in.Code != OpInput || in.Type == Void || in.Type > Ref {
			return fmt.Errorf("input %d is no input of type int, float or ref", i)
		}
		if in.ID != int32(i) {
			return fmt.Errorf("input %d has the ID %d", i, in.ID)
		}
		v.all = append(v.all, in)
	}
	return nil
}

// operation returns what is wrong with op, or "".
func (v *verifier) operation(i int, op *Op) string {
	if int(op.ID) != len(v.all) {
		return fmt.Sprintf("its ID is %d, expected %d", op.ID, len(v.all))
	}
	if want := op.Code.Info().Result; op.Type != want {
		return fmt.Sprintf("its type is %s, expected %s", op.Type, want)
	}
	for n, a := range op.Args {
		if a == nil || !v.known(a) && a.Code != OpVirtual {
			return fmt.Sprintf("argument %d is no constant, and not assigned before it", n+1)
		}
	}
	if f := checkOp(op); f != nil {
		return f.msg
	}
	if f := checkExit(op.Code, op.Exit != nil); f != nil {
		return f.msg
	}
	if op.Exit != nil {
		if msg := v.exit(op.Exit); msg != "" {
			return msg
		}
	}
	return v.order(i, op)
}

// exit returns what is wrong with the values of x, or "".
func (v *verifier) exit(x *Exit) string {
	v.seen = nil
	for n, a := range x.Failargs {
		if msg := v.failarg(a, Void, 0); msg != "" {
			return fmt.Sprintf("failarg %d %s", n+1, msg)
		}
	}
	for n, store := range x.Pending {
		if msg := v.pending(store); msg != "" {
			return fmt.Sprintf("pending store %d: %s", n+1, msg)
		}
	}
	return ""
}

func (v *verifier) pending(store *Op) string {
	if store == nil {
		return "it is nil"
	}
	if f := checkPending(store.Code); f != nil {
		return f.msg
	}
	for n, a := range store.Args {
		if msg := v.failarg(a, Void, 0); msg != "" {
			return fmt.Sprintf("argument %d %s", n+1, msg)
		}
	}
	if f := checkStore(store); f != nil {
		return f.msg
	}
	return ""
}

// known reports whether a may be used by the next operation: a constant, or a
// value from before.
func (v *verifier) known(a *Op) bool {
	switch a.Code {
	case OpConstInt:
		return a.Type == Int
	case OpConstFloat:
		return a.Type == Float
	case OpConstPtr:
		return a.Type == Ref
	case OpConstClass, OpText:
		return a.Type == Void && a.Name != nil
	}
	return a.ID >= 0 && int(a.ID) < len(v.all) && v.all[a.ID] == a
}

// failarg returns what is wrong with a, which shall be of type t (Void: any).
func (v *verifier) failarg(a *Op, t Type, depth int) string {
	switch {
	case a == nil:
		return "is nil"
	case a.Code == OpVirtual:
		if t != Void && t != Ref {
			return fmt.Sprintf("holds a virtual object, expected %s", typeNames[t])
		}
		return v.virtual(a, depth)
	case !v.known(a):
		return "is not assigned before it"
	case a.Type == Void:
		return fmt.Sprintf("is %s, expected an int, a float or a ref", describe(a))
	case t != Void && a.Type != t:
		return fmt.Sprintf("holds %s, expected %s", describe(a), typeNames[t])
	}
	return ""
}

func (v *verifier) virtual(a *Op, depth int) string {
	if v.seen[a] {
		return ""
	}
	if v.seen == nil {
		v.seen = map[*Op]bool{}
	}
	v.seen[a] = true
	c, ok := a.Descr.(*heap.Class)
	switch {
	case !ok || c == nil || a.Type != Ref:
		return "is a virtual object without a class"
	case depth == maxNesting:
		return fmt.Sprintf("is nested deeper than %d", maxNesting)
	case !c.IsArray() && len(a.Args) != len(c.Fields):
		return fmt.Sprintf("is a virtual %s with %d fields, expected %d", c, len(a.Args), len(c.Fields))
	}
	for i, x := range a.Args {
		if msg := v.failarg(x, c.Slot(i).Kind, depth+1); msg != "" {
			return fmt.Sprintf("in %s %s", slotName(c.Slot(i)), msg)
		}
	}
	return ""
}

// order checks op against the operations around it.
func (v *verifier) order(i int, op *Op) string {
	ops, before := v.trace.Ops, OpInvalid
	var last *Op
	if i > 0 {
		last = ops[i-1]
		before = last.Code
	}
	if f := checkMade(op, last); f != nil {
		return f.msg
	}
	switch {
	case before == Jump || before == Finish:
		return fmt.Sprintf("it stands behind %s, which ends the trace", before)
	case isOverflowGuard(op.Code) && !before.Has(Checked):
		return "no checked operation stands directly before it"
	}
	if op.Code.Has(Checked) && (i+1 == len(ops) || ops[i+1] == nil || !isOverflowGuard(ops[i+1].Code)) {
		return "no overflow guard stands directly behind it"
	}
	switch op.Code {
	case Label:
		if v.label != nil {
			return "it is the second label"
		}
		v.label = op
	case Jump:
		if target, ok := op.Descr.(*Target); ok {
			return target.mismatch(op.Args)
		}
		if v.label != nil {
			if f := checkJump(op, v.label.Args, targetLabel); f != nil {
				return f.msg
			}
		}
	}
	return ""
}

// text returns op as it stands in t.String(), as far as that can be said.
func (v *verifier) text(op *Op) string {
	n := newNames()
	for _, earlier := range v.all {
		if earlier.Type != Void {
			n.name(earlier)
		}
	}
	return op.Format(n.name)
}

const (
	targetLabel  = "the label has"
	targetInputs = "the inputs are"
)

// CheckLoop returns how the jump that ends t disagrees with what it jumps to: the
// label, or the inputs if there is none. It is nil if t does not end in a jump.
// Only a trace that is a loop need pass it.
func (t *Trace) CheckLoop() error {
	if !t.Loops() {
		return nil
	}
	what := targetInputs
	if t.LabelAt() >= 0 {
		what = targetLabel
	}
	f := checkJump(t.Ops[len(t.Ops)-1], t.Target(), what)
	if f == nil {
		return nil
	}
	if t.jumpAt == nil {
		return &SyntaxError{Msg: f.msg}
	}
	at := t.jumpAt.of(f.part)
	return &SyntaxError{File: t.file, Line: int(at.line), Col: int(at.col), Msg: f.msg}
}
