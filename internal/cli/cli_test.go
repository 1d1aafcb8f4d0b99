package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A result is all that a caller of the command sees.
type result struct {
	stdout, stderr string
	code           int
}

// cliRun runs one command with a text as its standard input.
func cliRun(stdin string, args ...string) result {
	var stdout, stderr bytes.Buffer
	code := Main(args, strings.NewReader(stdin), &stdout, &stderr)
	return result{stdout.String(), stderr.String(), code}
}

// write makes a file for one test and returns its name.
func write(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
	return file
}

func TestUsageErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	require.NoError(t, os.Mkdir("dir", 0o755))
	for name, text := range map[string]string{
		"ok.trace": "[i0]\nfinish(i0)\n", "binary": "\x7fELF\x00\x01", "latin1": "[i0] # \xe9\n",
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	for _, tt := range []struct{ args, want string }{
		{"", "metatrace: no command, expected run, opt, eval, bounds, asm, bench, progress or hint (metatrace help explains them)"},
		{"otp", `metatrace: unknown command "otp", did you mean opt? (metatrace help lists all)`},
		{"compile", `metatrace: unknown command "compile", expected run, opt, eval, bounds, asm, bench, progress or hint (metatrace help explains them)`},
		{"help otp", `metatrace: unknown command "otp", did you mean opt? (metatrace help lists all)`},
		{"help opt run", "metatrace help: 2 arguments, expected one command at most"},

		{"opt -pasess=fold", "metatrace opt: unknown flag -pasess, did you mean -passes? (metatrace opt -h explains the flags)"},
		{"opt -z", "metatrace opt: unknown flag -z (metatrace opt -h explains the flags)"},
		{"opt ok.trace -passes", "metatrace opt: flag needs an argument: -passes (metatrace opt -h explains the flags)"},
		{"opt -peel=x", `metatrace opt: invalid boolean value "x" for -peel: parse error (metatrace opt -h explains the flags)`},
		{"opt ok.trace ok.trace", "metatrace opt: 2 files, expected one at most"},
		{"opt none.trace", "metatrace: can't read none.trace: no such file or directory"},
		{"opt dir", "metatrace: can't read dir: it is a directory, expected a file"},
		{"opt binary", "metatrace: can't read binary: it is no text in UTF-8"},
		{"opt latin1", "metatrace: can't read latin1: it is no text in UTF-8"},
		{"opt ok.trace/x", "metatrace: can't read ok.trace/x: not a directory"},
		{"opt -batch dir", "metatrace: can't read dir: it is a directory, expected a file"},

		{"eval", "metatrace eval: no file, expected FILE and a value for each input of the trace (metatrace eval -h explains)"},
		{"eval none", "metatrace: can't read none: no such file or directory"},
		{"eval ok.trace", "metatrace eval: ok.trace has 1 input [i0], got 0 values"},
		{"eval ok.trace 1 -2", "metatrace eval: ok.trace has 1 input [i0], got 2 values"},
		{"eval ok.trace 1.5", `metatrace eval: input 1 is "1.5", expected an integer of 64 bits, such as -7`},
		{"eval ok.trace -- -x", `metatrace eval: input 1 is "-x", expected an integer of 64 bits, such as -7`},
		{"eval ok.trace 1 -loop -1", `metatrace eval: invalid value "-1" for flag -loop: expected a number of 0 or more (metatrace eval -h explains the flags)`},

		{"run", "metatrace run: 0 programs, expected one (metatrace run -h explains)"},
		{"run a b", "metatrace run: 2 programs, expected one (metatrace run -h explains)"},
		{"run none -stats", "metatrace: can't read none: no such file or directory"},
		{"run dir", "metatrace: can't read dir: it is a directory, expected a file"},
		{"run binary", "metatrace: can't read binary: it is no text in UTF-8"},
		{"run ok.trace -jit=fast", `metatrace run: invalid value "fast" for flag -jit: expected auto, native, portable or off (metatrace run -h explains the flags)`},
		{"run ok.trace -jit=off -log=asm", "metatrace run: -log=asm shows machine code, expected -jit=native with it"},
		{"run ok.trace -jit=portable -perf", "metatrace run: -perf shows machine code, expected -jit=native with it"},
		{"run ok.trace -log=full", `metatrace run: invalid value "full" for -log: expected -log, -log=traces, -log=asm or -log=FILE, where FILE has a / or a . in it (metatrace run -h explains the flags)`},
		{"run ok.trace -bridges=off -log=x.json", "metatrace run: -log=FILE needs the engine that makes bridges, expected no -bridges=off with it"},
		{"run ok.trace -bridges off -explain", "metatrace run: -explain needs the engine that makes bridges, expected no -bridges=off with it"},
		{"run ok.trace -bridges=none", `metatrace run: invalid value "none" for flag -bridges: expected a number of 1 or more, or off (metatrace run -h explains the flags)`},
		{"run ok.trace -bridges=0", `metatrace run: invalid value "0" for flag -bridges: expected a number of 1 or more, or off (metatrace run -h explains the flags)`},
		{"run ok.trace -trace-eagerness=0", `metatrace run: invalid value "0" for flag -trace-eagerness: expected a number of 1 or more (metatrace run -h explains the flags)`},
		{"run ok.trace -function-threshold=-1", `metatrace run: invalid value "-1" for flag -function-threshold: expected a number of 1 or more (metatrace run -h explains the flags)`},
		{"run ok.trace -limits ops", `metatrace run: invalid value "ops" for flag -limits: "ops": expected NAME=VALUE,... such as ops=500,versions=2 (metatrace run -h explains the flags)`},
		{"run ok.trace -limits ops=5,", `metatrace run: invalid value "ops=5," for flag -limits: "": expected NAME=VALUE,... such as ops=500,versions=2 (metatrace run -h explains the flags)`},
		{"run ok.trace -limits opps=5", `metatrace run: invalid value "opps=5" for flag -limits: opps: unknown limit, did you mean ops? (metatrace run -h explains the flags)`},
		{"run ok.trace -limits time=5", `metatrace run: invalid value "time=5" for flag -limits: time: unknown limit, expected ops, inline, recursion, cheap, versions, aborts, cases, window, age or code (metatrace run -h explains the flags)`},
		{"run ok.trace -limits ops=0", `metatrace run: invalid value "ops=0" for flag -limits: ops: expected a number from 1 to 2147483647, or none (metatrace run -h explains the flags)`},
		{"run ok.trace -limits inline=8", `metatrace run: invalid value "inline=8" for flag -limits: inline: expected a number from 1 to 7 (metatrace run -h explains the flags)`},
		{"run ok.trace -limits inline=none", `metatrace run: invalid value "inline=none" for flag -limits: inline: expected a number from 1 to 7 (metatrace run -h explains the flags)`},
		{"run ok.trace -limits code=none", `metatrace run: invalid value "code=none" for flag -limits: code: size "none": want a number of bytes, or a number and one of k, m, g, as in 512m (metatrace run -h explains the flags)`},
		{"run ok.trace -limits code=1g", `metatrace run: invalid value "code=1g" for flag -limits: code: expected 134217728 bytes or less (metatrace run -h explains the flags)`},
		{"run ok.trace -threshold 0", `metatrace run: invalid value "0" for flag -threshold: expected a number of 1 or more (metatrace run -h explains the flags)`},
		{"run ok.trace -threshold 3000000000", `metatrace run: invalid value "3000000000" for flag -threshold: expected a number of 2147483647 or less (metatrace run -h explains the flags)`},
		{"run ok.trace -threshold=many", `metatrace run: invalid value "many" for flag -threshold: expected a number of 1 or more (metatrace run -h explains the flags)`},
		{"run ok.trace -heap 12q", `metatrace run: invalid value "12q" for flag -heap: size "12q": want a number of bytes, or a number and one of k, m, g, as in 512m (metatrace run -h explains the flags)`},
		{"run ok.trace -timeout=-1s", "metatrace run: the timeout -1s is negative, expected one such as 10s"},
		{"run ok.trace -stats=xml", `metatrace run: invalid value "xml" for -stats: expected -stats, -stats=text or -stats=json (metatrace run -h explains the flags)`},

		{"asm -arch=mips ok.trace", `metatrace asm: invalid value "mips" for flag -arch: expected amd64 or arm64 (metatrace asm -h explains the flags)`},
		{"asm a b", "metatrace asm: 2 files, expected one at most"},
		{"asm none", "metatrace: can't read none: no such file or directory"},

		{"bench -time 0s", "metatrace bench: the time of a run is 0s, expected one such as 100ms"},
		{"bench -count 0", `metatrace bench: invalid value "0" for flag -count: expected a number of 1 or more (metatrace bench -h explains the flags)`},
		{"bench sums", `metatrace bench: there is no program "sums", did you mean sum? (metatrace bench -h lists all)`},
		{"bench none.tiny", "metatrace: can't read none.tiny: no such file or directory"},
		{"bench -json -markdown", "metatrace bench: -json and -markdown, expected one of them at most"},
		{"bench -boxes=none", `metatrace bench: invalid value "none" for flag -boxes: expected heap or tagged (metatrace bench -h explains the flags)`},

		{"progress all", `metatrace progress: unexpected argument "all", expected flags only`},
		{"progress -jsn", "metatrace progress: unknown flag -jsn, did you mean -json? (metatrace progress -h explains the flags)"},
		{"hint", "metatrace hint: 0 arguments, expected the number of an exercise, such as 1.3"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			r := cliRun("", strings.Fields(tt.args)...)
			assert.Equal(t, result{"", tt.want + "\n", exitUsage}, r)
		})
	}
}

func TestUnknownPassIsAUsageError(t *testing.T) {
	for _, cmd := range []string{"opt", "run", "asm"} {
		r := cliRun("[]\n", cmd, "-passes=fold,unroll", "-")
		assert.Contains(t, r.stderr, "metatrace "+cmd+`: unknown pass "unroll", expected some of fold,`)
		assert.Equal(t, exitUsage, r.code)
	}
}

func TestUnknownExerciseIsAUsageError(t *testing.T) {
	r := cliRun("", "hint", "99.1")
	assert.Contains(t, r.stderr, `metatrace hint: there is no exercise "99.1"`)
	assert.Equal(t, exitUsage, r.code)
}

func TestHelpTeaches(t *testing.T) {
	for _, h := range []string{"help", "-h", "--help"} {
		r := cliRun("", h)
		assert.Equal(t, exitOK, r.code)
		assert.Empty(t, r.stderr)
		for _, c := range commands() {
			assert.Contains(t, r.stdout, "metatrace "+c.name)
		}
	}
	for _, c := range commands() {
		r := cliRun("", c.name, "-h")
		assert.Equal(t, exitOK, r.code)
		assert.Empty(t, r.stderr)
		assert.True(t, strings.HasPrefix(r.stdout, "usage: metatrace "+c.name+" "+c.args+"\n"), r.stdout)
		assert.Contains(t, r.stdout, "xit status: 0 ")
		assert.Equal(t, r, cliRun("", "help", c.name))
	}
}

// Every flag of a command stands in its help.
func TestHelpNamesAllFlags(t *testing.T) {
	for cmd, flags := range map[string][]string{
		"opt":  {"passes", "peel", "batch", "mine"},
		"eval": {"loop", "mine"},
		"run": {
			"jit", "threshold", "function-threshold", "trace-eagerness", "bridges", "limits", "timeout", "heap", "heap-stress",
			"passes", "stats", "log", "explain", "perf", "mine",
		},
		"asm":   {"arch", "peel", "passes", "mine"},
		"bench": {"time", "count", "boxes", "json", "markdown", "mine"},
	} {
		for _, f := range flags {
			assert.Regexp(t, `\n  -`+f+`\b`, cliRun("", cmd, "-h").stdout)
		}
	}
}

func TestFlagsStandAnywhere(t *testing.T) {
	file := write(t, "a.trace", "[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n")
	want := result{"[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n", "", exitOK}
	assert.Equal(t, want, cliRun("", "opt", "-passes", "none", file))
	assert.Equal(t, want, cliRun("", "opt", file, "-passes", "none"))
	assert.Equal(t, want, cliRun("", "opt", file, "--passes=none"))
	assert.Equal(t, want, cliRun("", "opt", "-passes=none", "--", file))
}

// A brokenPipe fails like standard output whose reader has gone.
type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errors.New("broken pipe") }

func TestOutputThatCannotBeWritten(t *testing.T) {
	for name, args := range map[string][]string{
		"help": {"help"}, "opt": {"opt"}, "batch": {"opt", "-batch"},
	} {
		t.Run(name, func(t *testing.T) {
			var stderr bytes.Buffer
			stdin := "[]\nfinish()\n"
			if name == "batch" {
				stdin = strings.Repeat(`{"id": 1, "trace": "[]"}`+"\n", 100)
			}
			code := Main(args, strings.NewReader(stdin), brokenPipe{}, &stderr)
			assert.Equal(t, exitFailed, code)
			assert.Equal(t, "metatrace: can't write the output: broken pipe\n", stderr.String())
		})
	}
}

// An endless file is refused, and not read until memory is out.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = '#'
	}
	return len(p), nil
}

func TestEndlessInputIsRefused(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Equal(t, exitUsage, Main([]string{"opt"}, endless{}, &stdout, &stderr))
	assert.Equal(t, "metatrace: can't read stdin: it has more than 64 MiB\n", stderr.String())
}

func TestFormatFlag(t *testing.T) {
	for text, want := range map[string]string{"true": "text", "text": "text", "json": "json", "false": ""} {
		format := "?"
		require.NoError(t, formatFlag{&format, "stats", []string{"text", "json"}}.Set(text))
		assert.Equal(t, want, format)
	}
}

func TestSuggest(t *testing.T) {
	names := []string{"opt", "eval", "progress"}
	for typed, want := range map[string]string{
		"op": "opt", "otp": "opt", "evaluate": "", "progres": "progress", "porgress": "progress", "x": "", "": "",
	} {
		got := strings.TrimSuffix(strings.TrimPrefix(suggest(typed, names), ", did you mean "), "?")
		assert.Equal(t, want, got, typed)
	}
	assert.Empty(t, suggest(strings.Repeat("ab", 5000), names))
}
