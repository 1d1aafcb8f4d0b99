package tiny

import (
	"fmt"
	"strconv"
	"strings"
)

// FormatFloat writes a float as print does: the shortest text that reads as
// this float and as no integer.
func FormatFloat(f float64) string {
	s := strconv.FormatFloat(f, 'g', -1, 64)
	switch {
	case strings.HasSuffix(s, "Inf") || s == "NaN":
		return strings.ToLower(strings.TrimPrefix(s, "+"))
	case strings.ContainsAny(s, ".e"):
		return s
	}
	return s + ".0"
}

// String returns k as a program may write it.
func (k Const) String() string {
	if k.IsFloat {
		return FormatFloat(k.Float())
	}
	return strconv.FormatInt(k.Int(), 10)
}

// String lists all bytecode of the program.
func (p *Program) String() string {
	var b strings.Builder
	for _, f := range p.Funcs {
		b.WriteString(f.String() + "\n")
	}
	b.WriteString(p.Main.String())
	return b.String()
}

// String lists the instructions, each group below its source line.
func (c *Code) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s, stack %d\n", c.Name,
		count(c.Params, "parameter"), count(c.Locals, "local"), c.MaxStack)
	lines := strings.Split(c.Program.Source, "\n")
	last := int32(0)
	for pc := range c.Ops {
		if line := c.Pos[pc].Line; line != last {
			fmt.Fprintf(&b, "%4d: %s\n", line, strings.TrimSpace(lines[line-1]))
			last = line
		}
		fmt.Fprintf(&b, "%10d  %s\n", pc, c.Instr(pc))
	}
	return b.String()
}

// Instr is the instruction at pc as text, with names for its numbers.
func (c *Code) Instr(pc int) string {
	p, in := c.Program, c.Ops[pc]
	operand := ""
	switch table[in.Op].args {
	case none:
		return in.Op.String()
	case aConst:
		operand = p.Consts[in.A].String()
	case aLocal:
		operand = c.LocalNames[in.A]
	case aTarget:
		operand = strconv.Itoa(int(in.A))
	case aLoop:
		operand = fmt.Sprintf("%d (loop %d)", in.A, in.B)
	case aFunc:
		operand = fmt.Sprintf("%s %d", p.Funcs[in.A].Name, in.B)
	case aFuncs:
		operand = p.Funcs[in.A].Name + " " + p.Funcs[in.B].Name
	case aClass:
		operand = fmt.Sprintf("%s %d", p.Classes[in.A].Name, in.B)
	case aField:
		operand = p.FieldNames[in.A]
	case bCount:
		operand = strconv.Itoa(int(in.B))
	}
	return fmt.Sprintf("%-9s %s", in.Op, operand)
}
