package tracegen

import (
	"math"

	ir "metatrace/chapters/01-ir"
)

// intDeclarations are what traces with many integers refer to: fields and items
// with a range, and without.
const intDeclarations = `
struct NODE vtable=node_vtable value:i next:r
array INTS i
struct BYTE vtable=byte_vtable small:i[0,255] signed:i[-10,100] digit:i[1,9] next:r
array BYTES i[0,255]
array FLAGS i[0,1]!
call mix args=ii result=i effect=elidable
object byte BYTE small=200 signed=-3 digit=4
object table INTS 1 2 -3 4
object flags FLAGS 1 0 1
[]
`

// GenerateInts makes a trace as Generate does, but one that is mostly about bits and
// ranges: comparisons with the neighbours of what values are, masks, shifts there
// and back, sums with and without overflow, tags, indices and their checks, fields
// with a range; and all that of few values. The run on Inputs(t, 0) gets to its end.
func GenerateInts(kit *ir.Kit, data []byte) *ir.Trace {
	g := newGenerator(kit, data, intDeclarations)
	g.intInputs(2+g.next(3), Inputs)
	defer g.live.heap.Close()
	for len(g.data) > 0 && g.build.Len() < 150 {
		intSteps[g.next(len(intSteps))](g)
	}
	g.end()
	return g.build.Trace()
}

// GenerateIntLoop makes a loop of the same: the first input counts down, see
// LoopInputs, the others count as well, or are sums, or walk over arrays.
func GenerateIntLoop(kit *ir.Kit, data []byte) *ir.Trace {
	g := newGenerator(kit, data, intDeclarations)
	g.intInputs(2+g.next(4), LoopInputs)
	defer g.live.heap.Close()
	at := g.next(16)
	return g.roundAndRound(loopBody{at: at, rest: len(g.data) / 3, most: 80, steps: intSteps, around: (*generator).intAround})
}

// intInputs makes so many ints, and references, and starts the run on what words
// says.
func (g *generator) intInputs(ints int, words func(*ir.Trace, uint64) []uint64) {
	var types []ir.Type
	for range ints {
		types = append(types, ir.Int)
	}
	for range g.next(4) {
		types = append(types, ir.Ref)
	}
	g.startRun(types, words)
}

// intSteps are what a byte may add.
var intSteps = []func(*generator){
	(*generator).near, (*generator).near, (*generator).near, (*generator).near, (*generator).near,
	(*generator).comparison, (*generator).comparison, (*generator).comparison, (*generator).truth,
	(*generator).mask, (*generator).mask, (*generator).mask, (*generator).thereAndBack, (*generator).extend,
	(*generator).sum, (*generator).sum, (*generator).sum, (*generator).sum, (*generator).checkedSum,
	(*generator).checkedSum, (*generator).checkedSum, (*generator).checkedSum, (*generator).logic,
	(*generator).logic, (*generator).logic, (*generator).tagged, (*generator).tagged, (*generator).exactly,
	(*generator).anyInt, (*generator).anyInt, (*generator).again, (*generator).item, (*generator).item,
	(*generator).item, (*generator).item, (*generator).ranged, (*generator).ranged, (*generator).sized,
	(*generator).mixed, (*generator).seldom,
}

// integer returns an int: mostly one of the first or of the latest, so that much
// gets to be known of few.
func (g *generator) integer() *ir.Op {
	list := g.values[ir.Int]
	switch n := g.next(256); {
	case n < 90:
		return list[n%min(len(list), 5)]
	case n < 180:
		return list[len(list)-1-n%min(len(list), 5)]
	case n < 230:
		return list[n%len(list)]
	default:
		return g.constant(ir.Int, n)
	}
}

// variable is integer, but no constant.
func (g *generator) variable() *ir.Op {
	if x := g.integer(); !x.IsConst() {
		return x
	}
	return g.values[ir.Int][0]
}

func (g *generator) number(x *ir.Op) int64 {
	word, _ := g.word(x)
	return int64(word)
}

func (g *generator) int(code ir.Opcode, args ...*ir.Op) *ir.Op { return g.add(code, nil, args...) }

// insist adds a guard that the comparison x comes out as it did, as a rule.
func (g *generator) insist(x *ir.Op) {
	if g.next(4) == 0 {
		return
	}
	code := ir.GuardFalse
	if g.concrete[x] == 1 {
		code = ir.GuardTrue
	}
	g.guard(code, x)
}

var comparisons = []ir.Opcode{
	ir.IntLt, ir.IntLe, ir.IntGt, ir.IntGe, ir.UintLt, ir.UintLe, ir.UintGt, ir.UintGe, ir.IntEq, ir.IntNe,
}

// near compares a value with what it is in this run, or a neighbour of that.
func (g *generator) near() {
	x := g.variable()
	n := g.next(256)
	c := g.number(x) + int64(n%7) - 3
	if n%5 == 4 {
		c = []int64{0, 1, 256, math.MaxInt64, math.MinInt64, 1 << 32}[n%6]
	}
	g.insist(g.int(comparisons[n%len(comparisons)], x, ir.ConstInt(c)))
}

func (g *generator) comparison() {
	code := comparisons[g.next(len(comparisons))]
	g.insist(g.int(code, g.integer(), g.integer()))
}

// truth asks whether a value is 0, in one of the many ways.
func (g *generator) truth() {
	x := g.integer()
	if len(g.bools) > 0 && g.next(2) == 0 {
		x = g.bools[len(g.bools)-1-g.next(min(len(g.bools), 4))]
	}
	switch n := g.next(7); n {
	case 0, 1, 2, 3:
		code := []ir.Opcode{ir.IntIsTrue, ir.IntIsZero, ir.IntEq, ir.IntNe}[n]
		args := []*ir.Op{x, ir.ConstInt(int64(g.next(2)))}
		g.insist(g.int(code, args[:len(code.Info().Args)]...))
	case 4:
		g.int(ir.IntXor, x, ir.ConstInt(1))
	default:
		g.int(ir.IntAnd, x, ir.ConstInt(1))
	}
}

var masks = []int64{
	1, 3, 7, 255, 0xffff, math.MaxUint32, math.MaxInt64, math.MinInt64, -2, -4, -256, 1 << 62, 0x0f0f, 8, 12, 6, 2,
}

func (g *generator) mask() {
	g.int(ir.IntAnd, g.integer(), ir.ConstInt(masks[g.next(len(masks))]))
}

// thereAndBack shifts by some bits, and back by as many or nearly so.
func (g *generator) thereAndBack() {
	shifts := []ir.Opcode{ir.IntLshift, ir.IntRshift, ir.UintRshift}
	n, count := g.next(9), int64(g.next(64))
	if count >= 32 {
		count %= 8
	}
	back := count
	if g.next(4) == 0 {
		back = (count + 1) % 64
	}
	x := g.int(shifts[n%3], g.integer(), ir.ConstInt(count))
	if g.next(3) == 0 {
		x = g.int(ir.IntAnd, x, ir.ConstInt(masks[g.next(len(masks))]))
	}
	g.int(shifts[n/3], x, ir.ConstInt(back))
}

func (g *generator) extend() {
	switch g.next(3) {
	case 0:
		g.int(ir.IntForceGeZero, g.integer())
	default:
		g.int(ir.IntSignext, g.integer(), ir.ConstInt(int64(1+g.next(8))))
	}
}

func (g *generator) sum() {
	code := []ir.Opcode{ir.IntAdd, ir.IntAdd, ir.IntSub, ir.IntSub, ir.IntMul, ir.IntNeg, ir.IntInvert}[g.next(7)]
	args := []*ir.Op{g.integer(), g.term()}
	g.int(code, args[:len(code.Info().Args)]...)
}

// term returns what is added or multiplied: half of the time a small constant.
func (g *generator) term() *ir.Op {
	if n := g.next(64); n < 32 {
		return ir.ConstInt(int64(n%16) - 4)
	}
	return g.integer()
}

func (g *generator) checkedSum() {
	g.checkedOf(g.integer(), g.term())
}

func (g *generator) checkedOf(x, y *ir.Op) *ir.Op {
	code := []ir.Opcode{ir.IntAddOvf, ir.IntAddOvf, ir.IntSubOvf, ir.IntMulOvf}[g.next(4)]
	guard := ir.GuardNoOverflow
	if _, overflow := g.kit.EvalChecked(code, g.number(x), g.number(y)); overflow {
		guard = ir.GuardOverflow
	}
	sum := g.int(code, x, y)
	g.guard(guard)
	return sum
}

// logic combines two values, perhaps with one that is made of them.
func (g *generator) logic() {
	codes := []ir.Opcode{ir.IntAnd, ir.IntOr, ir.IntXor}
	x, y := g.integer(), g.integer()
	z := g.int(codes[g.next(3)], x, y)
	switch n := g.next(12); {
	case n < 3:
		g.int(codes[n], z, x)
	case n < 6:
		g.int(codes[n-3], y, z)
	case n < 8:
		g.int([]ir.Opcode{ir.IntSub, ir.IntAdd}[n-6], z, y)
	}
}

// tagged tags a value, tests a tag, or takes one off.
func (g *generator) tagged() {
	x := g.integer()
	switch g.next(5) {
	case 0:
		g.int(ir.IntOr, g.int(ir.IntLshift, x, ir.ConstInt(1)), ir.ConstInt(1))
	case 1:
		g.insist(g.int(ir.IntAnd, x, ir.ConstInt(1)))
	case 2:
		g.int(ir.IntRshift, x, ir.ConstInt(1))
	case 3:
		double := g.checkedOf(x, x)
		g.int(ir.IntAdd, double, ir.ConstInt(1))
	default:
		// (2x+1) + (2y+1) - 1 is 2(x+y)+1.
		y := g.int(ir.IntAdd, g.integer(), ir.ConstInt(-1))
		g.checkedOf(x, y)
	}
}

// exactly guards the value of something: seldom, since it ends what is not known.
func (g *generator) exactly() {
	if x := g.variable(); g.next(3) == 0 {
		g.guard(ir.GuardValue, x, ir.ConstInt(g.number(x)))
	}
}

// anyInt adds any operation on ints.
func (g *generator) anyInt() {
	code := ir.IntAdd + ir.Opcode(g.next(int(ir.UintMulHigh-ir.IntAdd)+1))
	if !code.Has(ir.Pure) || code.Info().Result != ir.Int {
		return
	}
	args := []*ir.Op{g.integer(), g.integer()}[:len(code.Info().Args)]
	switch code {
	case ir.IntLshift, ir.IntRshift, ir.UintRshift:
		args[1] = g.shiftCount()
	case ir.IntSignext:
		args[1] = ir.ConstInt(int64(1 + g.next(8)))
	}
	g.int(code, args...)
}

func (g *generator) seldom() {
	switch g.next(8) {
	case 0:
		g.effect()
	case 1:
		g.inspect()
	}
}

func (g *generator) mixed() {
	if g.next(3) == 0 {
		mix := g.decls.Calls[0]
		g.add(ir.CallI, mix, ir.ConstClass(&ir.Symbol{Name: mix.Name}), g.integer(), g.integer())
	}
}
