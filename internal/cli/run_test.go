package cli

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
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
