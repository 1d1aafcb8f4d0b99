package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	"metatrace/internal/course"
)

func TestRunHelpNamesAllStatistics(t *testing.T) {
	data, err := json.Marshal(guards.Stats{})
	require.NoError(t, err)
	var names map[string]any
	require.NoError(t, json.Unmarshal(data, &names))
	for name := range names {
		assert.Contains(t, runHelp, name)
	}
}

// counting runs long enough to be compiled at any threshold.
const counting = `
(fun twice (x) (+ x x))
(var i 0) (var s 0)
(while (< i 3000) (set s (+ s (twice i))) (set i (+ i 1)))
(print s)
`

func TestRunPrintsTheSameWhateverTheFlags(t *testing.T) {
	for _, flags := range [][]string{
		nil, {"-jit=off"}, {"-threshold=1"}, {"-threshold=2", "-passes=none"}, {"-passes=-guards"},
		{"-heap=64k"}, {"-timeout=1m"}, {"-trace-eagerness=3"}, {"-log", "-stats"},
		{"-heap-stress", "-heap=64k"}, {"-boxes=heap"}, {"-boxes=tagged"}, {"-boxes=tagged", "-passes=none"},
		{"-jit=auto"}, {"-jit=portable"}, {"-jit=portable", "-boxes=tagged"}, {"-jit", course.Best(), "-stats"},
	} {
		got := cliRun(counting, append([]string{"run", "-"}, flags...)...)
		assert.Equal(t, "8997000\n", got.stdout, flags)
		assert.Equal(t, 0, got.code, flags)
	}
}

func TestRunSaysWhatWentWrong(t *testing.T) {
	for _, c := range []struct {
		source, flag, want string
		code               int
	}{
		{"(print 1", "-jit=portable", "stdin:1:1: this ( is never closed, expected ) before the end of the file\n", exitUsage},
		{"(print (/ 1 0))", "-jit=portable", "stdin:1:8: division by zero\n", exitFailed},
		{"(var i 0) (while true (set i (- 1 i)))", "-timeout=20ms", "stopped: the program was still running after 20ms\n", exitFailed},
		{"(print (len (array 100000 1)))", "-heap=64k", "stdin: out of memory (-heap sets the limit)\n", exitFailed},
	} {
		got := cliRun(c.source, "run", "-", c.flag)
		assert.Equal(t, c.want, got.stderr, c.source)
		assert.Equal(t, c.code, got.code, c.source)
	}
}

func TestRunReportsStatistics(t *testing.T) {
	got := cliRun(counting, "run", "-", "-stats=json", "-threshold=100")
	var s guards.Stats
	require.NoError(t, json.Unmarshal([]byte(got.stderr), &s))
	assert.Equal(t, 1, s.Loops)
	assert.EqualValues(t, 1, s.GuardFailures)
	assert.Less(t, s.OpsOptimized, s.OpsRecorded)
	got = cliRun(counting, "run", "-", "-stats=json", "-threshold=100", "-boxes=tagged")
	var tagged guards.Stats
	require.NoError(t, json.Unmarshal([]byte(got.stderr), &tagged))
	assert.Zero(t, tagged.HeapObjects)
	assert.EqualValues(t, s.HeapObjects, s.ObjectsInterpreter+s.ObjectsRecording+s.ObjectsTraces+s.ObjectsExits)
}

func TestRunLogsEachTrace(t *testing.T) {
	got := cliRun(counting, "run", "-", "-log")
	assert.Contains(t, got.stderr, "# trace 1: loop at stdin:4, ")
	assert.Contains(t, got.stderr, "as recorded\nstruct W_Int")
	assert.Contains(t, got.stderr, "as optimized\n[p0, p1]\n")
}

func TestRunShowsMachineCode(t *testing.T) {
	if err := course.NativeAvailable(); err != nil {
		for _, flags := range [][]string{{"-jit=native"}, {"-log=asm"}, {"-perf"}} {
			got := cliRun(counting, append([]string{"run", "-"}, flags...)...)
			assert.Contains(t, got.stderr, err.Error())
			assert.Equal(t, exitUsage, got.code)
		}
		t.Skip(err)
	}
	got := cliRun(counting, "run", "-", "-log=asm", "-threshold=9")
	assert.Contains(t, got.stderr, "# trace 1: loop at stdin:4, ")
	assert.Regexp(t, `# trace 1: loop at stdin:4, machine code at 0x[0-9a-f]+\n# `+runtime.GOARCH+`: \d+ bytes`, got.stderr)
	assert.Contains(t, got.stderr, "\nlabel(")
	got = cliRun(counting, "run", "-", "-stats", "-threshold=9")
	assert.Regexp(t, `\nmachine code +\d+ bytes\n`, got.stderr)
	assert.Regexp(t, `\nµs an operation recorded +[\d.]+ in all: optimizing [\d.]+, lowering [\d.]+, allocating`, got.stderr)
}

func TestRunNamesTracesForPerf(t *testing.T) {
	if err := course.NativeAvailable(); err != nil || runtime.GOOS != "linux" {
		t.Skip("only on Linux, with machine code")
	}
	file := fmt.Sprintf("/tmp/perf-%d.map", os.Getpid())
	t.Cleanup(func() { os.Remove(file) })
	got := cliRun(counting, "run", "-", "-perf")
	assert.Equal(t, result{"8997000\n", "", exitOK}, got)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]+ [0-9a-f]+ metatrace: trace 1, loop at stdin:4\n$`, string(text))
}
