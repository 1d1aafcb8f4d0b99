package cli

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	ir "metatrace/chapters/01-ir"
)

func TestOptWhyGolden(t *testing.T) { checkGolden(t, "opt", "why") }

// What -why adds is comments: what it prints is the trace that there is without it.
func TestOptWhyPrintsTheSameTrace(t *testing.T) {
	files, flagsOf := golden(t, "why")
	for _, file := range files {
		want, err := os.ReadFile(file[:len(file)-len("trace")] + "want")
		require.NoError(t, err)
		again, err := ir.Parse(file, string(want))
		require.NoError(t, err)
		without := append([]string{"opt", file}, flagsOf[file][1:]...) // the first one is -why
		assert.Equal(t, cliRun("", without...).stdout, again.String(), file)
	}
}

func TestOptWhyTakesOneTrace(t *testing.T) {
	r := cliRun("", "opt", "-why", "-batch")
	assert.Equal(t, result{"", "metatrace opt: -why explains one trace, and -batch reads many: use one of them\n", exitUsage}, r)
}

func TestOptWhyOfAnImpossibleTrace(t *testing.T) {
	const trace = "[i0]\ni1 = int_lt(i0, 3)\nguard_true(i1) []\ni2 = int_ge(i0, 3)\nguard_true(i2) []\nfinish()\n"
	r := cliRun(trace, "opt", "-why")
	assert.Equal(t, exitImpossible, r.code)
	assert.Equal(t, "stdin: the trace is impossible: guard_true in line 5 can't be passed: "+
		"an earlier guard or a constant says the opposite: i2 is 0 by line 4; i0 <= 2 since i0 < 3 by the guard in line 3\n", r.stderr)
}
