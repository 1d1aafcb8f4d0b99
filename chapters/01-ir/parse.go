package ir

import (
	"fmt"
	"slices"
	"strings"

	"metatrace/internal/heap"
)

// maxNesting is how deep virtual objects may stand in each other. It keeps the
// recursion over them within any stack.
const maxNesting = 10000

// Parse reads a trace: declarations, inputs, operations. file is its name for
// messages. What it returns passes Verify.
//
// It is straight-line code: a jump may have other arguments than the inputs,
// unless there is a label for it to go to. See CheckLoop.
//
// An error is a *SyntaxError. The first one in the text is found, except for
// what only the end of the declarations can tell.
func Parse(file, src string) (*Trace, error) {
	p := &parser{
		file:    file,
		decls:   newDeclarations(),
		build:   NewBuilder(&Decls{Classes: &heap.Classes{}}),
		vars:    map[string]*Op{},
		ptrs:    map[string]*Op{},
		classes: map[string]*Op{},
	}
	p.trace = p.build.Trace()
	p.trace.file = file
	for src != "" && p.err == nil {
		var line string
		line, src, _ = strings.Cut(src, "\n")
		p.line++
		p.toks, p.at = lexLine(line, p.line, p.toks[:0]), 0
		if p.peek().kind != tokEnd {
			p.statement()
		}
	}
	p.end()
	if p.err != nil {
		return nil, p.err
	}
	return p.trace, nil
}

// A parser reads one line after the other. The first error stays in err; from
// then on every token is the end of the line, so that all loops over tokens end
// by themselves.
type parser struct {
	file string
	err  *SyntaxError
	line int
	toks []token
	at   int

	decls     declarations
	hasInputs bool
	trace     *Trace
	build     *Builder

	vars    map[string]*Op // the values that have a name
	labels  map[string]*Op // the virtual objects that have a name in this exit
	ptrs    map[string]*Op // one ConstPtr for each prebuilt object
	classes map[string]*Op // one ConstClass for each class or function

	where opPlace // of the operation that is being read
	args  []*Op   // its arguments, until their number is known
	label *Op     // the label, once it was read
}

// An opPlace says where the parts of an operation stand.
type opPlace struct {
	name, close, descr, end place
	args                    []place
}

func (o *opPlace) of(part int) place {
	switch part {
	case partName:
		return o.name
	case partClose:
		return o.close
	case partDescr:
		return o.descr
	case partEnd:
		return o.end
	}
	return o.args[part]
}

func (p *parser) fail(at place, format string, args ...any) {
	if p.err == nil {
		p.err = &SyntaxError{p.file, int(at.line), int(at.col), fmt.Sprintf(format, args...)}
	}
}

func (p *parser) fault(f *fault) {
	if f != nil {
		p.fail(p.where.of(f.part), "%s", f.msg)
	}
}

// ahead returns the token that stands n tokens behind the next one.
func (p *parser) ahead(n int) token {
	if p.err != nil {
		return token{}
	}
	return p.toks[min(p.at+n, len(p.toks)-1)]
}

func (p *parser) peek() token {
	t := p.ahead(0)
	if t.kind == tokBad {
		p.fail(t.at, "%s", t.text)
		return token{}
	}
	return t
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokEnd {
		p.at++
	}
	return t
}

// take returns the next token, which must be of the given kind; what says what
// was expected.
func (p *parser) take(kind tokenKind, what string) token {
	t := p.peek()
	if t.kind != kind {
		p.unexpected(t, what)
		return token{}
	}
	return p.next()
}

func (p *parser) unexpected(t token, what string) {
	found := short(t.text)
	switch {
	case t.kind == tokEnd:
		found = "the end of the line"
	case len(t.text) == 1 && strings.Contains(punctuation, t.text):
		found = "'" + t.text + "'"
	}
	p.fail(t.at, "found %s, expected %s", found, what)
}

// list reads what stands before the closing mark, separated by commas, and
// returns where that mark is.
func (p *parser) list(closing tokenKind, item func()) place {
	if t := p.peek(); t.kind == closing {
		return p.next().at
	}
	for p.err == nil {
		item()
		t := p.next()
		if t.kind == closing {
			return t.at
		}
		if t.kind != ',' {
			p.unexpected(t, fmt.Sprintf("a comma or %c", closing))
		}
	}
	return place{}
}

// statement reads one line that is not empty.
func (p *parser) statement() {
	switch {
	case p.hasInputs:
		p.operation()
	case p.peek().kind == '[':
		p.hasInputs = true
		p.resolve()
		p.inputs()
	default:
		p.declaration()
	}
	if t := p.peek(); t.kind != tokEnd {
		p.unexpected(t, "the end of the line")
	}
}

func (p *parser) inputs() {
	p.next()
	p.list(']', func() {
		t := p.take(tokName, "the name of an input")
		if typ := p.newName(t); typ != Void {
			p.vars[t.text] = p.build.Input(typ)
			p.trace.names = append(p.trace.names, t.text)
		}
	})
}

// newName checks that t can name a new value, and returns the value's type; Void
// if it can't.
func (p *parser) newName(t token) Type {
	typ := typeOfName(t.text)
	switch {
	case p.err != nil:
		return Void
	case typ == Void:
		p.fail(t.at, "the first letter of %s gives no type, expected i, f, p or r", short(t.text))
	case strings.Contains(t.text, "."):
		p.fail(t.at, "%s can't name a value, expected letters, digits and _ only", short(t.text))
	case t.text == "inf":
		p.fail(t.at, "inf is a float, expected the name of a value")
	case p.vars[t.text] != nil:
		p.fail(t.at, "%s is assigned twice, expected a new name", short(t.text))
	}
	return typ
}

// typeOfName returns the type of the values that have such a name, or Void.
func typeOfName(name string) Type {
	if name == "" {
		return Void
	}
	if name[0] == 'p' {
		return Ref
	}
	return typeOf(name[0])
}

// operation reads a line such as i2 = int_add(i0, 1).
func (p *parser) operation() {
	var result token
	if p.ahead(1).kind == '=' {
		result = p.take(tokName, "the name of a value")
		p.next()
	}
	name := p.take(tokName, "an operation")
	code := Lookup(name.text)
	if code == OpInvalid {
		p.unknownOperation(name)
		return
	}
	p.order(code, name.at)
	p.result(code, result, name)
	p.where = opPlace{name: name.at, args: p.where.args[:0]}
	p.take('(', "( and the arguments of "+name.text)
	descr := p.arguments(code, p.value)
	if p.err != nil {
		return
	}
	op := p.build.add(code, p.args)
	p.trace.names = append(p.trace.names, result.text)
	op.Descr, op.Line = descr, int32(p.line)
	p.fault(checkOp(op))
	if ops := p.trace.Ops; len(ops) > 1 {
		p.fault(checkMade(op, ops[len(ops)-2]))
	} else {
		p.fault(checkMade(op, nil))
	}
	p.exit(op)
	if code.Info().Result != Void {
		p.vars[result.text] = op
	}
	p.control(op)
}

func (p *parser) unknownOperation(name token) {
	switch {
	case p.err != nil:
	case declarationOf[name.text] != nil:
		p.fail(name.at, "%s declares something behind the inputs, expected all declarations before them", name.text)
	default:
		p.fail(name.at, "unknown operation %s%s", short(name.text), nearestKnown(name.text, opcodeNames()))
	}
}

// result checks that a name stands before the operation if it makes a value.
func (p *parser) result(code Opcode, result, name token) {
	want := code.Info().Result
	switch {
	case want == Void && result.kind != tokEnd:
		p.fail(result.at, "%s makes no value, expected no name before it", code)
	case want != Void && result.kind == tokEnd:
		p.fail(name.at, "%s makes a value, expected a name for it: %s1 = %s", code, letterOf(want), code.usage())
	case want != Void:
		if typ := p.newName(result); typ != want {
			p.fail(result.at, "%s names %s, expected %s: %s makes %s", short(result.text), typeNames[typ],
				typeNames[want], code, typeNames[want])
		}
	}
}

// order checks that an operation may stand behind the one before.
func (p *parser) order(code Opcode, at place) {
	before := OpInvalid
	if n := p.build.Len(); n > 0 {
		before = p.trace.Ops[n-1].Code
	}
	switch {
	case before == Jump || before == Finish:
		p.fail(at, "%s stands behind %s, which ends the trace", code, before)
	case before.Has(Checked) && !isOverflowGuard(code):
		p.noOverflowGuard()
	case isOverflowGuard(code) && !before.Has(Checked):
		p.fail(at, "%s needs int_add_ovf, int_sub_ovf or int_mul_ovf directly before it", code)
	case code == Label && p.label != nil:
		p.fail(at, "a second label, expected one at most")
	}
}

// noOverflowGuard says that the operation before has no overflow guard.
func (p *parser) noOverflowGuard() {
	before := p.trace.Ops[p.build.Len()-1].Code
	p.fail(p.where.name, "%s has no overflow guard, expected guard_no_overflow or guard_overflow directly behind it", before)
}

// exit reads the failargs, and the pending stores.
func (p *parser) exit(op *Op) {
	t := p.peek()
	p.where.end = t.at
	p.fault(checkExit(op.Code, t.kind == '['))
	if p.err != nil || t.kind != '[' {
		return
	}
	op.Exit = p.build.exits.one()
	op.Exit.Failargs = p.failargs()
	if p.peek().kind == '{' {
		p.next()
		p.list('}', func() { op.Exit.Pending = append(op.Exit.Pending, p.pending()) })
	}
}

// control notes the label, and checks the jump to it.
func (p *parser) control(op *Op) {
	switch op.Code {
	case Label:
		p.label = op
	case Jump:
		if p.label != nil {
			p.fault(checkJump(op, p.label.Args, targetLabel))
		}
		at := p.where
		at.args = slices.Clone(at.args)
		p.trace.jumpAt = &at
	}
}

// end checks what can be said only at the end of the text.
func (p *parser) end() {
	if !p.hasInputs {
		p.fail(place{int32(max(p.line, 1)), 1}, "the trace has no inputs, expected a line such as [i0, p1]")
		return
	}
	if n := p.build.Len(); n > 0 && p.trace.Ops[n-1].Code.Has(Checked) {
		p.noOverflowGuard()
	}
}
