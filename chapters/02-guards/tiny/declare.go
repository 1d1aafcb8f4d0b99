package tiny

import (
	"fmt"
	"maps"
	"slices"
)

// Compile turns a source text into bytecode. file is what errors call it. An
// error is an *Error: the first one found, as FILE:LINE:COLUMN: what is wrong.
//
// Names are declared first, code comes second, so that functions may call
// those that are defined below them.
func Compile(file, src string) (*Program, error) {
	nodes, err := Read(file, src)
	if err != nil {
		return nil, err
	}
	p := &Program{File: file, Source: src}
	c := &compiler{
		Program: p,
		funcs:   map[string]*Code{},
		classes: map[string]int32{},
		fields:  map[string]int32{},
		consts:  map[Const]int32{},
	}
	p.Main = &Code{Program: p, Name: "main", Index: -1, Decl: Pos{1, 1}}
	c.main = &body{compiler: c, code: p.Main, locals: map[string]int32{}}
	for _, n := range nodes {
		switch n.Head() {
		case "class":
			c.declareClass(n)
		case "fun":
			c.declareFunc(n)
		}
	}
	for _, n := range nodes {
		switch n.Head() {
		case "class":
		case "fun":
			c.function(n)
		default:
			c.main.effect(n)
		}
	}
	end := &Node{Pos: Pos{1, 1}}
	if len(nodes) > 0 {
		end = nodes[len(nodes)-1]
	}
	c.main.finish(end, nil)
	if c.err != nil {
		return nil, c.err
	}
	return p, nil
}

// compiler is the state of one Compile. From the first error on it compiles
// nothing more, and what it made is thrown away.
type compiler struct {
	*Program
	err     *Error
	main    *body
	funcs   map[string]*Code
	classes map[string]int32
	fields  map[string]int32 // index in FieldNames
	consts  map[Const]int32  // index in Consts
}

func (c *compiler) fail(n *Node, format string, args ...any) {
	if c.err == nil {
		c.err = &Error{c.File, n.Pos, fmt.Sprintf(format, args...)}
	}
}

// declareClass notes (class Name field...).
func (c *compiler) declareClass(n *Node) {
	names := c.newNames(n, n.List[1:])
	if len(names) == 0 {
		c.fail(n, "expected (class Name field...)")
		return
	}
	name, fields := names[0], names[1:]
	if _, twice := c.classes[name]; twice {
		c.fail(n.List[1], "class %s is declared twice", name)
	}
	c.classes[name] = int32(len(c.Classes))
	c.Classes = append(c.Classes, ClassDecl{name, fields})
	for _, f := range fields {
		index(c.fields, &c.FieldNames, f)
	}
}

// declareFunc notes (fun name (parameter...) body...).
func (c *compiler) declareFunc(n *Node) {
	if len(n.List) < 3 || n.List[2].Kind != List {
		c.fail(n, "expected (fun name (parameter...) body...)")
		return
	}
	name := c.newNames(n, n.List[1:2])[0]
	if _, taken := forms[name]; taken {
		c.fail(n.List[1], "%s is part of the language, expected another name", name)
	}
	if twice := c.funcs[name]; twice != nil {
		c.fail(n.List[1], "function %s is already declared at line %d", name, twice.Decl.Line)
	}
	params := c.newNames(n, n.List[2].List)
	f := &Code{Program: c.Program, Name: name, Index: len(c.Funcs), Decl: n.Pos,
		Params: len(params), Locals: len(params), LocalNames: params}
	c.funcs[name] = f
	c.Funcs = append(c.Funcs, f)
}

// newNames takes nodes that must be names, free to be used and all different.
func (c *compiler) newNames(n *Node, nodes []*Node) []string {
	if len(nodes) > MaxFrame {
		c.fail(n, "%d names, expected at most %d", len(nodes), MaxFrame)
		nodes = nodes[:MaxFrame]
	}
	var names []string
	for _, node := range nodes {
		switch {
		case node.Kind != Name:
			c.fail(node, "expected a name, got %s", node.Text)
		case node.Text == "nil" || node.Text == "true" || node.Text == "false":
			c.fail(node, "%s is a value, expected another name", node.Text)
		case slices.Contains(names, node.Text):
			c.fail(node, "%s stands twice in this %s", node.Text, n.Head())
		}
		names = append(names, node.Text)
	}
	return names
}

// takes says how many arguments a form takes. No max is -1.
type takes struct{ min, max int }

// forms are the forms of the language; operators are those that the table of
// operations makes, with their operations.
var forms, operators = func() (map[string]takes, map[string][]Op) {
	forms := map[string]takes{
		"var": {2, 2}, "set": {2, 2}, "while": {1, -1}, "if": {2, 3}, "do": {0, -1},
		"and": {1, -1}, "or": {1, -1}, "not": {1, 1}, "print": {0, -1}, "return": {0, 1},
		"new": {1, -1}, ".": {2, 2}, "opaque": {1, -1}, "redefine": {2, 2}, "class": {0, -1}, "fun": {0, -1},
	}
	operators := map[string][]Op{}
	for op, row := range table {
		t, known := forms[row.form]
		switch {
		case row.form == "":
			continue
		case !known:
			t = takes{row.pops, row.pops}
		}
		t.min = min(t.min, row.pops)
		if row.repeated || t.max < 0 {
			t.max = -1
		} else {
			t.max = max(t.max, row.pops)
		}
		forms[row.form] = t
		operators[row.form] = append(operators[row.form], Op(op))
	}
	return forms, operators
}()

// checkArity reports whether a list has as many arguments as its form takes.
func (c *compiler) checkArity(n *Node) bool {
	t, isForm := forms[n.Head()]
	got := len(n.List) - 1
	switch {
	case !isForm || got >= t.min && (got <= t.max || t.max < 0):
		return true
	case t.max < 0:
		c.fail(n, "%s takes at least %s, got %d", n.Head(), count(t.min, "argument"), got)
	case t.max > t.min:
		c.fail(n, "%s takes %d or %d arguments, got %d", n.Head(), t.min, t.max, got)
	default:
		c.fail(n, "%s takes %s, got %d", n.Head(), count(t.min, "argument"), got)
	}
	return false
}

// index is the place of v in list, where it is added if it is new.
func index[T comparable](known map[T]int32, list *[]T, v T) int32 {
	i, ok := known[v]
	if !ok {
		i = int32(len(*list))
		known[v] = i
		*list = append(*list, v)
	}
	return i
}

func keys[V any](m map[string]V) []string { return slices.Collect(maps.Keys(m)) }
