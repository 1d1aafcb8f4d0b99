//go:build linux || darwin

package native

import "encoding/binary"

// What the tests run, assembled by hand. Jumps name the distance in bytes.

// clobberLoop clobbers every register it may in a loop that polls (guard offset
// 16): exit 1. It counts in slot 0, and takes exit 2 at the number in slot 1.
var clobberLoop = words(
	0xf9414340, // ldr x0, [x26,#640]
	0x91000400, // add x0, x0, #0x1
	0xf9014340, // str x0, [x26,#640]
	0xf9414741, // ldr x1, [x26,#648]
	0xeb01001f, // cmp x0, x1
	0x54000882, // b.cs .+272
	0x92800000, // mov x0, #-1
	0xaa0003e1, // mov x1, x0
	0xaa0003e2, // mov x2, x0
	0xaa0003e3, // mov x3, x0
	0xaa0003e4, // mov x4, x0
	0xaa0003e5, // mov x5, x0
	0xaa0003e6, // mov x6, x0
	0xaa0003e7, // mov x7, x0
	0xaa0003e8, // mov x8, x0
	0xaa0003e9, // mov x9, x0
	0xaa0003ea, // mov x10, x0
	0xaa0003eb, // mov x11, x0
	0xaa0003ec, // mov x12, x0
	0xaa0003ed, // mov x13, x0
	0xaa0003ee, // mov x14, x0
	0xaa0003ef, // mov x15, x0
	0xaa0003f3, // mov x19, x0
	0xaa0003f4, // mov x20, x0
	0xaa0003f5, // mov x21, x0
	0xaa0003f6, // mov x22, x0
	0xaa0003f7, // mov x23, x0
	0xaa0003f8, // mov x24, x0
	0xaa0003f9, // mov x25, x0
	0xaa0003fb, // mov x27, x0
	0x9e670000, // fmov d0, x0
	0x9e670001, // fmov d1, x0
	0x9e670002, // fmov d2, x0
	0x9e670003, // fmov d3, x0
	0x9e670004, // fmov d4, x0
	0x9e670005, // fmov d5, x0
	0x9e670006, // fmov d6, x0
	0x9e670007, // fmov d7, x0
	0x9e670008, // fmov d8, x0
	0x9e670009, // fmov d9, x0
	0x9e67000a, // fmov d10, x0
	0x9e67000b, // fmov d11, x0
	0x9e67000c, // fmov d12, x0
	0x9e67000d, // fmov d13, x0
	0x9e67000e, // fmov d14, x0
	0x9e67000f, // fmov d15, x0
	0x9e670010, // fmov d16, x0
	0x9e670011, // fmov d17, x0
	0x9e670012, // fmov d18, x0
	0x9e670013, // fmov d19, x0
	0x9e670014, // fmov d20, x0
	0x9e670015, // fmov d21, x0
	0x9e670016, // fmov d22, x0
	0x9e670017, // fmov d23, x0
	0x9e670018, // fmov d24, x0
	0x9e670019, // fmov d25, x0
	0x9e67001a, // fmov d26, x0
	0x9e67001b, // fmov d27, x0
	0x9e67001c, // fmov d28, x0
	0x9e67001d, // fmov d29, x0
	0x9e67001e, // fmov d30, x0
	0x9e67001f, // fmov d31, x0
	0xf9400b90, // ldr x16, [x28,#16]
	0xb1148a1f, // cmn x16, #0x522
	0x54fff801, // b.ne .-256
	0xb24003e0, // orr x0, xzr, #0x1
	0xf9000340, // str x0, [x26]
	0x10fff7a0, // adr x0, .-268
	0xf9000740, // str x0, [x26,#8]
	0x92800010, // mov x16, #-1
	0xaa1003f1, // mov x17, x16
	0xaa1003fa, // mov x26, x16
	0xd65f03c0, // ret
	0xb27f03e0, // orr x0, xzr, #0x2
	0xf9000340, // str x0, [x26]
	0x92800010, // mov x16, #-1
	0xaa1003f1, // mov x17, x16
	0xaa1003fa, // mov x26, x16
	0xd65f03c0, // ret
)

// countLoop is such a loop that polls by counting, in BudgetAt.
var countLoop = words(
	0xf9414340, // ldr x0, [x26,#640]
	0x91000400, // add x0, x0, #0x1
	0xf9014340, // str x0, [x26,#640]
	0xf9414741, // ldr x1, [x26,#648]
	0xeb01001f, // cmp x0, x1
	0x54000142, // b.cs .+40
	0xf9401b42, // ldr x2, [x26,#48]
	0xd1000442, // sub x2, x2, #0x1
	0xf9001b42, // str x2, [x26,#48]
	0xb6fffee2, // tbz x2, #63, .-36
	0xb24003e0, // orr x0, xzr, #0x1
	0xf9000340, // str x0, [x26]
	0x10fffe80, // adr x0, .-48
	0xf9000740, // str x0, [x26,#8]
	0xd65f03c0, // ret
	0xb27f03e0, // orr x0, xzr, #0x2
	0xf9000340, // str x0, [x26]
	0xd65f03c0, // ret
)

// exits takes exit 3 for ever. It keeps slot 0, counted up, in integer register 0,
// slot 1 in register 3, to which it adds Go's answer, and slot 2 in float register 3.
var exits = words(
	0xf9414340, // ldr x0, [x26,#640]
	0xf9414743, // ldr x3, [x26,#648]
	0xfd414b43, // ldr d3, [x26,#656]
	0x91000400, // add x0, x0, #0x1
	0xf9004340, // str x0, [x26,#128]
	0xf9004f43, // str x3, [x26,#152]
	0xfd00cf43, // str d3, [x26,#408]
	0xb24007e1, // orr x1, xzr, #0x3
	0xf9000341, // str x1, [x26]
	0x10000061, // adr x1, .+12
	0xf9000741, // str x1, [x26,#8]
	0xd65f03c0, // ret
	0xf9404340, // ldr x0, [x26,#128]
	0xf9404f43, // ldr x3, [x26,#152]
	0xfd40cf43, // ldr d3, [x26,#408]
	0xf9400b41, // ldr x1, [x26,#16]
	0x8b010063, // add x3, x3, x1
	0x17fffff2, // b .-56
)

// guard takes exit 1. It begins with a jump to the next instruction.
var guard = words(
	0x14000001, // b .+4
	0xb24003e0, // orr x0, xzr, #0x1
	0xf9000340, // str x0, [x26]
	0xd65f03c0, // ret
	0xb27f03e0, // orr x0, xzr, #0x2
	0xf9000340, // str x0, [x26]
	0xd65f03c0, // ret
)

// load loads what slot 0 points to.
var load = words(
	0xf9414340, // ldr x0, [x26,#640]
	0xf9400000, // ldr x0, [x0]
	0xf9000b40, // str x0, [x26,#16]
	0xd65f03c0, // ret
)

// divide divides slot 0 by slot 1.
var divide = words(
	0xf9414340, // ldr x0, [x26,#640]
	0xf9414741, // ldr x1, [x26,#648]
	0x9ac10c00, // sdiv x0, x0, x1
	0xf9000b40, // str x0, [x26,#16]
	0xd65f03c0, // ret
)

// undefined is no instruction, after a first one.
var undefined = words(
	0xb24003e0, // orr x0, xzr, #0x1
	0xf9000340, // str x0, [x26]
	0x00000000, // udf #0
)

// hang never ends, nor polls.
var hang = words(
	0xb24003e0, // orr x0, xzr, #0x1
	0xf9000340, // str x0, [x26]
	0x14000000, // b .+0
)

// fillSlots stores i plus the result word to each slot i, and the stack pointer as
// register 0, and exits. Resumed, it adds all slots up.
var fillSlots = words(
	0xf9400b42, // ldr x2, [x26,#16]
	0x910a0343, // add x3, x26, #0x280
	0xd281f604, // mov x4, #0xfb0
	0xaa1f03e1, // mov x1, xzr
	0x8b020020, // add x0, x1, x2
	0xf8217860, // str x0, [x3,x1,lsl #3]
	0x91000421, // add x1, x1, #0x1
	0xeb04003f, // cmp x1, x4
	0x54ffff83, // b.cc .-16
	0x910003e0, // mov x0, sp
	0xf9004340, // str x0, [x26,#128]
	0x10000060, // adr x0, .+12
	0xf9000740, // str x0, [x26,#8]
	0xd65f03c0, // ret
	0x910a0343, // add x3, x26, #0x280
	0xd281f604, // mov x4, #0xfb0
	0xaa1f03e1, // mov x1, xzr
	0xaa1f03e0, // mov x0, xzr
	0xf8617862, // ldr x2, [x3,x1,lsl #3]
	0x8b020000, // add x0, x0, x2
	0x91000421, // add x1, x1, #0x1
	0xeb04003f, // cmp x1, x4
	0x54ffff83, // b.cc .-16
	0xf9000b40, // str x0, [x26,#16]
	0xd65f03c0, // ret
)

// awaitFlag reads 32 bits at the address in slot 0 until they are not 0, at most as
// often as slot 1 says.
var awaitFlag = words(
	0xf9414340, // ldr x0, [x26,#640]
	0xf9414741, // ldr x1, [x26,#648]
	0xb9400002, // ldr w2, [x0]
	0xb5000062, // cbnz x2, .+12
	0xf1000421, // subs x1, x1, #0x1
	0x54ffffa1, // b.ne .-12
	0xf9000b42, // str x2, [x26,#16]
	0xd65f03c0, // ret
)

// words returns the bytes of instructions.
func words(list ...uint32) []byte {
	var code []byte
	for _, word := range list {
		code = binary.LittleEndian.AppendUint32(code, word)
	}
	return code
}

// guardJump is where guard begins with a jump, and what makes it take exit 1 or 2.
var guardJump = jump{0, [2][]byte{words(0x14000001), words(0x14000004)}}

// Where in the code the instructions are that fault; -1 if they do not.
const (
	loadOffset      = 4
	divideOffset    = -1
	undefinedOffset = 8
	hangOffset      = 8
)
