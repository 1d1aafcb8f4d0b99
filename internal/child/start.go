package child

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// grace is how long after its limit a child may take to say where it is. Most need
// some milliseconds; under an emulator on a busy machine it may be seconds.
const grace = 10 * time.Second

// start runs a child for one call of Run, and returns what it did.
func start(name string, call int, limit time.Duration, env []string) (Result, error) {
	dir, err := os.MkdirTemp("", "metatrace-child-")
	if err != nil {
		return Result{}, err
	}
	defer os.RemoveAll(dir)
	if err := writeJob(dir, name, call); err != nil {
		return Result{}, err
	}
	began := time.Now()
	text, err := execTest(name, limit+grace, slices.Concat(env, []string{variable + "=" + dir}))
	killed := time.Since(began) >= limit+grace
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) && !errors.Is(err, exec.ErrWaitDelay) {
		return Result{}, err
	}
	r, err2 := readReport(dir)
	switch {
	case err2 != nil:
		return Result{}, err2
	case r.done && err == nil: // the race detector gives another status at the end
		return r.result, nil
	case !r.begun && !killed:
		return Result{}, fmt.Errorf("the child process never came to call %d of Run in %s (%v):\n%s", call, name, err, text)
	}
	c := crashOf(text, r.code, r.size)
	if c.Signal == "SIGQUIT" || c.Signal == "" && killed { // by watch, or by us
		c.Limit, c.Signal = limit, ""
	}
	if c.Text == "" {
		c.Text = "exit status 0"
		if ended != nil {
			c.Text = ended.Error()
		}
	}
	r.result.Crash = c
	return r.result, nil
}

// execTest runs the named test in a new process, and returns what it prints.
func execTest(name string, limit time.Duration, env []string) (string, error) {
	return execSelf([]string{
		"-test.run=" + pattern(name),
		"-test.count=1",
		fmt.Sprintf("-test.short=%v", testing.Short()),
		"-test.timeout=" + (2 * limit).String(), // for when nobody is left to kill it
	}, limit, env)
}

// execSelf runs this program in a new process, and returns what it prints.
func execSelf(args []string, limit time.Duration, env []string) (string, error) {
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	text, err := execCommand(self, args, limit, env)
	if errors.Is(err, syscall.ENOEXEC) {
		// We run under an emulator that only runs what it was started for.
		if emulator, ok := emulators[runtime.GOARCH]; ok {
			return execCommand(emulator, append([]string{self}, args...), limit, env)
		}
	}
	return text, err
}

// emulators are the commands of Linux that run programs for other processors.
var emulators = map[string]string{"arm64": "qemu-aarch64", "amd64": "qemu-x86_64"}

// execCommand runs a command and returns what it prints.
func execCommand(command string, args []string, limit time.Duration, env []string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	var text bytes.Buffer
	cmd := exec.CommandContext(ctx, command, args...)
	// Without this a program built with -race sleeps for a second at its end.
	cmd.Env = append(os.Environ(), "GORACE="+os.Getenv("GORACE")+" atexit_sleep_ms=0")
	// With one processor, a child in a loop without end could not tell where it is.
	cmd.Env = append(cmd.Env, fmt.Sprintf("GOMAXPROCS=%d", max(2, runtime.GOMAXPROCS(0))))
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = &text, &text
	cmd.WaitDelay = grace
	err := cmd.Run()
	return text.String(), err
}

// pattern returns the -test.run of exactly the named test.
func pattern(name string) string {
	parts := strings.Split(name, "/")
	for i, part := range parts {
		parts[i] = "^" + regexp.QuoteMeta(part) + "$"
	}
	return strings.Join(parts, "/")
}
