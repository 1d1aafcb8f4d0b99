package backend

import (
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/arch/arm64/arm64asm"
)

// Disassemble implements Machine.
func (*ARM64) Disassemble(code []byte, pc uint64) (text string, length int) {
	if len(code) < 4 {
		return fmt.Sprintf(".byte %#x", code), len(code)
	}
	in, err := arm64asm.Decode(code)
	if err != nil { // a constant of the pool, or half of one
		return fmt.Sprintf(".word %#08x", binary.LittleEndian.Uint32(code)), 4
	}
	text = arm64asm.GNUSyntax(in)
	for _, arg := range in.Args {
		if rel, ok := arg.(arm64asm.PCRel); ok {
			text = strings.Replace(text, strings.ToLower(arg.String()), fmt.Sprintf("%#x", pc+uint64(rel)), 1)
		}
	}
	return text, 4
}
