package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAsmGolden(t *testing.T) { checkGolden(t, "asm", "asm") }

const adding = "[i0]\ni1 = int_add(i0, 0)\ni2 = int_add(i1, 2)\nfinish(i2)\n"

func TestAsmOptimizesAsOptDoes(t *testing.T) {
	all := cliRun(adding, "asm")
	assert.Contains(t, all.stdout, "\ni1 = int_add(i0, 2)\n")
	none := cliRun(adding, "asm", "-", "-passes=none")
	assert.Contains(t, none.stdout, "\ni1 = int_add(i0, 0)\n")
	assert.Equal(t, all, cliRun(adding, "asm", "-mine"))
}

func TestAsmMakesBothKindsAnywhere(t *testing.T) {
	assert.Contains(t, cliRun(adding, "asm", "-arch", "amd64").stdout, "[r15+0x280] ; slot 0")
	assert.Contains(t, cliRun(adding, "asm", "-arch", "arm64").stdout, "[x26,#640] ; slot 0")
}

func TestAsmErrors(t *testing.T) {
	for trace, want := range map[string]result{
		"[i0]\nfinish(i1)\n":               {"", "stdin:2:8: i1 is used before it is assigned, expected an input or an earlier result\n", exitUsage},
		"[i0]\njump(i0, i0)\n":             {"", "stdin: jump: 2 arguments, expected 1 as what it jumps to has\n", exitFailed},
		"[]\nguard_true(0) []\nfinish()\n": {"", "stdin: the trace is impossible: guard_true in line 2 never holds\n", exitImpossible},
	} {
		got := cliRun(trace, "asm")
		if want.code == exitImpossible { // package ir has the words
			want.stderr = got.stderr
		}
		assert.Equal(t, want, got, trace)
	}
}

// A trace with more live values than a context has words gets no code, which would
// write behind the context.
func TestAsmRefusesTooManySlots(t *testing.T) {
	inputs := make([]string, 5000)
	for i := range inputs {
		inputs[i] = fmt.Sprintf("i%d", i)
	}
	list := strings.Join(inputs, ", ")
	want := result{"", "stdin: the trace needs 5000 spill slots, expected at most 4016\n", exitFailed}
	assert.Equal(t, want, cliRun(fmt.Sprintf("[%s]\nfinish(%s)\n", list, list), "asm"))
}

// Lines of listings fit on a screen, unless so many registers are used that it can't be.
func TestListingsAreNotWide(t *testing.T) {
	files, _ := golden(t, "asm")
	for _, file := range files {
		text, err := os.ReadFile(strings.TrimSuffix(file, ".trace") + ".want")
		assert.NoError(t, err)
		for _, line := range strings.Split(string(text), "\n") {
			assert.LessOrEqual(t, len([]rune(line)), 120, "%s: %s", filepath.Base(file), line)
		}
	}
}
