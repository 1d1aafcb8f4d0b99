package knownbits

import (
	"math"
	"math/bits"

	ir "metatrace/chapters/01-ir"
)

// The IR has no division: traces call a function for it. Such a function says that
// it is one, as an ir.Divider, and this file knows what division does to numbers.
// It truncates: -7 divided by 2 is -3, and -1 remains.

// call replaces a division by a power of two by a shift or a mask, where the number
// that is divided is not negative; where it is, they would round to the other side.
func (p *boundsPass) call(op *ir.Op) ir.Verdict {
	d, ok := op.Args[0].Name.Func.(ir.Divider)
	if !ok {
		return ir.Next
	}
	x, y := p.o.Find(op.Args[1]), p.o.Find(op.Args[2])
	a, b := p.of(x), p.of(y)
	by, isConst := b.Const()
	switch {
	case isConst && a.Lo >= 0 && by > 0 && by&(by-1) == 0:
		op.Descr, op.Code = nil, ir.UintRshift
		op.Args = []*ir.Op{x, p.o.ConstInt(int64(bits.TrailingZeros64(uint64(by))))}
		if d.Remainder() {
			op.Code, op.Args[1] = ir.IntAnd, p.o.ConstInt(by-1)
		}
		return ir.Again
	case d.Remainder():
		p.learn(op, p.kit.remainder(a, b), p.stated("as a remainder", nil))
	default:
		p.learn(op, p.kit.quotient(a, b), p.stated("as a quotient", nil))
	}
	return ir.Next
}

// remainder returns what is known of what x divided by y leaves over: it has the
// sign of x, and is smaller than y.
func (k *Kit) remainder(a, b Known) Known {
	most := int64(math.MaxInt64)
	if b.Lo > math.MinInt64 {
		most = max(b.Hi, -b.Lo, 1) - 1
	}
	r := Range{-most, most}
	if a.Lo >= 0 {
		r.Lo = 0
	}
	if a.Hi <= 0 {
		r.Hi = 0
	}
	r = r.meet(Range{min(a.Lo, 0), max(a.Hi, 0)}) // nor is it larger than x
	return k.inRange(r)
}

// quotient returns what is known of x divided by y, for a y above 0: it is x or
// nearer to 0.
func (k *Kit) quotient(a, b Known) Known {
	if b.Lo <= 0 {
		return Any
	}
	least, most := b.Hi, b.Lo // what makes a positive quotient least, and most
	r := Range{a.Lo / least, a.Hi / most}
	if a.Lo < 0 {
		r.Lo = a.Lo / b.Lo
	}
	if a.Hi < 0 {
		r.Hi = a.Hi / b.Hi
	}
	return k.inRange(r)
}
