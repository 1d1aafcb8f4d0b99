package cli

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/course"
)

// running prints enough that somebody sees it, and then loops for ever.
const running = `
(var i 0)
(while (< i 20000) (print i) (set i (+ i 1)))
(while (> i 0) (set i (& (+ i 1) 65535)) (set i (| i 1)))
`

// TestInterruptedChild is the process that TestCtrlC starts: it runs the command that
// stands in the environment.
func TestInterruptedChild(t *testing.T) {
	args := os.Getenv("METATRACE_INTERRUPTED")
	if args == "" {
		t.Skip("only for TestCtrlC")
	}
	os.Exit(Main(strings.Fields(args), strings.NewReader(running), os.Stdout, os.Stderr))
}

// firstWrite tells once that something was written.
type firstWrite struct {
	once sync.Once
	came chan struct{}
}

func (w *firstWrite) Write(p []byte) (int, error) {
	w.once.Do(func() { close(w.came) })
	return len(p), nil
}

// TestCtrlC wants that the first Ctrl-C stops the guest program wherever it runs, with
// a message, statistics and exit status 130.
func TestCtrlC(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a process can't send Ctrl-C here")
	}
	for _, engine := range course.Engines() {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			printed := &firstWrite{came: make(chan struct{})}
			var stderr bytes.Buffer
			cmd := exec.Command(os.Args[0], "-test.run=^TestInterruptedChild$")
			cmd.Env = append(os.Environ(), "METATRACE_INTERRUPTED=run - -stats -timeout=1m -jit="+engine)
			cmd.Stdout, cmd.Stderr = printed, &stderr
			if err := cmd.Start(); errors.Is(err, syscall.ENOEXEC) {
				t.Skip("the system can't start this program without an emulator")
			} else {
				require.NoError(t, err)
			}
			<-printed.came
			time.Sleep(100 * time.Millisecond) // it is in the second loop now, or is stopped in the first
			require.NoError(t, cmd.Process.Signal(os.Interrupt))
			start := time.Now()
			_ = cmd.Wait()
			assert.Equal(t, exitInterrupted, cmd.ProcessState.ExitCode())
			assert.Contains(t, stderr.String(), "\nstopped: interrupted (Ctrl-C)\n")
			assert.Contains(t, stderr.String(), "loops compiled ")
			t.Logf("it ended %v after the signal", time.Since(start))
		})
	}
}
