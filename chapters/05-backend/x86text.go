package backend

import (
	"strings"

	"golang.org/x/arch/x86/x86asm"
)

// x86Text returns an instruction at address pc in Intel's syntax, which has the
// names and the order of the manual.
func x86Text(inst x86asm.Inst, pc uint64) string {
	for i, arg := range inst.Args {
		m, ok := arg.(x86asm.Mem)
		if !ok {
			continue
		}
		// The decoder leaves displacements of 32 bits without a sign, and reports a
		// scale where there is no index.
		m.Disp = int64(int32(m.Disp))
		if m.Index == 0 {
			m.Scale = 0
		}
		inst.Args[i] = m
	}
	text := x86asm.IntelSyntax(inst, pc, nil)
	return strings.ReplaceAll(text, " ptr ", " ")
}
