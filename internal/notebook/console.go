package notebook

import (
	"fmt"
	"strings"
)

// A step is one command of a console cell and what it is said to print.
type step struct {
	line    int      // in the cell's body, from 0
	prompt  []string // the lines of the command, with the $
	command string
	output  []string
	space   []string // empty lines before the next command, part of no output
}

// steps takes a console cell apart. A line that ends in \ goes on in the next.
func steps(body []string) ([]step, error) {
	var all []step
	for i := 0; i < len(body); i++ {
		command, ok := strings.CutPrefix(body[i], "$ ")
		if !ok {
			if len(all) == 0 {
				return nil, fmt.Errorf("a console cell begins with %q, not with a $ command", body[i])
			}
			last := &all[len(all)-1]
			last.output = append(last.output, body[i])
			continue
		}
		s := step{line: i, prompt: []string{body[i]}}
		for strings.HasSuffix(command, `\`) && i+1 < len(body) {
			i++
			s.prompt = append(s.prompt, body[i])
			command += "\n" + body[i]
		}
		s.command = command
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("a console cell without a $ command")
	}
	for i := range all {
		s := &all[i]
		n := len(s.output)
		for n > 0 && strings.TrimSpace(s.output[n-1]) == "" {
			n--
		}
		s.output, s.space = s.output[:n], s.output[n:]
	}
	return all, nil
}

// testsAll is a command that can't be run by a cell, because it runs the test
// that runs the cells. .ci/run runs it.
const testsAll = "go test ./..."

// judgeConsole runs the commands of a cell and compares what they print. A
// command must succeed, unless the cell shows its "exit status".
func (b *Book) judgeConsole(c cell) ([]edit, error) {
	all, err := steps(c.Body)
	if err != nil {
		return nil, err
	}
	sh, err := newShell(b.root, b.program)
	if err != nil {
		return nil, err
	}
	var edits []edit
	var failed error
	for _, s := range all {
		edits = append(edits, keep(s.prompt...)...)
		if strings.TrimSpace(s.command) == testsAll {
			edits = append(edits, keep(s.output...)...)
		} else {
			out, status, err := sh.run(s.command)
			if err != nil {
				return nil, &cellError{c.Line + 1 + s.line, err.Error()}
			}
			own := align(s.output, out, withElisions)
			if status != 0 && failed == nil && !strings.Contains(strings.Join(result(own), "\n"), "exit status") {
				failed = &cellError{c.Line + 1 + s.line, fmt.Sprintf(
					"%s: ends with status %d, and the cell does not show an exit status:\n\t%s",
					s.command, status, strings.Join(out, "\n\t"))}
			}
			edits = append(edits, own...)
		}
		edits = append(edits, keep(s.space...)...)
	}
	return edits, failed
}
