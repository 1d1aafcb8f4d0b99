package cli

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"metatrace/chapters/05-backend/amd64"
	"metatrace/internal/course"
)

// Machine code that faults is nothing that the program did. Who has a part in it is
// told how to find out.
func TestRunWithCodeThatFaults(t *testing.T) {
	if err := course.NativeAvailable(); err != nil {
		t.Skip(err)
	}
	kits, chain, err := kitsAndChain(false, (*course.Kits).EngineChain)
	require.NoError(t, err)
	right := kits.Backend.AppendMem
	kits.Backend.AppendMem = func(code []byte, reg amd64.Reg, m amd64.Mem) []byte {
		if m.Base == amd64.R15 || m.Base == amd64.R14 { // the context and the goroutine
			return right(code, reg, m)
		}
		return append(code, byte(reg&7)<<3|4, 0x25, 0, 0, 0x10, 0) // at 0x100000 there is nothing
	}
	const source = "(class N v) (var n (new N 1)) (var i 0) (while (< i 9) (set (. n v) (+ (. n v) i)) (set i (+ i 1)))"
	for mine, end := range map[bool]string{false: "", true: " \\(go test -run Exercise5_ \\./chapters/05-backend shows where\\)"} {
		var out, stderr bytes.Buffer
		e := &env{stdout: &output{buf: bufio.NewWriter(&out)}, stderr: &stderr}
		o := runOptions{file: "f.tiny", source: source, jit: course.Native, threshold: 2, boxes: "heap", kits: kits, chain: chain, mine: mine}
		err := runProgram(e, o)
		assert.Regexp(t, "^f.tiny: internal error: the machine code of a trace is wrong: native: machine code faulted at address 0x100000: .*[a-z]"+end+"$", err)
		assert.Equal(t, exitInternal, statusOf(err))
	}
}
