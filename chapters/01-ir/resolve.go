package ir

import (
	"slices"

	"metatrace/internal/heap"
)

// resolve puts the declarations together.
func (p *parser) resolve() {
	for _, c := range p.decls.order {
		p.makeClass(c)
	}
	for _, o := range p.decls.objects {
		p.makeObject(o)
	}
}

// makeClass makes the class of c, and before that its bases.
func (p *parser) makeClass(c *classDecl) {
	var chain []*classDecl
	for c.made == nil && p.err == nil {
		if c.busy {
			p.fail(c.base.at, "%s inherits from itself, expected another base", short(c.name.text))
			return
		}
		c.busy = true
		chain = append(chain, c)
		if c.base.kind == tokEnd {
			break
		}
		base := p.decls.classes[c.base.text]
		switch {
		case base == nil:
			p.fail(c.base.at, "unknown struct %s, expected one that is declared", short(c.base.text))
			return
		case base.isArray:
			p.fail(c.base.at, "%s is an array, expected a struct", short(c.base.text))
		}
		c = base
	}
	for _, c := range slices.Backward(chain) {
		if p.err == nil {
			p.makeOne(c)
		}
	}
}

// makeOne makes the class of c, whose base is made.
func (p *parser) makeOne(c *classDecl) {
	classes := p.trace.Decls.Classes
	var err error
	if c.isArray {
		c.made, err = classes.Array(c.name.text, c.fields[0])
	} else {
		var base *heap.Class
		if c.base.kind != tokEnd {
			base = p.decls.classes[c.base.text].made
		}
		c.made, err = classes.Struct(c.name.text, c.vtable.text, base, c.fields...)
	}
	if err != nil {
		p.fail(c.name.at, "%v", err)
		return
	}
	own := []*heap.Field{c.made.Item}
	if !c.isArray {
		own = c.made.Fields[len(c.made.Fields)-len(c.fields):]
	}
	for i, f := range own {
		// Classes takes a range of 0 to 0 for none at all; here it is one.
		f.Lo, f.Hi = c.fields[i].Lo, c.fields[i].Hi
	}
	if c.immediate.kind != tokEnd {
		if err := classes.SetImmediate(c.made, c.tagging); err != nil {
			p.fail(c.immediate.at, "%v", err)
			return
		}
	}
	if v := c.vtable.text; v != "" {
		if other := p.decls.vtables[v]; other != nil {
			p.fail(c.vtable.at, "%s is the vtable of %s already, expected another one", short(v), other)
		}
		p.decls.vtables[v] = c.made
	}
}

// makeObject makes the object that o declares.
func (p *parser) makeObject(o *objectDecl) {
	if p.err != nil {
		return
	}
	c := p.classNamed(o.class.at, o.class.text, anyClass)
	sym := p.ptr(o.name).Name
	if p.err != nil {
		return
	}
	sym.Class = c
	sym.Values = make([]*Op, len(c.Fields), len(c.Fields)+len(o.values))
	for i, f := range c.Fields {
		sym.Values[i] = zero(f.Kind)
	}
	given := map[*heap.Field]bool{}
	for _, v := range o.values {
		switch {
		case c.IsArray() && v.field.kind != tokEnd:
			p.fail(v.field.at, "%s is an array, expected a value without a name", c)
		case c.IsArray():
			sym.Values = append(sym.Values, p.constant(v.value, c.Item))
		case v.field.kind == tokEnd:
			p.fail(v.value.at, "%s is a struct, expected field=value", c)
		default:
			if f := p.field(v.field, c); f != nil {
				if given[f] {
					p.fail(v.field.at, "field %s is given twice, expected it once", short(v.field.text))
				}
				given[f] = true
				sym.Values[f.Index] = p.constant(v.value, f)
			}
		}
		if p.err != nil {
			return
		}
	}
	d := p.trace.Decls
	for _, other := range d.Objects {
		if c.Immediate != nil && other.Class == c && SameConst(other.Values[0], sym.Values[0]) {
			p.fail(o.name.at, "%s is the same object as %s, expected one name for it: %s is immediate", short(o.name.text), other.Name, c)
		}
	}
	d.Objects = append(d.Objects, sym)
}

// constant returns what t stands for in the slot f of an object.
func (p *parser) constant(t token, f *heap.Field) *Op {
	isFloatName := t.text == "inf" || t.text == "nan"
	switch {
	case f.Kind == Int && t.kind == tokInt:
		n := p.integer(t)
		if n < f.Lo || n > f.Hi {
			p.fail(t.at, "%d is out of range, expected %d to %d as %s", n, f.Lo, f.Hi, slotName(f))
		}
		return ConstInt(n)
	case f.Kind == Float && (t.kind != tokName || isFloatName):
		return ConstFloat(p.float(t))
	case f.Kind == Ref && t.kind == tokName && t.text == "NULL":
		return Null
	case f.Kind == Ref && t.kind == tokName:
		return p.ptr(t)
	case f.Kind == Ref && t.kind == tokInt && !f.Immutable:
		// One of PyPy's tests puts a number there. Nobody may rely on what a
		// mutable field held at first, so any value will do.
		return Null
	}
	p.unexpected(t, typeNames[f.Kind]+" as "+slotName(f))
	return Null
}
