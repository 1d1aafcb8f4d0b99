package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	guards "metatrace/chapters/02-guards"
	bridges "metatrace/chapters/06-bridges"
	"metatrace/internal/course"
)

func TestRunHelpNamesAllStatistics(t *testing.T) {
	data, err := json.Marshal(guards.Stats{})
	require.NoError(t, err)
	var names map[string]any
	require.NoError(t, json.Unmarshal(data, &names))
	for name := range names {
		assert.Contains(t, runText, name)
	}
}

// Each limit of the engine has a flag, and the help names its default.
func TestRunHelpNamesTheDefaults(t *testing.T) {
	names, of := limitsFlag{&engineFlags{}}.names()
	assert.Equal(t, reflect.TypeFor[bridges.Limits]().NumField(), len(of)+3, "a limit without a flag")
	for _, name := range names {
		assert.Regexp(t, `\n {24}`+name+`: [^:]*\(default \d+`, runHelp())
	}
	for _, flag := range []string{"threshold", "function-threshold", "trace-eagerness", "bridges"} {
		assert.Regexp(t, `\n  -`+flag+` N[^-]*\(default \d+\)`, runHelp())
	}
	assert.NotContains(t, runHelp(), "{")
}

// Each kind of event stands in the help.
func TestRunHelpNamesAllEvents(t *testing.T) {
	for _, event := range []bridges.Event{
		bridges.Started{}, bridges.Aborted{}, bridges.Blacklisted{}, bridges.Compiled{}, bridges.Attached{}, bridges.Entered{},
		bridges.Left{}, bridges.Limited{}, bridges.Paused{}, bridges.Freed{},
	} {
		assert.Contains(t, runText, event.Name())
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
		{"-bridges=1", "-trace-eagerness=1", "-threshold=2"}, {"-bridges=off"}, {"-function-threshold=2"}, {"-explain"}, {"-explain", "-jit=off"},
		{"-limits=ops=20,inline=1,recursion=1,versions=1"}, {"-limits=aborts=1,cases=1,age=1,code=1", "-threshold=2"},
		{"-limits=ops=none,recursion=none,versions=none", "-limits=aborts=none,cases=none,age=none,window=none"}, {"-log=/dev/null"},
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
	assert.Regexp(t, `^[0-9a-f]+ [0-9a-f]+ metatrace: trace 1, loop at stdin:4\n[0-9a-f]+ [0-9a-f]+ metatrace: trace 1, body at stdin:4\n$`, string(text))
}

// branching goes two ways, and back to the first.
const branching = `
(fun half (n) (/ n 2))
(var i 0) (var s 0)
(while (< i 3000)
  (if (= (% i 3) 1) (set s (+ s 1)) (set s (+ s (half i))))
  (set i (+ i 1)))
(print s)
`

func TestRunMakesBridges(t *testing.T) {
	stats := func(flags ...string) (s guards.Stats) {
		got := cliRun(branching, append([]string{"run", "-", "-stats=json", "-threshold=20"}, flags...)...)
		require.Equal(t, exitOK, got.code, got.stderr)
		require.NoError(t, json.Unmarshal([]byte(got.stderr), &s))
		return s
	}
	few := stats("-trace-eagerness=20")
	assert.Positive(t, few.Bridges)
	assert.Less(t, few.GuardFailures, int64(100))
	assert.Positive(t, few.OpsBridges)
	assert.Less(t, stats("-trace-eagerness=2").GuardFailures, few.GuardFailures)
	assert.Zero(t, stats("-trace-eagerness=100000").Bridges)
	assert.Equal(t, 1, stats("-trace-eagerness=2", "-bridges=1").Bridges)
	off := stats("-bridges=off")
	assert.Zero(t, off.Bridges)
	assert.Greater(t, off.GuardFailures, int64(900))
	assert.Positive(t, stats("-function-threshold=2").Functions)
	assert.Zero(t, few.Functions)
	assert.Zero(t, stats("-limits=ops=10").Loops)
	assert.Positive(t, stats("-limits=ops=10,aborts=1").Blacklisted)
}

func TestRunSaysOnlyOfBridgesWhatThereIs(t *testing.T) {
	got := cliRun(counting, "run", "-", "-stats")
	for _, line := range []string{"functions", "bridges", "versions", "freed", "out of date", "for good"} {
		assert.NotContains(t, got.stderr, line)
	}
	got = cliRun(branching, "run", "-", "-stats", "-threshold=20", "-trace-eagerness=20", "-function-threshold=2")
	assert.Regexp(t, `\nfunctions compiled +1\n`, got.stderr)
	assert.Regexp(t, `\nbridges compiled +\d+\n`, got.stderr)
}

func TestRunWritesEvents(t *testing.T) {
	for _, c := range []struct {
		source string
		code   int
	}{{branching, exitOK}, {branching + "(print (/ 1 0))", exitFailed}} {
		file := write(t, "events.json", "old")
		got := cliRun(c.source, "run", "-", "-log="+file, "-log", "-threshold=20", "-trace-eagerness=20")
		require.Equal(t, c.code, got.code, got.stderr)
		assert.Contains(t, got.stderr, "# trace 1: loop at stdin:4, ")
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		seen := map[string]int{}
		for line := range strings.Lines(string(text)) {
			var event struct{ Event string }
			require.NoError(t, json.Unmarshal([]byte(line), &event), line)
			seen[event.Event]++
		}
		for _, event := range []string{"started", "compiled", "attached", "entered", "left"} {
			assert.Positive(t, seen[event], event)
		}
		assert.Equal(t, seen["entered"], seen["left"])
		assert.Zero(t, seen["freed"], "what happens after the run is no part of it")
		entries, err := os.ReadDir(filepath.Dir(file))
		require.NoError(t, err)
		assert.Len(t, entries, 1)
	}
}

func TestRunSaysWhyThereIsNoLog(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, why := range map[string]string{"none/x.json": "no such file or directory", "./": "is a directory"} {
		got := cliRun("", "run", "-", "-log="+file)
		assert.Equal(t, result{"", "metatrace run: can't write the log " + file + ": " + why + "\n", exitFailed}, got)
	}
}

// A program that can't be compiled leaves the log as it was.
func TestRunKeepsTheOldLog(t *testing.T) {
	file := write(t, "events.json", "old")
	assert.Equal(t, exitUsage, cliRun("(", "run", "-", "-log="+file).code)
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	assert.Equal(t, "old", string(text))
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1)
}

func TestRunExplains(t *testing.T) {
	got := cliRun(branching, "run", "-", "-explain", "-threshold=20", "-trace-eagerness=20")
	assert.Equal(t, exitOK, got.code)
	assert.Regexp(t, `(?s)^What was hot
  loop1, loop at line 4: entered \d+ times, .*
What was compiled .*
  trace 1, loop loop1 at line 4: .*
    .*trace 2, .*
What was not, and why
.*
Which guards failed most .*
  20 times: guard \d+ of trace 1, at line 5; then trace \d+ was made for it
      \(if \(= \(% i 3\) 1\) \(set s \(\+ s 1\)\) .*
    guard_(true|false) expects .*
    on \d and 1 \(.*
Where the time went
`, got.stderr)
	got = cliRun(branching, "run", "-", "-explain", "-jit=off")
	assert.Contains(t, got.stderr, "nothing that could be compiled")
}

// The limit of code memory is one of the flags: it takes the code of these loops in turn.
func TestRunLimitsCode(t *testing.T) {
	if err := course.NativeAvailable(); err != nil {
		t.Skip(err)
	}
	var source strings.Builder
	for i := range 20 {
		fmt.Fprintf(&source, "(var i%d 0) (while (< i%d 100) (set i%d (+ i%d 1)))\n", i, i, i, i)
	}
	for flag, freed := range map[string]bool{"-limits=code=1": true, "-limits=code=1m": false} {
		got := cliRun(source.String(), "run", "-", flag, "-threshold=2", "-stats=json")
		require.Equal(t, exitOK, got.code, got.stderr)
		var s guards.Stats
		require.NoError(t, json.Unmarshal([]byte(got.stderr), &s))
		assert.Equal(t, 20, s.Loops)
		assert.Equal(t, freed, s.Freed > 0, "%s: %d", flag, s.Freed)
	}
}
