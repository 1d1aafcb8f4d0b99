package ir

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"metatrace/internal/heap"
)

// arguments reads what stands in the parentheses into p.args, each by value, and
// returns the descr.
func (p *parser) arguments(code Opcode, value func() *Op) (descr any) {
	p.args = p.args[:0]
	p.where.close = p.list(')', func() {
		t := p.peek()
		if t.kind == tokName && t.text == "descr" && p.ahead(1).kind == '=' {
			p.next()
			p.next()
			descr = p.descr(code)
			if t := p.peek(); t.kind != ')' {
				p.unexpected(t, ") behind the descr")
			}
			return
		}
		p.where.args = append(p.where.args, t.at)
		p.args = append(p.args, value())
	})
	return descr
}

// value reads an argument. If it can't, it returns any value.
func (p *parser) value() *Op {
	t := p.next()
	switch t.kind {
	case tokInt:
		return ConstInt(p.integer(t))
	case tokFloat:
		return ConstFloat(p.float(t))
	case tokText:
		return Text(t.text[1 : len(t.text)-1])
	case tokName:
		return p.named(t)
	}
	p.unexpected(t, "a value")
	return Null
}

// named returns the value whose name, or first word, is t.
func (p *parser) named(t token) *Op {
	if v := p.vars[t.text]; v != nil {
		return v
	}
	switch t.text {
	case "NULL":
		return Null
	case "inf", "nan":
		return ConstFloat(p.float(t))
	case "ConstPtr":
		return p.ptr(p.inParentheses("the name of a prebuilt object"))
	case "ConstClass":
		return p.class(p.inParentheses("the name of a class or function").text)
	}
	if typeOfName(t.text) != Void {
		p.fail(t.at, "%s is used before it is assigned, expected an input or an earlier result", short(t.text))
	} else {
		p.fail(t.at, "%s is no value, expected a variable, a number, NULL, ConstPtr(name) or ConstClass(name)", short(t.text))
	}
	return Null
}

func (p *parser) inParentheses(what string) token {
	p.take('(', "( and "+what)
	t := p.take(tokName, what)
	p.take(')', ")")
	return t
}

// ptr returns the one constant that is the address of the object called name.
func (p *parser) ptr(name token) *Op {
	if name.text == "NULL" {
		p.fail(name.at, "NULL is no object, expected another name")
	}
	op := p.ptrs[name.text]
	if op == nil {
		op = ConstPtr(&Symbol{Name: name.text})
		p.ptrs[name.text] = op
	}
	return op
}

// class returns the one constant that is the class or function called name.
func (p *parser) class(name string) *Op {
	op := p.classes[name]
	if op == nil {
		op = ConstClass(&Symbol{Name: name, Class: p.decls.vtables[name]})
		p.classes[name] = op
	}
	return op
}

func (p *parser) integer(t token) int64 {
	n, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil && p.err == nil {
		p.fail(t.at, "%s does not fit into 64 bits, expected %d to %d", short(t.text), int64(math.MinInt64), int64(math.MaxInt64))
	}
	return n
}

// float returns the value of t. All texts of NaN give the same bits.
func (p *parser) float(t token) float64 {
	if strings.HasSuffix(t.text, "nan") {
		return math.Float64frombits(0x7FF8 << 48)
	}
	x, err := strconv.ParseFloat(t.text, 64)
	if err != nil {
		p.fail(t.at, "%s does not fit into a float, expected inf or a smaller number", short(t.text))
	}
	return x
}

// descr reads what stands behind descr=, and returns what code wants there.
func (p *parser) descr(code Opcode) any {
	t := p.take(tokName, "the descr of "+code.usage())
	p.where.descr = t.at
	if p.err != nil {
		return nil
	}
	switch code.Info().Descr {
	case FieldDescr:
		if !strings.Contains(t.text, ".") {
			p.fail(t.at, "%s is no field, expected %s", short(t.text), code.usage())
			return nil
		}
		if f := p.field(t, nil); f != nil {
			return f
		}
	case ArrayDescr:
		if c := p.classNamed(t.at, t.text, anArray); c != nil {
			return c
		}
	case StructDescr:
		if c := p.classNamed(t.at, t.text, aStruct); c != nil {
			return c
		}
	case CallDescr, MaybeCall:
		if c := p.decls.calls[t.text]; c != nil {
			return c
		}
		p.fail(t.at, "unknown call %s%s", short(t.text), nearestKnown(t.text, sortedKeys(p.decls.calls)))
	default:
		p.fail(t.at, "%s takes no descr, expected %s", code, code.usage())
	}
	return nil
}

// A classKind is what kind of class is asked for, as messages put it.
type classKind string

const (
	aStruct  classKind = "struct"
	anArray  classKind = "array"
	anyClass classKind = "struct or array"
)

func (k classKind) includes(c *heap.Class) bool {
	return k == anyClass || c.IsArray() == (k == anArray)
}

// classNamed returns the class called name, which must be of the kind that is
// asked for. It fails and returns nil if there is none.
func (p *parser) classNamed(at place, name string, kind classKind) *heap.Class {
	classes := p.trace.Decls.Classes
	c := classes.Named(name)
	switch {
	case c == nil:
		var known []string
		for _, c := range classes.All() {
			if kind.includes(c) {
				known = append(known, c.Name)
			}
		}
		p.fail(at, "unknown %s %s%s", kind, short(name), nearestKnown(name, known))
	case kind.includes(c):
		return c
	case kind == anArray:
		p.fail(at, "%s is a struct, expected an array", short(name))
	default:
		p.fail(at, "%s is an array, expected a struct", short(name))
	}
	return nil
}

// field returns the field that t names: STRUCT.field, or a bare field of the
// struct in. The field must be one of in's, if in is not nil. It fails and
// returns nil if there is no such field.
func (p *parser) field(t token, in *heap.Class) *heap.Field {
	of, name, dotted := strings.Cut(t.text, ".")
	c := in
	if !dotted {
		name = t.text
	} else if c = p.classNamed(t.at, of, aStruct); c == nil {
		return nil
	}
	f := c.Field(name)
	if f != nil && (in == nil || f.Index < len(in.Fields) && in.Fields[f.Index] == f) {
		return f
	}
	if in == nil {
		in = c
	}
	var known []string
	for _, f := range in.Fields {
		known = append(known, f.Name)
	}
	p.fail(t.at, "%s has no field %s%s", in, short(t.text), nearestKnown(name, known))
	return nil
}

// failargs reads a list in brackets.
func (p *parser) failargs() []*Op {
	p.labels = nil
	p.next()
	p.args = p.args[:0]
	p.list(']', func() { p.args = append(p.args, p.failarg(0)) })
	return p.build.list(p.args)
}

// pending reads a store that leaving through a guard performs. It stands in no
// list of operations, so it has no ID.
func (p *parser) pending() *Op {
	name := p.take(tokName, "a pending store such as setfield_gc(p0, i1, descr=STRUCT.field)")
	p.where = opPlace{name: name.at, args: p.where.args[:0]}
	op := &Op{Code: Lookup(name.text), Type: Void, ID: -1, Line: int32(p.line)}
	if p.err == nil && op.Code == OpInvalid {
		p.unknownOperation(name)
	}
	p.fault(checkPending(op.Code))
	p.take('(', "( and the arguments of "+name.text)
	op.Descr = p.arguments(op.Code, func() *Op { return p.failarg(0) })
	op.Args = p.build.list(p.args)
	if p.err == nil {
		p.fault(checkStore(op))
	}
	return op
}

// failarg reads a value, or a virtual object that stands in depth others.
func (p *parser) failarg(depth int) *Op {
	t := p.peek()
	if t.kind == tokName {
		switch p.ahead(1).kind {
		case ':':
			p.checkLabelName(t)
			p.next()
			p.next()
			return p.virtual(t.text, depth)
		case '{':
			return p.virtual("", depth)
		}
		if v := p.labels[t.text]; v != nil {
			p.next()
			return v
		}
	}
	v := p.value()
	if !isValue(v) {
		p.fail(t.at, "%s can't be a failarg, expected an int, a float or a ref", describe(v))
	}
	return v
}

func (p *parser) checkLabelName(t token) {
	switch {
	case p.vars[t.text] != nil || p.labels[t.text] != nil:
		p.fail(t.at, "%s is assigned twice, expected a new name", short(t.text))
	case slices.Contains([]string{"NULL", "inf", "nan", "ConstPtr", "ConstClass"}, t.text):
		p.fail(t.at, "%s can't name a virtual object, expected a name such as v1", t.text)
	}
}

// virtual reads an object such as NODE{value=i3, next=NULL} or INTS{25, i1}.
func (p *parser) virtual(label string, depth int) *Op {
	t := p.take(tokName, "the struct or array of a virtual object")
	c := p.classNamed(t.at, t.text, anyClass)
	if depth == maxNesting {
		p.fail(t.at, "virtual objects are nested too deep, expected %d levels at most", maxNesting)
	}
	p.take('{', "{ and what the virtual object holds")
	if p.err != nil {
		return Null
	}
	v := p.build.ops.one()
	*v = Op{Code: OpVirtual, Type: Ref, ID: -1, Descr: c}
	if label != "" {
		if p.labels == nil {
			p.labels = map[string]*Op{}
		}
		p.labels[label] = v
	}
	if c.IsArray() {
		p.list('}', func() { v.Args = append(v.Args, p.content(c.Item, depth)) })
	} else {
		p.fields(v, c, depth)
	}
	return v
}

// fields reads the fields of a virtual struct. Those that are not mentioned are
// 0 or NULL.
func (p *parser) fields(v *Op, c *heap.Class, depth int) {
	v.Args = p.build.args.many(len(c.Fields))
	p.list('}', func() {
		t := p.take(tokName, "a field of "+c.Name)
		p.take('=', "= and a value")
		if p.err != nil {
			return
		}
		f := p.field(t, c)
		if f == nil {
			return
		}
		if v.Args[f.Index] != nil {
			p.fail(t.at, "field %s is given twice, expected it once", short(t.text))
		}
		v.Args[f.Index] = p.content(f, depth)
	})
	for i, f := range c.Fields {
		if v.Args[i] == nil {
			v.Args[i] = zero(f.Kind)
		}
	}
}

// content reads a value that the slot f of a virtual object holds.
func (p *parser) content(f *heap.Field, depth int) *Op {
	at := p.peek().at
	v := p.failarg(depth + 1)
	if v.Type != f.Kind {
		p.fail(at, "found %s, expected %s as %s", describe(v), typeNames[f.Kind], slotName(f))
	}
	return v
}

// zero returns what a slot of kind k holds at first.
func zero(k heap.Kind) *Op {
	if k == Ref {
		return Null
	}
	return ConstBits(k, 0)
}
