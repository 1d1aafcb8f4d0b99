package tracegen

import (
	"math"

	ir "metatrace/chapters/01-ir"
)

// floatDeclarations are what traces with many floats refer to.
const floatDeclarations = `
struct POINT vtable=point_vtable x:f y:f n:i next:r
struct NODE vtable=node_vtable value:i next:r
array FLOATS f
array INTS i
struct FIXED vtable=fixed_vtable x:f! count:i
call hypot args=ff result=f effect=elidable
call round args=f result=i effect=elidable
call weigh args=rf result=f effect=readonly
call watch args=f result=v effect=any
call touch args=fi result=f effect=any
object origin POINT x=0.5 y=-0.0 n=3 next=second
object second POINT x=inf y=nan
object table FLOATS 1.0 -1.5 0.0 1e300
object fixed FIXED x=0.1
[]
`

// GenerateFloats makes a trace as Generate does, but one that is mostly about floats:
// all operations, comparisons of which NaN makes all but one false, conversions, and
// floats in objects, arrays, calls and failargs. The run on Inputs(t, 0) gets to its
// end.
//
// Which NaN an operation gives is left to the machine (IEEE 754-2008, 6.2.3), and a
// World does not tell them apart. So a trace looks at the bits of a float only behind
// a guard that says it is none. How its bits come to be may then be seen: there is one
// right result, rounded to nearest.
func GenerateFloats(kit *ir.Kit, data []byte) *ir.Trace {
	g := newGenerator(kit, data, floatDeclarations)
	types := []ir.Type{ir.Float, ir.Float, ir.Int, ir.Float, ir.Int, ir.Float, ir.Ref, ir.Float, ir.Float, ir.Ref}
	g.startRun(types[:3+g.next(len(types)-2)], Inputs)
	defer g.live.heap.Close()
	for len(g.data) > 0 && g.build.Len() < 200 {
		floatSteps[g.next(len(floatSteps))](g)
	}
	g.end()
	return g.build.Trace()
}

// floatSteps are what a byte may add.
var floatSteps = []func(*generator){
	(*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp,
	(*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp, (*generator).floatOp,
	(*generator).floatComparison, (*generator).floatComparison, (*generator).floatComparison,
	(*generator).convert, (*generator).convert, (*generator).convert, (*generator).sum, (*generator).logic,
	(*generator).read, (*generator).read, (*generator).read, (*generator).write, (*generator).write,
	(*generator).readAgain, (*generator).anyObject, (*generator).again, (*generator).again,
	(*generator).anyCall, (*generator).effect, (*generator).inspect, (*generator).guardBool,
}

var floatCodes = []ir.Opcode{
	ir.FloatAdd, ir.FloatAdd, ir.FloatSub, ir.FloatSub, ir.FloatMul, ir.FloatMul, ir.FloatTruediv, ir.FloatNeg, ir.FloatAbs,
}

func (g *generator) floatOp() {
	code := floatCodes[g.next(len(floatCodes))]
	args := []*ir.Op{g.value(ir.Float), g.value(ir.Float)}
	g.add(code, nil, args[:len(code.Info().Args)]...)
}

// floatComparison compares two floats, or one with itself, and uses the answer in one
// of the ways.
func (g *generator) floatComparison() {
	n := g.next(256)
	a, b := g.value(ir.Float), g.value(ir.Float)
	if n%5 == 0 {
		b = a
	}
	x := g.add(ir.FloatLt+ir.Opcode(n%6), nil, a, b)
	if n >= 200 { // as a number
		g.int(ir.IntAdd, x, g.value(ir.Int))
		return
	}
	g.insist(x)
}

// convert makes an int of a float, or the other way round.
func (g *generator) convert() {
	switch g.next(5) {
	case 0:
		g.add(ir.CastIntToFloat, nil, g.value(ir.Int))
	case 1:
		g.add(ir.CastIntToFloat, nil, g.add(ir.IntSignext, nil, g.value(ir.Int), ir.ConstInt(2)))
	case 2:
		g.add(ir.ConvertLonglongBytesToFloat, nil, g.value(ir.Int))
	case 3:
		f := g.value(ir.Float)
		if word, ok := g.word(f); !ok || math.IsNaN(math.Float64frombits(word)) {
			return
		}
		g.guard(ir.GuardTrue, g.add(ir.FloatEq, nil, f, f))
		g.add(ir.ConvertFloatBytesToLonglong, nil, f)
	default:
		g.truncate(g.value(ir.Float))
	}
}

// truncate makes an int of a float that guards say is in its range.
func (g *generator) truncate(f *ir.Op) {
	const limit = 1 << 62
	word, ok := g.word(f)
	if x := math.Float64frombits(word); !ok || !(-limit < x && x < limit) {
		return
	}
	g.guard(ir.GuardTrue, g.add(ir.FloatGt, nil, f, ir.ConstFloat(-limit)))
	g.guard(ir.GuardTrue, g.add(ir.FloatLt, nil, f, ir.ConstFloat(limit)))
	g.add(ir.CastFloatToInt, nil, f)
}
