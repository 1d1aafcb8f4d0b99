package bridges_test

import (
	"fmt"
	"strings"

	"metatrace/chapters/02-guards/tiny/guesttest"
	"metatrace/chapters/02-guards/tiny/treewalk"
)

// hot makes a program out of bytes that has more than guesttest's in it that gets hot:
// functions with loops that call one another, and themselves, values that change their
// shape, conditions that go the other way now and then. Types are kept to, so that most
// programs get to their end. Each function takes how deep it may call others: calls of
// those before it pass that on, all others pass less, so every program ends.
type hot struct {
	bytes []byte
	b     strings.Builder
	funcs int // declared in all
	self  int // the one that is being made; funcs: the main program
	loops int // declared in this function
	depth int // loops around this statement
	left  int // statements that may still be made here
}

const maxLoops = 4

func hotProgram(data []byte) guesttest.Program {
	g := &hot{bytes: data}
	g.funcs = 2 + g.pick(4)
	g.b.WriteString("(class P x y) (class Q v next)\n")
	for g.self = range g.funcs {
		fmt.Fprintf(&g.b, "(fun f%d (d i0 i1)\n", g.self)
		g.body(10 + g.pick(6))
		fmt.Fprintf(&g.b, "%s)\n", g.int(2))
	}
	g.self = g.funcs
	fmt.Fprintf(&g.b, "(var d %d) (var i0 1) (var i1 2)\n", 1+g.pick(4))
	g.body(24)
	g.b.WriteString("(print i0 i1 i2 i3 x0 w0 w1)\n(print p0 p1 q0 r0)\n")
	return guesttest.Program{Name: "hot", Src: g.b.String()}
}

// hotWalk is the oracle: it has more fuel than guesttest's.
func hotWalk(p guesttest.Program) (want guesttest.Outcome, ended bool) {
	var out strings.Builder
	err := treewalk.Run(p.Name, p.Src, &out, 600_000)
	if err != nil {
		want.Err = err.Error()
	}
	want.Out = out.String()
	return want, err != treewalk.ErrFuel
}

func (g *hot) pick(n int) int {
	if len(g.bytes) == 0 {
		return 0
	}
	b := g.bytes[0]
	g.bytes = g.bytes[1:]
	return int(b) % n
}

func (g *hot) of(list ...string) string { return list[g.pick(len(list))] }

func (g *hot) say(format string, args ...any) { fmt.Fprintf(&g.b, format+"\n", args...) }

func (g *hot) body(statements int) {
	g.loops, g.depth, g.left = 0, 0, statements
	g.say("(var i2 3) (var i3 0) (var x0 0.5) (var w0 nil) (var w1 1) (var t nil) (var q0 nil) (var q1 nil)")
	g.say("(var p0 (new P 1 2)) (var p1 (new P 3 nil)) (var r0 (array 8 1)) (var n0 0) (var n1 0) (var n2 0) (var n3 0)")
	if g.self == g.funcs || g.pick(2) == 0 {
		g.loop(g.self == g.funcs)
	}
	g.block(3)
}

func (g *hot) block(n int) {
	for range n {
		if g.left--; g.left < 0 {
			return
		}
		g.statement()
	}
}

// loop is one that goes round a fixed number of times; long ones are for the main program.
func (g *hot) loop(long bool) {
	if g.loops == maxLoops || g.depth == 3 {
		g.say("(set i3 (+ i3 1))")
		return
	}
	rounds := 2 + g.pick(9)
	if long {
		rounds = 20 + g.pick(60)
	}
	n := fmt.Sprintf("n%d", g.loops)
	g.loops++
	g.depth++
	g.say("(set %s 0)\n(while (< %s %s)\n(set %s (+ %s 1))", n, n, g.of(fmt.Sprint(rounds), fmt.Sprint(rounds), fmt.Sprintf("(& i0 %d)", rounds)), n, n)
	g.block(2 + g.pick(4))
	if g.pick(5) == 0 {
		g.say("(if (> %s %d) (set %s 1000))", g.int(1), g.pick(200), n) // break
	}
	g.say(")")
	g.depth--
}

func (g *hot) statement() {
	i, p := fmt.Sprintf("i%d", g.pick(4)), fmt.Sprintf("p%d", g.pick(2))
	switch g.pick(30) {
	case 0, 1, 2:
		g.say("(set %s (& %s 1023))", i, g.int(3))
	case 3, 4, 5:
		g.loop(false)
	case 6, 7, 8:
		g.say("(if %s (do", g.condition())
		g.block(1 + g.pick(2))
		g.say(") (do")
		g.block(g.pick(2))
		g.say("))")
	case 9, 10, 11:
		g.say("(set %s (& %s 1023))", i, g.call())
	case 12:
		g.say("(set %s (new P %s %s))", p, g.int(1), g.any())
	case 13:
		g.say("(set (. %s x) %s) (set (. %s y) %s)", p, g.int(2), p, g.any())
	case 14:
		g.say("(set t p0) (set p0 p1) (set p1 t)")
	case 15:
		g.say("(set q0 (new Q %s q0)) (if (= (& (. q0 v) 7) %d) (set q0 nil))", g.int(1), g.pick(8))
	case 16:
		g.say("(set q1 q0) (set i3 0) (while (and q1 (< i3 %d)) (set i3 (+ i3 1)) (set i2 (& (+ i2 (. q1 v)) 255)) (set q1 (. q1 next)))", 1+g.pick(7))
	case 17:
		g.say("(set w%d %s)", g.pick(2), g.any())
	case 18:
		g.say("(set w%d (if %s %s (if %s %s %s)))", g.pick(2), g.condition(), g.any(), g.condition(), g.any(), g.any())
	case 19:
		g.say("(set x0 (+ (* x0 0.5) %s))", g.of("i0", "i1", "1.5", "n0"))
	case 20:
		g.say("(set (at r0 (& %s 7)) %s)", g.int(1), g.of("i0", "w0", "n0", "7"))
	case 21:
		g.say("(if (= (%% n0 %d) %d) (print %s %s))", 3+g.pick(20), g.pick(3), g.any(), g.int(1))
	case 22:
		f := g.pick(g.funcs)
		g.say("(if (= (%% n0 %d) 2) (redefine f%d f%d) (if (= (%% n0 %d) 5) (redefine f%d f%d)))", 3+g.pick(20), f, g.pick(f+1), 6+g.pick(20), f, f)
	case 23:
		g.say("(if (= (promote (& %s %d)) %d) (set i2 (& (+ i2 1) 255)))", i, 1<<g.pick(5)-1, g.pick(4))
	case 24:
		if g.pick(3) == 0 {
			g.say("(if (= i0 %d) (return %s))", g.pick(300), g.int(1))
		}
	case 25:
		g.late()
	case 26:
		g.say("(set %s %s)", g.of("p0", "p1"), g.of("p0", "p1", "(if (= (& i1 1) 0) p0 p1)"))
	case 27:
		g.say("(set %s (if (> %s 500) 0 (+ %s %d)))", i, i, i, 1+g.pick(60))
	case 28:
		g.say("(if (nil? w0) (set w0 n0) (set w0 (. p0 y)))")
	case 29:
		g.say("(set (. p0 y) %s) (set (. p1 y) %s)", g.of("p1", "p0", "nil"), g.of("p0", "p1", "w0"))
	}
}

// late makes an error that is come to rarely.
func (g *hot) late() {
	n := 10 + g.pick(400)
	g.say("(if (= %s %d) (set i2 %s))", g.of("i0", "i1", "i2", "(+ i0 n0)", "(+ i1 i2)"), n,
		g.of("(/ 1 (- i3 i3))", "(at r0 9)", "(. nil x)", "(<< 1 64)", "(+ p0 1)", "(array -1)", "(len 5)", "(f0 d 1 nil)"))
}

// call returns a call of any function.
func (g *hot) call() string {
	f := g.pick(g.funcs)
	how := g.of("", "", "", "opaque ")
	args := g.int(1) + " " + g.int(1)
	if f < g.self {
		return fmt.Sprintf("(%sf%d %s %s)", how, f, g.of("d", "(- d 1)"), args)
	}
	return fmt.Sprintf("(if (> d 0) (%sf%d (- d 1) %s) %s)", how, f, args, g.int(0))
}

func (g *hot) condition() string {
	switch g.pick(7) {
	case 0:
		return fmt.Sprintf("(= (& %s %d) 0)", g.int(0), 1<<g.pick(4)-1)
	case 1:
		return fmt.Sprintf("(%s %s %s)", g.of("<", "<=", ">", ">=", "=", "!="), g.int(1), g.int(1))
	case 2:
		return fmt.Sprintf("(= (%% n0 %d) %d)", 2+g.pick(9), g.pick(3))
	case 3:
		return g.of("(nil? w0)", "(nil? w1)", "w0", "(= w0 w1)", "(= p0 p1)", "q0", "(= w0 p0)", "(= (. p0 y) p1)")
	case 4:
		return fmt.Sprintf("(%s %s (= (& %s 3) 1))", g.of("and", "or"), g.of("(nil? w0)", "q0", "(< x0 5)"), g.int(0))
	case 5:
		return fmt.Sprintf("(= (promote (& %s 7)) %d)", g.int(0), g.pick(8))
	}
	return fmt.Sprintf("(%s %s %d)", g.of("<", ">"), g.int(0), g.pick(100))
}

// int returns an expression that is an integer.
func (g *hot) int(depth int) string {
	if depth == 0 || g.pick(4) == 0 {
		return g.of("i0", "i1", "i2", "i3", "n0", "n1", "1", "2", "7", "-3", "d", "(. p0 x)", "(. p1 x)", "(len r0)")
	}
	depth--
	switch g.pick(9) {
	case 0, 1, 2, 3:
		return fmt.Sprintf("(%s %s %s)", g.of("+", "-", "+", "-", "&", "|", "^"), g.int(depth), g.int(depth))
	case 4:
		return fmt.Sprintf("(* %s %s)", g.of("2", "3", "5", "(& i0 15)"), g.of("i1", "i2", "n0"))
	case 5:
		return fmt.Sprintf("(%s %s %s)", g.of("/", "%"), g.int(depth), g.of("3", "7", "-2", "(| i0 1)"))
	case 6:
		return fmt.Sprintf("(if %s %s %s)", g.condition(), g.int(depth), g.int(depth))
	case 7:
		return fmt.Sprintf("(promote (& %s %d))", g.int(depth), 1<<g.pick(4)-1)
	}
	if g.depth < 2 {
		return g.call()
	}
	return g.int(depth)
}

// any returns a value of any shape.
func (g *hot) any() string {
	return g.of("i0", "n0", "x0", "nil", "p0", "p1", "q0", "w0", "w1", "(new P i0 w0)", "(new P n0 (new P i1 nil))", "(new Q i0 q0)",
		"(* i0 4611686018427387904)", "(float i1)", "(array (& i0 3))", "(array 3 w1)", "(. p0 y)", "(+ i0 n0)", "(new P i2 i3)", "r0")
}
