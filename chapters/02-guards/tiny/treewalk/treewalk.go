// Package treewalk executes tiny programs straight from their nodes, with Go
// values and Go's own memory. It shares the reader, the limits and the texts of
// messages with the real implementation, and nothing else: no bytecode, no
// heap, no frames. It is slow and obvious, and the tests ask it for a second
// opinion on what a program means.
package treewalk

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"metatrace/chapters/02-guards/tiny"
)

// ErrFuel is the error of a program that Run stopped.
var ErrFuel = errors.New("out of fuel")

// Run executes a program and writes what it prints to out. Errors in the
// program are *tiny.Error. fuel limits how many nodes are evaluated; 0 is no
// limit.
func Run(file, src string, out io.Writer, fuel int64) (err error) {
	if _, err := tiny.Compile(file, src); err != nil {
		return err
	}
	nodes, err := tiny.Read(file, src)
	if err != nil {
		return err
	}
	w := &walker{file: file, out: out, fuel: fuel,
		funcs: map[string]*tiny.Node{}, now: map[string]*tiny.Node{}, classes: map[string]tiny.ClassDecl{}}
	main := &tiny.Node{}
	for _, n := range nodes {
		switch n.Head() {
		case "class":
			var names []string
			for _, name := range n.List[1:] {
				names = append(names, name.Text)
			}
			w.classes[names[0]] = tiny.ClassDecl{Name: names[0], Fields: names[1:]}
		case "fun":
			w.funcs[n.List[1].Text] = n
		default:
			main.List = append(main.List, n)
		}
	}
	defer func() {
		if w.err != nil {
			recover()
			err = w.err
		}
	}()
	w.body(main.List, frame{})
	return nil
}

// A value is nil, an int64, a float64, an *object or an *array.
type value any

type object struct {
	class  tiny.ClassDecl
	fields []value
}

type array struct{ items []value }

// frame holds the variables of a call that were set.
type frame map[string]value

type walker struct {
	file    string
	out     io.Writer
	fuel    int64
	depth   int                   // calls that are active
	err     error                 // set when the program stops, by the panic that ends the walk
	funcs   map[string]*tiny.Node // as declared
	now     map[string]*tiny.Node // of those that were redefined, what a call executes
	classes map[string]tiny.ClassDecl
}

// stop ends the program.
func (w *walker) stop(err error) {
	w.err = err
	panic(err)
}

func (w *walker) fail(n *tiny.Node, msg string) {
	w.stop(&tiny.Error{File: w.file, Pos: n.Pos, Msg: msg})
}

// returned is the panic of (return e), which ends in the nearest body.
type returned struct{ result value }

// body evaluates the body of a function, or the main program.
func (w *walker) body(nodes []*tiny.Node, f frame) (result value) {
	depth := w.depth
	defer func() {
		if w.err != nil { // let it pass: 10000 bodies that raise it again take seconds
			return
		}
		switch r := recover().(type) {
		case nil:
		case returned:
			w.depth, result = depth, r.result
		default:
			panic(r)
		}
	}()
	return w.sequence(nodes, f)
}

func (w *walker) sequence(nodes []*tiny.Node, f frame) (last value) {
	for _, n := range nodes {
		last = w.eval(n, f)
	}
	return last
}

func (w *walker) all(nodes []*tiny.Node, f frame) []value {
	vs := make([]value, len(nodes))
	for i, n := range nodes {
		vs[i] = w.eval(n, f)
	}
	return vs
}

func (w *walker) eval(n *tiny.Node, f frame) value {
	if w.fuel--; w.fuel == 0 {
		w.stop(ErrFuel)
	}
	switch {
	case n.Kind == tiny.Number && n.Number.IsFloat:
		return n.Number.Float()
	case n.Kind == tiny.Number:
		return n.Number.Int()
	case n.Kind == tiny.List:
		return w.form(n, n.List[1:], f)
	case n.Text == "true":
		return int64(1)
	}
	return f[n.Text] // nil, false and variables without a value are absent
}

func (w *walker) form(n *tiny.Node, args []*tiny.Node, f frame) value {
	switch n.Head() {
	case "var":
		f[args[0].Text] = w.eval(args[1], f)
	case "set":
		w.set(args[0], args[1], f)
	case "while":
		for w.eval(args[0], f) != nil {
			w.sequence(args[1:], f)
		}
	case "if":
		if w.eval(args[0], f) != nil {
			return w.eval(args[1], f)
		}
		return w.sequence(args[2:], f)
	case "do":
		return w.sequence(args, f)
	case "and":
		var v value
		for _, e := range args {
			if v = w.eval(e, f); v == nil {
				break
			}
		}
		return v
	case "or":
		for _, e := range args {
			if v := w.eval(e, f); v != nil {
				return v
			}
		}
	case "print":
		var texts []string
		for _, v := range w.all(args, f) {
			texts = append(texts, show(v, 0))
		}
		fmt.Fprintln(w.out, strings.Join(texts, " "))
	case "return":
		panic(returned{w.sequence(args, f)})
	case "new":
		class := w.classes[args[0].Text]
		o := &object{class, make([]value, len(class.Fields))}
		copy(o.fields, w.all(args[1:], f))
		return o
	case ".":
		return *w.field(n, w.eval(args[0], f), args[1].Text, tiny.OpGetField)
	case "redefine":
		w.now[args[0].Text] = w.funcs[args[1].Text]
	case "opaque":
		return w.call(n, args[0].Text, w.all(args[1:], f))
	default:
		if fn := w.funcs[n.Head()]; fn != nil {
			return w.call(n, n.Head(), w.all(args, f))
		}
		return w.operator(n, args, f)
	}
	return nil
}

func (w *walker) call(n *tiny.Node, name string, args []value) value {
	fn := w.now[name]
	if fn == nil {
		fn = w.funcs[name]
	}
	if w.depth == tiny.MaxDepth {
		w.fail(n, tiny.DepthError())
	}
	w.depth++
	f := frame{}
	for i, v := range args {
		f[fn.List[2].List[i].Text] = v
	}
	v := w.body(fn.List[3:], f)
	w.depth--
	return v
}

func (w *walker) set(target, e *tiny.Node, f frame) {
	if target.Kind == tiny.Name {
		f[target.Text] = w.eval(e, f)
		return
	}
	if target.Head() == "." {
		o := w.eval(target.List[1], f)
		v := w.eval(e, f)
		*w.field(target, o, target.List[2].Text, tiny.OpSetField) = v
		return
	}
	of := w.all(target.List[1:], f)
	v := w.eval(e, f)
	*w.item(target, of[0], of[1], tiny.OpSetAt) = v
}

func (w *walker) field(n *tiny.Node, v value, name string, op tiny.Op) *value {
	o, ok := v.(*object)
	if !ok {
		w.fail(n, tiny.TypeError(op, kind(v)))
	}
	for i, f := range o.class.Fields {
		if f == name {
			return &o.fields[i]
		}
	}
	w.fail(n, tiny.FieldError(o.class, name))
	return nil
}

func (w *walker) item(n *tiny.Node, v, index value, op tiny.Op) *value {
	a, isArray := v.(*array)
	i, isInt := index.(int64)
	if !isArray || !isInt {
		w.fail(n, tiny.TypeError(op, kind(v), kind(index)))
	}
	if i < 0 || i >= int64(len(a.items)) {
		w.fail(n, tiny.IndexError(i, int64(len(a.items))))
	}
	return &a.items[i]
}

func kind(v value) string {
	switch v := v.(type) {
	case int64:
		return tiny.KindInt
	case float64:
		return tiny.KindFloat
	case *array:
		return tiny.KindArray
	case *object:
		return tiny.KindObject(v.class.Name)
	}
	return tiny.KindNil
}

// show is v as print writes it, inside as many objects and arrays as depth
// says.
func show(v value, depth int) string {
	var parts []string
	switch v := v.(type) {
	case int64:
		return fmt.Sprint(v)
	case float64:
		return tiny.FormatFloat(v)
	case *array:
		if depth == tiny.PrintDepth {
			return tiny.Ellipsis
		}
		for i, item := range v.items {
			if i == tiny.PrintItems {
				parts = append(parts, tiny.Ellipsis)
				break
			}
			parts = append(parts, show(item, depth+1))
		}
		return "[" + strings.Join(parts, " ") + "]"
	case *object:
		if depth == tiny.PrintDepth {
			return tiny.Ellipsis
		}
		parts = append(parts, v.class.Name)
		for i, f := range v.class.Fields {
			parts = append(parts, f+"="+show(v.fields[i], depth+1))
		}
		return "(" + strings.Join(parts, " ") + ")"
	}
	return "nil"
}
