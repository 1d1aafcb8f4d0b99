package backend

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// String returns the text of a lowered trace, an instruction a line:
//
//	in v0 v1
//	label v0 v1
//	v2 = addovf v0, 1 else exit 0 [v0 v1]
//	guard v2 lt v1 else exit 1 [v2 v1]
//	jump v2 v1
func (l *Lowered) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "in%s\n", l.names(" ", l.Inputs))
	for i := range l.Insts {
		b.WriteString(l.Text(&l.Insts[i]))
		b.WriteByte('\n')
	}
	return b.String()
}

// Text returns the text of one instruction.
func (l *Lowered) Text(in *Inst) string {
	var b strings.Builder
	if in.Dst != None {
		b.WriteString(l.ValueName(in.Dst) + " = ")
	}
	b.WriteString(in.Code.String())
	switch {
	case in.compares():
		fmt.Fprintf(&b, " %s %s %s", l.ValueName(in.Args[0]), in.condition(), l.ValueName(in.Args[1]))
	case in.Code == LabelHere || in.Code == Jump || in.Code == Invoke:
		b.WriteString(l.names(" ", in.List))
	case in.Code == JumpOut:
		b.WriteString(" to " + in.To.Name + l.names(" ", in.List))
	default:
		sep := " "
		for _, a := range in.Args {
			if a != None {
				b.WriteString(sep + l.ValueName(a))
				sep = ", "
			}
		}
	}
	if in.Imm != 0 {
		fmt.Fprintf(&b, " (%d)", in.Imm)
	}
	if e := in.Exit; e != nil {
		if in.Not && !in.compares() {
			b.WriteString(" not")
		}
		fmt.Fprintf(&b, " else exit %d [%s]", e.Number, strings.TrimPrefix(l.names(" ", e.Values), " "))
	}
	return b.String()
}

// compares reports whether in has a condition between its arguments.
func (in *Inst) compares() bool {
	switch in.Code {
	case Set, FloatSet, Guard, FloatGuard:
		return true
	}
	return false
}

// condition returns the name of the condition of in, "not lt" for instance.
func (in *Inst) condition() string {
	if in.Not {
		return "not " + in.Cond.String()
	}
	return in.Cond.String()
}

func (l *Lowered) names(before string, list []Value) string {
	var b strings.Builder
	for _, v := range list {
		b.WriteString(before + l.ValueName(v))
	}
	return b.String()
}

// ValueName returns what texts call a value: v7, or what it is if it is constant.
func (l *Lowered) ValueName(v Value) string {
	switch info := l.Values[v]; {
	case !info.Const:
		return "v" + strconv.Itoa(int(v))
	case info.Class == Float:
		return strconv.FormatFloat(math.Float64frombits(info.Bits), 'g', -1, 64) + "f"
	default:
		return strconv.FormatInt(int64(info.Bits), 10)
	}
}

// String returns the name of an opcode.
func (c Opcode) String() string { return opcodeNames[c] }

var opcodeNames = [numOpcodes]string{
	Add: "add", Sub: "sub", Mul: "mul", And: "and", Or: "or", Xor: "xor", Shl: "shl", Sar: "sar", Shr: "shr",
	MulHigh: "mulhigh", Div: "div", Mod: "mod", Neg: "neg", Not: "not", Signext: "signext", Max0: "max0",
	AddOvf: "addovf", SubOvf: "subovf", MulOvf: "mulovf", Set: "set", FloatSet: "floatset",
	FloatAdd: "floatadd", FloatSub: "floatsub", FloatMul: "floatmul", FloatDiv: "floatdiv",
	FloatNeg: "floatneg", FloatAbs: "floatabs", IntToFloat: "inttofloat", FloatToInt: "floattoint",
	BitsOfFloat: "bitsoffloat", FloatOfBits: "floatofbits",
	Load: "load", LoadIndex: "loadindex", LoadLength: "loadlength", Store: "store", StoreIndex: "storeindex",
	Guard: "guard", FloatGuard: "floatguard", GuardClass: "guardclass", GuardValid: "guardvalid", Leave: "leave",
	New: "new", NewArray: "newarray", Call: "call", Invoke: "invoke", Return: "return", Halt: "halt", Ask: "ask", Tick: "tick", LabelHere: "label", Jump: "jump", JumpOut: "jumpout",
}

// String returns the name of a condition.
func (c Cond) String() string { return condNames[c] }

var condNames = [...]string{
	Equal: "eq", NotEqual: "ne", Less: "lt", LessEqual: "le", Greater: "gt", GreaterEqual: "ge",
	Below: "below", BelowEqual: "beloweq", Above: "above", AboveEqual: "aboveeq", AnyBit: "anybit", NoBit: "nobit",
}
