package cli

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the .want files")

// golden returns the traces of a folder of testdata. A line "# flags: ..." in one says
// how it is optimized.
func golden(t *testing.T, dir string) (files []string, flagsOf map[string][]string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.trace"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	flagsOf = map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if m := regexp.MustCompile(`(?m)^# flags: (.*)$`).FindSubmatch(text); m != nil {
			flagsOf[file] = strings.Fields(string(m[1]))
		}
	}
	return files, flagsOf
}

func TestOptGolden(t *testing.T) { checkGolden(t, "opt", "opt") }

// checkGolden runs a command on the traces of a folder of testdata.
func checkGolden(t *testing.T, command, dir string) {
	t.Helper()
	files, flagsOf := golden(t, dir)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			r := cliRun("", append([]string{command, file}, flagsOf[file]...)...)
			require.Equal(t, result{r.stdout, "", exitOK}, r)
			wantFile := strings.TrimSuffix(file, ".trace") + ".want"
			if *update {
				require.NoError(t, os.WriteFile(wantFile, []byte(r.stdout), 0o644))
			}
			want, err := os.ReadFile(wantFile)
			require.NoError(t, err)
			if d := cmp.Diff(string(want), r.stdout); d != "" {
				t.Errorf("-want +got, -update writes it:\n%s", d)
			}
		})
	}
}

// values are what each input of a golden trace is tried with, by its letter.
var values = map[string][]string{
	"i": {"0", "1", "-1", "7", "-9223372036854775808", "9223372036854775807"},
	"f": {"0", "-0", "1.5", "-3", "inf", "nan"},
	"p": {"NULL", "NULL", "NULL", "NULL", "NULL", "NULL"},
}

// An optimized trace says the same as the trace, in the evaluator.
func TestOptGoldenMeansTheSame(t *testing.T) {
	files, _ := golden(t, "opt")
	// Guards that are merged have another name and line, but the same failargs.
	guard := regexp.MustCompile(`guard_\w+ in line \d+`)
	inputs := regexp.MustCompile(`(?m)^\[(.*)\]$`)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		names := strings.FieldsFunc(string(inputs.FindSubmatch(text)[1]), func(r rune) bool { return r == ',' || r == ' ' })
		for shift := range 3 {
			for n := range 6 {
				args := []string{}
				for i, name := range names {
					args = append(args, values[name[:1]][(n+i*shift)%6])
				}
				before := cliRun("", append([]string{"eval", file}, args...)...)
				after := cliRun("", append([]string{"eval", strings.TrimSuffix(file, ".trace") + ".want"}, args...)...)
				require.Equal(t, exitOK, before.code, before.stderr)
				assert.Equal(t, guard.ReplaceAllString(before.stdout, "guard"), guard.ReplaceAllString(after.stdout, "guard"), "%s %v", file, args)
			}
		}
	}
}

func TestOptReadsFileAndStdin(t *testing.T) {
	const trace = "[i0]\ni1 = int_add(i0, 0)\nfinish(i1)\n"
	file := write(t, "a.trace", trace)
	want := result{"[i0]\nfinish(i0)\n", "", exitOK}
	assert.Equal(t, want, cliRun("", "opt", file))
	assert.Equal(t, want, cliRun(trace, "opt"))
	assert.Equal(t, want, cliRun(trace, "opt", "-"))
	assert.Equal(t, want, cliRun(trace, "opt", "-mine"))
}

func TestOptNamesTheFileOfAnError(t *testing.T) {
	file := write(t, "a.trace", "[i0]\nfinish(i1)\n")
	r := cliRun("", "opt", file)
	assert.Equal(t, file+":2:8: i1 is used before it is assigned, expected an input or an earlier result\n", r.stderr)
	assert.Equal(t, exitUsage, r.code)
}

func TestOptImpossible(t *testing.T) {
	for _, trace := range []string{
		"[]\ni1 = int_add_ovf(1, 2)\nguard_overflow() []\nfinish(i1)\n",
		"[i0]\ni1 = int_lt(i0, 3)\nguard_true(i1) []\ni2 = int_ge(i0, 3)\nguard_true(i2) []\nfinish()\n",
		"[i0]\nguard_value(i0, 3) []\nguard_value(i0, 4) []\nfinish()\n",
	} {
		r := cliRun(trace, "opt")
		assert.Equal(t, exitImpossible, r.code)
		assert.Regexp(t, `^stdin: the trace is impossible: guard_\w+ .*\n$`, r.stderr)
		assert.Empty(t, r.stdout)
	}
}

func TestOptPeel(t *testing.T) {
	const trace = "[i0]\ni1 = int_lt(i0, 9)\nguard_true(i1) [i0]\ni2 = int_add(i0, 1)\njump(i2)\n"
	const peeled = `[i0]
i1 = int_lt(i0, 9)
guard_true(i1) [i0]
i2 = int_add(i0, 1)
label(i2)
i3 = int_lt(i2, 9)
guard_true(i3) [i2]
i4 = int_add(i2, 1)
jump(i4)
`
	assert.Equal(t, result{peeled, "", exitOK}, cliRun(trace, "opt", "-peel"))
	assert.Equal(t, result{peeled, "", exitOK}, cliRun(trace, "opt", "-peel", "-passes=none"))
	assert.Equal(t, result{trace, "", exitOK}, cliRun(trace, "opt"))
}
