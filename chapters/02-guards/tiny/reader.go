package tiny

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Pos is a place in a source text. Lines and columns count from 1, columns in
// characters.
type Pos struct{ Line, Col int32 }

// NodeKind says what a Node is.
type NodeKind uint8

// The kinds of nodes.
const (
	List   NodeKind = iota // (...): its items are in Node.List
	Name                   // a word or an operator
	Number                 // an integer or a float: Node.Number
)

// Node is one s-expression: a list, a name or a number. Text is how it is
// written, "(...)" for any list.
type Node struct {
	Kind   NodeKind
	Pos    Pos
	Text   string
	Number Const
	List   []*Node
}

// Head is the name that a list begins with; "" if there is none, or n is no list.
func (n *Node) Head() string {
	if len(n.List) > 0 && n.List[0].Kind == Name {
		return n.List[0].Text
	}
	return ""
}

// maxNesting limits how deep lists may nest, because the compiler recurs.
const maxNesting = 500

// maxAtom limits how long a name or number may be, because messages repeat it.
const maxAtom = 400

// Read splits a source text into its top level forms. It needs no recursion:
// a stack holds the lists that are still open.
func Read(file, src string) ([]*Node, error) {
	r := &reader{file: file, rest: src, pos: Pos{1, 1}}
	open := []*Node{{}} // open[0] collects the top level forms
	for {
		r.skipBlanks()
		if r.rest == "" {
			break
		}
		n := &Node{Pos: r.pos, Text: "(...)"}
		top := open[len(open)-1]
		switch {
		case r.rest[0] == ')' && len(open) == 1:
			return nil, r.errorf(n.Pos, "unexpected ), no list is open here")
		case r.rest[0] == ')':
			r.take(1)
			open = open[:len(open)-1]
			continue
		case r.rest[0] == '(' && len(open) > maxNesting:
			return nil, r.errorf(n.Pos, "lists nest too deep, expected at most %d levels", maxNesting)
		case r.rest[0] == '(':
			r.take(1)
			open = append(open, n)
		default:
			if err := r.atom(n); err != nil {
				return nil, err
			}
		}
		top.List = append(top.List, n)
	}
	if last := open[len(open)-1]; len(open) > 1 {
		return nil, r.errorf(last.Pos, "this ( is never closed, expected ) before the end of the file")
	}
	return open[0].List, nil
}

// reader is the text that is still to be read, and where it stands.
type reader struct {
	file string
	rest string
	pos  Pos
}

func (r *reader) errorf(pos Pos, format string, args ...any) error {
	return &Error{r.file, pos, fmt.Sprintf(format, args...)}
}

// take moves over n bytes and returns them.
func (r *reader) take(n int) string {
	s := r.rest[:n]
	r.rest = r.rest[n:]
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		r.pos.Line += int32(strings.Count(s, "\n"))
		r.pos.Col = 1 + int32(utf8.RuneCountInString(s[i+1:]))
	} else {
		r.pos.Col += int32(utf8.RuneCountInString(s))
	}
	return s
}

const blanks = " \t\r\n"

func (r *reader) skipBlanks() {
	for {
		r.take(len(r.rest) - len(strings.TrimLeft(r.rest, blanks)))
		if !strings.HasPrefix(r.rest, ";") {
			return
		}
		line, _, _ := strings.Cut(r.rest, "\n")
		r.take(len(line))
	}
}

// atom reads a name or a number into n.
func (r *reader) atom(n *Node) error {
	end := strings.IndexAny(r.rest, "();"+blanks)
	if end < 0 {
		end = len(r.rest)
	}
	if end > maxAtom {
		return r.errorf(n.Pos, "a name or number of %d bytes, expected at most %d", end, maxAtom)
	}
	n.Text = r.take(end)
	digits := strings.TrimPrefix(strings.TrimPrefix(n.Text, "-"), ".")
	if digits != "" && '0' <= digits[0] && digits[0] <= '9' {
		return r.number(n)
	}
	for i, c := range n.Text {
		if !strings.ContainsRune("+-*/%<>=!&|^~.?_", c) && !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			pos := Pos{n.Pos.Line, n.Pos.Col + int32(utf8.RuneCountInString(n.Text[:i]))}
			return r.errorf(pos, "unexpected character %q, expected a name, a number or a list", c)
		}
	}
	n.Kind = Name
	return nil
}

func (r *reader) number(n *Node) error {
	n.Kind = Number
	if strings.Trim(n.Text, "-0123456789") == "" {
		i, err := strconv.ParseInt(n.Text, 10, 64)
		n.Number = Const{Bits: uint64(i)}
		if numErr, ok := err.(*strconv.NumError); ok && numErr.Err == strconv.ErrRange {
			return r.errorf(n.Pos, "integer %s needs more than 64 bits, expected %s.0 for a float", n.Text, n.Text)
		} else if err == nil {
			return nil
		}
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	if err != nil || strings.Trim(n.Text, "-+.0123456789eE") != "" {
		return r.errorf(n.Pos, "malformed number %s, expected one like -12, 3.5 or 1e9", n.Text)
	}
	n.Number = Const{IsFloat: true, Bits: math.Float64bits(f)}
	return nil
}
