//go:build linux || darwin

package native

import "encoding/binary"

// offsetInPrologue returns the displacement of the load of stackguard0 in the first
// words of a Go function: -1 if it is not there.
func offsetInPrologue(code []byte) int {
	for ; len(code) >= 4; code = code[4:] {
		const ldr, free = 0xf9400390, 0xfff << 10 // ldr x16, [x28, #8*imm12]
		if word := binary.LittleEndian.Uint32(code); word&^free == ldr {
			return int(word>>10&0xfff) * 8
		}
	}
	return -1
}
