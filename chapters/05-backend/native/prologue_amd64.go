//go:build linux || darwin

package native

import "bytes"

// offsetInPrologue returns the displacement of the compare with stackguard0 in the
// first bytes of a Go function: -1 if it is not there.
func offsetInPrologue(code []byte) int {
	for _, cmp := range [][]byte{
		{0x49, 0x3b, 0x66}, // cmp rsp, [r14+disp8]
		{0x4d, 0x3b, 0x66}, // cmp r12, [r14+disp8], of a large frame
	} {
		if i := bytes.Index(code[:len(code)-1], cmp); i >= 0 {
			if disp := int(int8(code[i+3])); disp >= 0 && disp%8 == 0 {
				return disp
			}
		}
	}
	return -1
}
