package notebook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// commandLimit is how long one command of a cell may take.
const commandLimit = 60 * time.Second

// A program is the command of this module, built once and only if a cell needs
// it.
type program struct {
	root, dir string

	once sync.Once
	path string
	err  error
}

func (p *program) build() (string, error) {
	p.once.Do(func() {
		p.path = filepath.Join(p.dir, "metatrace")
		cmd := exec.Command("go", "build", "-o", p.path, ".")
		cmd.Dir = p.root
		if out, err := cmd.CombinedOutput(); err != nil {
			p.err = fmt.Errorf("building the program: %w\n%s", err, out)
		}
	})
	return p.path, p.err
}

// prelude makes `go run .` start the program that was built before, and end as
// go run does: with the line "exit status N" and status 1.
const prelude = `go() {
	if [ "$1 $2" != "run ." ]; then command go "$@"; return; fi
	shift 2
	"$METATRACE_PROGRAM" "$@"
	local status=$?
	[ $status = 0 ] && return 0
	echo "exit status $status" >&2
	return 1
}
`

// A shell runs the commands of one cell.
type shell struct {
	root    string
	program *program
	env     []string
}

// newShell returns a shell whose commands see a state folder of their own: a
// cell with a hint must not depend on which hints the user had, nor use them up.
func newShell(root string, p *program) (*shell, error) {
	state, err := os.MkdirTemp(p.dir, "state-")
	if err != nil {
		return nil, err
	}
	env := append(os.Environ(), insideCell+"=1", "METATRACE_STATE="+state, "METATRACE_STRICT=")
	return &shell{root: root, program: p, env: env}, nil
}

// insideCell is set in the environment of commands. The test that checks the
// cells must not run within one: that would not end.
const insideCell = "METATRACE_NOTEBOOK"

// run returns what a command prints, on both streams, and its exit status.
func (s *shell) run(command string) (out []string, status int, err error) {
	env := s.env
	if strings.Contains(command, "go run .") {
		bin, err := s.program.build()
		if err != nil {
			return nil, 0, err
		}
		env = append(env[:len(env):len(env)], "METATRACE_PROGRAM="+bin)
	}
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	var b bytes.Buffer
	cmd := exec.CommandContext(ctx, "bash", "-c", prelude+command)
	cmd.Dir, cmd.Env = s.root, env
	cmd.Stdout, cmd.Stderr = &b, &b
	// What the command left running may hold the pipe.
	cmd.WaitDelay = time.Second
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, 0, fmt.Errorf("%s: not done after %v", command, commandLimit)
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return splitLines(b.String()), exit.ExitCode(), nil
	}
	return splitLines(b.String()), 0, err
}
