//go:build linux || darwin

package native

import "encoding/binary"

// answer returns code that stores n as the result.
func answer(n byte) []byte {
	var code []byte
	for _, word := range []uint32{
		0xd2800000 | uint32(n)<<5,   // mov x0, #n
		0xf9000340 | ResultAt/8<<10, // str x0, [x26, #ResultAt]
		0xd65f03c0,                  // ret
	} {
		code = binary.LittleEndian.AppendUint32(code, word)
	}
	return code
}

// trap is what free code memory is full of: brk #0.
var trap = []byte{0x00, 0x00, 0x20, 0xd4}
