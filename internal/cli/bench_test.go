package cli

import (
	"encoding/json"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/internal/bench"
	"metatrace/internal/course"
)

// The shape of what bench prints; what the times are is no matter of a test.
func TestBenchTable(t *testing.T) {
	r := cliRun("", "bench", "total", "list", "-time=1ns", "-count=1", "-boxes=tagged")
	require.Equal(t, exitOK, r.code, r.stderr)
	lines := strings.Split(r.stdout, "\n")
	assert.Regexp(t, `^program +interpreter +portable +native +Go +portable +native +native/Go +outside$`, lines[0])
	native := `-`
	if course.NativeAvailable() == nil {
		native = `[\d.]+( ns|x| %)`
	}
	for i, name := range []string{"total", "list"} {
		assert.Regexp(t, `^`+name+`( +[\d.]+ ns){2} +`+native+` +[\d.]+ ns +[\d.]+x( +`+native+`){3}$`, lines[i+1])
	}
	assert.Contains(t, r.stdout, bench.Legend)
	assert.Equal(t, course.NativeAvailable() != nil, strings.Contains(r.stdout, "There is no machine code here: "))
}

func TestBenchJSON(t *testing.T) {
	r := cliRun("", "bench", "list", "-time=1ns", "-count=1", "-json")
	require.Equal(t, exitOK, r.code, r.stderr)
	var report benchReport
	require.NoError(t, json.Unmarshal([]byte(r.stdout), &report))
	assert.Equal(t, runtime.GOARCH, report.Arch)
	assert.Equal(t, "heap", report.Boxes)
	assert.Equal(t, course.NativeAvailable() == nil, report.Native == "")
	require.Len(t, report.Results, 1)
	assert.Equal(t, "list", report.Results[0].Program)
	assert.Len(t, report.Results[0].Engines, len(course.Engines())+1)
}

func TestBenchMeasuresFiles(t *testing.T) {
	file := write(t, "a.tiny", "(print 7)")
	r := cliRun("", "bench", file, "-time=1ns", "-count=1", "-markdown")
	require.Equal(t, exitOK, r.code, r.stderr)
	assert.Regexp(t, `(?m)^\| `+file+` \| [\d.]+ (µs|ns|ms) \| .* \| - \| `, r.stdout)
	assert.Regexp(t, "1.1 times the interpreter's time", r.stdout)
	r = cliRun("", "bench", write(t, "a.tiny", "(print"), "-time=1ns")
	assert.Equal(t, exitFailed, r.code)
}

func TestBenchHelpNamesAllPrograms(t *testing.T) {
	help := cliRun("", "bench", "-h").stdout
	for _, p := range bench.Programs {
		assert.Contains(t, help, "\n  "+p.Name+" ")
	}
}
