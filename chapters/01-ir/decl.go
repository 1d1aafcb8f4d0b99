package ir

import (
	"math"
	"slices"
	"strings"

	"metatrace/internal/heap"
)

// Declarations may refer to later ones: a struct to its base, an object to its
// class and to other objects. So they are read first, and put together when the
// first line comes that is no declaration.
type declarations struct {
	classes  map[string]*classDecl
	order    []*classDecl
	objects  []*objectDecl
	isObject map[string]bool
	calls    map[string]*Call
	vtables  map[string]*heap.Class
}

// A classDecl is a line that declares a struct or an array.
type classDecl struct {
	name         token
	vtable, base token // of kind tokEnd if there is none
	immediate    token // the attribute; of kind tokEnd if there is none
	tagging      heap.Tagging
	fields       []heap.Field
	isArray      bool // fields[0] is what each item is
	made         *heap.Class
	busy         bool // its bases are being made
}

// An objectDecl is a line that declares a prebuilt object.
type objectDecl struct {
	name, class token
	values      []objectValue
}

// An objectValue is field=value, or an item of an array.
type objectValue struct {
	field token // of kind tokEnd if there is none
	value token
}

func newDeclarations() declarations {
	return declarations{
		classes:  map[string]*classDecl{},
		isObject: map[string]bool{},
		calls:    map[string]*Call{},
		vtables:  map[string]*heap.Class{},
	}
}

// declarationOf gives the function that reads what follows such a word.
var declarationOf map[string]func(*parser)

func init() {
	declarationOf = map[string]func(*parser){
		"struct": (*parser).structDecl,
		"array":  (*parser).arrayDecl,
		"call":   (*parser).callDecl,
		"object": (*parser).objectDecl,
	}
}

func (p *parser) declaration() {
	const want = "struct, array, call, object or the inputs in brackets"
	t := p.take(tokName, want)
	read := declarationOf[t.text]
	switch {
	case p.err != nil:
	case read != nil:
		read(p)
	case p.peek().kind == '(' || p.peek().kind == '=':
		p.fail(t.at, "an operation before the inputs, expected %s", want)
	default:
		p.fail(t.at, "unknown declaration %s, expected %s%s", short(t.text), want,
			nearestKnown(t.text, sortedKeys(declarationOf)))
	}
}

// declName reads the name of what is declared.
func (p *parser) declName(what string) token {
	t := p.take(tokName, "the name of the "+what)
	if strings.Contains(t.text, ".") && (what == "struct" || what == "array") {
		p.fail(t.at, "%s can't name a %s, expected letters, digits and _ only", short(t.text), what)
	}
	return t
}

func (p *parser) newClass(what string) *classDecl {
	c := &classDecl{name: p.declName(what), isArray: what == "array"}
	if p.decls.classes[c.name.text] != nil {
		p.fail(c.name.at, "%s is declared twice, expected a new name", short(c.name.text))
	}
	p.decls.classes[c.name.text] = c
	p.decls.order = append(p.decls.order, c)
	return c
}

// structDecl reads NAME [vtable=CLASS] [base=STRUCT] [immediate=SHIFT:TAG] field:T field:T ...
func (p *parser) structDecl() {
	c := p.newClass("struct")
	seen := map[string]bool{}
	for p.err == nil && p.peek().kind != tokEnd {
		t := p.take(tokName, "a field such as value:i")
		switch {
		case p.peek().kind != '=':
			p.take(':', "a colon and the type of the field")
			if strings.Contains(t.text, ".") {
				p.fail(t.at, "%s can't name a field, expected letters, digits and _ only", short(t.text))
			}
			if seen[t.text] {
				p.fail(t.at, "field %s is declared twice, expected a new name", short(t.text))
			}
			seen[t.text] = true
			f := p.kind()
			f.Name = t.text
			c.fields = append(c.fields, f)
		case t.text == "vtable":
			p.attribute(t, &c.vtable, "the name of a class")
		case t.text == "base":
			p.attribute(t, &c.base, "the name of a struct")
		case t.text == "immediate":
			p.immediate(t, c)
		default:
			p.fail(t.at, "unknown attribute %s, expected vtable=, base= or immediate=, or a field such as value:i", short(t.text))
		}
	}
}

// attribute reads what stands behind name, = included, into into.
func (p *parser) attribute(name token, into *token, what string) {
	if into.kind != tokEnd {
		p.fail(name.at, "%s= is given twice, expected it once", name.text)
	}
	p.take('=', "=")
	*into = p.take(tokName, what)
}

// immediate reads what stands behind the attribute immediate: =SHIFT:TAG
func (p *parser) immediate(name token, c *classDecl) {
	if c.immediate.kind != tokEnd {
		p.fail(name.at, "%s= is given twice, expected it once", name.text)
	}
	c.immediate = name
	p.take('=', "=")
	shift := p.take(tokInt, "the number of bits of the tag")
	p.take(':', "a colon and the tag")
	tag := p.take(tokInt, "the tag")
	c.tagging = heap.Tagging{Shift: uint8(min(max(p.integer(shift), 0), 255)), Tag: uint64(p.integer(tag))}
}

// arrayDecl reads NAME T
func (p *parser) arrayDecl() {
	c := p.newClass("array")
	c.fields = []heap.Field{p.kind()}
}

// kind reads the type of a field: i, f or r, for i a range such as [0,255], and
// ! if it is immutable.
func (p *parser) kind() heap.Field {
	const want = "i, f or r"
	t := p.take(tokName, want)
	f := heap.Field{Lo: math.MinInt64, Hi: math.MaxInt64}
	if len(t.text) == 1 {
		f.Kind = typeOf(t.text[0])
	}
	if f.Kind == Void {
		p.unexpected(t, want)
	}
	if open := p.peek(); open.kind == '[' {
		if f.Kind != Int {
			p.fail(open.at, "only an int has a range, expected none for %s", t.text)
		}
		p.next()
		f.Lo = p.integer(p.take(tokInt, "the least value"))
		p.take(',', "a comma and the largest value")
		hi := p.take(tokInt, "the largest value")
		f.Hi = p.integer(hi)
		p.take(']', "]")
		if f.Lo > f.Hi {
			p.fail(hi.at, "the range has no values, expected %d or more", f.Lo)
		}
	}
	if p.peek().kind == '!' {
		p.next()
		f.Immutable = true
	}
	return f
}

// callDecl reads NAME args=TT... result=T effect=EFFECT, in any order. What is
// left out: args are not known, result v, effect any.
func (p *parser) callDecl() {
	name := p.declName("call")
	if p.decls.calls[name.text] != nil {
		p.fail(name.at, "call %s is declared twice, expected a new name", short(name.text))
	}
	c := &Call{Name: name.text}
	seen := map[string]bool{}
	for p.err == nil && p.peek().kind != tokEnd {
		t := p.take(tokName, "args=, result= or effect=")
		p.take('=', "=")
		if seen[t.text] {
			p.fail(t.at, "%s= is given twice, expected it once", short(t.text))
		}
		seen[t.text] = true
		switch t.text {
		case "args":
			c.Args = p.callArgs(int(t.at.col) + len("args="))
		case "result":
			c.Result = p.callResult()
		case "effect":
			c.Effect = p.callEffect()
		default:
			p.fail(t.at, "unknown attribute %s, expected args=, result= or effect=", short(t.text))
		}
	}
	p.decls.calls[c.Name] = c
	d := p.trace.Decls
	d.Calls = append(d.Calls, c)
}

// callArgs reads the types of arguments, such as iir, from the given column on;
// what stands there may also be nothing.
func (p *parser) callArgs(col int) []Type {
	list := []Type{}
	t := p.peek()
	if t.kind != tokName || int(t.at.col) != col {
		return list
	}
	p.next()
	for i := range len(t.text) {
		typ := typeOf(t.text[i])
		if typ == Void {
			at := t.at
			at.col += int32(i)
			p.fail(at, "unknown type %s, expected i, f or r for each argument", t.text[i:i+1])
		}
		list = append(list, typ)
	}
	return list
}

func (p *parser) callResult() Type {
	const want = "i, f, r or v"
	t := p.take(tokName, want)
	if t.text == "v" {
		return Void
	}
	if len(t.text) != 1 || typeOf(t.text[0]) == Void {
		p.unexpected(t, want)
		return Void
	}
	return typeOf(t.text[0])
}

func (p *parser) callEffect() CallEffect {
	const want = "elidable, loopinvariant, readonly or any"
	t := p.take(tokName, want)
	n := slices.Index(effectNames[:], t.text)
	if n < 0 && p.err == nil {
		p.fail(t.at, "unknown effect %s, expected %s%s", short(t.text), want, nearestKnown(t.text, effectNames[:]))
	}
	return CallEffect(max(n, 0))
}

// objectDecl reads NAME STRUCT [field=value ...] or NAME ARRAY [value ...]
func (p *parser) objectDecl() {
	o := &objectDecl{name: p.declName("object")}
	if p.decls.isObject[o.name.text] {
		p.fail(o.name.at, "object %s is declared twice, expected a new name", short(o.name.text))
	}
	o.class = p.take(tokName, "the struct or array of the object")
	for p.err == nil && p.peek().kind != tokEnd {
		var v objectValue
		if p.ahead(1).kind == '=' {
			v.field = p.take(tokName, "a field")
			p.next()
		}
		v.value = p.next()
		switch {
		case v.value.text == "ConstPtr" && p.peek().kind == '(':
			v.value = p.inParentheses("the name of a prebuilt object")
		case v.value.kind != tokInt && v.value.kind != tokFloat && v.value.kind != tokName:
			p.unexpected(v.value, "a number, NULL or the name of an object")
		}
		o.values = append(o.values, v)
	}
	p.decls.objects = append(p.decls.objects, o)
	p.decls.isObject[o.name.text] = true
}
