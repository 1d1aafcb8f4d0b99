package recorder

import (
	ir "metatrace/chapters/01-ir"
)

// Every method does what the Machine's does and records it. Operations whose
// arguments are all constants are not recorded: their results are constants.

// Constants.

// IntConst makes the green n red.
func (r *Recorder) IntConst(n int64) Int { return Int{n, ir.ConstInt(n)} }

// FloatConst makes the green x red.
func (r *Recorder) FloatConst(x float64) Float { return Float{x, ir.ConstFloat(x)} }

// int returns the result v of an operation.
func (r *Recorder) int(v int64, code ir.Opcode, args ...*ir.Op) Int {
	if constants(args...) {
		return r.IntConst(v)
	}
	return Int{v, r.b.Op(code, nil, args...)}
}

func (r *Recorder) float(v float64, code ir.Opcode, args ...*ir.Op) Float {
	if constants(args...) {
		return r.FloatConst(v)
	}
	return Float{v, r.b.Op(code, nil, args...)}
}

func (r *Recorder) bool(v bool, code ir.Opcode, args ...*ir.Op) Bool {
	if constants(args...) {
		return Bool{v, ir.ConstInt(truth(v))}
	}
	return Bool{v, r.b.Op(code, nil, args...)}
}

func truth(v bool) int64 {
	if v {
		return 1
	}
	return 0
}

// Integers.

// IntAdd records a+b.
func (r *Recorder) IntAdd(a, b Int) Int {
	return r.int(r.Machine.IntAdd(a.V, b.V), ir.IntAdd, a.Op, b.Op)
}

// IntSub records a-b.
func (r *Recorder) IntSub(a, b Int) Int {
	return r.int(r.Machine.IntSub(a.V, b.V), ir.IntSub, a.Op, b.Op)
}

// IntAnd records a&b.
func (r *Recorder) IntAnd(a, b Int) Int {
	return r.int(r.Machine.IntAnd(a.V, b.V), ir.IntAnd, a.Op, b.Op)
}

// IntOr records a|b.
func (r *Recorder) IntOr(a, b Int) Int {
	return r.int(r.Machine.IntOr(a.V, b.V), ir.IntOr, a.Op, b.Op)
}

// IntXor records a^b.
func (r *Recorder) IntXor(a, b Int) Int {
	return r.int(r.Machine.IntXor(a.V, b.V), ir.IntXor, a.Op, b.Op)
}

// IntLshift records a<<b.
func (r *Recorder) IntLshift(a, b Int) Int {
	return r.int(r.Machine.IntLshift(a.V, b.V), ir.IntLshift, a.Op, b.Op)
}

// IntRshift records a>>b, the sign kept.
func (r *Recorder) IntRshift(a, b Int) Int {
	return r.int(r.Machine.IntRshift(a.V, b.V), ir.IntRshift, a.Op, b.Op)
}

// UintRshift records a>>b, zeros shifted in.
func (r *Recorder) UintRshift(a, b Int) Int {
	return r.int(r.Machine.UintRshift(a.V, b.V), ir.UintRshift, a.Op, b.Op)
}

// IntInvert records ^a.
func (r *Recorder) IntInvert(a Int) Int {
	return r.int(r.Machine.IntInvert(a.V), ir.IntInvert, a.Op)
}

// IntDiv records a/b as a call of an elidable function: the IR has no division.
func (r *Recorder) IntDiv(a, b Int) Int {
	return r.elidable(intDiv, a, b)
}

// IntMod records what a/b leaves over, as a call of an elidable function.
func (r *Recorder) IntMod(a, b Int) Int {
	return r.elidable(intMod, a, b)
}

// checked records a checked operation and the guard that says how it went.
func (r *Recorder) checked(code ir.Opcode, v int64, fits bool, a, b Int) (Int, bool) {
	if constants(a.Op, b.Op) {
		return r.IntConst(v), fits
	}
	result := Int{v, r.b.Op(code, nil, a.Op, b.Op)}
	if fits {
		r.Guard(ir.GuardNoOverflow)
	} else {
		r.Guard(ir.GuardOverflow)
	}
	return result, fits
}

// IntAddOvf records a+b and decides whether it fits.
func (r *Recorder) IntAddOvf(a, b Int) (Int, bool) {
	v, fits := r.Machine.IntAddOvf(a.V, b.V)
	return r.checked(ir.IntAddOvf, v, fits, a, b)
}

// IntSubOvf records a-b and decides whether it fits.
func (r *Recorder) IntSubOvf(a, b Int) (Int, bool) {
	v, fits := r.Machine.IntSubOvf(a.V, b.V)
	return r.checked(ir.IntSubOvf, v, fits, a, b)
}

// IntMulOvf records a*b and decides whether it fits.
func (r *Recorder) IntMulOvf(a, b Int) (Int, bool) {
	v, fits := r.Machine.IntMulOvf(a.V, b.V)
	return r.checked(ir.IntMulOvf, v, fits, a, b)
}

// IntLt records a<b.
func (r *Recorder) IntLt(a, b Int) Bool {
	return r.bool(r.Machine.IntLt(a.V, b.V), ir.IntLt, a.Op, b.Op)
}

// IntLe records a<=b.
func (r *Recorder) IntLe(a, b Int) Bool {
	return r.bool(r.Machine.IntLe(a.V, b.V), ir.IntLe, a.Op, b.Op)
}

// IntEq records a==b.
func (r *Recorder) IntEq(a, b Int) Bool {
	return r.bool(r.Machine.IntEq(a.V, b.V), ir.IntEq, a.Op, b.Op)
}

// IntNe records a!=b.
func (r *Recorder) IntNe(a, b Int) Bool {
	return r.bool(r.Machine.IntNe(a.V, b.V), ir.IntNe, a.Op, b.Op)
}

// UintGe records a>=b, both taken as unsigned.
func (r *Recorder) UintGe(a, b Int) Bool {
	return r.bool(r.Machine.UintGe(a.V, b.V), ir.UintGe, a.Op, b.Op)
}

// Floats.

// FloatAdd records a+b.
func (r *Recorder) FloatAdd(a, b Float) Float {
	return r.float(r.Machine.FloatAdd(a.V, b.V), ir.FloatAdd, a.Op, b.Op)
}

// FloatSub records a-b.
func (r *Recorder) FloatSub(a, b Float) Float {
	return r.float(r.Machine.FloatSub(a.V, b.V), ir.FloatSub, a.Op, b.Op)
}

// FloatMul records a*b.
func (r *Recorder) FloatMul(a, b Float) Float {
	return r.float(r.Machine.FloatMul(a.V, b.V), ir.FloatMul, a.Op, b.Op)
}

// FloatTruediv records a/b.
func (r *Recorder) FloatTruediv(a, b Float) Float {
	return r.float(r.Machine.FloatTruediv(a.V, b.V), ir.FloatTruediv, a.Op, b.Op)
}

// FloatNeg records -a.
func (r *Recorder) FloatNeg(a Float) Float {
	return r.float(r.Machine.FloatNeg(a.V), ir.FloatNeg, a.Op)
}

// FloatLt records a<b.
func (r *Recorder) FloatLt(a, b Float) Bool {
	return r.bool(r.Machine.FloatLt(a.V, b.V), ir.FloatLt, a.Op, b.Op)
}

// FloatLe records a<=b.
func (r *Recorder) FloatLe(a, b Float) Bool {
	return r.bool(r.Machine.FloatLe(a.V, b.V), ir.FloatLe, a.Op, b.Op)
}

// FloatEq records a==b.
func (r *Recorder) FloatEq(a, b Float) Bool {
	return r.bool(r.Machine.FloatEq(a.V, b.V), ir.FloatEq, a.Op, b.Op)
}

// FloatNe records a!=b.
func (r *Recorder) FloatNe(a, b Float) Bool {
	return r.bool(r.Machine.FloatNe(a.V, b.V), ir.FloatNe, a.Op, b.Op)
}

// CastIntToFloat records the float next to a.
func (r *Recorder) CastIntToFloat(a Int) Float {
	return r.float(r.Machine.CastIntToFloat(a.V), ir.CastIntToFloat, a.Op)
}

// CastFloatToInt records a without its fraction.
func (r *Recorder) CastFloatToInt(a Float) Int {
	return r.int(r.Machine.CastFloatToInt(a.V), ir.CastFloatToInt, a.Op)
}

// PtrEq records whether a and b are one object, or both null.
func (r *Recorder) PtrEq(a, b Ref) Bool {
	return r.bool(r.Machine.PtrEq(a.V, b.V), ir.PtrEq, a.Op, b.Op)
}
