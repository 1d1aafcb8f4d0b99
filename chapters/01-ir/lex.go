package ir

import (
	"fmt"
	"strings"
)

// A SyntaxError says what is wrong with a trace, and where. Columns count bytes
// from 1, as Go's own tools do. Line 0 means that the place is not known, since
// the trace was not read from a text.
type SyntaxError struct {
	File      string
	Line, Col int
	Msg       string
}

// Error returns FILE:LINE:COLUMN: message.
func (e *SyntaxError) Error() string {
	if e.Line == 0 {
		return e.Msg
	}
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, e.Msg)
}

// A place is where a token begins.
type place struct{ line, col int32 }

// A tokenKind is one of the kinds below; a punctuation mark is its own kind.
type tokenKind byte

const (
	tokEnd   tokenKind = 0 // the end of the line
	tokName  tokenKind = 'n'
	tokInt   tokenKind = 'i'
	tokFloat tokenKind = 'f'
	tokText  tokenKind = '"' // with its quotes
	tokBad   tokenKind = '?' // text is what is wrong
)

type token struct {
	kind tokenKind
	text string
	at   place
}

const punctuation = "=(),[]{}:!"

// lexLine appends the tokens of one line to toks. The last one is tokEnd, right
// behind the last token of the line, or tokBad, where the line can't be read.
func lexLine(line string, number int, toks []token) []token {
	end := 0
	for pos := 0; ; {
		for pos < len(line) && isBlank(line[pos]) {
			pos++
		}
		if pos == len(line) || line[pos] == '#' {
			return append(toks, token{tokEnd, "", place{int32(number), int32(end + 1)}})
		}
		kind, size := lexToken(line[pos:])
		t := token{kind, "", place{int32(number), int32(pos + 1)}}
		if kind == tokBad {
			t.text = badToken(line[pos:])
			return append(toks, t)
		}
		t.text = line[pos : pos+size]
		toks = append(toks, t)
		pos += size
		end = pos
	}
}

// lexToken returns the kind and the size of the token that s begins with.
func lexToken(s string) (tokenKind, int) {
	c := s[0]
	switch {
	case c == '"':
		if n := strings.IndexByte(s[1:], '"'); n >= 0 {
			return tokText, n + 2
		}
		return tokBad, 0
	case strings.IndexByte(punctuation, c) >= 0:
		return tokenKind(c), 1
	case isLetter(c):
		return tokName, nameSize(s)
	}
	return lexNumber(s)
}

// lexNumber reads an integer, or a float such as 1.5, 2., 1e9, -inf.
func lexNumber(s string) (tokenKind, int) {
	n := 0
	if s[0] == '-' {
		n = 1
		if name := s[1 : 1+nameSize(s[1:])]; name == "inf" || name == "nan" {
			return tokFloat, 4
		}
	}
	whole := digits(s[n:])
	if whole == 0 {
		return tokBad, 0
	}
	n += whole
	kind := tokInt
	if n < len(s) && s[n] == '.' {
		kind = tokFloat
		n++
		n += digits(s[n:])
	}
	if n < len(s) && (s[n] == 'e' || s[n] == 'E') {
		kind = tokFloat
		n++
		if n < len(s) && (s[n] == '-' || s[n] == '+') {
			n++
		}
		exponent := digits(s[n:])
		if exponent == 0 {
			return tokBad, 0
		}
		n += exponent
	}
	if n < len(s) && isNameByte(s[n]) {
		return tokBad, 0
	}
	return kind, n
}

// badToken says what is wrong with the token that s begins with.
func badToken(s string) string {
	if s[0] == '"' {
		return "a text has no end, expected a second \" on this line"
	}
	if n := strings.IndexAny(s, " \t\r,()[]{}=#"); n > 0 {
		s = s[:n]
	}
	if s[0] == '-' || isDigit(s[0]) {
		return fmt.Sprintf("%s is no number, expected one such as -7 or 1.5", short(s))
	}
	return fmt.Sprintf("can't read %s", short(s))
}

// short is s as a message can show it: on one line, and not too much of it.
func short(s string) string {
	const most = 40
	if len(s) > most {
		s = s[:most] + "..."
	}
	quoted := fmt.Sprintf("%q", s)
	if quoted == `"`+s+`"` {
		return s
	}
	return quoted
}

func isBlank(c byte) bool    { return c == ' ' || c == '\t' || c == '\r' }
func isDigit(c byte) bool    { return '0' <= c && c <= '9' }
func isLetter(c byte) bool   { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func isNameByte(c byte) bool { return isLetter(c) || isDigit(c) || c == '.' }

func nameSize(s string) int {
	n := 0
	for n < len(s) && isNameByte(s[n]) {
		n++
	}
	return n
}

func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}
