package guesttest

import (
	"fmt"
	"strings"
)

// generator makes a program of tiny out of bytes: any bytes give one that
// compiles, and nearly any that does something. Variables have types that most
// statements keep to, since a program that fails at once tests nothing; some do
// not. Loops count variables of their own, and a function calls only those before it,
// and itself with less to do, so every program ends.
type generator struct {
	bytes []byte
	b     strings.Builder
	loops int  // declared in this function, each with its counter
	depth int  // loops around this statement
	funcs int  // that may be called: those declared before
	self  bool // the function that is being made may call itself
	left  int  // statements that may still be made
}

// generate returns the program.
func generate(data []byte) string {
	g := &generator{bytes: data, left: 60}
	g.b.WriteString("(class P x y) (class Q y next)\n")
	for range g.pick(4) {
		g.function()
	}
	g.loops = 0
	g.declare()
	g.block(4 + g.pick(6))
	g.b.WriteString("(print i0 i1 f0 f1 q0 q1)\n(print o0 o1 a0 a1)\n")
	return g.b.String()
}

// pick returns a number below n; 0 when the bytes are used up.
func (g *generator) pick(n int) int {
	if len(g.bytes) == 0 {
		return 0
	}
	b := g.bytes[0]
	g.bytes = g.bytes[1:]
	return int(b) % n
}

func (g *generator) of(list ...string) string { return list[g.pick(len(list))] }

// function declares f0, f1... Some call themselves, a few calls deep: d says how many
// more there may be.
func (g *generator) function() {
	g.loops = 0
	fmt.Fprintf(&g.b, "(fun f%d (p0 p1)\n", g.funcs)
	g.declare()
	g.b.WriteString("(set i0 (if p0 p0 1)) (set q0 p1)\n")
	if g.self = g.pick(3) == 2; g.self {
		g.b.WriteString("(var d (& i0 7))\n")
	}
	g.block(1 + g.pick(3))
	if g.self {
		fmt.Fprintf(&g.b, "(if (> d 0) (set q1 %s))\n", g.recursion(1))
	}
	fmt.Fprintf(&g.b, "%s)\n", g.any(2))
	g.self = false
	g.funcs++
}

// recursion returns a call of the function that is being made. Less than 0 is 7 again.
func (g *generator) recursion(depth int) string {
	return fmt.Sprintf("(f%d (- d 1) %s)", g.funcs, g.any(depth))
}

func (g *generator) declare() {
	g.b.WriteString("(var i0 0) (var i1 3) (var f0 0.5) (var f1 -2.0) (var o0 (new P 1 2)) (var o1 (new Q 3))\n" +
		"(var a0 (array 8 1)) (var a1 (array 4)) (var q0 nil) (var q1 7)\n")
	for i := range 4 {
		fmt.Fprintf(&g.b, "(var n%d 0)", i)
	}
	g.b.WriteByte('\n')
}

func (g *generator) block(n int) {
	for range n {
		if g.left--; g.left < 0 {
			return
		}
		g.statement()
	}
}

func (g *generator) statement() {
	b := &g.b
	switch g.pick(20) {
	case 0, 1, 2:
		fmt.Fprintf(b, "(set i%d (& %s 65535))\n", g.pick(2), g.int(3))
	case 3:
		fmt.Fprintf(b, "(set f%d %s)\n", g.pick(2), g.float(3))
	case 4:
		fmt.Fprintf(b, "(set o%d %s)\n", g.pick(2), g.object())
	case 5:
		fmt.Fprintf(b, "(set (. o%d %s) %s)\n", g.pick(2), g.of("y", "y", "y", "x"), g.any(2))
	case 6:
		fmt.Fprintf(b, "(set (at a%d (& %s 3)) %s)\n", g.pick(2), g.int(1), g.any(2))
	case 7:
		fmt.Fprintf(b, "(set q%d %s)\n", g.pick(2), g.any(3))
	case 8, 9, 10:
		g.loop()
	case 11, 12:
		fmt.Fprintf(b, "(if %s (do\n", g.condition())
		g.block(1 + g.pick(2))
		b.WriteString(") (do\n")
		g.block(g.pick(2))
		b.WriteString("))\n")
	case 13:
		fmt.Fprintf(b, "(print %s)\n", g.any(2))
	case 14:
		fmt.Fprintf(b, "(if (= i0 %d) (return %s))\n", g.pick(30), g.any(1))
	case 15:
		fmt.Fprintf(b, "(set %s%d %s)\n", g.of("i", "f", "q", "a", "o"), g.pick(2), g.any(2)) // maybe of another type
	case 16:
		g.redefine()
	case 17:
		fmt.Fprintf(b, "(if %s (set q%d %s))\n", g.condition(), g.pick(2), g.call(2))
	case 18:
		fmt.Fprintf(b, "(if (> i0 500) (set i0 0) (set i0 (+ i0 %d)))\n", 1+g.pick(40)) // the other branch once in a while
	case 19:
		g.late()
	}
}

// redefine makes a function what it or one before it is declared as: so calls still
// lead to functions before the caller.
func (g *generator) redefine() {
	if g.funcs == 0 {
		return
	}
	f := g.pick(g.funcs)
	fmt.Fprintf(&g.b, "(if %s (redefine f%d f%d))\n", g.condition(), f, g.pick(f+1))
}

// late makes an error that a loop comes to when it is hot, if it goes round so often.
func (g *generator) late() {
	n := fmt.Sprintf("n%d", g.pick(max(g.loops, 1)))
	switch g.pick(6) {
	case 0:
		fmt.Fprintf(&g.b, "(set q0 (/ 100 (- %s %d)))\n", n, 20+g.pick(20))
	case 1:
		fmt.Fprintf(&g.b, "(set (at a%d (/ %s %d)) %s)\n", g.pick(2), n, 3+g.pick(4), g.any(1))
	case 2:
		fmt.Fprintf(&g.b, "(if (= %s %d) (set o0 nil)) (set q0 (. o0 y))\n", n, 20+g.pick(20))
	default:
		fmt.Fprintf(&g.b, "(if (= %s %d) (print %s))\n", n, 20+g.pick(20), g.any(2))
	}
}

// call returns a call of a function before this one.
func (g *generator) call(depth int) string {
	if g.funcs == 0 {
		return g.any(depth)
	}
	return fmt.Sprintf("(%sf%d %s %s)", g.of("", "", "opaque "), g.pick(g.funcs), g.int(depth-1), g.any(depth-1))
}

// loop goes round a fixed number of times, few where it is inside others.
func (g *generator) loop() {
	if g.loops == 4 || g.depth == 2 {
		fmt.Fprintf(&g.b, "(set q0 %s)\n", g.any(1))
		return
	}
	n := fmt.Sprintf("n%d", g.loops)
	g.loops++
	g.depth++
	rounds := 3 + g.pick(40)
	if g.depth > 1 {
		rounds = 1 + rounds%7
	}
	fmt.Fprintf(&g.b, "(set %s 0)\n(while (< %s %d)\n(set %s (+ %s 1))\n", n, n, rounds, n, n)
	g.block(1 + g.pick(5))
	g.b.WriteString(")\n")
	g.depth--
}

func (g *generator) condition() string {
	switch g.pick(8) {
	case 0:
		return fmt.Sprintf("(= (& n%d %d) 0)", g.pick(4), 1<<g.pick(3))
	case 1:
		return fmt.Sprintf("(%s %s %s)", g.of("<", "<=", ">", ">="), g.int(1), g.int(1))
	case 2:
		return fmt.Sprintf("(%s %s %s)", g.of("<", "<=", ">", ">=", "=", "!="), g.float(1), g.any(1))
	case 3:
		return fmt.Sprintf("(%s %s %s)", g.of("=", "!="), g.any(1), g.any(1))
	case 4:
		return fmt.Sprintf("(%s (nil? %s) %s)", g.of("and", "or"), g.any(1), g.condition())
	case 5:
		return fmt.Sprintf("(= (& i%d %d) %d)", g.pick(2), 1<<g.pick(3), g.pick(2))
	case 6:
		return g.of("(< i0 i1)", "(. o1 next)", "(. o0 y)", "(at a1 (& n0 3))", "(= i0 (promote n0))", "q0")
	}
	return fmt.Sprintf("(= n%d %d)", g.pick(4), g.pick(20))
}

// int returns an expression that mostly is an integer, with others inside up to
// a depth.
func (g *generator) int(depth int) string {
	if depth == 0 {
		return g.of("i0", "i1", "n0", "n1", "i0", "1", "0", "-1", "2", "7", "63",
			"9223372036854775807", "-9223372036854775808", "4294967296", "4611686018427387903", "-4611686018427387905", "n2", "q1")
	}
	depth--
	switch g.pick(13) {
	case 0, 1, 2, 3:
		return fmt.Sprintf("(%s %s %s)", g.of("+", "-", "*"), g.int(depth), g.int(depth))
	case 4:
		return fmt.Sprintf("(%s %s %s)", g.of("/", "%"), g.int(depth), g.of("3", "-1", "7", "n0", g.int(0)))
	case 5, 6:
		return fmt.Sprintf("(%s %s %s)", g.of("&", "|", "^"), g.int(depth), g.int(depth))
	case 7:
		return fmt.Sprintf("(%s %s (& %s 63))", g.of("<<", ">>", ">>>"), g.int(depth), g.int(0))
	case 8:
		return fmt.Sprintf("(%s %s)", g.of("-", "~"), g.int(depth))
	case 9:
		return fmt.Sprintf("(if %s %s %s)", g.condition(), g.int(depth), g.int(depth))
	case 10:
		return fmt.Sprintf("(len a%d)", g.pick(2))
	case 11:
		return fmt.Sprintf("(promote %s)", g.of("(& i0 3)", "i1", "(& n0 1)", g.int(depth)))
	}
	return g.int(0)
}

// float returns an expression that mostly is a float.
func (g *generator) float(depth int) string {
	if depth == 0 {
		return g.of("f0", "f1", "f0", "0.0", "-0.0", "1.5", "1e308", "-3.25", "9007199254740993.0")
	}
	depth--
	switch g.pick(6) {
	case 0, 1, 2:
		return fmt.Sprintf("(%s %s %s)", g.of("+", "-", "*", "/"), g.float(depth), g.of(g.float(depth), g.int(depth)))
	case 3:
		return fmt.Sprintf("(float %s)", g.int(depth))
	case 4:
		return fmt.Sprintf("(- %s)", g.float(depth))
	}
	return g.float(0)
}

func (g *generator) object() string {
	return g.of("o0", "o1", fmt.Sprintf("(new P %s %s)", g.any(1), g.any(0)), fmt.Sprintf("(new Q %s)", g.any(1)), "(new Q 5 o0)")
}

// any returns an expression of any type.
func (g *generator) any(depth int) string {
	switch g.pick(14) {
	case 0, 1, 2:
		return g.int(depth)
	case 3, 4:
		return g.float(depth)
	case 5:
		return fmt.Sprintf("(. o%d %s)", g.pick(2), g.of("y", "y", "y", "y", "x", "next"))
	case 6:
		return fmt.Sprintf("(at a%d (& %s %s))", g.pick(2), g.int(0), g.of("3", "3", "3", "3", "7", "15"))
	case 7:
		return g.of("q0", "q1", "nil")
	case 8:
		if depth == 0 {
			return "o0"
		}
		return g.object()
	case 9:
		return g.of("a0", "a1", fmt.Sprintf("(array (& %s 7) %s)", g.int(0), g.of("0", "nil", "i0", "f0")), "(array 3)")
	case 10:
		if g.funcs == 0 || depth == 0 {
			return "i1"
		}
		return g.call(depth)
	case 11:
		if g.self && depth > 0 {
			return fmt.Sprintf("(if (> d 0) %s)", g.recursion(depth-1))
		}
		return "q0"
	case 12:
		return fmt.Sprintf("(promote %s)", g.of("q0", "i0", "f0", "i1"))
	}
	return fmt.Sprintf("(int %s)", g.of("f0", "i0", "n0", "1.0"))
}
