package backend

import (
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"metatrace/chapters/05-backend/native"
)

// disassembled is a part of the code, an instruction a line, with its offset.
type disassembled struct {
	lines   []string
	padding int // bytes at the start that do nothing, and are not among lines
}

// code disassembles a part of the code.
func (p *lister) code(from, to int) (d disassembled) {
	for at := from; at < to; {
		text, n := p.Machine.Disassemble(p.Code[at:to], uint64(at))
		if p.patches[at] != "" {
			d.lines = append(d.lines, fmt.Sprintf("%04x  nop ; %s", at, p.patches[at]))
		} else if isPadding(text) && len(d.lines) == 0 {
			d.padding += n
		} else if !isPadding(text) {
			d.lines = append(d.lines, fmt.Sprintf("%04x  %s", at, p.explain(at, n, text)))
		}
		at += max(n, 1)
	}
	return d
}

// isPadding reports whether an instruction does nothing, or is never executed: it puts
// what comes next at an address that is good for it.
func isPadding(text string) bool {
	return strings.HasPrefix(strings.TrimPrefix(text, "data16 "), "nop") || strings.HasPrefix(text, "int3") || strings.HasPrefix(text, "int 0x3")
}

// jumpText is an instruction with an address in the code; the address is the last operand.
var jumpText = regexp.MustCompile(`^(j\w+|b|b\.\w+|cbn?z|tbn?z|lea|adr) .*?((?:\.\+?)?0x[0-9a-f]+)$`)

// contextText is an operand in the context, or in g.
var contextText = regexp.MustCompile(`\[(r15|x26|r14|x28)(?:[+,] ?#?(0x[0-9a-f]+|\d+))?\]`)

// relative is an operand at a distance from the next instruction.
var relative = regexp.MustCompile(`\[rip([+-]0x[0-9a-f]+)\]`)

// sized are the sizes of operands in memory where a register says the size as well.
var sized = regexp.MustCompile(`^(\w+) (?:qword (\[[^]]*\], \w+$)|(\w+, )qword (\[.*)$)`)

// explain gives names to what an instruction of n bytes refers to.
func (p *lister) explain(at, n int, text string) string {
	if m := sized.FindStringSubmatch(text); m != nil && !strings.HasPrefix(m[2][strings.Index(m[2], "]")+1:], ", 0x") {
		text = m[1] + " " + m[2] + m[3] + m[4]
	}
	if m := jumpText.FindStringSubmatch(text); m != nil {
		to, err := strconv.ParseInt(m[2], 0, 64)
		switch {
		case p.far[at] != "":
			return strings.TrimSuffix(text, m[2]) + p.far[at]
		case err != nil:
		case p.targets[int(to)] != "":
			return strings.TrimSuffix(text, m[2]) + p.targets[int(to)]
		case int(to) == at+n && strings.HasPrefix(p.targets[at], "exit"):
			return note(text, "a bridge can be attached here")
		}
	}
	if m := relative.FindStringSubmatch(text); m != nil {
		distance, _ := strconv.ParseInt(m[1], 0, 64)
		return note(text, fmt.Sprintf("%04x", at+n+int(distance)))
	}
	m := contextText.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	if m[1] == "r14" || m[1] == "x28" {
		return note(text, "stop?")
	}
	offset, _ := strconv.ParseInt(m[2], 0, 64) // 0 if there is none
	names := p.contextName(int(offset))
	if strings.HasPrefix(text, "stp") || strings.HasPrefix(text, "ldp") { // two words
		names += ", " + p.contextName(int(offset)+8)
	}
	return note(text, names)
}

func note(text, what string) string {
	if what == "" {
		return text
	}
	return text + " ; " + what
}

// contextNames are the words of the context.
var contextNames = map[int]string{
	native.ExitAt: "exit", native.ResumeAt: "resume", native.ResultAt: "result", native.CursorAt: "cursor",
	native.StackAt: "stack", native.RoomAt: "room", native.DepthAt: "depth",
	native.LimitAt: "limit", native.ObjectsAt: "objects", native.BudgetAt: "budget", native.IterationsAt: "iterations",
}

func (p *lister) contextName(offset int) string {
	switch {
	case offset >= native.SlotsAt:
		return fmt.Sprintf("slot %d", (offset-native.SlotsAt)/8)
	case offset >= native.SaveAt:
		n := (offset - native.SaveAt) / 8
		loc := Loc{InReg, int32(n)}
		if n >= 32 {
			loc = Loc{InFloat, int32(n - 32)}
		}
		return "saved " + p.chart.name(loc)
	}
	return contextNames[offset]
}

// pool writes the constants that instructions load.
func (p *lister) pool(from, to int) {
	if from += (to - from) % 8; from >= to { // the first bytes may fill a gap
		return
	}
	p.out.WriteString("\nconstants\n")
	for at := from; at+8 <= to; at += 8 {
		bits := binary.LittleEndian.Uint64(p.Code[at:])
		fmt.Fprintf(&p.out, "    %04x  %#016x", at, bits)
		if f := math.Float64frombits(bits); bits != 0 && math.Abs(f) > 1e-300 && math.Abs(f) < 1e300 {
			fmt.Fprintf(&p.out, "  as a float %v", f)
		}
		p.out.WriteString("\n")
	}
}
