package arm64_test

import (
	"fmt"
	"testing"

	"metatrace/chapters/05-backend/arm64"
)

// memory says of each load and store with a scaled offset which register it has, and
// log2 of its size.
var memory = []struct {
	op   arm64.Op
	name func(arm64.Reg) string
	size uint
}{
	{arm64.LDR, x, 3}, {arm64.STR, x, 3}, {arm64.LDRW, w, 2}, {arm64.STRW, w, 2}, {arm64.LDRD, d, 3}, {arm64.STRD, d, 3},
}

// address is an address as the decoder writes it.
func address(base arm64.Reg, offset int64) string {
	if offset == 0 {
		return fmt.Sprintf("[%s]", xsp(base))
	}
	return fmt.Sprintf("[%s,#%d]", xsp(base), offset)
}

func TestMem(t *testing.T) {
	for _, m := range memory {
		eachReg(2, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.Mem(m.op, r[0], r[1], 40) }, "%s %s, %s", name(m.op), m.name(r[0]), address(r[1], 40))
		})
		for n := range int64(4096) {
			same(t, func(a *arm64.Assembler) { a.Mem(m.op, 1, 2, n<<m.size) }, "%s %s, %s", name(m.op), m.name(1), address(2, n<<m.size))
		}
		for _, n := range []int64{-8, 1, 2, 4096 << m.size, 1 << 40} {
			refused(t, func(a *arm64.Assembler) { a.Mem(m.op, 1, 2, n) })
		}
	}
}

func TestMemNear(t *testing.T) {
	for i, m := range memory {
		op := arm64.LDUR + arm64.Op(i)
		eachReg(2, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.MemNear(op, r[0], r[1], -3) }, "%s %s, %s", name(op), m.name(r[0]), address(r[1], -3))
		})
		for n := int64(-256); n < 256; n++ {
			same(t, func(a *arm64.Assembler) { a.MemNear(op, 1, 2, n) }, "%s %s, %s", name(op), m.name(1), address(2, n))
		}
		for _, n := range []int64{-257, 256, 1 << 40} {
			refused(t, func(a *arm64.Assembler) { a.MemNear(op, 1, 2, n) })
		}
	}
}

func TestMemIndex(t *testing.T) {
	for i, m := range memory {
		op := arm64.LDRreg + arm64.Op(i)
		eachReg(3, func(r []arm64.Reg) {
			same(t, func(a *arm64.Assembler) { a.MemIndex(op, r[0], r[1], r[2], 0) },
				"%s %s, [%s,%s]", name(op), m.name(r[0]), xsp(r[1]), x(r[2]))
			same(t, func(a *arm64.Assembler) { a.MemIndex(op, r[0], r[1], r[2], m.size) },
				"%s %s, [%s,%s,LSL #%d]", name(op), m.name(r[0]), xsp(r[1]), x(r[2]), m.size)
		})
		refused(t, func(a *arm64.Assembler) { a.MemIndex(op, 1, 2, 3, 1) })
		refused(t, func(a *arm64.Assembler) { a.MemIndex(op, 1, 2, 3, 5-m.size) })
	}
}

func TestPair(t *testing.T) {
	for op := arm64.LDP; op <= arm64.STPD; op++ {
		reg := x
		if op >= arm64.LDPD {
			reg = d
		}
		eachReg(3, func(r []arm64.Reg) {
			f := func(a *arm64.Assembler) { a.Pair(op, r[0], r[1], r[2], 16) }
			if r[0] == r[1] && (op == arm64.LDP || op == arm64.LDPD) {
				refused(t, f)
				return
			}
			same(t, f, "%s %s, %s, %s", name(op), reg(r[0]), reg(r[1]), address(r[2], 16))
		})
		for n := int64(-512); n <= 504; n += 8 {
			same(t, func(a *arm64.Assembler) { a.Pair(op, 1, 2, 3, n) }, "%s %s, %s, %s", name(op), reg(1), reg(2), address(3, n))
		}
		for _, n := range []int64{-520, 512, 4, 1 << 40} {
			refused(t, func(a *arm64.Assembler) { a.Pair(op, 1, 2, 3, n) })
		}
	}
}
