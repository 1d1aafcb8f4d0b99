package backend_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	backend "metatrace/chapters/05-backend"
	"metatrace/internal/exercise"
)

// This file has the cases by hand of the exercises about registers: each with what
// goes in, what comes out, and why.

// lowerText returns the lowered trace that a text stands for, such as
//
//	in v0; label v0; v1 = add v0 1; guard v1 v0 -> v1; jump v1
//
// Numbers are constants. Behind -> are the Values of the exit, behind then those of
// its Then.
func lowerText(text string) *backend.Lowered {
	p := caseParser{&backend.Lowered{Label: -1}}
	for n := 0; strings.Contains(text, fmt.Sprintf("v%d", n)); n++ {
		p.l.Values = append(p.l.Values, backend.Info{})
	}
	for i, line := range strings.Split(text, "; ") {
		if i == 0 {
			p.l.Inputs = p.values(strings.TrimPrefix(line, "in"))
			continue
		}
		in := p.instruction(line)
		if in.Code == backend.LabelHere {
			p.l.Label = i - 1
		}
		p.l.Insts = append(p.l.Insts, in)
	}
	return p.l
}

// caseParser reads the text of a lowered trace.
type caseParser struct{ l *backend.Lowered }

// value returns the value with a name. Constants get numbers as they come, behind
// those of all others.
func (p caseParser) value(name string) backend.Value {
	if !strings.HasPrefix(name, "v") {
		bits, err := strconv.ParseUint(name, 10, 64)
		if err != nil {
			panic("a case has a value that is none: " + name)
		}
		p.l.Values = append(p.l.Values, backend.Info{Const: true, Bits: bits})
		return backend.Value(len(p.l.Values) - 1)
	}
	n, err := strconv.Atoi(name[1:])
	if err != nil || n >= len(p.l.Values) {
		panic("a case has a value that is none: " + name)
	}
	return backend.Value(n)
}

func (p caseParser) values(names string) (list []backend.Value) {
	for _, name := range strings.Fields(names) {
		list = append(list, p.value(name))
	}
	return list
}

// caseCodes are the instructions that cases may have.
var caseCodes = map[string]backend.Opcode{
	"add": backend.Add, "mul": backend.Mul, "addovf": backend.AddOvf, "store": backend.Store,
	"guard": backend.Guard, "ask": backend.Ask, "leave": backend.Leave, "label": backend.LabelHere, "jump": backend.Jump,
}

func (p caseParser) instruction(line string) backend.Inst {
	in := backend.Inst{Dst: backend.None, Args: [3]backend.Value{backend.None, backend.None, backend.None}}
	what, exit, leaves := strings.Cut(line, " ->")
	if dst, rest, ok := strings.Cut(what, " = "); ok {
		in.Dst, what = p.value(dst), rest
	}
	name, args, _ := strings.Cut(what, " ")
	code, ok := caseCodes[name]
	if !ok {
		panic("a case has an instruction that is none: " + name)
	}
	if in.Code = code; code == backend.LabelHere || code == backend.Jump {
		in.List = p.values(args)
	} else {
		copy(in.Args[:], p.values(args))
	}
	if leaves {
		own, then, both := strings.Cut(exit, " then")
		in.Exit = &backend.Exit{Values: p.values(own)}
		if both {
			in.Exit.Then = &backend.Exit{Values: p.values(then)}
		}
	}
	return in
}

// rangesText returns the ranges of some values, such as v0 {-1 5}, v1 {0 2} {4 5}. Those
// of constants are left out if there are none, as it should be.
func rangesText(l *backend.Lowered, ranges []backend.LiveRange) string {
	var list []string
	for v, r := range ranges {
		if l.Values[v].Const && len(r) == 0 {
			continue
		}
		text := fmt.Sprintf("v%d", v)
		for _, s := range r {
			text += fmt.Sprintf(" {%d %d}", s.From, s.To)
		}
		list = append(list, text)
	}
	return strings.Join(list, ", ")
}

var rangeCases = []struct{ rule, trace, want string }{
	{"a value is alive from the instruction that makes it to the last one that uses it",
		"in v0 v1; v2 = add v0 v1; v3 = mul v2 v0; store v3 v3; leave", "v0 {-1 1}, v1 {-1 0}, v2 {0 1}, v3 {1 2}"},
	{"an input that nobody uses has no span, and neither has a result",
		"in v0 v1; v2 = add v0 v0; leave", "v0 {-1 0}, v1, v2"},
	{"constants are alive nowhere",
		"in v0; v1 = add v0 7; store v1 8; leave -> 9", "v0 {-1 0}, v1 {0 1}"},
	{"what an exit wants is used, by the instruction that has the exit",
		"in v0 v1; v2 = add v0 v1; guard v2 v2 -> v0; leave -> v1", "v0 {-1 1}, v1 {-1 2}, v2 {0 1}"},
	{"an exit is taken behind its instruction: it may want the result, and nobody else",
		"in v0; v1 = addovf v0 v0 -> v1; leave", "v0 {-1 0}, v1 {0 0}"},
	{"the Values of the exit's Then are used, too",
		"in v0 v1; ask -> v0 then v1; leave", "v0 {-1 0}, v1 {-1 0}"},
	{"the jump makes an argument of the label anew: between its last use and {n-1 n} is a hole, n being the number of instructions",
		"in v0; label v0; v1 = add v0 v0; v2 = mul v1 v1; jump v2", "v0 {-1 1} {3 4}, v1 {1 2}, v2 {2 3}"},
	{"what comes from before the loop, is used in it, and is no argument of the label, is used in the next iteration again: it is alive to the end",
		"in v0 v1; label v0; v2 = add v0 v1; v3 = mul v2 v2; jump v3", "v0 {-1 1} {3 4}, v1 {-1 4}, v2 {1 2}, v3 {2 3}"},
	{"also an argument of the label that is made before it has a hole",
		"in v0; v1 = add v0 v0; label v1; v2 = mul v1 v0; v3 = add v2 v0; jump v3", "v0 {-1 5}, v1 {0 2} {4 5}, v2 {2 3}, v3 {3 4}"},
	{"spans that meet are one",
		"in v0 v1; label v0 v1; v2 = add v0 v1; jump v2 v1", "v0 {-1 1} {2 3}, v1 {-1 3}, v2 {1 2}"},
	{"an argument that the loop does not use is alive up to the label, and from the jump on",
		"in v0; label v0; v1 = add 1 2; jump v1", "v0 {-1 0} {2 3}, v1 {1 2}"},
	{"a value of the loop ends where it is used last, though another iteration comes",
		"in v0; label v0; v1 = add v0 1; guard v1 v0 -> v1; v2 = add v0 2; jump v2", "v0 {-1 3} {4 5}, v1 {1 2}, v2 {3 4}"},
	{"what is used before the loop only ends there",
		"in v0 v1; v2 = add v0 v1; label v2; v3 = add v2 v1; jump v3", "v0 {-1 0}, v1 {-1 4}, v2 {0 2} {3 4}, v3 {2 3}"},
	{"a label alone is no loop: without a jump there is no next iteration",
		"in v0 v1; label v0; v2 = add v0 v1; leave -> v2", "v0 {-1 1}, v1 {-1 1}, v2 {1 2}"},
	{"an exit in the loop uses what comes from before it: it is alive to the end",
		"in v0 v1; label v0; guard v0 0 -> v1; v2 = add v0 1; jump v2", "v0 {-1 2} {3 4}, v1 {-1 4}, v2 {2 3}"},
}

// checkRangeCases asks f for the ranges of the cases.
func checkRangeCases(t exercise.TB, f liveRanges) {
	t.Helper()
	for _, c := range rangeCases {
		l := lowerText(c.trace)
		var got []backend.LiveRange
		exercise.ComesBack(t, func() string { return "LiveRanges of the trace\n" + numbered(l) }, func() { got = f(l) })
		sameRanges(t, l, c.want, got, c.rule)
	}
}

// sameRanges compares the ranges of a trace with what is wanted.
func sameRanges(t exercise.TB, l *backend.Lowered, want string, got []backend.LiveRange, rule string) {
	t.Helper()
	if len(got) != len(l.Values) {
		t.Fatalf("LiveRanges returns %d ranges for a trace with %d values\nrule: there is a range for each value, at its number; it may be empty\n%s",
			len(got), len(l.Values), numbered(l))
	}
	text := rangesText(l, got)
	if text == want {
		return
	}
	var wrong []string
	wanted := strings.Split(want, ", ")
	for i, r := range strings.Split(text, ", ") {
		if i < len(wanted) && r != wanted[i] {
			wrong = append(wrong, fmt.Sprintf("  %-24s want  %s", r, wanted[i]))
		}
	}
	if len(wrong) == 0 || len(wanted) != strings.Count(text, ", ")+1 {
		wrong = []string{"  " + text, "want  " + want}
	}
	t.Fatalf("LiveRanges:\n%s\nof the trace\n%srule: %s", strings.Join(wrong, "\n"), numbered(l), rule)
}

// numbered returns the text of a trace with the numbers of its instructions.
func numbered(l *backend.Lowered) string {
	lines := strings.Split(strings.TrimSpace(l.String()), "\n")
	for i := range lines {
		if i > 0 { // the inputs are -1
			if x := l.Insts[i-1].Exit; x != nil && x.Then != nil {
				var names []string
				for _, v := range x.Then.Values {
					names = append(names, l.ValueName(v))
				}
				lines[i] += fmt.Sprintf(" then %s", names) // as [v0 v1]
			}
		}
		lines[i] = fmt.Sprintf("  %2d  %s\n", i-1, lines[i])
	}
	return strings.Join(lines, "")
}

var chooseCases = []struct {
	rule  string
	free  [][2]int32 // register, Until
	end   int32
	hints []backend.Reg
	want  backend.Reg
}{
	{"there is only one", [][2]int32{{4, 3}}, 10, nil, 4},
	{"of those that suit, the one that is needed soonest", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 10, nil, 2},
	{"a register suits that is needed at the very end", [][2]int32{{0, 20}, {1, 10}}, 10, nil, 1},
	{"if none suits, the one that is needed last", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 30, nil, 1},
	{"of equals it is the first in free", [][2]int32{{5, 9}, {1, 9}}, 5, nil, 5},
	{"of equals it is the first in free", [][2]int32{{5, 9}, {1, 9}}, 10, nil, 5},
	{"the first hint that is free and suits is taken", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 10, []backend.Reg{1}, 1},
	{"a hint that does not suit is as good as none", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 10, []backend.Reg{0}, 2},
	{"a hint that is not free is as good as none", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 10, []backend.Reg{7}, 2},
	{"the order of hints counts, not that of free", [][2]int32{{0, 20}, {1, 20}}, 10, []backend.Reg{1, 0}, 1},
	{"the next hint may do", [][2]int32{{0, 9}, {1, 20}, {2, 12}}, 10, []backend.Reg{7, 0, 1}, 1},
}

func checkChooseCases(t exercise.TB, f chooseRegister) {
	t.Helper()
	for _, c := range chooseCases {
		var free []backend.FreeRegister
		for _, r := range c.free {
			free = append(free, backend.FreeRegister{Reg: backend.Reg(r[0]), Until: r[1]})
		}
		sameChoice(t, free, c.end, c.hints, f, c.want, c.rule)
	}
}

// sameChoice asks f for a register, and compares.
func sameChoice(t exercise.TB, free []backend.FreeRegister, end int32, hints []backend.Reg, f chooseRegister, want backend.Reg, rule string) {
	t.Helper()
	if got := f(slices.Clone(free), end, hints); got != want {
		var list []string
		for _, r := range free {
			list = append(list, fmt.Sprintf("R%d until %d", r.Reg, r.Until))
		}
		t.Fatalf("ChooseRegister of %s, with the end %d and the hints %v, is R%d, want R%d\nrule: %s",
			strings.Join(list, ", "), end, hints, got, want, rule)
	}
}

const never = backend.Never

var victimCases = []struct {
	rule       string
	candidates []backend.Candidate
	want       int
}{
	{"there is only one", []backend.Candidate{{Next: 3}}, 0},
	{"the one whose next use is furthest away goes", []backend.Candidate{{Next: 3}, {Next: 9}, {Next: 5}}, 1},
	{"what is never used in a register again is furthest", []backend.Candidate{{Next: 3}, {Next: never}, {Next: 5}}, 1},
	{"a constant needs no store: its distance counts twice", []backend.Candidate{{Next: 9}, {Next: 5, Const: true}}, 1},
	{"twice is not more than that", []backend.Candidate{{Next: 11}, {Next: 5, Const: true}}, 0},
	{"what is stored needs no store: its distance counts twice", []backend.Candidate{{Next: 9}, {Next: 5, Stored: true}, {Next: 3, Const: true}}, 1},
	{"what is both counts twice, not four times", []backend.Candidate{{Next: 11}, {Next: 5, Const: true, Stored: true}}, 0},
	{"of equals a constant goes first", []backend.Candidate{{Next: 8}, {Next: 4, Stored: true}, {Next: 4, Const: true}}, 2},
	{"of equals what is stored goes before what is not", []backend.Candidate{{Next: 8}, {Next: 4, Stored: true}}, 1},
	{"of equals the first in the list goes", []backend.Candidate{{Next: 2}, {Next: 8}, {Next: 8}}, 1},
	{"twice Never is further than Never, and not a negative number", []backend.Candidate{{Next: never}, {Next: never, Stored: true}}, 1},
	{"twice Never is further than Never, and not a negative number", []backend.Candidate{{Next: never, Const: true}, {Next: 7}}, 0},
}

func checkVictimCases(t exercise.TB, f victim) {
	t.Helper()
	for _, c := range victimCases {
		sameVictim(t, c.candidates, f, c.want, c.rule)
	}
}

// sameVictim asks f for a victim, and compares.
func sameVictim(t exercise.TB, candidates []backend.Candidate, f victim, want int, rule string) {
	t.Helper()
	got := f(slices.Clone(candidates))
	if got == want {
		return
	}
	var list []string
	for _, c := range candidates {
		text := fmt.Sprintf("{Next: %d", c.Next)
		if c.Next == never {
			text = "{Next: Never"
		}
		if c.Const {
			text += ", Const"
		}
		if c.Stored {
			text += ", Stored"
		}
		list = append(list, text+"}")
	}
	t.Fatalf("Victim of %s is %d, want %d\nrule: %s", strings.Join(list, " "), got, want, rule)
}

// moveCases are moves, as texts, and what has to be understood of them.
var moveCases = []struct{ rule, moves string }{
	{"nothing to move, no moves", ""},
	{"one move is itself", "R1=R0"},
	{"a move whose Dst is its Src is none", "R1=R1"},
	{"what is overwritten has to be read before", "R1=R0 R2=R1"},
	{"the order in which they are given does not count", "R2=R1 R1=R0"},
	{"a place may be read by several", "R1=R0 R2=R0 R0=R3"},
	{"a cycle has no first move: a copy in temp opens it", "R1=R0 R0=R1"},
	{"a longer cycle takes no more copies", "R1=R0 R2=R1 R0=R2"},
	{"each cycle is opened by itself", "R1=R0 R0=R1 R3=R2 R2=R3"},
	{"what hangs on a cycle reads it before", "R1=R0 R0=R1 R2=R1 R3=R2"},
	{"slots and registers of both kinds are places like any others", "R1=[0] [0]=F1 F1=R1 F2=[3]"},
	{"R1 and F1 are two places", "R1=F1 F2=R1"},
	{"a constant is no place that anybody overwrites", "R1=v1 R2=R1"},
}

func checkMoveCases(t exercise.TB, f parallelMoves) {
	t.Helper()
	for _, c := range moveCases {
		var moves []backend.Move
		for _, text := range strings.Fields(c.moves) {
			dst, src, _ := strings.Cut(text, "=")
			moves = append(moves, backend.Move{Dst: place(dst), Src: place(src)})
		}
		checkMoves(t, f, moves, c.rule)
	}
}
