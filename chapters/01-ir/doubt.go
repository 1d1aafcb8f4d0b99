package ir

import "strings"

// A Doubter is a pass that can say more exactly what it would have to know.
type Doubter interface {
	// Doubt returns what the pass knows of the arguments of a guard, which is about
	// to be sent, that is not enough to drop it. checked is the operation of an
	// overflow guard, else nil. "": nothing worth mentioning. There is a Journal.
	Doubt(o *Optimizer, guard, checked *Op) string
}

// doubt returns the fact that is missing to drop a guard, which is about to be sent.
func (j *Journal) doubt(o *Optimizer, guard *Op) string {
	checked := o.lastChecked
	if guard.Code != GuardNoOverflow && guard.Code != GuardOverflow {
		checked = nil
	} else if checked == nil {
		return "" // its operation is gone
	}
	text := j.question(o, guard, checked)
	separator := ": "
	for _, p := range o.passes {
		if d, ok := p.(Doubter); ok {
			if more := d.Doubt(o, guard, checked); more != "" {
				text += separator + more
				separator = ", "
			}
		}
	}
	return text
}

// question says what a guard asks that only the run can answer.
func (j *Journal) question(o *Optimizer, guard, checked *Op) string {
	var x *Op
	if len(guard.Args) > 0 {
		x = guard.Args[0]
	}
	switch guard.Code {
	case GuardTrue, GuardFalse:
		return j.openCondition(o, x)
	case GuardValue:
		return "nothing says that " + j.described(x) + ", is " + j.Name(guard.Args[1])
	case GuardNonnull:
		return j.described(x) + ", may be NULL"
	case GuardIsnull:
		return j.described(x) + ", may be an object"
	case GuardNonnullClass:
		if !o.Facts(x).Nonnull {
			return j.described(x) + ", may be NULL or of any class"
		}
		fallthrough
	case GuardClass:
		return j.described(x) + ", may be of any class"
	case GuardNoOverflow:
		return j.expression(checked) + " may overflow"
	case GuardOverflow:
		return j.expression(checked) + " need not overflow"
	case GuardNoException:
		return "the call before it may raise an exception"
	case GuardNotInvalidated:
		return "what the trace relies on may be changed from outside at any time"
	case GuardAlwaysFails:
		return "it is where the trace ends"
	}
	return ""
}

// openCondition says what is not known of the condition x.
func (j *Journal) openCondition(o *Optimizer, x *Op) string {
	switch c := x.Code; {
	case x.IsConst():
		return ""
	case signs[c] != "" && len(x.Args) == 2:
		return "nothing says whether " + j.expression(x)
	case c == IntIsTrue || c == IntIsZero:
		return "nothing says whether " + j.described(o.Find(x.Args[0])) + ", is 0"
	}
	return "nothing says whether " + j.described(x) + ", is 0"
}

// signs are how people write operations.
var signs = map[Opcode]string{
	IntAddOvf: "+", IntSubOvf: "-", IntMulOvf: "*",
	IntLt: "<", IntLe: "<=", IntEq: "=", IntNe: "!=", IntGt: ">", IntGe: ">=",
	UintLt: "<", UintLe: "<=", UintGt: ">", UintGe: ">=",
	FloatLt: "<", FloatLe: "<=", FloatEq: "=", FloatNe: "!=", FloatGt: ">", FloatGe: ">=",
	PtrEq: "is", PtrNe: "is not", InstancePtrEq: "is", InstancePtrNe: "is not",
}

// expression returns a comparison or a checked operation as people write it.
func (j *Journal) expression(op *Op) string {
	a, b := op.Args[0], op.Args[1]
	for a.Forward != nil {
		a = a.Forward
	}
	for b.Forward != nil {
		b = b.Forward
	}
	text := j.Say("%s "+signs[op.Code]+" %s", a, b)
	if op.Code >= UintLt && op.Code <= UintGe {
		text += " as unsigned numbers"
	}
	return text
}

// described returns the name of v and what kind of value it is.
func (j *Journal) described(v *Op) string { return j.Name(v) + ", " + j.origin(v) }

// Compared returns a comparison as people write it, or if it does not hold, its
// opposite.
func (j *Journal) Compared(op *Op, holds bool) string {
	if not := op.Code.Info().Inverse; !holds && not != OpInvalid {
		other := *op
		other.Code = not
		op = &other
	}
	return j.expression(op)
}

// Call returns an operation without its exit and the name of its value. Arguments are
// what they are known to equal.
func (j *Journal) Call(o *Optimizer, op *Op) string {
	text := j.text(op, o.Find)
	if _, call, ok := strings.Cut(text, " = "); ok {
		return call
	}
	return text
}

// EqualBy returns the operation by which v was found equal to another value, or nil.
func (j *Journal) EqualBy(v *Op) *Op { return j.equal[v].by }

// origin says what kind of value v is, so that it is plain why little is known.
func (j *Journal) origin(v *Op) string {
	e := j.of[v]
	if e == nil {
		switch v.Code {
		case OpInput:
			return "an input"
		case SameAsI, SameAsF, SameAsR:
			return "a variable of the loop"
		}
		return "a value that the optimizer has made"
	}
	line := lineOf(e)
	if j.now == nil || e.turn < j.turn {
		line += " of the iteration before"
	}
	switch c := v.Code; {
	case c.IsAccess():
		return "which " + line + " loads"
	case c.Has(Pure) || c.Has(Checked):
		return "which " + line + " computes"
	case c.IsAllocation():
		return "which " + line + " allocates"
	}
	return "which " + line + " gets from a call"
}

// overflowDecided notes why an overflow guard is dropped.
func (j *Journal) overflowDecided(is Overflow) {
	text, checked := "can't overflow", j.entries[j.now.index-1]
	if is == OverflowAlways {
		text = "always overflows"
	}
	for _, s := range checked.steps {
		j.now.by(s.pass)
	}
	if checked.pass != "" {
		j.now.by(checked.pass)
	}
	j.now.fact(lineOf(checked) + " " + text)
}

// Nonnull says that v is not NULL, and since when; "" if that is not known.
func (j *Journal) Nonnull(o *Optimizer, v *Op) string {
	if v = o.Find(v); !o.Facts(v).Nonnull {
		return ""
	}
	return j.fact(v, factNonnull, j.Say("%s is not NULL", v))
}

// Class says of which class v is, and since when; "" if that is not known.
func (j *Journal) Class(o *Optimizer, v *Op) string {
	class := o.Facts(v).Class
	if class == "" {
		return ""
	}
	v = o.Find(v)
	name, article := j.className(class), "a"
	if strings.Contains("AEIOUaeiou", name[:1]) {
		article = "an"
	}
	return j.fact(v, factClass, j.Say("%s is %s %s", v, article, name))
}

// className returns the name of the class with the given vtable.
func (j *Journal) className(vtable string) string {
	if d := j.source.Decls; d != nil && d.Classes != nil {
		for _, c := range d.Classes.All() {
			if c.Vtable == vtable {
				return c.Name
			}
		}
	}
	return vtable
}

// fact says since when the text, a fact of the given kind about v, holds.
func (j *Journal) fact(v *Op, kind factKind, text string) string {
	switch by := j.facts[factKey{v, kind}]; {
	case by != nil && by.Code.Has(Guard):
		return text + " by " + j.From(by)
	case by != nil && by.Code.IsAccess():
		return text + ", since " + j.Where(by) + " looks into it"
	case by != nil:
		return text + " by " + j.Where(by)
	case v.Code.IsAllocation():
		return text + ", made in " + j.Where(v)
	case v.Code == OpConstPtr && v.Name.Class != nil:
		return text + ", as it is declared"
	}
	return text
}
