package tiny

// body compiles one function, or the main program. Its two halves are value,
// which leaves the value of a node on the stack, and effect, which leaves
// nothing: a statement pushes no value only to drop it again.
type body struct {
	*compiler
	code   *Code
	locals map[string]int32
	depth  int // of the stack behind the last instruction
}

// function compiles (fun name (parameter...) body...).
func (c *compiler) function(n *Node) {
	if c.err != nil {
		return
	}
	b := &body{compiler: c, code: c.funcs[n.List[1].Text], locals: map[string]int32{}}
	for i, name := range b.code.LocalNames {
		b.locals[name] = int32(i)
	}
	b.finish(n, n.List[3:])
}

// finish compiles the nodes that give the result of the body n, and its end.
func (b *body) finish(n *Node, nodes []*Node) {
	b.sequence(n, nodes)
	b.emit(n, OpReturn, 0, 0)
	b.code.Locals = len(b.code.LocalNames)
	if size := b.code.Locals + b.code.MaxStack; size > MaxFrame {
		b.fail(n, "%s needs %d slots for variables and intermediate values, expected at most %d",
			b.code.Name, size, MaxFrame)
	}
}

// emit adds an instruction of the form n, and returns its place.
func (b *body) emit(n *Node, op Op, x, y int32) int {
	pops := table[op].pops
	if pops == variable {
		pops = int(y)
	}
	b.depth += table[op].pushes - pops
	b.code.MaxStack = max(b.code.MaxStack, b.depth)
	b.code.Ops = append(b.code.Ops, Instr{op, x, y})
	b.code.Pos = append(b.code.Pos, n.Pos)
	return len(b.code.Ops) - 1
}

// land makes the jump at pc lead to the next instruction.
func (b *body) land(pc int) { b.code.Ops[pc].A = int32(len(b.code.Ops)) }

// check reports whether n is a list that begins with a name, and if that is a
// form, whether it has as many arguments as it takes.
func (b *body) check(n *Node) bool {
	if len(n.List) == 0 || n.List[0].Kind != Name {
		b.fail(n, "expected the name of a function or form behind this (")
		return false
	}
	return b.checkArity(n)
}

// effect compiles n such that it leaves nothing on the stack.
func (b *body) effect(n *Node) {
	if b.err != nil || n.Kind == List && !b.check(n) {
		return
	}
	switch n.Head() {
	case "var":
		b.declareLocal(n)
	case "set":
		b.set(n)
	case "while":
		b.while(n)
	case "print":
		b.values(n.List[1:])
		b.emit(n, OpPrint, 0, int32(len(n.List)-1))
	case "redefine":
		b.redefine(n)
	case "return":
		b.sequence(n, n.List[1:])
		b.emit(n, OpReturn, 0, 0)
	case "do":
		b.effects(n.List[1:])
	case "if":
		b.choose(n, b.effect)
	default:
		b.value(n)
		b.emit(n, OpPop, 0, 0)
	}
}

// value compiles n such that it leaves its value on the stack.
func (b *body) value(n *Node) {
	if n.Kind != List {
		b.atom(n)
		return
	}
	if b.err != nil || !b.check(n) {
		return
	}
	args := n.List[1:]
	switch n.Head() {
	case "var", "set", "while", "print", "redefine", "return":
		b.effect(n)
		b.emit(n, OpNil, 0, 0)
	case "do":
		b.sequence(n, args)
	case "if":
		b.choose(n, b.value)
	case "and":
		b.and(n)
	case "or":
		b.or(n)
	case "not": // nil is the only false value
		b.value(args[0])
		b.emit(n, OpIsNil, 0, 0)
	case "new":
		b.newObject(n)
	case ".":
		b.value(args[0])
		b.emit(n, OpGetField, b.field(args[1]), 0)
	case "opaque":
		b.call(n, OpOpaque, args)
	case "class", "fun":
		b.fail(n, "%s inside another form, expected it at the top level", n.Head())
	default:
		if ops := operators[n.Head()]; ops != nil {
			b.operator(n, ops)
		} else {
			b.call(n, OpCall, n.List)
		}
	}
}

func (b *body) values(nodes []*Node) {
	for _, n := range nodes {
		b.value(n)
	}
}

func (b *body) effects(nodes []*Node) {
	for _, n := range nodes {
		b.effect(n)
	}
}

// sequence compiles nodes of which the last gives the value; nil if there is
// none.
func (b *body) sequence(n *Node, nodes []*Node) {
	if len(nodes) == 0 {
		b.emit(n, OpNil, 0, 0)
		return
	}
	last := len(nodes) - 1
	b.effects(nodes[:last])
	b.value(nodes[last])
}

// atom compiles a number or a name.
func (b *body) atom(n *Node) {
	switch {
	case n.Kind == Number:
		b.emit(n, OpConst, index(b.consts, &b.Consts, n.Number), 0)
	case n.Text == "true":
		b.emit(n, OpConst, index(b.consts, &b.Consts, Const{Bits: 1}), 0)
	case n.Text == "nil" || n.Text == "false":
		b.emit(n, OpNil, 0, 0)
	default:
		b.emit(n, OpLocal, b.local(n), 0)
	}
}

// local finds a variable.
func (b *body) local(n *Node) int32 {
	i, ok := b.locals[n.Text]
	if _, inMain := b.main.locals[n.Text]; !ok && inMain {
		b.fail(n, "unbound name %s; functions do not see the variables of the main program", n.Text)
	} else if !ok {
		b.fail(n, "unbound name %s%s", n.Text, meant(n.Text, keys(b.locals)))
	}
	return i
}

// declareLocal compiles (var x e). The name is known from here to the end of
// the function, not within e.
func (b *body) declareLocal(n *Node) {
	name := b.newNames(n, n.List[1:2])[0]
	b.value(n.List[2])
	if _, twice := b.locals[name]; twice {
		b.fail(n.List[1], "%s is already declared in %s, expected (set %s ...)", name, b.code.Name, name)
	}
	b.emit(n, OpSetLocal, index(b.locals, &b.code.LocalNames, name), 0)
}

// set compiles (set x e), (set (. p x) e) and (set (at a i) e).
func (b *body) set(n *Node) {
	target, e := n.List[1], n.List[2]
	if target.Kind == Name {
		b.value(e)
		b.emit(n, OpSetLocal, b.local(target), 0)
		return
	}
	switch head := target.Head(); {
	case head != "" && !b.checkArity(target):
	case head == ".":
		b.value(target.List[1])
		b.value(e)
		b.emit(target, OpSetField, b.field(target.List[2]), 0)
	case head == "at":
		b.values(target.List[1:])
		b.value(e)
		b.emit(target, OpSetAt, 0, 0)
	default:
		b.fail(target, "expected a name, (. object field) or (at array index) to set")
	}
}

// while compiles (while c e...): the test is on top, so that the target of the
// only backward jump is the loop header.
func (b *body) while(n *Node) {
	header, loop := len(b.code.Ops), len(b.code.Loops)
	b.code.Loops = append(b.code.Loops, int32(header))
	b.value(n.List[1])
	out := b.emit(n, OpJumpNil, 0, 0)
	b.effects(n.List[2:])
	b.emit(n, OpLoop, int32(header), int32(loop))
	b.land(out)
}

// choose compiles (if c a b); branch is value or effect, as the whole is.
func (b *body) choose(n *Node, branch func(*Node)) {
	b.value(n.List[1])
	otherwise := b.emit(n, OpJumpNil, 0, 0)
	before := b.depth
	branch(n.List[2])
	if b.depth == before && len(n.List) == 3 { // an effect, and no else
		b.land(otherwise)
		return
	}
	end := b.emit(n, OpJump, 0, 0)
	b.land(otherwise)
	b.depth = before
	if len(n.List) == 4 {
		branch(n.List[3])
	} else {
		b.emit(n, OpNil, 0, 0)
	}
	b.land(end)
}

// and compiles (and a b...). What is not the last value can only make the
// whole nil.
func (b *body) and(n *Node) {
	var exits []int
	last := len(n.List) - 1
	for _, e := range n.List[1:last] {
		b.value(e)
		exits = append(exits, b.emit(n, OpJumpNil, 0, 0))
	}
	b.value(n.List[last])
	if len(exits) == 0 {
		return
	}
	end := b.emit(n, OpJump, 0, 0)
	for _, pc := range exits {
		b.land(pc)
	}
	b.depth--
	b.emit(n, OpNil, 0, 0)
	b.land(end)
}

// or compiles (or a b...): the first value that is not nil, which stays on the
// stack.
func (b *body) or(n *Node) {
	var ends []int
	last := len(n.List) - 1
	for _, e := range n.List[1:last] {
		b.value(e)
		ends = append(ends, b.emit(n, OpJumpOr, 0, 0))
	}
	b.value(n.List[last])
	for _, pc := range ends {
		b.land(pc)
	}
}

func (b *body) newObject(n *Node) {
	name, args := n.List[1], n.List[2:]
	i, ok := b.classes[name.Text]
	if !ok {
		b.fail(name, "unknown class %s%s", name.Text, meant(name.Text, keys(b.classes)))
		return
	}
	if fields := len(b.Classes[i].Fields); len(args) > fields {
		b.fail(n, "%s has %s, got %d values", name.Text, count(fields, "field"), len(args))
	}
	b.values(args)
	b.emit(n, OpNew, i, int32(len(args)))
}

// field is the index of a field's name. Which classes have it shows at run
// time.
func (b *body) field(n *Node) int32 {
	i, ok := b.fields[n.Text]
	if !ok {
		b.fail(n, "no class has a field %s%s", n.Text, meant(n.Text, keys(b.fields)))
	}
	return i
}

// operator compiles a form of the table of operations.
func (b *body) operator(n *Node, ops []Op) {
	args := n.List[1:]
	for _, op := range ops {
		switch pops := table[op].pops; {
		case pops == len(args):
			b.values(args)
			b.emit(n, op, 0, 0)
			return
		case pops < len(args) && table[op].repeated:
			b.value(args[0])
			for _, e := range args[1:] {
				b.value(e)
				b.emit(n, op, 0, 0)
			}
			return
		}
	}
}

// call compiles the call of the function named by the first node with the
// others as arguments.
func (b *body) call(n *Node, op Op, nodes []*Node) {
	args := nodes[1:]
	f := b.named(nodes[0])
	if f == nil {
		return
	}
	if len(args) > f.Params {
		b.fail(n, "%s takes at most %s, got %d", f.Name, count(f.Params, "argument"), len(args))
	}
	b.values(args)
	b.emit(n, op, int32(f.Index), int32(len(args)))
}

// named finds a function; nil if there is none of this name.
func (b *body) named(n *Node) *Code {
	f := b.funcs[n.Text]
	if f == nil {
		b.fail(n, "unknown function %s%s", n.Text, meant(n.Text, append(keys(b.funcs), keys(forms)...)))
	}
	return f
}

// redefine compiles (redefine f g). Calls of f were checked for the parameters of f, so
// g has as many.
func (b *body) redefine(n *Node) {
	f := b.named(n.List[1])
	g := b.named(n.List[2])
	if f == nil || g == nil {
		return
	}
	if f.Params != g.Params {
		b.fail(n.List[2], "%s has %s, expected %d as %s has", g.Name, count(g.Params, "parameter"), f.Params, f.Name)
	}
	b.emit(n, OpRedefine, int32(f.Index), int32(g.Index))
}
