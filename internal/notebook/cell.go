// Package notebook keeps the documents true: it checks every fenced block of a
// README, a cell, against the program, and can rewrite the ones that are not.
//
//	```go file=fold.go#Fold            a declaration or region, letter for letter
//	```console                         "$ command" lines and what they print
//	```trace file=sum.trace            a trace file, letter for letter
//	```trace file=sum.trace opt="…"    what `metatrace opt … sum.trace` prints
//	```text                            not checked
//
// Files are named from the README's folder. Commands run in the module root.
// In what a command prints, … matches anything within a line, and a line of
// nothing but … any number of lines.
//
//	README ──parse──▶ cells ──Book.Check──▶ problems with file, line, diff
//	                        ──Book.Update─▶ README, rewritten
package notebook

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// A cell is one fenced block.
type cell struct {
	Line   int               // of the opening fence, from 1
	Lang   string            // the first word after the fence
	Attrs  map[string]string // the key=value pairs after it
	Body   []string          // the lines inside, without the fence's indentation
	Indent string            // what stands before the fence
}

// A Problem is something wrong with a README.
type Problem struct {
	File string // from the module root
	Line int
	Text string
}

// String returns FILE:LINE: what is wrong.
func (p Problem) String() string { return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Text) }

// A cellError is a problem of a README that is not yet known by name.
type cellError struct {
	line int
	text string
}

func (e *cellError) Error() string { return e.text }

var fence = regexp.MustCompile("^([ \t]*)(```+|~~~+)[ \t]*(.*?)[ \t]*$")

// parse finds the cells of a README. The errors are of cells whose fence can't
// be understood.
func parse(text string) (cells []cell, errs []*cellError) {
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		open := fence.FindStringSubmatch(lines[i])
		// Three backticks and more on the same line are code within a sentence.
		if open == nil || (open[2][0] == '`' && strings.Contains(open[3], "`")) {
			continue
		}
		c := cell{Line: i + 1, Indent: open[1]}
		end := closing(lines, i+1, open[2])
		if end < 0 {
			errs = append(errs, &cellError{i + 1, "the block is never closed"})
			return cells, errs
		}
		for _, l := range lines[i+1 : end] {
			c.Body = append(c.Body, strings.TrimPrefix(l, open[1]))
		}
		var err error
		if c.Lang, c.Attrs, err = parseInfo(open[3]); err != nil {
			errs = append(errs, &cellError{i + 1, err.Error()})
		} else {
			cells = append(cells, c)
		}
		i = end
	}
	return cells, errs
}

// closing returns the index of the line that closes a fence; -1 if none does.
func closing(lines []string, from int, open string) int {
	for i := from; i < len(lines); i++ {
		l := strings.TrimSpace(lines[i])
		if strings.HasPrefix(l, open) && strings.Trim(l, open[:1]) == "" {
			return i
		}
	}
	return -1
}

// parseInfo takes apart what follows an opening fence: go file=a.go#X.
func parseInfo(info string) (lang string, attrs map[string]string, err error) {
	lang, rest, _ := strings.Cut(info, " ")
	attrs = map[string]string{}
	for rest = strings.TrimLeft(rest, " "); rest != ""; rest = strings.TrimLeft(rest, " ") {
		key, after, ok := strings.Cut(rest, "=")
		if !ok || key == "" || strings.Contains(key, " ") {
			return "", nil, fmt.Errorf("%q is no key=value", rest)
		}
		value, quoted := "", strings.HasPrefix(after, `"`)
		if quoted {
			prefix, err := strconv.QuotedPrefix(after)
			if err != nil {
				return "", nil, fmt.Errorf("the value of %s is not closed by a quote", key)
			}
			value, _ = strconv.Unquote(prefix)
			rest = after[len(prefix):]
		} else {
			value, rest, _ = strings.Cut(after, " ")
		}
		if _, twice := attrs[key]; twice {
			return "", nil, fmt.Errorf("%s= stands twice", key)
		}
		attrs[key] = value
	}
	return lang, attrs, checkInfo(lang, attrs)
}

// checkInfo says what is wrong with a cell's language and attributes.
func checkInfo(lang string, attrs map[string]string) error {
	var allowed, required string
	switch lang {
	case "go":
		allowed, required = "file", "file"
	case "trace":
		allowed, required = "file opt", "file"
	case "console", "text":
	case "":
		return errors.New("the block has no language; want go file=…, console, trace file=… or text")
	default:
		return fmt.Errorf("%q is no kind of cell; want go file=…, console, trace file=… or text", lang)
	}
	if required != "" && attrs[required] == "" {
		return fmt.Errorf("a %s cell needs %s=, so that it can be checked", lang, required)
	}
	for key := range attrs {
		if !strings.Contains(" "+allowed+" ", " "+key+" ") {
			return fmt.Errorf("a %s cell has no %s=", lang, key)
		}
	}
	return nil
}
