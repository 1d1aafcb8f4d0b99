package ir

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"metatrace/internal/heap"
)

// String returns the text of t: its declarations, inputs and operations. Values
// are named in order of appearance, so that equal traces print equal. What Parse
// makes of the text prints the same again.
func (t *Trace) String() string {
	if t.Decls == nil {
		return t.Body()
	}
	return t.Decls.String() + t.Body()
}

// Body returns the text of t without the declarations.
func (t *Trace) Body() string { return t.Format(newNames().name) }

// Names returns what String calls the values of t.
func (t *Trace) Names() func(*Op) string {
	n := newNames()
	t.Format(n.name)
	return n.name
}

// Format returns the text of t as Body does, but with values named by name.
func (t *Trace) Format(name func(*Op) string) string {
	b := append([]byte(nil), '[')
	for i, in := range t.Inputs {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(b, name(in)...)
	}
	b = append(b, "]\n"...)
	for _, op := range t.Ops {
		b = append(appendOp(b, op, name), '\n')
	}
	return string(b)
}

// names gives names to values in the order in which it is asked for them.
type names struct{ of map[*Op]string }

func newNames() *names { return &names{map[*Op]string{}} }

func (n *names) name(op *Op) string {
	s, ok := n.of[op]
	if !ok {
		s = letterOf(op.Type) + strconv.Itoa(len(n.of))
		n.of[op] = s
	}
	return s
}

// letterOf returns the letter that names of type t begin with.
func letterOf(t Type) string {
	if t == Ref {
		return "p"
	}
	return t.String()
}

// String returns the text of op on a line of its own, or as an argument if it is
// an input or a constant. Values are named by their IDs.
func (op *Op) String() string {
	return op.Format(func(v *Op) string { return letterOf(v.Type) + strconv.Itoa(int(v.ID)) })
}

// Format returns the text of op as String does, but with values named by name.
func (op *Op) Format(name func(*Op) string) string {
	return string(appendOp(nil, op, name))
}

func appendOp(b []byte, op *Op, name func(*Op) string) []byte {
	if op == nil || op.Code < IntAdd {
		p := argPrinter{name: name}
		p.visit(op)
		return p.append(b, op)
	}
	if op.Type != Void {
		b = append(append(b, name(op)...), " = "...)
	}
	p := argPrinter{name: name}
	p.visitAll(op.Args)
	b = p.operation(b, op)
	if op.Exit != nil {
		b = appendExit(append(b, ' '), op.Exit, name)
	}
	return b
}

// appendExit prints the failargs and, if there are any, the pending stores:
// [p0, i1] {setfield_gc(p0, i1, descr=NODE.value)}
func appendExit(b []byte, x *Exit, name func(*Op) string) []byte {
	p := argPrinter{name: name}
	p.visitAll(x.Failargs)
	for _, store := range x.Pending {
		if store != nil {
			p.visitAll(store.Args)
		}
	}
	b = append(p.list(append(b, '['), x.Failargs), ']')
	if len(x.Pending) == 0 {
		return b
	}
	b = append(b, " {"...)
	for i, store := range x.Pending {
		if i > 0 {
			b = append(b, ", "...)
		}
		if store == nil {
			b = append(b, "nil"...)
			continue
		}
		b = p.operation(b, store)
	}
	return append(b, '}')
}

// descrName returns "" if there is no descr, or none that has a name: what Verify
// complains about must be printable.
func descrName(descr any) string {
	switch d := descr.(type) {
	case *heap.Field:
		if d != nil {
			return d.String()
		}
	case *heap.Class:
		if d != nil {
			return d.Name
		}
	case *Call:
		if d != nil {
			return d.Name
		}
	case *Target:
		if d != nil {
			return d.Name
		}
	}
	return ""
}

// symbolName returns the name of s, which broken traces may not have.
func symbolName(s *Symbol) string {
	if s == nil {
		return "?"
	}
	return s.Name
}

// An argPrinter prints arguments. Only in exits are there virtual objects; those
// that stand there twice, or in themselves, get a name.
type argPrinter struct {
	name   func(*Op) string
	visits map[*Op]int    // how often a virtual object stands in what is printed
	labels map[*Op]string // the names of those that are printed
}

// operation prints NAME(ARGS, descr=D).
func (p *argPrinter) operation(b []byte, op *Op) []byte {
	b = append(append(b, op.Code.String()...), '(')
	b = p.list(b, op.Args)
	if descr := descrName(op.Descr); descr != "" {
		if len(op.Args) > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, "descr="...), descr...)
	}
	return append(b, ')')
}

func (p *argPrinter) list(b []byte, args []*Op) []byte {
	for i, a := range args {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = p.append(b, a)
	}
	return b
}

// visitAll counts the virtual objects of what will be printed.
func (p *argPrinter) visitAll(args []*Op) {
	for _, a := range args {
		p.visit(a)
	}
}

func (p *argPrinter) visit(a *Op) {
	if a == nil || a.Code != OpVirtual {
		return
	}
	if p.visits == nil {
		p.visits, p.labels = map[*Op]int{}, map[*Op]string{}
	}
	p.visits[a]++
	if p.visits[a] > 1 {
		return
	}
	p.visitAll(a.Args)
}

func (p *argPrinter) append(b []byte, a *Op) []byte {
	if a == nil {
		return append(b, "nil"...)
	}
	switch a.Code {
	case OpConstInt:
		return strconv.AppendInt(b, a.Int(), 10)
	case OpConstFloat:
		return appendFloat(b, a.Float())
	case OpConstPtr:
		if a.Name == nil {
			return append(b, "NULL"...)
		}
		return append(append(append(b, "ConstPtr("...), a.Name.Name...), ')')
	case OpConstClass:
		return append(append(append(b, "ConstClass("...), symbolName(a.Name)...), ')')
	case OpText:
		return append(append(append(b, '"'), textEscaper.Replace(symbolName(a.Name))...), '"')
	case OpVirtual:
		return p.virtual(b, a)
	}
	return append(b, p.name(a)...)
}

// A text can't hold what would end it.
var textEscaper = strings.NewReplacer(`"`, "'", "\n", " ")

func (p *argPrinter) virtual(b []byte, a *Op) []byte {
	if label := p.labels[a]; label != "" {
		return append(b, label...)
	}
	if p.visits[a] > 1 {
		label := "v" + strconv.Itoa(len(p.labels)+1)
		p.labels[a] = label
		b = append(append(b, label...), ':')
	}
	c, _ := a.Descr.(*heap.Class)
	b = append(append(b, descrName(c)...), '{')
	for i, x := range a.Args {
		if i > 0 {
			b = append(b, ", "...)
		}
		if c != nil && !c.IsArray() && i < len(c.Fields) {
			b = append(append(b, keyOf(c, c.Fields[i])...), '=')
		}
		b = p.append(b, x)
	}
	return append(b, '}')
}

// keyOf names a field of c within an object of c: with its struct only where a
// field of an inheriting struct has the same name.
func keyOf(c *heap.Class, f *heap.Field) string {
	if c.Field(f.Name) == f {
		return f.Name
	}
	return f.String()
}

// appendFloat prints the shortest text that reads as x again, and that can't be
// taken for an integer.
func appendFloat(b []byte, x float64) []byte {
	switch a := math.Abs(x); {
	case math.IsNaN(x):
		return append(b, "nan"...)
	case math.IsInf(x, 0):
		if x < 0 {
			b = append(b, '-')
		}
		return append(b, "inf"...)
	case a == 0 || 1e-5 <= a && a < 1e15:
		start := len(b)
		b = strconv.AppendFloat(b, x, 'f', -1, 64)
		if !strings.Contains(string(b[start:]), ".") {
			b = append(b, ".0"...)
		}
		return b
	}
	return strconv.AppendFloat(b, x, 'e', -1, 64)
}

// String returns the declarations, a line each: classes, calls, objects.
func (d *Decls) String() string {
	var lines strings.Builder
	if d.Classes != nil {
		for _, c := range d.Classes.All() {
			lines.WriteString(classLine(c) + "\n")
		}
	}
	for _, c := range d.Calls {
		lines.WriteString(callLine(c) + "\n")
	}
	for _, o := range d.Objects {
		// Without known values there is no line that says so: undeclared, the
		// object is any object, which is true.
		if o.Class != nil && o.Values != nil {
			lines.WriteString(objectLine(o) + "\n")
		}
	}
	return lines.String()
}

func classLine(c *heap.Class) string {
	if c.IsArray() {
		return "array " + c.Name + " " + kindText(c.Item)
	}
	words := []string{"struct", c.Name}
	if c.Vtable != "" {
		words = append(words, "vtable="+c.Vtable)
	}
	if t := c.Immediate; t != nil {
		words = append(words, fmt.Sprintf("immediate=%d:%d", t.Shift, t.Tag))
	}
	own := c.Fields
	if c.Base != nil {
		words = append(words, "base="+c.Base.Name)
		own = own[len(c.Base.Fields):]
	}
	for _, f := range own {
		words = append(words, f.Name+":"+kindText(f))
	}
	return strings.Join(words, " ")
}

func kindText(f *heap.Field) string {
	s := f.Kind.String()
	if f.Kind == Int && (f.Lo != math.MinInt64 || f.Hi != math.MaxInt64) {
		s += "[" + strconv.FormatInt(f.Lo, 10) + "," + strconv.FormatInt(f.Hi, 10) + "]"
	}
	if f.Immutable {
		s += "!"
	}
	return s
}

var effectNames = [...]string{
	EffectAny: "any", EffectReadonly: "readonly", EffectLoopInvariant: "loopinvariant", EffectElidable: "elidable",
}

func callLine(c *Call) string {
	s := "call " + c.Name
	if c.Args != nil {
		s += " args="
		for _, t := range c.Args {
			s += t.String()
		}
	}
	return s + " result=" + c.Result.String() + " effect=" + effectNames[c.Effect]
}

// objectLine leaves out the fields that are 0 or NULL, as they are by default.
func objectLine(o *Symbol) string {
	words := []string{"object", o.Name, o.Class.Name}
	for i, v := range o.Values {
		text := v.String()
		if v.Code == OpConstPtr && v.Name != nil {
			text = v.Name.Name
		}
		switch {
		case o.Class.IsArray():
			words = append(words, text)
		case v.Bits != 0 || v.Name != nil:
			words = append(words, keyOf(o.Class, o.Class.Fields[i])+"="+text)
		}
	}
	return strings.Join(words, " ")
}
